"""Location messages in several parts (3GPP TS 23.040, section 9.2.3.24.1): put together in any order.

What is missing leaves a gap. A value that touches a gap may have been cut in two, and half a coordinate is a
wrong coordinate, so such values are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vagtcentral.location.aml_octets import Part, keys_of, unwrapped
from vagtcentral.location.anomaly import Anomaly

#: Sender, reference, how many bits that has, and number of parts: equal for the parts of one message.
Key = tuple[str | None, int, int, int]


@dataclass(frozen=True, slots=True)
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


def join(parts: Sequence[Part]) -> Joined:
    """Put together the parts of one message (all of the same `key_of`), in whatever order they come."""
    if len(parts) == 1 and key_of(parts[0]) is None:
        return Joined(*_text([parts[0]]), (), True)
    odd: list[Anomaly] = []
    by_number = _numbered(parts, odd)
    total = max((part.concatenation.total for part in parts if part.concatenation), default=1)
    runs = _runs(by_number, total)
    complete = len(by_number) >= total
    if not complete:
        odd.append(Anomaly.PART_MISSING)
    read = [_text(run) for _, run in runs]
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
        number = part.concatenation.number if part.concatenation else 1
        there = found.setdefault(number, part)
        if there is not part:
            same = (there.text, there.octets) == (part.text, part.octets)
            odd.append(Anomaly.PART_DUPLICATE if same else Anomaly.PART_CONFLICT)
    return found


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


def _text(run: list[Part]) -> tuple[str, str | None]:
    """The text of parts in a row. Septets may run on from part to part, or begin anew in each of them."""
    if len(run) == 1:
        text, octets = run[0].text, run[0].octets
        return (text, None) if text is not None else unwrapped(octets or b"")
    several = [part.octets for part in run if part.octets is not None]
    if len(several) < len(run):
        texts = [part.text if part.text is not None else unwrapped(part.octets or b"")[0] for part in run]
        return "".join(texts), None
    running, packing = unwrapped(b"".join(several))
    anew = "".join(unwrapped(one)[0] for one in several)
    return (anew if keys_of(anew) > keys_of(running) else running), packing


def _trimmed(text: str, before: bool, after: bool) -> str:
    """The text without the field at its start or end that a gap there has cut in two, or may have.

    A field that begins with a key is whole: no key is the end of another.
    """
    if before and keys_of(text.partition(";")[0]) == 0:
        text = text.partition(";")[2]
    if after:
        text = text[: text.rfind(";") + 1]
    return text
