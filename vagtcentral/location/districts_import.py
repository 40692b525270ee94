"""Official polygons (DAGI, DAWA) of municipalities or police districts in place of the built-in ones.

A file is a GeoJSON FeatureCollection in WGS84, longitude first. A feature may be a part of a district; its
code may be missing, then its name counts, however it is spelt. What cannot be right is refused, what is odd
is told.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.atlas import FAR_FROM_LAND_M, Atlas
from vagtcentral.location.atlas_file import AtlasFile
from vagtcentral.location.districts_check import findings, misplaced, same_districts
from vagtcentral.location.exchanged import AROUND_DENMARK
from vagtcentral.location.ground import Ground
from vagtcentral.location.located import GeoData
from vagtcentral.location.raster_drawing import drawn
from vagtcentral.location.territory import Territory, built_in_territory

#: Christiansø is no municipality; some files leave it out.
MAY_BE_MISSING = {"0411"}
_DISTRICT_CODES = range(1460, 1472)
_CODE_NAMES = ("KOMKODE", "KOMNR", "kommunekode", "POLKR_NR", "politikredskode", "kode")
_NAME_NAMES = ("KOMNAVN", "kommunenavn", "POLKR_NAVN", "politikredsnavn", "navn", "name")
_CRS = re.compile(r"(CRS84|EPSG:{1,2}(4326|4258))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file holds: polygons in degrees by code, all of municipalities or all of police districts."""

    label: str
    of_districts: bool
    polygons: Mapping[str, Any]
    notes: tuple[str, ...]
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """An atlas made of official files, and everything odd that was found on the way.

    `remarks` tell how it was made where there was nothing odd about the files.
    """

    atlas: AtlasFile
    notes: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def imported(
    files: Sequence[tuple[str, bytes]], name: str, date: str, official: bool, atlas: Atlas | None = None
) -> Imported:
    """Make an atlas of files (name, content). ValueError, one line, for what cannot be used.

    Municipalities are taken as they are. From police districts alone, each is divided among its
    municipalities along the borders of `atlas` (by default the built-in one). With both, the municipalities
    count and are compared with the districts.
    """
    territory = built_in_territory()
    atlas = atlas or Atlas.built_in()
    layers = [read_layer(label, content, territory) for label, content in files]
    municipalities = _only([layer for layer in layers if not layer.of_districts], "municipalities")
    districts = _only([layer for layer in layers if layer.of_districts], "police districts")
    notes = [note for layer in layers for note in layer.notes]
    remarks: tuple[str, ...] = ()
    if municipalities is not None:
        polygons = dict(municipalities.polygons)
        notes += _checked(municipalities, set(territory.municipalities) - MAY_BE_MISSING, atlas)
        notes += [f"{code} is missing" for code in sorted(MAY_BE_MISSING - polygons.keys())]
        if districts is not None:
            notes += same_districts(polygons, districts.polygons, territory)
    elif districts is not None:
        notes += _checked(districts, set(territory.districts), atlas)
        polygons = divided(districts.polygons, atlas)
        remarks = ("municipal borders inside each district are those of the built-in atlas",)
    else:
        raise ValueError("no file given")
    codes = tuple(sorted(polygons))
    shapes = np.array([polygons[code] for code in codes])
    notes += findings(codes, shapes)
    data = GeoData(name, official, date, _hash_of(layers))
    raster = drawn(Ground(shapes), FAR_FROM_LAND_M)
    sources = tuple(dict(layer.source) for layer in layers)
    return Imported(AtlasFile(codes, shapes, raster, data, sources), tuple(notes), remarks)


def read_layer(label: str, content: bytes, territory: Territory) -> Layer:
    """Read one file; ValueError that begins with its name for what cannot be used."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        features = _features(document)
        named = [(_code_of(number, feature, territory), feature) for number, feature in enumerate(features)]
        kinds = {code in territory.districts for (code, _), _ in named}
        if len(kinds) > 1:
            raise ValueError("it has both municipalities and police districts; give each a file of its own")
        parts: dict[str, list[Any]] = {}
        notes = [note for (_, note), _ in named if note]
        for number, ((code, _), feature) in enumerate(named):
            parts.setdefault(code, []).append(_polygon(number, feature, notes))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{label}: it is no JSON: {error}") from None
    except RecursionError:
        raise ValueError(f"{label}: it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{label}: {error}") from None
    polygons = {code: _joined(shapes) for code, shapes in sorted(parts.items())}
    source = {"file": label, "sha256": sha256(content).hexdigest(), "features": len(features)}
    return Layer(
        label, kinds.pop(), polygons, tuple(f"{label}: {note}" for note in dict.fromkeys(notes)), source
    )


def divided(districts: Mapping[str, Any], atlas: Atlas) -> dict[str, Any]:
    """Each district's polygon divided among its municipalities along an atlas' borders, nothing left over."""
    rough = dict(zip(atlas.codes, atlas.polygons, strict=True))
    found: dict[str, Any] = {}
    for code, area in districts.items():
        members = [one for one in atlas.territory.districts[code].municipalities if one in rough]
        rest = area
        for member in members:
            found[member] = _areal(shapely.intersection(rough[member], rest))
            rest = shapely.difference(rest, rough[member])
        for part in shapely.get_parts(_areal(rest)):
            nearest = members[int(np.argmin(shapely.distance([rough[one] for one in members], part)))]
            found[nearest] = _areal(shapely.union(found[nearest], part))
    return {code: shape for code, shape in found.items() if not shape.is_empty}


def _features(document: Any) -> list[Mapping[str, Any]]:
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ValueError("it is no GeoJSON FeatureCollection")
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else crs
    if crs is not None and not _CRS.search(str(name)):
        raise ValueError(f"its coordinate system is {str(name)[:60]!r}; WGS84 degrees (CRS84) are wanted")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise ValueError("it has no features")
    return features


def _code_of(number: int, feature: Any, territory: Territory) -> tuple[str, str | None]:
    """The code of a feature's municipality or district, and a note if it is not simply what it says."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise ValueError(f"feature {number} has no properties")
    stated = next((properties[key] for key in _CODE_NAMES if properties.get(key) not in (None, "")), None)
    name = next((str(properties[key]) for key in _NAME_NAMES if properties.get(key)), "")
    by_name = _by_name(territory).get(_plain(name))
    as_district = by_name in territory.districts or any(
        key.startswith(("POLKR", "politikreds")) for key in properties
    )
    code = None if stated is None else _known_code(stated, as_district, territory)
    if code is not None:
        differs = by_name is not None and by_name != code
        if differs:
            raise ValueError(f"feature {number}: code {stated!r} is not that of {name!r} ({by_name})")
        return code, None
    if stated is None and by_name is not None:
        return by_name, f"{name!r} has no code; taken as {by_name}"
    raise ValueError(
        f"feature {number}: code {stated!r}, name {name!r} is no municipality or police district"
    )


