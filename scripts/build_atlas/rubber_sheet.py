"""Pulling a drawn map onto the true coast, as if it were on rubber.

Both drawings are locally off by up to a kilometre, smoothly. A displacement field (Gaussian bumps of two
sizes and a plane, with ridge regression) is fitted so that the drawing's coast falls on the true one: in each
round, every point of the drawn coast is paired with the nearest true coast that faces the same way, and far
pairs are trusted less. Borders inland move along.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapes import Layer, polygons_only

Points = NDArray[np.float64]

#: Spacing of the bumps in metres and how strongly each size is held back.
_BUMPS = ((60_000.0, 1.0), (25_000.0, 3.0))
_RIDGE, _PLANE_RIDGE = 10.0, 1e-4
_ROUNDS = 14
#: Metres between points of the drawn and of the true coast.
_DRAWN_STEP, _TRUE_STEP = 700.0, 100.0
#: Nearest true points looked at for each drawn one; the first that faces the same way (cosine) is its pair.
_CANDIDATES, _SAME_WAY = 40, 0.6
#: Pairs further apart than this many metres count half, a quarter, …
_TRUST_M = 250.0
#: Middle of the country and a length of its size, metres.
_MIDDLE, _SIZE = (600e3, 6_220e3), 150e3
#: Longest border that is moved as a straight line, metres.
_SEGMENT_M = 400.0


@dataclass(frozen=True, slots=True)
class Field:
    """A displacement field: middles and widths of its bumps, and the weights of bumps and plane."""

    middles: Points
    widths: Points
    weights: Points

    def basis(self, points: Points) -> Points:
        """What each bump and the plane weigh at each point."""
        squared = ((points[:, None] - self.middles) ** 2).sum(2) / (2 * self.widths**2)
        bumps = np.where(squared > 8, 0.0, np.exp(-squared))
        return np.column_stack([bumps, np.ones(len(points)), (points - _MIDDLE) / _SIZE])

    def at(self, points: Points) -> Points:
        """The displacement of each point in metres."""
        east, north = self.weights.reshape(2, -1)
        parts = [self.basis(points[i : i + 5000]) for i in range(0, len(points), 5000)]
        return np.vstack([np.column_stack([part @ east, part @ north]) for part in parts])


def pulled(layer: Layer, coast: Any) -> Layer:
    """The layer moved so that its outer coast falls on the true coast."""
    field = _fitted(layer, coast)

    def moved(points: Points) -> Points:
        return points + field.at(points)

    return {
        code: polygons_only(shapely.transform(shapely.segmentize(shape, _SEGMENT_M), moved))
        for code, shape in layer.items()
    }


def _fitted(layer: Layer, coast: Any) -> Field:
    outline = shapely.union_all(list(layer.values())).buffer(300).buffer(-300)
    drawn, drawn_facing = _along(outline, _DRAWN_STEP)
    true, true_facing = _along(coast, _TRUE_STEP)
    middles, widths, ridge = _bumps(shapely.bounds(coast))
    field = Field(middles, widths, np.zeros(2 * len(ridge)))
    basis, tree = field.basis(drawn), cKDTree(true)
    for number in range(_ROUNDS):
        displaced = field.at(drawn)
        pair = _paired(tree, drawn + displaced, drawn_facing, true_facing, max(700.0, 2500.0 - 180 * number))
        kept, to = pair >= 0, pair[pair >= 0]
        facing = true_facing[to]
        off = ((true[to] - (drawn + displaced)[kept]) * facing).sum(1)
        trust = 1 / (1 + (off / _TRUST_M) ** 2)
        matrix = np.column_stack([basis[kept] * facing[:, [0]], basis[kept] * facing[:, [1]]])
        normal = matrix.T @ (matrix * trust[:, None])
        normal[np.diag_indices_from(normal)] += np.tile(ridge, 2) * _RIDGE
        wanted = matrix.T @ (trust * (off + (displaced[kept] * facing).sum(1)))
        field = Field(middles, widths, np.linalg.solve(normal, wanted))
    return field


def _bumps(bounds: Points) -> tuple[Points, Points, Points]:
    """Middles, widths and ridge of all bumps over an area; three more ridge values for the plane."""
    west, south, east, north = bounds
    middles, widths, ridge = [], [], []
    for spacing, held_back in _BUMPS:
        across = np.arange(west - spacing, east + spacing, spacing * 0.7)
        up = np.arange(south - spacing, north + spacing, spacing * 0.7)
        grid = np.array(np.meshgrid(across, up)).reshape(2, -1).T
        middles.append(grid)
        widths.append(np.full(len(grid), spacing * 0.8))
        ridge.append(np.full(len(grid), held_back))
    return np.vstack(middles), np.concatenate(widths), np.append(np.concatenate(ridge), [_PLANE_RIDGE] * 3)


def _along(shape: Any, step: float) -> tuple[Points, Points]:
    """Points every `step` metres along the outer rings, and the direction in which land ends there."""
    points, facing = [], []
    for part in shapely.get_parts(shape):
        ring = shapely.get_exterior_ring(part)
        if ring.length < 4 * step:
            continue
        places = np.arange(0, ring.length, step)
        before, here, after = (_on(ring, places + off) for off in (-step / 2, 0.0, step / 2))
        along = after - before
        length = np.hypot(along[:, 0], along[:, 1])
        kept = length > 0
        points.append(here[kept])
        facing.append(np.column_stack([-along[kept, 1], along[kept, 0]]) / length[kept, None])
    return np.vstack(points), np.vstack(facing)


def _on(ring: Any, places: Points) -> Points:
    return shapely.get_coordinates(shapely.line_interpolate_point(ring, places % ring.length))


def _paired(
    tree: Any, points: Points, facing: Points, true_facing: Points, farthest: float
) -> NDArray[np.int64]:
    """For each point the index of the nearest true one that faces the same way, -1 for none."""
    _, near = tree.query(points, k=_CANDIDATES, distance_upper_bound=farthest)
    pair = np.full(len(points), -1)
    for candidate in near.T:
        known = candidate < len(true_facing)
        there = np.where(known, candidate, 0)
        fits = (pair < 0) & known & ((true_facing[there] * facing).sum(1) > _SAME_WAY)
        pair[fits] = there[fits]
    return pair
