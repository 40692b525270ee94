"""Answers of a mobile network's location server: OMA MLP (LIF TS 101), `eme_lia` and its relatives.

An answer holds any number of positions, each of one mobile station; or a result that says why there is none,
or the identity of a request that is answered later. Reading never drops a position: what is damaged is named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import degrees

from vagtcentral.location.gml_read import (
    LONGEST_M,
    Place,
    ShapeRefused,
    corners_of,
    direction,
    note,
    number_of,
    place_of,
)
from vagtcentral.location.mlp_coordinate import Hemisphere, coordinate_of
from vagtcentral.location.position import Position, Source
from vagtcentral.location.safe_xml import Node, XmlRefused, read_xml
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Point, Polygon, Shape
from vagtcentral.location.xml_oddity import XmlOddity as Odd
from vagtcentral.location.xml_time import age_oddity, mlp_instant_of

#: The answers and reports that may hold positions.
ANSWERS = ("eme_lia", "emerep", "slia", "slirep", "tlrep")
_RESULTS = ("gem", "result")
_POSITIONS = ("eme_pos", "pos", "trl_pos")


@dataclass(frozen=True, slots=True)
class MlpPosition:
    """Where one mobile station is. `msid` is its identity of the kind `msid_type` (MSISDN where unsaid).

    `shape` is None where there is none or it was refused; `problem` then says why in one line, or gives the
    server's own reason. `time` is in milliseconds since 1970 UTC.
    """

    msid: str | None
    msid_type: str
    shape: Shape | None
    time: int | None
    anomalies: tuple[Odd, ...]
    problem: str | None = None

    @property
    def position(self) -> Position | None:
        """The position that stands for the shape; its source is `cell`, as networks locate by their cells."""
        return None if self.shape is None else position_of(self.shape, self.time, Source.CELL)


@dataclass(frozen=True, slots=True)
class MlpAnswer:
    """One answer: which service (`eme_lia`, `emerep`, `slia`, ...), its version, and what it holds.

    `result` is the code and the text of a result, `req_id` the request that is answered later, `res_type` the
    kind of answer (`SYNC` or `ASYNC`) and `event` why an emergency report was sent (e.g. `EME_ORG`).
    """

    service: str
    version: str | None
    positions: tuple[MlpPosition, ...]
    result: tuple[str, str] | None
    req_id: str | None
    res_type: str | None
    event: str | None
    anomalies: tuple[Odd, ...]


def read_mlp(content: bytes, at: int) -> MlpAnswer:
    """Read an answer received at `at` (ms since 1970 UTC); a bare document type, as many send, is skipped.

    Raises `XmlRefused`, in one line, only for what is no plain XML or no answer of MLP.
    """
    root = read_xml(content, bare_doctype=True)
    answer = next((node for node in (root, *root.within(*ANSWERS)) if node.name in ANSWERS), None)
    if answer is None:
        answer = next((node for node in (root, *root.within(*_RESULTS)) if node.name in _RESULTS), None)
    if answer is None:
        raise XmlRefused(f"no MLP answer: the root element is {root.name[:40]!r}")
    odd: list[Odd] = []
    note(odd, Odd.DOCTYPE, b"<!DOCTYPE" in content)
    event = next((one.attributes.get("eme_trigger") for one in answer.within("eme_event")), None)
    return MlpAnswer(
        answer.name,
        answer.attributes.get("ver") or root.attributes.get("ver"),
        tuple(_position(one, at) for one in answer.within(*_POSITIONS)),
        _result(answer),
        answer.value("req_id"),
        _word(answer.attributes.get("res_type"), odd),
        event or _event(answer),
        tuple(odd),
    )


def _event(answer: Node) -> str | None:
    return answer.attributes.get("eme_trigger")


def _result(answer: Node) -> tuple[str, str] | None:
    result = answer if answer.name == "result" else answer.first("result")
    if result is None:
        return None
    more = answer.value("add_info")
    return result.attributes.get("resid", ""), f"{result.text}: {more}" if more else result.text


def _word(text: str | None, odd: list[Odd]) -> str | None:
    if text is None:
        return None
    note(odd, Odd.LETTER_CASE, text != text.upper())
    return text.upper()


def _position(element: Node, at: int) -> MlpPosition:
    odd: list[Odd] = []
    msid = next(element.within("msid"), None)
    identity = (msid.text or None) if msid is not None else None
    note(odd, Odd.MSID_MISSING, identity is None)
    kind = _word(msid.attributes.get("type", "MSISDN") if msid is not None else "MSISDN", odd) or "MSISDN"
    data = element.first("pd")
    if data is None:
        return MlpPosition(identity, kind, None, None, (*odd, Odd.POSITION_ERROR), _error(element))
    note(odd, Odd.QUALITY_NOT_MET, "qos_not_met" in data.attributes or data.first("qos_not_met") is not None)
    clock = data.first("time")
    offset = clock.attributes.get("utc_off") if clock is not None else None
    time = mlp_instant_of(clock.text if clock is not None else None, offset, odd)
    stale = age_oddity(time, at)
    if stale is not None:
        note(odd, stale)
    try:
        shape: Shape | None = _shape(data, odd)
        problem = None
    except ShapeRefused as refusal:
        shape, problem = None, str(refusal)
        note(odd, refusal.oddity)
    except ValueError as error:
        shape, problem = None, str(error)
        note(odd, Odd.BAD_LENGTH)
    return MlpPosition(identity, kind, shape, time, tuple(odd), problem)


def _error(element: Node) -> str:
    error = element.first("poserr")
    if error is None:
        return "neither a position nor a reason was given"
    result = error.first("result")
    words = [result.attributes.get("resid", ""), result.text] if result is not None else []
    return " ".join(word for word in (*words, error.value("add_info") or "") if word) or "no reason was given"


def _shape(data: Node, odd: list[Odd]) -> Shape:
    held = data.first("shape") or data
    element = next((child for child in held.children if child.name in _READERS), None)
    if element is None:
        names = ", ".join(child.name[:30] for child in held.children[:3]) or "nothing"
        raise ShapeRefused(Odd.UNKNOWN_SHAPE, f"no shape known here, but {names}")
    system = element.attributes.get("srsName", "4326")
    if not system.strip().endswith("4326"):
        raise ShapeRefused(Odd.CRS_UNKNOWN, f"reference system {system[:60]!r} is not WGS84 (EPSG 4326)")
    shape = _READERS[element.name](element, odd, _confidence(data, odd))
    altitude = number_of(data.value("alt"), odd)
    if isinstance(shape, Point) and altitude is not None:
        return Point(shape.latitude, shape.longitude, altitude)
    return shape


def _confidence(data: Node, odd: list[Odd]) -> float | None:
    """The level of confidence in percent, as a fraction; unknown where the server states none."""
    stated = data.value("lev_conf")
    if stated is None:
        return None
    value = number_of(stated, odd)
    if value is None or not 0 < value < 100:
        note(odd, Odd.BAD_CONFIDENCE)
        return None
    return round(value / 100, 12)


def _coordinates(element: Node, odd: list[Odd]) -> Iterator[Place]:
    for coord in element.within("coord"):
        first, second = coordinate_of(coord.value("X"), odd), coordinate_of(coord.value("Y"), odd)
        if first is None or second is None:
            seen = f"X {coord.value('X')!r:.40}, Y {coord.value('Y')!r:.40}"
            raise ShapeRefused(Odd.BAD_COORDINATE, f"{seen} are not degrees in their range")
        if first[1] is Hemisphere.EAST_WEST and second[1] is Hemisphere.NORTH_SOUTH:
            note(odd, Odd.AXES_NAMED_OTHERWISE)
            first, second = second, first
        note(odd, Odd.AXIS_LETTERS_ALIKE, first[1] is second[1] is not Hemisphere.UNSAID)
        yield place_of(first[0], second[0])


def _centre(element: Node, odd: list[Odd]) -> tuple[float, float]:
    for latitude, longitude, _ in _coordinates(element, odd):
        return latitude, longitude
    raise ShapeRefused(Odd.BAD_COORDINATE, f"the {element.name} has no coordinates")


def _metres(element: Node, name: str, odd: list[Odd]) -> float | None:
    unit = element.value("distanceUnit")
    note(odd, Odd.WRONG_UNIT, unit is not None and unit.lower() not in ("meter", "metre", "m"))
    value = number_of(element.value(name), odd)
    if value is None or not 0 <= value <= LONGEST_M:
        note(odd, Odd.BAD_LENGTH)
        return None
    return value


def _angle(element: Node, name: str, odd: list[Odd]) -> float:
    value = number_of(element.value(name), odd)
    if value is None:
        raise ShapeRefused(Odd.BAD_ANGLE, f"{name} is not a finite number")
    unit = (element.value("angularUnit") or "Degrees").lower()
    note(odd, Odd.WRONG_UNIT, not unit.startswith(("deg", "rad")))
    return degrees(value) if unit.startswith("rad") else value


def _point(element: Node, odd: list[Odd], confidence: float | None) -> Shape:
    return Point(*_centre(element, odd))


def _circle(element: Node, odd: list[Odd], confidence: float | None) -> Shape:
    place = _centre(element, odd)
    radius = _metres(element, "radius", odd)
    note(odd, Odd.RADIUS_UNKNOWN, radius == 0)
    return Circle(*place, radius, confidence) if radius else Point(*place)


def _ellipse(element: Node, odd: list[Odd], confidence: float | None) -> Shape:
    place = _centre(element, odd)
    major, minor = _metres(element, "semiMajor", odd), _metres(element, "semiMinor", odd)
    if not major or minor is None:
        note(odd, Odd.RADIUS_UNKNOWN, major == 0)
        return Point(*place)
    turn = _angle(element, "angle", odd)
    if minor > major:
        note(odd, Odd.AXES_EXCHANGED)
        major, minor, turn = minor, major, turn + 90
    return Ellipse(*place, major, minor, direction(turn, 180), confidence)


def _arc(element: Node, odd: list[Odd], confidence: float | None) -> Shape:
    """`stopAngle` is the angle between both radii, not that of the second from north (LIF TS 101)."""
    place = _centre(element, odd)
    inner, outer = _metres(element, "inRadius", odd), _metres(element, "outRadius", odd)
    if inner is None or outer is None:
        raise ShapeRefused(Odd.BAD_LENGTH, "inRadius or outRadius is not a finite length of 0 m or more")
    start = direction(_angle(element, "startAngle", odd), 360)
    return ArcBand(*place, inner, outer, start, _angle(element, "stopAngle", odd), confidence)


def _polygon(element: Node, odd: list[Odd], confidence: float | None) -> Shape:
    note(odd, Odd.RING_HOLE, any(element.within("innerBoundaryIs")))
    outer = element.first("outerBoundaryIs") or element
    corners, _ = corners_of(list(_coordinates(outer, odd)), odd)
    return Polygon(corners, None, confidence)


_READERS: dict[str, Callable[[Node, list[Odd], float | None], Shape]] = {
    "Point": _point,
    "CircularArea": _circle,
    "EllipticalArea": _ellipse,
    "CircularArcArea": _arc,
    "Polygon": _polygon,
}
