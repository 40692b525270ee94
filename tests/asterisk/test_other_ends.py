"""Telephones that the switch rings: operators' that cannot be had, the caller's, the officer's on duty."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.baresip import Phone, PhoneState
from tests.asterisk.crowd import crowd, records_of, until, until_all
from tests.asterisk.ports import free_port
from tests.asterisk.serving import ControlRoom
from tests.asterisk.switch import Switch
from tests.asterisk.switch_records import disagreements, switch_calls
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.commands import RefuseOffer
from vagtcentral.ivr.events import CallerAnswered, OperatorOffered
from vagtcentral.menus.prompts import PromptStore

#: By how much an instant may differ from the switch's own record, in ms: other tests run beside this one.
BUSY_MS = 2_000
SKILLS = ["emergency", "tips", "general"]
DUTY_NUMBER = "70201448"


class Taken(Phone):
    """A telephone that is taken as soon as it rings."""

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(folder, user, self._ring)
        self.rung_by: list[str] = []

    def _ring(self, event: dict[str, Any]) -> None:
        if event["type"] == "CALL_INCOMING":
            self.rung_by.append(event["peeruri"])
            self.accept()


class Refused(Phone):
    """A telephone whose owner refuses every call: 486, Busy Here."""

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(folder, user, self._ring)
        self.refused = 0

    def _ring(self, event: dict[str, Any]) -> None:
        if event["type"] == "CALL_INCOMING":
            self.refused += 1
            self.hang_up()


@asynccontextmanager
async def serving(
    switch: Switch, prompts: PromptStore, folder: Path, names: tuple[str, ...], **settings: object
) -> AsyncIterator[ControlRoom]:
    staff = [{"name": name, "skills": SKILLS, "endpoint": f"PJSIP/{name}"} for name in names]
    room = ControlRoom(folder / "room", switch, staff, prompts.folder, wrap_up_s=1, **settings)
    await room.start()
    try:
        yield room
    finally:
        room.stop()


@pytest.mark.parametrize("how", ["refuses", "has not registered", "is not where it should be"])
async def test_a_caller_is_offered_on_where_an_operators_phone_cannot_be_had(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path, how: str
) -> None:
    async with Refused(tmp_path / "anna", "anna") as refusing, Taken(tmp_path / "bo", "bo") as bo:
        contacts = {"refuses": refusing.sip_port, "is not where it should be": free_port()}
        anna = OperatorPhone(name="anna", contact=f"127.0.0.1:{contacts[how]}" if how in contacts else None)
        switch = make_switch(
            prompt_folders=(prompts.folder,),
            operators=(anna, OperatorPhone(name="bo", contact=f"127.0.0.1:{bo.sip_port}")),
        )
        async with (
            serving(switch, prompts, tmp_path, ("anna", "bo"), ring_s=3) as room,
            crowd(switch, tmp_path / "callers") as people,
        ):
            callers = await people.gather_and_call("112", 1)
            await until_all(room, callers, lambda record: bool(record.operators), "somebody else talks")
            await until(lambda: bo.state is PhoneState.TALKING, "it is bo who talks")
            people.hang_up()
            (record,) = await room.until_closed(1)
            turns = await room.turns(record.call_id)
            assert await room.findings() == []
    assert refusing.refused == (how == "refuses"), "who has refused is not rung again"
    assert (record.outcome, record.operators) == ("answered", ("bo",))
    offered = [turn.event.operator for turn in turns if isinstance(turn.event, OperatorOffered)]
    assert offered == ["anna", "bo"]
    refusals = [command for turn in turns for command in turn.commands if isinstance(command, RefuseOffer)]
    assert [(one.operator, one.ready) for one in refusals] == [("anna", False)]
    assert disagreements([record], switch_calls(switch.written.call_records), BUSY_MS) == []


async def test_a_call_back_goes_to_the_callers_number_through_the_network(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    """With the dial string of the live system: `PJSIP/NUMBER@network`, sent to the network's contact."""
    async with Taken(tmp_path / "caller", "20114099") as caller, Taken(tmp_path / "bo", "bo") as bo:
        switch = make_switch(
            prompt_folders=(prompts.folder,),
            operators=(OperatorPhone(name="bo", contact=f"127.0.0.1:{bo.sip_port}"),),
            network_contact=f"127.0.0.1:{caller.sip_port}",
        )
        async with (
            serving(switch, prompts, tmp_path, ("bo",)) as room,
            crowd(switch, tmp_path / "callers") as others,
        ):
            (other,) = await others.gather_and_call("112", 1)
            await until_all(room, [other], lambda record: bool(record.operators), "bo is busy")
            caller.dial(f"sip:114@{switch.written.sip}")
            await until_all(room, [caller], lambda record: record.node == "main", "the menu is heard")
            caller.press("8")
            await until(lambda: caller.state is PhoneState.IDLE, "he is promised a call, and hung up on")
            assert caller.rung_by == []
            other.hang_up()
            await until_all(room, [caller], lambda record: bool(record.operators), "bo is free for him")
            await until(lambda: caller.state is PhoneState.TALKING, "he is called back")
            assert bo.state is PhoneState.TALKING
            caller.hang_up()
            await room.until_closed(2)
            (record,) = await records_of(room, [caller])
            events = [turn.event for turn in await room.turns(record.call_id)]
            assert await room.findings() == []
    assert [uri.partition("@")[0] for uri in caller.rung_by] == ["sip:114"], "rung once, by us"
    assert (record.outcome, record.operators, record.keys) == ("called_back", ("bo",), "8")
    assert [type(event) for event in events].count(CallerAnswered) == 1
    assert f'"{record.call_id}~back~' in switch.written.call_records.read_text()


