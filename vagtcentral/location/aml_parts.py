"""Location messages in several parts (3GPP TS 23.040, section 9.2.3.24.1): put together in any order.

What is missing leaves a gap. A value that touches a gap may have been cut in two, and half a coordinate is a
wrong coordinate, so such values are left out. References come again: a part that cannot be of the same
message as those before it begins a new one, so that no newer fix is lost and no two messages are spliced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vagtcentral.location.aml import HEADER
from vagtcentral.location.aml_octets import PACKINGS, Part, keys_of, oddness, readings, unpacked, unwrapped
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.value import value

#: The parts of one message reach the service centre with less than this between one and the next, in
#: milliseconds: a handset sends them in one go. An assumption.
ONE_GO_MS = 20_000

#: No message of AML takes more octets than this: in longer ones no character that was cut is looked for.
_MOST_OCTETS = 1024

#: Sender, reference, how many bits that has, and number of parts: equal for the parts of one message.
Key = tuple[str | None, int, int, int]


@value
class Joined:
    """The text of a message from its parts, the packing that it was in, and what was odd about the parts."""

    text: str
    packing: str | None
    anomalies: tuple[Anomaly, ...]
    complete: bool


def key_of(part: Part) -> Key | None:
    """What the parts of one message have in common; None for a message in one piece."""
    whole = part.concatenation
    if whole is None or whole.total < 2:
        return None
    return part.msisdn, whole.reference, whole.bits, whole.total


@dataclass(slots=True)
class Begun:
    """The parts so far of one message, each with the text that it came as, and what was odd about its start.

    `last_at` is when the last of them was received (ms since 1970 UTC), None where that is not known.
    """

    parts: list[tuple[str, Part]]
    odd: tuple[Anomaly, ...] = ()
    last_at: int | None = None


def begins_anew(part: Part, known: Sequence[Part]) -> tuple[Anomaly, ...] | None:
    """What is odd about a part that begins a new message beside known ones of the same `key_of`, else None.

    It does if its service centre got it long before or after all of them, or one of them has its number and
    says something else.
    """
    if part.sent_at is not None:
        times = [one.sent_at for one in known if one.sent_at is not None]
        if times and min(abs(part.sent_at - time) for time in times) > ONE_GO_MS:
            return ()
    if any(_number(one) == _number(part) and not _same(one, part) for one in known):
        return (Anomaly.PART_CONFLICT,)
    return None


def grouped(parts: Iterable[tuple[str, Part]]) -> list[Begun]:
    """Parts of the same `key_of`, in the order in which they came, as the messages that they make up."""
    parts = list(parts)
    if _once_in_one_go([part for _, part in parts]):
        return [Begun(parts)]
    found: list[Begun] = []
    for raw, part in parts:
        odd = begins_anew(part, [one for _, one in found[-1].parts]) if found else ()
        if odd is None:
            found[-1].parts.append((raw, part))
        else:
            found.append(Begun([(raw, part)], odd))
    return found


def _once_in_one_go(parts: Sequence[Part]) -> bool:
    """Whether each number comes once and no two parts are far apart in time, as nearly always."""
    if len({_number(part) for part in parts}) < len(parts):
        return False
    times = [part.sent_at for part in parts if part.sent_at is not None]
    return not times or max(times) - min(times) <= ONE_GO_MS


def is_complete(parts: Sequence[Part]) -> bool:
    """Whether none of the parts of their message is missing."""
    whole = parts[0].concatenation
    return whole is None or len({_number(part) for part in parts}) >= whole.total


def join(parts: Sequence[Part]) -> Joined:
    """Put together the parts of one message (all of the same `key_of`), in whatever order they come."""
    if len(parts) == 1 and key_of(parts[0]) is None:
        return Joined(*_text([parts[0]], True), (), True)
    by_place = {_number(part): part.text for part in parts}
    if len(by_place) == len(parts) and is_complete(parts):  # as nearly always
        texts = [by_place[number] for number in sorted(by_place)]
        if None not in texts:
            return Joined("".join(filter(None, texts)), None, (), True)
    odd: list[Anomaly] = []
    by_number = _numbered(parts, odd)
    total = max((part.concatenation.total for part in parts if part.concatenation), default=1)
    runs = _runs(by_number, total)
    complete = len(by_number) >= total
    if not complete:
        odd.append(Anomaly.PART_MISSING)
    short = sum(len(part.octets or b"") for part in by_number.values()) <= _MOST_OCTETS
    read = [_text(run, short) for _, run in runs]
    text = ""
    for (first, run), (piece, _) in zip(runs, read, strict=True):
        before = first > 1
        after = first + len(run) <= total
        text += ";" * bool(text and not text.endswith(";")) + _trimmed(piece, before, after)
    packing = next((packing for _, packing in read if packing), None)
    return Joined(text, packing, tuple(dict.fromkeys(odd)), complete)


def _numbered(parts: Iterable[Part], odd: list[Anomaly]) -> dict[int, Part]:
    """The parts by their number, the first of each; repetitions are named."""
    found: dict[int, Part] = {}
    for part in parts:
        there = found.setdefault(_number(part), part)
        if there is not part:
            odd.append(Anomaly.PART_DUPLICATE if _same(there, part) else Anomaly.PART_CONFLICT)
    return found


def _number(part: Part) -> int:
    return part.concatenation.number if part.concatenation else 1


def _same(one: Part, other: Part) -> bool:
    return (one.text, one.octets) == (other.text, other.octets)


def _runs(by_number: dict[int, Part], total: int) -> list[tuple[int, list[Part]]]:
    """Parts that follow each other without a gap, with the number of the first of them."""
    runs: list[tuple[int, list[Part]]] = []
    for number in range(1, total + 1):
        part = by_number.get(number)
        if part is None:
            continue
        if runs and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(part)
        else:
            runs.append((number, [part]))
    return runs


def _text(run: list[Part], short: bool) -> tuple[str, str | None]:
    """The text of parts in a row. Septets may run on from part to part, or begin anew in each of them."""
    several = [part.octets for part in run if part.octets is not None]
    if len(several) < len(run):
        texts = [part.text if part.text is not None else unwrapped(part.octets or b"")[0] for part in run]
        return "".join(texts), None
    return _unpacked(several, short)


def _unpacked(several: list[bytes], short: bool) -> tuple[str, str]:
    """The likeliest text of octets in a row, and its packing: that with the most keys, then the plainest."""
    running = b"".join(several)
    text, packing = unwrapped(running)
    if HEADER in text or not short:
        texts = [(text, packing), (_anew(several, packing), packing)]
    else:  # After a gap nothing tells the packing, nor in which octet a character begins.
        texts = [*((_anew(several, one), one) for one in PACKINGS), *readings(running)]
    return max(texts, key=lambda one: (keys_of(one[0]), -oddness(one[0])))


def _anew(several: list[bytes], packing: str) -> str:
    return "".join([unpacked(octets, packing) for octets in several])


def _trimmed(text: str, before: bool, after: bool) -> str:
    """The text without the field at its start or end that a gap there has cut in two, or may have.

    A field that begins with a key is whole: no key is the end of another.
    """
    if before and keys_of(text.partition(";")[0]) == 0:
        text = text.partition(";")[2]
    if after:
        text = text[: text.rfind(";") + 1]
    return text
