"""Advanced Mobile Location in octets: which packing, which header, which wrapping (3GPP TS 23.038, 23.040).

A `Part` is what one short message carries: text or octets, who sent it, when, and of which longer message it
is a part. `read_part` finds it in octets as a modem, a gateway or a service centre hands them over.
"""

from binascii import Error, a2b_base64
from collections.abc import Iterator
from dataclasses import field, replace
from string import ascii_letters, digits

from vagtcentral.location import gsm7
from vagtcentral.location.aml import HEADER, V1_KEYS, V2_KEYS
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.sms_pdu import Concatenation, UserDataHeader, read_deliver, read_header
from vagtcentral.value import value

#: How the octets of `A"ML=` begin, in every packing. The septets' fifth octet depends on the version.
_TEXT = HEADER.encode()
_UCS2_BIG, _UCS2_LITTLE = HEADER.encode("utf-16-be"), HEADER.encode("utf-16-le")
_LSB = gsm7.packed(gsm7.septets_of(HEADER))[:4]
_MSB = gsm7.packed(gsm7.septets_of(HEADER), msb=True)[:4]
_STARTS = (
    (_LSB, "septets"),
    (_TEXT, "octets"),
    (_MSB, "septets-msb"),
    (_UCS2_BIG, "ucs-2"),
    (_UCS2_LITTLE, "ucs-2-little"),
)
PACKINGS = tuple(packing for _, packing in _STARTS)
_EVERY_START = tuple(start for start, _ in _STARTS)
#: How far into octets a header of AML is looked for.
_FAR = 48
_KEYS = V1_KEYS | V2_KEYS
#: So many keys of AML make octets without its header AML.
_ENOUGH_KEYS = 2
#: The characters of AML. At most this share of others is damage, more is another content.
_LETTERS = frozenset(ascii_letters + digits + '";=+-.,_ ')
_DAMAGED = 0.1
_HEX = frozenset("0123456789abcdefABCDEF")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
#: Fewer octets than these hold nothing.
_LEAST = 6


@value
class Part:
    """What one short message carries: `text`, or `octets` whose packing is still to be found.

    `carriage` is `data` for octets of any application, `deliver` for an SMS-DELIVER; `layers` names every
    wrapping taken off, outermost first. `sent_at` is in milliseconds since 1970 UTC.
    """

    carriage: str
    text: str | None = field(repr=False)
    octets: bytes | None = field(repr=False)
    layers: tuple[str, ...]
    anomalies: tuple[Anomaly, ...] = ()
    concatenation: Concatenation | None = None
    msisdn: str | None = field(default=None, repr=False)
    sent_at: int | None = None


def read_written(text: str) -> Part | None:
    """Octets written as hexadecimal or base64, or as one character each; None if they are no AML."""
    try:
        part = read_part(bytes.fromhex(text), "hex")
    except ValueError:
        part = None
    if part is not None:
        return part
    plain = "".join(text.split())
    for layer, octets, broken in _written(plain):
        part = read_part(octets, layer)
        if part is not None:
            return replace(part, anomalies=(Anomaly.ENCODING_BROKEN, *part.anomalies)) if broken else part
    try:
        return read_part(text.encode("latin-1"))
    except UnicodeEncodeError:
        return None


def _written(plain: str) -> Iterator[tuple[str, bytes, bool]]:
    """Other readings of a text as octets, the likeliest first: name, octets, whether a rest is left."""
    plain = plain.removeprefix("0x").removeprefix("0X")
    unpadded = plain.rstrip("=")
    sixty_four = _leading(unpadded, _BASE64)
    if sixty_four >= 2 * _LEAST:
        yield "base64", _from_base64(unpadded[:sixty_four]), sixty_four < len(unpadded)
    sixteen = _leading(plain, _HEX)
    sixteen -= sixteen % 2
    if sixteen >= 2 * _LEAST:
        yield "hex", bytes.fromhex(plain[:sixteen]), sixteen < len(plain)


def _leading(text: str, allowed: frozenset[str]) -> int:
    """How many characters at the start of a text are among those allowed."""
    if allowed.issuperset(text):
        return len(text)
    return next(place for place, letter in enumerate(text) if letter not in allowed)


def _from_base64(text: str) -> bytes:
    """Base64 with either pair of special letters, padding or not (RFC 4648, sections 4 and 5)."""
    plain = text.replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return a2b_base64(plain + "=" * (-len(plain) % 4))
    except Error:
        return b""


