"""Circles and areas without land: to which coast each part of them is nearest."""

from collections.abc import Callable
from math import pi, sqrt

import numpy as np
import shapely

from vagtcentral.location.density import Numbers
from vagtcentral.location.ground import ON_BORDER_M, Ground
from vagtcentral.location.outline import Share

#: Points by which an area at sea is shared out among the nearest coasts.
_POINTS = 96
#: The points of a sunflower, spread evenly over a circle with radius 1 around 0.
_NTH = np.arange(_POINTS)
_SUNFLOWER = np.sqrt((_NTH + 0.5) / _POINTS) * np.exp(1j * pi * (3 - sqrt(5)) * _NTH)


def shares_at_sea(
    ground: Ground, points: Callable[[], Numbers], east: float, north: float, distance_m: float, reach: float
) -> list[Share]:
    """For each municipality the share of points at sea to which it is nearest, and its distance in metres.

    The centre's nearest land is `distance_m` away. The points, rows of east and north in metres, are asked
    for only where several municipalities may be nearest; none is further than `reach` from the centre.
    """
    # Nearest to one of the points can only be what lies within the distance + 2 reaches of the centre.
    chunks = ground.outline.near(east, north, distance_m + 2 * reach + ON_BORDER_M)
    owners = ground.outline.owners_of(chunks)
    if len(owners) == 1:
        return [(owners[0], 1.0, distance_m)]
    nearest = ground.outline.nearest_of(points(), among=chunks)
    parts = np.bincount(nearest) / len(nearest)
    found = np.flatnonzero(parts)
    away = shapely.distance(ground.planar[found], shapely.Point(east, north))
    return list(zip(found.tolist(), parts[found].tolist(), away.tolist(), strict=True))


def spread_over_circle(east: float, north: float, radius_m: float) -> Numbers:
    """Points in metres, spread evenly over a circle (a sunflower)."""
    places = complex(east, north) + radius_m * _SUNFLOWER
    return np.column_stack([places.real, places.imag])


def spread_over(area: object) -> Numbers:
    """Points in metres, spread evenly over a polygon (a grid, shrunk until enough of it lies inside)."""
    west, south, east, north = shapely.bounds(area)
    step = sqrt(max(shapely.area(area), 1e-6) / _POINTS)
    across = np.arange(west + step / 2, east + step / 2, step)
    up = np.arange(south + step / 2, north + step / 2, step)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    inside = grid[shapely.contains_xy(area, grid[:, 0], grid[:, 1])]
    if not len(inside):
        inside = shapely.get_coordinates(shapely.point_on_surface(area))
    points: Numbers = inside
    return points
