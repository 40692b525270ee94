"""Text messages as the network delivers them: SMS-DELIVER, and the user data header (3GPP TS 23.040).

Reading never raises. What is structurally no such message gives None; what is damaged is read as far as it
goes, with the damage named.
"""

from dataclasses import field
from enum import Enum

from vagtcentral.location import gsm7
from vagtcentral.location.aml_fields import instant_of as fields_instant
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.value import value

#: Information elements of the user data header (TS 23.040, section 9.2.3.24).
_CONCATENATED_8, _CONCATENATED_16 = 0x00, 0x08
_PORTS_8, _PORTS_16 = 0x04, 0x05

_INTERNATIONAL, _ALPHANUMERIC = 0x10, 0x50
#: The halves of an octet that are no digit (TS 24.008, table 10.5.118): `f` fills up.
_DIGITS = str.maketrans("abcde", "*#abc")
_HALVES_SWAPPED = bytes((octet & 15) << 4 | octet >> 4 for octet in range(256))
_MOST_OCTETS, _MOST_SEPTETS = 140, 160
#: No service centre's address is longer than this many octets (TS 24.011, section 8.2.5.1: 12 with its type).
_LONGEST_CENTRE = 12


class Alphabet(Enum):
    """How user data is written (TS 23.038, section 4)."""

    SEPTETS = "7-bit"
    OCTETS = "8-bit"
    UCS2 = "ucs-2"


@value
class Concatenation:
    """Which part of a longer message this is: number 1 to `total` of the message `reference`."""

    reference: int
    bits: int
    total: int
    number: int


@value
class UserDataHeader:
    """What stands before the user data: its length in octets with its length octet, parts, and ports."""

    octets: int
    concatenation: Concatenation | None = None
    to_port: int | None = None


@value
class Delivered:
    """One SMS-DELIVER: who sent it, when its service centre got it (ms since 1970 UTC), and what it says.

    `text` is None where the user data is octets, `octets` None where it is text.
    """

    sender: str | None = field(repr=False)
    sent_at: int | None
    with_centre: bool
    header: UserDataHeader | None
    text: str | None = field(repr=False)
    octets: bytes | None = field(repr=False)
    anomalies: tuple[Anomaly, ...]


