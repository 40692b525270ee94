"""Geographical area descriptions of 3GPP TS 23.032: the shapes in which mobile networks tell positions.

Encoding rounds so that an area never shrinks: radii and angles grow to the next code, and an ellipse that is
turned by rounding grows until it holds the one that was given. Coordinates are those of the lower corner of
their cell of 1.2 m (4 mm with high accuracy), as the standard has it: by so much an area may be moved.
"""

from collections.abc import Callable
from math import ceil, cos, floor, hypot, log, radians, sin

from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Ellipsoid, Point, Polygon, Shape, Sphere

#: Uncertainty is C * ((1 + x) ** K - 1) metres (section 6.2), altitude's likewise (6.4).
RADIUS_C, RADIUS_X = 10.0, 0.1
ALTITUDE_C, ALTITUDE_X = 45.0, 0.025
#: The same with high accuracy, for horizontal and vertical lengths, K 0 to 255.
HIGH_C, HIGH_X = 0.3, 0.02
#: Steps of an inner radius in metres and of angles in degrees (section 6.7 and 6.8).
INNER_STEP_M, ANGLE_STEP = 5, 2

_LARGEST_CODE = 127
_LARGEST_HIGH_CODE = 255
_POINT, _CIRCLE, _ELLIPSE, _POLYGON, _ALTITUDE, _ELLIPSOID, _ARC = 0, 1, 3, 5, 8, 9, 10
_HIGH_ELLIPSE, _HIGH_ELLIPSOID = 11, 12
_LENGTH = {
    **{_POINT: 7, _CIRCLE: 8, _ELLIPSE: 11, _ALTITUDE: 9, _ELLIPSOID: 14, _ARC: 13},
    **{_HIGH_ELLIPSE: 13, _HIGH_ELLIPSOID: 18},
}
#: Steps of coordinates and altitude with high accuracy: 2^31 to 90 degrees, to 180 degrees; 1/128 m.
_HIGH_NORTH, _HIGH_EAST, _HIGH_UP = 2**31 / 90, 2**31 / 180, 2**7


class GadRefused(ValueError):  # noqa: N818 - named for what happened, as the record shows it
    """The octets are no area description, or the shape has none; the message is one line that says why."""


def decode_gad(octets: bytes) -> Shape:
    """The shape in an area description; the high half of its first octet is the type (section 7.1).

    A confidence code of 0 or over 100 % means unknown (section 6.6), as does 100 %. A circle has no
    confidence; of an ellipsoid with high accuracy it is the product of those of place and height.

    Raises `GadRefused` for an unknown type, a wrong number of octets, or a polygon with fewer than three
    corners.
    """
    if not octets:
        raise GadRefused("there are no octets")
    kind = octets[0] >> 4
    wanted = 1 + 6 * (octets[0] & 15) if kind == _POLYGON else _LENGTH.get(kind)
    if wanted is None:
        raise GadRefused(f"shape type {kind} is none of {', '.join(map(str, sorted(_DECODERS)))}")
    if len(octets) != wanted:
        raise GadRefused(f"shape type {kind} has {wanted} octets, not {len(octets)}")
    try:
        return _DECODERS[kind](octets)
    except ValueError as error:
        raise GadRefused(str(error)) from None


