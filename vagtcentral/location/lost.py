"""A LoST server (RFC 5222) for the police: where is the service for this place? As a pure function.

Understands `findService`, `listServices`, `listServicesByLocation` and `getServiceBoundary` with the profile
`geodetic-2d`. It is authoritative and asks no other server, so `recursive` changes nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import percent
from vagtcentral.location.gml_read import ShapeRefused, read_shape
from vagtcentral.location.located import DistrictChance, Located
from vagtcentral.location.lost_directory import LostDirectory, LostService, is_source
from vagtcentral.location.lost_write import (
    Frame,
    LostMapping,
    write_boundary,
    write_error,
    write_mappings,
    write_services,
)
from vagtcentral.location.pidf import DEFAULT_CONFIDENCE
from vagtcentral.location.position import Position
from vagtcentral.location.safe_xml import Node, XmlRefused, read_xml
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.xml_names import LOST
from vagtcentral.location.xml_oddity import XmlOddity as Odd
from vagtcentral.location.xml_time import instant_of

#: The only location profile understood (section 12.2), and the shapes it may hold.
PROFILE = "geodetic-2d"
SHAPES = ("Point", "Polygon", "Circle", "Ellipse", "ArcBand")
#: The media type of requests and answers (section 17).
MEDIA_TYPE = "application/lost+xml"

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class LostRefused(ValueError):  # noqa: N818 - named for what happened, as the answer shows it
    """A request without a useful answer; `name` is the error element of section 13.1."""

    def __init__(self, name: str, message: str, profiles: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.profiles = profiles


@dataclass(frozen=True, slots=True)
class _Query:
    """The place that a request asks about."""

    id: str
    position: Position
    oddities: tuple[Odd, ...]


def answer(request: bytes, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    """The answer at the instant `at` (ms since 1970 UTC) to a request, both XML; it may be an `errors`
    element.

    The most probable district comes first; if the area overlaps several, all with at least
    `directory.least_share` of it follow, and a warning gives the shares. A place at sea or within 50 km gets
    the nearest district and `defaultMappingReturned`. No request raises.
    """
    try:
        root = read_xml(request)
        if root.namespace != LOST:
            raise LostRefused("badRequest", f"the root element is not in the namespace {LOST}")
        if root.name not in _REQUESTS:
            raise LostRefused("badRequest", f"{root.name[:40]!r} is none of {', '.join(_REQUESTS)}")
        return _REQUESTS[root.name](root, atlas, directory, at)
    except XmlRefused as refusal:
        return write_error(directory.source, "badRequest", str(refusal))
    except LostRefused as refusal:
        return write_error(directory.source, refusal.name, str(refusal), refusal.profiles)


def _find_service(root: Node, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    by_value = _choice(root, "serviceBoundary", "reference", ("value", "reference")) == "value"
    _flag(root, "recursive")
    validate = _flag(root, "validateLocation")
    via = _via(root, directory)
    urn = _service_name(root)
    if urn is None:
        raise LostRefused("badRequest", "findService needs a service")
    service = directory.offered(urn)
    if service is None:
        raise LostRefused("serviceNotImplemented", f"the service {urn[:80]!r} is not offered here")
    query = _query(root)
    located = _located(atlas, query)
    chances = _worth_naming(located, directory, service)
    warnings = list(_warnings(located, chances, query, atlas))
    if service.urn.lower() != urn.lower():
        warnings.insert(0, ("serviceSubstitution", f"{urn[:80]} is not offered; {service.urn} is instead"))
    if validate:
        said = "a geodetic location is not validated"
        warnings.append(("locationValidationUnavailable", said))
    warnings += _as_of(root)
    mappings = [_mapping(chance, query, directory, service, at, by_value) for chance in chances]
    return write_mappings(mappings, Frame(directory.source, via, tuple(warnings), query.id))


def _list_services(root: Node, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    via = _via(root, directory)
    return write_services("listServicesResponse", _below(root, directory), Frame(directory.source, via))


def _list_by_location(root: Node, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    _flag(root, "recursive")
    via = _via(root, directory)
    query = _query(root)
    located = _located(atlas, query)
    warnings = tuple(_warnings(located, list(located.districts), query, atlas))
    frame = Frame(directory.source, via, warnings, query.id)
    return write_services("listServicesByLocationResponse", _below(root, directory), frame)


def _get_boundary(root: Node, atlas: Atlas, directory: LostDirectory, at: int) -> bytes:
    via = _via(root, directory)
    key = root.attributes.get("key", "").strip()
    if not key:
        raise LostRefused("badRequest", "getServiceBoundary needs a key")
    boundary = directory.boundaries.by_key(key) if directory.boundaries is not None else None
    if boundary is None:
        raise LostRefused("notFound", f"there is no boundary with the key {key[:60]!r}")
    return write_boundary(boundary, Frame(directory.source, via))


_REQUESTS = {
    "findService": _find_service,
    "listServices": _list_services,
    "listServicesByLocation": _list_by_location,
    "getServiceBoundary": _get_boundary,
}


def _flag(root: Node, name: str) -> bool:
    return _TRUTH[_choice(root, name, "false", tuple(_TRUTH))]


def _choice(root: Node, name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = root.attributes.get(name, default).strip()
    if value not in allowed:
        raise LostRefused("badRequest", f"{name}={value[:40]!r} is none of {', '.join(allowed)}")
    return value


def _via(root: Node, directory: LostDirectory) -> tuple[str, ...]:
    """The servers the request came through; `loop` if this one is among them (section 6)."""
    via = tuple(
        one.attributes.get("source", "").strip() for path in root.named("path") for one in path.named("via")
    )
    for source in via:
        if not is_source(source):
            raise LostRefused("badRequest", f"via source {source[:60]!r} is not a dotted name")
    if directory.source.lower() in (source.lower() for source in via):
        raise LostRefused("loop", f"the request has been at {directory.source} before")
    return via


def _service_name(root: Node) -> str | None:
    urn = root.value("service")
    if urn is not None and (not urn.isprintable() or " " in urn):
        raise LostRefused("badRequest", "the service is not one name")
    return urn


def _below(root: Node, directory: LostDirectory) -> list[str]:
    """The offered services next below the one asked for; without one, those below no other (section 10)."""
    asked = _service_name(root)
    offered = [service.urn for service in directory.services]
    if asked is not None:
        offered = [urn for urn in offered if urn.lower().startswith(f"{asked.lower()}.")]
    return [urn for urn in offered if not any(urn.lower().startswith(f"{o.lower()}.") for o in offered)]


def _query(root: Node) -> _Query:
    """The first location in the profile understood (section 8.3.1)."""
    locations = list(root.named("location"))
    if not locations:
        raise LostRefused("badRequest", f"{root.name} needs a location")
    profiles = [location.attributes.get("profile", PROFILE).strip() for location in locations]
    if len(set(profiles)) < len(profiles):
        raise LostRefused("badRequest", "there is more than one location of the same profile")
    for location, profile in zip(locations, profiles, strict=True):
        if profile == PROFILE:
            return _read(location)
    # The answer's attribute holds name tokens, whatever the request held (RFC 5222, section 15).
    unknown = tuple(re.sub(r"[^A-Za-z0-9._:-]", "_", profile)[:40] or "_" for profile in profiles)
    raise LostRefused("locationProfileUnrecognized", f"only {PROFILE} is understood here", unknown)


def _read(location: Node) -> _Query:
    name = " ".join(location.attributes.get("id", "").split())
    if not name:
        raise LostRefused("badRequest", "the location has no id")
    if not location.children:
        raise LostRefused("badRequest", "the location is empty")
    element = location.children[0]
    if element.name not in SHAPES:
        raise LostRefused("locationInvalid", f"{element.name[:40]!r} is no shape of the profile {PROFILE}")
    odd: list[Odd] = []
    if element.attributes.get("srsName", "").strip().endswith(("4979", "4937")):
        raise LostRefused("SRSInvalid", f"the profile {PROFILE} has two dimensions, EPSG 4979 three")
    try:
        shape = read_shape(element, odd, DEFAULT_CONFIDENCE)
    except ShapeRefused as refusal:
        name = "SRSInvalid" if refusal.oddity is Odd.CRS_UNKNOWN else "locationInvalid"
        raise LostRefused(name, str(refusal)) from None
    if len(location.children) > 1:
        odd.append(Odd.SEVERAL_SHAPES)
    return _Query(name, position_of(shape), tuple(odd))


def _located(atlas: Atlas, query: _Query) -> Located:
    try:
        located = atlas.locate(query.position)
    except ValueError as error:
        raise LostRefused("locationInvalid", str(error)) from None
    if located.district is None:
        raise LostRefused("notFound", "the location is over 50 km from Danish land")
    return located


def _worth_naming(located: Located, directory: LostDirectory, service: LostService) -> list[DistrictChance]:
    """The districts with enough of the area and an address, the most probable first."""
    with_address = [chance for chance in located.districts if service.addresses.get(chance.code)]
    if not with_address:
        raise LostRefused("notFound", f"no address of {service.urn} is known for this place")
    first, *others = with_address
    return [first, *(chance for chance in others if chance.probability >= directory.least_share)]


def _warnings(
    located: Located, chances: list[DistrictChance], query: _Query, atlas: Atlas
) -> Iterator[tuple[str, str]]:
    top = chances[0]
    if top.distance_m > 0 and not atlas.has_land(query.position):
        away = f"{top.distance_m / 1000:.1f} km"
        yield "defaultMappingReturned", f"the place is not on land; {top.name} is nearest, {away} away"
    if len(located.districts) > 1:
        shares = ", ".join(f"{one.name} {percent(one.probability)}" for one in located.districts)
        yield "areaOverlapsDistricts", f"the area lies in several districts: {shares}"
    if query.oddities:
        yield "oddities", "read all the same: " + ", ".join(query.oddities)
    if not atlas.data.official:
        yield "geometryNotOfficial", f"{atlas.data.name}, {atlas.data.date}"


def _as_of(root: Node) -> list[tuple[str, str]]:
    """Planned changes are not known here, so an `asOf` is checked and otherwise not followed."""
    stated = root.value("asOf")
    if stated is None:
        return []
    odd: list[Odd] = []
    instant_of(stated, odd)
    if Odd.BAD_TIME in odd:
        raise LostRefused("badRequest", f"asOf {stated[:40]!r} is no time")
    return [("asOfNotFollowed", "the answer is that of now: no planned changes are known")]


def _mapping(
    chance: DistrictChance,
    query: _Query,
    directory: LostDirectory,
    service: LostService,
    at: int,
    by_value: bool,
) -> LostMapping:
    place = (query.position.latitude, query.position.longitude)
    boundary = directory.boundaries.around(chance.code, *place) if directory.boundaries is not None else None
    english = directory.english_names.get(chance.code)
    names = (("da", chance.name), *((("en", english),) if english else ()))
    return LostMapping(
        f"{service.urn.rpartition(':')[2]}.{chance.code}",
        names,
        service,
        service.addresses[chance.code],
        at + directory.valid_ms,
        directory.updated,
        boundary,
        by_value,
    )
