"""The people of a scripted call: what the caller does on what he perceives, and how each operator behaves."""

from collections.abc import Callable
from functools import partial

from vagtcentral.ivr.clock import Alarm
from vagtcentral.sim.agenda import Agenda
from vagtcentral.sim.script import Caller, CallerStep, OperatorAct

#: What a caller can do to the switch: press a key, or hang up (None).
Act = Callable[[str | None], None]


class ScriptedCaller:
    """Takes the steps of the script in their order, each when its cue is perceived.

    A step waits for its cue after the step before has been taken; a cue that comes earlier is not remembered.
    """

    def __init__(self, caller: Caller, agenda: Agenda, act: Act) -> None:
        self._steps = caller.does
        self._agenda = agenda
        self._act = act
        self._next = 0
        self._busy = False
        self._planned: list[Alarm] = []
        self._call_backs = iter(caller.call_back_after_s)
        self._patience_s = caller.patience_s
        self._out_of_patience: Alarm | None = None

    def perceives(self, cue: str) -> None:
        """Something reached the caller: `arrives`, `hold`, `connected`, or `hears NAME`."""
        self._be_patient(cue)
        if not self._busy and self._next < len(self._steps) and self._steps[self._next].on == cue:
            self._take(self._steps[self._next])

    def answers_call_back_after(self) -> int | None:
        """How long, in milliseconds, this call-back rings until the caller answers; None if he does not."""
        seconds = next(self._call_backs, None)
        return None if seconds is None else round(seconds * 1000)

    def leaves(self) -> None:
        """The call is over for the caller: nothing more is done."""
        for alarm in self._planned:
            alarm.cancel()
        self._planned.clear()
        self._busy = False
        self._calm_down()

    def _be_patient(self, cue: str) -> None:
        """Count the time from the first waiting music on; an announcement in between changes nothing."""
        if cue == "connected":
            self._calm_down()
        elif cue == "hold" and self._patience_s is not None and self._out_of_patience is None:
            due = self._agenda.now() + round(self._patience_s * 1000)
            self._out_of_patience = self._agenda.at(due, partial(self._act, None))

    def _calm_down(self) -> None:
        if self._out_of_patience is not None:
            self._out_of_patience.cancel()
            self._out_of_patience = None

    def _take(self, step: CallerStep) -> None:
        self._busy = True
        due = self._agenda.now() + round(step.after_s * 1000)
        keys: tuple[str | None, ...] = tuple(step.keys) if step.keys else (None,)
        *first, last = keys
        for count, key in enumerate(first):
            self._plan(due + round(count * step.gap_s * 1000), partial(self._act, key))
        self._plan(due + round(len(first) * step.gap_s * 1000), partial(self._finish, last))

    def _plan(self, due: int, action: Callable[[], None]) -> None:
        self._planned.append(self._agenda.at(due, action))

    def _finish(self, last: str | None) -> None:
        """Press the last key, or hang up; what follows from it may be the cue of the next step."""
        self._busy = False
        self._next += 1
        self._act(last)
        if not self._busy and self._next < len(self._steps) and self._steps[self._next].on == "then":
            self._take(self._steps[self._next])


class ScriptedOperators:
    """Deals out the acts of the script, one for each time an operator is rung; the last one repeats."""

    def __init__(self, acts: tuple[OperatorAct, ...]) -> None:
        self._acts = acts
        self._rings = 0

    def next_act(self) -> OperatorAct:
        """How the operator who is now rung will behave."""
        act = self._acts[min(self._rings, len(self._acts) - 1)]
        self._rings += 1
        return act
