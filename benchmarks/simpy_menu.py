"""The key menus of the SimPy model: the same menu files, led through by one generator for each caller."""

from collections.abc import Generator, Mapping
from typing import Any, cast

import simpy

from benchmarks.plan import NEVER, Mind, Place, Plan, prompt_lengths
from vagtcentral.location.postcodes import is_postcode
from vagtcentral.menus.model import Announce, Choose, Effect, Enter, Entry, Inform, Menu, Node


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
        return min([due for one in plan.messages if (due := plan.at + one.after_ms) > now], default=NEVER)


class Menus:
    """Leads callers through menus. `lengths` says how long each prompt lasts, in milliseconds."""

    def __init__(self, env: simpy.Environment, menus: Mapping[str, Menu]) -> None:
        self._env = env
        self.lengths = prompt_lengths(menus)

    def walk(self, menu: Menu, caller: Caller) -> Generator[simpy.Event, Any, Node | None]:
        """Lead the caller through a menu; returns the node at which he leaves it, None if he hangs up."""
        env = self._env
        nodes = menu.nodes
        back: list[str] = []
        name = menu.start
        while True:
            node = nodes[name]
            if isinstance(node, Choose | Enter):
                if (
                    isinstance(node, Enter)
                    and node.skip_when_located
                    and caller.place(cast(int, env.now)).certain
                ):
                    name = node.next
                    continue
                following = yield from self.ask(node, caller, back)
                if following is None:
                    return None
                name = following
            elif isinstance(node, Announce):
                yield env.timeout(self.lengths[node.prompt, caller.language])
                name = node.next
            else:
                if isinstance(node, Inform):
                    yield env.timeout(self.lengths[node.prompt, caller.language])
                return node

    def ask(
        self, node: Choose | Enter, caller: Caller, back: list[str]
    ) -> Generator[simpy.Event, Any, str | None]:
        """Ask until there is an answer or patience with wrong keys or silence ends; returns the next node."""
        wrong = silent = opening = 0
        while True:
            length = opening + self.lengths[node.prompt, caller.language]
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
            opening = self.lengths[fallback.prompt, caller.language]

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
