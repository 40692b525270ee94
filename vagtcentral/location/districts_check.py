"""Whether polygons are a sound division of the country: area, overlaps, gaps, and districts that agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.ground import shape_in_metres
from vagtcentral.location.territory import Territory

#: Land of Denmark in square kilometres (Danmarks Statistik), and how far from it a file may be.
LAND_KM2, LAND_TOLERANCE = 42_900.0, 0.05
#: Overlaps and gaps smaller than this, in square metres, are rounding.
_ROUNDING_M2 = 100.0
#: A municipality with less than this part of its area in its district does not belong there.
_BELONGS = 0.9


def findings(codes: Sequence[str], polygons: "NDArray[np.object_]") -> list[str]:
    """One sentence for each thing that a sound division would not have; [] if there is none."""
    planar = shape_in_metres(polygons)
    whole = shapely.union_all(planar)
    found = []
    land = float(shapely.area(whole)) / 1e6
    if abs(land / LAND_KM2 - 1) > LAND_TOLERANCE:
        found.append(f"the polygons cover {land:,.0f} km², Denmark has {LAND_KM2:,.0f} km² of land")
    found += [f"{codes[i]} and {codes[j]} overlap by {area:,.0f} m²" for i, j, area in _overlaps(planar)]
    gaps = [area for area in _gaps(whole) if area > _ROUNDING_M2]
    if gaps:
        found.append(
            f"{len(gaps)} gaps inland, {sum(gaps) / 1e6:,.2f} km² in all (lakes, or borders that part)"
        )
    return found


def same_districts(
    municipalities: Mapping[str, Any], districts: Mapping[str, Any], territory: Territory
) -> list[str]:
    """One sentence for each municipality that does not lie in the district that the table gives it."""
    found = []
    for code, shape in municipalities.items():
        row = territory.municipalities[code]
        if row.district not in districts:
            found.append(f"{row.district} is missing from the file of districts")
            continue
        area = float(shapely.area(shape))
        inside = float(shapely.area(shapely.intersection(shape, districts[row.district])))
        if inside < _BELONGS * area:
            found.append(f"only {inside / area:.1%} of {code} {row.name} lies in {row.district}")
    return list(dict.fromkeys(found))


def _overlaps(planar: "NDArray[np.object_]") -> list[tuple[int, int, float]]:
    first, second = shapely.STRtree(planar).query(planar, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    area = shapely.area(shapely.intersection(planar[first], planar[second]))
    return [
        (int(i), int(j), float(a)) for i, j, a in zip(first, second, area, strict=True) if a > _ROUNDING_M2
    ]


def _gaps(whole: Any) -> list[float]:
    """Areas of the holes in the land, in square metres."""
    holes = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    return [float(area) for area in shapely.area(shapely.polygons(holes))] if holes else []
