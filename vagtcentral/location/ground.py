"""The exact geometry: municipality polygons in degrees and in metres (EPSG:25832), and questions to them."""

from collections.abc import Sequence
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from vagtcentral.location.density import Density, Numbers
from vagtcentral.location.outline import Outline, Share

#: A border within this many metres of a point counts as touching it: coordinates are stored to about a metre.
ON_BORDER_M = 0.1
#: Easting and northing in metres for a place that the projection has none for.
ELSEWHERE = (1e9, 1e9)
#: No two places on earth are further apart, in metres; a larger circle says no more than this one.
_FARTHEST_M = 20_040_000.0
#: Longest border segment in degrees (about 1 km), so that projection bends none by more than 4 cm.
_SEGMENT_DEGREES = 0.01


@cache
def _projection() -> Any:
    return pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)


def to_metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing in ETRS89 / UTM zone 32N (EPSG:25832), metres.

    A quarter of the globe away the projection has no place (infinity); there it is `ELSEWHERE`, far from all.
    """
    east, north = _projection().transform(longitude, latitude)
    return (east, north) if isfinite(east) else ELSEWHERE


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

    def meeting_at(self, east: float, north: float, holders: Sequence[int]) -> list[int]:
        """The municipalities that hold a point or have their border within `ON_BORDER_M`.

        Those that hold it come first, or if there are none, the one whose border is nearest.
        """
        near = self.outline.owners_of(self.outline.near(east, north, ON_BORDER_M))
        first = holders or self.outline.nearest(east, north)[0] if near else holders
        return [*first, *(i for i in near if i not in first)]

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
        holder = holders[0] if len(holders) == 1 else None
        found = self.outline.parts(east, north, min(reach, _FARTHEST_M), density, holder)
        # Who holds the centre and has no border in the circle has all of it.
        known = [number for number, _, _ in found]
        found += [(i, 1.0, 0.0) for i in holders if i not in known]
        total = sum([part for _, part, _ in found])
        if total <= 0:
            return []
        return [(i, part / total, 0.0 if i in holders else away) for i, part, away in found]

    def has_land(self, area: Any, within_m: float) -> bool:
        """Whether land lies within so many metres of a point or polygon in metres."""
        return len(shapely.STRtree(self.planar).query(area, predicate="dwithin", distance=within_m)) > 0

    def shares_of(self, area: Any, east: float, north: float) -> list[Share]:
        """As `shares` for a polygon in metres with the density even over it; distances are from the point."""
        hit = shapely.STRtree(self.planar).query(area, predicate="intersects")
        land = shapely.area(shapely.intersection(self.planar[hit], area))
        total = float(land.sum())
        if total <= 0:
            return []
        away = shapely.distance(self.planar[hit], shapely.Point(east, north))
        return list(zip(hit.tolist(), (land / total).tolist(), away.tolist(), strict=True))
