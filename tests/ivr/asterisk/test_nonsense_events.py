"""Events that cannot be read, lack what they need, come twice, too early, too late, or for nobody we know."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ivr.asterisk.conftest import Said
from tests.ivr.asterisk.control_room import ControlRoom, control_room, until
from tests.ivr.asterisk.fake_ari import Json, channel, digit, event, playback, recording
from tests.ivr.asterisk.lively_switch import lively_switch
from tests.ivr.asterisk.scenes import CALL, NUMBER, SCENES, SEARCH, Scene
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import Outcome

SERVICE, EMERGENCY = SCENES["service number"], SCENES["emergency"]
Mangler = Callable[[Json], list[str]]


def _only_ids(told: Json) -> Json:
    """Every thing in the event without all but its name."""
    return {
        key: {name: value[name] for name in ("id", "name") if name in value}
        if isinstance(value, dict)
        else value
        for key, value in told.items()
    }


def _with_other_types(told: Json) -> Json:
    return {key: value if key == "type" else 7 for key, value in told.items()}


MANGLERS: dict[str, Mangler] = {
    "as it is": lambda told: [json.dumps(told)],
    "cut in half": lambda told: [json.dumps(told)[: len(json.dumps(told)) // 2]],
    "bare": lambda told: [json.dumps({"type": told["type"], "application": "vagtcentral"})],
    "with other types": lambda told: [json.dumps(_with_other_types(told))],
    "with ids only": lambda told: [json.dumps(_only_ids(told))],
    "twice": lambda told: [json.dumps(told)] * 2,
}

#: The types of events that a whole call brings.
TYPES = (
    *("StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelHangupRequest", "ChannelStateChange"),
    *("ChannelDtmfReceived", "PlaybackStarted", "PlaybackFinished", "Dial", "ChannelEnteredBridge"),
    *("ChannelLeftBridge", "RecordingStarted", "RecordingFinished", "BridgeDestroyed"),
)

NOBODY = "1763841999.1"
NOISE = [
    *("{not json", "[]", "null", '{"type": 7}', "[" * 2_000, '{"kind": "StasisStart"}'),
    json.dumps(event("ChannelTeleported", channel=channel(CALL))),
    *(json.dumps(event(kind)) for kind in TYPES),
    *(json.dumps(event(kind, channel=channel(NOBODY))) for kind in ("StasisEnd", "ChannelHangupRequest")),
    json.dumps(event("ChannelDestroyed", channel=channel(NOBODY), cause=16, cause_txt="Normal Clearing")),
    json.dumps(event("StasisStart", channel=channel(f"{NOBODY}~op~alfa~1"), args=[])),
    json.dumps(digit(NOBODY, "1")),
    json.dumps(event("PlaybackFinished", playback=playback(f"{NOBODY}~play~~1"))),
    json.dumps(event("RecordingFinished", recording=recording(f"{NOBODY}-1"))),
    json.dumps(event("RecordingFailed", recording=recording("no-name-of-ours"))),
]


async def play_with(scene: Scene, as_sent: Mangler) -> tuple[ControlRoom, CallRecord]:
    async with lively_switch(scene.people, as_sent=as_sent) as switch, control_room(switch) as room:
        switch.place(CALL, scene.dialled, NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    return room, record


async def test_noise_between_the_events_changes_nothing(said: Said) -> None:
    noise = cycle(NOISE)
    room, record = await play_with(SERVICE, lambda told: [*(next(noise) for _ in range(9)), json.dumps(told)])
    assert record.outcome == Outcome.ANSWERED
    assert record.answers["clarified"] == "2", "no key was lost"
    assert {turn.call_id for turn in room.journal.turns} == {CALL}
    assert len(said.beginning("events of type ChannelTeleported")) == 1


@pytest.mark.parametrize("how", [name for name in MANGLERS if name != "as it is"])
@pytest.mark.parametrize("kind", TYPES)
async def test_a_call_goes_on_to_its_end_when_all_events_of_a_type_are_mangled(
    kind: str, how: str, said: Said
) -> None:
    met: list[str] = []

    def as_sent(told: Json) -> list[str]:
        met.append(told["type"])
        return MANGLERS[how if told["type"] == kind else "as it is"](told)

    room, record = await play_with(SERVICE, as_sent)
    assert kind in met
    assert record.outcome == Outcome.ANSWERED, room.story(CALL)
    assert len(record.recordings) == 1 or kind == "RecordingFinished"


@pytest.mark.parametrize("kind", TYPES)
async def test_a_call_goes_on_to_its_end_when_the_socket_closes_instead_of_an_event(
    kind: str, said: Said
) -> None:
    """Whatever the switch would have told until we are back is found out."""

    def as_sent(told: Json) -> list[str]:
        if told["type"] != kind or switch.connects > 1:
            return [json.dumps(told)]
        switch.cut(switch.socket)
        return []

    async with lively_switch(SERVICE.people, as_sent=as_sent) as switch, control_room(switch) as room:
        switch.place(CALL, SERVICE.dialled, NUMBER)
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
        assert switch.connects == 2
    assert record.outcome == Outcome.ANSWERED, room.story(CALL)
    assert len(said.beginning("connection to the switch lost: ")) == 1


async def test_when_nothing_that_can_be_read_tells_of_ends_they_are_found_out(said: Said) -> None:
    ends = ("StasisEnd", "ChannelDestroyed", "ChannelHangupRequest")
    room, record = await play_with(
        SERVICE, lambda told: MANGLERS["bare" if told["type"] in ends else "as it is"](told)
    )
    assert record.outcome == Outcome.ANSWERED, room.story(CALL)


_HOWS = st.lists(st.sampled_from(sorted(MANGLERS)), min_size=1, max_size=12)


@settings(max_examples=25 * SEARCH)
@given(st.sampled_from([SERVICE, EMERGENCY]), _HOWS)
def test_however_events_are_mangled_the_call_ends_and_nobody_is_left(scene: Scene, hows: list[str]) -> None:
    manglers: Iterator[str] = cycle(hows)
    room, record = asyncio.run(play_with(scene, lambda told: MANGLERS[next(manglers)](told)))
    assert record.outcome in set(Outcome), room.story(CALL)


# --- too early, too late, again -------------------------------------------------------------------


async def test_a_call_whose_end_is_told_before_its_beginning_was_abandoned(said: Said) -> None:
    async with lively_switch(SERVICE.people) as switch, control_room(switch) as room:
        switch.say("StasisEnd", channel=channel(CALL))
        switch.say("StasisStart", channel=channel(CALL, "Ring"), args=["114"])
        record = await room.ends(CALL)
        await room.all_is_tidy(CALL)
    assert record.outcome == Outcome.ABANDONED_IN_MENU


async def test_a_channel_that_comes_again_after_its_call_is_hung_up(said: Said) -> None:
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.place(CALL, "112", NUMBER)
        await room.ends(CALL)
        await room.all_is_tidy(CALL)
        switch.place(CALL, "112", NUMBER)
        await until(lambda: CALL not in switch.channels, 2.0, lambda: room.story(CALL))
        await room.all_is_tidy(CALL)


LATE: dict[str, dict[str, Any]] = {
    "ChannelDtmfReceived": {"channel": channel(CALL), "digit": "1", "duration_ms": 80},
    "PlaybackFinished": {"playback": playback(f"{CALL}~play~~1", f"channel:{CALL}", "done")},
    "StasisEnd": {"channel": channel(CALL)},
    "ChannelDestroyed": {"channel": channel(CALL), "cause": 16, "cause_txt": "Normal Clearing"},
}


@pytest.mark.parametrize("kind", LATE)
async def test_what_comes_after_the_end_of_a_call_changes_nothing(kind: str, said: Said) -> None:
    async with lively_switch(EMERGENCY.people) as switch, control_room(switch) as room:
        switch.place(CALL, "112", NUMBER)
        await room.ends(CALL)
        await room.all_is_tidy(CALL)
        before, asked = replace(room.record(CALL), last_seq=0), list(switch.requests)
        switch.say(kind, **LATE[kind])
        switch.say("ChannelTeleported")
        await until(lambda: said.beginning("events of type ChannelTeleported"), 2.0, lambda: "not heard")
        await room.controller.settled()
        assert replace(room.record(CALL), last_seq=0) == before
        assert switch.requests == asked
        await room.all_is_tidy(CALL)
