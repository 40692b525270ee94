"""How often an atlas gives the right answer: random positions inside the polygons of a file that is right.

By area: positions evenly over the file's land. By population: positions strewn around the middles of towns,
as many as people live there. Only positions inside one of the file's polygons count.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.calibration import SPREAD_M
from vagtcentral.location.districts_import import Layer
from vagtcentral.location.territory import read_rows

_METRES_PER_DEGREE = 111_195.0

Degrees = NDArray[np.float64]
Drawing = Callable[[Any, int, np.random.Generator], Degrees]


@dataclass(frozen=True, slots=True)
class Share:
    """Of `points` positions, the shares with the right answer; no `municipality` for a file of districts."""

    points: int
    municipality: float | None
    district: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The shares by area and by population."""

    area: Share
    population: Share

    def as_json(self) -> dict[str, Any]:
        """The result as one JSON object."""
        return asdict(self)


def compared(atlas: Atlas, layer: Layer, points: int, seed: int) -> Comparison:
    """Ask an atlas for `points` random positions of each kind inside a file's polygons."""
    codes = np.array(sorted(layer.polygons))
    polygons = np.array([layer.polygons[code] for code in codes.tolist()])
    dice = np.random.default_rng(seed)
    area, population = (
        _share(atlas, layer, codes, *_inside(draw, polygons, points, dice))
        for draw in (over_land, where_people_live)
    )
    return Comparison(area, population)


def over_land(polygons: Any, count: int, dice: np.random.Generator) -> Degrees:
    """Positions (longitude, latitude) spread evenly on the sphere over the box around some polygons."""
    west, south, east, north = shapely.total_bounds(polygons)
    sine = dice.uniform(np.sin(np.radians(south)), np.sin(np.radians(north)), count)
    return np.column_stack([dice.uniform(west, east, count), np.degrees(np.arcsin(sine))])


def where_people_live(polygons: Any, count: int, dice: np.random.Generator) -> Degrees:
    """Positions (longitude, latitude) around towns, a town as likely as its people are many."""
    rows = read_rows("places.csv")
    middles = np.array([(float(row["longitude"]), float(row["latitude"])) for row in rows])
    people = np.array([float(row["population"]) for row in rows])
    town = dice.choice(len(rows), count, p=people / people.sum())
    metres = dice.normal(0, 1, (count, 2)) * (SPREAD_M * np.sqrt(people[town]))[:, None]
    narrow = np.column_stack([np.cos(np.radians(middles[town, 1])), np.ones(count)])
    strewn: Degrees = middles[town] + metres / (_METRES_PER_DEGREE * narrow)
    return strewn


def _inside(
    draw: Drawing, polygons: Any, count: int, dice: np.random.Generator
) -> tuple[Degrees, NDArray[np.int64]]:
    """The first `count` positions drawn that are inside a polygon, and the index of the polygon of each."""
    shapely.prepare(polygons)
    tree = shapely.STRtree(polygons)
    places: list[Degrees] = []
    owners: list[NDArray[np.int64]] = []
    while sum(map(len, owners)) < count:
        degrees = draw(polygons, count, dice)
        points, held = tree.query(shapely.points(degrees), predicate="intersects")
        points, first = np.unique(points, return_index=True)
        places.append(degrees[points])
        owners.append(held[first])
    return np.concatenate(places)[:count], np.concatenate(owners)[:count]


def _share(
    atlas: Atlas, layer: Layer, codes: "NDArray[np.str_]", degrees: Degrees, held: NDArray[np.int64]
) -> Share:
    answered = atlas.locate_many(degrees[:, 1], degrees[:, 0])
    districts = np.array([atlas.district_of(code) if code else "" for code in answered.tolist()])
    if layer.of_districts:
        return Share(len(held), None, float((districts == codes[held]).mean()))
    right = np.array([atlas.district_of(code) for code in codes.tolist()])
    return Share(len(held), float((answered == codes[held]).mean()), float((districts == right[held]).mean()))