def encode_gad(shape: Shape, *, high_accuracy: bool = False) -> bytes:
    """The area description of a shape; the confidence of a circle or a polygon is lost, as the format has no
    place for it.

    With `high_accuracy` circles, ellipses, spheres and ellipsoids become type 11 or 12 (axes of up to 46 m),
    which keep it. A sphere is written as an ellipsoid. Raises `GadRefused` for a prism, a polygon of more
    than 15 corners or with altitude, and lengths beyond the format's range (1 806 km, 990 m of altitude's
    uncertainty).
    """
    if high_accuracy:
        return _encode_high(shape)
    match shape:
        case Point(altitude=None):
            return bytes([_POINT << 4]) + _place(shape.latitude, shape.longitude)
        case Point(altitude=float() | int() as altitude):
            place = _place(shape.latitude, shape.longitude)
            return bytes([_ALTITUDE << 4]) + place + _altitude(altitude)
        case Circle():
            place = _place(shape.latitude, shape.longitude)
            return bytes([_CIRCLE << 4]) + place + bytes([_code(shape.radius)])
        case Ellipse():
            place = _place(shape.latitude, shape.longitude)
            return bytes([_ELLIPSE << 4]) + place + _axes(shape) + bytes([_percent(shape.confidence)])
        case Polygon():
            return _encode_polygon(shape)
        case Sphere(latitude, longitude, altitude, radius, confidence):
            flat = Ellipsoid(latitude, longitude, altitude, radius, radius, radius, 0.0, confidence)
            return encode_gad(flat)
        case Ellipsoid():
            place = _place(shape.latitude, shape.longitude) + _altitude(shape.altitude)
            vertical = _code(shape.vertical, ALTITUDE_C, ALTITUDE_X)
            last = bytes([vertical, _percent(shape.confidence)])
            return bytes([_ELLIPSOID << 4]) + place + _axes(shape) + last
        case ArcBand():
            return _encode_arc(shape)
        case _:
            raise GadRefused(f"there is no area description for a {type(shape).__name__}")


def radius_of_code(code: int, c: float = RADIUS_C, x: float = RADIUS_X) -> float:
    """Metres of an uncertainty code 0..127: `c * ((1 + x) ** code - 1)` (TS 23.032, section 6.2)."""
    return float(c * ((1 + x) ** code - 1))


def _code(metres: float, c: float = RADIUS_C, x: float = RADIUS_X, largest: int = _LARGEST_CODE) -> int:
    """The smallest code whose length is not below the given one."""
    code = max(0, ceil(log(metres / c + 1) / log(1 + x) - 1e-9))
    if code > largest:
        raise GadRefused(f"{metres} m is more than {radius_of_code(largest, c, x):.0f} m")
    return code


def _place(latitude: float, longitude: float) -> bytes:
    # The small addend keeps a coordinate that came from a code on that code in spite of binary rounding.
    size = min(floor(abs(latitude) * 2**23 / 90 + 1e-6), 2**23 - 1)
    north = size | (1 << 23 if latitude < 0 and size else 0)
    east = min(floor(longitude * 2**24 / 360 + 1e-6), 2**23 - 1) & 0xFFFFFF
    return north.to_bytes(3, "big") + east.to_bytes(3, "big")


def _read_place(octets: bytes) -> tuple[float, float]:
    north = int.from_bytes(octets[:3], "big")
    size = (north & 0x7FFFFF) * 90 / 2**23
    return -size if north >> 23 else size, int.from_bytes(octets[3:6], "big", signed=True) * 360 / 2**24


def _altitude(metres: float) -> bytes:
    size = floor(abs(metres) + 1e-6)
    if size > 0x7FFF:
        raise GadRefused(f"altitude {metres} m is beyond 32 767 m")
    return (size | (0x8000 if metres < 0 and size else 0)).to_bytes(2, "big")


def _read_altitude(octets: bytes) -> float:
    value = int.from_bytes(octets, "big")
    return float(-(value & 0x7FFF) if value >> 15 else value)


def _percent(confidence: float | None) -> int:
    """Rounded down, so that no more is promised than is known; 0 means unknown."""
    return 0 if confidence is None else floor(confidence * 100 + 1e-9)


def _confidence(octet: int) -> float | None:
    percent = octet & 0x7F
    return percent / 100 if 0 < percent < 100 else None


def _axes(
    shape: Ellipse | Ellipsoid, c: float = RADIUS_C, x: float = RADIUS_X, largest: int = _LARGEST_CODE
) -> bytes:
    """The codes of both axes and of the nearest orientation, so that the ellipse given lies inside."""
    turn = round(shape.orientation / ANGLE_STEP)
    off = radians(shape.orientation - turn * ANGLE_STEP)
    major, minor = (_code(axis, c, x, largest) for axis in (shape.semi_major, shape.semi_minor))
    found = []
    # Of a longer major axis and a shorter minor one the smaller ellipse: none is much larger than needed.
    for wider in range(major, min(major + 4, largest + 1)):
        for broader in range(minor, wider + 1):
            axes = radius_of_code(wider, c, x), radius_of_code(broader, c, x)
            if _holds(axes, (shape.semi_major, shape.semi_minor), off):
                found.append((axes[0] * axes[1], wider, broader))
                break
    if not found:
        raise GadRefused(f"{shape.semi_major} m is more than {radius_of_code(largest, c, x):.0f} m")
    _, major, minor = min(found)
    return bytes([major, minor, turn % 90])


