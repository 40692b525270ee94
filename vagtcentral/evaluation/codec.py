"""Events and commands as JSON, and back: the format of the journal.

Every event and command is written under its *kind*, the snake_case name of its class, with its fields in the
order of the class. The classes come from the `Event` and `Command` unions themselves, so a new one needs
nothing here. Decoding is strict: what this program did not write, or wrote differently, is a `JournalError`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, cast, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from vagtcentral.ivr.commands import Command
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of

# `constants` writes NaN and Infinity as such: what the machine said is kept even where it is nonsense.
_STRICT = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="constants")

_PRIVATE = frozenset({"caller", "number", "content"})  # phone numbers, and messages with IMSI and IMEI


class JournalError(ValueError):
    """A turn cannot be written or read; the message names the call, the turn and the field."""


class HalfCharacter(JournalError):  # noqa: N818  what it is, not that it is an error
    """A text holds half a character (a lone surrogate), which neither JSON nor UTF-8 can hold."""


@dataclass(frozen=True, slots=True)
class EncodedTurn:
    """A turn as the store keeps it: `event` is a JSON object, `commands` a JSON list of objects."""

    call_id: str
    seq: int
    at: int
    event_kind: str
    event: str
    commands: str


EVENT_KINDS: Mapping[str, type] = {kind_of(cls): cls for cls in get_args(Event)}
COMMAND_KINDS: Mapping[str, type] = {kind_of(cls): cls for cls in get_args(Command)}


class _Form:
    """How one class is written and read: its kind, and pydantic's compiled writer and reader."""

    __slots__ = ("head", "kind", "read", "write")

    def __init__(self, cls: type) -> None:
        if any(field.name == "kind" for field in fields(cls)):
            raise TypeError(f"{cls.__name__} has a field named kind, which the journal format needs itself")
        # `| None` because pydantic takes no settings for a bare dataclass, but passes those of a union down.
        adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, cls | None), config=_STRICT)
        self.kind = kind_of(cls)
        self.head = f'{{"kind":"{self.kind}"'.encode()
        self.write = adapter.serializer.to_json
        self.read = adapter.validator.validate_json


_forms: dict[type, _Form] = {}


def _form(cls: type) -> _Form:
    """The form of a class, made when it is first needed."""
    form = _forms.get(cls)
    if form is None:
        form = _forms[cls] = _Form(cls)
    return form


def _write(form: _Form, value: object) -> bytes:
    try:
        return form.write(value, warnings="error")
    except PydanticSerializationError as error:
        said = re.sub(r"input_value=.*?, input_type", "input_type", _one_line(error))
        kind_of_error = HalfCharacter if "surrogates not allowed" in said else JournalError
        raise kind_of_error(f"{form.kind} cannot be written: {said}") from None


def _tagged(value: object) -> bytes:
    """The value as a JSON object whose first key is its kind."""
    form = _form(type(value))
    body = _write(form, value)
    return form.head + (b"," + body[1:] if len(body) > 2 else b"}")


def _read(cls: type, body: str | bytes) -> Any:
    form = _form(cls)
    try:
        value = form.read(body)
    except ValidationError as error:
        raise JournalError(f"{form.kind}, {_first_problem(error)}") from None
    if value is None:
        raise JournalError(f"{form.kind}: null seen, an object with its fields expected")
    return value


def _class_of(kinds: Mapping[str, type], kind: object, what: str) -> type:
    if isinstance(kind, str) and kind in kinds:
        return kinds[kind]
    raise JournalError(f"unknown {what} kind {kind!r}; known are {', '.join(kinds)}")


def encode_event(event: Event) -> tuple[str, str]:
    """The kind of an event and its fields as a JSON object."""
    form = _form(type(event))
    return form.kind, _write(form, event).decode()


def decode_event(kind: str, body: str) -> Event:
    """The event of that kind with the fields of the JSON object; `JournalError` names the field at fault."""
    return cast(Event, _read(_class_of(EVENT_KINDS, kind, "event"), body))


def encode_commands(commands: tuple[Command, ...]) -> str:
    """Commands as a JSON list of `{"kind": …, fields…}`, in their order."""
    return (b"[" + b",".join(map(_tagged, commands)) + b"]").decode()


