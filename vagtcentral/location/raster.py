"""A raster over the country that answers certain look-ups at once, without any polygon work.

Each cell that lies wholly inside one municipality remembers which, and how far around it no other
municipality's land begins. A circle that stays within that reach is certain. All other positions are left to
the exact geometry.
"""

from itertools import pairwise
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray

#: Size of a cell in degrees: about 223 m north to south and 217 m east to west at 56 degrees north.
CELL_LATITUDE = 0.002
CELL_LONGITUDE = 0.0035

#: Reaches that are told apart, in cells. 0 means: only a point is certain here.
REACHES = (0, 1, 2, 4, 8, 16, 32)

#: A border nearer to a cell than this part of a cell (0.4 m) counts as inside it: safe against rounding.
_NEAR = 0.002
#: Shortest metres per degree of latitude in Denmark, less 0.2 % for the scale of EPSG:25832 and rounding.
_METRES_PER_DEGREE = 111_000.0
_EMPTY_RIM = 2
_MIXED = 254

Labels = NDArray[np.uint8]


class Raster:
    """`sole[row * columns + column]` is 1 + the index of the only municipality, or 0 where it is not certain.

    `reach_m[level[same]]` is how many metres around the cell no other municipality has land.
    """

    __slots__ = ("columns", "level", "reach_m", "rows", "sole", "south", "west")

    def __init__(self, municipalities: "NDArray[np.object_]") -> None:
        """Draw the raster of municipality polygons in degrees (longitude, latitude); at most 253 of them."""
        if len(municipalities) >= _MIXED:
            raise ValueError(f"{len(municipalities)} municipalities given, the raster holds {_MIXED - 1}")
        west, south, east, north = shapely.total_bounds(municipalities)
        self.south = float(south) - _EMPTY_RIM * CELL_LATITUDE
        self.west = float(west) - _EMPTY_RIM * CELL_LONGITUDE
        self.rows = int((north - self.south) / CELL_LATITUDE) + 1 + _EMPTY_RIM
        self.columns = int((east - self.west) / CELL_LONGITUDE) + 1 + _EMPTY_RIM
        narrowest = CELL_LONGITUDE * cos(radians(float(north) + 0.1))
        self.reach_m = tuple(n * min(CELL_LATITUDE, narrowest) * _METRES_PER_DEGREE for n in REACHES)

        segments, labels = self._segments(municipalities)
        border = self._border(segments, labels)
        inside = self._inside(segments, labels)
        whole = (border == 0) & (inside > 0)
        levels = self._levels(np.where(border > 0, border, inside), whole)
        self.sole = np.where(whole, inside, 0).astype(np.uint8).tobytes()
        self.level = levels.tobytes()

    def _segments(self, municipalities: "NDArray[np.object_]") -> tuple[NDArray[np.float64], Labels]:
        """All border segments as (x0, y0, x1, y1) in cells, and the label 1.. of the municipality of each."""
        parts, part_of = shapely.get_parts(municipalities, return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        points, point_of = shapely.get_coordinates(rings, return_index=True)
        cells = (points - (self.west, self.south)) / (CELL_LONGITUDE, CELL_LATITUDE)
        together = point_of[:-1] == point_of[1:]
        segments = np.hstack([cells[:-1], cells[1:]])[together]
        labels = (part_of[ring_of[point_of[:-1][together]]] + 1).astype(np.uint8)
        return segments, labels

    def _border(self, segments: NDArray[np.float64], labels: Labels) -> Labels:
        """The label of each cell that a border touches, `_MIXED` where several do, 0 elsewhere."""
        columns, rows, marks = [], [], []
        for near_x in (-_NEAR, _NEAR):
            for near_y in (-_NEAR, _NEAR):
                columns.append(np.floor(segments[:, 0] + near_x))
                rows.append(np.floor(segments[:, 1] + near_y))
                marks.append(labels)
        for axis, (along, across) in enumerate(((columns, rows), (rows, columns))):
            line, crossing, which = _crossings(segments, axis, 0.0)
            for side in (-1, 0):
                for near in (-_NEAR, _NEAR):
                    along.append(line + side)
                    across.append(np.floor(crossing + near))
                    marks.append(labels[which])
        flat = (np.concatenate(rows) * self.columns + np.concatenate(columns)).astype(np.int64)
        mark = np.concatenate(marks)
        border = np.zeros(self.rows * self.columns, np.uint8)
        border[flat] = mark
        border[flat[border[flat] != mark]] = _MIXED
        return border.reshape(self.rows, self.columns)

    def _inside(self, segments: NDArray[np.float64], labels: Labels) -> Labels:
        """The label of the municipality that holds the middle of each cell, 0 for none (scan-line fill)."""
        row, x, which = _crossings(segments, 1, 0.5)
        label = labels[which]
        order = np.lexsort((x, label, row))
        rows = row[order].astype(np.int64)
        columns = np.ceil(x[order] - 0.5).astype(np.int64)
        label = label[order].astype(np.int16)
        change = np.zeros((self.rows, self.columns), np.int16)
        np.add.at(change, (rows[0::2], columns[0::2]), label[0::2])
        np.subtract.at(change, (rows[1::2], columns[1::2]), label[1::2])
        return np.cumsum(change, axis=1, dtype=np.int16).astype(np.uint8)

    def _levels(self, labels: Labels, whole: NDArray[np.bool_]) -> Labels:
        """For each cell the index of the largest of `REACHES` within which its municipality is alone."""
        highest = labels.copy()
        lowest = np.where(labels == 0, 255, labels).astype(np.uint8)
        levels = np.zeros_like(labels)
        for before, reach in pairwise(REACHES):
            for axis in (0, 1):
                _spread(highest, reach - before, axis, np.maximum)
                _spread(lowest, reach - before, axis, np.minimum)
            levels += whole & (highest == lowest)
        return levels


def _crossings(
    segments: NDArray[np.float64], axis: int, offset: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Where segments cross the grid lines `n + offset` of an axis: n, the other coordinate, the segment."""
    start, end = segments[:, axis] - offset, segments[:, 2 + axis] - offset
    low, high = np.floor(np.minimum(start, end)), np.floor(np.maximum(start, end))
    count = (high - low).astype(np.int64)
    which = np.repeat(np.arange(len(segments)), count)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    line: NDArray[np.float64] = low[which] + 1 + nth
    part = (line - start[which]) / (end[which] - start[which])
    other = segments[:, 1 - axis]
    crossing = other[which] + part * (segments[:, 3 - axis] - other)[which]
    return line, crossing, which


def _spread(values: Labels, by: int, axis: int, pick: np.ufunc) -> None:
    """Let every cell pick among itself and the cells `by` before and after it along an axis, in place."""
    ahead = [slice(None), slice(None)]
    behind = [slice(None), slice(None)]
    ahead[axis], behind[axis] = slice(by, None), slice(None, -by)
    forward, back = tuple(ahead), tuple(behind)
    original = values.copy()
    pick(values[forward], original[back], out=values[forward])
    pick(values[back], original[forward], out=values[back])