def _holds(outer: tuple[float, float], inner: tuple[float, float], off: float) -> bool:
    """Whether an ellipse (semi-axes) holds another with the same centre that is turned by `off` radians."""
    if abs(off) < 1e-9 or inner[0] - inner[1] < 1e-9:
        return outer[0] >= inner[0] * (1 - 1e-9) and outer[1] >= inner[1] * (1 - 1e-9)
    if not outer[1]:
        return False
    # The outer one made a circle of radius 1, the inner one becomes one whose longer axis is this norm.
    a, b = inner[0] * cos(off) / outer[0], -inner[1] * sin(off) / outer[0]
    c, d = inner[0] * sin(off) / outer[1], inner[1] * cos(off) / outer[1]
    norm = (hypot(a + d, b - c) + hypot(a - d, b + c)) / 2
    return norm <= 1 + 1e-9


def _read_axes(octets: bytes) -> tuple[float, float, float]:
    """Semi-major, semi-minor and orientation; a minor axis that is the longer one becomes the major."""
    return _turned(radius_of_code(octets[0] & 0x7F), radius_of_code(octets[1] & 0x7F), octets[2])


def _turned(major: float, minor: float, code: int) -> tuple[float, float, float]:
    turn = code * ANGLE_STEP
    return (major, minor, turn % 180) if major >= minor else (minor, major, (turn + 90) % 180)


def _decode_point(octets: bytes) -> Shape:
    return Point(*_read_place(octets[1:]))


def _decode_circle(octets: bytes) -> Shape:
    return Circle(*_read_place(octets[1:]), radius_of_code(octets[7] & 0x7F))


def _decode_ellipse(octets: bytes) -> Shape:
    return Ellipse(*_read_place(octets[1:]), *_read_axes(octets[7:10]), _confidence(octets[10]))


def _decode_polygon(octets: bytes) -> Shape:
    corners = [_read_place(octets[at : at + 6]) for at in range(1, len(octets), 6)]
    closed = len(corners) > 1 and corners[0] == corners[-1]
    return Polygon(tuple(corners[:-1] if closed else corners))


def _decode_altitude(octets: bytes) -> Shape:
    return Point(*_read_place(octets[1:]), _read_altitude(octets[7:9]))


def _decode_ellipsoid(octets: bytes) -> Shape:
    major, minor, turn = _read_axes(octets[9:12])
    vertical = radius_of_code(octets[12] & 0x7F, ALTITUDE_C, ALTITUDE_X)
    place = (*_read_place(octets[1:]), _read_altitude(octets[7:9]))
    return Ellipsoid(*place, major, minor, vertical, turn, _confidence(octets[13]))


def _decode_arc(octets: bytes) -> Shape:
    inner = int.from_bytes(octets[7:9], "big") * INNER_STEP_M
    if octets[10] > 179 or octets[11] > 179:
        raise GadRefused(f"angle codes {octets[10]} and {octets[11]} are not in 0..179")
    opening = (octets[11] + 1) * ANGLE_STEP
    outer = inner + radius_of_code(octets[9] & 0x7F)
    place = _read_place(octets[1:])
    return ArcBand(*place, inner, outer, octets[10] * ANGLE_STEP, opening, _confidence(octets[12]))


def _encode_polygon(shape: Polygon) -> bytes:
    if len(shape.corners) > 15:
        raise GadRefused(f"a polygon has at most 15 corners here, not {len(shape.corners)}")
    if shape.altitude is not None:
        raise GadRefused("a polygon has no altitude here")
    places = b"".join(_place(*corner) for corner in shape.corners)
    return bytes([_POLYGON << 4 | len(shape.corners)]) + places


