"""A 114 call is kept back from the queue for a better position: when, for how long, and what ends it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.ivr.conftest import PLAIN, SERVICE, START, OneCall, kept, outcome
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.better_fix import expected_until
from vagtcentral.ivr.commands import (
    CancelTimer,
    Command,
    Enqueue,
    Gather,
    HangUp,
    Hold,
    LeaveQueue,
    Outcome,
    Play,
    RefuseOffer,
    SetTimer,
    ShowLocation,
)
from vagtcentral.ivr.events import CallArrived, LocationForm, LocationReceived, Resumed, Timer, TimerFired
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase
from vagtcentral.location.decision import Costs
from vagtcentral.location.located import Action
from vagtcentral.menus.model import Waiting

Make = Callable[..., OneCall]

#: A better position is likely within 20 s of the call's arrival.
LIKELY = Costs(hold_s=20.0, better_fix=0.9)
#: The border of Vestegnen (1469) and København (1470): 69 % and 31 %.
BORDER = "55.70,12.45,3300"
ODENSE = "55.4038,10.4024,900"
FIX = 'A"ML=1;lt=+55.67890;lg=+012.59000;rd=14;top=20190304080214;lc=68;pm=G;si=;ei=;mcc=238;mnc=02;ml=99'
COARSE = FIX.replace("55.67890", "55.70000").replace("12.59000", "12.45000").replace("rd=14", "rd=2000")
DUE = START + 20_000


NO_FIX = "location_latitude=%2B0.0&location_longitude=%2B0.0&location_accuracy=0&location_source=unknown"
SWAPPED = FIX.replace("lt=+55.67890;lg=+012.59000", "lt=+12.59000;lg=+055.67890")


def told(call: OneCall, message: str, at: int) -> tuple[Command, ...]:
    """The handset says where it is."""
    return call.give(LocationReceived(START + at, LocationForm.AML_SMS, message))


def action(commands: tuple[Command, ...]) -> Action | None:
    shown = kept(commands, ShowLocation)
    assert len(shown) <= 1
    return shown[0].decision.action if shown and isinstance(shown[0], ShowLocation) else None


@pytest.fixture
def held(one_call: Make) -> OneCall:
    """A call on the border of two districts that has left the menu after 8 s and is kept back."""
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    commands = call.presses("1", 8_000)
    assert kept(commands, Enqueue) == []
    assert kept(commands, SetTimer) == [SetTimer(Timer.BETTER_FIX, DUE)]
    assert action(commands) is Action.HOLD
    assert isinstance(commands[-1], Play)  # what every caller hears who goes into this queue
    return call


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (LocationForm.AML_HTTPS, NO_FIX),
        (LocationForm.AML_HTTPS, NO_FIX.replace("accuracy=0", "accuracy=50")),
        (LocationForm.AML_SMS, SWAPPED),
    ],
)
def test_a_message_without_a_usable_place_does_not_end_the_wait(
    held: OneCall, form: LocationForm, message: str
) -> None:
    commands = held.give(LocationReceived(START + 9_000, form, message))
    assert kept(commands, Enqueue, CancelTimer) == []
    assert held.due(Timer.BETTER_FIX) == DUE - START
    assert kept(told(held, FIX, 10_000), Enqueue)


# --- when a call is kept back ----------------------------------------------------------------------


def test_a_call_is_not_kept_back_unless_the_costs_say_so(one_call: Make) -> None:
    call = one_call()
    call.arrives()
    call.is_located(BORDER, 500)
    commands = call.presses("1", 8_000)
    assert kept(commands, Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1469")]
    assert call.due(Timer.BETTER_FIX) is None


@pytest.mark.parametrize(
    ("keys", "before", "reason"),
    [
        ("1", ODENSE, "the district is sure"),
        ("2", BORDER, "the queue takes callers of every district"),
        ("44", BORDER, "the queue is that of a given district"),
        ("0", BORDER, "an emergency is never held"),
        ("8", BORDER, "a call-back keeps its place and moves with the caller"),
    ],
)
def test_only_a_call_whose_unsure_district_decides_is_kept_back(
    one_call: Make, keys: str, before: str, reason: str
) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(before, 500)
    assert kept(call.presses(keys, 8_000), Enqueue), reason
    assert call.due(Timer.BETTER_FIX) is None


def test_112_is_never_kept_back(one_call: Make) -> None:
    call = one_call("alarm", costs=replace(LIKELY, per_second_held=0.0, better_fix=1.0))
    call.arrives()
    call.is_located(BORDER, 500)
    assert kept(call.hears_to_the_end(2_000), Enqueue)


@pytest.mark.parametrize(
    ("service", "caller", "costs", "until"),
    [
        ("114", "+4510114001", LIKELY, DUE),
        ("112", "+4510114001", LIKELY, 0),
        ("114", None, LIKELY, 0),
        ("114", "+4510114001", Costs(), 0),
    ],
)
def test_a_better_position_is_expected_on_114_of_callers_who_can_be_matched_where_the_costs_hold(
    service: str, caller: str | None, costs: Costs, until: int
) -> None:
    assert expected_until(CallArrived(START, service, caller, service, "", ""), costs) == until


def test_a_caller_who_withholds_his_number_is_not_kept_back_as_no_message_could_find_him(
    one_call: Make,
) -> None:
    call = one_call(caller=None, costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    assert kept(call.presses("1", 8_000), Enqueue)


def test_nothing_better_is_waited_for_once_the_handset_has_said_where_it_is(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    told(call, COARSE, 500)
    assert kept(call.presses("1", 8_000), Enqueue)


def test_a_caller_who_has_been_long_in_the_menu_is_not_kept_back(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    call.hears_to_the_end(17_000)
    assert kept(call.presses("1", 20_000), Enqueue)


def test_a_call_of_which_nothing_is_known_is_kept_back_too(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    assert action(call.presses("1", 8_000)) is Action.HOLD
    assert kept(told(call, FIX, 12_000), Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1470")]


def test_a_caller_sent_on_by_an_operator_is_not_kept_back(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    call.presses("2", 1_000)
    call.talks("alfa", 2_000)
    assert kept(call.is_sent_on_by("alfa", "theft", at=5_000), Enqueue)


# --- the question ---------------------------------------------------------------------------------


def test_while_waiting_costs_less_than_asking_the_caller_is_spared_the_question(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    commands = call.presses("5", 8_000)  # the question where, skipped when located
    assert kept(commands, Gather) == []
    assert action(commands) is Action.HOLD


def test_early_in_the_call_the_wait_is_long_and_the_caller_is_asked(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    (asked,) = kept(call.presses("5", 1_000), Gather)
    assert isinstance(asked, Gather)
    assert [prompt.name for prompt in asked.prompts] == ["where"]


def test_when_the_time_for_a_better_position_is_over_the_caller_is_asked(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 15_000)
    call.hears_to_the_end(19_000)
    assert kept(call.presses("5", 21_000), Gather)


def test_keys_collected_by_the_carrier_and_the_end_of_a_prompt_look_at_the_time_too(one_call: Make) -> None:
    call = one_call("plain", costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    call.hears_to_the_end(2_000)
    assert action(call.collects("5", 8_000)) is Action.HOLD


# --- how it ends ----------------------------------------------------------------------------------


def test_a_better_position_ends_the_wait_and_the_place_is_that_of_leaving_the_menu(held: OneCall) -> None:
    commands = told(held, FIX, 14_000)
    assert action(commands) is Action.ROUTE
    assert kept(commands, CancelTimer) == [CancelTimer(Timer.BETTER_FIX)]
    assert kept(commands, Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1470")]
    assert held.phase is Phase.WAITING


def test_a_position_of_the_handset_that_is_no_better_ends_the_wait_too(held: OneCall) -> None:
    commands = told(held, COARSE, 14_000)
    assert action(commands) is Action.ROUTE
    assert kept(commands, Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1469")]


def test_a_position_that_leaves_the_district_as_unsure_does_not_end_the_wait(held: OneCall) -> None:
    commands = held.is_located("55.70,12.45,3000", 10_000)
    assert action(commands) is Action.HOLD
    assert kept(commands, Enqueue, CancelTimer) == []
    assert held.due(Timer.BETTER_FIX) == 20_000


def test_when_the_time_is_over_the_best_district_known_takes_the_call(held: OneCall) -> None:
    commands = held.runs_out(Timer.BETTER_FIX)
    assert action(commands) is Action.ROUTE
    assert kept(commands, Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1469")]
    # Afterwards he is a waiting caller like any other.
    assert kept(told(held, FIX, 25_000), Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1470")]


def test_a_caller_who_hangs_up_meanwhile_has_abandoned_the_queue(held: OneCall) -> None:
    commands = held.hangs_up(12_000)
    assert kept(commands, LeaveQueue) == [LeaveQueue()]
    assert kept(commands, CancelTimer).count(CancelTimer(Timer.BETTER_FIX)) == 1
    assert outcome(commands) is Outcome.ABANDONED_IN_QUEUE


def test_a_call_that_could_not_be_taken_meanwhile_is_over(held: OneCall) -> None:
    assert outcome(held.fails("answer", 9_000)) is Outcome.FAILED
    assert Timer.BETTER_FIX not in held.timers


def test_nobody_is_rung_for_a_call_that_is_kept_back(held: OneCall) -> None:
    assert held.is_offered_to("alfa", 9_000) == (RefuseOffer("alfa", True, "not waiting"),)
    held.runs_out(Timer.BETTER_FIX)
    held.is_offered_to("alfa", 21_000)
    held.is_answered_by("alfa", 22_000)
    assert held.phase is Phase.TALKING


def test_waiting_music_follows_the_prompt_while_the_call_is_kept_back(held: OneCall) -> None:
    commands = held.hears_to_the_end(10_000)
    assert commands == (SetTimer(Timer.COMFORT, START + 40_000), Hold())
    assert held.due(Timer.BETTER_FIX) == 20_000


def test_a_call_back_that_is_booked_meanwhile_takes_its_place_at_once(one_call: Make) -> None:
    impatient = replace(SERVICE, waiting=Waiting("still", 3_000, "1", "call-back", "no-number"))
    call = one_call(impatient, costs=LIKELY)
    call.arrives()
    call.is_located(BORDER, 500)
    call.presses("1", 8_000)
    call.hears_to_the_end(10_000)
    call.runs_out(Timer.COMFORT)
    commands = call.presses("1", 14_000)
    assert kept(commands, Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", "1469")]
    assert call.phase is Phase.CLOSING
    assert Timer.BETTER_FIX not in call.timers
    assert call.hears_to_the_end(17_000) == (HangUp(),)


def test_a_timer_of_another_instant_does_not_end_the_wait(held: OneCall) -> None:
    assert held.give(TimerFired(START + 9_000, Timer.BETTER_FIX, START + 9_000)) == ()


def test_after_a_restart_the_call_is_kept_back_until_the_same_instant(held: OneCall) -> None:
    held.timers.clear()
    commands = held.give(Resumed(START + 11_000))
    assert kept(commands, Enqueue) == []
    assert SetTimer(Timer.BETTER_FIX, DUE) in commands
    assert kept(held.runs_out(Timer.BETTER_FIX), Enqueue)


def test_a_restart_after_the_wait_puts_the_call_into_the_queue(held: OneCall) -> None:
    told(held, FIX, 14_000)
    held.timers.clear()
    assert kept(held.give(Resumed(START + 15_000)), Enqueue)


def test_a_menu_that_gives_up_on_the_caller_keeps_him_back_as_well(one_call: Make) -> None:
    call = one_call(replace(PLAIN, max_nodes=0), costs=replace(LIKELY, wrong_district=200.0))
    commands = call.arrives()
    assert SetTimer(Timer.BETTER_FIX, DUE) in commands


# --- the record -----------------------------------------------------------------------------------


def test_the_record_counts_the_time_kept_back_as_waiting_and_shows_the_last_decision(one_call: Make) -> None:
    call = one_call(costs=LIKELY)
    record = CallRecord("call-1")
    seen: list[Turn] = []
    give = call.give

    def noted(event):  # type: ignore[no-untyped-def]
        commands = give(event)
        seen.append(Turn("call-1", len(seen) + 1, event, commands))
        record.apply(seen[-1])
        return commands

    call.give = noted  # type: ignore[method-assign]
    call.arrives()
    call.is_located(BORDER, 500)
    call.presses("1", 8_000)
    assert (record.location_action, record.waiting_since) == ("hold", START + 8_000)
    call.runs_out(Timer.BETTER_FIX)
    call.is_offered_to("alfa", 25_000)
    call.is_answered_by("alfa", 28_000)
    assert (record.location_action, record.destination_district) == ("route", "1469")
    assert record.waited_s == 20.0
