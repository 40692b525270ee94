"""The same menu and queue as a SimPy model: one process for each call, one `ControlRoom` that they share.

Included: arrivals, the menus' nodes with their prompts in two languages, barge-in, the three digit timers
racing with the keys, wrong keys and silence with their retries, repeat and back; the queue with priorities,
skills, districts, languages, widening reach and the longest idle operator; ringing, comfort prompts, patience,
the talk, wrap-up and the after-call survey. The rules of `vagtcentral.ivr.dispatch` are written again here.

Left out, all of it in SimPy's favour: location (each plan carries the district that the messages and the
keyed postcode lead to, worked out beforehand), the journal, commands to a carrier, call-backs and transfers
(no plan has one), declined offers (likewise), more than one key for an option, and a limit on a call's way
through the menu.

It is written to be fast as SimPy goes: one process for a call and none for its parts; a waiting call has one
timeout for whatever comes next, not one for each thing that may; wrap-up is a callback on a timeout; the
queue and the idle operators are kept by skill, sorted, not searched in a `FilterStore`.
"""

from bisect import insort
from collections.abc import Generator, Mapping, Sequence
from heapq import merge
from itertools import count
from typing import Any

import simpy

from benchmarks.traffic import Mind, Place, Plan, prompt_lengths
from vagtcentral.ivr.commands import Outcome
from vagtcentral.ivr.dispatch import DispatchPolicy, Operator
from vagtcentral.ivr.setting import Setting
from vagtcentral.location.postcodes import is_postcode
from vagtcentral.menus.model import (
    Announce,
    Choose,
    DistrictRule,
    Effect,
    Emergency,
    Enter,
    Entry,
    Inform,
    Menu,
    Node,
    Queue,
)

#: A call's end: outcome, operator, and for how long the call waited in the queue, in milliseconds.
Fate = tuple[Outcome, str | None, int | None]
Steps = Generator[simpy.Event, Any, Any]

_NEVER = 1 << 62


def act_out(plans: Sequence[Plan], staff: Sequence[Operator], setting: Setting) -> dict[str, Fate]:
    """Play every plan to its end; returns what became of each call."""
    env = simpy.Environment(initial_time=plans[0].at)
    room = ControlRoom(env, staff, setting)
    env.process(room.arrivals(plans))
    env.run()
    return room.fates


class Ticket:
    """One call in the queue; `offer` succeeds with the operator who is to take it."""

    __slots__ = ("district", "language", "number", "offer", "priority", "reach", "since", "skill")

    def __init__(self, offer: simpy.Event, priority: int, since: int, number: int) -> None:
        self.offer = offer
        self.priority = priority
        self.since = since
        self.number = number
        self.skill = ""
        self.language = ""
        self.district: str | None = None
        self.reach = 0  # the greatest distance of an operator: 0 ideal, 1 a neighbour, 5 anyone


class Desks:
    """The idle operators and the waiting calls, matched as soon as they fit."""

    def __init__(self, staff: Sequence[Operator], neighbours: Mapping[str, tuple[str, ...]]) -> None:
        self._idle: dict[str, dict[str, Operator]] = {}  # by skill, longest idle first
        self._queues: dict[str, list[tuple[int, int, int, Ticket]]] = {}  # by skill, in order of place
        self._neighbours = {district: frozenset(others) for district, others in neighbours.items()}
        for operator in staff:
            self.free(operator)

    def join(self, ticket: Ticket) -> None:
        """A call begins to wait."""
        queue = self._queues.setdefault(ticket.skill, [])
        insort(queue, (ticket.priority, ticket.since, ticket.number, ticket))
        self.seek(ticket)

    def leave(self, ticket: Ticket) -> None:
        """A call stops waiting."""
        self._queues[ticket.skill].remove((ticket.priority, ticket.since, ticket.number, ticket))

    def seek(self, ticket: Ticket) -> None:
        """Give a waiting call the nearest idle operator within its reach, the longest idle among equals."""
        found, nearest = None, ticket.reach + 1
        for operator in self._idle.get(ticket.skill, {}).values():
            distance = self._distance(ticket, operator)
            if distance < nearest:
                found, nearest = operator, distance
                if distance == 0:
                    break
        if found is not None:
            for skill in found.skills:
                del self._idle[skill][found.name]
            self._give(ticket, found)

    def free(self, operator: Operator) -> None:
        """An operator takes the first waiting call that he fits, or is idle."""
        queues = [queue for skill in operator.skills if (queue := self._queues.get(skill))]
        for _, _, _, ticket in merge(*queues) if len(queues) > 1 else queues[0] if queues else ():
            if self._distance(ticket, operator) <= ticket.reach:
                self._give(ticket, operator)
                return
        for skill in operator.skills:
            self._idle.setdefault(skill, {})[operator.name] = operator

    def _give(self, ticket: Ticket, operator: Operator) -> None:
        self.leave(ticket)
        ticket.offer.succeed(operator)

    def _distance(self, ticket: Ticket, operator: Operator) -> int:
        language = 0 if ticket.language in operator.languages else 3
        wanted, own = ticket.district, operator.district
        if wanted is None or own is None or wanted == own:
            return language
        return language + (1 if own in self._neighbours[wanted] else 2)


