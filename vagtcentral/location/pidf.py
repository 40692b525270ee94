"""Locations carried by SIP: PIDF-LO documents (RFC 4119, RFC 5491), as they really arrive.

A document may hold several locations. All are returned in the order in which RFC 5491 (section 3, rule 8) has
them count: those of devices, then of tuples, then of persons. What is odd is named, what has no meaning is
refused by itself and does not take the others with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from vagtcentral.location.gml_read import SHAPE_NAMESPACES, ShapeRefused, note, number_of, read_shape
from vagtcentral.location.position import Position, Source
from vagtcentral.location.safe_xml import Node, XmlRefused, read_xml
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.shapes import Pdf, Point, Shape
from vagtcentral.location.xml_names import CONFIDENCE, DATA_MODEL, GEOPRIV, PIDF
from vagtcentral.location.xml_oddity import XmlOddity as Odd
from vagtcentral.location.xml_time import age_oddity, instant_of

#: Without a confidence an area is one of 95 % (RFC 7459, section 4.1).
DEFAULT_CONFIDENCE = 0.95

_HOLDERS = {"device": DATA_MODEL, "tuple": PIDF, "person": DATA_MODEL, "geopriv": GEOPRIV}
_ORDER = {name: rank for rank, name in enumerate(_HOLDERS)}
_KNOWN_METHODS = {
    Source.GNSS: (
        *("gps", "a-gps", "agps", "dgps", "gnss", "a-gnss", "agnss", "galileo", "assisted-gps"),
        *("device-assisted_a-gps", "device-based_a-gps"),
    ),
    Source.WIFI: ("802.11", "wifi", "wi-fi", "wlan"),
    Source.CELL: ("cell", "e-cid", "cell-id", "otdoa", "triangulation", "ta", "ta-nmr", "networkrfsp"),
    Source.FUSED: ("fused", "hybrid"),
    Source.SIP: ("manual", "dhcp", "lldp-med", "wiremap", "derived"),
}
_SOURCE_OF = {name: source for source, names in _KNOWN_METHODS.items() for name in names}


@dataclass(frozen=True, slots=True)
class PidfLocation:
    """One location of a document, out of a `device`, `tuple`, `person` or a bare `geopriv` element.

    `shape` is None where there is none or it was refused, and `problem` then says why in one line. `civic` is
    the address as (element, text) in the document's order. `references` are addresses to fetch the location
    from, `additional_data` those of RFC 7852; neither is ever fetched. `method` is the token as it was sent,
    `time` in milliseconds since 1970 UTC.
    """

    element: str
    id: str | None
    shape: Shape | None
    civic: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    additional_data: tuple[str, ...]
    method: str | None
    time: int | None
    anomalies: tuple[Odd, ...]
    problem: str | None = None

    @property
    def position(self) -> Position | None:
        """The position that stands for the shape, with the source that the method names (else `sip`)."""
        if self.shape is None:
            return None
        return position_of(self.shape, self.time, source_of(self.method))


def read_pidf(content: bytes, at: int) -> list[PidfLocation]:
    """All locations of a document received at `at` (ms since 1970 UTC), the one that counts first.

    A HELD answer (RFC 5985) around or instead of the document is read, too. Raises `XmlRefused`, in one line,
    for what is no plain XML or holds neither a presence document nor a location.
    """
    root = read_xml(content)
    presences = [root] if root.name == "presence" else list(root.within("presence"))
    elsewhere = any(one.namespace != PIDF for one in presences)
    found = [location for holder in _holders(root) for location in _locations(holder, at, elsewhere)]
    found += _outside_references(root)
    if not found and root.name != "presence":
        raise XmlRefused(f"no PIDF-LO: the root element is {root.name[:40]!r}")
    return found


def source_of(method: str | None) -> Source:
    """What a method token of RFC 4119's registry was worked out from; `sip` where it does not say."""
    token = (method or "").strip().lower()
    return Source.FUSED if token.startswith("hybrid") else _SOURCE_OF.get(token, Source.SIP)


def _holders(root: Node) -> list[Node]:
    """The elements that may hold a location, in the order in which they count."""
    presences = [root] if root.name == "presence" else list(root.within("presence"))
    holders = [child for presence in presences for child in presence.named(*_HOLDERS)]
    if not presences:
        holders = [root] if root.name == "geopriv" else list(root.within("geopriv"))
    return sorted(holders, key=lambda holder: _ORDER[holder.name])


def _locations(holder: Node, at: int, elsewhere: bool) -> Iterator[PidfLocation]:
    """The locations in an element; `elsewhere` says that the document around it has another namespace."""
    bare = holder.name == "geopriv"
    for geopriv in [holder] if bare else holder.within("geopriv"):
        odd: list[Odd] = []
        note(odd, Odd.NO_TUPLE, bare)
        note(odd, Odd.WRONG_NAMESPACE, elsewhere)
        for node in (holder, geopriv):
            note(odd, Odd.WRONG_NAMESPACE, node.namespace != _HOLDERS[node.name])
        yield from _in_geopriv(holder, geopriv, at, odd)


