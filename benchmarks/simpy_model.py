"""The same menu and queue as a SimPy model: one process for each call, one `ControlRoom` that they share.

Included: arrivals, the menus (`simpy_menu`) with their prompts in two languages, barge-in, the three digit
timers racing with the keys, wrong keys and silence with their retries, repeat and back; the queue with
priorities, skills, districts, languages, widening reach and the longest idle operator (`simpy_desks`);
ringing, comfort prompts, patience, the talk, wrap-up and the after-call survey.

Left out, all of it in SimPy's favour: location (each plan carries the district that the messages and the
keyed postcode lead to, worked out beforehand), the journal, commands to a carrier, call-backs, transfers and
declined offers (no plan has one), recording, more than one key for an option, and a limit on a call's way
through the menu.

It is written to be fast as SimPy goes: one process for a call and none for its parts; a waiting call has one
timeout for whatever comes next, not one for each thing that may; wrap-up is a callback on a timeout; prompt
lengths are worked out once.
"""

from collections.abc import Generator, Sequence
from itertools import count
from typing import Any, cast

import simpy

from benchmarks.plan import NEVER, Plan
from benchmarks.simpy_desks import ANYONE, HOME, NEIGHBOURS, Desks, Ticket
from benchmarks.simpy_menu import Caller, Menus
from vagtcentral.ivr.commands import Outcome
from vagtcentral.ivr.dispatch import DispatchPolicy, Operator
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import DistrictRule, Emergency, Inform, Menu, Queue

#: A call's end: outcome, operator, and for how long the call waited in the queue, in milliseconds.
Fate = tuple[Outcome, str | None, int | None]
Steps = Generator[simpy.Event, Any, Any]


def act_out(plans: Sequence[Plan], staff: Sequence[Operator], setting: Setting) -> dict[str, Fate]:
    """Play every plan to its end; returns what became of each call."""
    env = simpy.Environment(initial_time=plans[0].at)
    room = ControlRoom(env, staff, setting)
    env.process(room.arrivals(plans))
    env.run()
    return room.fates


class ControlRoom:
    """The processes of the calls. `fates` fills as calls end."""

    def __init__(self, env: simpy.Environment, staff: Sequence[Operator], setting: Setting) -> None:
        self.fates: dict[str, Fate] = {}
        self._env = env
        self._menus = setting.menus
        self._walks = Menus(env, setting.menus)
        self._lengths = self._walks.lengths
        self._desks = Desks(staff, setting.atlas.neighbours)
        self._overflow = DispatchPolicy().overflow
        self._wrap_up_ms = setting.policy.wrap_up_ms
        self._numbers = count(1)

    def arrivals(self, plans: Sequence[Plan]) -> Steps:
        """Start each call at its time."""
        env = self._env
        for plan in plans:
            yield env.timeout(plan.at - env.now)
            env.process(self.call(plan))

    def call(self, plan: Plan) -> Steps:
        """One call from ring to end."""
        caller = Caller(plan)
        menu = self._menus[plan.service]
        if menu.recording is not None and menu.recording.announcement is not None:
            yield self._env.timeout(self._lengths[menu.recording.announcement, caller.language])
        node = yield from self._walks.walk(menu, caller)
        if node is None:
            self.fates[plan.call_id] = (Outcome.ABANDONED_IN_MENU, None, None)
        elif type(node) is Inform:
            self.fates[plan.call_id] = (Outcome.SELF_SERVICE, None, None)
        elif isinstance(node, Queue | Emergency):
            yield from self.queue(menu, node, caller)
        else:
            raise AssertionError(f"no plan leads to {node}")

    # --- the queue ----------------------------------------------------------------------------

    def queue(self, menu: Menu, node: Queue | Emergency, caller: Caller) -> Steps:
        """Wait for an operator, then talk and, for those who take it, the survey."""
        env = self._env
        plan = caller.plan
        since = self._now()
        operator = yield from self.wait(menu, node, caller)
        waited = self._now() - since
        if operator is None:
            self.fates[plan.call_id] = (Outcome.ABANDONED_IN_QUEUE, None, waited)
            return
        self.fates[plan.call_id] = (Outcome.ANSWERED, operator.name, waited)
        yield env.timeout(plan.talk_ms)
        registered = env.timeout(min(plan.wrap_up_ms, self._wrap_up_ms))
        registered.callbacks.append(lambda _: self._desks.free(operator))
        if plan.survey and menu.survey is not None:
            yield from self._walks.walk(self._menus[menu.survey], caller)

    def wait(
        self, menu: Menu, node: Queue | Emergency, caller: Caller
    ) -> Generator[simpy.Event, Any, Operator | None]:
        """Wait until an operator has picked up, who is returned, or until patience ends: None."""
        env = self._env
        plan = caller.plan
        since = self._now()
        by_place = isinstance(node, Emergency) or node.district is DistrictRule.CALLER
        priority = 0 if isinstance(node, Emergency) or plan.service == "112" else 1
        overflow = self._overflow[priority]
        district = caller.place(since).district if by_place else None
        place = (priority, since, next(self._numbers))
        ticket = Ticket(env.event(), place, node.skill, caller.language, district)
        self._desks.join(ticket)

        widens = since + overflow.neighbours_ms
        message = caller.next_message(since) if by_place else NEVER
        # Who is handed over to 112 waits as one who called it.
        waiting = self._menus["112"].waiting if isinstance(node, Emergency) else menu.waiting
        every = waiting.every_ms or NEVER
        comfort = self._lengths[waiting.comfort, caller.language]
        if node.prompt is None:  # music at once: the next sound is a comfort prompt
            speaking, sound, gone = False, since + every, since + plan.patience_ms
        else:
            speaking, sound, gone = True, since + self._lengths[node.prompt, caller.language], NEVER
        operator: Operator | None = None
        coming: simpy.Event = ticket.offer  # then, with an operator, the end of his ringing
        tick: simpy.Event | None = None
        while True:
            if tick is None:
                tick = env.timeout(min(sound, gone, widens, message) - env.now)
            yield coming | tick
            if coming.processed:
                if operator is not None:
                    return operator
                operator = ticket.offer.value
                widens = message = NEVER
                coming = env.timeout(plan.picks_up_ms)
                continue
            now, tick = self._now(), None
            if now == message:
                message = caller.next_message(now)
                self._desks.moved(ticket, caller.place(now).district)
            elif now == gone:
                self._desks.leave(ticket)
                return None
            elif now == sound:
                speaking = not speaking
                sound = now + (comfort if speaking else every)
                if not speaking and gone == NEVER:
                    gone = now + plan.patience_ms
            elif ticket.reach == HOME:
                widens = since + overflow.anyone_ms
                self._desks.widen(ticket, NEIGHBOURS)
            else:
                widens = NEVER
                self._desks.widen(ticket, ANYONE)

    def _now(self) -> int:
        """The instant now, in whole milliseconds."""
        return cast(int, self._env.now)
