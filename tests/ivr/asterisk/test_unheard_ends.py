"""Prompts of whose end the switch does not tell: the caller is not left in silence for good."""

import json

import pytest

from tests.ivr.asterisk.conftest import Said
from tests.ivr.asterisk.control_room import control_room
from tests.ivr.asterisk.fake_ari import Json, playback
from tests.ivr.asterisk.lively_switch import LivelySwitch, lively_switch
from tests.ivr.asterisk.scenes import CALL, NUMBER, SCENES
from vagtcentral.ivr.commands import Outcome

EMERGENCY = SCENES["emergency"]


def without_ends_of_prompts(told: Json) -> list[str]:
    return [] if told["type"] == "PlaybackFinished" else [json.dumps(told)]


async def test_a_prompt_whose_end_is_never_told_is_over_when_the_switch_has_it_no_more(said: Said) -> None:
    async with (
        lively_switch(EMERGENCY.people, as_sent=without_ends_of_prompts) as switch,
        control_room(switch) as room,
    ):
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED
    assert record.failures == ()
    assert any("did not tell the end of a prompt" in line for line in said.of_the_call())


async def test_a_prompt_that_the_switch_never_begins_has_failed_and_the_call_goes_on(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits in the switch for ever: a prompt played on the way out of a bridge may."""

    def never_begins(self: LivelySwitch, key: str, playback_id: str, media: list[str]) -> None:
        self.playbacks[playback_id] = playback(playback_id, f"channel:{key}", "queued")

    monkeypatch.setattr(LivelySwitch, "_play", never_begins)
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        switch.playbacks.clear()
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED
    assert record.failures == ("play: the prompt could not be played",)


async def test_a_prompt_that_is_long_is_heard_to_its_end(said: Said) -> None:
    async with lively_switch(EMERGENCY.people, prompt_s=0.5) as switch, control_room(switch) as room:
        switch.place(CALL, "112", NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ANSWERED
    assert said.of_the_call() == []
