"""LoST answers as XML (RFC 5222, sections 8 to 13 and 15), always in UTF-8."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from vagtcentral.location.gml_write import polygon_element
from vagtcentral.location.lost_directory import Boundary, LostService
from vagtcentral.location.position import iso_utc
from vagtcentral.location.xml_names import GML, LOST

#: The namespace of the warnings that RFC 5222 has no element for.
OURS = "urn:vagtcentral:lost"
#: What RFC 5222 (section 13) names; other warnings are elements of our own namespace.
NAMED_WARNINGS = ("serviceSubstitution", "defaultMappingReturned", "locationValidationUnavailable")

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class LostMapping:
    """One answer to where a service is: names by language, addresses, until when it holds (ms UTC)."""

    source_id: str
    names: tuple[tuple[str, str], ...]
    service: LostService
    uris: tuple[str, ...]
    expires: int
    updated: int
    boundary: Boundary | None
    by_value: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every answer carries: the server's name, the servers that were asked before it, its warnings."""

    source: str
    via: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    location: str | None = None


def write_mappings(mappings: Sequence[LostMapping], frame: Frame) -> bytes:
    """A `findServiceResponse`, the mappings in the order given (section 8.4)."""
    root = _root("findServiceResponse")
    for mapping in mappings:
        _mapping(root, mapping, frame.source)
    return _finished(root, frame)


def write_services(kind: str, urns: Sequence[str], frame: Frame) -> bytes:
    """A `listServicesResponse` or `listServicesByLocationResponse`, as `kind` says (sections 10 and 11)."""
    root = _root(kind)
    _child(root, "serviceList").text = " ".join(urns)
    return _finished(root, frame)


def write_boundary(boundary: Boundary, frame: Frame) -> bytes:
    """A `getServiceBoundaryResponse` (section 9)."""
    root = _root("getServiceBoundaryResponse")
    _boundary(root, boundary)
    return _finished(root, frame)


def write_error(source: str, name: str, message: str, profiles: Sequence[str] = ()) -> bytes:
    """An `errors` element with one error of section 13.1 and a message in English."""
    root = _root("errors")
    root.set("source", source)
    error = _child(root, name)
    if profiles:
        error.set("unsupportedProfiles", " ".join(profiles))
    _say(error, message)
    return _bytes(root)


def _mapping(root: Any, mapping: LostMapping, source: str) -> None:
    element = _child(
        root,
        "mapping",
        expires=iso_utc(mapping.expires),
        lastUpdated=iso_utc(mapping.updated),
        source=source,
        sourceId=mapping.source_id,
    )
    for language, text in mapping.names:
        name = _child(element, "displayName")
        name.set(_LANGUAGE, language)
        name.text = text
    _child(element, "service").text = mapping.service.urn
    if mapping.boundary is not None and mapping.by_value:
        _boundary(element, mapping.boundary)
    elif mapping.boundary is not None:
        _child(element, "serviceBoundaryReference", source=source, key=mapping.boundary.key)
    for uri in mapping.uris:
        _child(element, "uri").text = uri
    if mapping.service.number is not None:
        _child(element, "serviceNumber").text = mapping.service.number


def _boundary(parent: Any, boundary: Boundary) -> None:
    element = _child(parent, "serviceBoundary", profile="geodetic-2d")
    element.append(polygon_element(list(boundary.rings)))


def _finished(root: Any, frame: Frame) -> bytes:
    for name, message in frame.warnings:
        warnings = _child(root, "warnings", source=frame.source)
        if name in NAMED_WARNINGS:
            _say(_child(warnings, name), message)
        else:
            _say(etree.SubElement(warnings, f"{{{OURS}}}{name}", nsmap={"v": OURS}), message)
    path = _child(root, "path")
    for source in (*frame.via, frame.source):
        _child(path, "via", source=source)
    if frame.location is not None:
        _child(root, "locationUsed", id=frame.location)
    return _bytes(root)


def _root(name: str) -> Any:
    return etree.Element(f"{{{LOST}}}{name}", nsmap={None: LOST, "gml": GML})


def _child(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{LOST}}}{name}", attributes)


def _say(element: Any, message: str) -> None:
    element.set("message", " ".join(message.split())[:300])
    element.set(_LANGUAGE, "en")


def _bytes(root: Any) -> bytes:
    etree.cleanup_namespaces(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