def read_part(octets: bytes, written: str | None = None) -> Part | None:
    """The short message in some octets: bare, after a user data header, or in an SMS-DELIVER; or None.

    `written` names how the octets were written, for `layers`.
    """
    outer = () if written is None else (written,)
    if octets.startswith(_EVERY_START):
        return Part("data", None, octets, outer)
    header = read_header(octets)
    if header is not None:
        payload = octets[header.octets :]
        if payload.startswith(_EVERY_START) or _belongs(payload, header):
            odd = (Anomaly.HEADER_LEFT_ON,)
            return Part("data", None, payload, (*outer, "header"), odd, header.concatenation)
    part = _delivered(octets, outer)
    if part is not None:
        return part
    place = _place(octets)
    if place > 0:
        return Part("data", None, octets[place:], outer, (Anomaly.PADDING,))
    return Part("data", None, octets, outer) if keys_in(octets) else None


def _belongs(payload: bytes, header: UserDataHeader) -> bool:
    """Whether octets without the header of AML, but after a user data header, are of such a message.

    A part of a longer message may hold one key or none: it is told by its letters, unless those are too few.
    """
    whole = header.concatenation
    if whole is not None and whole.total > 1:
        return len(payload) < _LEAST or any(oddness(text) <= _DAMAGED for text, _ in readings(payload))
    return (whole is not None or header.to_port is not None) and keys_in(payload)


def _delivered(octets: bytes, outer: tuple[str, ...]) -> Part | None:
    """An SMS-DELIVER if its user data is AML, or a part of a message that may be."""
    read = read_deliver(octets)
    if read is None:
        return None
    concatenation = None if read.header is None else read.header.concatenation
    if concatenation is None or read.anomalies:
        plain = read.octets or b""
        if read.text is not None:
            mine = HEADER in read.text or keys_of(read.text) > 0
        else:
            mine = _place(plain) >= 0 or keys_in(plain)
        if not mine:
            return None
    centre = ("centre",) if read.with_centre else ()
    layers = (*outer, *centre, "deliver", *(("header",) if read.header else ()))
    sender, sent_at = read.sender, read.sent_at
    return Part("deliver", read.text, read.octets, layers, read.anomalies, concatenation, sender, sent_at)


def _place(octets: bytes) -> int:
    """Where the header of AML begins in octets, in any packing; -1 if nowhere near the start."""
    places = (octets.find(start, 0, _FAR) for start, _ in _STARTS)
    return min((place for place in places if place >= 0), default=-1)


def keys_in(octets: bytes) -> bool:
    """Whether octets without the header hold keys of AML in some packing."""
    return any(keys_of(unpacked(octets, packing)) >= _ENOUGH_KEYS for packing in PACKINGS)


def keys_of(text: str) -> int:
    """How many fields with a key of AML are in a text."""
    return sum(part.partition("=")[0] in _KEYS for part in text.split(";") if "=" in part)


def unpacked(octets: bytes, packing: str) -> str:
    """The text of octets in one of the packings `septets`, `septets-msb`, `octets`, `ucs-2[-little]`."""
    match packing:
        case "septets":
            return gsm7.text_of(gsm7.septets_from(octets))
        case "septets-msb":
            return gsm7.text_of(gsm7.septets_from(octets, msb=True))
        case "ucs-2":
            return octets.decode("utf-16-be", "replace")
        case "ucs-2-little":
            return octets.decode("utf-16-le", "replace")
        case _:
            return octets.decode("latin-1")


def oddness(text: str) -> float:
    """The share of the characters of a text that are none of AML, 0 to 1; 1 for no text."""
    return sum(letter not in _LETTERS for letter in text) / len(text) if text else 1.0


def readings(octets: bytes) -> Iterator[tuple[str, str]]:
    """Every text that octets may be, with its packing; their first character may begin before them."""
    for packing in PACKINGS:
        yield unpacked(octets, packing), packing
    yield unpacked(b"\0" + octets, "ucs-2"), "ucs-2"
    yield unpacked(octets[1:], "ucs-2-little"), "ucs-2-little"
    for bits in range(1, 7):
        for packing, msb in (("septets", False), ("septets-msb", True)):
            septets = gsm7.septets_from(octets, fill_bits=bits, msb=msb)
            yield gsm7.text_of(septets.removesuffix(b"\0")), packing


def unwrapped(octets: bytes) -> tuple[str, str]:
    """The text of octets and the packing it was in: told by the first octets, else by the most keys."""
    for start, packing in _STARTS:
        if octets.startswith(start):
            return unpacked(octets, packing), packing
    place = _place(octets)
    if place > 0:
        return unwrapped(octets[place:])
    texts = [(unpacked(octets, packing), packing) for packing in PACKINGS]
    return max(texts, key=lambda one: keys_of(one[0]))
