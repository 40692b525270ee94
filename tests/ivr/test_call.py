"""The call machine, one transition at a time: which commands follow from which event in which phase."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.ivr.conftest import SERVICE, START, TIMING, OneCall, kept, outcome
from vagtcentral.ivr.commands import (
    AcceptOffer,
    Answer,
    CallBack,
    CancelTimer,
    CloseRecord,
    Connect,
    DropOperator,
    Enqueue,
    Gather,
    HangUp,
    Hold,
    LeaveQueue,
    Outcome,
    Play,
    RefuseOffer,
    ReleaseOperator,
    RingOperator,
    SetTimer,
    ShowAnswer,
    ShowDestination,
    ShowLocation,
    ShowNode,
    StopPlay,
    StopRinging,
)
from vagtcentral.ivr.events import (
    CallerHungUp,
    CommandFailed,
    DigitPressed,
    DigitsCollected,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    OperatorOffered,
    OperatorUnanswered,
    PlayFinished,
    Resumed,
    Timer,
    TimerFired,
)
from vagtcentral.ivr.phase import Phase
from vagtcentral.ivr.setting import CallPolicy
from vagtcentral.menus.model import Enter, Spoken

Make = Callable[..., OneCall]

COPENHAGEN = "55.6790,12.5850,850"  # district 1470
ODENSE = "55.4038,10.4024,900"  # district 1465
AML = 'A"ML=1;lt=+55.67890;lg=+012.59000;rd=14;top=20190304080214;lc=68;pm=G;si=;ei=;mcc=238;mnc=02;ml=99'


def said(name: str, language: str = "da") -> Spoken:
    return Spoken(name, language, name)


# --- arriving -------------------------------------------------------------------------------------


def test_an_arriving_call_is_answered_shown_and_asked(one_call: Make):
    assert one_call().arrives() == (
        Answer(),
        ShowNode("114", "main", "da"),
        Gather(1, (said("main"),), True, TIMING, 2, None),
    )


def test_an_alarm_call_hears_the_announcement_and_then_waits_for_an_operator(one_call: Make):
    call = one_call("alarm")
    assert call.arrives() == (Answer(), ShowNode("112", "alarm", "da"), Play(1, (said("alarm"),)))
    assert call.hears_to_the_end(4_000) == (
        ShowDestination("112", "emergency", None, "operators"),
        Enqueue(START + 4_000, 0, "emergency", "da", None),
        SetTimer(Timer.COMFORT, START + 24_000),
        Hold(),
    )


def test_nothing_but_an_arrival_begins_a_call(one_call: Make):
    call = one_call()
    call.play = 1
    for commands in (call.hears_to_the_end(), call.presses("1"), call.hangs_up(), call.fails("answer")):
        assert commands == ()
    assert call.phase is Phase.NEW
    assert call.arrives()[0] == Answer()


def test_an_operator_who_is_offered_or_answers_before_the_arrival_is_let_go(one_call: Make):
    call = one_call()
    assert call.is_offered_to("alfa") == (RefuseOffer("alfa", True, "call is over"),)
    assert call.is_answered_by("alfa") == (DropOperator("alfa"),)


def test_a_call_that_arrives_twice_arrived_once(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.arrives(100) == ()
    call.presses("2", 200)
    assert call.arrives(300) == ()
    assert call.phase is Phase.WAITING


def test_the_service_dialled_is_known_from_the_arrival(one_call: Make):
    call = one_call("alarm")
    assert call.call.service == ""
    call.arrives()
    assert call.call.service == "112"


# --- keys in the menu -----------------------------------------------------------------------------


def test_a_key_that_needs_another_stops_the_prompt_and_starts_the_inter_digit_timer(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("4", 700) == (StopPlay(1), SetTimer(Timer.DIGITS, START + 3_700))


def test_a_key_that_needs_another_after_the_prompt_stops_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end(2_000)
    assert call.presses("4", 2_700) == (SetTimer(Timer.DIGITS, START + 5_700),)


def test_a_key_that_decides_needs_no_stop_because_what_is_heard_next_replaces_the_prompt(one_call: Make):
    call = one_call()
    call.arrives()
    commands = call.presses("3", 700)
    assert commands == (ShowNode("114", "permits", "da"), Play(2, (said("permits"),)))


def test_the_second_key_ends_the_entry_and_its_timer(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("4", 700)
    commands = call.presses("4", 900)
    assert kept(commands, CancelTimer) == [CancelTimer(Timer.DIGITS)]
    assert kept(commands, Enqueue) == [Enqueue(START + 900, 1, "local", "da", "1460")]


def test_the_end_of_the_prompt_starts_the_first_digit_timer(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.due(Timer.DIGITS) is None
    assert call.hears_to_the_end(2_000) == (SetTimer(Timer.DIGITS, START + 7_000),)


def test_a_stopped_prompt_that_is_reported_as_heard_starts_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("4", 700)
    assert call.hears_to_the_end(701) == ()
    assert call.due(Timer.DIGITS) == 3_700


def test_the_end_of_an_older_prompt_starts_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("7", 700)
    assert call.give(PlayFinished(START + 800, 1)) == ()
    assert call.due(Timer.DIGITS) is None


def test_silence_is_answered_with_the_question_again_and_in_the_end_with_the_goodbye(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end(2_000)
    assert call.runs_out(Timer.DIGITS) == (
        ShowNode("114", "main", "da"),
        Gather(2, (said("silent"), said("main")), True, TIMING, 2, None),
    )
    call.hears_to_the_end(9_000)
    assert call.runs_out(Timer.DIGITS)[-1] == Play(3, (said("goodbye"),))
    assert outcome(call.hears_to_the_end(16_000)) is Outcome.NO_INPUT


def test_wrong_keys_lead_to_the_exit_that_the_menu_names(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("7", 100)[-1] == Gather(2, (said("wrong"), said("main")), True, TIMING, 2, None)
    call.presses("7", 200)
    commands = call.presses("7", 300)
    assert kept(commands, ShowDestination) == [ShowDestination("114", "tips", None, "tips")]
    assert call.phase is Phase.WAITING


@pytest.mark.parametrize("key", ["A", "", "12", " "])
def test_what_is_no_key_of_a_telephone_is_not_even_a_wrong_key(one_call: Make, key: str):
    call = one_call()
    call.arrives()
    assert call.give(DigitPressed(START + 100, key)) == ()


def test_keys_during_a_prompt_without_barge_in_change_nothing(one_call: Make):
    call = one_call("plain")
    call.arrives()
    assert call.presses("2", 700) == ()
    assert call.presses("7", 800) == ()
    assert call.hears_to_the_end(2_000) == (SetTimer(Timer.DIGITS, START + 7_000),)
    assert kept(call.presses("2", 2_100), Enqueue) == [Enqueue(START + 2_100, 1, "tips", "da", None)]


def test_keys_during_an_announcement_change_nothing_and_it_is_heard_to_its_end(one_call: Make):
    call = one_call("alarm")
    call.arrives()
    assert call.presses("1", 500) == ()
    assert call.phase is Phase.MENU
    call.hears_to_the_end(4_000)
    assert call.phase is Phase.WAITING


def test_keys_during_an_information_change_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("3")
    assert call.presses("1", 500) == ()
    assert outcome(call.hears_to_the_end(4_000)) is Outcome.SELF_SERVICE


def test_a_language_key_holds_for_prompts_queue_and_record(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("9", 100) == (
        ShowNode("114", "main", "en"),
        Gather(2, (said("main", "en"),), True, TIMING, 2, None),
    )
    commands = call.presses("1", 200)
    assert kept(commands, Enqueue) == [Enqueue(START + 200, 1, "theft", "en", None)]
    assert commands[-1] == Play(3, (said("hold", "en"),))


def test_an_information_heard_to_its_end_hangs_up_and_closes_the_record(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("3", 100)
    assert call.hears_to_the_end(5_000) == (HangUp(), CloseRecord(Outcome.SELF_SERVICE))
    assert call.call.closed


def test_a_caller_who_goes_round_in_the_menu_ends_with_a_person(one_call: Make):
    call = one_call()
    call.arrives()
    commands = call.presses("9" * 12, 100)
    assert kept(commands, ShowDestination) == [ShowDestination("114", "general", None, "main")]
    assert kept(commands, Enqueue) == [Enqueue(START + 100, 1, "general", "en", None)]
    assert commands[-1] == Hold()
    assert call.due(Timer.DIGITS) is None


def test_whoever_the_menu_could_not_place_goes_to_the_skill_of_the_policy(one_call: Make):
    call = one_call(policy=CallPolicy(fallback_skill={"114": "switchboard"}))
    call.arrives()
    assert [e.skill for e in kept(call.presses("9" * 12), Enqueue)] == ["switchboard"]


# --- a carrier that times keys itself -------------------------------------------------------------


def test_collected_keys_lead_where_pressed_keys_lead(one_call: Make):
    for keys in ("2", "3", "44", "7"):
        pressed, collected = one_call(), one_call()
        pressed.arrives()
        collected.arrives()
        pressed.presses(keys, 900)
        collected.collects(keys, 900)
        assert (pressed.phase, pressed.play) == (collected.phase, collected.play)


def test_no_collected_keys_are_silence(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.collects("", 7_000)[-1] == Gather(2, (said("silent"), said("main")), True, TIMING, 2, None)


def test_keys_collected_for_an_older_question_count_for_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.collects("7", 900)
    assert call.give(DigitsCollected(START + 901, 1, "2")) == ()
    assert call.phase is Phase.MENU


# --- postcodes ------------------------------------------------------------------------------------


def test_a_keyed_postcode_is_shown_locates_the_caller_and_names_the_district(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("5", 100)
    commands = call.presses("8000", 200)
    assert kept(commands, ShowAnswer) == [ShowAnswer("where", "8000")]
    (shown,) = kept(commands, ShowLocation)
    assert isinstance(shown, ShowLocation)
    assert shown.decision.district == "1461"
    assert kept(commands, ShowDestination) == [ShowDestination("114", "theft", "1461", "theft", "crime")]
    assert kept(commands, Enqueue) == [Enqueue(START + 200, 1, "theft", "da", "1461")]


def test_an_unknown_postcode_is_asked_for_again_and_is_not_in_the_record(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("5", 100)
    commands = call.presses("0000", 200)
    assert kept(commands, ShowAnswer, ShowLocation) == []
    assert isinstance(commands[-1], Gather)
    assert [prompt.name for prompt in commands[-1].prompts] == ["wrong", "where"]


def test_a_caller_who_does_not_know_his_postcode_goes_on_without(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("5", 100)
    call.hears_to_the_end(3_000)
    assert kept(call.runs_out(Timer.DIGITS), Enqueue) == [Enqueue(START + 8_000, 1, "theft", "da", None)]


def test_a_caller_who_is_located_is_not_asked_for_his_postcode(one_call: Make):
    call = one_call()
    call.arrives()
    call.is_located(ODENSE, 50)
    assert kept(call.presses("5", 100), Enqueue) == [Enqueue(START + 100, 1, "theft", "da", "1465")]


def test_a_caller_who_has_keyed_his_postcode_is_not_asked_for_it_in_a_later_question(one_call: Make):
    where = SERVICE.nodes["where"]
    assert isinstance(where, Enter)
    call = one_call(replace(SERVICE, nodes={**SERVICE.nodes, "where": replace(where, next="main")}))
    call.arrives()
    call.presses("5", 100)
    assert ShowNode("114", "main", "da") in call.presses("8000", 200)
    assert call.presses("5", 300)[:1] == (ShowNode("114", "main", "da"),)


def test_a_caller_who_is_located_while_he_is_asked_may_finish_his_answer(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("5", 100)
    call.presses("80", 200)
    assert kept(call.is_located(ODENSE, 300), Gather, Play, Hold, SetTimer, CancelTimer) == []
    assert kept(call.presses("00", 400), ShowAnswer) == [ShowAnswer("where", "8000")]


# --- hanging up in the menu -----------------------------------------------------------------------


def test_a_caller_who_hangs_up_in_the_menu_has_abandoned_it(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.hangs_up(900) == (CloseRecord(Outcome.ABANDONED_IN_MENU),)


def test_hanging_up_stops_the_digit_timer(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end(2_000)
    assert call.hangs_up(2_500) == (
        CancelTimer(Timer.DIGITS),
        CloseRecord(Outcome.ABANDONED_IN_MENU),
    )


def test_a_caller_who_hangs_up_while_hearing_his_answer_was_served(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("3", 100)
    assert outcome(call.hangs_up(900)) is Outcome.SELF_SERVICE


def test_a_caller_who_hangs_up_while_the_menu_gives_up_on_him_was_not_served(one_call: Make):
    call = one_call()
    call.arrives()
    call.collects("")
    call.collects("")
    assert outcome(call.hangs_up(900)) is Outcome.NO_INPUT


# --- the queue ------------------------------------------------------------------------------------


def test_a_caller_joins_the_queue_at_once_and_hears_its_prompt_meanwhile(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("1", 100) == (
        ShowDestination("114", "theft", None, "theft", "crime"),
        Enqueue(START + 100, 1, "theft", "da", None),
        Play(2, (said("hold"),)),
    )
    assert call.hears_to_the_end(3_000) == (SetTimer(Timer.COMFORT, START + 33_000), Hold())


def test_a_queue_without_a_prompt_begins_with_the_music(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("2", 100) == (
        ShowDestination("114", "tips", None, "tips"),
        Enqueue(START + 100, 1, "tips", "da", None),
        SetTimer(Timer.COMFORT, START + 30_100),
        Hold(),
    )


def test_joining_the_queue_stops_the_digit_timer(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end(2_000)
    assert CancelTimer(Timer.DIGITS) in call.presses("2", 2_100)


def test_a_waiting_caller_hears_comfort_and_music_in_turn(one_call: Make):
    call = one_call("plain")
    call.arrives()
    call.hears_to_the_end()
    call.presses("2")
    for lap in range(3):
        begins = lap * 40_000 + 30_000
        assert call.due(Timer.COMFORT) == begins
        assert call.runs_out(Timer.COMFORT) == (Play(lap + 2, (said("still"),)),)
        assert call.due(Timer.COMFORT) is None
        assert call.hears_to_the_end(begins + 10_000)[-1] == Hold()


def test_comfort_offers_the_call_back_where_the_menu_has_one(one_call: Make):
    call = one_call().waits()
    (comfort,) = call.runs_out(Timer.COMFORT)
    assert isinstance(comfort, Gather)
    assert (comfort.prompts, comfort.barge_in, comfort.max_digits) == ((said("still"),), True, 1)


def test_a_caller_without_a_number_who_asks_to_be_called_back_is_told_why_not(one_call: Make):
    call = one_call(caller=None).waits()
    call.runs_out(Timer.COMFORT)
    assert call.presses("1", 31_000)[-1] == Play(3, (said("no-number"),))
    assert call.phase is Phase.WAITING


def test_a_key_typed_ahead_into_the_queue_books_no_call_back(one_call: Make):
    call = one_call().waits()
    assert call.presses("1", 1_000) == ()
    assert call.phase is Phase.WAITING


def test_an_emergency_handed_over_from_114_is_never_offered_a_call_back(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("0")
    (comfort,) = call.runs_out(Timer.COMFORT) if call.hears_to_the_end() else ()
    assert isinstance(comfort, Play)
    assert call.presses("1", 40_000) == ()
    assert call.phase is Phase.WAITING


def test_a_transfer_to_the_emergency_operators_is_an_emergency(one_call: Make):
    call = one_call().talks("alfa")
    sent_on = call.is_sent_on_by("alfa", "emergency", at=60_000)
    (request,) = [command for command in sent_on if isinstance(command, Enqueue)]
    assert request.priority == 0


def test_comfort_on_a_carrier_that_times_keys_itself_goes_back_to_the_music(one_call: Make):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    assert call.collects("", 36_000) == (SetTimer(Timer.COMFORT, START + 66_000), Hold())


@pytest.mark.parametrize("key", ["2", "0", "#"])
def test_other_keys_while_waiting_mean_nothing(one_call: Make, key: str):
    call = one_call().waits()
    assert call.presses(key, 5_000) == ()
    call.runs_out(Timer.COMFORT)
    assert call.presses(key, 31_000) == ()
    assert call.phase is Phase.WAITING


def test_another_key_collected_while_waiting_goes_back_to_the_music(one_call: Make):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    assert call.collects("5", 36_000)[-1] == Hold()
    assert call.phase is Phase.WAITING


def test_a_menu_without_a_call_back_key_has_no_call_back(one_call: Make):
    call = one_call("plain")
    call.arrives()
    call.hears_to_the_end()
    call.presses("2")
    call.runs_out(Timer.COMFORT)
    assert call.presses("1", 31_000) == ()
    assert call.phase is Phase.WAITING


def test_a_caller_who_hangs_up_while_waiting_leaves_the_queue(one_call: Make):
    call = one_call().waits()
    assert call.hangs_up(20_000) == (
        LeaveQueue(),
        CancelTimer(Timer.COMFORT),
        CloseRecord(Outcome.ABANDONED_IN_QUEUE),
    )


def test_a_caller_who_hangs_up_while_an_operator_is_rung_leaves_nobody_ringing(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.hangs_up(2_000) == (
        LeaveQueue(),
        CancelTimer(Timer.COMFORT),
        StopRinging("alfa"),
        RefuseOffer("alfa", True, "caller left"),
        CancelTimer(Timer.RING),
        CloseRecord(Outcome.ABANDONED_IN_QUEUE),
    )


def test_a_caller_who_hangs_up_while_the_second_operator_is_rung_leaves_only_the_wrap_up(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.is_offered_to("bravo", 61_000)
    assert CancelTimer(Timer.RING) in call.hangs_up(62_000)
    assert set(call.timers) == {Timer.WRAP_UP}
    assert call.call.operators() == {"alfa"}


def test_an_operator_who_answers_after_the_caller_left_is_dropped(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    call.hangs_up(2_000)
    assert call.is_answered_by("alfa", 2_001) == (DropOperator("alfa"),)


# --- booking a call-back --------------------------------------------------------------------------


@pytest.mark.parametrize("during", ["comfort", "music after it"])
def test_the_call_back_key_keeps_the_place_says_so_and_hangs_up(one_call: Make, during: str):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    if during == "music after it":
        call.hears_to_the_end(33_000)
    commands = call.presses("1", 34_000)
    assert commands[-1] == Play(3, (said("call-back"),))
    assert kept(commands, LeaveQueue, Enqueue) == []
    assert call.due(Timer.COMFORT) is None
    assert call.phase is Phase.CLOSING
    assert call.hears_to_the_end(40_000) == (HangUp(),)
    assert call.phase is Phase.AWAY
    assert not call.call.closed


def test_the_call_back_key_collected_by_the_carrier_means_the_same(one_call: Make):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    assert call.collects("1", 33_000)[-1] == Play(3, (said("call-back"),))
    assert call.phase is Phase.CLOSING


def test_a_caller_who_hangs_up_during_the_promise_is_called_back_all_the_same(one_call: Make):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    call.presses("1", 33_000)
    assert call.hangs_up(34_000) == ()
    assert call.phase is Phase.AWAY
    call.is_offered_to("alfa", 50_000)
    assert call.is_answered_by("alfa", 52_000)[-1] == CallBack("+4510114001")


def test_a_hidden_number_that_asks_for_a_call_back_is_told_and_keeps_waiting(one_call: Make):
    call = one_call(caller=None).waits()
    call.runs_out(Timer.COMFORT)
    call.hears_to_the_end(32_000)
    assert call.presses("1", 33_000)[-1] == Play(3, (said("no-number"),))
    assert call.phase is Phase.WAITING
    assert call.hears_to_the_end(36_000) == (SetTimer(Timer.COMFORT, START + 66_000), Hold())


def test_a_call_back_without_words_hangs_up_at_once(one_call: Make):
    call = one_call(replace(SERVICE, waiting=replace(SERVICE.waiting, call_back_prompt=None))).waits()
    call.runs_out(Timer.COMFORT)
    assert call.presses("1", 33_000) == (HangUp(),)
    assert call.phase is Phase.AWAY


def test_a_hidden_number_without_words_for_it_hears_the_music_again(one_call: Make):
    menu = replace(SERVICE, waiting=replace(SERVICE.waiting, no_number_prompt=None))
    call = one_call(menu, caller=None).waits()
    call.runs_out(Timer.COMFORT)
    call.hears_to_the_end(32_000)
    assert call.presses("1", 33_000)[-2:] == (SetTimer(Timer.COMFORT, START + 63_000), Hold())


def test_a_call_back_chosen_in_the_menu_joins_the_queue_and_hangs_up_after_the_promise(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("8", 100) == (
        ShowDestination("114", "general", None, "promise"),
        Enqueue(START + 100, 1, "general", "da", None),
        Play(2, (said("promise"),)),
    )
    assert call.hears_to_the_end(6_000) == (HangUp(),)
    assert call.phase is Phase.AWAY


def test_a_hidden_number_that_chooses_the_call_back_in_the_menu_waits_on_the_line(one_call: Make):
    call = one_call(caller=None)
    call.arrives()
    commands = call.presses("8", 100)
    assert kept(commands, Enqueue) == [Enqueue(START + 100, 1, "general", "da", None)]
    assert commands[-1] == Play(2, (said("no-number"),))
    assert call.phase is Phase.WAITING


def test_keys_during_the_promise_change_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("8", 100)
    assert call.presses("1", 200) == ()
    assert call.phase is Phase.CLOSING


def test_an_operator_who_answers_during_the_promise_gets_the_caller_who_is_still_there(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("8", 100)
    call.is_offered_to("alfa", 200)
    assert call.is_answered_by("alfa", 1_000)[-1] == Connect("alfa")
    assert call.phase is Phase.TALKING


def test_an_operator_who_is_rung_when_the_promise_ends_calls_the_caller_back(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("8", 100)
    call.is_offered_to("alfa", 200)
    assert call.hears_to_the_end(6_000) == (HangUp(),)
    assert call.is_answered_by("alfa", 7_000)[-1] == CallBack("+4510114001")


# --- calling back ---------------------------------------------------------------------------------


@pytest.fixture
def away(one_call: Make) -> OneCall:
    """A caller who has hung up with a call-back kept."""
    call = one_call()
    call.arrives()
    call.presses("8", 100)
    call.hears_to_the_end(6_000)
    return call


def test_a_call_back_rings_the_caller_when_an_operator_has_taken_it(away: OneCall):
    assert away.is_offered_to("alfa", 10_000) == (
        RingOperator("alfa"),
        SetTimer(Timer.RING, START + 25_000),
    )
    assert away.is_answered_by("alfa", 12_000) == (
        CancelTimer(Timer.RING),
        AcceptOffer("alfa"),
        CallBack("+4510114001"),
    )
    assert away.phase is Phase.CALLED


def test_a_caller_who_takes_the_call_back_talks_to_the_operator_who_waited(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.takes_the_call_back(18_000) == (Connect("alfa"),)
    away.hangs_up(60_000)
    assert outcome(away.is_registered_by("alfa", 70_000)) is Outcome.CALLED_BACK


def test_a_caller_who_misses_the_call_back_is_called_again_later_from_the_same_place(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.misses_the_call_back(37_000) == (
        DropOperator("alfa"),
        ReleaseOperator("alfa"),
        SetTimer(Timer.CALL_BACK, START + 157_000),
    )
    assert away.phase is Phase.AWAY
    assert away.runs_out(Timer.CALL_BACK) == (Enqueue(START + 100, 1, "general", "da", None),)
    away.is_offered_to("bravo", 160_000)
    away.is_answered_by("bravo", 161_000)
    assert away.takes_the_call_back(165_000) == (Connect("bravo"),)


def test_a_caller_who_misses_every_call_back_is_given_up(one_call: Make):
    call = one_call(policy=CallPolicy(call_back_attempts=2, call_back_every_ms=60_000))
    call.arrives()
    call.presses("8", 100)
    call.hangs_up(200)
    call.is_offered_to("alfa", 1_000)
    call.is_answered_by("alfa", 2_000)
    call.misses_the_call_back(20_000)
    assert call.runs_out(Timer.CALL_BACK) == (Enqueue(START + 100, 1, "general", "da", None),)
    call.is_offered_to("alfa", 90_000)
    call.is_answered_by("alfa", 91_000)
    assert call.misses_the_call_back(110_000) == (
        DropOperator("alfa"),
        ReleaseOperator("alfa"),
        CloseRecord(Outcome.CALL_BACK_FAILED),
    )


def test_an_operator_who_gives_up_while_the_caller_is_rung_leaves_the_place_to_another(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.is_left_by("alfa", 20_000) == (
        SetTimer(Timer.WRAP_UP, START + 80_000),
        Enqueue(START + 100, 1, "general", "da", None),
        HangUp(),
    )
    assert away.phase is Phase.AWAY
    assert away.is_offered_to("bravo", 21_000)[0] == RingOperator("bravo")
    assert away.is_answered_by("bravo", 22_000)[-1] == CallBack("+4510114001")


def test_another_operator_who_hangs_up_while_the_caller_is_rung_changes_nothing(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.is_left_by("bravo", 13_000) == ()
    assert away.phase is Phase.CALLED


def test_the_caller_away_needs_no_comfort_and_cannot_hang_up(away: OneCall):
    assert away.timers == {}
    assert away.hangs_up(9_000) == ()
    assert away.phase is Phase.AWAY
    assert not away.call.closed


def test_a_hang_up_while_the_caller_is_rung_is_a_late_one_of_the_first_leg(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.hangs_up(12_500) == ()
    assert away.takes_the_call_back(15_000) == (Connect("alfa"),)


def test_an_answer_or_a_miss_of_a_call_back_that_is_not_ringing_changes_nothing(
    one_call: Make, away: OneCall
):
    for call in (away, one_call().talks()):
        assert call.takes_the_call_back(30_000) == ()
        assert call.misses_the_call_back(30_000) == ()


# --- operators ------------------------------------------------------------------------------------


def test_an_offer_rings_the_operator_while_the_caller_hears_on_what_he_hears(one_call: Make):
    call = one_call().waits()
    assert call.is_offered_to("alfa", 1_000) == (
        RingOperator("alfa"),
        SetTimer(Timer.RING, START + 16_000),
    )
    assert call.call.operators() == {"alfa"}


def test_an_operator_who_answers_is_connected(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.is_answered_by("alfa", 3_000) == (
        CancelTimer(Timer.RING),
        AcceptOffer("alfa"),
        CancelTimer(Timer.COMFORT),
        Connect("alfa"),
    )
    assert call.phase is Phase.TALKING


def test_an_operator_who_answers_during_the_queue_prompt_is_connected_at_once(one_call: Make):
    call = one_call().waits("1")
    call.is_offered_to("alfa", 1_000)
    assert call.is_answered_by("alfa", 1_500)[-1] == Connect("alfa")
    assert call.hears_to_the_end(2_000) == ()


def test_an_operator_who_declines_is_passed_over_and_the_caller_waits_on(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.is_declined_by("alfa", 2_000) == (
        RefuseOffer("alfa", False, "declined"),
        CancelTimer(Timer.RING),
    )
    assert call.call.operators() == frozenset()
    assert call.is_offered_to("bravo", 2_000)[0] == RingOperator("bravo")


def test_an_operator_who_does_not_answer_is_no_longer_rung_and_set_not_ready(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.runs_out(Timer.RING) == (
        StopRinging("alfa"),
        RefuseOffer("alfa", False, "no answer"),
    )
    assert call.is_answered_by("alfa", 16_001) == (DropOperator("alfa"),)
    assert call.phase is Phase.WAITING


def test_how_long_an_operator_is_rung_is_policy(one_call: Make):
    call = one_call(policy=CallPolicy(ring_ms=4_000)).waits()
    call.is_offered_to("alfa", 1_000)
    assert call.due(Timer.RING) == 5_000


def test_an_operator_whose_phone_hangs_up_while_it_rings_is_passed_over(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.is_left_by("alfa", 2_000) == (
        RefuseOffer("alfa", False, "hung up"),
        CancelTimer(Timer.RING),
    )


def test_a_duplicate_offer_does_not_ring_twice(one_call: Make):
    call = one_call().waits()
    call.give(OperatorOffered(START + 1_000, "alfa", 1))
    assert call.give(OperatorOffered(START + 1_001, "alfa", 1)) == ()
    call.is_declined_by("alfa", 2_000)
    assert call.give(OperatorOffered(START + 2_001, "alfa", 1)) == ()


def test_a_second_operator_is_refused_while_the_first_is_rung(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.is_offered_to("bravo", 1_500) == (RefuseOffer("bravo", True, "not waiting"),)
    assert call.call.operators() == {"alfa"}


def test_a_second_operator_is_refused_while_the_caller_talks(one_call: Make):
    call = one_call().talks("alfa")
    assert call.is_offered_to("bravo", 9_000) == (RefuseOffer("bravo", True, "not waiting"),)


def test_an_operator_is_refused_while_the_caller_is_in_the_menu(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.is_offered_to("alfa", 900) == (RefuseOffer("alfa", True, "not waiting"),)


def test_an_operator_who_was_never_rung_and_answers_is_dropped(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.is_answered_by("bravo", 2_000) == (DropOperator("bravo"),)
    assert call.call.operators() == {"alfa"}


def test_a_duplicate_answer_does_not_drop_the_operator_who_talks(one_call: Make):
    call = one_call().talks("alfa")
    assert call.is_answered_by("alfa", 5_000) == ()
    assert call.phase is Phase.TALKING


@pytest.mark.parametrize("event", ["declines", "hangs up", "registers", "sends on"])
def test_an_operator_who_has_nothing_to_do_with_the_call_changes_nothing(one_call: Make, event: str):
    call = one_call().talks("alfa")
    commands = {
        "declines": lambda: call.is_declined_by("bravo", 9_000),
        "hangs up": lambda: call.is_left_by("bravo", 9_000),
        "registers": lambda: call.is_registered_by("bravo", 9_000),
        "sends on": lambda: call.is_sent_on_by("bravo", "tips", at=9_000),
    }[event]()
    assert commands == ()
    assert call.phase is Phase.TALKING


def test_keys_while_talking_change_nothing(one_call: Make):
    call = one_call().talks()
    assert call.presses("15", 9_000) == ()
    assert call.phase is Phase.TALKING


# --- after the talk -------------------------------------------------------------------------------


def test_a_caller_who_hangs_up_leaves_the_operator_to_wrap_up(one_call: Make):
    call = one_call().talks("alfa")
    assert call.hangs_up(60_000) == (DropOperator("alfa"), SetTimer(Timer.WRAP_UP, START + 120_000))
    assert call.phase is Phase.GONE
    assert call.call.operators() == {"alfa"}
    assert not call.call.closed
    assert call.is_registered_by("alfa", 80_000) == (
        ReleaseOperator("alfa"),
        CancelTimer(Timer.WRAP_UP),
        CloseRecord(Outcome.ANSWERED),
    )


def test_an_operator_who_does_not_finish_his_wrap_up_is_released_when_its_time_is_over(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    assert call.runs_out(Timer.WRAP_UP) == (ReleaseOperator("alfa"), CloseRecord(Outcome.ANSWERED))


def test_a_wrap_up_that_is_finished_twice_is_finished_once(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    assert ReleaseOperator("alfa") in call.is_registered_by("alfa", 70_000)
    assert call.is_registered_by("alfa", 71_000) == ()


def test_how_long_a_wrap_up_may_take_is_policy(one_call: Make):
    call = one_call(policy=CallPolicy(wrap_up_ms=5_000)).talks("alfa")
    call.hangs_up(60_000)
    assert call.due(Timer.WRAP_UP) == 65_000


def test_the_operator_hanging_up_leads_to_the_survey(one_call: Make):
    call = one_call().talks("alfa")
    commands = call.is_left_by("alfa", 60_000)
    assert commands[:2] == (
        SetTimer(Timer.WRAP_UP, START + 120_000),
        ShowNode("survey", "question", "da"),
    )
    assert isinstance(commands[-1], Gather)
    assert commands[-1].prompts == (said("question"),)
    assert call.phase is Phase.SURVEY


def test_the_survey_speaks_the_language_of_the_call(one_call: Make):
    call = one_call().waits("92").talks("alfa")
    assert ShowNode("survey", "question", "en") in call.is_left_by("alfa", 60_000)


def test_a_survey_answer_is_shown_by_its_name(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    commands = call.presses("4", 62_000)
    assert ShowAnswer("question", "4") in commands
    assert commands[-1] == Play(call.play, (said("thanks"),))


def test_after_the_survey_the_call_ends_when_the_operator_has_registered(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    call.presses("4", 62_000)
    assert call.hears_to_the_end(64_000) == (HangUp(),)
    assert call.phase is Phase.GONE
    assert outcome(call.is_registered_by("alfa", 80_000)) is Outcome.ANSWERED


def test_after_the_survey_the_call_ends_at_once_when_the_operator_has_registered_before(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    assert outcome(call.is_registered_by("alfa", 61_000)) is None
    call.presses("4", 62_000)
    assert call.hears_to_the_end(64_000) == (HangUp(), CloseRecord(Outcome.ANSWERED))


def test_a_caller_who_hangs_up_in_the_survey_was_answered(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    call.hears_to_the_end(62_000)
    assert call.hangs_up(63_000) == (CancelTimer(Timer.DIGITS),)
    assert outcome(call.is_registered_by("alfa", 80_000)) is Outcome.ANSWERED


def test_a_caller_who_says_nothing_in_the_survey_is_let_go(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    call.hears_to_the_end(62_000)
    assert call.runs_out(Timer.DIGITS)[-1] == Play(call.play, (said("goodbye"),))
    assert call.hears_to_the_end(70_000) == (HangUp(),)


def test_there_is_no_survey_when_the_caller_hung_up_first(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    assert call.is_left_by("alfa", 60_001) == ()
    assert call.phase is Phase.GONE


def test_there_is_no_survey_where_the_menu_names_none(one_call: Make):
    call = one_call("plain")
    call.arrives()
    call.hears_to_the_end()
    call.presses("2")
    call.talks("alfa")
    assert call.is_left_by("alfa", 60_000) == (SetTimer(Timer.WRAP_UP, START + 120_000), HangUp())
    assert call.phase is Phase.GONE


def test_there_is_a_survey_after_a_call_back_too(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    away.takes_the_call_back(18_000)
    assert ShowNode("survey", "question", "da") in away.is_left_by("alfa", 60_000)


# --- transfers ------------------------------------------------------------------------------------


def test_a_transferred_caller_keeps_his_place_and_does_not_go_back_to_the_same_operator(one_call: Make):
    call = one_call().waits(at=500).talks("alfa", 1_000)
    assert call.is_sent_on_by("alfa", "theft", at=60_000) == (
        DropOperator("alfa"),
        SetTimer(Timer.WRAP_UP, START + 120_000),
        ShowDestination("114", "theft", None, "transfer"),
        Enqueue(START + 500, 1, "theft", "da", None, "alfa"),
        SetTimer(Timer.COMFORT, START + 90_000),
        Hold(),
    )
    assert call.phase is Phase.WAITING


def test_a_transfer_can_name_a_district(one_call: Make):
    call = one_call().talks("alfa")
    commands = call.is_sent_on_by("alfa", "local", "1471", at=60_000)
    assert kept(commands, Enqueue) == [Enqueue(START, 1, "local", "da", "1471", "alfa")]


def test_a_transfer_without_a_district_asks_for_that_of_the_caller(one_call: Make):
    call = one_call().talks("alfa")
    call.is_located(ODENSE, 2_000)
    commands = call.is_sent_on_by("alfa", "theft", at=60_000)
    assert kept(commands, Enqueue) == [Enqueue(START, 1, "theft", "da", "1465", "alfa")]


def test_an_operator_who_wraps_up_is_not_offered_the_caller_whom_he_sent_on(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    assert call.is_offered_to("alfa", 61_000) == (RefuseOffer("alfa", True, "not waiting"),)


def test_the_second_operator_is_connected_and_the_outcome_is_answered(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.is_offered_to("bravo", 61_000)
    assert call.is_answered_by("bravo", 63_000)[-1] == Connect("bravo")
    assert call.call.operators() == {"alfa", "bravo"}
    call.is_registered_by("alfa", 70_000)
    call.hangs_up(100_000)
    assert outcome(call.is_registered_by("bravo", 110_000)) is Outcome.ANSWERED


def test_two_operators_can_wrap_up_at_once_and_each_has_his_own_time(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.talks("bravo", 70_000)
    call.hangs_up(100_000)
    assert call.call.operators() == {"alfa", "bravo"}
    assert call.due(Timer.WRAP_UP) == 120_000
    assert call.runs_out(Timer.WRAP_UP) == (
        ReleaseOperator("alfa"),
        SetTimer(Timer.WRAP_UP, START + 160_000),
    )
    assert call.runs_out(Timer.WRAP_UP) == (ReleaseOperator("bravo"), CloseRecord(Outcome.ANSWERED))


def test_the_later_of_two_wrap_ups_can_be_finished_first(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.talks("bravo", 70_000)
    call.hangs_up(100_000)
    assert call.is_registered_by("bravo", 110_000) == (ReleaseOperator("bravo"),)
    assert call.due(Timer.WRAP_UP) == 120_000
    assert not call.call.closed
    assert outcome(call.is_registered_by("alfa", 115_000)) is Outcome.ANSWERED


def test_two_wrap_ups_that_end_at_the_same_instant_both_end(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.talks("bravo", 60_000)
    call.hangs_up(60_000)
    commands = call.runs_out(Timer.WRAP_UP)
    assert set(kept(commands, ReleaseOperator)) == {ReleaseOperator("alfa"), ReleaseOperator("bravo")}
    assert call.call.closed


def test_an_operator_can_only_send_on_the_caller_with_whom_he_talks(one_call: Make, away: OneCall):
    waiting = one_call().waits()
    waiting.is_offered_to("alfa", 1_000)
    assert waiting.is_sent_on_by("alfa", "theft", at=2_000) == ()
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.is_sent_on_by("alfa", "theft", at=13_000) == ()


def test_a_caller_who_hangs_up_while_waiting_after_a_transfer_was_lost_in_it(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    assert LeaveQueue() in call.hangs_up(80_000)
    assert outcome(call.is_registered_by("alfa", 90_000)) is Outcome.LOST_IN_TRANSFER


# --- handing over to 112 --------------------------------------------------------------------------


def test_a_hand_over_has_first_priority_and_shows_as_112(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.presses("0", 100) == (
        ShowDestination("112", "emergency", None, "danger"),
        Enqueue(START + 100, 0, "emergency", "da", None),
        Play(2, (said("danger"),)),
    )
    assert call.call.service == "114"


def test_a_hand_over_asks_for_the_district_of_the_caller(one_call: Make):
    call = one_call()
    call.arrives()
    call.is_located(ODENSE, 50)
    assert kept(call.presses("0", 100), Enqueue) == [Enqueue(START + 100, 0, "emergency", "da", "1465")]


def test_a_hand_over_keeps_its_priority_when_it_is_sent_on(one_call: Make):
    call = one_call().waits("0").talks("alfa", 1_000)
    commands = call.is_sent_on_by("alfa", "emergency", "1471", at=60_000)
    assert kept(commands, Enqueue) == [Enqueue(START, 0, "emergency", "da", "1471", "alfa")]
    assert kept(commands, ShowDestination) == [ShowDestination("112", "emergency", "1471", "transfer")]


# --- location -------------------------------------------------------------------------------------


def district(commands: tuple[object, ...]) -> str | None:
    (shown,) = [command for command in commands if isinstance(command, ShowLocation)]
    return shown.decision.district


def test_a_location_in_the_menu_is_shown_and_used_when_the_caller_comes_to_the_queue(one_call: Make):
    call = one_call()
    call.arrives()
    commands = call.is_located(COPENHAGEN, 50)
    assert len(commands) == 1
    assert district(commands) == "1470"
    assert kept(call.presses("1", 100), Enqueue) == [Enqueue(START + 100, 1, "theft", "da", "1470")]


def test_a_location_while_waiting_sends_the_call_to_its_district_from_the_same_place(one_call: Make):
    call = one_call().waits("1", 100)
    commands = call.is_located(COPENHAGEN, 5_000)
    assert district(commands) == "1470"
    assert commands[-1] == Enqueue(START + 100, 1, "theft", "da", "1470")


def test_a_location_that_does_not_change_the_district_does_not_disturb_the_queue(one_call: Make):
    call = one_call().waits("1", 100)
    call.is_located(COPENHAGEN, 5_000)
    assert [type(command) for command in call.is_located(COPENHAGEN, 6_000)] == [ShowLocation]


@pytest.mark.parametrize("keys", ["2", "44"])
def test_a_location_does_not_move_a_call_whose_queue_does_not_ask_for_it(one_call: Make, keys: str):
    call = one_call().waits(keys, 100)
    assert [type(command) for command in call.is_located(COPENHAGEN, 5_000)] == [ShowLocation]


def test_a_location_while_an_operator_is_rung_changes_the_request_and_lets_him_ring(one_call: Make):
    call = one_call().waits("1", 100)
    call.is_offered_to("alfa", 1_000)
    commands = call.is_located(COPENHAGEN, 5_000)
    assert kept(commands, Enqueue) == [Enqueue(START + 100, 1, "theft", "da", "1470")]
    assert kept(commands, StopRinging, RefuseOffer) == []
    assert call.is_answered_by("alfa", 6_000)[-1] == Connect("alfa")


def test_a_location_while_talking_is_shown_and_moves_nobody(one_call: Make):
    call = one_call().waits("1", 100).talks("alfa", 1_000)
    commands = call.is_located(COPENHAGEN, 20_000)
    assert len(commands) == 1
    assert district(commands) == "1470"


def test_a_location_during_wrap_up_is_still_shown(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    assert district(call.is_located(COPENHAGEN, 61_000)) == "1470"


def test_a_location_after_the_end_changes_nothing(one_call: Make):
    call = one_call()
    call.arrives()
    call.hangs_up(900)
    assert call.is_located(COPENHAGEN, 5_000) == ()


def test_a_location_while_the_caller_is_away_moves_his_place_to_the_district(one_call: Make):
    call = one_call().waits("1", 100)
    call.hears_to_the_end(1_000)
    call.runs_out(Timer.COMFORT)
    call.presses("1", 32_000)
    call.hears_to_the_end(36_000)
    commands = call.is_located(COPENHAGEN, 40_000)
    assert kept(commands, Enqueue) == [Enqueue(START + 100, 1, "theft", "da", "1470")]


def test_a_location_between_two_call_backs_waits_for_the_next_attempt(one_call: Make):
    call = one_call().waits("1", 100)
    call.hears_to_the_end(1_000)
    call.runs_out(Timer.COMFORT)
    call.presses("1", 32_000)
    call.hangs_up(33_000)
    call.is_offered_to("alfa", 40_000)
    call.is_answered_by("alfa", 42_000)
    call.misses_the_call_back(60_000)
    assert [type(command) for command in call.is_located(COPENHAGEN, 70_000)] == [ShowLocation]
    assert call.runs_out(Timer.CALL_BACK) == (Enqueue(START + 100, 1, "theft", "da", "1470"),)


def test_an_aml_message_locates_the_caller(one_call: Make):
    call = one_call("alarm")
    call.arrives()
    commands = call.give(LocationReceived(START + 4_000, LocationForm.AML_SMS, AML))
    assert district(commands) == "1470"


@pytest.mark.parametrize("form", [LocationForm.AML_SMS, LocationForm.CELL_CIRCLE])
def test_a_message_that_cannot_be_read_is_named_and_locates_nobody(one_call: Make, form: LocationForm):
    call = one_call().waits("1")
    commands = call.give(LocationReceived(START + 4_000, form, "nonsense"))
    assert [type(command) for command in commands] == [ShowLocation]
    (shown,) = commands
    assert isinstance(shown, ShowLocation)
    assert shown.located is None
    assert shown.anomalies


# --- what fails -----------------------------------------------------------------------------------


def test_a_prompt_that_fails_in_the_menu_counts_as_heard(one_call: Make):
    call = one_call("alarm")
    call.arrives()
    assert call.fails("play", 100)[-1] == Hold()
    assert call.phase is Phase.WAITING


def test_a_question_that_fails_still_takes_keys_and_times_them(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.fails("gather", 100) == (SetTimer(Timer.DIGITS, START + 5_100),)
    call.presses("2", 200)
    assert call.phase is Phase.WAITING


def test_a_comfort_prompt_that_fails_goes_back_to_the_music(one_call: Make):
    call = one_call().waits()
    call.runs_out(Timer.COMFORT)
    assert call.fails("gather", 31_000) == (SetTimer(Timer.COMFORT, START + 61_000), Hold())


def test_a_promise_that_fails_is_kept_all_the_same(one_call: Make):
    call = one_call()
    call.arrives()
    call.presses("8", 100)
    assert call.fails("play", 200) == (HangUp(),)
    assert call.phase is Phase.AWAY


def test_a_caller_who_could_not_hear_the_answer_is_told_it_by_a_person(one_call: Make):
    """He would be hung up on without a word, and the record would say that he was served."""
    call = one_call()
    call.arrives()
    call.presses("3")
    commands = call.fails("play", 100)
    assert kept(commands, Enqueue) == [Enqueue(START + 100, 1, "general", "da", None)]
    assert kept(commands, Hold) == [Hold()]
    assert call.phase is Phase.WAITING


def test_a_caller_who_could_not_hear_the_goodbye_is_hung_up_on_all_the_same(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end()
    call.runs_out(Timer.DIGITS)
    call.hears_to_the_end()
    call.runs_out(Timer.DIGITS)
    assert outcome(call.fails("play", 60_000)) is Outcome.NO_INPUT


def test_a_caller_who_waits_at_once_is_answered_by_the_next_start_if_not_before(one_call: Make):
    """A menu may begin with its queue, and the program end before the answer went out."""
    alarm = replace(SERVICE, start="tips")
    call = one_call(alarm)
    call.arrives()
    assert kept(call.give(Resumed(START + 5_000)), Answer) == [Answer()]


def test_a_prompt_that_fails_when_none_is_heard_changes_nothing(one_call: Make):
    call = one_call().waits()
    assert call.fails("play", 100) == ()
    assert call.fails("gather", 100) == ()


def test_an_operator_who_cannot_be_rung_is_passed_over(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    assert call.fails("ring_operator", 1_100) == (
        RefuseOffer("alfa", False, "lost"),
        CancelTimer(Timer.RING),
    )
    assert call.fails("ring_operator", 1_200) == ()
    assert call.phase is Phase.WAITING


def test_an_operator_who_is_rung_in_vain_by_no_fault_of_his_rests_and_stays_ready(one_call: Make):
    call = one_call(policy=CallPolicy(rest_ms=3_000)).waits()
    call.is_offered_to("alfa", 1_000)
    assert call.give(CommandFailed(START + 1_100, "ring_operator", "no answer", out_of_reach=True)) == (
        RefuseOffer("alfa", True, "no answer", 3_000),
        CancelTimer(Timer.RING),
    )
    call.is_offered_to("bravo", 2_000)
    assert call.give(OperatorUnanswered(START + 2_100, "bravo", "unseen", out_of_reach=True))[0] == (
        RefuseOffer("bravo", True, "unseen", 3_000)
    )


def test_a_caller_who_cannot_be_connected_goes_back_to_his_place(one_call: Make):
    call = one_call().waits(at=500).talks("alfa", 1_000)
    assert call.fails("connect", 1_100) == (
        DropOperator("alfa"),
        SetTimer(Timer.WRAP_UP, START + 3_100),
        Enqueue(START + 500, 1, "tips", "da", None),
        SetTimer(Timer.COMFORT, START + 31_100),
        Hold(),
    )
    call.talks("bravo", 2_000)


def test_an_operator_who_could_not_be_connected_is_offered_nothing_for_a_moment(one_call: Make):
    """A switch that connects nobody would have phones ring and fall silent again without pause."""
    call = one_call(policy=CallPolicy(rest_ms=3_000)).talks("alfa", 1_000)
    call.fails("connect", 1_100)
    assert call.due(Timer.WRAP_UP) == 4_100
    assert call.is_offered_to("alfa", 1_200) == (RefuseOffer("alfa", True, "not waiting"),)
    assert call.runs_out(Timer.WRAP_UP) == (ReleaseOperator("alfa"),)
    call.talks("alfa", 5_000)


def test_a_caller_who_was_never_connected_and_hangs_up_has_abandoned_the_queue(one_call: Make):
    call = one_call().talks("alfa", 1_000)
    call.fails("connect", 1_100)
    call.runs_out(Timer.WRAP_UP)
    assert outcome(call.hangs_up(9_000)) is Outcome.ABANDONED_IN_QUEUE


def test_a_caller_who_cannot_be_connected_after_a_transfer_and_hangs_up_was_lost_in_it(one_call: Make):
    call = one_call().talks("alfa")
    call.is_sent_on_by("alfa", "theft", at=60_000)
    call.talks("bravo", 70_000)
    call.fails("connect", 70_100)
    call.hangs_up(70_200)
    call.is_registered_by("alfa", 70_300)
    assert outcome(call.runs_out(Timer.WRAP_UP)) is Outcome.LOST_IN_TRANSFER


def test_a_connection_that_is_reported_as_failed_when_nobody_talks_changes_nothing(one_call: Make):
    call = one_call().waits()
    assert call.fails("connect", 100) == ()


def test_a_caller_who_cannot_be_rung_is_tried_again_later(away: OneCall):
    away.is_offered_to("alfa", 10_000)
    away.is_answered_by("alfa", 12_000)
    assert away.fails("call_back", 12_100) == (
        DropOperator("alfa"),
        ReleaseOperator("alfa"),
        SetTimer(Timer.CALL_BACK, START + 132_100),
    )


def test_a_call_back_that_is_reported_as_failed_when_nobody_is_rung_changes_nothing(away: OneCall):
    assert away.fails("call_back", 9_000) == ()
    assert away.phase is Phase.AWAY


def test_a_call_that_cannot_be_taken_is_over(one_call: Make):
    call = one_call()
    call.arrives()
    assert call.fails("answer", 100) == (HangUp(), CloseRecord(Outcome.FAILED))


@pytest.mark.parametrize(
    "command", ["hold", "stop_play", "stop_ringing", "drop_operator", "hang_up", "other"]
)
def test_what_fails_without_harm_to_the_caller_changes_nothing(one_call: Make, command: str):
    for call in (one_call().waits(), one_call().talks()):
        before = call.phase
        assert call.fails(command, 9_000) == ()
        assert call.phase is before


# --- timers that no longer count ------------------------------------------------------------------


@pytest.mark.parametrize("timer", list(Timer))
def test_a_timer_that_was_never_set_changes_nothing(one_call: Make, timer: Timer):
    due = START + 777
    for call in (one_call().waits("1"), one_call().talks()):
        assert call.give(TimerFired(due, timer, due)) == ()


def test_a_digit_timer_of_an_older_instant_does_not_cut_off_a_caller_who_keys_on(one_call: Make):
    call = one_call()
    call.arrives()
    call.hears_to_the_end(2_000)
    call.presses("4", 6_900)
    assert call.give(TimerFired(START + 7_000, Timer.DIGITS, START + 7_000)) == ()
    assert call.phase is Phase.MENU
    call.presses("4", 7_001)
    assert call.phase is Phase.WAITING


def test_a_ring_timer_of_the_first_operator_does_not_stop_the_second(one_call: Make):
    call = one_call().waits()
    call.is_offered_to("alfa", 1_000)
    call.is_declined_by("alfa", 2_000)
    call.is_offered_to("bravo", 2_000)
    assert call.give(TimerFired(START + 16_000, Timer.RING, START + 16_000)) == ()
    assert call.call.operators() == {"bravo"}


def test_a_comfort_timer_does_not_speak_into_a_conversation(one_call: Make):
    call = one_call().waits()
    due = call.timers[Timer.COMFORT]
    call.talks("alfa", 1_000)
    assert call.give(TimerFired(due, Timer.COMFORT, due)) == ()


def test_a_wrap_up_timer_that_fires_after_its_operator_has_finished_changes_nothing(one_call: Make):
    call = one_call().talks("alfa")
    call.is_left_by("alfa", 60_000)
    call.is_registered_by("alfa", 70_000)
    assert call.give(TimerFired(START + 120_000, Timer.WRAP_UP, START + 120_000)) == ()


# --- after the end --------------------------------------------------------------------------------


def test_after_the_end_nothing_follows_but_letting_operators_go(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    call.is_registered_by("alfa", 70_000)
    assert call.call.closed
    assert call.arrives(80_000) == ()
    assert call.presses("1", 80_000) == ()
    assert call.hangs_up(80_000) == ()
    assert call.is_left_by("alfa", 80_000) == ()
    assert call.is_registered_by("alfa", 80_000) == ()
    assert call.fails("hang_up", 80_000) == ()
    assert call.is_offered_to("bravo", 80_000) == (RefuseOffer("bravo", True, "call is over"),)
    assert call.give(OperatorAnswered(START + 80_000, "bravo")) == (DropOperator("bravo"),)


def test_a_caller_who_is_gone_hangs_up_without_effect(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    assert call.give(CallerHungUp(START + 60_001)) == ()
    assert call.call.operators() == {"alfa"}


def test_an_operator_offered_during_wrap_up_is_let_go(one_call: Make):
    call = one_call().talks("alfa")
    call.hangs_up(60_000)
    assert call.is_offered_to("bravo", 61_000) == (RefuseOffer("bravo", True, "not waiting"),)


def test_the_same_events_give_the_same_commands(one_call: Make):
    def played() -> list[tuple[object, ...]]:
        call = one_call()
        return [
            call.arrives(),
            call.is_located(ODENSE, 50),
            call.presses("1", 100),
            call.is_offered_to("alfa", 200),
            call.is_answered_by("alfa", 300),
            call.is_sent_on_by("alfa", "tips", at=400),
            call.hangs_up(500),
            call.is_registered_by("alfa", 600),
        ]

    assert played() == played()
