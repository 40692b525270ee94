import json
import types
import typing
from dataclasses import fields, is_dataclass, replace
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.evaluation.codec import (
    COMMAND_KINDS,
    EVENT_KINDS,
    HalfCharacter,
    JournalError,
    decode_commands,
    decode_event,
    decode_turn,
    encode_commands,
    encode_event,
    encode_turn,
    turn_from_json,
    turn_to_json,
    with_whole_characters,
)
from vagtcentral.ivr.commands import Command, Hold, SetTimer, ShowAnswer
from vagtcentral.ivr.events import CallArrived, DigitPressed, Event, LocationForm, LocationReceived, Timer
from vagtcentral.ivr.journal import Turn

SCALARS: dict[typing.Any, st.SearchStrategy] = {
    int: st.integers(-(2**70), 2**70),
    float: st.floats(allow_nan=False),
    str: st.text(),
    bool: st.booleans(),
    types.NoneType: st.none(),
    typing.Any: st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(), deeper, max_size=3),
        max_leaves=5,
    ),
}


def values_of(hint: typing.Any) -> st.SearchStrategy:
    """Any value of a type as it occurs in events and commands."""
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: values_of(hints[field.name]) for field in fields(hint)})
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return st.one_of(*map(values_of, arguments))
    if typing.get_origin(hint) is tuple and arguments[1:] == (...,):
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is tuple:
        return st.tuples(*map(values_of, arguments))
    if typing.get_origin(hint) is dict:
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=3)
    raise NotImplementedError(f"no values for {hint}")


EVENTS = typing.get_args(Event)
COMMANDS = typing.get_args(Command)


