"""The exact geometry: municipality polygons in degrees and in metres (EPSG:25832), and questions to them."""

from collections.abc import Callable, Sequence
from functools import cache
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from vagtcentral.location.density import Density, Numbers
from vagtcentral.location.outline import GrazingError, Outline, Share

#: A border within this many metres of a point counts as touching it: coordinates are stored to about a metre.
ON_BORDER_M = 0.1
#: Corners of the polygon that stands for a circle, where one has to, are 4 times this.
QUARTER_CORNERS = 1024
#: Longest border segment in degrees (about 1 km), so that projection bends none by more than 4 cm.
_SEGMENT_DEGREES = 0.01
#: Points by which an area at sea is shared out among the nearest coasts.
_SEA_POINTS = 96
_GOLDEN_ANGLE = pi * (3 - sqrt(5))


@cache
def _projection() -> Any:
    return pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)


def to_metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing in ETRS89 / UTM zone 32N (EPSG:25832), metres."""
    east, north = _projection().transform(longitude, latitude)
    return east, north


def all_to_metres(degrees: Numbers) -> Numbers:
    """As `to_metres` for rows of longitude and latitude."""
    return np.column_stack(_projection().transform(degrees[:, 0], degrees[:, 1]))


def shape_in_metres(shape: Any) -> Any:
    """A polygon in degrees as one in metres, its edges straight on the map of longitude and latitude."""
    return shapely.transform(shapely.segmentize(shape, _SEGMENT_DEGREES), all_to_metres)


class Ground:
    """Areas and distances on land. Municipalities are known by their index in the array given."""

    def __init__(self, municipalities: "NDArray[np.object_]") -> None:
        """Take polygons in degrees (longitude, latitude)."""
        shapely.prepare(municipalities)
        self.degrees = municipalities
        self.planar = shape_in_metres(municipalities)
        self.outline = Outline(self.planar)
        self._bounds = shapely.bounds(municipalities).T

    def holding(self, longitudes: Numbers, latitudes: Numbers) -> NDArray[np.int64]:
        """For each point in degrees the first municipality that holds it, border included, or -1."""
        held = np.full(len(longitudes), -1)
        west, south, east, north = self._bounds
        order = np.argsort(latitudes)
        sorted_latitudes = latitudes[order]
        begin = np.searchsorted(sorted_latitudes, south, "left")
        end = np.searchsorted(sorted_latitudes, north, "right")
        for i in reversed(range(len(self.degrees))):
            rows = order[begin[i] : end[i]]
            across = longitudes[rows]
            rows = rows[(across >= west[i]) & (across <= east[i])]
            inside = shapely.intersects_xy(self.degrees[i], longitudes[rows], latitudes[rows])
            held[rows[inside]] = i
        return held

    def holds(self, index: int, longitude: float, latitude: float) -> bool:
        """Whether a municipality holds a point in degrees, border included."""
        return bool(shapely.intersects_xy(self.degrees[index], longitude, latitude))

    def holders(self, longitude: float, latitude: float) -> list[int]:
        """The municipalities that hold a point in degrees, border included."""
        west, south, east, north = self._bounds
        near = (west <= longitude) & (longitude <= east) & (south <= latitude) & (latitude <= north)
        found = near.nonzero()[0]
        inside = shapely.intersects_xy(self.degrees[found], longitude, latitude)
        held: list[int] = found[inside].tolist()
        return held

    def shares_of_point(self, east: float, north: float, holders: Sequence[int]) -> list[Share]:
        """Equal shares for the municipalities that hold a point or have their border within `ON_BORDER_M`.

        Those that hold it come first, or if there are none, the one whose border is nearest.
        """
        near = self.outline.within(east, north, ON_BORDER_M)
        first = holders or self.outline.nearest(east, north)[0] if near else holders
        found = [*first, *(i for i in near if i not in first)]
        return [Share(i, 1 / len(found), 0.0) for i in found]

    def nearest(self, east: float, north: float) -> tuple[list[int], float]:
        """The municipalities whose borders are nearest to a point at sea, and the distance in metres."""
        return self.outline.nearest(east, north)

    def shares(
        self, east: float, north: float, holders: Sequence[int], reach: float, density: Density
    ) -> list[Share]:
        """For each municipality in the circle its share of the density on land, and its distance in metres.

        `holders` hold the centre, `reach` is the radius of the outermost circle. The distance is from the
        centre, 0 inside. Empty when all is sea.
        """
        try:
            found = self.outline.shares(east, north, reach, density)
        except GrazingError:
            found = self.outline.shares(east, north, reach * (1 + 1e-9), density)
        # Who holds the centre and has no border in the circle has all of it.
        known = [share.number for share in found]
        found += [Share(i, 1.0, 0.0) for i in holders if i not in known]
        total = sum([share.part for share in found])
        if total <= 0:
            return []
        return [Share(i, part / total, 0.0 if i in holders else away) for i, part, away in found]

    def shares_of(self, area: Any, east: float, north: float) -> list[Share]:
        """As `shares` for a polygon in metres with the density even over it; distances are from the point."""
        hit = shapely.STRtree(self.planar).query(area, predicate="intersects")
        land = shapely.area(shapely.intersection(self.planar[hit], area))
        total = float(land.sum())
        if total <= 0:
            return []
        away = shapely.distance(self.planar[hit], shapely.Point(east, north))
        return [Share(*row) for row in zip(hit.tolist(), (land / total).tolist(), away.tolist(), strict=True)]

    def shares_at_sea(
        self, points: Callable[[], Numbers], east: float, north: float, distance_m: float, reach: float
    ) -> list[Share]:
        """The share of points at sea, in metres, to which each municipality is nearest; distances as above.

        No point is further than `reach` from the centre, whose nearest land is `distance_m` away.
        """
        # Nearest to one of the points can only be what lies within the distance + 2 reaches of the centre.
        near = self.outline.within(east, north, distance_m + 2 * reach + ON_BORDER_M)
        if len(near) == 1:
            return [Share(near[0], 1.0, distance_m)]
        return self._shares_of_nearest(points(), east, north)

    def _shares_of_nearest(self, points: Numbers, east: float, north: float) -> list[Share]:
        share = np.bincount(self.outline.nearest_of(points), minlength=len(self.planar)) / len(points)
        found = np.flatnonzero(share)
        away = shapely.distance(self.planar[found], shapely.Point(east, north))
        return [Share(*row) for row in zip(found.tolist(), share[found].tolist(), away.tolist(), strict=True)]


def spread_over_circle(east: float, north: float, radius_m: float) -> Numbers:
    """Points in metres, spread evenly over a circle (a sunflower)."""
    spread = [(radius_m * sqrt((n + 0.5) / _SEA_POINTS), n * _GOLDEN_ANGLE) for n in range(_SEA_POINTS)]
    return np.array([(east + r * cos(turn), north + r * sin(turn)) for r, turn in spread])


def spread_over(area: Any) -> Numbers:
    """Points in metres, spread evenly over a polygon (a grid, shrunk until enough of it lies inside)."""
    west, south, east, north = shapely.bounds(area)
    step = sqrt(max(shapely.area(area), 1e-6) / _SEA_POINTS)
    across = np.arange(west + step / 2, east + step / 2, step)
    up = np.arange(south + step / 2, north + step / 2, step)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    inside = grid[shapely.contains_xy(area, grid[:, 0], grid[:, 1])]
    if not len(inside):
        inside = shapely.get_coordinates(shapely.point_on_surface(area))
    points: Numbers = inside
    return points
