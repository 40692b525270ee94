"""Which operator gets which waiting call, and who is offered nothing."""

import pytest

from vagtcentral.ivr.commands import AcceptOffer, Enqueue, LeaveQueue, RefuseOffer, ReleaseOperator
from vagtcentral.ivr.dispatch import Dispatch, DispatchPolicy, Offer, Operator, Overflow, Status

EMERGENCY, SERVICE = 0, 1
NEIGHBOURS = {"1461": ("1460", "1462"), "1460": ("1461",)}
POLICY = DispatchPolicy({EMERGENCY: Overflow(3_000, 6_000), SERVICE: Overflow(45_000, 90_000)}, NEIGHBOURS)


class ControlRoom:
    """A dispatcher, spoken to in few words. Offers are given as `call>operator`."""

    def __init__(self) -> None:
        self.dispatch = Dispatch(POLICY)
        self.offers: list[Offer] = []

    def _said(self, offers: list[Offer]) -> list[str]:
        self.offers += offers
        return [f"{offer.call_id}>{offer.operator}" for offer in offers]

    def sign_in(
        self,
        name: str,
        *skills: str,
        district: str | None = None,
        languages: tuple[str, ...] = ("da",),
        at: int = 0,
    ) -> list[str]:
        operator = Operator(name, frozenset(skills or ("general",)), frozenset(languages), district)
        return self._said(self.dispatch.sign_in(operator, at))

    def enqueue(
        self,
        call_id: str,
        at: int = 0,
        since: int | None = None,
        priority: int = SERVICE,
        skill: str = "general",
        language: str = "da",
        district: str | None = None,
        not_operator: str | None = None,
    ) -> list[str]:
        place = at if since is None else since
        request = Enqueue(place, priority, skill, language, district, not_operator)
        return self._said(self.dispatch.handle(call_id, request, at))

    def leave(self, call_id: str, at: int = 0) -> list[str]:
        return self._said(self.dispatch.handle(call_id, LeaveQueue(), at))

    def accept(self, call_id: str, operator: str, at: int = 0) -> list[str]:
        return self._said(self.dispatch.handle(call_id, AcceptOffer(operator), at))

    def refuse(self, call_id: str, operator: str, ready: bool, at: int = 0, rest_ms: int = 0) -> list[str]:
        refusal = RefuseOffer(operator, ready, "because", rest_ms)
        return self._said(self.dispatch.handle(call_id, refusal, at))

    def release(self, call_id: str, operator: str, at: int = 0) -> list[str]:
        return self._said(self.dispatch.handle(call_id, ReleaseOperator(operator), at))

    def ready(self, operator: str, at: int = 0) -> list[str]:
        return self._said(self.dispatch.ready(operator, at))

    def go_on(self, at: int) -> list[str]:
        return self._said(self.dispatch.go_on(at))

    def wake(self, at: int) -> list[str]:
        return self._said(self.dispatch.wake(at))

    def busy(self, operator: str, call_id: str = "busy") -> None:
        """Give the operator a call to hold."""
        assert self.enqueue(call_id) == [f"{call_id}>{operator}"]
        self.accept(call_id, operator)


@pytest.fixture
def room() -> ControlRoom:
    return ControlRoom()


# --- the order of the queue -----------------------------------------------------------------------


def test_the_call_that_has_waited_longest_goes_first(room: ControlRoom):
    room.enqueue("second", at=20)
    room.enqueue("first", at=30, since=10)
    room.enqueue("third", at=40)
    assert room.dispatch.waiting() == ["first", "second", "third"]
    assert room.sign_in("alfa", at=50) == ["first>alfa"]


def test_112_overtakes_114_however_long_that_has_waited(room: ControlRoom):
    room.enqueue("service", at=0, skill="emergency")
    room.enqueue("emergency", at=60_000, skill="emergency", priority=EMERGENCY)
    assert room.dispatch.waiting() == ["emergency", "service"]
    assert room.sign_in("alfa", "emergency", at=60_000) == ["emergency>alfa"]


