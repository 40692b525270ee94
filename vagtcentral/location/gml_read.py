"""The shapes of GML and of the PIDF-LO shape schema, read from XML as senders really write it.

Used for PIDF-LO (RFC 5491, section 5) and LoST (RFC 5222, section 12.2). What is odd is named; what has no
meaning is refused with one line. Coordinates are never guessed: not exchanged, not clipped.
"""

import re
from collections.abc import Callable
from math import degrees, isfinite

import shapely

from vagtcentral.location.exchanged import check_not_exchanged
from vagtcentral.location.safe_xml import Node
from vagtcentral.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Pdf,
    Point,
    Polygon,
    Prism,
    Shape,
    Sphere,
    check_place,
)
from vagtcentral.location.xml_names import CRS_2D, CRS_3D, DEGREE, GML, METRE, RADIAN, SHAPES
from vagtcentral.location.xml_oddity import XmlOddity as Odd

#: The local names of the elements that are shapes, with the namespace each belongs to.
SHAPE_NAMESPACES = {
    "Point": GML,
    "Polygon": GML,
    "Circle": SHAPES,
    "Ellipse": SHAPES,
    "ArcBand": SHAPES,
    "Sphere": SHAPES,
    "Ellipsoid": SHAPES,
    "Prism": SHAPES,
}
#: No length is longer than half way around the earth, in metres.
LONGEST_M = 20_037_508.0
#: No area that says where a caller is has more corners.
MOST_CORNERS = 5_000

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WITH_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3},\d+", re.ASCII)
_CODE_AT_END = re.compile(r"(\d+)\s*$", re.ASCII)
#: EPSG codes that are WGS84 or within a metre of it, latitude first, with the number of axes.
_AXES = {"4326": 2, "4979": 3, "4258": 2, "4937": 3}

Place = tuple[float, float, float | None]
Corners = tuple[tuple[float, float], ...]


class ShapeRefused(ValueError):  # noqa: N818 - named for what happened, as the record shows it
    """The shape has no meaning; the message is one line, `oddity` its name in the record."""

    def __init__(self, oddity: Odd, reason: str) -> None:
        super().__init__(reason)
        self.oddity = oddity


def read_shape(
    element: Node, odd: list[Odd], confidence: float | None = None, pdf: Pdf = Pdf.UNKNOWN
) -> Shape:
    """The shape that an element tells, with the confidence (0..1) stated elsewhere; oddities go into `odd`.

    Lengths that cannot be used make a point of a circle, ellipse, sphere or ellipsoid: how far off is
    unknown. Raises `ShapeRefused` for an unknown shape, a reference system that is not WGS84, coordinates
    that are not finite or out of range, or that lie in or near Denmark only when exchanged.
    """
    reader = _READERS.get(element.name)
    if reader is None:
        raise ShapeRefused(Odd.UNKNOWN_SHAPE, f"{element.name[:40]!r} is no shape known here")
    note(odd, Odd.WRONG_NAMESPACE, element.namespace != SHAPE_NAMESPACES[element.name])
    axes = _axes(element, odd)
    try:
        return reader(element, axes, odd, confidence, pdf)
    except ShapeRefused:
        raise
    except ValueError as error:
        raise ShapeRefused(Odd.BAD_LENGTH, str(error)) from None


def note(odd: list[Odd], name: Odd, seen: bool = True) -> None:
    """Put a name among the oddities if it was seen and is not there yet."""
    if seen and name not in odd:
        odd.append(name)


def number_of(text: str | None, odd: list[Odd]) -> float | None:
    """A finite decimal number, or None; a single decimal comma is read and named."""
    if text is None:
        return None
    if text.count(",") == 1 and "." not in text and _NUMBER.fullmatch(text.replace(",", ".")):
        note(odd, Odd.DECIMAL_COMMA)
        text = text.replace(",", ".")
    value = float(text) if _NUMBER.fullmatch(text) else None
    return value if value is not None and isfinite(value) else None


def place_of(latitude: float, longitude: float, altitude: float | None = None) -> Place:
    """The place; raises `ShapeRefused` for what is not finite, out of range, or exchanged."""
    name = Odd.BAD_COORDINATE
    try:
        check_place(latitude, longitude, altitude)
        name = Odd.AXES_SWAPPED
        check_not_exchanged(latitude, longitude)
    except ValueError as error:
        raise ShapeRefused(name, str(error)) from None
    return latitude, longitude, altitude


