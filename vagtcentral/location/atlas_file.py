"""The atlas as one file: polygons, where they are from, and the raster drawn from them, ready to be loaded.

A zip archive of `manifest.json` and arrays in NumPy's own format. Polygons are kept to the last bit. Writing
the same atlas twice gives the same bytes.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.located import GeoData
from vagtcentral.location.raster import Raster

FORMAT = "vagtcentral-atlas-2"
_MANIFEST = "manifest.json"
_GEOMETRY = ("coordinates", "rings", "parts", "polygons")
_RASTER = ("corner", "label", "level")
#: No array of an atlas is larger than this once unpacked, in bytes; guards against archives made to burst.
_LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AtlasFile:
    """What an atlas file holds. `sources` names each file it was made from with its SHA-256."""

    codes: tuple[str, ...]
    polygons: "NDArray[np.object_]"
    raster: Raster
    data: GeoData
    sources: tuple[dict[str, Any], ...] = field(default=())


def write_atlas(atlas: AtlasFile, target: Path | IO[bytes]) -> None:
    """Write an atlas; polygons of several parts and of one part are kept alike."""
    several = [shapely.MultiPolygon(shapely.get_parts(one).tolist()) for one in atlas.polygons]
    _, coordinates, offsets = shapely.to_ragged_array(several, include_z=False)
    arrays = dict(zip(_GEOMETRY, (coordinates, *(part.astype(np.int64) for part in offsets)), strict=True))
    data = atlas.data
    manifest = {
        "format": FORMAT,
        "name": data.name,
        "official": data.official,
        "date": data.date,
        "sha256": data.sha256,
        "codes": list(atlas.codes),
        "sources": list(atlas.sources),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        archive.writestr(_entry(_MANIFEST), text, compresslevel=9)
        for name, array in (arrays | atlas.raster.stored()).items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), content.getvalue(), compresslevel=9)


def read_atlas(source: Path | IO[bytes]) -> AtlasFile:
    """Read an atlas file; ValueError with the reason if it is none, OSError if it cannot be read."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if not isinstance(manifest, dict):
                raise ValueError(f"its {_MANIFEST} is no object")
            if manifest.get("format") != FORMAT:
                raise ValueError(f"its format is {manifest.get('format')!r}, {FORMAT!r} is wanted")
            arrays = {name: _array(archive, f"{name}.npy") for name in (*_GEOMETRY, *_RASTER)}
    except (zipfile.BadZipFile, KeyError, EOFError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no atlas file: {error}") from None
    coordinates, *offsets = (arrays[name] for name in _GEOMETRY)
    polygons = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, coordinates, tuple(offsets))
    raster = Raster.from_stored(arrays)
    try:
        codes, sources = tuple(manifest["codes"]), tuple(manifest["sources"])
        data = GeoData(manifest["name"], bool(manifest["official"]), manifest["date"], manifest["sha256"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"its {_MANIFEST} is not whole: {error}") from None
    if len(codes) != len(polygons) or int(raster.label.max(initial=0)) > len(codes):
        raise ValueError("its codes, polygons and raster do not fit each other")
    return AtlasFile(codes, polygons, raster, data, sources)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # its time is 1980, so that the same atlas gives the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _array(archive: zipfile.ZipFile, name: str) -> "NDArray[Any]":
    if archive.getinfo(name).file_size > _LARGEST:
        raise ValueError(f"{name} in it is larger than {_LARGEST} bytes")
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
    return array
