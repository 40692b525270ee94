"""What all steps share: the projection, polygons made valid, names and codes of municipalities."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

TABLE = Path(__file__).parents[2] / "vagtcentral" / "location" / "data" / "municipalities.csv"
#: The region whose municipal borders come from OpenStreetMap, and Frederiksberg, an enclave in Copenhagen.
COPENHAGEN, FREDERIKSBERG, BORNHOLM = "0101", "0147", "0400"
#: Names in the packages that differ from those of the table.
_OTHER_NAMES = {
    "Copenhagen": "0101",
    "Nordfyn": "0480",
    "Vesthimmerland": "0820",
    "Bornholms": "0400",
}

Layer = dict[str, Any]
_TO_METRES = pyproj.Transformer.from_crs(4326, 25832, always_xy=True).transform
_TO_DEGREES = pyproj.Transformer.from_crs(25832, 4326, always_xy=True).transform


def in_metres(geometry: Any) -> Any:
    """A geometry of longitude and latitude in EPSG:25832."""
    return _transformed(geometry, _TO_METRES)


def in_degrees(geometry: Any) -> Any:
    """A geometry of EPSG:25832 in longitude and latitude."""
    return _transformed(geometry, _TO_DEGREES)


def polygons_only(geometry: Any) -> Any:
    """A geometry made valid, without the points and lines that come of it."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    return shapely.union_all([part for part in parts if "Polygon" in part.geom_type])


def side_by_side(polygons: list[Any], precision: float) -> NDArray[np.object_]:
    """Polygons rounded to a grid so that neighbours have their border in common, corner by corner.

    Rounding each polygon by itself would leave overlaps and cracks. What lies in several goes to the first of
    them, and so does a crack narrower than the grid.
    """
    borders = shapely.union_all(shapely.boundary(polygons), grid_size=precision)
    faces = shapely.get_parts(shapely.polygonize([borders]))
    tree = shapely.STRtree(polygons)
    owner = np.full(len(faces), len(polygons))
    found, holders = tree.query(shapely.point_on_surface(faces), predicate="intersects")
    np.minimum.at(owner, found, holders)
    narrow = shapely.area(faces) < precision * shapely.length(faces) / 2
    cracks = np.flatnonzero(narrow & (owner == len(polygons)))
    found, beside = tree.query(faces[cracks], predicate="dwithin", distance=precision)
    np.minimum.at(owner, cracks[found], beside)
    return np.array([shapely.union_all(faces[owner == number]) for number in range(len(polygons))])


@cache
def names() -> dict[str, str]:
    """The name of each municipality by its code of four digits."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@cache
def codes() -> dict[str, str]:
    """The code of each municipality by its name, as the table or one of the packages writes it."""
    return {name: code for code, name in names().items()} | _OTHER_NAMES


def _transformed(geometry: Any, transform: Callable[..., Any]) -> Any:
    return shapely.transform(geometry, lambda points: np.column_stack(transform(points[:, 0], points[:, 1])))