def _axes(element: Node, odd: list[Odd]) -> int:
    """How many axes the reference system has, 0 where none is named. Compared by its EPSG code alone."""
    candidates = (element, *element.within("exterior", "Polygon", "LinearRing", "pos", "posList"))
    name = next(
        (node.attributes["srsName"] for node in candidates if "srsName" in node.attributes), ""
    ).strip()
    if not name:
        note(odd, Odd.CRS_MISSING)
        return 0
    code = _CODE_AT_END.search(name)
    if code is None or code[1] not in _AXES:
        raise ShapeRefused(Odd.CRS_UNKNOWN, f"reference system {name[:60]!r} is not WGS84 (EPSG 4326, 4979)")
    note(odd, Odd.CRS_ETRS89, code[1] in ("4258", "4937"))
    note(odd, Odd.CRS_SPELLING, name not in (CRS_2D, CRS_3D))
    return _AXES[code[1]]


def _numbers(text: str, odd: list[Odd], single: bool) -> list[float]:
    """The numbers of a position or of a list of positions."""
    parts = text.split()
    if single and len(parts) in (2, 3) and all(_WITH_DECIMAL_COMMA.fullmatch(part) for part in parts):
        note(odd, Odd.DECIMAL_COMMA)
        parts = [part.replace(",", ".") for part in parts]
    elif "," in text:
        note(odd, Odd.COMMA_SEPARATED)
        parts = text.replace(",", " ").split()
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise ShapeRefused(Odd.BAD_COORDINATE, f"position {text[:60]!r} is not made of decimal numbers")
    return [float(part) for part in parts]


def _place(values: list[float], axes: int, odd: list[Odd]) -> Place:
    if len(values) not in (2, 3):
        raise ShapeRefused(Odd.BAD_COORDINATE, f"a position has 2 or 3 numbers, not {len(values)}")
    note(odd, Odd.DIMENSION_MISMATCH, axes not in (0, len(values)))
    return place_of(*values)


def _centre(element: Node, axes: int, odd: list[Odd]) -> Place:
    pos = element.first("pos") or next(element.within("pos", "coordinates"), None)
    if pos is None or not pos.text:
        raise ShapeRefused(Odd.BAD_COORDINATE, f"the {element.name} has no position")
    note(odd, Odd.WRONG_NAMESPACE, pos.namespace != GML)
    return _place(_numbers(pos.text, odd, single=True), axes, odd)


def _length(element: Node, name: str, odd: list[Odd]) -> float | None:
    """Metres of a child element, None where it cannot be used. A unit that is no metre is named only."""
    child = element.first(name)
    if child is not None:
        _check_unit(child, METRE, odd)
        value = number_of(child.text, odd)
        if value is not None and 0 <= value <= LONGEST_M:
            return value
    note(odd, Odd.BAD_LENGTH)
    return None


def _angle(element: Node, name: str, odd: list[Odd]) -> float:
    """Degrees of a child element; radians are converted."""
    child = element.first(name)
    value = number_of(child.text, odd) if child is not None else None
    if child is None or value is None:
        raise ShapeRefused(Odd.BAD_ANGLE, f"{name} is not a finite number")
    if _code(child.attributes.get("uom", "")) == _code(RADIAN):
        return degrees(value)
    _check_unit(child, DEGREE, odd)
    return value


def _check_unit(child: Node, unit: str, odd: list[Odd]) -> None:
    stated = child.attributes.get("uom", "")
    note(odd, Odd.WRONG_NAMESPACE, child.namespace != SHAPES)
    note(odd, Odd.UNIT_MISSING, not stated)
    note(odd, Odd.WRONG_UNIT, bool(stated) and _code(stated) != _code(unit))


def _code(urn: str) -> str:
    found = _CODE_AT_END.search(urn)
    return found[1] if found else urn


