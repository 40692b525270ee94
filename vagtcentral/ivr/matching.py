"""Which call a location message belongs to: the one that its sender's number made.

A message comes before, during or after its call, by text message or HTTPS or both, and sometimes twice.
Matching is pure: time arrives with each question, nothing reads a clock.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import phonenumbers

from vagtcentral.ivr.events import LocationReceived

#: How long before its call a message may come, in milliseconds.
WINDOW_MS = 600_000
#: How long after the arrival of its call a message may come: handsets keep one for up to an hour.
LATE_MS = 3_600_000
#: Messages and calls that are remembered at most, each.
MOST = 10_000

#: Numbers without a country code are taken to be Danish.
REGION = "DK"

_LONGEST = 64
_ADDRESS = re.compile(r"^(?:sips?|tel):([^@;?>]*)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s().\-/]+")


def number_key(number: str | None) -> str | None:
    """The number in E.164 (`+4520304050`) however it is written; short codes as they are; None without one.

    A number of more digits than a Danish one that fits another country is taken to have lost its `+`. Numbers
    are compared by this key only, never by their last digits, so that two callers are never mixed up.
    """
    if number is None:
        return None
    text = number.strip()[:_LONGEST]
    address = _ADDRESS.match(text)
    if address:
        text = address.group(1)
    plain = _PUNCTUATION.sub("", text)
    if not (plain.removeprefix("+").isdecimal() and plain.isascii()):
        return None
    attempts = [plain] if plain.startswith("+") else [plain, f"+{plain}"]
    for attempt in attempts:
        try:
            parsed = phonenumbers.parse(attempt, REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = plain.removeprefix("+")
    return digits if digits.strip("0") else None


@dataclass(slots=True)
class Tally:
    """What became of the messages, in numbers; `dropped` were let go because there were too many."""

    given: int = 0
    kept: int = 0
    duplicates: int = 0
    without_number: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Call:
    call_id: str
    number: str
    arrived: int
    closed: bool = False


@dataclass(slots=True)
class _Message:
    event: LocationReceived
    at: int
    digest: bytes
    #: The call that got it last.
    call_id: str | None = None


@dataclass(slots=True)
class _Caller:
    """What is remembered of one number, oldest first."""

    calls: deque[_Call] = field(default_factory=deque)
    messages: deque[_Message] = field(default_factory=deque)


class LocationMatcher:
    """Brings location messages and calls together by the caller's number.

    A message waits `window_ms` for a call. One that comes while a call of the number is remembered (`late_ms`
    from its arrival) goes to the call that the number made last, closed or not. The call of a caller who
    rings again within `window_ms` of a message gets it too, as his handset may send only one. At most `most`
    messages and as many calls are remembered; beyond that the oldest are dropped, and messages that no call
    got are counted in `tally`.
    """

    def __init__(self, window_ms: int = WINDOW_MS, late_ms: int = LATE_MS, most: int = MOST) -> None:
        if window_ms < 0 or late_ms < 0 or most < 1:
            raise ValueError(f"window {window_ms} ms, late {late_ms} ms, most {most}: 0 or more, at least 1")
        self._window_ms = window_ms
        self._late_ms = late_ms
        self._most = most
        self._callers: dict[str, _Caller] = {}
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._messages: deque[tuple[str, _Message]] = deque()
        self.tally = Tally()

    def __len__(self) -> int:
        """How many messages are remembered."""
        return len(self._messages)

    @property
    def window_ms(self) -> int:
        """How long a message waits for a call, in milliseconds."""
        return self._window_ms

    @property
    def memory_ms(self) -> int:
        """How long messages and calls are remembered, in milliseconds."""
        return max(self._window_ms, self._late_ms)

    def call_arrived(self, call_id: str, number: str | None, at: int) -> list[LocationReceived]:
        """Take note of a call; returns the messages that came before it, oldest first.

        Their instant becomes `at`, when this call received them, so that no event of a call lies before its
        arrival. A call that is reported again gets nothing again.
        """
        self._forget(at)
        key = number_key(number)
        if key is None or call_id in self._calls:
            return []
        caller = self._callers.setdefault(key, _Caller())
        call = self._calls[call_id] = _Call(call_id, key, at)
        caller.calls.append(call)
        early = [message for message in caller.messages if at - message.at <= self._window_ms]
        for message in early:
            message.call_id = call_id
        self.tally.given += len(early)
        if len(self._calls) > self._most:
            self._drop_call(next(iter(self._calls)))
        return [replace(message.event, at=at) for message in early]

    def message(self, number: str | None, event: LocationReceived, at: int) -> str | None:
        """The call to give the message to; None where it is kept for a call to come, or came before.

        A message with the same form and content from the same number is a duplicate: no call gets it twice.
        The next call does: who has not moved has the same cell.
        """
        self._forget(at)
        key = number_key(number)
        if key is None:
            self.tally.without_number += 1
            return None
        caller = self._callers.setdefault(key, _Caller())
        digest, call_id = _digest(event), caller.calls[-1].call_id if caller.calls else None
        if any(known.digest == digest and known.call_id == call_id for known in caller.messages):
            self.tally.duplicates += 1
            return None
        message = _Message(event, at, digest, call_id)
        caller.messages.append(message)
        self._messages.append((key, message))
        if len(self._messages) > self._most:
            self._drop_message()
        if call_id is None:
            self.tally.kept += 1
        else:
            self.tally.given += 1
        return call_id

    def call_closed(self, call_id: str) -> None:
        """Take note that the record of a call has closed; late messages still find it."""
        call = self._calls.get(call_id)
        if call is not None:
            call.closed = True

    def is_closed(self, call_id: str) -> bool:
        """Whether the call is closed or unknown: a message for it goes to the record and not to the desk."""
        call = self._calls.get(call_id)
        return call is None or call.closed

    def waiting(self, at: int) -> Iterator[LocationReceived]:
        """The messages that still wait for a call, oldest first."""
        return (
            message.event
            for _, message in self._messages
            if message.call_id is None and at - message.at <= self._window_ms
        )

    # --- forgetting ---------------------------------------------------------------------------

    def _forget(self, at: int) -> None:
        """Let go what is too old. A message outlives its window: a duplicate of it may still come."""
        while self._messages and at - self._messages[0][1].at > self.memory_ms:
            self._take_message()
        while self._calls:
            call = next(iter(self._calls.values()))
            if at - call.arrived <= self._late_ms:
                break
            self._drop_call(call.call_id)

    def _drop_message(self) -> None:
        if self._take_message().call_id is None:
            self.tally.dropped += 1

    def _take_message(self) -> _Message:
        key, message = self._messages.popleft()
        caller = self._callers[key]
        caller.messages.popleft()
        self._tidy(key, caller)
        return message

    def _drop_call(self, call_id: str) -> None:
        call = self._calls.pop(call_id)
        caller = self._callers[call.number]
        caller.calls.remove(call)
        self._tidy(call.number, caller)

    def _tidy(self, key: str, caller: _Caller) -> None:
        if not caller.calls and not caller.messages:
            del self._callers[key]


def _digest(event: LocationReceived) -> bytes:
    content = f"{event.form.value}\0{event.content}".encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).digest()
