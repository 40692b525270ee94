"""What to do with a call, given where the caller is: route it, or ask him first."""

from vagtcentral.location.located import Action, Decision, DistrictChance, Located

#: A 114 call is routed unasked if its likeliest district has at least this probability. A parameter.
SURE_ENOUGH = 0.8


def decide(located: Located | None, service: str, sure_enough: float = SURE_ENOUGH) -> Decision:
    """Route or ask. `service` is "112" or "114"; ValueError for anything else.

    112 is always routed, to the likeliest district if one is known: nobody in need is asked by a machine.
    114 is routed if the likeliest district has at least the probability `sure_enough` (0..1). When the caller
    is to be asked, the decision still names the likeliest district, if there is one.
    """
    if service not in ("112", "114"):
        raise ValueError(f"service {service!r} is neither 112 nor 114")
    emergency = service == "112"
    if located is None:
        if emergency:
            return Decision(
                Action.ROUTE, None, "There is no position; 112 is answered without waiting for one."
            )
        return Decision(Action.ASK, None, "There is no position, so the caller is asked where he is.")
    top = located.district
    if top is None:
        far = "The position is more than 50 km from Danish land, so no district is known"
        if emergency:
            return Decision(Action.ROUTE, None, f"{far}; 112 is answered all the same.")
        return Decision(Action.ASK, None, f"{far} and the caller is asked where he is.")
    likely = _likely(located, top)
    if emergency:
        return Decision(Action.ROUTE, top.code, f"{likely}; 112 is always routed.")
    if top.probability >= sure_enough:
        return Decision(Action.ROUTE, top.code, f"{likely}, at least the {percent(sure_enough)} needed.")
    return Decision(
        Action.ASK, top.code, f"{likely}, less than the {percent(sure_enough)} needed to route unasked."
    )


def _likely(located: Located, top: DistrictChance) -> str:
    text = f"{top.name} is likeliest with {percent(top.probability)}"
    if not located.position.radius_m:
        text += " though the position's accuracy is unknown"
    if top.distance_m > 0:
        text += f", {top.distance_m / 1000:.1f} km away"
    return text


def percent(share: float) -> str:
    """A share of 0..1 as text, never rounded up to certainty: 0.9996 is 99.9 %."""
    tenths = int(share * 1000 + 1e-6)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"