def _in_geopriv(holder: Node, geopriv: Node, at: int, odd: list[Odd]) -> Iterator[PidfLocation]:
    info = geopriv.first("location-info")
    note(odd, Odd.MISPLACED, info is None)
    note(odd, Odd.WRONG_NAMESPACE, info is not None and info.namespace != GEOPRIV)
    held = geopriv if info is None else info
    method = geopriv.value("method") or held.value("method")
    note(odd, Odd.UNKNOWN_METHOD, method is not None and _unknown(method))
    addresses = held.within("civicAddress")
    found = PidfLocation(
        holder.name,
        holder.attributes.get("id"),
        None,
        tuple((part.name, part.text) for address in addresses for part in address.children),
        tuple(uri.text for uri in held.within("locationURI") if uri.text),
        tuple(one.attributes.get("ref", "") for one in geopriv.within("EmergencyCallDataReference")),
        method,
        _time(holder, geopriv, at, odd),
        (),
    )
    shapes = [child for child in held.children if _is_shape(child)]
    _note_contents(found, len(shapes), odd)
    for shape in shapes:
        names = list(odd)
        try:
            read, problem = shape_and_confidence(shape, held, geopriv, names), None
        except ShapeRefused as refusal:
            note(names, refusal.oddity)
            read, problem = None, str(refusal)
        yield replace(found, shape=read, anomalies=tuple(names), problem=problem)
        found = replace(found, civic=(), references=())
    if not shapes:
        empty = None if found.civic or found.references else "the location is empty"
        yield replace(found, anomalies=tuple(odd), problem=empty)


def _note_contents(found: PidfLocation, shapes: int, odd: list[Odd]) -> None:
    note(odd, Odd.SEVERAL_SHAPES, shapes > 1)
    note(odd, Odd.COMPOUND, bool(shapes and found.civic))
    note(odd, Odd.CIVIC_ONLY, bool(found.civic and not shapes))
    note(odd, Odd.BY_REFERENCE, bool(found.references))
    note(odd, Odd.NO_LOCATION, not (shapes or found.civic or found.references))


def _is_shape(child: Node) -> bool:
    """A known shape, or an element of GML or of the shape schema that might be one."""
    known = child.name in SHAPE_NAMESPACES
    return known or (child.namespace.startswith("http://www.opengis.net/") and child.name != "confidence")


def shape_and_confidence(element: Node, held: Node, geopriv: Node, odd: list[Odd]) -> Shape:
    """The shape of an element with the confidence stated in it, in `held`, which holds it, or in `geopriv`.

    Oddities go into `odd`. Raises `ShapeRefused` as `gml_read.read_shape` does.
    """
    stated = _confidence_element(element, held, geopriv, odd)
    confidence, pdf = _confidence(stated, odd)
    shape = read_shape(element, odd, confidence, pdf)
    if isinstance(shape, Point):
        note(odd, Odd.CONFIDENCE_ON_POINT, stated is not None and element.name == "Point")
    elif stated is None:
        note(odd, Odd.CONFIDENCE_DEFAULT)
    return shape


def _confidence_element(element: Node, held: Node, geopriv: Node, odd: list[Odd]) -> Node | None:
    """The confidence inside the shape, else beside it (where it belongs), else anywhere in `geopriv`."""
    inside = next(element.within("confidence"), None)
    beside = held.first("confidence")
    anywhere = next(geopriv.within("confidence"), None)
    stated = inside or beside or anywhere
    note(odd, Odd.MISPLACED, stated is not None and stated is not beside)
    note(odd, Odd.WRONG_NAMESPACE, stated is not None and stated.namespace != CONFIDENCE)
    return stated


def _confidence(stated: Node | None, odd: list[Odd]) -> tuple[float | None, Pdf]:
    """As a fraction, with the distribution (RFC 7459, section 7); percent or a fraction was sent."""
    if stated is None:
        return DEFAULT_CONFIDENCE, Pdf.UNKNOWN
    token = stated.attributes.get("pdf", "unknown").strip().lower()
    note(odd, Odd.BAD_PDF, token not in list(Pdf))
    pdf = Pdf(token) if token in list(Pdf) else Pdf.UNKNOWN
    if stated.text.strip().lower() == "unknown":
        note(odd, Odd.CONFIDENCE_UNKNOWN)
        return None, pdf
    value = number_of(stated.text.rstrip("% "), odd)
    if value is None or not 0 < value < 100 or value == 1:
        note(odd, Odd.BAD_CONFIDENCE)
        return None, pdf
    note(odd, Odd.CONFIDENCE_FRACTION, value < 1)
    return (value if value < 1 else round(value / 100, 12)), pdf


def _time(holder: Node, geopriv: Node, at: int, odd: list[Odd]) -> int | None:
    stated = holder.value("timestamp") or next(
        (node.text for node in (*geopriv.within("timestamp"), *holder.within("timestamp")) if node.text), None
    )
    if stated is None:
        note(odd, Odd.TIME_MISSING)
        return None
    time = instant_of(stated, odd)
    stale = age_oddity(time, at)
    if stale is not None:
        note(odd, stale)
    return time


def _unknown(method: str) -> bool:
    token = method.strip().lower()
    return token not in _SOURCE_OF and not token.startswith("hybrid")


def _outside_references(root: Node) -> list[PidfLocation]:
    """Addresses of a HELD answer that stand beside the document, not in it (RFC 5985, section 6.5.6)."""
    sets = [root] if root.name == "locationUriSet" else list(root.within("locationUriSet"))
    references = tuple(uri.text for one in sets for uri in one.within("locationURI") if uri.text)
    if not references:
        return []
    return [PidfLocation("held", None, None, (), references, (), None, None, (Odd.BY_REFERENCE,))]
