"""Squares of the Danish grid (Det Danske Kvadratnet), as a caller can key them.

A square is named by its size and the northing and easting of its lower left corner in EPSG:25832, cut down
to that size: `1km_6223_576`, `100m_62237_5756`. Keyed, it is those digits in a row; their number tells the
size. Bornholm is coded in zone 32 like the rest of the country.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pyproj

from vagtcentral.location.ground import to_metres
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.shapes import Pdf, Polygon

if TYPE_CHECKING:
    from vagtcentral.location.atlas import Atlas

#: How likely a caller is in the square that he keyed: people misread and mistype. An assumption.
DDKN_CONFIDENCE = 0.95
#: Size of a square in metres by the number of digits keyed: two more of them for each power of ten.
SIZES_M = {5: 10_000, 7: 1_000, 9: 100}
#: A square further than this from Danish land, in metres, was mistyped: so near are bathers, boats, bridges
#: and most wind farms. An assumption.
NEAR_LAND_M = 10_000.0
#: Northings and eastings between which all of Denmark lies, in metres (with much sea, and Scania, in them).
_NORTH, _EAST = (6_030_000, 6_420_000), (430_000, 910_000)
_NAME = re.compile(r"(?:(10km|1km|100m)_)?([0-9]{3,5})_([0-9]{2,4})", re.IGNORECASE)
_NAMED_M = {"10km": 10_000, "1km": 1_000, "100m": 100}


def ddkn_digits(position: Position, size_m: int = 1_000) -> str | None:
    """The digits of the square that holds a position's centre, e.g. `6223576`; None far from Denmark.

    Raises ValueError for a size that is none of 100, 1000 and 10 000 metres.
    """
    if size_m not in SIZES_M.values():
        raise ValueError(f"size {size_m} m is none of {', '.join(map(str, sorted(SIZES_M.values())))}")
    east, north = to_metres(position.longitude, position.latitude)
    if not (_NORTH[0] <= north < _NORTH[1] and _EAST[0] <= east < _EAST[1]):
        return None
    return f"{int(north // size_m)}{int(east // size_m)}"


def ddkn_position(digits: str, at: int) -> Position | None:
    """The square of these digits, keyed at `at` (ms since 1970 UTC); its name `1km_6223_576` does as well.

    `shape` is the square, the radius (m) that of the circle around it. None for a square far from Denmark,
    or another number of digits than 5 (10 km), 7 (1 km) or 9 (100 m). Whether there is land in it or near it
    only an atlas knows: `danish_square`.
    """
    corner = _corner(digits)
    if corner is None:
        return None
    north, east, size = corner
    if not (_NORTH[0] <= north < _NORTH[1] and _EAST[0] <= east < _EAST[1]):
        return None
    corners = [(0, 0), (size, 0), (size, size), (0, size)]
    degrees = (_to_degrees().transform(east + right, north + up) for up, right in corners)
    square = Polygon(
        tuple((latitude, longitude) for longitude, latitude in degrees),
        None,
        DDKN_CONFIDENCE,
        Pdf.RECTANGULAR,
    )
    return position_of(square, at, Source.KEYED)


def danish_square(digits: str, at: int, atlas: "Atlas") -> Position | None:
    """As `ddkn_position`, and None for a square all of which is over `NEAR_LAND_M` from Danish land."""
    square = ddkn_position(digits, at)
    return square if square is not None and atlas.has_land(square, NEAR_LAND_M) else None


def _corner(text: str) -> tuple[int, int, int] | None:
    """Northing, easting and size in metres of a square by its digits or its name."""
    name = _NAME.fullmatch(text)
    if name is not None:
        digits = name[2] + name[3]
        size = SIZES_M.get(len(digits))
        if (
            size is None
            or len(name[2]) != len(name[3]) + 1
            or _NAMED_M.get((name[1] or "").lower(), size) != size
        ):
            return None
    else:
        digits = text
        size = SIZES_M.get(len(digits))
        if size is None or not (digits.isascii() and digits.isdecimal()):
            return None
    half = (len(digits) + 1) // 2
    return int(digits[:half]) * size, int(digits[half:]) * size, size


@cache
def _to_degrees() -> Any:
    return pyproj.Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True)