def test_112_overtakes_114_across_the_skills_of_one_operator(room: ControlRoom):
    room.enqueue("service", at=0)
    room.enqueue("emergency", at=10, skill="emergency", priority=EMERGENCY)
    assert room.sign_in("alfa", "general", "emergency", at=20) == ["emergency>alfa"]
    room.accept("emergency", "alfa")
    assert room.release("emergency", "alfa", at=30) == ["service>alfa"]


def test_a_transferred_caller_stands_where_he_first_stood(room: ControlRoom):
    room.sign_in("alfa", "switchboard")
    room.enqueue("moved", at=0, skill="switchboard")
    room.accept("moved", "alfa", at=5)
    room.enqueue("later", at=10, skill="theft")
    room.enqueue("moved", at=100, since=0, skill="theft", not_operator="alfa")
    assert room.dispatch.waiting() == ["moved", "later"]
    assert room.sign_in("bravo", "theft", at=200) == ["moved>bravo"]


def test_of_two_calls_of_the_same_instant_the_first_to_come_goes_first(room: ControlRoom):
    room.enqueue("zulu", at=7)
    room.enqueue("alfa", at=7)
    assert room.dispatch.waiting() == ["zulu", "alfa"]


# --- who may have a call --------------------------------------------------------------------------


def test_an_operator_without_the_skill_never_gets_the_call(room: ControlRoom):
    room.sign_in("alfa", "tips")
    assert room.enqueue("call", skill="theft") == []
    assert room.wake(1_000_000) == []
    assert room.dispatch.status("alfa") is Status.READY


def test_a_call_is_offered_at_once_to_an_operator_who_fits(room: ControlRoom):
    room.sign_in("alfa")
    assert room.enqueue("call") == ["call>alfa"]
    assert room.dispatch.status("alfa") is Status.OFFERED
    assert room.dispatch.held_by("alfa") == "call"


def test_a_waiting_call_is_taken_by_an_operator_who_becomes_ready(room: ControlRoom):
    room.sign_in("alfa")
    room.dispatch.not_ready("alfa")
    assert room.enqueue("call", at=10) == []
    assert room.ready("alfa", at=20) == ["call>alfa"]


def test_an_operator_takes_the_first_call_in_the_queue_that_he_may_have(room: ControlRoom):
    room.enqueue("aarhus", at=0, district="1461")
    room.enqueue("tips", at=1, skill="tips")
    room.enqueue("aalborg", at=2, district="1460")
    assert room.sign_in("alfa", district="1460", at=3) == ["aalborg>alfa"]


def test_the_operator_who_sent_the_caller_on_does_not_get_him_back(room: ControlRoom):
    room.sign_in("alfa", at=0)
    assert room.enqueue("call", at=0, not_operator="alfa") == []
    assert room.wake(90_000) == []
    assert room.sign_in("bravo", at=90_001) == ["call>bravo"]


def test_the_operator_who_sent_the_caller_on_still_gets_other_calls(room: ControlRoom):
    room.enqueue("call", at=0, not_operator="alfa")
    room.enqueue("other", at=1)
    assert room.sign_in("alfa", at=2) == ["other>alfa"]


# --- district and language ------------------------------------------------------------------------


def test_an_operator_of_the_callers_own_district_goes_before_one_who_has_been_idle_longer(room: ControlRoom):
    room.sign_in("aalborg", district="1460")
    room.sign_in("aarhus", district="1461", at=10)
    assert room.enqueue("call", at=20, district="1461") == ["call>aarhus"]


def test_among_equals_the_longest_idle_is_offered_the_call(room: ControlRoom):
    room.sign_in("zulu", at=0)
    room.sign_in("alfa", at=1)
    assert room.enqueue("first", at=2) == ["first>zulu"]
    room.accept("first", "zulu")
    room.release("first", "zulu", at=3)
    assert room.enqueue("second", at=4) == ["second>alfa"]
    assert room.enqueue("third", at=5) == ["third>zulu"]


def test_among_neighbours_too_the_longest_idle_is_offered_the_call(room: ControlRoom):
    room.sign_in("midtvest", district="1462", at=0)
    room.sign_in("aalborg", district="1460", at=1)
    room.enqueue("call", at=2, district="1461")
    assert room.wake(45_002) == ["call>midtvest"]


def test_a_call_waits_for_its_own_district_then_for_the_neighbours_then_for_anyone(room: ControlRoom):
    room.sign_in("bornholm", district="1471")
    assert room.enqueue("call", at=1_000, district="1461") == []
    assert room.dispatch.next_wake == 46_000
    assert room.wake(45_999) == []
    assert room.wake(46_000) == []
    assert room.dispatch.next_wake == 91_000
    assert room.wake(91_000) == ["call>bornholm"]


def test_after_the_first_overflow_a_neighbour_gets_the_call(room: ControlRoom):
    room.sign_in("bornholm", district="1471")
    room.sign_in("aalborg", district="1460")
    assert room.enqueue("call", at=0, district="1461") == []
    assert room.wake(45_000) == ["call>aalborg"]


def test_an_emergency_reaches_the_neighbours_and_everyone_within_seconds(room: ControlRoom):
    room.sign_in("bornholm", "emergency", district="1471")
    room.enqueue("call", at=0, skill="emergency", district="1461", priority=EMERGENCY)
    assert room.dispatch.next_wake == 3_000
    assert room.wake(3_000) == []
    assert room.wake(6_000) == ["call>bornholm"]


def test_a_neighbour_goes_before_one_from_far_away_when_everyone_counts(room: ControlRoom):
    room.sign_in("aarhus", district="1461")
    room.enqueue("call", at=0, district="1461")
    room.wake(90_000)
    room.sign_in("bornholm", district="1471", at=90_001)
    room.sign_in("aalborg", district="1460", at=90_002)
    assert room.refuse("call", "aarhus", ready=False, at=90_003) == ["call>aalborg"]


def test_a_neighbour_who_becomes_ready_after_the_overflow_takes_the_call(room: ControlRoom):
    room.enqueue("call", at=0, district="1461")
    assert room.sign_in("aalborg", district="1460", at=44_999) == []
    room.wake(45_000)
    assert room.dispatch.status("aalborg") is Status.OFFERED
    room.refuse("call", "aalborg", ready=False, at=46_000)
    assert room.sign_in("midtvest", district="1462", at=50_000) == ["call>midtvest"]


def test_a_call_without_a_district_and_an_operator_without_one_fit_everything(room: ControlRoom):
    room.sign_in("aarhus", district="1461")
    assert room.enqueue("anywhere", district=None) == ["anywhere>aarhus"]
    room.sign_in("national", district=None)
    assert room.enqueue("bornholm", district="1471") == ["bornholm>national"]


def test_an_operator_who_speaks_the_language_goes_before_one_who_does_not(room: ControlRoom):
    room.sign_in("dansk", languages=("da",))
    room.sign_in("english", languages=("da", "en"), at=10)
    assert room.enqueue("call", at=20, language="en") == ["call>english"]


def test_language_weighs_more_than_district_when_everyone_counts(room: ControlRoom):
    room.sign_in("aarhus", district="1461", languages=("da",))
    room.sign_in("bornholm", district="1471", languages=("da", "en"), at=10)
    room.enqueue("call", at=20, district="1461", language="en")
    assert room.wake(100_000) == ["call>bornholm"]


def test_in_the_end_an_operator_without_the_language_is_better_than_none(room: ControlRoom):
    room.sign_in("dansk", languages=("da",))
    assert room.enqueue("call", at=0, language="en") == []
    assert room.wake(45_000) == []
    assert room.wake(90_000) == ["call>dansk"]


def test_ready_operators_out_of_reach_are_no_candidates(room: ControlRoom):
    room.sign_in("bornholm", district="1471")
    room.sign_in("tips", "tips", district="1461")
    room.enqueue("call", at=0, district="1461")
    assert room.dispatch.candidates("call") == []


def test_a_call_that_is_being_offered_has_no_candidates(room: ControlRoom):
    room.sign_in("alfa")
    room.sign_in("bravo")
    room.enqueue("call")
    assert room.dispatch.candidates("call") == []


# --- when the dispatcher has to be woken ----------------------------------------------------------


def test_nothing_wakes_an_empty_room(room: ControlRoom):
    assert room.dispatch.next_wake is None
    assert room.wake(1_000_000) == []


