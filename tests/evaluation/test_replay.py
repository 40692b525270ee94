from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.conftest import AARHUS, NOON
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.replay import export_turns, import_turns, replay
from vagtcentral.ivr.commands import Command, Hold, SetTimer
from vagtcentral.ivr.events import Event, LocationForm, LocationReceived
from vagtcentral.ivr.journal import Turn


class Machine:
    """Answers the events of these turns with their commands, except where told otherwise."""

    def __init__(self, turns: list[Turn], other: dict[int, tuple[Command, ...]] | None = None) -> None:
        self.turns = iter(turns)
        self.other = other or {}

    def handle(self, event: Event) -> tuple[Command, ...]:
        turn = next(self.turns)
        assert event == turn.event
        return self.other.get(turn.seq, turn.commands)


def test_the_same_machine_gives_the_same_commands(any_story) -> None:
    result = replay(any_story, Machine(any_story).handle)
    assert result.same
    assert result.first_difference is None
    assert [step.seq for step in result.steps] == [turn.seq for turn in any_story]
    assert all(step.difference is None for step in result.steps)


def test_a_journal_from_before_it_was_said_what_a_position_counted_for_is_not_held_against_that() -> None:
    message = LocationReceived(NOON, LocationForm.AML_SMS, "text")
    now = replace(AARHUS, evidence=("new words",), radius_95_m=23.0, radius_model="as-sent", age_s=1.0)
    old = Turn("call-1", 1, message, (Hold(), AARHUS))
    assert replay([old], lambda event: (Hold(), now)).same
    elsewhere = replace(now, decision=replace(now.decision, district="1462"))
    assert replay([old], lambda event: (Hold(), elsewhere)).first_difference
    said = Turn("call-1", 1, message, (Hold(), replace(now, radius_95_m=24.0)))
    assert replay([said], lambda event: (Hold(), now)).first_difference
    assert replay([old], lambda event: (Hold(),)).first_difference


def test_the_first_difference_names_turn_command_field_and_both_values(told) -> None:
    turns = told("answered")
    first, second = turns[0].commands, turns[1].commands
    prompt = replace(first[2].prompts[0], text="Goddag")
    located = replace(second[0].located, districts=second[0].located.districts[:1])
    position = replace(second[0].located.position, radius_m=900.0)
    cases = {
        (
            1,
            (first[0], first[1], replace(first[2], prompts=(prompt,)), first[3]),
        ): "turn 1, call_arrived: command 3, "
        "gather: prompts.0.text is 'Goddag', the journal has 'Du har ringet til politiet på 114.'",
        (1, first[:3]): "turn 1, call_arrived: command 4, set_timer, is missing",
        (1, (*first, Hold())): "turn 1, call_arrived: command 5, hold, is new",
        (1, (Hold(), *first[1:])): "turn 1, call_arrived: command 1 is hold, the journal has answer",
        (2, (replace(second[0], located=replace(second[0].located, position=position)),)): "turn 2, "
        "location_received: command 1, show_location: located.position.radius_m is 900.0, "
        "the journal has 35.0",
    }
    for (seq, commands), line in cases.items():
        result = replay(turns, Machine(turns, {seq: commands, 4: ()}).handle)
        assert not result.same
        step = result.first_difference
        assert (step.seq, step.event, step.expected, step.seen) == (
            seq,
            turns[seq - 1].event,
            turns[seq - 1].commands,
            commands,
        )
        assert step.difference == line
        assert len(result.steps) == len(turns)
    fewer = replay(turns, Machine(turns, {2: (replace(second[0], located=located),)}).handle)
    assert "located.districts is (DistrictChance(" in fewer.first_difference.difference


def test_a_journal_file_comes_back_as_it_was_written(tmp_path: Path, told) -> None:
    turns = [turn for pair in zip(told("answered"), told("transferred"), strict=False) for turn in pair]
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(export_turns(turns)) + "\n\n", encoding="utf-8")
    assert import_turns(file) == turns
    assert len(file.read_text(encoding="utf-8").splitlines()) == len(turns) + 1


def test_a_line_separator_in_a_prompt_does_not_split_a_line(tmp_path: Path, told) -> None:
    turn = told("answered")[0]
    gather = replace(
        turn.commands[2], prompts=(replace(turn.commands[2].prompts[0], text="a\u2028b\nc\x85"),)
    )
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(export_turns([replace(turn, commands=(gather,))])), encoding="utf-8")
    assert import_turns(file)[0].commands == (gather,)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not JSON"),
        ('{"call_id":"call-1","seq":4,"event":{"kind":"lunch"},"commands":[]}', "unknown event kind 'lunch'"),
        (
            '{"call_id":"call-1","seq":4,"event":{"kind":"digit_pressed","at":1,"digit":"1"},"commands":[]}',
            "call call-1: turn 4 seen, turn 3 comes next",
        ),
    ],
)
def test_a_bad_line_is_named_by_file_and_line(tmp_path: Path, told, line: str, complaint: str) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join([*export_turns(told("answered")[:2]), "", line]), encoding="utf-8")
    with pytest.raises(JournalError) as caught:
        import_turns(file)
    assert str(caught.value).startswith(f"{file}:4: ")
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"missing\.jsonl: No such file"):
        import_turns(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes("på".encode("latin-1"))
    with pytest.raises(JournalError, match=r"latin\.jsonl: not UTF-8 at byte 1"):
        import_turns(tmp_path / "latin.jsonl")


def test_a_machine_that_raises_is_heard(told) -> None:
    def broken(event: Event) -> tuple[Command, ...]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replay(told("answered"), broken)


def test_a_timer_set_later_is_a_difference(told) -> None:
    turns = told("answered")
    timer = turns[0].commands[3]
    assert isinstance(timer, SetTimer)
    late = (*turns[0].commands[:3], replace(timer, due=timer.due + 1))
    line = replay(turns, Machine(turns, {1: late}).handle).first_difference.difference
    assert (
        line
        == f"turn 1, call_arrived: command 4, set_timer: due is {timer.due + 1}, the journal has {timer.due}"
    )