def _point(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    return Point(*_centre(element, axes, odd))


def _circle(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    latitude, longitude, altitude = _centre(element, axes, odd)
    radius = _length(element, "radius", odd)
    note(odd, Odd.RADIUS_UNKNOWN, radius == 0)
    if not radius:
        return Point(latitude, longitude, altitude)
    if element.name == "Sphere" and altitude is not None:
        return Sphere(latitude, longitude, altitude, radius, confidence, pdf)
    return Circle(latitude, longitude, radius, confidence, pdf)


def _ellipse(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    latitude, longitude, altitude = _centre(element, axes, odd)
    major, minor = _length(element, "semiMajorAxis", odd), _length(element, "semiMinorAxis", odd)
    note(odd, Odd.RADIUS_UNKNOWN, major == 0)
    if not major or minor is None:
        return Point(latitude, longitude, altitude)
    turn = _angle(element, "orientation", odd)
    if minor > major:
        note(odd, Odd.AXES_EXCHANGED)
        major, minor, turn = minor, major, turn + 90
    if element.name == "Ellipsoid" and altitude is not None:
        vertical = _length(element, "verticalAxis", odd)
        if vertical is not None:
            place = (latitude, longitude, altitude)
            return Ellipsoid(*place, major, minor, vertical, direction(turn, 180), confidence, pdf)
    return Ellipse(latitude, longitude, major, minor, direction(turn, 180), confidence, pdf)


def _arc_band(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    latitude, longitude, _ = _centre(element, axes, odd)
    inner, outer = _length(element, "innerRadius", odd), _length(element, "outerRadius", odd)
    if inner is None or outer is None:
        raise ShapeRefused(Odd.BAD_LENGTH, "innerRadius or outerRadius is not a finite length of 0 m or more")
    start = direction(_angle(element, "startAngle", odd), 360)
    opening = _angle(element, "openingAngle", odd)
    return ArcBand(latitude, longitude, inner, outer, start, opening, confidence, pdf)


def direction(angle: float, full: int) -> float:
    """The same direction in 0 to below `full` degrees; a tiny negative angle must not round up to `full`."""
    turned = angle % full
    return turned if turned < full else 0.0


def _polygon(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    corners, altitude = _ring(element, axes, odd)
    return Polygon(corners, altitude, confidence, pdf)


def _prism(element: Node, axes: int, odd: list[Odd], confidence: float | None, pdf: Pdf) -> Shape:
    corners, altitude = _ring(element, axes, odd)
    height = _length(element, "height", odd)
    if height is None or altitude is None:
        return Polygon(corners, altitude, confidence, pdf)
    return Prism(corners, altitude, height, confidence, pdf)


def _ring(element: Node, axes: int, odd: list[Odd]) -> tuple[Corners, float | None]:
    """The corners of the outer ring and their lowest altitude if they have any."""
    note(odd, Odd.RING_HOLE, any(element.within("interior", "innerBoundaryIs")))
    outer = next(element.within("exterior", "outerBoundaryIs"), element)
    return corners_of([_place(values, axes, odd) for values in _positions(outer, axes, odd)], odd)


def corners_of(places: list[Place], odd: list[Odd]) -> tuple[Corners, float | None]:
    """The corners of a ring, the first not repeated, and their lowest altitude if they have any.

    Raises `ShapeRefused` for fewer than three different corners or over `MOST_CORNERS`.
    """
    if not 0 < len(places) <= MOST_CORNERS:
        raise ShapeRefused(Odd.BAD_COORDINATE, f"a polygon of {len(places)} positions")
    if places[0] == places[-1] and len(places) > 1:
        places = places[:-1]
    else:
        note(odd, Odd.RING_UNCLOSED)
    corners = tuple((latitude, longitude) for latitude, longitude, _ in places)
    if len(set(corners)) < 3:
        raise ShapeRefused(Odd.BAD_COORDINATE, "a polygon needs three different corners")
    note(odd, Odd.RING_CROSSES_ITSELF, not shapely.Polygon(corners).is_valid)
    altitudes = [altitude for *_, altitude in places if altitude is not None]
    note(odd, Odd.ALTITUDE_VARIES, len(set(altitudes)) > 1)
    return corners, min(altitudes) if altitudes else None


def _positions(ring: Node, axes: int, odd: list[Odd]) -> list[list[float]]:
    listed = next(ring.within("posList"), None)
    if listed is None:
        return [_numbers(pos.text, odd, single=True) for pos in ring.within("pos")]
    values = _numbers(listed.text, odd, single=False)
    step = 3 if listed.attributes.get("srsDimension") == "3" or axes == 3 else 2
    return [values[at : at + step] for at in range(0, len(values), step)]


_READERS: dict[str, Callable[[Node, int, list[Odd], float | None, Pdf], Shape]] = {
    "Point": _point,
    "Circle": _circle,
    "Sphere": _circle,
    "Ellipse": _ellipse,
    "Ellipsoid": _ellipse,
    "ArcBand": _arc_band,
    "Polygon": _polygon,
    "Prism": _prism,
}
