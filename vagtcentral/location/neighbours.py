"""Which police districts lie next to each other."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray

#: Two districts whose land comes within this many metres across water are neighbours.
ACROSS_WATER_M = 25_000.0
#: Every district has at least this many neighbours, however far.
AT_LEAST = 3
#: Bornholm's ferries and flights, and so its reinforcements, come by way of Copenhagen.
ALWAYS_FIRST = {"1471": "1470"}

#: Land closer than this is joined: a shared border, or a bridge over a dredged channel.
_JOINED_M = 10.0


def neighbours_of(polygons: "NDArray[np.object_]", districts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """For each district code its neighbours, nearest first, from polygons in metres and the district of each.

    Land neighbours come first, the longest shared border leading, then those across water by distance. A
    district with fewer than three gets the nearest others. For Bornholm see `ALWAYS_FIRST`.
    """
    codes = sorted(set(districts))
    members = np.array(districts)
    land = {code: shapely.union_all(polygons[members == code]) for code in codes}
    apart: dict[tuple[str, str], tuple[float, float]] = {}
    for one, other in combinations(codes, 2):
        distance = float(shapely.distance(land[one], land[other]))
        shared = 0.0
        if distance <= _JOINED_M:
            distance = 0.0
            along = shapely.intersection(shapely.boundary(land[one]), shapely.buffer(land[other], _JOINED_M))
            shared = float(shapely.length(along))
        apart[one, other] = apart[other, one] = (distance, -shared)
    found = {}
    for code in codes:
        others = sorted(
            (other for other in codes if other != code), key=lambda other: (apart[code, other], other)
        )
        near = [other for other in others if apart[code, other][0] <= ACROSS_WATER_M]
        near = near if len(near) >= AT_LEAST else others[:AT_LEAST]
        first = ALWAYS_FIRST.get(code)
        found[code] = tuple(near if first not in codes else [first, *(one for one in near if one != first)])
    return MappingProxyType(found)
