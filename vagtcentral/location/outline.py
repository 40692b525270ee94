"""The borders of all municipalities as straight stretches, and what part of a circle each encloses.

The share of a municipality in a circle needs only its borders inside the circle and the angles at which they
cross it: between crossings, the circle itself closes the area. That is exact for a true circle (no polygon
stands for it) and costs some forty steps on small arrays. Every municipality is reckoned on its own, so a
geometry with gaps or overlaps does not upset it.

Places and directions on the map are complex numbers here, east + north i: a corner times the conjugate of a
direction is the corner as seen along that direction (real) and to the left of it (imaginary). As the arrays
are small, the time goes into the number of steps: they work in place, and constants are arrays, which makes a
step a third faster.
"""

from math import pi, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.density import Density, Numbers, on_chords

#: Stretches of border that are looked up together.
CHUNK = 12
#: Shares this near to all of the circle, or to nothing of it, may be either: angles come round again.
_ALL_OR_NOTHING = 1e-9
_FULL_TURN = 2 * pi
#: Where stretches that only fill up a chunk lie: in metres, far from everything.
_NOWHERE = 1e9 + 1e9j
_ZERO = np.zeros(())

Corners = NDArray[np.complex128]
#: A municipality by its place in the atlas, the part of the density in it, its distance in metres.
Share = tuple[int, float, float]


