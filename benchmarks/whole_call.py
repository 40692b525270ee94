"""Calls per second of the whole way in virtual time on one core, beside the same menu and queue in SimPy.

Both models act out the same plans (`traffic`) in one process, in turns, with a full garbage collection before
each run. During it Python's own collection is as by default on SimPy's side, and quiet on ours, as it is for
any run in virtual time (`sim.collector`); a second pair of figures has it off on both. Time is processor time
of this process, so that other load on the machine weighs little. What each side has and leaves out stands
in `vagtcentral_run` and `simpy_model`. The ratio does not depend on the machine, or hardly; the rates do.

The run also holds that both models agree: the same outcome, operator and waiting time for every call.
"""

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median

from benchmarks import simpy_model, vagtcentral_run
from benchmarks.agreement import Agreement, compare, fates
from benchmarks.plan import Plan
from benchmarks.result import Figure, Result
from benchmarks.sampling import breakdown, sampled
from benchmarks.traffic import plans, staff
from vagtcentral.ivr.commands import Outcome
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.setting import Setting, shipped_setting

#: How fast we are to be, as a share of SimPy's rate. The goal later is 1.
TARGET = 0.5
SEED = 114


def run(calls: int = 4_000, repetitions: int = 7, seed: int = SEED, profile: bool = False) -> Result:
    """Measure both models on the same calls, compare what they did, and say where our time goes if asked."""
    setting = shipped_setting()
    drawn, operators = plans(calls, seed, setting), staff(setting)
    agreement, turns, busy = check(drawn, operators, setting)
    ours, theirs = _rates(drawn, operators, setting, repetitions)
    gc.disable()
    try:
        ours_without, theirs_without = _rates(drawn, operators, setting, max(3, repetitions // 2))
    finally:
        gc.enable()
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    ratio_without = median(one / other for one, other in zip(ours_without, theirs_without, strict=True))
    figures = [
        Figure("Vagtcentral", max(ours), "calls/s", f"best of {repetitions}, median {median(ours):,.0f}"),
        Figure("SimPy", max(theirs), "calls/s", f"best of {repetitions}, median {median(theirs):,.0f}"),
        Figure("ratio", ratio, "", f"median of {repetitions} pairs; at least {TARGET} is wanted"),
        Figure("ratio of the best", max(ours) / max(theirs)),
        Figure("ratio, no garbage collection", ratio_without, "", f"{max(ours_without):,.0f} calls/s, best"),
        *_traffic_figures(agreement, turns / calls, busy),
    ]
    extra: dict[str, object] = {"outcomes": agreement.outcomes[0], "agreement": agreement.holds}
    if profile:
        shares = sampled(lambda: vagtcentral_run.act_out(drawn, operators, setting), repetitions)
        figures += [Figure(part, 100 * share, "%", "of our time") for part, share in breakdown(shares.parts)]
        extra["lines"] = dict(breakdown(shares.lines)[:40])
    met = ratio >= TARGET and agreement.holds
    return Result("whole_call", f"{calls:,} calls of 112 and 114, whole way, one core", figures, met, extra)


def check(
    drawn: Sequence[Plan], operators: Sequence[Operator], setting: Setting
) -> tuple[Agreement, int, float]:
    """Run both models once; returns how they agree, the number of turns, and how busy operators were."""
    journal = vagtcentral_run.act_out(drawn, operators, setting)
    theirs = simpy_model.act_out(drawn, operators, setting)
    held = sum(
        plan.picks_up_ms + plan.talk_ms + min(plan.wrap_up_ms, setting.policy.wrap_up_ms)
        for plan in drawn
        if theirs[plan.call_id][0] is Outcome.ANSWERED
    )
    busy = held / len(operators) / (drawn[-1].at - drawn[0].at + 1)
    return compare(fates(journal), theirs), len(journal), busy


def _traffic_figures(agreement: Agreement, turns: float, busy: float) -> list[Figure]:
    ours, theirs = agreement.outcomes
    waits = agreement.mean_waits_s
    figures = [
        Figure("same fate", agreement.same, "calls", agreement.first_difference or "in every call"),
        Figure("mean wait", waits[0], "s", f"SimPy {waits[1]:.2f} s"),
    ]
    for outcome in sorted(ours.keys() | theirs.keys()):
        count = ours.get(outcome, 0)
        figures.append(Figure(outcome, count, "calls", f"SimPy {theirs.get(outcome, 0):,}"))
    return [*figures, Figure("operators busy", 100 * busy, "%"), Figure("turns per call", turns)]


def _rates(
    drawn: Sequence[Plan], operators: Sequence[Operator], setting: Setting, repetitions: int
) -> tuple[list[float], list[float]]:
    """Calls per second of both models, in turns; who goes first changes with each pair."""
    ours: list[float] = []
    theirs: list[float] = []
    sides: list[tuple[list[float], Callable[[], object]]] = [
        (ours, lambda: vagtcentral_run.act_out(drawn, operators, setting)),
        (theirs, lambda: simpy_model.act_out(drawn, operators, setting)),
    ]
    for _ in range(repetitions):
        for rates, act_out in sides:
            rates.append(len(drawn) / _seconds(act_out))
        sides.reverse()
    return ours, theirs


def _seconds(act_out: Callable[[], object]) -> float:
    gc.collect()
    before = time.process_time()
    kept = act_out()
    spent = time.process_time() - before
    del kept
    return spent
