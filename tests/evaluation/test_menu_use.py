"""Which part of the callers takes which way: everybody who was at a node counts once, however he left it."""

import pytest

from vagtcentral.evaluation.menu_use import HUNG_UP, shares_of
from vagtcentral.ivr.commands import CloseRecord, HangUp, Outcome, ShowAnswer, ShowDestination, ShowNode
from vagtcentral.ivr.events import (
    CallArrived,
    CallerHungUp,
    DigitPressed,
    DigitsCollected,
    PlayFinished,
    Timer,
    TimerFired,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.menus.load import shipped_menu
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

MENU = shipped_menu("114")
ARRIVED = CallArrived(0, "114", None, "114", "", "")


def at(node: str, menu: str = "114") -> ShowNode:
    return ShowNode(menu, node, "da")


def journal(*steps) -> list[Turn]:
    return [Turn("x", seq, event, tuple(commands)) for seq, (event, *commands) in enumerate(steps, 1)]


def pressed(key: str, *commands):
    return (DigitPressed(1, key), *commands)


def waited(*commands):
    return (TimerFired(1, Timer.DIGITS, 1), *commands)


def ways(*steps) -> dict:
    return dict(shares_of([journal(*steps)], MENU)[0])


SENT = ShowDestination("114", "theft", None, "theft")
HUNG = (CallerHungUp(2), CloseRecord(Outcome.ABANDONED_IN_MENU))


def test_callers_who_hang_up_at_a_node_are_among_its_visitors() -> None:
    calls = [
        journal((ARRIVED, at("main")), pressed("1", SENT)),
        journal((ARRIVED, at("main")), pressed("2", at("permits")), HUNG),
        journal((ARRIVED, at("main")), HUNG),
        journal((ARRIVED, at("main")), pressed("1"), HUNG),
    ]
    shares, counted = shares_of(calls, MENU)
    assert counted == 4
    assert shares == {
        ("main", "key", "1"): 0.25,
        ("main", "key", "2"): 0.25,
        ("main", HUNG_UP, ""): 0.5,
        ("permits", HUNG_UP, ""): 1.0,
    }


def test_the_shares_of_a_node_add_up_to_one() -> None:
    again = journal((ARRIVED, at("main")), pressed("*", at("main")), pressed("1", SENT))
    shares, _ = shares_of([again], MENU)
    assert shares == {("main", "key", "*"): 0.5, ("main", "key", "1"): 0.5}
    assert sum(share for (node, _, _), share in shares.items() if node == "main") == pytest.approx(1)


def test_a_number_keyed_is_the_way_on_whatever_the_number_and_silence_is_another() -> None:
    keyed = [pressed(digit) for digit in "261"]
    told = (ShowAnswer("where-theft", "2610"), SENT)
    calls = [
        journal((ARRIVED, at("where-theft")), *keyed, pressed("0", *told)),
        journal((ARRIVED, at("where-theft")), (DigitsCollected(1, 1, "2860"), *told)),
        journal((ARRIVED, at("where-theft")), waited(SENT)),
        journal((ARRIVED, at("where-theft")), (DigitsCollected(1, 1, ""), SENT)),
    ]
    shares, _ = shares_of(calls, MENU)
    assert shares == {("where-theft", "next", ""): 0.5, ("where-theft", "silence", ""): 0.5}


def test_whoever_is_asked_again_has_not_left_until_he_goes_on() -> None:
    asked_again = [(ARRIVED, at("main")), pressed("7", at("main")), waited(at("main"))]
    assert ways(*asked_again) == {}
    assert ways(*asked_again, pressed("1", SENT)) == {("main", "key", "1"): 1.0}
    assert ways(*asked_again, waited(SENT)) == {("main", "silence", ""): 1.0}
    assert ways(*asked_again, pressed("7", SENT)) == {("main", "wrong_key", ""): 1.0}


def test_a_key_that_was_not_heard_chooses_nothing() -> None:
    out_of_habit = [(ARRIVED, at("outdoors")), pressed("7")]
    assert ways(*out_of_habit, pressed("3", SENT)) == {("outdoors", "key", "3"): 1.0}
    assert ways(*out_of_habit, waited(SENT)) == {("outdoors", "silence", ""): 1.0}


def test_going_on_without_a_key_and_into_the_queue_counts_and_what_is_keyed_there_does_not() -> None:
    call = journal(
        (ARRIVED, at("welcome")), (PlayFinished(1, 1), at("main")), pressed("1", SENT), pressed("5"), HUNG
    )
    assert shares_of([call], MENU) == ({("welcome", "next", ""): 1.0, ("main", "key", "1"): 1.0}, 1)


def test_whoever_is_still_at_a_node_or_was_hung_up_by_the_menu_counts_nowhere() -> None:
    still = journal((ARRIVED, at("main")))
    told = journal((ARRIVED, at("inform-permits")), (PlayFinished(1, 1), HangUp()), HUNG)
    assert shares_of([still, told], MENU)[0] == {}


def test_other_menus_do_not_count() -> None:
    survey = journal((ARRIVED, at("main", "old")), pressed("1", at("hello", "survey")))
    assert shares_of([survey], MENU) == ({}, 0)


@pytest.mark.parametrize(
    ("script", "menu", "way"),
    [
        ("114-silence", "114", ("main", "silence", "")),
        ("114-wrong-keys", "114", ("main", "key", "4")),
        ("114-keyed-postcode", "114", ("where-case", "next", "")),
        ("114-survey", "survey", ("waiting_time", "next", "")),
        ("114-theft-report", "survey", ("waiting_time", "silence", "")),
    ],
)
def test_the_way_of_a_recorded_call_is_the_one_that_it_took(script, menu, way) -> None:
    call = play_virtual(find_script(script), shipped_setting())
    assert shares_of([call], shipped_menu(menu))[0][way] == 1.0
