"""The position that came in a call's signalling, in the words of Asterisk's `GEOLOC_PROFILE` function.

Asterisk reads the PIDF-LO of an INVITE (RFC 4119, 5491) and gives it to us as `effective_location` or
`location_info`: `shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"`, and as `confidence`:
`pdf="normal",value="68"`. Put a comma between the two to hand both over as one text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vagtcentral.location.aml_fields import coordinate, number
from vagtcentral.location.position import Position, Source

#: Without a confidence an uncertainty is one of 95 % (RFC 7459, section 4.1).
DEFAULT_CONFIDENCE = 0.95
#: A radius beyond this, in metres, says nothing about where a caller is.
LARGEST_RADIUS_M = 1_000_000.0

#: How the axis is called that gives each shape its circle; None for a point.
SHAPES: Mapping[str, tuple[str, ...] | None] = {
    "Point": None,
    "Circle": ("radius",),
    "Sphere": ("radius",),
    "Ellipse": ("semiMajorAxis", "semiMinorAxis"),
    "Ellipsoid": ("semiMajorAxis", "semiMinorAxis"),
}

_MOST = 10_000  #: characters that are looked at; a real profile has some hundred
_FIELD = re.compile(r'([A-Za-z]\w{0,30})\s{0,3}=\s{0,3}(?:"([^"]*)"|([^",]*))')


@dataclass(frozen=True, slots=True)
class Geoloc:
    """What a profile says. `reason` is why there is no position, by name, and None where there is one."""

    position: Position | None
    reason: str | None = None


def geoloc_position(text: str, at: int) -> Position | None:
    """The position of a profile, or None; see `read_geoloc`, which also gives the reason."""
    return read_geoloc(text, at).position


def read_geoloc(text: str, at: int) -> Geoloc:
    """Read a location, with or without its confidence; never raises.

    `at` (ms since 1970 UTC) is when the call brought it and becomes the position's time: Asterisk does not
    keep the time in the PIDF-LO. Ellipses become the circle of their larger axis in metres. Reasons:
    `geoloc-empty`, `geoloc-by-reference` (an address that nobody has fetched), `geoloc-shape-unknown`,
    `geoloc-unreadable`, `geoloc-out-of-range`.
    """
    fields: dict[str, list[str]] = {}
    for found in _FIELD.finditer(text[:_MOST]):
        name, quoted, bare = found.groups()
        fields.setdefault(name.lower(), []).append(bare.strip() if quoted is None else quoted.strip())
    if not fields:
        return Geoloc(None, "geoloc-unreadable" if text.strip() else "geoloc-empty")
    if "shape" not in fields:
        return Geoloc(None, "geoloc-by-reference" if "uri" in fields else "geoloc-unreadable")
    shape = {name.lower(): name for name in SHAPES}.get(fields["shape"][0].lower())
    if shape is None:
        return Geoloc(None, "geoloc-shape-unknown")
    places = [part for part in re.split(r"[\s,;]+", " ".join(fields.get("pos", ()))) if part]
    if len(places) not in (2, 3):
        return Geoloc(None, "geoloc-unreadable")
    latitude, longitude = coordinate(places[0], 90.0, []), coordinate(places[1], 180.0, [])
    if latitude is None or longitude is None:
        readable = number(places[0], []) is not None and number(places[1], []) is not None
        return Geoloc(None, "geoloc-out-of-range" if readable else "geoloc-unreadable")
    radius = _radius(SHAPES[shape], fields)
    if radius is not None and radius > LARGEST_RADIUS_M:
        return Geoloc(None, "geoloc-out-of-range")
    confidence = None if radius is None else _confidence(fields)
    return Geoloc(Position(latitude, longitude, radius, confidence, at, Source.SIP))


def _radius(axes: tuple[str, ...] | None, fields: Mapping[str, list[str]]) -> float | None:
    """The largest axis in metres; None where there is none of more than 0: unknown, never exact."""
    lengths = [number(text, []) for axis in axes or () for text in fields.get(axis.lower(), ())]
    return max((length for length in lengths if length is not None and length > 0), default=None)


def _confidence(fields: Mapping[str, list[str]]) -> float | None:
    """`value` in percent as a fraction; None for `unknown` and all that is not between 0 and 100."""
    if "value" not in fields:
        return DEFAULT_CONFIDENCE
    value = number(fields["value"][0], [])
    return round(value / 100, 9) if value is not None and 0 < value < 100 else None
