"""The whole of a control room on a switch, controller, carrier, client and operators, and what must hold."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from tests.ivr.asterisk.fake_ari import PASSWORD, USER
from tests.ivr.asterisk.lively_switch import LivelySwitch, kind_of_request
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.replay import replay
from vagtcentral.ivr.asterisk import recording_ends
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.ari_settings import AriTiming
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.asterisk.patience import Patience
from vagtcentral.ivr.call import Call
from vagtcentral.ivr.clock import WallClock
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.dispatch import Operator, Status
from vagtcentral.ivr.events import CallArrived, Event
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import CallPolicy, shipped_setting
from vagtcentral.menus.model import Spoken

#: How many times faster than real time the calls' own timers run. The network's are real.
SPEED = 60

POLICY = CallPolicy(wrap_up_ms=6_000, rest_ms=6_000, call_back_every_ms=6_000)
SETTING = replace(shipped_setting(), policy=POLICY)
SKILLS = frozenset(
    node.skill for menu in SETTING.menus.values() for node in menu.nodes.values() if hasattr(node, "skill")
)
OPERATORS = ("alfa", "bravo")

TIMING = AriTiming(
    request_s=0.08,
    first_wait_s=0.02,
    longest_wait_s=0.05,
    steady_s=0.0,
    settle_s=0.01,
    hearing_s=5.0,
    deaf_s=1.0,
    doubt_s=0.02,
)
#: Long enough in all that a slow machine does not give up sooner.
PATIENCE = Patience(
    answer_s=(0.01, 0.3),
    play_s=(),
    connect_s=(0.01, 0.3),
    end_s=(0.02, 0.05, 0.1, 0.2, 0.4, *[0.8] * 9),
    look_s=0.1,
)


async def until(condition: Callable[[], object], within_s: float, what: Callable[[], object]) -> None:
    """Wait for a state; if it does not come, say what is there instead."""
    try:
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110 -- what is awaited is a state, not a moment
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(what()) from None


#: What an operator without a call may be doing.
IDLE = (Status.READY, Status.RESTING, Status.NOT_READY)


class MemoryJournal:
    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def append(self, turns: Sequence[Turn]) -> None:
        await asyncio.sleep(0)
        self.turns += turns

    async def append_late(self, call_id: str, event: Event) -> bool:
        known = [turn.seq for turn in self.turns if turn.call_id == call_id]
        if known:
            self.turns.append(Turn(call_id, max(known) + 1, event, ()))
        return bool(known)


@dataclass
class ControlRoom:
    """Everything of ours that is between the switch and the record."""

    switch: LivelySwitch
    media: Callable[[Spoken], str] = lambda prompt: f"sound:{prompt.name}"
    closed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = MemoryJournal()
        self.clock = WallClock(speed=SPEED)
        plan = AsteriskPlan(
            media=self.media,
            endpoints={name: f"PJSIP/{name}" for name in OPERATORS},
            patience=PATIENCE,
        )
        self.carrier = AsteriskCarrier(plan, self.clock, self._report, self._arrived)
        self.room = Room(SETTING)
        self.controller = Controller(self.room, self.carrier, self.journal, self.clock, self.closed.append)
        self.client = AriClient(
            self.switch.url,
            USER,
            PASSWORD,
            "vagtcentral",
            on_event=self.carrier.on_event,
            on_resync=self._settle,
            on_lost=lambda lost: self.controller.suspend_offers(),
            asked=self.carrier.asked,
            timing=TIMING,
        )
        self.carrier.attach(self.client)

    def _report(self, call_id: str, event: Event) -> None:
        self.controller.report(call_id, event)

    def _arrived(self, call_id: str, caller: str | None, service: str) -> None:
        self.controller.report(call_id, CallArrived(self.clock.now(), service, caller, service, "", ""))

    async def _settle(self, found: Resynchronised) -> None:
        await self.carrier.settle(found, self._is_over)
        self.controller.resume_offers()

    async def _is_over(self, call_id: str) -> bool:
        return call_id in self.closed

    # --- what became of it --------------------------------------------------------------------

    def turns(self, call_id: str) -> list[Turn]:
        return [turn for turn in self.journal.turns if turn.call_id == call_id]

    def record(self, call_id: str) -> CallRecord:
        return CallRecord.fold(call_id, self.turns(call_id))

    def story(self, call_id: str) -> str:
        """The call so far, for a failing test."""
        lines = [f"{turn.event}  ->  {', '.join(map(str, turn.commands))}" for turn in self.turns(call_id)]
        here = f"channels {list(self.switch.channels)}, bridges {list(self.switch.bridges)}"
        return "\n".join([*lines, here, f"lines {self.carrier.lines}", *self.switch.requests])

    def requests(self) -> Counter[str | None]:
        """How many requests of each kind there were."""
        return Counter(kind_of_request(request) for request in self.switch.requests)

    async def ends(self, call_id: str, within_s: float = 12.0) -> CallRecord:
        """Wait until the record of the call is closed."""
        await until(lambda: call_id in self.closed, within_s, lambda: self.story(call_id))
        return self.record(call_id)

    async def all_is_tidy(self, call_id: str) -> None:
        """Nobody and nothing is left over, here or on the switch, now that this is well again."""
        switch = self.switch
        await until(
            lambda: not (switch.channels or switch.bridges or switch.recordings or switch.playbacks),
            6.0,
            lambda: self.story(call_id),
        )
        await until(lambda: not self.carrier.lines, 2.0, lambda: self.story(call_id))
        for name in OPERATORS:
            assert self.room.dispatch.status(name) in IDLE, self.story(call_id)
            assert self.room.dispatch.held_by(name) is None
        assert self.room.dispatch.waiting() == []
        assert self.closed.count(call_id) == 1
        turns = self.turns(call_id)
        assert [turn.seq for turn in turns] == list(range(1, len(turns) + 1))
        again = replay(turns, Call(SETTING).handle)
        assert again.same, again.first_difference


@asynccontextmanager
async def control_room(switch: LivelySwitch, back_s: float = 60.0, **more: Any) -> AsyncIterator[ControlRoom]:
    """A control room at work; afterwards none of its tasks is left.

    Every `back_s` operators who were set not ready say that they are ready again.
    """
    before = asyncio.all_tasks()
    room = ControlRoom(switch, **more)
    await room.client.start()

    async def come_back() -> None:
        while True:
            await asyncio.sleep(back_s)
            for name in OPERATORS:
                room.controller.ready(name)

    returning = asyncio.create_task(come_back())
    with patch.object(recording_ends, "RECORDED_S", 0.2):
        try:
            for name in OPERATORS:
                room.controller.sign_in(Operator(name, SKILLS, frozenset({"da", "en"})))
            yield room
        finally:
            returning.cancel()
            await asyncio.wait([returning])
            await room.client.close()
            await room.carrier.close()
            await room.controller.close()
    # What remains belongs to the switch: the ends of connections.
    await asyncio.sleep(0.01)
    left = [task for task in asyncio.all_tasks() - before if "vagtcentral" in str(task.get_coro())]
    assert left == []