def read_header(octets: bytes) -> UserDataHeader | None:
    """The user data header at the start of some octets, None if there is none that adds up."""
    if len(octets) < 3 or not 2 <= octets[0] < len(octets):
        return None
    end = octets[0] + 1
    place = 1
    concatenation = to_port = None
    while place < end:
        if place + 2 > end:
            return None
        element, length = octets[place], octets[place + 1]
        content = octets[place + 2 : place + 2 + length]
        place += 2 + length
        if element in (_CONCATENATED_8, _CONCATENATED_16):
            concatenation = _concatenation(element, content) or concatenation
        elif (element, length) in ((_PORTS_8, 2), (_PORTS_16, 4)):
            to_port = int.from_bytes(content[: length // 2], "big")
    return UserDataHeader(end, concatenation, to_port) if place == end else None


def _concatenation(element: int, content: bytes) -> Concatenation | None:
    """Parts with an impossible number are no parts (section 9.2.3.24.1: the element is then ignored)."""
    size = 1 if element == _CONCATENATED_8 else 2
    if len(content) != size + 2 or not 1 <= content[-1] <= content[-2]:
        return None
    return Concatenation(int.from_bytes(content[:size], "big"), 8 * size, content[-2], content[-1])


def read_deliver(octets: bytes) -> Delivered | None:
    """An SMS-DELIVER with its service centre's address before it or without, whichever adds up better."""
    readings = [_deliver(octets, 0)]
    if octets and octets[0] <= _LONGEST_CENTRE and len(octets) > octets[0] + 1:
        readings.append(_deliver(octets, octets[0] + 1))
    found = [reading for reading in readings if reading is not None]
    return min(found, key=lambda reading: len(reading.anomalies), default=None)


def _deliver(octets: bytes, start: int) -> Delivered | None:
    """Sections 9.2.2.1 and 9.2.3: first octet, sender, protocol, coding, time, length, user data."""
    if len(octets) < start + 12 or octets[start] & 0x03:
        return None
    digits, kind = octets[start + 1], octets[start + 2]
    place = start + 3 + (digits + 1) // 2
    if digits > 20 or not kind & 0x80 or len(octets) < place + 10:
        return None
    odd: list[Anomaly] = []
    sender = _address(octets[start + 3 : place], digits, kind)
    if sender is None:
        odd.append(Anomaly.SENDER_UNREADABLE)
    alphabet = alphabet_of(octets[place + 1])
    sent_at = instant_of(octets[place + 2 : place + 9])
    if alphabet is None or (sent_at is None and sender is None):
        return None
    if sent_at is None:
        odd.append(Anomaly.BAD_SENT_TIME)
    length, data = octets[place + 9], octets[place + 10 :]
    header = read_header(data) if octets[start] & 0x40 else None
    if octets[start] & 0x40 and header is None:
        odd.append(Anomaly.BAD_HEADER)
    text, plain = _user_data(data, length, alphabet, header, odd)
    return Delivered(sender, sent_at, start > 0, header, text, plain, tuple(odd))


def _user_data(
    data: bytes, length: int, alphabet: Alphabet, header: UserDataHeader | None, odd: list[Anomaly]
) -> tuple[str | None, bytes | None]:
    """The user data as text or octets. `length` counts septets or octets, the header included."""
    seven = alphabet is Alphabet.SEPTETS
    whole = (7 * length + 7) // 8 if seven else length
    if len(data) < whole:
        odd.append(Anomaly.PDU_TRUNCATED)
    elif len(data) > whole or length > (_MOST_SEPTETS if seven else _MOST_OCTETS):
        # A wrong length must not cost the end of a message: all of it is read, the reader of its text copes.
        odd.append(Anomaly.PDU_TRAILING)
        length = 8 * len(data) // 7 if seven else len(data)
    taken = 0 if header is None else header.octets
    if seven:
        fill = -8 * taken % 7
        count = length - (8 * taken + fill) // 7
        return gsm7.text_of(gsm7.septets_from(data[taken:], count, fill)), None
    if alphabet is Alphabet.UCS2:
        return data[taken:].decode("utf-16-be", "replace"), None
    return None, data[taken:]


def alphabet_of(coding: int) -> Alphabet | None:
    """The alphabet that a data coding scheme names (TS 23.038, section 4); None for compressed text."""
    group = coding >> 4
    if group < 8:
        if coding & 0x20:
            return None
        return (Alphabet.SEPTETS, Alphabet.OCTETS, Alphabet.UCS2, Alphabet.SEPTETS)[coding >> 2 & 3]
    if group == 0xE:
        return Alphabet.UCS2
    # Reserved groups are to be read as the default alphabet.
    return Alphabet.OCTETS if group == 0xF and coding & 0x04 else Alphabet.SEPTETS


def instant_of(octets: bytes) -> int | None:
    """A service centre's time stamp as milliseconds since 1970 UTC (section 9.2.3.11), None if it is none.

    The zone is in quarters of an hour, its sign in bit 3. Years from 70 on are of the last century.
    """
    digits = swapped(octets[:6]).hex()
    zone = (octets[6] & 7) * 10 + (octets[6] >> 4) if len(octets) == 7 else 100
    if zone > 79 or octets[6] >> 4 > 9:
        return None
    local = fields_instant(("19" if digits >= "70" else "20") + digits)
    if local is None:
        return None
    return local + 900_000 * (zone if octets[6] & 8 else -zone)


def swapped(octets: bytes) -> bytes:
    """Octets with their halves swapped, as digits are written (section 9.1.2.3)."""
    return octets.translate(_HALVES_SWAPPED)


def _address(octets: bytes, digits: int, kind: int) -> str | None:
    """A sender's number or name (section 9.1.2.5); None if it is empty or no number."""
    if kind & 0x70 == _ALPHANUMERIC:
        return gsm7.text_of(gsm7.septets_from(octets, digits * 4 // 7)).strip() or None
    number = swapped(octets).hex()[:digits].translate(_DIGITS)
    if not number or "f" in number:
        return None
    return f"+{number}" if kind & 0x70 == _INTERNATIONAL else number
