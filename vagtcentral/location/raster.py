"""A raster over the country that answers certain look-ups at once, without any polygon work.

Each cell knows the municipality that holds, or is nearest to, every point in it, if there is only one, and
how far around the cell no other municipality has land. All other look-ups are left to the exact geometry.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Size of a cell in degrees: about 223 m north to south and 217 m east to west at 56 degrees north.
CELL_LATITUDE = 0.002
CELL_LONGITUDE = 0.0035
#: Added to a cell's level where the municipality holds all of it; what is less are steps of its reach.
WHOLE = 128
#: Length of a step in metres, so that reaches go to 8 km. With none only a point is certain in the cell.
STEP_M = 64.0

Labels = NDArray[np.uint8]


class Raster:
    """`label[row, column]` is 1 + the index of the only municipality, or 0 where that is not certain.

    `level[row, column]` is `WHOLE` or 0, plus a number of steps: within so many times `STEP_M` of any point
    in the cell there is no other municipality's land. Made by `raster_drawing.drawn`.
    """

    __slots__ = ("columns", "label", "level", "rows", "south", "west")

    def __init__(self, south: float, west: float, label: Labels, level: Labels) -> None:
        """Take the south-west corner in degrees and both arrays: rows from south, columns from west."""
        self.south, self.west = south, west
        self.rows, self.columns = label.shape
        self.label, self.level = label, level

    def labels_at(
        self, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64], whole_only: bool = False
    ) -> Labels:
        """The label of each point's cell, 0 outside the raster; finite degrees only.

        With `whole_only`, cells that the municipality does not hold all of are 0 too.
        """
        # Cut off towards 0: what lies within a cell south or west of the raster falls on its empty rim.
        rows = ((latitudes - self.south) * (1 / CELL_LATITUDE)).astype(np.int64)
        columns = ((longitudes - self.west) * (1 / CELL_LONGITUDE)).astype(np.int64)
        outside = (rows.view(np.uint64) >= self.rows) | (columns.view(np.uint64) >= self.columns)
        rows *= self.columns
        rows += columns
        if outside.any():
            rows[outside] = 0
        labels = self.label.ravel().take(rows)
        if whole_only:
            labels *= self.level.ravel().take(rows) >= WHOLE
        return labels

    def stored(self) -> dict[str, Any]:
        """What `from_stored` needs to make the same raster again."""
        return {"corner": np.array([self.south, self.west]), "label": self.label, "level": self.level}

    @staticmethod
    def from_stored(stored: Mapping[str, Any]) -> "Raster":
        """The raster from what `stored` gave; ValueError if the parts do not fit."""
        label, level, corner = stored["label"], stored["level"], stored["corner"]
        if (
            label.ndim != 2
            or label.shape != level.shape
            or label.dtype != np.uint8
            or level.dtype != np.uint8
        ):
            raise ValueError("the raster's two parts do not fit each other")
        return Raster(float(corner[0]), float(corner[1]), label, level)
