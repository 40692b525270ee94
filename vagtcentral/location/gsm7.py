"""The 7-bit alphabet of text messages and its packing into octets (3GPP TS 23.038, sections 6.1.2 and 6.2.1).

Septets are bytes with values 0 to 127. Two packings exist: the standard one puts the first character into the
lowest bits of the first octet (LSB first); a legacy one of some data messages fills octets from the top (MSB
first).
"""

#: Septets that one step of spreading can hold at most; longer input is taken in pieces of this many.
_MOST = 256
_PIECE = _MOST * 7 // 8

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: What stands for a character after the escape (septet 27), section 6.2.1.1.
EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
ESCAPE = 27

_SAME_AS_ASCII = bytes(code for code, letter in enumerate(ALPHABET) if ord(letter) == code and code != ESCAPE)
_CODES = {letter: bytes((code,)) for code, letter in enumerate(ALPHABET) if code != ESCAPE}
_CODES.update({letter: bytes((ESCAPE, code)) for code, letter in EXTENSION.items()})


def _masks() -> list[tuple[int, int, int]]:
    """For each halving of a run of septets: half its length, the mask of the lower halves, of the upper."""
    steps = []
    half = _MOST // 2
    while half:
        low = sum(((1 << 7 * half) - 1) << (16 * half * nth) for nth in range(_MOST // (2 * half)))
        steps.append((half, low, low << 7 * half))
        half //= 2
    return steps


_STEPS = _masks()


def septets_from(octets: bytes, count: int | None = None, fill_bits: int = 0, *, msb: bool = False) -> bytes:
    """The septets packed in some octets, LSB first unless `msb`.

    `count` is how many there are; without it as many as fit, less the septet of zeros that seven padding bits
    make at the end of 8 n - 1 characters. `fill_bits` are skipped at the start (after a user data header, TS
    23.040, section 9.2.3.24). Fewer come back than asked for where the octets end early.
    """
    fits = (8 * len(octets) - fill_bits) // 7
    wanted = fits if count is None else max(0, min(count, fits))
    pieces = []
    for start in range(0, wanted, _MOST):
        piece = octets[start * 7 // 8 : start * 7 // 8 + _PIECE + 1]
        pieces.append(_unpacked(piece, min(_MOST, wanted - start), fill_bits, msb))
    septets = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    if count is None and wanted and wanted % 8 == 0 and not fill_bits and not septets[-1]:
        return septets[:-1]
    return septets


def _unpacked(octets: bytes, count: int, fill_bits: int, msb: bool) -> bytes:
    """Spread a number of 7-bit digits to one of 8-bit digits, halves of halves at a time."""
    if msb:
        bits = int.from_bytes(octets, "big") >> max(0, 8 * len(octets) - 7 * count - fill_bits)
        bits &= (1 << 7 * count) - 1
    else:
        bits = int.from_bytes(octets, "little") >> fill_bits & (1 << 7 * count) - 1
    for shift, low, high in _STEPS:
        if shift < count:
            bits = (bits & low) | ((bits & high) << shift)
    return bits.to_bytes(count, "big" if msb else "little")


def packed(septets: bytes, fill_bits: int = 0, *, msb: bool = False) -> bytes:
    """Septets packed into octets, the opposite of `septets_from`; unused bits are 0."""
    bits = 0
    for septet in septets if msb else reversed(septets):
        bits = bits << 7 | septet & 127
    length = (7 * len(septets) + fill_bits + 7) // 8
    if msb:
        return (bits << 8 * length - 7 * len(septets) - fill_bits).to_bytes(length, "big")
    return (bits << fill_bits).to_bytes(length, "little")


def text_of(septets: bytes) -> str:
    """The characters of some septets; an escape before no character of the extension table is a blank."""
    if not septets.translate(None, _SAME_AS_ASCII):
        return septets.decode("ascii")
    letters = []
    escaped = False
    for septet in septets:
        if escaped:
            letters.append(EXTENSION.get(septet, " " if septet == ESCAPE else ALPHABET[septet & 127]))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            letters.append(ALPHABET[septet & 127])
    return "".join(letters)


def septets_of(text: str) -> bytes:
    """The septets of a text. Raises ValueError with the first character that the alphabet does not have."""
    try:
        return b"".join([_CODES[letter] for letter in text])
    except KeyError as error:
        raise ValueError(
            f"character {error.args[0]!r} is not in the 7-bit alphabet of text messages"
        ) from None
