"""What became of calls while nobody was told: lines and a snapshot in, events and errands out."""

from typing import Any

import pytest

from vagtcentral.ivr.asterisk.ari_model import Bridge, Channel, ChannelState, LiveRecording, Playback
from vagtcentral.ivr.asterisk.ari_resync import Asked, Snapshot
from vagtcentral.ivr.asterisk.line import AsteriskLine, OperatorLeg, line_from
from vagtcentral.ivr.asterisk.names import bridge_id, call_back_id, operator_id, play_id, recording_name
from vagtcentral.ivr.asterisk.settle import UNSEEN, Settlement, asked, confirmed, settle
from vagtcentral.ivr.commands import Answer, CallBack, Connect, Gather, HangUp, Hold, RingOperator
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    Event,
    OperatorAnswered,
    OperatorHungUp,
    OperatorOffered,
    OperatorUnanswered,
    PlayFinished,
    Resumed,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.model import DigitTiming

NOW = 1_000_000
ANNA = operator_id("c1", "anna", 5)
BRIDGE = bridge_id("c1", 6)


def channel(channel_id: str, state: ChannelState = ChannelState.UP) -> Channel:
    return Channel(
        channel_id, f"PJSIP/{channel_id}", state, "20304050", "", "", "114", "Stasis", "", 0, "", {}
    )


def snapshot(
    *channels: str, bridges: tuple[str, ...] = (), playing: str = "", recording: str = "", ringing: str = ""
) -> Snapshot:
    """A switch on which these channels are up, and one of them still rings."""
    there = {name: channel(name) for name in channels}
    if ringing:
        there[ringing] = channel(ringing, ChannelState.RINGING)
    return Snapshot(
        channels=there,
        bridges={name: Bridge(name, "mixing", "", ()) for name in bridges},
        playbacks={playing: Playback(playing, "channel:c1", "sound:a", "playing")} if playing else {},
        recordings={recording: LiveRecording(recording, "", "wav", "recording", None, None)}
        if recording
        else {},
        ours=frozenset(there),
    )


def line(**fields: Any) -> AsteriskLine:
    """A line of which the switch has had everything."""
    made = AsteriskLine("c1", **{"caller": "c1", **fields})
    legs = [leg.channel for leg in made.operators.values()]
    made.there = {thing for thing in (made.caller, made.playing, made.recording, *legs) if thing}
    return made


def settled(one: AsteriskLine, seen: Snapshot) -> Settlement:
    lines = {one.call_id: one}
    return settle(lines, seen, confirmed(lines), NOW)


def told(one: AsteriskLine, seen: Snapshot) -> list[Event]:
    return [event for _, event in settled(one, seen).events]


def test_where_nothing_has_happened_nothing_is_told() -> None:
    playing = play_id("c1", 3)
    assert settled(line(playing=playing), snapshot("c1", playing=playing)) == Settlement()


def test_a_caller_who_is_gone_has_hung_up() -> None:
    one = line(playing=play_id("c1", 3))
    assert told(one, snapshot()) == [CallerHungUp(NOW, UNSEEN)]
    assert (one.caller, one.playing) == (None, None)


def test_a_caller_whose_channel_is_not_ours_any_more_has_hung_up() -> None:
    seen = snapshot("c1")
    elsewhere = Snapshot(seen.channels, {}, {}, {}, frozenset())
    assert told(line(), elsewhere) == [CallerHungUp(NOW, UNSEEN)]


def test_a_prompt_that_plays_no_more_is_over() -> None:
    one = line(playing=play_id("c1", 3))
    assert told(one, snapshot("c1")) == [PlayFinished(NOW, 3)]
    assert one.playing is None


@pytest.mark.parametrize(
    ("answered", "event"),
    [(True, OperatorHungUp(NOW, "anna")), (False, OperatorUnanswered(NOW, "anna", UNSEEN, True))],
)
def test_an_operator_whose_leg_is_gone(answered: bool, event: Event) -> None:
    one = line(operators={"anna": OperatorLeg(ANNA, answered)})
    assert told(one, snapshot("c1")) == [event]
    assert one.operators == {}


def test_an_operator_who_took_the_phone_unseen() -> None:
    one = line(operators={"anna": OperatorLeg(ANNA)})
    assert told(one, snapshot("c1", ANNA)) == [OperatorAnswered(NOW, "anna")]
    assert told(one, snapshot("c1", ANNA)) == []


def test_an_operator_who_still_rings_goes_on_ringing() -> None:
    assert settled(line(operators={"anna": OperatorLeg(ANNA)}), snapshot("c1", ringing=ANNA)) == Settlement()


def test_a_caller_who_is_called_back() -> None:
    back = call_back_id("c1", 7)
    assert told(line(caller=back, caller_answered=False), snapshot(back)) == [CallerAnswered(NOW)]
    assert told(line(caller=back, caller_answered=False), snapshot()) == [CallerUnanswered(NOW, UNSEEN)]
    assert told(line(caller=back, caller_answered=False), snapshot(ringing=back)) == []


def test_what_was_made_after_the_snapshot_was_begun_is_not_missed() -> None:
    one = line(operators={"anna": OperatorLeg(ANNA)}, playing=play_id("c1", 2))
    one.there.clear()
    one.there.add("c1")
    assert settled(one, snapshot("c1")) == Settlement()


