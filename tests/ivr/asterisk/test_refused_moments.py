"""Single moments of a call at which the switch fails, or people are quicker than it."""

import asyncio
import logging
from dataclasses import replace

import pytest

from tests.ivr.asterisk.conftest import Said
from tests.ivr.asterisk.control_room import PATIENCE, ControlRoom, control_room, until
from tests.ivr.asterisk.fake_ari import Fault, channel
from tests.ivr.asterisk.lively_switch import LivelySwitch, lively_switch
from tests.ivr.asterisk.scenes import CALL, NUMBER, SCENES, fault_of, play_out
from vagtcentral.ivr.asterisk.ari_errors import Refused
from vagtcentral.ivr.commands import CloseRecord, Outcome
from vagtcentral.ivr.dispatch import Status
from vagtcentral.ivr.events import CommandFailed
from vagtcentral.menus.model import Spoken

EMERGENCY, CALL_BACK = SCENES["emergency"], SCENES["call-back"]


def operators_phone(switch: LivelySwitch) -> str:
    return next(key for key in switch.channels if "~op~" in key)


@pytest.mark.parametrize("fault", ["500", "503", "cut", "never answered"])
async def test_a_caller_who_cannot_be_answered_at_first_is_answered_then(fault: str, said: Said) -> None:
    _, record = await play_out(EMERGENCY, EMERGENCY.people, fault_of("answer", fault, times=2))
    assert record.outcome == Outcome.ANSWERED
    assert record.failures == ()


async def test_an_operator_whose_phone_cannot_be_rung_is_passed_over(said: Said) -> None:
    people = replace(EMERGENCY.people, unregistered=frozenset({"alfa"}))
    room, record = await play_out(EMERGENCY, people)
    assert record.operators == ("bravo",)
    assert room.room.dispatch.status("alfa") is Status.NOT_READY
    [line] = said.of_the_call()
    assert line.startswith(f"call {CALL}: ring_operator: POST channels/{CALL}~op~alfa~")
    assert line.endswith(": 500: Allocation failed")


async def test_a_connection_that_fails_once_is_made_with_the_operator_who_waits(said: Said) -> None:
    _, record = await play_out(EMERGENCY, EMERGENCY.people, fault_of("join", "500", times=1))
    assert record.operators == ("alfa",)
    assert record.failures == ()


async def test_a_connection_that_goes_on_failing_is_tried_with_another_operator_at_once(said: Said) -> None:
    times = 1 + len(PATIENCE.connect_s)
    room, record = await play_out(EMERGENCY, EMERGENCY.people, fault_of("join", "500", times=times))
    assert record.operators == ("bravo",)
    assert room.requests()["ring"] == 2


async def test_an_operator_who_hangs_up_before_he_is_connected_does_not_end_the_call(said: Said) -> None:
    """On 112 there is no survey: the end of a conversation is the end of the call, and this was none."""
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        flaky = fault_of("join", "500", times=1)
        flaky.then = lambda: switch.hangs_up(operators_phone(switch))
        switch.faults.append(flaky)
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert (record.outcome, record.operators) == (Outcome.ANSWERED, ("bravo",)), room.story(CALL)


async def test_a_caller_who_hangs_up_before_he_is_connected_was_not_answered(said: Said) -> None:
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        flaky = fault_of("join", "500", times=1)
        flaky.then = lambda: switch.hangs_up(CALL)
        switch.faults.append(flaky)
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert (record.outcome, record.operators) == (Outcome.ABANDONED_IN_QUEUE, ()), room.story(CALL)


async def test_an_operator_who_takes_the_phone_that_could_not_be_stopped_is_let_go(said: Said) -> None:
    """His phone rings out, the hang-up fails, and he picks up: nobody is there for him to talk with."""
    people = replace(EMERGENCY.people, answer_s=0.35, gives_up_s=0.5)
    room, record = await play_out(EMERGENCY, people, fault_of("drop_operator", "500", times=4))
    assert record.outcome == Outcome.ABANDONED_IN_QUEUE, room.story(CALL)
    assert room.switch.talked == []


