"""Drawing the raster of an atlas from its polygons. Done once, when an atlas file is made."""

from math import cos, hypot, radians

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.ground import Ground, all_to_metres
from vagtcentral.location.raster import CELL_LATITUDE, CELL_LONGITUDE, STEP_M, WHOLE, Labels, Raster

#: A border nearer to a cell than this part of a cell (0.4 m) counts as inside it: safe against rounding.
_NEAR = 0.002
_EMPTY_RIM = 2
_MIXED = 254
#: Cells on a side of the squares in which the nearest coast is looked up, coarse to fine.
_BLOCKS = (16, 4, 1)
#: The diagonal of one cell in metres, and a little more.
_DIAGONAL_M = 320.0
#: Most metres in EPSG:25832 to a degree of latitude or, times its cosine, of longitude; and a little more.
_METRES_PER_DEGREE = 111_900.0
#: Instead of the index of the nearest municipality: it is not the same everywhere, or all are too far.
_SEVERAL, _NONE = -1, -2


class Drawing:
    """The raster while it is drawn: one grid over all municipalities, in cells."""

    def __init__(self, ground: Ground) -> None:
        """Lay the grid over the polygons of at most 253 municipalities."""
        if len(ground.degrees) >= _MIXED:
            raise ValueError(f"{len(ground.degrees)} municipalities given, the raster holds {_MIXED - 1}")
        west, south, east, north = shapely.total_bounds(ground.degrees)
        self.ground = ground
        self.south = float(south) - _EMPTY_RIM * CELL_LATITUDE
        self.west = float(west) - _EMPTY_RIM * CELL_LONGITUDE
        self.rows = int((north - self.south) / CELL_LATITUDE) + 1 + _EMPTY_RIM
        self.columns = int((east - self.west) / CELL_LONGITUDE) + 1 + _EMPTY_RIM
        self._segments, self._labels = self._all_segments()

    def _all_segments(self) -> tuple[NDArray[np.float64], Labels]:
        """All border segments as (x0, y0, x1, y1) in cells, and the label 1.. of the municipality of each."""
        parts, part_of = shapely.get_parts(self.ground.degrees, return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        points, point_of = shapely.get_coordinates(rings, return_index=True)
        cells = (points - (self.west, self.south)) / (CELL_LONGITUDE, CELL_LATITUDE)
        together = point_of[:-1] == point_of[1:]
        segments = np.hstack([cells[:-1], cells[1:]])[together]
        labels = (part_of[ring_of[point_of[:-1][together]]] + 1).astype(np.uint8)
        return segments, labels

    def border(self) -> Labels:
        """The label of each cell that a border touches, `_MIXED` where several do, 0 elsewhere."""
        segments, labels = self._segments, self._labels
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

    def inside(self) -> Labels:
        """The label of who holds the middle of each cell, `_MIXED` where several do, 0 for none."""
        row, x, which = _crossings(self._segments, 1, 0.5)
        label = self._labels[which]
        order = np.lexsort((x, label, row))
        rows = row[order].astype(np.int64)
        columns = np.ceil(x[order] - 0.5).astype(np.int64)
        label = label[order].astype(np.int16)
        total = np.zeros((self.rows, self.columns), np.int16)
        holders = np.zeros((self.rows, self.columns), np.int8)
        for change, amount in ((total, label), (holders, np.ones(len(label), np.int8))):
            np.add.at(change, (rows[0::2], columns[0::2]), amount[0::2])
            np.subtract.at(change, (rows[1::2], columns[1::2]), amount[1::2])
            np.cumsum(change, axis=1, dtype=change.dtype, out=change)
        return np.where(holders > 1, _MIXED, total).astype(np.uint8)

    def nearest(self, land: NDArray[np.bool_], skip: NDArray[np.bool_], farthest_m: float) -> Labels:
        """The label of the only municipality that is nearest to all points of a cell, 0 if there are several.

        Squares with `land` in them are cut down to single cells; those to `skip` stay 0.
        """
        height, width = (-(-size // _BLOCKS[0]) * _BLOCKS[0] for size in land.shape)
        grid = np.ones((2, height, width), bool)
        grid[0, : self.rows, : self.columns] = land
        grid[1, : self.rows, : self.columns] = skip
        label = np.zeros((height, width), np.uint8)
        open_blocks = np.ones((height // _BLOCKS[0], width // _BLOCKS[0]), bool)
        for side, finer in zip(_BLOCKS, (*_BLOCKS[1:], 1), strict=True):
            blocks = grid[int(side == 1)].reshape(height // side, side, width // side, side)
            clear = ~blocks.any(axis=(1, 3))
            rows, columns = np.nonzero(open_blocks & clear)
            owner = self._nearest_to(rows, columns, side, farthest_m)
            found = np.zeros((height // side, width // side), np.uint8)
            found[rows, columns] = np.maximum(owner + 1, 0)
            open_blocks[rows, columns] = owner == _SEVERAL
            np.maximum(label, np.kron(found, np.ones((side, side), np.uint8)), out=label)
            open_blocks = np.kron(open_blocks, np.ones((side // finer,) * 2, bool))
        return label[: self.rows, : self.columns]

    def steps(self, label: Labels) -> Labels:
        """For each cell how many whole steps no municipality but its label's comes near any point of it."""
        most = (WHOLE - 1) * STEP_M
        corner_m = self._corner_m()
        steps = np.zeros_like(label)
        for number in range(self.ground.outline.count):
            rows, columns = np.nonzero(label == number + 1)
            if len(rows):
                middles = all_to_metres(self._middles(rows, columns, 1))
                away = self.ground.outline.nearest_other(number, middles, most + corner_m)
                steps[rows, columns] = (np.maximum(away - corner_m, 0.0) / STEP_M).astype(np.uint8)
        return steps

    def _corner_m(self) -> float:
        """From the middle of a cell to its corners, in metres, at the most."""
        widest = CELL_LONGITUDE * cos(radians(self.south))
        return hypot(CELL_LATITUDE, widest) / 2 * _METRES_PER_DEGREE

    def _middles(self, rows: NDArray[np.int64], columns: NDArray[np.int64], side: int) -> NDArray[np.float64]:
        """The middles in degrees (longitude, latitude) of squares with `side` cells on a side."""
        return np.column_stack(
            [
                self.west + (columns + 0.5) * side * CELL_LONGITUDE,
                self.south + (rows + 0.5) * side * CELL_LATITUDE,
            ]
        )

    def _nearest_to(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], side: int, farthest_m: float
    ) -> NDArray[np.int64]:
        """The index of the municipality nearest to all of each square, `_SEVERAL` or `_NONE`."""
        middles = self._middles(rows, columns, side)
        if not len(middles):
            return np.zeros(0, np.int64)
        slack = side * _DIAGONAL_M
        owner, away = self.ground.outline.alone_near(all_to_metres(middles), slack)
        owner[away + slack >= farthest_m] = _SEVERAL
        owner[away - slack >= farthest_m] = _NONE
        return owner


def drawn(ground: Ground, farthest_m: float) -> Raster:
    """The raster of these municipalities; further than `farthest_m` from land no municipality is nearest."""
    drawing = Drawing(ground)
    border, inside = drawing.border(), drawing.inside()
    whole = (border == 0) & (inside > 0) & (inside != _MIXED)
    land = np.where(border > 0, np.where((inside > 0) & (inside != border), _MIXED, border), inside)
    nearest = drawing.nearest(land > 0, (land == _MIXED) | whole, farthest_m)
    nearest = np.where((land > 0) & (nearest != land), 0, nearest)
    label = np.where(whole, inside, nearest).astype(np.uint8)
    # A look-up rounds towards 0, so what lies up to a cell outside the raster falls on its first cells.
    label[0], label[:, 0] = 0, 0
    level = drawing.steps(label)
    level[whole] |= WHOLE
    return Raster(drawing.south, drawing.west, label, level)


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
