"""Many points at once: the raster answers most of them, the polygons the rest."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from vagtcentral.location.ground import Ground, all_to_metres
from vagtcentral.location.raster import Raster


def municipalities_of(
    ground: Ground,
    raster: Raster,
    latitudes: ArrayLike,
    longitudes: ArrayLike,
    nearest: bool,
    farthest_m: float,
) -> NDArray[np.int64]:
    """The index of the municipality that holds each point in degrees, or is nearest to it; -1 for none.

    Without `nearest` only the municipality that holds it counts; with it, none further than `farthest_m`.
    """
    north = np.ascontiguousarray(latitudes, dtype=np.float64)
    east = np.ascontiguousarray(longitudes, dtype=np.float64)
    if north.ndim != 1 or north.shape != east.shape:
        raise ValueError(
            f"latitudes {north.shape} and longitudes {east.shape} are not two rows of one length"
        )
    # NaN is neither less nor more, so both ends are asked for.
    if len(north) and not (
        north.min() >= -90 and north.max() <= 90 and east.min() >= -180 and east.max() <= 180
    ):
        raise ValueError("a latitude or longitude is not in -90..90, -180..180 degrees")
    index = raster.labels_at(north, east, whole_only=not nearest).astype(np.int64)
    index -= 1
    open_rows = np.flatnonzero(index < 0)
    if len(open_rows):
        index[open_rows] = _exactly(ground, north[open_rows], east[open_rows], nearest, farthest_m)
    return index


def _exactly(
    ground: Ground, north: NDArray[np.float64], east: NDArray[np.float64], nearest: bool, farthest_m: float
) -> NDArray[np.int64]:
    held = ground.holding(east, north)
    at_sea = np.flatnonzero(held < 0)
    if nearest and len(at_sea):
        planar = all_to_metres(np.column_stack([east[at_sea], north[at_sea]]))
        held[at_sea] = ground.outline.nearest_of(planar, farthest_m)
    return held


def points_inside(polygon: object, count: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Random points inside a polygon, evenly spread, as rows of its two coordinates."""
    west, south, east, north = shapely.bounds(polygon)
    shapely.prepare(polygon)
    found: list[NDArray[np.float64]] = []
    missing = count
    while missing > 0:
        tries = dice.uniform((west, south), (east, north), (max(64, 2 * missing), 2))
        inside = tries[shapely.contains_xy(polygon, tries[:, 0], tries[:, 1])][:missing]
        found.append(inside)
        missing -= len(inside)
    return np.concatenate(found)