async def test_a_phone_that_may_ring_although_nobody_can_say_so_is_not_left_ringing(said: Said) -> None:
    """The answer is lost, and so is that to the question whether the channel is there."""
    people = replace(EMERGENCY.people, answer_s=10.0, patience_s=1.5)
    async with lively_switch(people) as switch, control_room(switch) as room:
        switch.faults += [
            fault_of("ring", "done and cut", times=1),
            Fault("GET", f"channels/{CALL}~op~alfa", times=10_000),
        ]
        switch.place(CALL, "112", NUMBER)
        await until(lambda: room.requests()["ring"] == 2, 2.0, lambda: room.story(CALL))
        assert ["~op~bravo~" in key for key in switch.channels if key != CALL] == [True]
        await room.ends(CALL)
        await room.all_is_tidy(CALL)


@pytest.mark.parametrize("leg", [f"{CALL}~op~alfa~1", f"{CALL}~back~~1", "1763841000.1~op~alfa~1"])
async def test_a_phone_that_is_taken_and_that_no_call_waits_for_is_hung_up(leg: str, said: Said) -> None:
    """Of this call, or of one that is over and forgotten: the person would hear nothing, for ever."""
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.place(CALL, "112", NUMBER)
        switch.channels[leg] = channel(leg)
        switch.say("StasisStart", channel=switch.channels[leg], args=[])
        await until(lambda: leg not in switch.channels, 1.0, lambda: room.story(CALL))
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED


async def test_a_call_back_that_cannot_be_placed_is_placed_later(said: Said) -> None:
    room, record = await play_out(CALL_BACK, CALL_BACK.people, fault_of("call_back", "500", times=1))
    assert record.outcome == Outcome.CALLED_BACK, room.story(CALL)
    assert room.requests()["call_back"] == 2


async def test_a_prompt_without_audio_is_passed_over_and_the_rest_of_the_turn_is_carried_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def missing(prompt: Spoken) -> str:
        raise LookupError(f"no audio for {prompt.name}")

    async with lively_switch(EMERGENCY.people) as switch, control_room(switch, media=missing) as room:
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED, room.story(CALL)
    assert record.failures == ("play: no audio for alarm",)
    [line] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert line.getMessage() == f"call {CALL}: play: no audio for alarm"


# --- our own end, and that of our access ----------------------------------------------------------


async def test_a_switch_that_knows_us_no_more_is_left_to_others_with_one_clear_line(said: Said) -> None:
    """As long as we are connected, it gives us every call, and its dialplan does not fall back."""
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.password = "another"
        switch.place(CALL, "112", NUMBER)
        async with asyncio.timeout(3):
            with pytest.raises(Refused, match="401"):
                await room.client.until_ended()
        record = await room.ends(CALL)
        await until(lambda: not switch.sockets, 2.0, lambda: "still connected")
        await asyncio.sleep(0.1)
        assert switch.connects == 1
    assert record.outcome == Outcome.FAILED
    assert any(each.startswith("answer: ") and ": 401: " in each for each in record.failures)
    [line] = said.beginning("the switch does not serve us any more")
    assert "check user and password" in line


async def test_one_refusal_of_our_name_is_no_reason_to_leave(said: Said) -> None:
    room, record = await play_out(EMERGENCY, EMERGENCY.people, fault_of("music", "401", times=1))
    assert record.outcome == Outcome.ANSWERED
    assert room.switch.connects == 1


async def test_a_call_that_is_being_answered_when_we_are_ended_is_left_for_the_next_start() -> None:
    room: ControlRoom
    async with lively_switch(EMERGENCY.people) as switch:
        switch.faults.append(fault_of("answer", "never answered"))
        async with control_room(switch) as room:
            switch.place(CALL, "112", NUMBER)
            await until(lambda: room.requests()["answer"], 2.0, lambda: "never asked")
        assert CALL in switch.channels
    turns = room.turns(CALL)
    assert turns
    assert not [turn for turn in turns if isinstance(turn.event, CommandFailed)]
    assert not [command for turn in turns for command in turn.commands if isinstance(command, CloseRecord)]
