"""The summary of a shift: read from journals, judged by what is true of the callers."""

from dataclasses import replace

import pytest

from vagtcentral.evaluation.target import Target
from vagtcentral.ivr.commands import (
    Command,
    Connect,
    Enqueue,
    ReleaseOperator,
    RingOperator,
    ShowDestination,
    ShowLocation,
)
from vagtcentral.ivr.events import (
    CallArrived,
    Event,
    OperatorAnswered,
    OperatorHungUp,
    Registered,
    TransferRequested,
    WrapUpFinished,
    WronglyRouted,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.located import Action, Decision
from vagtcentral.location.position import Position
from vagtcentral.sim.personas import Truth
from vagtcentral.sim.shift import FEW, Handled, Right, Spread, handled, summary

TARGETS = {"112": Target(0.9, 10), "114": Target(0.7, 90)}
AARHUS = Position(56.1500, 10.2000, 100.0, 0.95)
NEAR = Truth(56.1503, 10.2000, "0751", "1461", "theft", "theft")  # 33 m north of that
FAR = replace(NEAR, latitude=56.1700)  # 2.2 km north of it


def shown(position: Position) -> ShowLocation:
    return ShowLocation(Atlas.built_in().locate(position), Decision(Action.ROUTE, "1461", "one district"), ())


def journal(*happened: tuple[Event, tuple[Command, ...]]) -> list[Turn]:
    return [Turn("c", seq, event, commands) for seq, (event, commands) in enumerate(happened, start=1)]


#: A call that anna took after 12 s in the queue, 4 s of which it rang at her desk, and registered.
TAKEN = (
    (CallArrived(0, "114", None, "114", "m", "a"), (shown(AARHUS),)),
    (
        OperatorAnswered(1_000, "x"),
        (ShowDestination("114", "theft", "1461", "theft"), Enqueue(1_000, 1, "theft", "da", "1461")),
    ),
    (OperatorAnswered(9_000, "x"), (RingOperator("anna"),)),
    (OperatorAnswered(13_000, "anna"), (Connect("anna", "1"),)),
    (Registered(60_000, "anna", "burglary"), ()),
    (Registered(70_000, "anna", "theft"), ()),
    (OperatorHungUp(80_000, "anna"), ()),
    (WrapUpFinished(93_000, "anna"), (ReleaseOperator("anna"),)),
)


def test_times_run_from_the_queue_the_ringing_and_the_connection():
    call = handled(journal(*TAKEN), "anna")
    assert call is not None
    assert (call.waited_s, call.rang_s, call.handled_s) == (12.0, 4.0, 80.0)
    assert (call.service, call.skill, call.code, call.district) == ("114", "theft", "theft", "1461")
    assert call.position == AARHUS


def test_a_call_counts_for_its_own_operator_once_it_is_over():
    assert handled(journal(*TAKEN), "bo") is None
    assert handled(journal(*TAKEN[:-1]), "anna") is None


def test_what_a_colleague_had_before_one_sat_down_is_not_ones_own():
    assert handled(journal(*TAKEN), "anna", since=13_000) is not None
    assert handled(journal(*TAKEN), "anna", since=13_001) is None


def test_a_fix_that_came_after_the_operator_was_done_is_not_his():
    later = (CallArrived(99_000, "114", None, "114", "m", "a"), (shown(replace(AARHUS, latitude=57.0)),))
    call = handled(journal(*TAKEN, later), "anna")
    assert call is not None
    assert call.position == AARHUS


def test_sending_on_and_marking_are_the_operators_own():
    sent = TransferRequested(80_000, "anna", "fraud")
    turns = journal(*TAKEN[:-2], (sent, (Enqueue(1_000, 1, "fraud", "da", None),)), TAKEN[-1])
    assert handled(turns, "anna").transferred  # type: ignore[union-attr]
    by_bo = (WronglyRouted(81_000, "bo", True), ())
    by_anna = (WronglyRouted(81_000, "anna", True), ())
    assert not handled(journal(*TAKEN[:-1], by_bo, TAKEN[-1]), "anna").wrongly_routed  # type: ignore[union-attr]
    assert handled(journal(*TAKEN[:-1], by_anna, TAKEN[-1]), "anna").wrongly_routed  # type: ignore[union-attr]


def one(call_id: str = "c", **facts: object) -> Handled:
    given = {"service": "114", "skill": "theft", "position": AARHUS, "district": "1461", "code": "theft"}
    return Handled(call_id, **(given | facts))  # type: ignore[arg-type]


def test_answers_are_in_time_by_the_target_of_their_service():
    shift = [
        one("a", waited_s=90.0),
        one("b", waited_s=90.1),
        one("c", service="112", waited_s=10.1),
        one("d"),
    ]
    seen = summary(shift, {}, TARGETS)
    assert seen.answered_in_time == {"114": Right(1, 2), "112": Right(0, 1)}


def test_a_spread_has_the_middle_and_the_largest_of_what_is_known():
    assert Spread.of([3.0, None, 1.0, 8.0]) == Spread(3, 3.0, 8.0)
    assert Spread.of([None]) is None


@pytest.mark.parametrize(("truth", "inside", "metres"), [(NEAR, 1, 33.4), (FAR, 0, 2_224.0)])
def test_a_position_is_right_if_the_truth_lies_in_its_circle(truth: Truth, inside: int, metres: float):
    seen = summary([one()], {"c": truth}, TARGETS)
    assert seen.inside == Right(inside, 1)
    assert seen.distance_m is not None
    assert seen.distance_m.median == pytest.approx(metres, rel=0.01)


def test_without_a_position_or_its_radius_nothing_is_said_of_the_circle():
    bare = replace(AARHUS, radius_m=None)
    seen = summary(
        [one("a", position=None, district=None), one("b", position=bare)], dict.fromkeys("ab", NEAR), TARGETS
    )
    assert (seen.inside, seen.district) == (Right(0, 0), Right(1, 1))
    assert seen.distance_m is not None
    assert seen.distance_m.count == 1


def test_districts_and_registrations_are_judged_and_what_was_chosen_instead_is_named():
    shift = [one("a"), one("b", code="other", district="1462"), one("c", code=None), one("d", code="fraud")]
    truths = dict.fromkeys("abc", NEAR) | {"d": replace(NEAR, code="fraud", skill="fraud")}
    seen = summary(shift, truths, TARGETS)
    assert seen.district == Right(3, 4)
    assert seen.registered == Right(2, 4)
    rows = [(row.code, row.calls, row.right, row.otherwise, row.missing) for row in seen.codes]
    assert rows == [("fraud", 1, 1, (), 0), ("theft", 3, 1, ("other",), 1)]


def test_calls_that_came_to_the_wrong_place_are_to_be_marked_or_sent_on():
    shift = [one("a", skill="emergency"), one("b", skill="fraud", transferred=True), one("c")]
    shift.append(one("d", skill="fraud", wrongly_routed=True))
    assert summary(shift, dict.fromkeys("abcd", NEAR), TARGETS).astray == Right(2, 3)


def test_calls_whose_truth_nobody_knows_count_for_the_times_alone():
    seen = summary([one(handled_s=60.0)], {}, TARGETS)
    assert (seen.calls, seen.judged, seen.registered, seen.codes) == (1, 0, Right(0, 0), ())
    assert seen.handled_s == Spread(1, 60.0, 60.0)


def test_a_share_of_few_says_so():
    assert Right(1, FEW - 1).few
    assert not Right(1, FEW).few
