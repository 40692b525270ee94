"""What to do with a call, given where the caller is: route it, ask him, or hold it for a better position.

Decided by expected cost. The costs are a policy and can be set; only their ratios matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf

from vagtcentral.location.aml_fields import number
from vagtcentral.location.located import Action, Decision, DistrictChance, Located
from vagtcentral.value import value

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_ROUTE, _ASK, _HOLD = Action

#: Districts whose probabilities differ by less than this are tied.
_TIED = 1e-6
#: Nobody is held longer than this, in seconds.
LONGEST_HOLD_S = 60.0


@dataclass(frozen=True, slots=True)
class Costs:
    """What each way costs, in any one unit (seconds of the caller's time are a good one).

    The defaults are assumptions: a call in the wrong district costs a transfer of 100 s, asking 18 s, and an
    answer is wrong twice in 100. Holding costs its seconds, and a better position settles the district with
    the probability `better_fix`. Raises ValueError for a number that cannot be.
    """

    wrong_district: float = 100.0
    ask: float = 18.0
    wrong_answer: float = 0.02  #: a probability
    per_second_held: float = 1.0
    better_fix: float = 0.8  #: a probability
    hold_s: float = 0.0  #: at most so many seconds; 0: calls are never held

    def __post_init__(self) -> None:
        for name in COST_NAMES:
            most = _MOST.get(name, inf)
            value = getattr(self, name)
            if not 0 <= value <= most or value == inf:
                allowed = "a number of 0 or more" if most == inf else f"a number from 0 to {most:g}"
                raise ValueError(f"{name} {value} is not {allowed}")


COST_NAMES = tuple(field.name for field in fields(Costs))
_MOST = {"wrong_answer": 1.0, "better_fix": 1.0, "hold_s": LONGEST_HOLD_S}


def costs_of(numbers: Mapping[str, str]) -> Costs:
    """The costs with these names, written as decimal numbers; those left out keep their default.

    Raises ValueError with the name, the text seen and what is allowed.
    """
    values = {}
    for name, text in numbers.items():
        if name not in COST_NAMES:
            raise ValueError(f"{name[:40]!r} is none of {', '.join(COST_NAMES)}")
        value = number(text, [])
        if value is None:
            raise ValueError(f"{name} {text[:40]!r} is not a number")
        values[name] = value
    return Costs(**values)


@value
class Choice:
    """A decision with what it was weighed against: the expected cost of each action that was open.

    `tied` has the codes of all districts that are as likely as the likeliest, if there are several.
    """

    decision: Decision
    expected_cost: dict[str, float]
    hold_s: float
    tied: tuple[str, ...]


def decide(
    located: Located | None, service: str, costs: Costs | None = None, can_ask: bool = True
) -> Decision:
    """Route, ask or hold. `service` is "112" or "114"; ValueError for anything else.

    112 is always routed, to the likeliest district if one is known: nobody in need is asked by a machine or
    held. 114 goes the way of least expected cost (`weigh_up`). When the caller is to be asked or held, the
    decision still names the likeliest district, if there is one.
    """
    return weigh_up(located, service, costs, can_ask).decision


def weigh_up(
    located: Located | None, service: str, costs: Costs | None = None, can_ask: bool = True
) -> Choice:
    """As `decide`, with the expected cost of each action and the districts that are tied.

    Whoever is held is not asked afterwards: without a better position he goes to the likeliest district. With
    `can_ask` false the caller has left the menu, and asking is not open any more.
    """
    if service not in ("112", "114"):
        raise ValueError(f"service {service!r} is neither 112 nor 114")
    top = None if located is None else located.district
    tied = () if located is None else _tied(located)
    known = _what_is_known(located, top, tied)
    district = None if top is None else top.code
    if service == "112":
        decision = Decision(_ROUTE, district, f"{known}; 112 is always routed.")
        return Choice(decision, {}, 0.0, tied)
    costs = _DEFAULT if costs is None else costs
    route = costs.wrong_district if top is None else (1 - top.probability) * costs.wrong_district
    action, way, least = _ROUTE, "route", route
    expected, shown = {"route": route}, f"route {route:.1f}"
    held = 0.0
    # Of equal costs the first counts: the caller is spared the question, and then the wait.
    if can_ask:
        ask = expected["ask"] = costs.ask + costs.wrong_answer * costs.wrong_district
        shown += f", ask {ask:.1f}"
        if ask < least:
            action, way, least = _ASK, "ask", ask
    if costs.hold_s > 0:
        hold = expected["hold"] = costs.hold_s * costs.per_second_held + (1 - costs.better_fix) * route
        shown += f", hold {hold:.1f}"
        if hold < least:
            action, way, held = _HOLD, f"hold for up to {costs.hold_s:g} s", costs.hold_s
    reason = f"{known}; to {way} costs least ({shown})."
    return Choice(Decision(action, district, reason), expected, held, tied)


_DEFAULT = Costs()


def _what_is_known(located: Located | None, top: DistrictChance | None, tied: tuple[str, ...]) -> str:
    if located is None:
        return "There is no position"
    if top is None:
        return "The position is more than 50 km from Danish land, so no district is known"
    return _likely(located, top, tied)


def _tied(located: Located) -> tuple[str, ...]:
    if len(located.districts) < 2:
        return ()
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