def _known_code(stated: object, as_district: bool, territory: Territory) -> str | None:
    text = str(int(stated)) if isinstance(stated, float) and stated.is_integer() else str(stated).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        return None
    number = int(text)
    if number in _DISTRICT_CODES:
        return str(number)
    if as_district:
        return str(number + 1459) if 1 <= number <= 12 else None
    code = f"{number:04d}"
    return code if code in territory.municipalities else None


def _by_name(territory: Territory) -> dict[str, str]:
    known = {_plain(row.name): row.code for row in territory.municipalities.values()}
    return known | {_plain(row.name): row.code for row in territory.districts.values()}


def _plain(name: str) -> str:
    """A name without what people spell in several ways: case, blanks, hyphens, accents, the genitive."""
    letters = unicodedata.normalize("NFKC", name).casefold().replace("aa", "å")
    words = re.sub(r"\b(kommune|regionskommune)\b", "", letters)
    return "".join(letter for letter in words if letter.isalnum())


def _polygon(number: int, feature: Mapping[str, Any], notes: list[str]) -> Any:
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(feature.get("geometry"))))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        shape = None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise ValueError(f"feature {number} has no polygon that can be read")
    _demand_degrees(number, shapely.get_coordinates(shape))
    if not shapely.is_valid(shape):
        notes.append(f"feature {number} was not valid ({shapely.is_valid_reason(shape)}) and was mended")
        shape = _areal(shapely.make_valid(shape))
    return shape


def _demand_degrees(number: int, points: NDArray[np.float64]) -> None:
    x, y = (float(value) for value in points[0])
    south, north, west, east = AROUND_DENMARK
    inside = ((points >= (west, south)) & (points <= (east, north))).all()  # NaN is never inside
    if inside:
        return
    if ((points >= (south, west)) & (points <= (north, east))).all():
        raise ValueError(f"feature {number}: latitude and longitude are swapped ({x:g}, {y:g})")
    if (np.abs(points) > 360).any():
        wanted = "WGS84 degrees are wanted; is it in metres (EPSG:25832)?"
        raise ValueError(f"feature {number} begins at {x:g}, {y:g}: {wanted}")
    raise ValueError(
        f"feature {number} has corners outside Denmark ({west:g}..{east:g}, {south:g}..{north:g})"
    )


def _joined(shapes: list[Any]) -> Any:
    """Parts that do not overlap as one, corner for corner; others united."""
    several = shapely.multipolygons([part for shape in shapes for part in shapely.get_parts(shape)])
    return several if shapely.is_valid(several) else _areal(shapely.union_all(shapes))


def _areal(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    parts += [
        one for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon" for one in part.geoms
    ]
    return shapely.multipolygons(parts) if parts else shapely.MultiPolygon()


def _only(layers: Sequence[Layer], what: str) -> Layer | None:
    if len(layers) > 1:
        raise ValueError(f"{len(layers)} files of {what} given, one is wanted")
    return layers[0] if layers else None


def _checked(layer: Layer, wanted: set[str], atlas: Atlas) -> list[str]:
    """What is odd about where a file's polygons lie; ValueError if one is missing or all lie elsewhere."""
    missing = sorted(wanted - layer.polygons.keys())
    if missing:
        what = "police districts" if layer.of_districts else "municipalities"
        listed = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        raise ValueError(f"{layer.label}: {what} missing ({len(missing)}): {listed}")
    known = dict(zip(atlas.codes, atlas.polygons, strict=True))
    if layer.of_districts:
        territory = atlas.territory
        known = {
            code: shapely.union_all([known[one] for one in row.municipalities if one in known])
            for code, row in territory.districts.items()
        }
    try:
        return [f"{layer.label}: {line}" for line in misplaced(layer.polygons, known)]
    except ValueError as error:
        raise ValueError(f"{layer.label}: {error}") from None


def _hash_of(layers: Sequence[Layer]) -> str:
    hashes = [str(layer.source["sha256"]) for layer in layers]
    return hashes[0] if len(hashes) == 1 else sha256("\n".join(hashes).encode()).hexdigest()