class Outline:
    """The stretches of border, in chunks of up to `CHUNK` in a row on one ring of one municipality."""

    def __init__(self, planar: "NDArray[np.object_]") -> None:
        """Take municipality polygons in metres."""
        parts, part_owner = shapely.get_parts(shapely.orient_polygons(planar), return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        points, point_ring = shapely.get_coordinates(rings, return_index=True)
        corners = points.view(np.complex128)[:, 0]
        step = corners[1:] - corners[:-1]
        stretch = np.flatnonzero((point_ring[:-1] == point_ring[1:]) & (step != 0))
        counts = np.bincount(point_ring[stretch], minlength=len(rings))
        chunks = -(-counts // CHUNK)
        nth = np.arange(len(stretch)) - np.repeat(np.cumsum(counts) - counts, counts)
        row = np.repeat(np.cumsum(chunks) - chunks, counts) + nth // CHUNK
        ends = np.stack([corners[stretch], corners[stretch + 1]])
        step = step[stretch]
        size = (int(chunks.sum()), CHUNK)
        #: Start, end; the conjugate of the direction (of length 1), and its angle, each once for either end.
        self._stretches = np.full((6, *size), _NOWHERE)
        self._stretches[2:] = 1.0
        self._stretches[:2, row, nth % CHUNK] = ends
        self._stretches[2:4, row, nth % CHUNK] = (step / np.abs(step)).conj()
        self._stretches[4:, row, nth % CHUNK] = np.angle(step)
        self.owner = np.repeat(part_owner[ring_part], chunks)
        self.count = len(planar)
        self._planar = planar
        first = np.flatnonzero(nth % CHUNK == 0)
        self._lines = shapely.STRtree(_lines(ends, row, first))
        self._boxes = shapely.STRtree(shapely.box(*shapely.bounds(self._lines.geometries).T))

    def parts(
        self, east: float, north: float, reach: float, density: Density, holder: int | None = None
    ) -> list[Share]:
        """The part of a density around a point that lies in each municipality with a border in its circle.

        `reach` is the radius of the outermost circle in metres, `holder` the only municipality that holds its
        centre, where that is known. The distance is from the point to the nearest border. Empty if no border
        comes within the circle: all of it is in one municipality, or in none. With borders of only one
        municipality, its part is given as 1, as all the land there is its.
        """
        chunks = self._in_box(east, north, reach)
        if not len(chunks):
            return []
        owners = self.owner.take(chunks).tolist()
        if holder is not None and owners[0] == owners[-1] == holder:  # in order, so there is no other
            return [(holder, 1.0, 0.0)]
        numbers, begins = _runs(owners)
        corners, along, aside, bearing = self._seen(chunks, east, north)
        square = aside * aside
        nearest = np.minimum.reduceat(_gaps(along, square), begins).tolist()
        limit = reach * reach
        within = [k for k, away in enumerate(nearest) if away < limit]
        if len(within) < 2:
            return [(numbers[k], 1.0, sqrt(nearest[k])) for k in within]
        cut = _cut(along, square, limit)
        # From where a border leaves the circle to where one enters, the circle closes the area. Whether a
        # corner is outside is asked of the corner itself, so that the stretches which meet in it agree.
        turn = np.arctan2(aside, cut)
        turn += bearing
        np.putmask(turn, _squares(corners) < limit, _ZERO)
        half = len(cut) // 2
        angle = on_chords(density, aside[:half], cut[:half], cut[half:], reach)
        angle += turn[:half]
        angle -= turn[half:]
        angles = np.add.reduceat(angle, begins).tolist()
        found = []
        for k in within:
            part = angles[k] / _FULL_TURN % 1.0
            if not _ALL_OR_NOTHING < part < 1 - _ALL_OR_NOTHING:
                nothing = part if part < 0.5 else part - 1.0
                part = max(0.0, nothing + self._holds_most(numbers[k], east, north, reach))
            found.append((numbers[k], part, sqrt(nearest[k])))
        return found

    def near(self, east: float, north: float, distance_m: float) -> NDArray[np.int64]:
        """The chunks that come within a distance of a point; all in metres."""
        point = shapely.points([(east, north)])
        found: NDArray[np.int64] = self._lines.query(point, predicate="dwithin", distance=distance_m)[1]
        return found

    def owners_of(self, chunks: NDArray[np.int64]) -> list[int]:
        """The municipalities of some chunks, in order."""
        return sorted(set(self.owner[chunks].tolist()))

    def nearest(self, east: float, north: float) -> tuple[list[int], float]:
        """The municipalities whose border is nearest to a point, and how far that is; all in metres."""
        point = shapely.points([(east, north)])  # a row of one takes less time than a bare one
        found, distance = self._lines.query_nearest(point, return_distance=True)
        return self.owners_of(found[1]), float(distance[0])

    def nearest_of(
        self,
        points: Numbers,
        farthest_m: float | None = None,
        among: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """For each point in metres the municipality whose border is nearest, the first of equal ones.

        -1 for points further than `farthest_m` from all. Where it is known `among` which few chunks the
        nearest are, that is four times as fast.
        """
        lines, owners = self._lines, self.owner
        if among is not None:
            lines, owners = shapely.STRtree(lines.geometries[among]), owners[among]
        which, found = lines.query_nearest(shapely.points(points), max_distance=farthest_m)
        owner = np.full(len(points), self.count)
        np.minimum.at(owner, which, owners[found])
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

    def nearest_other(self, number: int, points: Numbers, most_m: float) -> Numbers:
        """How far from each point the nearest border of any municipality but one is, `most_m` at the most."""
        box = shapely.box(*(points.min(axis=0) - most_m), *(points.max(axis=0) + most_m))
        others = self._boxes.query(box)
        others = others[self.owner[others] != number]
        away = np.full(len(points), most_m)
        if len(others):
            lines = shapely.STRtree(self._lines.geometries[others])
            (which, _), distance = lines.query_nearest(
                shapely.points(points), max_distance=most_m, return_distance=True, all_matches=False
            )
            away[which] = distance
        return away

    def _in_box(self, east: float, north: float, reach: float) -> NDArray[np.int64]:
        """The chunks that may come within reach of a point, in order."""
        # A row of one takes half the time of a bare one.
        box = [shapely.box(east - reach, north - reach, east + reach, north + reach)]
        chunks: NDArray[np.int64] = self._boxes.query(box)[1]
        chunks.sort()
        return chunks

    def _seen(
        self, chunks: NDArray[np.int64], east: float, north: float
    ) -> tuple[Corners, Numbers, Numbers, Numbers]:
        """The starts of all stretches of some chunks, and then their ends, as seen from a point.

        Where they are; how far along their own direction, and to the left of it; the angle of that direction.
        """
        work = self._stretches.take(chunks, axis=1, mode="clip").ravel()
        count = 2 * CHUNK * len(chunks)
        corners, seen = work[:count], work[count : 2 * count]
        corners -= complex(east, north)
        seen *= corners
        return corners, seen.real, seen.imag.copy(), work[2 * count :].real

    def _holds_most(self, number: int, east: float, north: float, reach: float) -> bool:
        """Whether a municipality has most of a circle, as its polygon says."""
        circle = shapely.Point(east, north).buffer(reach)
        held = shapely.area(shapely.intersection(self._planar[number], circle))
        return bool(held > shapely.area(circle) / 2)


def _runs(owners: list[int]) -> tuple[list[int], NDArray[np.int64]]:
    """The municipalities of chunks that are in order, and at which stretch each begins."""
    numbers, begins = [owners[0]], [0]
    for k, owner in enumerate(owners):
        if owner != numbers[-1]:
            numbers.append(owner)
            begins.append(k * CHUNK)
    return numbers, np.array(begins)


def _gaps(along: Numbers, square: Numbers) -> Numbers:
    """The squared distance of each stretch; starts of all stretches come before the ends of all."""
    half = len(along) // 2
    gap = np.maximum(along[:half], -along[half:])
    np.maximum(gap, _ZERO, out=gap)
    gap *= gap
    gap += square[:half]
    return gap


def _cut(along: Numbers, square: Numbers, limit: float) -> Numbers:
    """Both ends of what of each stretch is in the circle: one point twice where it is outside."""
    half_chord = np.subtract(limit, square)
    np.maximum(half_chord, _ZERO, out=half_chord)
    np.sqrt(half_chord, out=half_chord)
    cut = np.minimum(along, half_chord)
    np.negative(half_chord, out=half_chord)
    np.maximum(cut, half_chord, out=cut)
    return cut


def _squares(corners: Corners) -> Numbers:
    """The squared distance of each corner; overwrites them."""
    numbers = corners.view(np.float64)
    numbers *= numbers
    squares: Numbers = numbers[::2] + numbers[1::2]
    return squares


def _lines(ends: Corners, row: NDArray[np.int64], first: NDArray[np.int64]) -> "NDArray[np.object_]":
    """Each chunk as one line: the starts of its stretches and the end of its last."""
    last = np.append(first[1:], len(row)) - 1
    corners = np.insert(ends[0], last + 1, ends[1, last])
    places = np.column_stack([corners.real, corners.imag])
    return np.asarray(shapely.linestrings(places, indices=np.insert(row, last + 1, row[last])))