def _encode_arc(shape: ArcBand) -> bytes:
    inner = floor(shape.inner_radius / INNER_STEP_M + 1e-9)
    if inner > 0xFFFF:
        raise GadRefused(f"inner radius {shape.inner_radius} m is beyond 327 675 m")
    start = floor(shape.start_angle / ANGLE_STEP + 1e-9)
    reach = shape.start_angle + shape.opening_angle - start * ANGLE_STEP
    opening = min(179, max(0, ceil(reach / ANGLE_STEP - 1e-9) - 1))
    ring = bytes([_code(shape.outer_radius - inner * INNER_STEP_M), start, opening])
    place = _place(shape.latitude, shape.longitude)
    return bytes([_ARC << 4]) + place + inner.to_bytes(2, "big") + ring + bytes([_percent(shape.confidence)])


def _encode_high(shape: Shape) -> bytes:
    match shape:
        case Circle(latitude, longitude, radius, confidence):
            return _encode_high(Ellipse(latitude, longitude, radius, radius, 0.0, confidence))
        case Sphere(latitude, longitude, altitude, radius, confidence):
            flat = Ellipsoid(latitude, longitude, altitude, radius, radius, radius, 0.0, confidence)
            return _encode_high(flat)
        case Ellipse():
            head = bytes([_HIGH_ELLIPSE << 4]) + _high_place(shape)
            return head + _high_axes(shape) + bytes([_percent(shape.confidence)])
        case Ellipsoid(altitude=altitude, vertical=vertical, confidence=confidence):
            size = floor(altitude * _HIGH_UP + 1e-6)
            if not -500 * _HIGH_UP <= size <= 10_000 * _HIGH_UP:
                raise GadRefused(f"altitude {altitude} m is not within -500 to 10 000 m")
            head = bytes([_HIGH_ELLIPSOID << 4]) + _high_place(shape) + size.to_bytes(3, "big", signed=True)
            flat_part, height_part = (
                None if confidence is None else confidence**power for power in (2 / 3, 1 / 3)
            )
            tall = _code(vertical, HIGH_C, HIGH_X, _LARGEST_HIGH_CODE)
            return head + _high_axes(shape) + bytes([_percent(flat_part), tall, _percent(height_part)])
        case _:
            raise GadRefused(f"a {type(shape).__name__} has no area description with high accuracy")


def _high_axes(shape: Ellipse | Ellipsoid) -> bytes:
    return _axes(shape, HIGH_C, HIGH_X, _LARGEST_HIGH_CODE)


def _high_place(shape: Ellipse | Ellipsoid) -> bytes:
    """Both coordinates in 32 bits, two's complement."""
    sizes = (shape.latitude * _HIGH_NORTH, shape.longitude * _HIGH_EAST)
    return b"".join(min(floor(size + 1e-6), 2**31 - 1).to_bytes(4, "big", signed=True) for size in sizes)


def _read_high_place(octets: bytes) -> tuple[float, float]:
    north, east = (int.from_bytes(octets[at : at + 4], "big", signed=True) for at in (0, 4))
    return north / _HIGH_NORTH, east / _HIGH_EAST


def _read_high_axes(octets: bytes) -> tuple[float, float, float]:
    major, minor = (radius_of_code(octet, HIGH_C, HIGH_X) for octet in octets[:2])
    return _turned(major, minor, octets[2])


def _decode_high_ellipse(octets: bytes) -> Shape:
    return Ellipse(*_read_high_place(octets[1:9]), *_read_high_axes(octets[9:12]), _confidence(octets[12]))


def _decode_high_ellipsoid(octets: bytes) -> Shape:
    place = (*_read_high_place(octets[1:9]), int.from_bytes(octets[9:12], "big", signed=True) / _HIGH_UP)
    major, minor, turn = _read_high_axes(octets[12:15])
    flat, height = _confidence(octets[15]), _confidence(octets[17])
    both = None if flat is None or height is None else flat * height
    return Ellipsoid(*place, major, minor, radius_of_code(octets[16], HIGH_C, HIGH_X), turn, both)


_DECODERS: dict[int, Callable[[bytes], Shape]] = {
    _POINT: _decode_point,
    _CIRCLE: _decode_circle,
    _ELLIPSE: _decode_ellipse,
    _POLYGON: _decode_polygon,
    _ALTITUDE: _decode_altitude,
    _ELLIPSOID: _decode_ellipsoid,
    _ARC: _decode_arc,
    _HIGH_ELLIPSE: _decode_high_ellipse,
    _HIGH_ELLIPSOID: _decode_high_ellipsoid,
}
