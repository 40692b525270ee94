"""PIDF-LO documents of our own, in the one form that RFC 5491 recommends: one device, one location."""

from typing import Any

from lxml import etree

from vagtcentral.location.gml_write import PREFIXES, plain, shape_element
from vagtcentral.location.position import Source, iso_utc
from vagtcentral.location.shapes import Point, Shape
from vagtcentral.location.xml_names import CIVIC, CONFIDENCE, DATA_MODEL, GEOPRIV, PIDF

#: The method tokens of RFC 4119's registry for what a position was worked out from.
METHODS = {Source.GNSS: "GPS", Source.WIFI: "802.11", Source.CELL: "Cell", Source.KEYED: "Manual"}

_PREFIXES: dict[str | None, str] = {
    None: PIDF,
    "dm": DATA_MODEL,
    "gp": GEOPRIV,
    "con": CONFIDENCE,
    **PREFIXES,
}


def write_pidf(
    shape: Shape,
    entity: str,
    time: int | None = None,
    *,
    method: str | None = None,
    civic: tuple[tuple[str, str], ...] = (),
    device: str = "caller",
) -> bytes:
    """A document in UTF-8 with this shape for `entity` (a `pres:` or `sip:` address), taken at `time` (ms
    UTC).

    The confidence is always written, as percent or `unknown`, but for a point, which has none (RFC 7459,
    section 4.1). A civic address follows the shape as the finer part. Raises ValueError for characters that
    XML has no place for.
    """
    root = etree.Element(f"{{{PIDF}}}presence", entity=entity, nsmap=_PREFIXES)
    holder = etree.SubElement(root, f"{{{DATA_MODEL}}}device", id=device)
    geopriv = etree.SubElement(holder, f"{{{GEOPRIV}}}geopriv")
    info = etree.SubElement(geopriv, f"{{{GEOPRIV}}}location-info")
    info.append(shape_element(shape))
    if civic:
        _civic(info, civic)
    if not isinstance(shape, Point):
        stated = etree.SubElement(info, f"{{{CONFIDENCE}}}confidence", pdf=str(shape.pdf))
        stated.text = percent(shape.confidence)
    etree.SubElement(geopriv, f"{{{GEOPRIV}}}usage-rules")
    if method is not None:
        etree.SubElement(geopriv, f"{{{GEOPRIV}}}method").text = method
    etree.SubElement(holder, f"{{{DATA_MODEL}}}deviceID").text = f"urn:vagtcentral:{device}"
    if time is not None:
        etree.SubElement(holder, f"{{{DATA_MODEL}}}timestamp").text = iso_utc(time)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def percent(confidence: float | None) -> str:
    """A fraction as percent that reads back as the same fraction to twelve places, or `unknown`.

    1 % and less is `unknown`, too: such a number would be taken for a fraction, as many senders mean it.
    """
    if confidence is None or confidence <= 0.01:
        return "unknown"
    return plain(round(confidence * 100, 10))


def _civic(info: Any, civic: tuple[tuple[str, str], ...]) -> None:
    address = etree.SubElement(info, f"{{{CIVIC}}}civicAddress", nsmap={"ca": CIVIC})
    for name, text in civic:
        etree.SubElement(address, f"{{{CIVIC}}}{name}").text = text
