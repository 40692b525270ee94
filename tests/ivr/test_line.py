"""One caller's line: what a turn says, in which order, and which timers run."""

import pytest

from vagtcentral.ivr.commands import (
    Answer,
    CancelTimer,
    Connect,
    Enqueue,
    Gather,
    HangUp,
    Hold,
    Play,
    SetTimer,
    StopPlay,
)
from vagtcentral.ivr.events import Timer, TimerFired
from vagtcentral.ivr.line import Line
from vagtcentral.menus.model import DigitTiming, Spoken

HELLO = Spoken("hello", "da", "Goddag.")
BYE = Spoken("bye", "da", "Farvel.")
TIMING = DigitTiming(5_000, 3_000, 10_000)


@pytest.fixture
def line() -> Line:
    line = Line()
    line.end_turn()
    return line


# --- what the caller hears ------------------------------------------------------------------------


def test_what_the_caller_hears_comes_last_whenever_it_was_said(line: Line):
    line.say(HELLO)
    line.add(Answer())
    line.set(Timer.COMFORT, 10)
    assert line.end_turn() == (Answer(), SetTimer(Timer.COMFORT, 10), Play(1, (HELLO,)))


def test_only_the_last_thing_said_in_a_turn_is_heard(line: Line):
    line.say(HELLO)
    line.hold()
    line.add(Enqueue(0, 1, "tips", "da", None))
    line.hang_up()
    assert line.end_turn() == (Enqueue(0, 1, "tips", "da", None), HangUp())


def test_the_music_is_heard_until_told_otherwise(line: Line):
    line.hold()
    assert line.end_turn() == (Hold(),)


def test_a_turn_in_which_nothing_happens_is_empty(line: Line):
    assert line.end_turn() == ()


def test_a_new_turn_does_not_repeat_the_last_one(line: Line):
    line.add(Answer())
    line.hold()
    line.end_turn()
    line.end_turn()
    assert line.end_turn() == ()


def test_prompts_are_numbered_and_known_while_they_are_heard(line: Line):
    line.say(HELLO)
    assert (line.playing, line.latest) == (1, 1)
    line.gather((HELLO, BYE), False, TIMING, 4, "#")
    assert (line.playing, line.latest) == (2, 2)
    assert line.end_turn() == (Gather(2, (HELLO, BYE), False, TIMING, 4, "#"),)


@pytest.mark.parametrize("heard", [Hold(), HangUp(), Connect("alfa")])
def test_nothing_is_playing_once_something_else_is_heard(line: Line, heard: Hold | HangUp | Connect):
    line.say(HELLO)
    line.hear(heard)
    assert (line.playing, line.latest) == (None, 1)
    assert line.end_turn() == (heard,)


def test_barging_in_stops_the_prompts_once(line: Line):
    line.say(HELLO)
    line.end_turn()
    line.end_turn()
    line.barged_in()
    line.barged_in()
    assert line.end_turn() == (StopPlay(1),)
    assert (line.playing, line.latest) == (None, 1)


def test_barging_in_while_nothing_plays_stops_nothing(line: Line):
    line.hold()
    line.end_turn()
    line.end_turn()
    line.barged_in()
    assert line.end_turn() == ()


# --- timers ---------------------------------------------------------------------------------------


def test_a_timer_is_set_once_for_the_same_instant(line: Line):
    line.set(Timer.DIGITS, 10)
    line.set(Timer.DIGITS, 10)
    assert line.end_turn() == (SetTimer(Timer.DIGITS, 10),)


def test_a_timer_that_is_set_anew_takes_the_place_of_the_old_one(line: Line):
    line.set(Timer.DIGITS, 10)
    line.set(Timer.DIGITS, 20)
    assert line.end_turn() == (SetTimer(Timer.DIGITS, 10), SetTimer(Timer.DIGITS, 20))
    assert not line.take(TimerFired(10, Timer.DIGITS, 10))
    assert line.take(TimerFired(20, Timer.DIGITS, 20))


def test_only_a_timer_that_runs_is_cancelled(line: Line):
    line.cancel(Timer.RING)
    line.set(Timer.RING, 10)
    line.cancel(Timer.RING)
    line.cancel(Timer.RING)
    assert line.end_turn() == (SetTimer(Timer.RING, 10), CancelTimer(Timer.RING))
    assert not line.running(Timer.RING)


def test_a_timer_that_was_cancelled_is_stale(line: Line):
    line.set(Timer.RING, 10)
    line.cancel(Timer.RING)
    assert not line.take(TimerFired(10, Timer.RING, 10))


def test_a_timer_fires_once(line: Line):
    line.set(Timer.RING, 10)
    assert line.take(TimerFired(10, Timer.RING, 10))
    assert not line.take(TimerFired(10, Timer.RING, 10))


def test_a_timer_that_fires_late_still_counts_by_the_instant_it_was_set_for(line: Line):
    line.set(Timer.RING, 10)
    assert line.take(TimerFired(9_999, Timer.RING, 10))


def test_a_timer_that_has_fired_is_not_cancelled_and_can_be_set_for_the_same_instant_again(line: Line):
    line.set(Timer.RING, 10)
    line.take(TimerFired(10, Timer.RING, 10))
    line.cancel(Timer.RING)
    line.set(Timer.RING, 10)
    assert line.end_turn() == (SetTimer(Timer.RING, 10), SetTimer(Timer.RING, 10))


def test_timers_of_different_names_run_side_by_side(line: Line):
    line.set(Timer.RING, 10)
    line.set(Timer.COMFORT, 10)
    line.cancel(Timer.RING)
    assert line.running(Timer.COMFORT)
    assert not line.running(Timer.RING)


def test_at_the_end_every_timer_that_runs_is_cancelled(line: Line):
    line.set(Timer.RING, 10)
    line.set(Timer.COMFORT, 20)
    line.end_turn()
    line.end_turn()
    line.cancel_all()
    line.cancel_all()
    assert line.end_turn() == (CancelTimer(Timer.RING), CancelTimer(Timer.COMFORT))
