"""The locations that a SIP request carries (RFC 6442): every `Geolocation` header field, every address in it.

Some switches keep the first field only and some the last: a location of the caller is lost either way. Here
all are read, those by value first, as they need no other server to be of use. Nothing is ever fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from urllib.parse import unquote

from vagtcentral.location.pidf import PidfLocation, read_pidf
from vagtcentral.location.safe_xml import LARGEST_OCTETS, XmlRefused
from vagtcentral.location.xml_oddity import XmlOddity as Odd

_START = re.compile(rb"[A-Z]{1,20} \S{1,2000} SIP/2\.0\r?\n")
_ADDRESS = re.compile(r"<([^<>\s]{1,2000})>")
_PIDF = "application/pidf+xml"
#: So many addresses and parts are looked at.
_MOST = 20


class _WholeNames(Compat32):
    """Reads header fields with the compact name of one that counts here as that one (RFC 3261, 7.3.3).

    It has to be done while the request is read: `Content-Type` is what says that there are parts.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, content = super().header_source_parse(sourcelines)
        return ("Content-Type" if name in ("c", "C") else name), content


def is_sip(content: bytes) -> bool:
    """Whether octets begin as a SIP request does."""
    return _START.match(content) is not None


def read_sip(content: bytes, at: int) -> list[PidfLocation]:
    """All locations of a request received at `at` (ms since 1970 UTC), the one that counts first.

    By value in the order of the header fields, then documents that no field names (`misplaced`), then
    references. A document that is refused has its reason in `problem`, and does not take the others with it.
    Raises `XmlRefused`, in one line, for what is no request, is too long, or holds no location at all.
    """
    start = _START.match(content)
    if start is None or len(content) > LARGEST_OCTETS:
        raise XmlRefused(f"no SIP request of up to {LARGEST_OCTETS} octets")
    request = message_from_bytes(content[start.end() :], policy=_WholeNames())
    addresses = list(dict.fromkeys(_addresses(request)))[:_MOST]
    parts = list(_parts(request))[:_MOST]
    named = [address for address in addresses if address.lower().startswith("cid:")]
    found: list[PidfLocation] = []
    for address in named:
        mine = [part for part in parts if part[0] == unquote(address[4:])]
        found += _read(mine[0][1], at) if mine else [_empty("the part is missing", Odd.LOCATION_PART_MISSING)]
    identities = {unquote(address[4:]) for address in named}
    for identity, document in parts:
        if identity not in identities:
            found += [_odder(one, Odd.MISPLACED) for one in _read(document, at)]
    for address in addresses:
        if address not in named:
            found.append(_empty(None, Odd.BY_REFERENCE, address))
    if not found:
        raise XmlRefused("the SIP request has no location")
    several = len(addresses) > 1
    return [_odder(one, Odd.SEVERAL_GEOLOCATIONS) if several else one for one in found]


def _addresses(request: Message) -> Iterator[str]:
    for field in request.get_all("Geolocation", []):
        yield from _ADDRESS.findall(str(field))


def _parts(request: Message) -> Iterator[tuple[str, bytes]]:
    """The PIDF-LO documents in the body with their identities, without the angle brackets."""
    for part in request.walk():
        if part.get_content_type() == _PIDF:
            payload = part.get_payload(decode=True)
            identity = str(part.get("Content-ID", "")).strip().strip("<>")
            yield identity, payload if isinstance(payload, bytes) else b""


def _read(document: bytes, at: int) -> list[PidfLocation]:
    try:
        return read_pidf(document.strip(), at)
    except XmlRefused as refusal:
        return [_empty(str(refusal), Odd.NO_LOCATION)]


def _empty(problem: str | None, oddity: Odd, *references: str) -> PidfLocation:
    return PidfLocation("sip", None, None, (), references, (), None, None, (oddity,), problem)


def _odder(location: PidfLocation, oddity: Odd) -> PidfLocation:
    return replace(location, anomalies=tuple(dict.fromkeys((*location.anomalies, oddity))))
