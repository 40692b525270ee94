"""The switch goes away while callers wait: operators stay ready, and are rung as soon as it is back."""

import asyncio
from dataclasses import replace
from unittest.mock import patch

from tests.ivr.asterisk.conftest import Said
from tests.ivr.asterisk.control_room import OPERATORS, control_room, until
from tests.ivr.asterisk.fake_ari import channel
from tests.ivr.asterisk.lively_switch import lively_switch
from tests.ivr.asterisk.scenes import CALL, NUMBER, SCENES, fault_of
from vagtcentral.ivr.commands import Outcome
from vagtcentral.ivr.dispatch import Status
from vagtcentral.ivr.events import OperatorOffered

EMERGENCY = SCENES["emergency"]


async def test_operators_who_cannot_be_rung_because_the_switch_does_not_answer_stay_at_work(
    said: Said,
) -> None:
    """Nobody would set them ready again, and the caller would wait for good."""
    people = replace(EMERGENCY.people, answer_s=0.05)
    async with lively_switch(people) as switch, control_room(switch) as room:
        switch.faults.append(fault_of("ring", "cut"))
        switch.place(CALL, "112", NUMBER)
        tried = lambda: room.requests()["ring"] >= 2 * 3 * len(OPERATORS)  # noqa: E731 - three tries each
        await until(tried, 6.0, lambda: room.story(CALL))
        assert {room.room.dispatch.status(name) for name in OPERATORS}.isdisjoint({Status.NOT_READY})
        switch.faults.clear()
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED
    assert all(room.room.dispatch.status(name) is not Status.NOT_READY for name in OPERATORS)


async def test_a_store_that_cannot_say_whether_a_call_is_over_keeps_no_caller_waiting(said: Said) -> None:
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.connect_status = 503
        switch.cut(switch.socket)
        await until(lambda: not room.client.connected, 3.0, lambda: room.story(CALL))
        switch.place(CALL, "112", NUMBER)
        with patch.object(room, "_is_over", side_effect=OSError("the disk is gone")):
            switch.connect_status = 0
            record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
        (line,) = [one for one in said.records() if "whether it is over cannot be read" in one.getMessage()]
        line.exc_info = None  # foreseen
    assert record.outcome == Outcome.ANSWERED


async def test_a_leg_left_behind_that_cannot_be_ended_keeps_nobody_waiting(said: Said) -> None:
    left = "old.1~op~bo~1"
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        endings = room.carrier._endings
        end, asked = endings.hang_up, asyncio.Event()

        async def without_an_answer(leg: str) -> None:
            if leg == left:
                asked.set()
                await asyncio.sleep(3600)
            await end(leg)

        switch.connect_status = 503
        switch.cut(switch.socket)
        await until(lambda: not room.client.connected, 3.0, lambda: room.story(CALL))
        switch.channels[left] = channel(left, "Up", "x")
        switch.place(CALL, "112", NUMBER)
        with patch.object(endings, "hang_up", without_an_answer):
            switch.connect_status = 0
            record = await room.ends(CALL)
    assert asked.is_set()
    assert record.outcome == Outcome.ANSWERED


async def test_nobody_is_offered_a_call_while_the_connection_is_lost(said: Said) -> None:
    people = replace(EMERGENCY.people, patience_s=30.0)
    async with lively_switch(people) as switch, control_room(switch) as room:
        for name in OPERATORS:
            room.controller.not_ready(name)
        switch.place(CALL, "112", NUMBER)
        await until(lambda: room.room.dispatch.waiting() == [CALL], 3.0, lambda: room.story(CALL))
        switch.connect_status = 503
        switch.cut(switch.socket)
        await until(lambda: not room.client.connected, 3.0, lambda: room.story(CALL))
        for name in OPERATORS:
            room.controller.ready(name)
        await asyncio.sleep(0.3)
        offers = [turn for turn in room.turns(CALL) if isinstance(turn.event, OperatorOffered)]
        assert offers == []
        switch.connect_status = 0
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED
