"""Route, ask or hold."""

import math
import re
from dataclasses import replace

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import Costs, costs_of, decide, percent, weigh_up
from vagtcentral.location.located import Action
from vagtcentral.location.position import Position

SURE = Position(55.6761, 12.5683, 20, 0.68)
UNSURE = Position(55.70, 12.45, 2000, 0.68)
LONDON = Position(51.5, -0.12, 20, 0.68)


def located(position):
    return Atlas.built_in().locate(position)


@pytest.mark.parametrize(
    ("position", "service", "action", "district"),
    [
        (SURE, "112", Action.ROUTE, "1470"),
        (SURE, "114", Action.ROUTE, "1470"),
        (UNSURE, "112", Action.ROUTE, "1469"),
        (UNSURE, "114", Action.ASK, "1469"),
        (LONDON, "112", Action.ROUTE, None),
        (LONDON, "114", Action.ASK, None),
        (None, "112", Action.ROUTE, None),
        (None, "114", Action.ASK, None),
    ],
)
def test_112_is_always_routed_and_114_only_when_sure(position, service, action, district):
    decision = decide(located(position) if position else None, service)
    assert (decision.action, decision.district) == (action, district)
    assert decision.reason.endswith(".")
    assert "\n" not in decision.reason


def test_what_asking_costs_beside_a_wrong_district_says_how_sure_is_sure_enough():
    wrong = 100 * (1 - located(UNSURE).district.probability)
    dear, cheap = Costs(ask=wrong + 0.1, wrong_answer=0), Costs(ask=wrong - 0.1, wrong_answer=0)
    assert decide(located(UNSURE), "114", dear).action is Action.ROUTE
    assert decide(located(UNSURE), "114", cheap).action is Action.ASK


@pytest.mark.parametrize(("probability", "action"), [(0.8, Action.ROUTE), (0.799, Action.ASK)])
def test_by_default_a_caller_is_routed_unasked_from_80_percent_on(probability, action):
    here = located(SURE)
    chances = (replace(here.districts[0], probability=probability),)
    assert decide(replace(here, districts=chances), "114").action is action


def test_reason_has_the_figures():
    assert decide(located(UNSURE), "114").reason == (
        "Københavns Vestegns Politi is likeliest with 69.4 %; to ask costs least (route 30.6, ask 20.0)."
    )
    assert "accuracy is unknown" in decide(located(Position(55.6761, 12.5683)), "114").reason
    assert " km away" in decide(located(Position(57.80, 10.60, 10, 0.9)), "114").reason


def test_percent_never_rounds_up_to_certainty():
    assert percent(0.99999) == "99.9 %"
    assert percent(1.0) == "100 %"
    assert percent(0.8) == "80 %"
    assert percent(0.29) == "29 %"


def test_other_services_are_refused():
    with pytest.raises(ValueError, match="113"):
        decide(None, "113")


def test_expected_costs_decide_between_routing_asking_and_holding():
    costs = Costs(wrong_district=100, ask=18, wrong_answer=0.02, per_second_held=1, better_fix=0.9, hold_s=5)
    unsure = weigh_up(located(UNSURE), "114", costs)
    assert unsure.decision.action is Action.HOLD
    assert unsure.hold_s == 5
    assert unsure.expected_cost["ask"] == pytest.approx(20)
    # Who is held is not asked afterwards: in one of ten cases he goes to the likeliest district all the same.
    assert unsure.expected_cost["hold"] == pytest.approx(5 + 0.1 * unsure.expected_cost["route"])
    assert unsure.decision.district == "1469"
    assert "to hold for up to 5 s costs least" in unsure.decision.reason
    assert weigh_up(located(SURE), "114", costs).decision.action is Action.ROUTE
    assert weigh_up(located(UNSURE), "114", Costs()).decision.action is Action.ASK
    assert decide(located(UNSURE), "114", costs).action is Action.HOLD


def test_holding_pays_only_if_a_better_position_is_likely_and_near():
    assert decide(located(UNSURE), "114", Costs(hold_s=5, better_fix=0)).action is Action.ASK
    assert decide(located(UNSURE), "114", Costs(hold_s=14, better_fix=0.8)).action is Action.ASK
    assert decide(located(UNSURE), "114", Costs(hold_s=13, better_fix=0.8)).action is Action.HOLD


def test_after_the_menu_asking_is_not_open_any_more():
    assert decide(located(UNSURE), "114", can_ask=False).action is Action.ROUTE
    assert "ask" not in weigh_up(located(UNSURE), "114", can_ask=False).expected_cost
    assert decide(located(UNSURE), "114", Costs(hold_s=20), can_ask=False).action is Action.HOLD


def test_a_caller_of_whom_nothing_is_known_can_be_held_too():
    soon = Costs(hold_s=1, better_fix=0.9)
    assert decide(None, "114", soon).action is Action.HOLD
    assert decide(None, "114", Costs(hold_s=20, better_fix=0.9)).action is Action.ASK
    assert decide(None, "114", can_ask=False).action is Action.ROUTE
    assert decide(None, "114", can_ask=False).district is None


def test_costs_are_read_by_name_and_those_left_out_keep_their_own():
    assert costs_of({}) == Costs()
    assert costs_of({"hold_s": "20", "better_fix": "0.9"}) == Costs(hold_s=20, better_fix=0.9)


@pytest.mark.parametrize(
    ("numbers", "complaint"),
    [
        ({"asking": "1"}, "'asking' is none of wrong_district, ask,"),
        ({"ask": "much"}, "ask 'much' is not a number"),
        ({"ask": "nan"}, "ask 'nan' is not a number"),
        ({"ask": "-1"}, "ask -1.0 is not a number of 0 or more"),
        ({"better_fix": "1.1"}, "better_fix 1.1 is not a number from 0 to 1"),
        ({"hold_s": "61"}, "hold_s 61.0 is not a number from 0 to 60"),
    ],
)
def test_costs_that_cannot_be_are_refused_with_what_is_allowed(numbers, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        costs_of(numbers)


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.1])
def test_costs_are_finite_numbers_of_0_or_more(value):
    with pytest.raises(ValueError, match="wrong_district"):
        Costs(wrong_district=value)


def test_112_is_never_held_nor_asked_whatever_it_costs():
    costs = Costs(wrong_district=1e9, ask=0, per_second_held=0, better_fix=1, hold_s=60)
    for position in (SURE, UNSURE, LONDON, None):
        choice = weigh_up(located(position) if position else None, "112", costs)
        assert choice.decision.action is Action.ROUTE
        assert choice.hold_s == 0


def test_tie_on_a_border_is_reported():
    here = located(UNSURE)
    halves = tuple(replace(one, probability=0.5, distance_m=0.0) for one in here.districts)
    choice = weigh_up(replace(here, districts=halves), "114")
    assert choice.tied == tuple(one.code for one in halves)
    assert "is tied with" in choice.decision.reason
    assert weigh_up(here, "114").tied == ()