def decode_commands(body: str) -> tuple[Command, ...]:
    """The commands of a JSON list; `JournalError` names the command by its place and the field at fault."""
    listed = _parse(body)
    if not isinstance(listed, list):
        raise JournalError(f"commands: {_kind_seen(listed)} seen, a list expected")
    return tuple(_decode_command(place, item) for place, item in enumerate(listed, 1))


def _decode_command(place: int, item: object) -> Command:
    try:
        return cast(Command, _untagged(item, COMMAND_KINDS, "command"))
    except JournalError as error:
        raise JournalError(f"command {place}: {error}") from error


def _untagged(item: object, kinds: Mapping[str, type], what: str) -> object:
    """The event or command of a parsed `{"kind": …, fields…}`."""
    if not isinstance(item, dict):
        raise JournalError(f"{_kind_seen(item)} seen, an object with a kind expected")
    cls = _class_of(kinds, item.pop("kind", None), what)
    return _read(cls, to_json(item, inf_nan_mode="constants"))


def encode_turn(turn: Turn) -> EncodedTurn:
    """The turn as the store keeps it; `JournalError` names call and turn where a field has the wrong type,
    and is a `HalfCharacter` where `with_whole_characters` would help.
    """
    try:
        kind, event = encode_event(turn.event)
        return EncodedTurn(turn.call_id, turn.seq, turn.event.at, kind, event, encode_commands(turn.commands))
    except JournalError as error:
        raise type(error)(f"call {turn.call_id}, turn {turn.seq}: {error}") from error


def with_whole_characters(turn: Turn) -> Turn:
    """The turn with each half character spelt out as its escape, e.g. `\\udce6` in six characters."""
    return replace(turn, event=_whole(turn.event), commands=_whole(turn.commands))


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", value)
    if isinstance(value, tuple | list):
        return type(value)(map(_whole, value))
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _whole(getattr(value, part.name)) for part in fields(value)})
    return value


def decode_turn(call_id: str, seq: int, event_kind: str, event: str, commands: str) -> Turn:
    """The turn that `encode_turn` wrote; `JournalError` names call, turn and field where it is damaged."""
    try:
        return Turn(call_id, seq, decode_event(event_kind, event), decode_commands(commands))
    except JournalError as error:
        raise JournalError(f"call {call_id}, turn {seq}: {error}") from error


def turn_to_json(turn: Turn) -> str:
    """The turn in one line: `{"call_id", "seq", "event": {"kind", …}, "commands": [{"kind", …}…]}`."""
    try:
        head = to_json({"call_id": turn.call_id, "seq": turn.seq})[:-1]
        event, commands = _tagged(turn.event), encode_commands(turn.commands)
    except (JournalError, PydanticSerializationError) as error:
        raise JournalError(f"call {turn.call_id!a}, turn {turn.seq}: {_one_line(error)}") from error
    return f'{head.decode()},"event":{event.decode()},"commands":{commands}}}'


def turn_from_json(line: str) -> Turn:
    """The turn that `turn_to_json` wrote; `JournalError` names what is missing or wrong."""
    item = _parse(line)
    if not isinstance(item, dict) or set(item) != {"call_id", "seq", "event", "commands"}:
        raise JournalError('an object with "call_id", "seq", "event" and "commands" expected')
    call_id, seq = item["call_id"], item["seq"]
    if not isinstance(call_id, str) or type(seq) is not int:
        raise JournalError(f"call_id must be a string and seq a whole number, not {call_id!r} and {seq!r}")
    try:
        event = cast(Event, _untagged(item["event"], EVENT_KINDS, "event"))
        commands = decode_commands(to_json(item["commands"], inf_nan_mode="constants").decode())
    except JournalError as error:
        raise JournalError(f"call {call_id}, turn {seq}: {error}") from error
    return Turn(call_id, seq, event, commands)


def _parse(body: str) -> Any:
    try:
        return from_json(body)
    except ValueError as error:
        raise JournalError(f"not JSON: {_one_line(error)}") from error


def _first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, in one line: the field's path, what is expected, what was seen.

    Values that may name a person are not repeated: errors reach the log.
    """
    problem = error.errors(include_url=False, include_context=False)[0]
    path = ".".join(str(step) for step in problem["loc"]) or "as a whole"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    hidden = problem["type"] in ("missing", "json_invalid") or not _PRIVATE.isdisjoint(problem["loc"])
    seen = "" if hidden else f", not {repr(problem['input'])[:80]}"
    return f"field {path}: {problem['msg']}{seen}{more}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _kind_seen(value: object) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
