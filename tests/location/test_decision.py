"""Route or ask."""

from dataclasses import replace

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import Costs, decide, percent, weigh_up
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


def test_how_sure_is_a_parameter():
    probability = located(UNSURE).district.probability
    assert decide(located(UNSURE), "114", probability).action is Action.ROUTE
    assert decide(located(UNSURE), "114", probability + 0.001).action is Action.ASK


def test_reason_has_the_figures():
    assert decide(located(UNSURE), "114").reason == (
        "Københavns Vestegns Politi is likeliest with 69.4 %, less than the 80 % needed to route unasked."
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
    assert unsure.expected_cost["hold"] == pytest.approx(5 + 0.1 * 20)
    assert weigh_up(located(SURE), "114", costs).decision.action is Action.ROUTE
    assert weigh_up(located(UNSURE), "114", Costs()).decision.action is Action.ASK
    assert decide(located(UNSURE), "114", costs=costs).action is Action.HOLD


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
