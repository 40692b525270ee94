"""Advanced Mobile Location in every form that carries it: one entry, `decode_any`.

Forms: `sms-v1`, `sms-v2` (text), `data-sms-v1`, `data-sms-v2` (packed septets, octets or UCS-2, with a user
data header or without), `deliver-v1`, `deliver-v2` (SMS-DELIVER), `https` (the posted form), `unknown`.
Octets come raw, or written as hexadecimal or base64. Reading never raises and never drops.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vagtcentral.location.aml import (
    FUTURE_AFTER_MS,
    HEADER,
    LONGEST,
    STALE_AFTER_MS,
    AmlMessage,
    decode,
)
from vagtcentral.location.aml_https import KEYS as FORM_KEYS
from vagtcentral.location.aml_https import decode_form
from vagtcentral.location.aml_octets import Part, read_part, read_written, unwrapped
from vagtcentral.location.aml_parts import (
    Begun,
    Joined,
    Key,
    begins_anew,
    grouped,
    is_complete,
    join,
    key_of,
)
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.form_anomaly import FormAnomaly

#: What no text has, but most octets of a data message or an SMS-DELIVER: all control characters but blanks.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FORMS = {
    ("data", "sms-v1"): "data-sms-v1",
    ("data", "sms-v2"): "data-sms-v2",
    ("deliver", "sms-v1"): "deliver-v1",
    ("deliver", "sms-v2"): "deliver-v2",
}


def decode_any(
    message: str | bytes, received_at: int | None = None, *, key: bytes | None = None
) -> AmlMessage:
    """Read one location message in any form, or all parts of one, each on a line of its own.

    `received_at` (ms since 1970 UTC) lets a stale fix and a late message be told; where a service centre's
    time is in the message, the fix is judged against that. `key` checks the HMAC of a posted form. `raw` is
    the message as it came; octets that are no text are kept in hexadecimal. Never raises, never drops.
    """
    if isinstance(message, str):
        if message.startswith(HEADER) or len(message) > LONGEST:
            return decode(message, received_at)
        return _from_text(message, received_at, key)
    return _from_octets(message, received_at, key)


def decode_parts(messages: Sequence[str | bytes], received_at: int | None = None) -> tuple[AmlMessage, ...]:
    """Read messages that may be parts of each other: one answer for each whole message, none left out.

    Parts belong together by sender, reference and number of parts (see `aml_parts.begins_anew` for references
    that come again); they may come in any order, twice, or not at all. Answers are in the order in which the
    first part of each came.
    """
    collected: dict[int, tuple[AmlMessage, Begun | None]] = {}
    collector = PartCollector(most=len(messages) + 1)
    for nth, message in enumerate(messages):
        answer, begun = collector.added(message, received_at)
        # What was begun is kept with its answer, so that its identity is nobody else's.
        collected[-nth - 1 if begun is None else id(begun)] = answer, begun
    return tuple(answer for answer, _ in collected.values())


@dataclass(slots=True)
class PartCollector:
    """Puts together the parts of messages as they come in; what is known so far is answered at once.

    Nothing here reads a clock. Parts are remembered for `keep_ms` after the last one of their message, and of
    at most `most` messages, so that a sender cannot fill the memory. A whole message is remembered for its
    repetitions only: a part that says something else begins a new one.
    """

    keep_ms: int = 600_000
    most: int = 1_000
    _waiting: OrderedDict[Key, Begun] = field(default_factory=OrderedDict, repr=False)

    def add(self, message: str | bytes, received_at: int | None = None) -> AmlMessage:
        """Read a message together with the parts of it that came before.

        While parts are missing the answer has the anomaly `part-missing` and only what is certain; the answer
        to the last part is the whole message, with `raw` one part a line. Never raises, never drops.
        """
        return self.added(message, received_at)[0]

    def added(self, message: str | bytes, received_at: int | None = None) -> tuple[AmlMessage, Begun | None]:
        """As `add`, with the parts that the answer was read from; None for a message in one piece."""
        part, raw = _part_of(message)
        common = None if part is None else key_of(part)
        if part is None or common is None:
            return decode_any(message, received_at), None
        begun = self._begun(common, part, received_at)
        begun.parts.append((raw, part))
        del begun.parts[:-256]
        begun.last_at = received_at
        self._waiting[common] = begun
        while len(self._waiting) > self.most:
            self._waiting.popitem(last=False)
        parts, raws = [one for _, one in begun.parts], [text for text, _ in begun.parts]
        return _from_parts(parts, received_at, "\n".join(raws), begun.odd), begun

    def _begun(self, common: Key, part: Part, received_at: int | None) -> Begun:
        """The message that a part belongs to, a new one where that is none of those remembered."""
        begun = self._waiting.pop(common, None)
        if begun is None:
            return Begun([])
        last = begun.last_at
        if last is not None and received_at is not None and received_at - last > self.keep_ms:
            return Begun([])
        odd = begins_anew(part, [one for _, one in begun.parts])
        return begun if odd is None else Begun([], odd)


def _part_of(message: str | bytes) -> tuple[Part | None, str]:
    """The short message in a text or octets, if there is one, and then the message as it is to be kept."""
    if len(message) > LONGEST:
        return None, ""
    if isinstance(message, bytes):
        part = read_part(message)
        if part is not None:
            return part, message.hex()
        message = message.decode("latin-1")
    if ";" in message or len(message.split()) > 1:
        return None, message
    return read_written(message), message


def _from_octets(message: bytes, received_at: int | None, key: bytes | None) -> AmlMessage:
    """Octets that are a text are read as one; others, and those that say nothing so, as a short message."""
    try:
        text = message.decode("utf-8")
        raw = text
    except UnicodeDecodeError:
        text, raw = message.decode("latin-1"), message.hex()
    if len(message) > LONGEST:
        return decode(raw, received_at)
    if text.startswith(HEADER) or (HEADER in text and text.isprintable()):
        return decode(text, received_at)
    if _is_form(text):
        return _from_form(message, text, received_at, key)
    answer = None
    if raw is text and _CONTROL.search(text) is None:
        answer = _from_text(text, received_at, key)
        if Anomaly.NOT_AML not in answer.anomalies:
            return answer
    part = read_part(message)
    if part is not None:
        return _from_parts([part], received_at, message.hex())
    return answer or replace(_from_text(text, received_at, key), raw=raw)


def _from_text(text: str, received_at: int | None, key: bytes | None) -> AmlMessage:
    if HEADER in text:
        return decode(text, received_at)
    if _is_form(text):
        return _from_form(text.encode("utf-8", "surrogatepass"), text, received_at, key)
    if ";" not in text:
        lines = text.split()
        answer = _from_lines(lines, received_at, text) if len(lines) > 1 else None
        if answer is not None:
            return answer
        part = read_written(text)
        if part is not None:
            return _from_parts([part], received_at, text)
        return decode(text, received_at)
    decoded = decode(text, received_at)
    if Anomaly.NOT_AML in decoded.anomalies:
        part = read_written(text)
        if part is not None:
            return _from_parts([part], received_at, text)
    return decoded


def _from_lines(lines: list[str], received_at: int | None, raw: str) -> AmlMessage | None:
    """Lines that are each a part of a longer message; None if they are not."""
    parts = [read_written(line) for line in lines]
    found = [part for part in parts if part is not None and part.concatenation is not None]
    if len(found) < len(lines):
        return None
    first = key_of(found[0])
    messages = grouped([("", part) for part in found if key_of(part) == first])
    read = messages[0]
    odd: tuple[Anomaly, ...] = ()
    if len(messages) > 1:
        whole = [one for one in messages if is_complete([part for _, part in one.parts])]
        read = (whole or messages)[0]
        odd = tuple([one for message in messages for one in message.odd])
    mine = [part for _, part in read.parts]
    if len(mine) < len(found):
        odd = (Anomaly.PARTS_MIXED, *odd)
    return _from_parts(mine, received_at, raw, odd)


def _from_parts(
    parts: Sequence[Part], received_at: int | None, raw: str, odd: tuple[Anomaly, ...] = ()
) -> AmlMessage:
    """The message that some parts make up; all of them are of the same message."""
    if len(parts) == 1 and not odd and key_of(parts[0]) is None:
        return _from_part(parts[0], received_at, raw)
    joined = join(parts)
    sent_at = max((part.sent_at for part in parts if part.sent_at is not None), default=None)
    judged_at, late = _judged_at(sent_at, received_at)
    decoded = decode(joined.text, judged_at)
    named: list[Anomaly | FormAnomaly] = [
        *odd,
        *(one for part in parts for one in part.anomalies),
        *late,
        *joined.anomalies,
    ]
    if joined.packing == "septets-msb":
        named.append(Anomaly.LEGACY_PACKING)
    # At a gap the text ends with a separator that the sender did not put last.
    named += [one for one in decoded.anomalies if joined.complete or one is not Anomaly.EMPTY_FIELD]
    return AmlMessage(
        form=_FORMS.get((parts[0].carriage, decoded.form), decoded.form),
        position=decoded.position,
        msisdn=next((part.msisdn for part in parts if part.msisdn), None),
        imsi=decoded.imsi,
        imei=decoded.imei,
        network=decoded.network,
        anomalies=tuple(dict.fromkeys(named)),
        raw=raw,
        layers=_layers(parts, joined),
        sent_at=sent_at,
        fields=decoded.fields,
    )


def _from_part(part: Part, received_at: int | None, raw: str) -> AmlMessage:
    """The same for a message in one piece, as nearly all are: nothing is to be joined, and less looked at."""
    text, packing = (part.text, None) if part.text is not None else unwrapped(part.octets or b"")
    judged_at, late = _judged_at(part.sent_at, received_at)
    decoded = decode(text, judged_at)
    anomalies = decoded.anomalies
    before = (*part.anomalies, *late)
    if packing == "septets-msb":
        before = (*before, Anomaly.LEGACY_PACKING)
    if before:
        anomalies = tuple(dict.fromkeys((*before, *anomalies)))
    return AmlMessage(
        _FORMS.get((part.carriage, decoded.form), decoded.form),
        decoded.position,
        part.msisdn,
        decoded.imsi,
        decoded.imei,
        decoded.network,
        anomalies,
        raw,
        (*part.layers, packing) if packing else part.layers,
        part.sent_at,
        decoded.fields,
    )


def _layers(parts: Sequence[Part], joined: Joined) -> tuple[str, ...]:
    return (
        *parts[0].layers,
        *(("parts",) if len(parts) > 1 else ()),
        *((joined.packing,) if joined.packing else ()),
    )


def _judged_at(sent_at: int | None, received_at: int | None) -> tuple[int | None, tuple[Anomaly, ...]]:
    """The instant against which a fix is stale or not: the service centre's, unless that cannot be."""
    if sent_at is None or received_at is None:
        return (received_at if sent_at is None else sent_at), ()
    if sent_at - received_at > FUTURE_AFTER_MS:
        return received_at, (Anomaly.BAD_SENT_TIME,)
    return sent_at, ((Anomaly.LATE_MESSAGE,) if received_at - sent_at > STALE_AFTER_MS else ())


def _is_form(text: str) -> bool:
    """Whether a text is the HTTPS transport's form: `key=value` with at least one key of that transport."""
    # A whole message of another form is one pair at most, so that this costs it nothing.
    return "=" in text and any(
        pair.partition("=")[0].strip().lower() in FORM_KEYS for pair in text.split("&") if "=" in pair
    )


def _from_form(body: bytes, raw: str, received_at: int | None, key: bytes | None) -> AmlMessage:
    form = decode_form(body, key=key, received_at=0 if received_at is None else received_at)
    anomalies = form.anomalies
    if received_at is None:  # nothing was to be judged against the receipt
        anomalies = tuple(one for one in anomalies if one not in (Anomaly.STALE_FIX, Anomaly.FUTURE_FIX))
    said = (form.position, form.msisdn, form.imsi, form.imei, form.network, anomalies, raw)
    return AmlMessage("https", *said, fields=form.fields)