class Caller:
    """One call as its process knows it."""

    __slots__ = ("_plan", "keyed", "language", "mind", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.mind = Mind(plan)
        self.language = "da"
        self.keyed = False

    def place(self, now: int) -> Place:
        """What is known of the district now."""
        plan = self.plan
        arrived = sum(plan.at + message.after_ms <= now for message in plan.messages)
        return plan.places[arrived, self.keyed]

    def next_message(self, now: int) -> int:
        """When the next location message arrives."""
        plan = self.plan
        return min([due for one in plan.messages if (due := plan.at + one.after_ms) > now], default=_NEVER)


class ControlRoom:
    """The processes of the calls. `fates` fills as calls end."""

    def __init__(self, env: simpy.Environment, staff: Sequence[Operator], setting: Setting) -> None:
        self.fates: dict[str, Fate] = {}
        self._env = env
        self._menus = setting.menus
        self._lengths = prompt_lengths(setting.menus)
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
        node = yield from self.walk(menu, caller)
        if node is None:
            self.fates[plan.call_id] = (Outcome.ABANDONED_IN_MENU, None, None)
        elif type(node) is Inform:
            self.fates[plan.call_id] = (Outcome.SELF_SERVICE, None, None)
        else:
            yield from self.queue(menu, node, caller)

    # --- the menu -----------------------------------------------------------------------------

    def walk(self, menu: Menu, caller: Caller) -> Generator[simpy.Event, Any, Node | None]:
        """Lead the caller through a menu; returns the node at which he leaves it, None if he hangs up."""
        env = self._env
        nodes = menu.nodes
        back: list[str] = []
        name = menu.start
        while True:
            node = nodes[name]
            if isinstance(node, Choose | Enter):
                if isinstance(node, Enter) and node.skip_when_located and caller.place(env.now).certain:
                    name = node.next
                    continue
                following = yield from self.ask(node, caller, back)
                if following is None:
                    return None
                name = following
            elif isinstance(node, Announce):
                yield env.timeout(self._lengths[node.prompt, caller.language])
                name = node.next
            else:
                if isinstance(node, Inform):
                    yield env.timeout(self._lengths[node.prompt, caller.language])
                return node

    def ask(
        self, node: Choose | Enter, caller: Caller, back: list[str]
    ) -> Generator[simpy.Event, Any, str | None]:
        """Ask until there is an answer or patience with wrong keys or silence ends; returns the next node."""
        wrong = silent = opening = 0
        while True:
            length = opening + self._lengths[node.prompt, caller.language]
            keys = yield from self.keys(node, length, caller)
            if keys is None:
                return None
            if keys == "":
                silent += 1
                times, fallback = silent, node.silence
            else:
                following, repeat = self.answer(node, keys, caller, back)
                if following is not None:
                    return following
                if repeat:
                    opening = 0
                    continue
                wrong += 1
                times, fallback = wrong, node.wrong_key
            if times > fallback.retries:
                return fallback.then
            opening = self._lengths[fallback.prompt, caller.language]

    def keys(
        self, node: Choose | Enter, length: int, caller: Caller
    ) -> Generator[simpy.Event, Any, str | None]:
        """Play a question that lasts `length` and take keys: "" is silence, None that the caller hung up."""
        env = self._env
        timing = node.timing
        reply = caller.mind.reply_to(node.prompt)
        prompt = env.timeout(length)
        if reply is None:
            yield prompt
            yield env.timeout(timing.first_ms)
            return ""
        key = env.timeout(reply.after_ms)
        yield key | prompt
        if not key.processed:
            yield key | env.timeout(timing.first_ms)
            if not key.processed:
                return ""
        if not reply.keys:
            return None
        pressed = reply.keys[0]
        most = 1 if isinstance(node, Choose) else node.max_digits
        over = env.now + timing.overall_ms
        for digit in reply.keys[1:]:
            if len(pressed) >= most:
                return pressed
            key = env.timeout(reply.gap_ms)
            yield key | env.timeout(min(timing.inter_ms, over - env.now))
            if not key.processed:
                return pressed
            pressed += digit
        if len(pressed) < most:
            yield env.timeout(min(timing.inter_ms, over - env.now))
        return pressed

    def answer(
        self, node: Choose | Enter, keys: str, caller: Caller, back: list[str]
    ) -> tuple[str | None, bool]:
        """The node that the keys lead to, None where they lead to none; and whether to ask the same again."""
        if isinstance(node, Choose):
            option = node.options.get(keys)
            if option is None:
                return None, False
            caller.language = option.language or caller.language
            if option.effect is Effect.REPEAT:
                return None, True
            if option.effect is Effect.BACK:
                return (back.pop() if back else node.name), False
            if option.to != node.name:
                back.append(node.name)
            return option.to, False
        if len(keys) < node.min_digits or not keys.isdigit():
            return None, False
        if node.entry is Entry.POSTCODE:
            if not is_postcode(keys):
                return None, False
            caller.keyed = True
        elif not (node.low or 0) <= int(keys) <= (node.high or int(keys)):
            return None, False
        return node.next, False

    # --- the queue ----------------------------------------------------------------------------

    def queue(self, menu: Menu, node: Queue | Emergency, caller: Caller) -> Steps:
        """Wait for an operator until patience ends, then talk and, for those who take it, the survey."""
        env = self._env
        plan = caller.plan
        since = env.now
        emergency = isinstance(node, Emergency)
        by_place = emergency or node.district is DistrictRule.CALLER
        priority = 0 if emergency or plan.service == "112" else 1
        overflow = self._overflow[priority]
        ticket = Ticket(env.event(), priority, since, next(self._numbers))
        ticket.skill, ticket.language = node.skill, caller.language
        ticket.district = caller.place(since).district if by_place else None
        self._desks.join(ticket)

        widens = since + overflow.neighbours_ms
        message = caller.next_message(since) if by_place else _NEVER
        if node.prompt is None:  # music at once: the next sound is a comfort prompt
            speaking, sound, gone = False, since + menu.waiting.every_ms, since + plan.patience_ms
        else:
            speaking, sound, gone = True, since + self._lengths[node.prompt, caller.language], _NEVER
        comfort = self._lengths[menu.waiting.comfort, caller.language]
        operator: Operator | None = None
        coming: simpy.Event = ticket.offer  # then, with an operator, the end of his ringing
        tick: simpy.Event | None = None
        while True:
            if tick is None:
                tick = env.timeout(min(sound, gone, widens, message) - env.now)
            yield coming | tick
            if coming.processed:
                if operator is not None:
                    break
                operator = ticket.offer.value
                widens = message = _NEVER
                coming = env.timeout(plan.picks_up_ms)
                continue
            now, tick = env.now, None
            if now == message:
                ticket.district = caller.place(now).district
                message = caller.next_message(now)
                self._desks.seek(ticket)
            elif now == gone:
                if operator is not None:
                    self._desks.free(operator)
                elif ticket.offer.triggered:
                    self._desks.free(ticket.offer.value)
                else:
                    self._desks.leave(ticket)
                self.fates[plan.call_id] = (Outcome.ABANDONED_IN_QUEUE, None, now - since)
                return
            elif now == sound:
                speaking = not speaking
                sound = now + (comfort if speaking else menu.waiting.every_ms)
                if not speaking and gone == _NEVER:
                    gone = now + plan.patience_ms
            elif now == widens:
                first = widens == since + overflow.neighbours_ms
                widens = since + overflow.anyone_ms if first else _NEVER
                ticket.reach = 1 if first else 5
                if not ticket.offer.triggered:
                    self._desks.seek(ticket)
        self.fates[plan.call_id] = (Outcome.ANSWERED, operator.name, env.now - since)
        yield env.timeout(plan.talk_ms)
        self.wrap_up(operator, plan)
        if plan.survey and menu.survey is not None:
            yield from self.walk(self._menus[menu.survey], caller)

    def wrap_up(self, operator: Operator, plan: Plan) -> None:
        """Have the operator registered out of the call and free again, while the caller goes on."""
        over = self._env.timeout(min(plan.wrap_up_ms, self._wrap_up_ms))
        over.callbacks.append(lambda _: self._desks.free(operator))