def test_nothing_wakes_the_dispatcher_once_a_call_may_reach_everyone(room: ControlRoom):
    room.enqueue("call", at=0)
    room.wake(90_000)
    assert room.dispatch.next_wake is None


@pytest.mark.parametrize("late_ms", [90_000, 500_000])
def test_a_late_wake_makes_up_for_all_that_was_missed(room: ControlRoom, late_ms: int):
    room.sign_in("bornholm", district="1471")
    room.enqueue("call", at=0, district="1461")
    assert room.wake(late_ms) == ["call>bornholm"]
    assert room.dispatch.next_wake is None


def test_nothing_wakes_the_dispatcher_for_a_call_that_has_left(room: ControlRoom):
    room.enqueue("call", at=0)
    room.leave("call", at=10)
    assert room.dispatch.next_wake is None


def test_nothing_wakes_the_dispatcher_for_a_call_that_an_operator_has(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("call", at=0)
    room.accept("call", "alfa")
    assert room.dispatch.next_wake is None


def test_the_overflow_of_a_transferred_call_runs_from_the_transfer(room: ControlRoom):
    room.sign_in("alfa", "switchboard")
    room.enqueue("call", at=0, skill="switchboard")
    room.accept("call", "alfa", at=1)
    room.enqueue("call", at=200_000, since=0, skill="theft", district="1461")
    assert room.dispatch.next_wake == 245_000


# --- offers ---------------------------------------------------------------------------------------


def test_an_operator_is_offered_one_call_at_a_time(room: ControlRoom):
    room.sign_in("alfa")
    assert room.enqueue("first") == ["first>alfa"]
    assert room.enqueue("second") == []
    room.accept("first", "alfa")
    assert room.enqueue("third") == []
    assert room.dispatch.held_by("alfa") == "first"


def test_an_operator_who_holds_a_call_is_offered_none_by_readying_signing_in_or_a_wake(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.enqueue("waiting", at=0)
    assert room.ready("alfa", at=1) == []
    assert room.sign_in("alfa", at=2) == []
    assert room.wake(500_000) == []
    assert (room.dispatch.status("alfa"), room.dispatch.held_by("alfa")) == (Status.BUSY, "busy")


def test_an_operator_gets_the_next_call_when_he_is_released(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.enqueue("next", at=10)
    assert room.release("busy", "alfa", at=20) == ["next>alfa"]


def test_a_call_is_offered_to_one_operator_at_a_time(room: ControlRoom):
    room.sign_in("alfa")
    room.sign_in("bravo")
    assert room.enqueue("call", at=0) == ["call>alfa"]
    assert room.wake(90_000) == []
    assert room.sign_in("charlie", at=90_001) == []
    assert room.dispatch.status("bravo") is Status.READY


def test_a_call_that_is_being_offered_keeps_its_place_in_the_queue(room: ControlRoom):
    room.enqueue("second", at=2, skill="tips")
    room.sign_in("alfa")
    room.enqueue("first", at=1)
    assert room.dispatch.waiting() == ["first", "second"]
    room.accept("first", "alfa")
    assert room.dispatch.waiting() == ["second"]


def test_offers_are_numbered_without_gaps(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("first")
    room.accept("first", "alfa")
    room.enqueue("second")
    room.release("first", "alfa")
    assert [offer.number for offer in room.offers] == [1, 2]


def test_an_operator_who_declines_is_set_not_ready_and_the_call_goes_to_the_next(room: ControlRoom):
    room.sign_in("alfa")
    room.sign_in("bravo")
    room.enqueue("call")
    assert room.refuse("call", "alfa", ready=False) == ["call>bravo"]
    assert room.dispatch.status("alfa") is Status.NOT_READY
    assert room.enqueue("other") == []


def test_a_declined_call_waits_when_there_is_nobody_else(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("call", at=0)
    assert room.refuse("call", "alfa", ready=False, at=1) == []
    assert room.dispatch.waiting() == ["call"]
    assert room.ready("alfa", at=2) == ["call>alfa"]


def test_an_operator_whose_caller_left_is_offered_the_next_call_at_once(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("gone", at=0)
    room.enqueue("next", at=1)
    assert room.leave("gone", at=2) == []
    assert room.refuse("gone", "alfa", ready=True, at=2) == ["next>alfa"]


def test_a_call_that_leaves_while_it_is_offered_keeps_the_operator_until_the_offer_is_refused(
    room: ControlRoom,
):
    room.sign_in("alfa")
    room.enqueue("gone")
    room.leave("gone")
    assert room.dispatch.waiting() == []
    assert room.enqueue("next") == []
    assert room.refuse("gone", "alfa", ready=True) == ["next>alfa"]


def test_an_operator_whose_caller_left_is_ready_when_nobody_waits(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("gone")
    room.leave("gone")
    assert room.refuse("gone", "alfa", ready=True) == []
    assert room.dispatch.status("alfa") is Status.READY
    assert room.dispatch.held_by("alfa") is None


@pytest.mark.parametrize("act", ["accept", "refuse", "release"])
def test_what_is_said_of_an_operator_by_a_call_that_he_does_not_have_changes_nothing(
    room: ControlRoom, act: str
):
    room.sign_in("alfa")
    room.sign_in("bravo")
    room.enqueue("call")
    other = {
        "accept": lambda: room.accept("other", "alfa"),
        "refuse": lambda: room.refuse("other", "alfa", True),
        "release": lambda: room.release("call", "alfa"),
    }[act]
    assert other() == []
    assert (room.dispatch.status("alfa"), room.dispatch.held_by("alfa")) == (Status.OFFERED, "call")
    assert room.dispatch.waiting() == ["call"]


def test_a_duplicate_refusal_is_not_taken_for_one_of_the_next_call(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("first", at=0)
    room.enqueue("second", at=1)
    room.leave("first")
    room.refuse("first", "alfa", ready=True)
    assert room.refuse("first", "alfa", ready=False) == []
    assert (room.dispatch.status("alfa"), room.dispatch.held_by("alfa")) == (Status.OFFERED, "second")


def test_a_duplicate_release_does_not_free_an_operator_from_his_next_call(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa", "first")
    room.enqueue("second", at=1)
    room.release("first", "alfa")
    room.accept("second", "alfa")
    assert room.release("first", "alfa") == []
    assert room.dispatch.held_by("alfa") == "second"


# --- coming and going -----------------------------------------------------------------------------


def test_an_operator_who_signs_out_idle_is_gone_at_once(room: ControlRoom):
    room.sign_in("alfa")
    room.dispatch.sign_out("alfa")
    assert room.dispatch.status("alfa") is None
    assert room.enqueue("call") == []


def test_an_operator_who_signs_out_while_not_ready_is_gone_at_once(room: ControlRoom):
    room.sign_in("alfa")
    room.dispatch.not_ready("alfa")
    room.dispatch.sign_out("alfa")
    assert room.dispatch.status("alfa") is None
    assert room.ready("alfa") == []


def test_an_operator_who_signs_out_while_busy_goes_home_when_his_call_is_over(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.enqueue("next", at=1)
    room.dispatch.sign_out("alfa")
    assert room.dispatch.status("alfa") is Status.BUSY
    assert room.release("busy", "alfa", at=2) == []
    assert room.dispatch.status("alfa") is None
    assert room.dispatch.waiting() == ["next"]


def test_an_operator_who_signs_out_while_rung_goes_home_when_the_call_goes_elsewhere(room: ControlRoom):
    room.sign_in("alfa")
    room.sign_in("bravo")
    room.enqueue("call")
    room.dispatch.sign_out("alfa")
    assert room.refuse("call", "alfa", ready=True) == ["call>bravo"]
    assert room.dispatch.status("alfa") is None


def test_signing_in_again_calls_off_the_sign_out(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.dispatch.sign_out("alfa")
    room.sign_in("alfa")
    room.release("busy", "alfa")
    assert room.dispatch.status("alfa") is Status.READY


def test_an_operator_who_sets_himself_not_ready_while_busy_gets_no_call_after_this_one(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.enqueue("next", at=1)
    room.dispatch.not_ready("alfa")
    assert room.dispatch.status("alfa") is Status.BUSY
    assert room.release("busy", "alfa", at=2) == []
    assert room.dispatch.status("alfa") is Status.NOT_READY
    assert room.ready("alfa", at=3) == ["next>alfa"]


def test_an_operator_who_sets_himself_ready_again_while_busy_gets_the_next_call(room: ControlRoom):
    room.sign_in("alfa")
    room.busy("alfa")
    room.dispatch.not_ready("alfa")
    room.ready("alfa")
    room.enqueue("next", at=1)
    assert room.release("busy", "alfa", at=2) == ["next>alfa"]


def test_an_operator_who_sets_himself_not_ready_while_rung_can_still_take_that_call(room: ControlRoom):
    room.sign_in("alfa")
    room.enqueue("call")
    room.dispatch.not_ready("alfa")
    room.accept("call", "alfa")
    assert room.dispatch.status("alfa") is Status.BUSY
    room.release("call", "alfa")
    assert room.dispatch.status("alfa") is Status.NOT_READY


def test_an_operator_nobody_knows_changes_nothing(room: ControlRoom):
    room.dispatch.sign_out("nobody")
    room.dispatch.not_ready("nobody")
    assert room.ready("nobody") == []
    assert room.release("call", "nobody") == []
    assert room.dispatch.status("nobody") is None
    assert room.dispatch.held_by("nobody") is None


# --- a request that changes -----------------------------------------------------------------------


def test_a_waiting_call_that_asks_for_a_new_district_is_offered_there_at_once(room: ControlRoom):
    room.sign_in("aarhus", district="1461")
    assert room.enqueue("call", at=0, district="1471") == []
    assert room.enqueue("call", at=10, since=0, district="1461") == ["call>aarhus"]


def test_a_waiting_call_that_asks_for_a_new_skill_stands_in_the_queue_of_that_skill_only(room: ControlRoom):
    room.enqueue("call", at=0, skill="tips")
    room.enqueue("call", at=10, since=0, skill="theft")
    assert room.dispatch.waiting() == ["call"]
    assert room.sign_in("alfa", "tips", at=20) == []
    assert room.sign_in("bravo", "theft", at=30) == ["call>bravo"]


def test_a_changed_request_keeps_its_place_and_what_it_has_waited(room: ControlRoom):
    room.enqueue("first", at=0, district="1471")
    room.enqueue("second", at=1, district="1461")
    room.enqueue("first", at=44_000, since=0, district="1461")
    assert room.dispatch.waiting() == ["first", "second"]
    assert room.dispatch.next_wake == 45_000
    assert room.sign_in("aalborg", district="1460", at=44_500) == []
    assert room.wake(45_000) == ["first>aalborg"]


def test_a_waiting_call_that_becomes_an_emergency_overtakes_the_others(room: ControlRoom):
    room.enqueue("first", at=0, skill="emergency")
    room.enqueue("second", at=1, skill="emergency")
    room.enqueue("second", at=2, since=1, skill="emergency", priority=EMERGENCY)
    assert room.sign_in("alfa", "emergency", at=3) == ["second>alfa"]


def test_a_call_that_becomes_an_emergency_reaches_as_far_at_once_as_an_emergency_would(room: ControlRoom):
    room.sign_in("bornholm", "emergency", district="1471")
    assert room.enqueue("call", at=0, skill="emergency", district="1461") == []
    raised = room.enqueue("call", at=7_000, since=0, skill="emergency", district="1461", priority=EMERGENCY)
    assert raised == ["call>bornholm"]


def test_a_call_whose_request_changes_while_it_is_offered_stays_with_the_operator_rung(room: ControlRoom):
    room.sign_in("aarhus", district="1461")
    room.sign_in("bornholm", district="1471")
    assert room.enqueue("call", at=0, district="1461") == ["call>aarhus"]
    assert room.enqueue("call", at=5, since=0, district="1471") == []
    assert room.dispatch.held_by("aarhus") == "call"


def test_a_refused_call_goes_where_its_newest_request_says(room: ControlRoom):
    room.sign_in("aarhus", district="1461")
    room.sign_in("aarhus-2", district="1461")
    room.sign_in("bornholm", district="1471")
    room.enqueue("call", at=0, district="1461")
    room.enqueue("call", at=5, since=0, district="1471")
    assert room.refuse("call", "aarhus", ready=False, at=15) == ["call>bornholm"]


def test_a_call_that_comes_back_to_the_queue_waits_for_its_own_district_anew(room: ControlRoom):
    room.sign_in("bornholm", district="1471")
    room.enqueue("call", at=0, district="1461")
    room.leave("call", at=10)
    assert room.enqueue("call", at=80_000, since=0, district="1461") == []
    assert room.wake(90_000) == []
    assert room.dispatch.next_wake == 125_000


def test_leaving_a_queue_that_a_call_does_not_stand_in_changes_nothing(room: ControlRoom):
    room.enqueue("call")
    assert room.leave("other") == []
    assert room.dispatch.waiting() == ["call"]


# --- rung in vain by no fault of the operator's -------------------------------------------------------


def test_an_operator_at_rest_is_offered_nothing_until_it_is_over_and_then_at_once(room: ControlRoom):
    room.sign_in("anna")
    room.enqueue("c1")
    assert room.refuse("c1", "anna", True, at=100, rest_ms=2_000) == []
    assert room.dispatch.status("anna") is Status.RESTING
    assert room.enqueue("c2", at=200) == []
    assert room.dispatch.next_wake == 2_100
    assert room.wake(2_099) == []
    assert room.wake(2_100) == ["c1>anna"]


def test_the_call_goes_to_another_while_the_operator_rests(room: ControlRoom):
    room.sign_in("anna")
    room.sign_in("bo")
    room.enqueue("c1")
    assert room.refuse("c1", "anna", True, at=100, rest_ms=2_000) == ["c1>bo"]
    assert room.wake(2_100) == []
    assert room.dispatch.status("anna") is Status.READY


def test_an_operator_who_goes_or_is_not_ready_during_his_rest_stays_so(room: ControlRoom):
    for name in ("anna", "bo"):
        room.sign_in(name, f"only-{name}")
        room.enqueue(f"for-{name}", skill=f"only-{name}")
        room.refuse(f"for-{name}", name, True, at=100, rest_ms=2_000)
    room.dispatch.not_ready("anna")
    assert room.dispatch.status("anna") is Status.NOT_READY
    room.dispatch.sign_out("bo")
    assert room.wake(2_100) == []
    assert (room.dispatch.status("anna"), room.dispatch.status("bo")) == (Status.NOT_READY, None)
    assert room.dispatch.next_wake != 2_100


def test_an_operator_at_rest_may_claim_a_call(room: ControlRoom):
    room.sign_in("anna")
    room.enqueue("c1")
    room.refuse("c1", "anna", True, at=100, rest_ms=2_000)
    assert [offer.call_id for offer in room.dispatch.claim("anna", "c1")] == ["c1"]
    assert room.wake(2_100) == []


# --- the carrier away -----------------------------------------------------------------------------------


def test_nobody_is_offered_anything_while_the_carrier_is_away(room: ControlRoom):
    room.sign_in("anna")
    room.dispatch.suspend()
    assert room.enqueue("c1") == []
    assert room.sign_in("bo") == []
    assert room.wake(90_000) == []
    assert room.dispatch.claim("anna", "c1") == []
    assert room.dispatch.status("anna") is Status.READY


def test_when_the_carrier_is_back_the_calls_are_offered_in_their_order(room: ControlRoom):
    room.sign_in("anna")
    room.sign_in("bo")
    room.dispatch.suspend()
    room.enqueue("c1", at=100)
    room.enqueue("c2", at=200, priority=EMERGENCY)
    room.enqueue("c3", at=300)
    assert room.go_on(5_000) == ["c2>anna", "c1>bo"]
    assert room.ready("bo", 6_000) == []


def test_a_call_that_waited_while_the_carrier_was_away_reaches_as_far_as_it_would_have(room: ControlRoom):
    room.sign_in("anna", district="1471")
    room.dispatch.suspend()
    room.enqueue("c1", at=0, district="1461")
    room.wake(45_000)
    assert room.go_on(50_000) == []
    assert room.wake(90_000) == ["c1>anna"]