def test_a_recording_that_ended_unseen_is_looked_for() -> None:
    name = recording_name("c1", "1")
    assert settled(line(recording=name), snapshot("c1")).recordings == [("c1", name)]
    assert settled(line(recording=name), snapshot("c1", recording=name)).recordings == []


def test_what_belongs_to_no_call_is_ended() -> None:
    seen = snapshot("c1", ANNA, operator_id("gone", "bo", 1), bridges=(BRIDGE, "somebody else's"))
    result = settled(line(), seen)
    assert (result.channels, result.bridges) == ([ANNA, operator_id("gone", "bo", 1)], [BRIDGE])


def test_a_caller_whom_nobody_knows_has_arrived() -> None:
    result = settled(line(), snapshot("c1", "c2"))
    assert [one.id for one in result.arrivals] == ["c2"]


def test_what_is_waited_for_is_asked_for() -> None:
    name, playing = recording_name("c1", "1"), play_id("c1", 4)
    assert asked([line(recording=name), line(playing=playing), line()]) == Asked((playing,), (name,))


# --- lines from the journal ----------------------------------------------------------------------

ARRIVED = Turn("c1", 1, CallArrived(1, "114", "20304050", "114", "", ""), (Answer(),))
ASKED = Turn("c1", 2, PlayFinished(2, 0), (Gather(1, (), True, DigitTiming(1, 1, 1), 1, None),))
WAITS = Turn("c1", 3, PlayFinished(3, 1), (Hold(),))
RINGS = Turn("c1", 4, OperatorOffered(5, "anna", 1), (RingOperator("anna"),))
TALKS = Turn("c1", 5, OperatorAnswered(6, "anna"), (Connect("anna", "1"),))


def test_a_line_is_rebuilt_from_its_journal() -> None:
    keying = line_from([ARRIVED, ASKED])
    assert (keying.caller, keying.playing) == ("c1", play_id("c1", 1))
    talking = line_from([ARRIVED, ASKED, WAITS, RINGS, TALKS])
    assert (talking.playing, talking.bridge, talking.recording) == (None, BRIDGE, recording_name("c1", "1"))
    assert talking.operators == {"anna": OperatorLeg(ANNA, answered=True)}
    left = line_from([ARRIVED, ASKED, Turn("c1", 3, CallerHungUp(3), ())])
    assert left.caller is None
    ended = line_from([ARRIVED, Turn("c1", 2, PlayFinished(2, 1), (HangUp(),))])
    assert ended.caller is None


def test_prompts_that_a_killed_program_may_not_have_stopped_are_stopped_with_the_newest() -> None:
    again = Turn("c1", 3, Resumed(3), (Answer(), Gather(2, (), True, DigitTiming(1, 1, 1), 1, None)))
    rebuilt = line_from([ARRIVED, ASKED, again])
    assert rebuilt.take_playing() == [play_id("c1", 1), play_id("c1", 2)]
    assert rebuilt.take_playing() == []
    assert line_from([ARRIVED, ASKED, again, Turn("c1", 4, PlayFinished(4, 2), ())]).take_playing() == []


def test_whose_channel_is_up_is_known_to_be_answered() -> None:
    rebuilt = line_from([ARRIVED, ASKED])
    settled(rebuilt, snapshot(ringing="c1"))
    assert not rebuilt.up
    settled(rebuilt, snapshot("c1"))
    assert rebuilt.up


def test_a_rebuilt_line_takes_the_ids_of_the_switch() -> None:
    """The journal knows that a phone was rung, and not quite when: the ids differ in their instant."""
    anna, bridge = operator_id("c1", "anna", 9), bridge_id("c1", 10)
    rebuilt = line_from([ARRIVED, ASKED, WAITS, RINGS, TALKS])
    result = settled(rebuilt, snapshot("c1", anna, bridges=(bridge,), recording=recording_name("c1", "1")))
    assert result == Settlement()
    assert (rebuilt.operators["anna"].channel, rebuilt.bridge) == (anna, bridge)


def test_a_rebuilt_line_that_was_not_connected_yet_has_no_bridge() -> None:
    rebuilt = line_from([ARRIVED, ASKED, WAITS, RINGS, TALKS])
    settled(rebuilt, snapshot("c1", ANNA))
    assert rebuilt.bridge is None


def test_a_call_back_that_was_not_placed_yet_is_placed_by_the_resumed_call() -> None:
    """Nobody has failed to answer it, so that no attempt is counted."""
    calling = Turn("c1", 6, OperatorAnswered(6, "anna"), (CallBack("20304050"),))
    rebuilt = line_from([ARRIVED, Turn("c1", 2, PlayFinished(2, 1), (HangUp(),)), RINGS, calling])
    assert rebuilt.caller == call_back_id("c1", 6)
    assert told(rebuilt, snapshot(ANNA)) == []
    assert rebuilt.caller is None


def test_a_second_restart_finds_the_newest_call_back() -> None:
    again = Turn("c1", 7, Resumed(20), (CallBack("20304050"),))
    calling = Turn("c1", 6, OperatorAnswered(6, "anna"), (CallBack("20304050"),))
    rebuilt = line_from([ARRIVED, Turn("c1", 2, PlayFinished(2, 1), (HangUp(),)), RINGS, calling, again])
    newest = call_back_id("c1", 21)
    assert told(rebuilt, snapshot(ANNA, newest)) == [CallerAnswered(NOW)]
    assert rebuilt.caller == newest
