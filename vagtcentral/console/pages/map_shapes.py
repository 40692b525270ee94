"""What maps are drawn of: the geometry in use made coarse, and a position with its uncertainty, as GeoJSON.

All coordinates are degrees, longitude first (RFC 7946); nothing here knows of a browser.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Position
from vagtcentral.location.territory import read_rows

#: How coarse a drawn border is, in degrees: some 600 m, which nobody sees on a wall.
COARSE_DEGREES = 0.006

#: So much is shown around a position, in metres, so that borders and towns are in the picture.
LEAST_VIEW_M = 6_000.0

#: How much of the view's height and width a name takes at most, where the map is smallest: a view as broad as
#: it is high takes half of the map's width, and steps of the zoom make it smaller still.
NAME_HIGH, NAME_WIDE = 0.12, 0.65

#: The Danish names of places that the source has in English or without Danish letters.
DANISH = {"Copenhagen": "København", "Skaerbaek": "Skærbæk"}

#: Decimals of a drawn coordinate: 1e-4 degrees are 11 m.
DECIMALS = 4


@cache
def _coarse(atlas: Atlas) -> dict[str, Any]:
    """The municipality polygons, simplified together so that borders stay common, by code."""
    made = shapely.set_precision(shapely.coverage_simplify(atlas.polygons, COARSE_DEGREES), 10**-DECIMALS)
    return dict(zip(atlas.codes, made, strict=True))


@cache
def districts(atlas: Atlas) -> dict[str, Any]:
    """A FeatureCollection of the police districts, with `code` and `name`, fit for drawing only."""
    coarse = _coarse(atlas)
    features = []
    for code, row in sorted(atlas.territory.districts.items()):
        members = [coarse[one] for one in row.municipalities if one in coarse]
        features.append(_feature(shapely.union_all(np.array(members)), {"code": code, "name": row.name}))
    return {"type": "FeatureCollection", "features": features}


@cache
def municipalities(atlas: Atlas) -> dict[str, Any]:
    """A FeatureCollection of the municipalities, with `code` and `name`, fit for drawing only."""
    named = atlas.territory.municipalities
    features = [
        _feature(shape, {"code": code, "name": named[code].name}) for code, shape in _coarse(atlas).items()
    ]
    return {"type": "FeatureCollection", "features": features}


@cache
def label_point(atlas: Atlas, district: str) -> tuple[float, float]:
    """Latitude and longitude of a point in the largest part of a district, where its name fits."""
    for feature in districts(atlas)["features"]:
        if feature["properties"]["code"] == district:
            shape = shapely.geometry.shape(feature["geometry"])
            parts = sorted(shapely.get_parts(shape), key=lambda part: part.area)
            point = shapely.point_on_surface(parts[-1])
            return (point.y, point.x)
    raise KeyError(district)


@dataclass(frozen=True, slots=True)
class Town:
    """A named place on the map."""

    name: str
    population: int
    latitude: float
    longitude: float


@cache
def towns() -> tuple[Town, ...]:
    """Every place with people in it that the project knows, the largest first."""
    made = [
        Town(
            DANISH.get(row["name"], row["name"]),
            int(row["population"]),
            float(row["latitude"]),
            float(row["longitude"]),
        )
        for row in read_rows("places.csv")
    ]
    return tuple(sorted(made, key=lambda town: -town.population))


def towns_around(position: Position, most: int = 9) -> list[Town]:
    """The largest places in the view of a position, by whose names one knows it; no name over another."""
    (south, west), (north, east) = reach(position)
    chosen: list[Town] = []
    for town in towns():
        inside = south < town.latitude < north and west < town.longitude < east
        if inside and not any(
            abs(town.latitude - other.latitude) < NAME_HIGH * (north - south)
            and abs(town.longitude - other.longitude) < NAME_WIDE * (east - west)
            for other in chosen
        ):
            chosen.append(town)
            if len(chosen) == most:
                break
    return chosen


def uncertainty(position: Position) -> dict[str, Any] | None:
    """The shape within which the caller is with the stated confidence, other than a circle; None for that."""
    shape = position.as_json()["shape"]
    return shape if isinstance(shape, dict) and shape.get("type") in ("Polygon", "MultiPolygon") else None


def reach(position: Position) -> tuple[tuple[float, float], tuple[float, float]]:
    """South-west and north-east of a view that shows the position and what is around it."""
    metres = max(LEAST_VIEW_M, 2.2 * (position.radius_m or 2_000.0))
    north = metres / 111_320
    east = north / max(0.1, float(np.cos(np.radians(position.latitude))))
    return (
        (position.latitude - north, position.longitude - east),
        (position.latitude + north, position.longitude + east),
    )


def _feature(shape: Any, properties: dict[str, str]) -> dict[str, Any]:
    geometry = shapely.geometry.mapping(shape)
    rounded = {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    return {"type": "Feature", "geometry": rounded, "properties": properties}


def _rounded(numbers: Any) -> Any:
    """The same nest of coordinates with fewer decimals: a page loads in a quarter of the time."""
    if isinstance(numbers, float):
        return round(numbers, DECIMALS)
    return [_rounded(one) for one in numbers]
