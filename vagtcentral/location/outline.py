"""The borders of all municipalities as straight stretches, and what part of a circle each encloses.

The share of a municipality in a circle needs only its borders inside the circle and the angles at which they
cross it: between crossings, the circle itself closes the area. That is exact for a true circle (no polygon
stands for it) and costs a few dozen steps on small arrays. Every municipality is reckoned on its own, so a
geometry with gaps or overlaps does not upset it.
"""

from math import pi, sqrt
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.density import Density, Numbers, on_arc, on_chords

#: Stretches of border that are looked up together.
CHUNK = 12
#: Angles this near to a full turn, or to none, may be either: a border that only grazes the circle.
_GRAZING = 1e-9
_FULL_TURN = 2 * pi
#: Where stretches that only fill up a chunk lie: in metres, far from everything.
_NOWHERE = 1e9
_ROWS = 8


class Share(NamedTuple):
    """A municipality by its place in the atlas, the part of the density in it, its distance in metres."""

    number: int
    part: float
    distance_m: float


class GrazingError(ArithmeticError):
    """A border touches the circle in a way that this reckoning cannot tell apart; ask the polygons."""


class Outline:
    """The stretches of border, in chunks of up to `CHUNK` in a row on one ring of one municipality."""

    def __init__(self, planar: "NDArray[np.object_]") -> None:
        """Take municipality polygons in metres."""
        parts, part_owner = shapely.get_parts(shapely.orient_polygons(planar), return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        points, point_ring = shapely.get_coordinates(rings, return_index=True)
        step = points[1:] - points[:-1]
        length = np.hypot(step[:, 0], step[:, 1])
        stretch = np.flatnonzero((point_ring[:-1] == point_ring[1:]) & (length > 0))
        counts = np.bincount(point_ring[stretch], minlength=len(rings))
        chunks = -(-counts // CHUNK)
        nth = np.arange(len(stretch)) - np.repeat(np.cumsum(counts) - counts, counts)
        row = np.repeat(np.cumsum(chunks) - chunks, counts) + nth // CHUNK
        first = np.flatnonzero(nth % CHUNK == 0)
        ends = np.stack([points[stretch].T, points[stretch + 1].T], axis=1).reshape(4, -1)
        unit = step[stretch].T / length[stretch]
        #: Rows: east of both ends, north of both ends, direction (a unit vector), length, bearing; m, radians
        self._stretches = np.full((_ROWS, len(first), CHUNK), _NOWHERE)
        self._stretches[:, row, nth % CHUNK] = np.vstack(
            [ends, unit, length[stretch], np.arctan2(unit[1], unit[0])]
        )
        self.owner = np.repeat(part_owner[ring_part], chunks)
        self.count = len(planar)
        low = np.minimum.reduceat(np.minimum(ends[0::2], ends[1::2]), first, axis=1)
        high = np.maximum.reduceat(np.maximum(ends[0::2], ends[1::2]), first, axis=1)
        self._boxes = shapely.STRtree(shapely.box(*low, *high))
        self._lines = shapely.STRtree(_lines(ends.T, row, first))

    def shares(self, east: float, north: float, reach: float, density: Density) -> list[Share]:
        """The part of a density around a point that lies in each municipality with a border in its circle.

        `reach` is the radius of the outermost circle in metres. The distance is from the point to the nearest
        border. Empty if no border comes within the circle: all of it is in one municipality, or in none. With
        borders of only one municipality, its part is given as 1, as all the land there is its.
        Raises GrazingError in the rare case that it cannot tell.
        """
        box = shapely.box(east - reach, north - reach, east + reach, north + reach)
        chunks = self._boxes.query([box])[1]  # a list of one takes half the time of a bare one
        if not len(chunks):
            return []
        chunks.sort()
        work = np.empty((_ROWS + 3, len(chunks), CHUNK))
        self._stretches.take(chunks, axis=1, out=work[:_ROWS], mode="clip")
        work[0:2] -= east
        work[2:4] -= north
        start_east, _, start_north, _, unit_east, unit_north, length, _, begin, beside, gap = work
        # Along the line of a stretch, measured from the line's point nearest to the centre, and beside it.
        np.multiply(start_east, unit_east, out=begin)
        begin += start_north * unit_north
        np.multiply(start_east, unit_north, out=beside)
        beside -= start_north * unit_east
        length += begin
        np.maximum(begin, -length, out=gap)
        np.maximum(gap, 0.0, out=gap)
        gap *= gap
        gap += beside * beside
        within = (gap < reach * reach).ravel().nonzero()[0]
        if not len(within):
            return []
        owner = self.owner.take(chunks.take(within // CHUNK))
        if owner[0] == owner[-1]:  # in order, so there is no other: all the land in the circle is its
            return [Share(int(owner[0]), 1.0, sqrt(gap.min()))]
        return _shares(density, reach, owner, work.reshape(_ROWS + 3, -1).take(within, axis=1))

    def within(self, east: float, north: float, distance_m: float) -> list[int]:
        """The municipalities whose border comes within a distance of a point; all in metres."""
        found = self._lines.query(shapely.Point(east, north), predicate="dwithin", distance=distance_m)
        return sorted(set(self.owner[found].tolist()))

    def nearest(self, east: float, north: float) -> tuple[list[int], float]:
        """The municipalities whose border is nearest to a point, and how far that is; all in metres."""
        found, distance = self._lines.query_nearest(shapely.Point(east, north), return_distance=True)
        return sorted(set(self.owner[found].tolist())), float(distance[0])

    def nearest_of(self, points: Numbers, farthest_m: float | None = None) -> NDArray[np.int64]:
        """For each point in metres the municipality whose border is nearest, the first of equal ones.

        -1 for points further than `farthest_m` from all.
        """
        which, found = self._lines.query_nearest(shapely.points(points), max_distance=farthest_m)
        owner = np.full(len(points), self.count)
        np.minimum.at(owner, which, self.owner[found])
        owner[owner == self.count] = -1
        return owner

    def alone_near(self, points: Numbers, slack_m: float) -> tuple[NDArray[np.int64], Numbers]:
        """For each point the only municipality with a border up to `slack_m` beyond the nearest, or -1.

        Also the distance of the nearest; all in metres.
        """
        places = shapely.points(points)
        (which, _), distance = self._lines.query_nearest(places, return_distance=True, all_matches=False)
        away = np.empty(len(points))
        away[which] = distance
        which, found = self._lines.query(places, predicate="dwithin", distance=away + slack_m)
        low, high = np.full(len(points), self.count), np.full(len(points), -1)
        np.minimum.at(low, which, self.owner[found])
        np.maximum.at(high, which, self.owner[found])
        return np.where(low == high, high, -1), away


def _shares(density: Density, reach: float, owner: NDArray[np.int64], work: Numbers) -> list[Share]:
    """The shares of the stretches that come into the circle, owner by owner; rows as in `Outline.shares`."""
    corners, (end, bearing, begin, beside, gap) = work[:4], work[6:]
    limit = reach * reach
    # Whether an end is inside is decided once for each corner, so that crossings always come in pairs.
    corners *= corners
    enters, leaves = (corners[:2] + corners[2:] >= limit).astype(np.float64)
    half = np.sqrt(limit - beside * beside)  # of a line's chord; `gap` is below the limit, so this is too
    sums = np.empty((3, len(owner)))
    sums[0] = on_chords(density, beside, np.maximum(begin, -half), np.minimum(end, half), reach)
    # A stretch enters at bearing + slant - pi and leaves at bearing - slant, seen from the centre.
    slant = np.arctan2(beside, half)
    np.subtract(enters * (bearing + slant), leaves * (bearing - slant), out=sums[1])
    np.add(enters, leaves, out=sums[2])
    begins = np.empty(len(owner), bool)
    begins[0] = True
    np.not_equal(owner[1:], owner[:-1], out=begins[1:])
    first = begins.nonzero()[0]
    chords, angles, crossings = np.add.reduceat(sums, first, axis=1).tolist()
    distances = np.minimum.reduceat(gap, first).tolist()
    per_radian = on_arc(density)
    found = []
    for i, part, angle, crossed, nearest in zip(
        owner[first].tolist(), chords, angles, crossings, distances, strict=True
    ):
        if crossed:
            inside = (angle - pi * crossed / 2) % _FULL_TURN
            if not _GRAZING < inside < _FULL_TURN - _GRAZING:
                raise GrazingError
            part += per_radian * inside
        elif part < 0:  # only holes in the circle: the municipality lies all around them
            part += per_radian * _FULL_TURN
        found.append(Share(i, part, sqrt(nearest)))
    return found


def _lines(ends: Numbers, row: NDArray[np.int64], first: NDArray[np.int64]) -> "NDArray[np.object_]":
    """Each chunk as one line: the starts of its stretches and the end of its last."""
    last = np.append(first[1:], len(row)) - 1
    corners = np.insert(ends[:, 0::2], last + 1, ends[last, 1::2], axis=0)
    return np.asarray(shapely.linestrings(corners, indices=np.insert(row, last + 1, row[last])))
