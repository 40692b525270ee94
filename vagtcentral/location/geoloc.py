"""The position that came in a call's signalling, in the words of Asterisk's `GEOLOC_PROFILE` function.

Asterisk reads the PIDF-LO of an INVITE (RFC 4119, 5491) and gives it to us as `effective_location` or
`location_info`: `shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"`, and as `confidence`:
`pdf="normal",value="68"`. Put a comma between the two to hand both over as one text. The words are turned
back into the elements they came from, so that one reader knows the shapes, however they come.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import tau

from vagtcentral.location.gml_read import SHAPE_NAMESPACES, ShapeRefused, note, number_of
from vagtcentral.location.pidf import shape_and_confidence
from vagtcentral.location.position import Position, Source
from vagtcentral.location.safe_xml import Node
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.xml_names import (
    CONFIDENCE,
    CRS_2D,
    CRS_3D,
    DEGREE,
    GEOPRIV,
    GML,
    METRE,
    RADIAN,
    SHAPES,
)
from vagtcentral.location.xml_oddity import XmlOddity as Odd

#: The children of a shape that hold positions, lengths in metres, and angles.
PLACES = ("pos", "posList")
LENGTHS = (
    *("radius", "semiMajorAxis", "semiMinorAxis", "verticalAxis"),
    *("innerRadius", "outerRadius", "height"),
)
ANGLES = ("orientation", "startAngle", "openingAngle")

_SYSTEMS = {"2d": CRS_2D, "3d": CRS_3D}
_MOST = 10_000  #: characters that are looked at; a real profile has some hundred
_FIELD = re.compile(r'([A-Za-z]\w{0,30})\s{0,3}=\s{0,3}(?:"([^"]*)"|([^",]*))')

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Geoloc:
    """What a profile says. `reason` is why there is no position, by name, and None where there is one.

    `anomalies` are what is odd about it, in the names of PIDF-LO documents.
    """

    position: Position | None
    reason: str | None = None
    anomalies: tuple[Odd, ...] = ()


def read_geoloc(text: str, at: int) -> Geoloc:
    """Read a location, with or without its confidence; never raises.

    `at` (ms since 1970 UTC) is when the call brought it and becomes the position's time: Asterisk does not
    keep the time in the PIDF-LO. Reasons: `geoloc-empty`, `geoloc-unreadable` (no shape is named),
    `geoloc-by-reference` (an address that nobody has fetched), else `geoloc-` and the name of the oddity for
    which the shape was refused, e.g. `geoloc-axes-swapped`.
    """
    fields: dict[str, list[str]] = {}
    for found in _FIELD.finditer(text[:_MOST]):
        name, quoted, bare = found.groups()
        fields.setdefault(name.lower(), []).append(bare.strip() if quoted is None else quoted.strip())
    if not fields:
        return Geoloc(None, "geoloc-unreadable" if text.strip() else "geoloc-empty")
    if "shape" not in fields:
        return Geoloc(None, "geoloc-by-reference" if "uri" in fields else "geoloc-unreadable")
    odd: list[Odd] = []
    element, confidence = _shape(fields, odd), _confidence(fields)
    info = Node(GEOPRIV, "location-info", {}, "", (element, *confidence))
    try:
        shape = shape_and_confidence(element, info, info, odd)
    except ShapeRefused as refusal:
        return Geoloc(None, f"geoloc-{refusal.oddity}", tuple(odd))
    return Geoloc(position_of(shape, at, Source.SIP), None, tuple(odd))


def _shape(fields: Fields, odd: list[Odd]) -> Node:
    """The element of the shape. Asterisk says `unknown` for a system it does not know: then none is named."""
    name = {name.lower(): name for name in SHAPE_NAMESPACES}.get(fields["shape"][0].lower(), "")
    system = _SYSTEMS.get(fields.get("crs", [""])[0].lower(), "")
    children = (*_places(fields), *_lengths(fields), *_angles(fields, odd))
    return Node(SHAPE_NAMESPACES.get(name, ""), name, {"srsName": system}, "", children)


def _places(fields: Fields) -> Iterator[Node]:
    for name in PLACES:
        for text in fields.get(name.lower(), ()):
            yield Node(GML, name, {}, text, ())


def _lengths(fields: Fields) -> Iterator[Node]:
    for name in LENGTHS:
        for text in fields.get(name.lower(), ())[:1]:
            yield Node(SHAPES, name, {"uom": METRE}, text, ())


def _angles(fields: Fields, odd: list[Odd]) -> Iterator[Node]:
    """Angles with the unit behind them. Before 22.8.0 Asterisk says radians where the document says degrees.

    More than a full turn of radians shows that; a smaller angle cannot be told.
    """
    for name in ANGLES:
        for text in fields.get(name.lower(), ())[:1]:
            value, _, unit = text.partition(" ")
            radians = unit.strip().lower().startswith("rad")
            turn = number_of(value, []) if radians else None
            if turn is not None and abs(turn) > tau:
                note(odd, Odd.WRONG_UNIT)
                radians = False
            yield Node(SHAPES, name, {"uom": RADIAN if radians else DEGREE}, value, ())


def _confidence(fields: Fields) -> Iterator[Node]:
    for value in fields.get("value", ())[:1]:
        yield Node(CONFIDENCE, "confidence", {"pdf": fields.get("pdf", ["unknown"])[0]}, value, ())
