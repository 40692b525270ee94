"""Writing what `sms_pdu` reads: SMS-DELIVER messages and their parts, for simulated handsets and tests."""

from datetime import UTC, datetime, timedelta

from vagtcentral.location import gsm7
from vagtcentral.location.sms_pdu import Alphabet, swapped

#: What a part of a longer message has room for beside its header of 6 or 7 octets, in characters or octets.
PART_ROOM = {Alphabet.SEPTETS: 152, Alphabet.OCTETS: 133, Alphabet.UCS2: 66}
_CODINGS = {Alphabet.SEPTETS: 0x00, Alphabet.OCTETS: 0x04, Alphabet.UCS2: 0x08}


def ports_header(to_port: int, from_port: int = 0) -> bytes:
    """A user data header with 16-bit application ports (TS 23.040, section 9.2.3.24.4)."""
    return bytes((6, 5, 4)) + to_port.to_bytes(2, "big") + from_port.to_bytes(2, "big")


def part_header(reference: int, total: int, number: int, bits: int = 8) -> bytes:
    """A user data header of part `number` of `total`, with a reference of 8 or 16 bits."""
    size = bits // 8
    content = reference.to_bytes(size, "big") + bytes((total, number))
    return bytes((2 + len(content), 0 if size == 1 else 8, len(content))) + content


def deliver(
    content: str | bytes,
    sender: str,
    sent_at: int,
    *,
    alphabet: Alphabet = Alphabet.SEPTETS,
    header: bytes = b"",
    centre: str | None = None,
    zone: int = 0,
) -> bytes:
    """An SMS-DELIVER (TS 23.040, section 9.2.2.1) from `sender` (`+45…`), got at `sent_at` (ms UTC).

    `content` is octets for the 8-bit alphabet, else text. `centre` puts a service centre's address before it;
    `zone` is that centre's in quarters of an hour. Raises ValueError for what the alphabet cannot write, or
    more than 255 characters or octets.
    """
    if isinstance(content, bytes):
        data = header + content
        length = len(data)
    elif alphabet is Alphabet.UCS2:
        data = header + content.encode("utf-16-be")
        length = len(data)
    else:
        septets = gsm7.septets_of(content)
        fill = -8 * len(header) % 7
        data = header + gsm7.packed(septets, fill)
        length = (8 * len(header) + fill) // 7 + len(septets)
    first = 0x04 | (0x40 if header else 0)
    digits = len(sender.removeprefix("+"))
    address = bytes((first, digits)) + _address(sender)
    rest = bytes((0, _CODINGS[alphabet])) + _stamp(sent_at, zone) + bytes((length,)) + data
    before = b""
    if centre is not None:
        before = _address(centre)
        before = bytes((len(before),)) + before
    return before + address + rest


def deliver_parts(
    content: str | bytes,
    sender: str,
    sent_at: int,
    *,
    reference: int,
    alphabet: Alphabet = Alphabet.SEPTETS,
    bits: int = 8,
    room: int | None = None,
) -> list[bytes]:
    """The parts of a long message, each an SMS-DELIVER with `room` characters or octets of it at most."""
    size = PART_ROOM[alphabet] if room is None else room
    total = -(-len(content) // size)
    return [
        deliver(
            content[nth * size : (nth + 1) * size],
            sender,
            sent_at,
            alphabet=alphabet,
            header=part_header(reference, total, nth + 1, bits),
        )
        for nth in range(total)
    ]


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    digits += "f" * (len(digits) % 2)
    return bytes((0x91 if number.startswith("+") else 0x81,)) + swapped(bytes.fromhex(digits))


def _stamp(instant: int, zone: int) -> bytes:
    moment = datetime.fromtimestamp(instant // 1000, tz=UTC) + timedelta(minutes=15 * zone)
    octets = swapped(bytes.fromhex(f"{moment:%y%m%d%H%M%S}{abs(zone):02d}"))
    return octets[:6] + bytes((octets[6] | (8 if zone < 0 else 0),))
