"""Which part of the callers takes which key: everybody who was at a node counts once, however he left it."""

import pytest

from vagtcentral.evaluation.menu_use import HUNG_UP, shares_of
from vagtcentral.ivr.commands import CloseRecord, HangUp, Outcome, ShowDestination, ShowNode
from vagtcentral.ivr.events import CallArrived, CallerHungUp, DigitPressed, PlayFinished
from vagtcentral.ivr.journal import Turn

ARRIVED = CallArrived(0, "114", None, "114", "", "")


def at(node: str, menu: str = "114") -> ShowNode:
    return ShowNode(menu, node, "da")


def journal(*steps) -> list[Turn]:
    return [Turn("x", seq, event, tuple(commands)) for seq, (event, *commands) in enumerate(steps, 1)]


def pressed(key: str, *commands):
    return (DigitPressed(1, key), *commands)


SENT = ShowDestination("114", "theft", None, "thefts")
HUNG = (CallerHungUp(2), CloseRecord(Outcome.ABANDONED_IN_MENU))


def test_callers_who_hang_up_at_a_node_are_among_its_visitors() -> None:
    calls = [
        journal((ARRIVED, at("main")), pressed("1", SENT)),
        journal((ARRIVED, at("main")), pressed("2", at("more")), HUNG),
        journal((ARRIVED, at("main")), HUNG),
        journal((ARRIVED, at("main")), pressed("1"), HUNG),
    ]
    shares, counted = shares_of(calls, "114")
    assert counted == 4
    assert shares == {
        ("main", "1"): 0.25,
        ("main", "2"): 0.25,
        ("main", HUNG_UP): 0.5,
        ("more", HUNG_UP): 1.0,
    }


def test_the_shares_of_a_node_add_up_to_one() -> None:
    again = journal((ARRIVED, at("main")), pressed("9", at("main")), pressed("1", SENT))
    shares, _ = shares_of([again], "114")
    assert sum(share for (node, _), share in shares.items() if node == "main") == pytest.approx(1)


def test_going_on_without_a_key_and_into_the_queue_counts_and_what_is_keyed_there_does_not() -> None:
    call = journal(
        (ARRIVED, at("welcome")), (PlayFinished(1, 1), at("main")), pressed("1", SENT), pressed("5"), HUNG
    )
    assert shares_of([call], "114") == ({("welcome", ""): 1.0, ("main", "1"): 1.0}, 1)


def test_whoever_is_still_at_a_node_or_was_hung_up_by_the_menu_counts_nowhere() -> None:
    still = journal((ARRIVED, at("main")))
    told = journal((ARRIVED, at("hours")), (PlayFinished(1, 1), HangUp()), (CallerHungUp(2),))
    assert shares_of([still, told], "114")[0] == {}


def test_other_menus_do_not_count() -> None:
    survey = journal((ARRIVED, at("main", "old")), pressed("1", at("hello", "survey")))
    assert shares_of([survey], "114") == ({}, 0)
