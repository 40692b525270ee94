"""Whether polygons are a sound division of the country: place, area, overlaps, gaps, districts that agree."""

from collections.abc import Mapping, Sequence
from math import hypot
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
#: Metres by which polygons may all lie to one side of the known ones. The built-in atlas lies 47 m from the
#: public polygons of 2014; the European datum of 1950 lies some 220 m from WGS84.
_TOLD_M, _REFUSED_M = 150.0, 1_000.0
#: A polygon with less than this part of the smaller area in common with the known one lies elsewhere. Smaller
#: ones than so many square metres are islets, which every map draws in its own way.
_IN_PLACE, _ISLET_M2 = 0.5, 1e6


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


def misplaced(polygons: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing about where polygons (degrees, by code) lie, beside roughly known ones.

    Raises ValueError if all lie over a kilometre to one side: that is another coordinate system.
    """
    codes = sorted(polygons.keys() & known.keys())
    theirs = shape_in_metres(np.array([polygons[code] for code in codes]))
    ours = shape_in_metres(np.array([known[code] for code in codes]))
    apart = shapely.get_coordinates(shapely.centroid(theirs)) - shapely.get_coordinates(
        shapely.centroid(ours)
    )
    east, north = (float(metres) for metres in np.median(apart, axis=0))
    away = hypot(east, north)
    sides = f"{_side(east, 'east', 'west')} and {_side(north, 'north', 'south')}"
    if away > _REFUSED_M:
        raise ValueError(f"its polygons lie {sides} of their places: is it another coordinate system?")
    found = [f"the polygons lie {sides} of their places: is it another datum?"] if away > _TOLD_M else []
    smaller = np.minimum(shapely.area(theirs), shapely.area(ours))
    common = shapely.area(shapely.intersection(theirs, ours)) / smaller
    found += [
        f"{code} lies elsewhere: {part:.0%} of it is where the atlas has it"
        for code, part, area in zip(codes, common.tolist(), smaller.tolist(), strict=True)
        if part < _IN_PLACE and area > _ISLET_M2
    ]
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


def _side(metres: float, ahead: str, behind: str) -> str:
    return f"{abs(metres):,.0f} m {ahead if metres > 0 else behind}"


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
