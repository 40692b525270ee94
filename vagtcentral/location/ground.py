"""The exact geometry: municipality polygons in metres (EPSG:25832), cut into small pieces for speed."""

from functools import cache
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

#: A border within this many metres of a point counts as touching it: coordinates are stored to about a metre.
ON_BORDER_M = 0.1
#: Corners of the polygon that stands for a circle are 4 times this; its area is 0.04 % short of the circle's.
_QUARTER_CORNERS = 32
#: Polygons with more corners than this are cut in two, again and again.
_PIECE_CORNERS = 128
#: Longest border segment in degrees (about 1 km), so that projection bends none by more than 4 cm.
_SEGMENT_DEGREES = 0.01
#: Points by which a circle at sea is shared out among the nearest coasts.
_SEA_POINTS = 96

_POLYGON = 3


@cache
def _projection() -> Any:
    return pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)


def to_metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing in ETRS89 / UTM zone 32N (EPSG:25832), metres."""
    east, north = _projection().transform(longitude, latitude)
    return east, north


class Ground:
    """Areas and distances on land. Municipalities are known by their index in the array given."""

    def __init__(self, municipalities: "NDArray[np.object_]") -> None:
        """Take polygons in degrees (longitude, latitude) and cut them in metres."""
        planar = shapely.transform(
            shapely.segmentize(municipalities, _SEGMENT_DEGREES),
            lambda degrees: np.column_stack(_projection().transform(degrees[:, 0], degrees[:, 1])),
        )
        self.planar = planar
        self._pieces, self._owner = _cut(planar)
        self._area = shapely.area(self._pieces)
        self._tree = shapely.STRtree(self._pieces)
        self._count = len(planar)

    def touching(self, east: float, north: float) -> list[int]:
        """The municipalities that hold this point or have their border within `ON_BORDER_M` of it."""
        found = self._tree.query(shapely.Point(east, north), predicate="dwithin", distance=ON_BORDER_M)
        return sorted(set(self._owner[found].tolist()))

    def nearest(self, east: float, north: float) -> tuple[list[int], float]:
        """The municipalities nearest to a point (several when equally near) and the distance in metres."""
        found, distance = self._tree.query_nearest(shapely.Point(east, north), return_distance=True)
        return sorted(set(self._owner[found].tolist())), float(distance[0])

    def overlap(self, east: float, north: float, radius_m: float) -> list[tuple[int, float, float]]:
        """For each municipality with land in the circle: index, share of the land in it, distance in metres.

        The distance is from the circle's centre to that municipality, 0 inside it. Empty when all is sea.
        """
        centre = shapely.Point(east, north)
        hit = self._tree.query(centre, predicate="dwithin", distance=radius_m)
        if not len(hit):
            return []
        pieces = self._pieces[hit]
        owner = self._owner[hit]
        if (owner == owner[0]).all():
            return [(int(owner[0]), 1.0, float(shapely.distance(pieces, centre).min()))]
        circle = centre.buffer(radius_m, quad_segs=_QUARTER_CORNERS)
        shapely.prepare(circle)
        area = self._area[hit]
        cut = ~shapely.contains_properly(circle, pieces)
        area[cut] = shapely.area(shapely.intersection(pieces[cut], circle))
        land = np.bincount(owner, area, self._count)
        total = land.sum()
        if total <= 0:
            return []
        distance = np.full(self._count, np.inf)
        np.minimum.at(distance, owner, shapely.distance(pieces, centre))
        return [(i, float(land[i] / total), float(distance[i])) for i in np.flatnonzero(land).tolist()]

    def share_of_nearest(
        self, east: float, north: float, radius_m: float, distance_m: float
    ) -> list[tuple[int, float, float]]:
        """As `overlap`, for a circle without land: the share of it to which each municipality is nearest.

        `distance_m` is how far the nearest land lies from the centre. Uses points spread evenly in it.
        """
        # Nearest to some point of the circle can only be what lies within distance + 2 radii of its centre.
        centre = shapely.Point(east, north)
        reach = distance_m + 2 * radius_m + ON_BORDER_M
        near = self._owner[self._tree.query(centre, predicate="dwithin", distance=reach)]
        if (near == near[0]).all():
            return [(int(near[0]), 1.0, distance_m)]
        golden = pi * (3 - sqrt(5))
        spread = [(radius_m * sqrt((n + 0.5) / _SEA_POINTS), n * golden) for n in range(_SEA_POINTS)]
        points = shapely.points([(east + r * cos(turn), north + r * sin(turn)) for r, turn in spread])
        _, found = self._tree.query_nearest(points, all_matches=False)
        share = np.bincount(self._owner[found], minlength=self._count) / _SEA_POINTS
        pieces = np.flatnonzero(share[self._owner])
        distance = np.full(self._count, np.inf)
        away = shapely.distance(self._pieces[pieces], centre)
        np.minimum.at(distance, self._owner[pieces], away)
        return [(i, float(share[i]), float(distance[i])) for i in np.flatnonzero(share).tolist()]


def _cut(polygons: "NDArray[np.object_]") -> tuple["NDArray[np.object_]", NDArray[np.int64]]:
    """Halve polygons along their longer side until each piece has few corners; each piece's polygon index."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    small_parts, small_owners = [], []
    while len(parts):
        small = shapely.get_num_coordinates(parts) <= _PIECE_CORNERS
        small_parts.append(parts[small])
        small_owners.append(owner[small])
        parts, owner = parts[~small], owner[~small]
        west, south, east, north = shapely.bounds(parts).T
        wide = east - west > north - south
        across, up = (west + east) / 2, (south + north) / 2
        first = shapely.box(west, south, np.where(wide, across, east), np.where(wide, north, up))
        second = shapely.box(np.where(wide, across, west), np.where(wide, south, up), east, north)
        halves = shapely.intersection(np.concatenate([parts, parts]), np.concatenate([first, second]))
        parts, half = shapely.get_parts(halves, return_index=True)
        owner = np.concatenate([owner, owner])[half]
        area = shapely.get_type_id(parts) == _POLYGON
        parts, owner = parts[area], owner[area]
    return np.concatenate(small_parts), np.concatenate(small_owners)
