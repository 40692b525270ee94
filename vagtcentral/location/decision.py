"""What to do with a call, given where the caller is: route it, ask him, or hold it for a better position.

Decided by expected cost. The costs are a policy and can be set; only their ratios matter.
"""

from dataclasses import dataclass

from vagtcentral.location.located import Action, Decision, DistrictChance, Located

#: A 114 call is routed unasked if its likeliest district has at least this probability. A parameter.
SURE_ENOUGH = 0.8
#: Districts whose probabilities differ by less than this are tied.
_TIED = 1e-6


@dataclass(frozen=True, slots=True)
class Costs:
    """What each way costs, in any one unit (seconds of the caller's time are a good one).

    The defaults are assumptions: a call in the wrong district costs a transfer of 100 s, asking 20 s, and an
    answer is right 98 times in 100. Holding costs its seconds, and a better position settles the district
    with the probability `better_fix`, 0 while none is expected.
    """

    wrong_district: float = 100.0
    ask: float = 18.0
    wrong_answer: float = 0.02
    per_second_held: float = 1.0
    better_fix: float = 0.0
    hold_s: float = 0.0  #: at most so many seconds; 0: calls are never held


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision with what it was weighed against: the expected cost of each action that was open.

    `tied` has the codes of all districts that are as likely as the likeliest, if there are several.
    """

    decision: Decision
    expected_cost: dict[str, float]
    hold_s: float
    tied: tuple[str, ...]


def decide(
    located: Located | None, service: str, sure_enough: float | None = None, costs: Costs | None = None
) -> Decision:
    """Route, ask or hold. `service` is "112" or "114"; ValueError for anything else.

    112 is always routed, to the likeliest district if one is known: nobody in need is asked by a machine or
    held. 114 goes the way of least expected cost (`weigh_up`). `sure_enough` (0..1) says the same more simply
    and instead of `costs`: routed if the likeliest district has at least this probability, else asked. When
    the caller is to be asked, the decision still names the likeliest district, if there is one.
    """
    return weigh_up(located, service, costs, sure_enough).decision


def weigh_up(
    located: Located | None, service: str, costs: Costs | None = None, sure_enough: float | None = None
) -> Choice:
    """As `decide`, with the expected cost of each action and the districts that are tied."""
    if service not in ("112", "114"):
        raise ValueError(f"service {service!r} is neither 112 nor 114")
    emergency = service == "112"
    if located is None:
        return Choice(_without_district(emergency, "There is no position", True), {}, 0.0, ())
    top = located.district
    if top is None:
        far = "The position is more than 50 km from Danish land, so no district is known"
        return Choice(_without_district(emergency, far, False), {}, 0.0, ())
    tied = _tied(located)
    likely = _likely(located, top, tied)
    if emergency:
        reason = f"{likely}; 112 is always routed."
        return Choice(Decision(Action.ROUTE, top.code, reason), {}, 0.0, tied)
    if costs is None:
        return Choice(
            _by_share(likely, top, SURE_ENOUGH if sure_enough is None else sure_enough), {}, 0.0, tied
        )
    return _cheapest(likely, top, costs, tied)


def _without_district(emergency: bool, why: str, no_position: bool) -> Decision:
    if emergency:
        ending = "112 is answered without waiting for one" if no_position else "112 is answered all the same"
        return Decision(Action.ROUTE, None, f"{why}; {ending}.")
    joined = ", so" if no_position else " and"
    return Decision(Action.ASK, None, f"{why}{joined} the caller is asked where he is.")


def _by_share(likely: str, top: DistrictChance, sure_enough: float) -> Decision:
    if top.probability >= sure_enough:
        return Decision(Action.ROUTE, top.code, f"{likely}, at least the {percent(sure_enough)} needed.")
    needed = f"less than the {percent(sure_enough)} needed to route unasked"
    return Decision(Action.ASK, top.code, f"{likely}, {needed}.")


def _cheapest(likely: str, top: DistrictChance, costs: Costs, tied: tuple[str, ...]) -> Choice:
    route = (1 - top.probability) * costs.wrong_district
    ask = costs.ask + costs.wrong_answer * costs.wrong_district
    expected = {Action.ROUTE: route, Action.ASK: ask}
    if costs.hold_s > 0:
        after = (1 - costs.better_fix) * min(route, ask)
        expected[Action.HOLD] = costs.hold_s * costs.per_second_held + after
    # Of equal costs the caller is spared the wait, and then the question.
    action = min(expected, key=lambda one: (expected[one], list(expected).index(one)))
    shown = ", ".join(f"{one.value} {cost:.1f}" for one, cost in expected.items())
    how = f" for up to {costs.hold_s:g} s" if action is Action.HOLD else ""
    reason = f"{likely}; {action.value}{how} costs least (expected: {shown})."
    held = costs.hold_s if action is Action.HOLD else 0.0
    by_name = {one.value: cost for one, cost in expected.items()}
    return Choice(Decision(action, top.code, reason), by_name, held, tied)


def _tied(located: Located) -> tuple[str, ...]:
    top = located.districts[0].probability
    codes = tuple(one.code for one in located.districts if top - one.probability < _TIED)
    return codes if len(codes) > 1 else ()


def _likely(located: Located, top: DistrictChance, tied: tuple[str, ...]) -> str:
    text = f"{top.name} is likeliest with {percent(top.probability)}"
    if tied:
        others = [one.name for one in located.districts if one.code in tied and one is not top]
        text = f"{top.name} is tied with {' and '.join(others)} at {percent(top.probability)}"
    if located.position.shape is None and not located.position.radius_m:
        text += " though the position's accuracy is unknown"
    if top.distance_m > 0:
        text += f", {top.distance_m / 1000:.1f} km away"
    return text


def percent(share: float) -> str:
    """A share of 0..1 as text, never rounded up to certainty: 0.9996 is 99.9 %."""
    tenths = int(share * 1000 + 1e-6)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"