async def test_while_nobody_serves_112_reaches_the_number_that_is_set_for_it(
    make_switch: Callable[..., Switch], tmp_path: Path
) -> None:
    async with Taken(tmp_path / "duty", DUTY_NUMBER) as duty:
        switch = make_switch(emergency_fallback=DUTY_NUMBER, network_contact=f"127.0.0.1:{duty.sip_port}")
        async with crowd(switch, tmp_path / "callers") as people:
            (caller,) = await people.gather_and_call("112", 1)
            await until(lambda: duty.state is PhoneState.TALKING, "the officer on duty talks")
            assert [uri.partition("@")[0] for uri in duty.rung_by] == [f"sip:{caller.user}"]
            assert people.dropped() == []
            duty.hang_up()
            await until(lambda: caller.state is PhoneState.IDLE, "the call is over")
            await until(lambda: bool(switch_calls(switch.written.call_records)), "the switch's own record")
    calls = switch_calls(switch.written.call_records).values()
    assert [(call.dialled, call.mark) for call in calls if call.caller] == [("112", "fallback")]


async def test_a_112_caller_whom_the_fallback_does_not_reach_is_taken_once_somebody_serves_again(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    async with Refused(tmp_path / "duty", DUTY_NUMBER) as duty, Taken(tmp_path / "bo", "bo") as bo:
        switch = make_switch(
            prompt_folders=(prompts.folder,),
            operators=(OperatorPhone(name="bo", contact=f"127.0.0.1:{bo.sip_port}"),),
            emergency_fallback=DUTY_NUMBER,
            network_contact=f"127.0.0.1:{duty.sip_port}",
        )
        async with crowd(switch, tmp_path / "callers") as people:
            callers = await people.gather_and_call("112", 1)
            await until(lambda: duty.refused >= 2, "the fallback is tried in vain, and again")
            async with serving(switch, prompts, tmp_path, ("bo",)) as room:
                await until_all(room, callers, lambda record: bool(record.operators), "the operator talks")
                await until(lambda: bo.state is PhoneState.TALKING, "bo talks")
                assert people.dropped() == []
                people.hang_up()
                (record,) = await room.until_closed(1)
                assert await room.findings() == []
    assert (record.outcome, record.failures) == ("answered", ())
    call = switch_calls(switch.written.call_records)[record.call_id]
    assert (call.dialled, call.mark) == ("112", "application")
    assert call.began < (record.arrived_at or 0) - 2_000, "he had been on the line before we took the call"