@pytest.mark.parametrize("cls", EVENTS, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_every_event_comes_back_as_it_was_written(cls: type, data: st.DataObject) -> None:
    event = data.draw(values_of(cls))
    kind, body = encode_event(event)
    assert EVENT_KINDS[kind] is cls
    assert decode_event(kind, body) == event
    assert encode_event(decode_event(kind, body)) == (kind, body)


@pytest.mark.parametrize("cls", COMMANDS, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_every_command_comes_back_as_it_was_written(cls: type, data: st.DataObject) -> None:
    commands = data.draw(st.lists(values_of(cls), max_size=2).map(tuple))
    body = encode_commands(commands)
    assert decode_commands(body) == commands
    assert all(COMMAND_KINDS[item["kind"]] is cls for item in json.loads(body))


@given(st.builds(Turn, st.text(), st.integers(1), values_of(Event), st.tuples(values_of(Command))))
def test_a_turn_comes_back_from_a_line_of_a_journal_file(turn: Turn) -> None:
    line = turn_to_json(turn)
    assert "\n" not in line
    assert turn_from_json(line) == turn


def test_the_format_is_compact_in_field_order_and_keeps_danish_letters(told) -> None:
    gather = told("answered")[0].commands[2]
    assert encode_commands((Hold(), gather)) == (
        '[{"kind":"hold"},{"kind":"gather","play":1,"prompts":[{"name":"welcome","language":"da",'
        '"text":"Du har ringet til politiet på 114."}],"barge_in":true,'
        '"timing":{"first_ms":5000,"inter_ms":3000,"overall_ms":20000},"max_digits":1,"terminator":null}]'
    )
    assert encode_event(DigitPressed(7, "#")) == ("digit_pressed", '{"at":7,"digit":"#"}')


def test_what_is_no_number_is_kept_and_not_turned_into_null(told) -> None:
    (shown,) = told("answered")[1].commands
    odd = replace(
        shown, located=replace(shown.located, position=replace(shown.located.position, radius_m=1e999))
    )
    assert decode_commands(encode_commands((odd,))) == (odd,)


@pytest.mark.parametrize(
    ("kind", "body", "complaint"),
    [
        ("digit_pressed", '{"at":7}', "field digit: Field required"),
        ("digit_pressed", '{"at":"7","digit":"1"}', "field at: Input should be a valid integer, not '7'"),
        ("digit_pressed", '{"at":7,"digit":"1","x":0}', "field x: Unexpected keyword argument"),
        ("digit_pressed", "null", "null seen"),
        ("digit_pressed", "{", "Invalid JSON"),
        ("digit_pressed", "[]", "an object"),
        ("timer_fired", '{"at":7,"timer":"lunch","due":7}', "field timer: Input should be 'digits', 'ring'"),
        ("no_such", "{}", "unknown event kind 'no_such'; known are call_arrived"),
    ],
)
def test_a_damaged_event_is_named_by_call_turn_and_field(kind: str, body: str, complaint: str) -> None:
    with pytest.raises(JournalError) as caught:
        decode_turn("call-9", 4, kind, body, "[]")
    assert str(caught.value).startswith("call call-9, turn 4: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('[{"kind":"hold"},{"kind":"set_timer","timer":"ring"}]', "command 2: set_timer, field due: Field"),
        ('[{"kind":"digit_pressed","at":1,"digit":"1"}]', "command 1: unknown command kind 'digit_pressed'"),
        ('[{"timer":"ring"}]', "command 1: unknown command kind None"),
        ("[7]", "command 1: a int seen, an object with a kind expected"),
        ("{}", "commands: a dict seen, a list expected"),
        ("[", "not JSON"),
    ],
)
def test_damaged_commands_are_named_by_their_place(body: str, complaint: str) -> None:
    with pytest.raises(JournalError) as caught:
        decode_turn("call-9", 4, "digit_pressed", '{"at":7,"digit":"1"}', body)
    assert str(caught.value).startswith("call call-9, turn 4: ")
    assert complaint in str(caught.value)


def test_a_value_of_the_wrong_type_is_refused_when_it_is_written() -> None:
    turn = Turn("call-9", 4, DigitPressed(1, "1"), (SetTimer(Timer.RING, "soon"),))  # type: ignore[arg-type]
    with pytest.raises(JournalError, match=r"call call-9, turn 4: set_timer cannot be written.*due"):
        encode_turn(turn)


def test_half_a_character_is_refused_when_it_is_written_and_can_be_spelt_out() -> None:
    turn = Turn(
        "call-9", 4, LocationReceived(1, LocationForm.AML_SMS, "p\udce6"), (ShowAnswer("x", "\ud800"),)
    )
    with pytest.raises(HalfCharacter, match="call call-9, turn 4: location_received cannot be written"):
        encode_turn(turn)
    whole = with_whole_characters(turn)
    assert whole.event == replace(turn.event, content="p\\udce6")
    assert whole.commands == (ShowAnswer("x", "\\ud800"),)
    assert decode_commands(encode_turn(whole).commands) == whole.commands


@given(st.builds(Turn, st.text(), st.integers(1), values_of(Event), st.tuples(values_of(Command))))
def test_a_turn_of_whole_characters_stays_as_it_is(turn: Turn) -> None:
    assert with_whole_characters(turn) == turn


def test_no_error_repeats_a_phone_number() -> None:
    event = CallArrived(1, "114", 4586123456, "114", "", "")  # type: ignore[arg-type]
    with pytest.raises(JournalError) as written:
        encode_event(event)
    body = '{"at":1,"service":"114","caller":4586123456,"menu":"114","menu_sha256":"","atlas_sha256":""}'
    with pytest.raises(JournalError) as read:
        decode_event("call_arrived", body)
    assert "caller" in str(read.value)
    assert "4586123456" not in str(written.value) + str(read.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("7", "an object with"),
        ('{"call_id":"a","seq":1,"event":{}}', "an object with"),
        ('{"call_id":"a","seq":true,"event":{},"commands":[]}', "seq a whole number"),
        ('{"call_id":"a","seq":1,"event":{},"commands":[]}', "call a, turn 1: unknown event kind None"),
        ("nonsense", "not JSON"),
    ],
)
def test_a_line_that_is_no_turn_is_refused(line: str, complaint: str) -> None:
    with pytest.raises(JournalError, match=complaint):
        turn_from_json(line)
