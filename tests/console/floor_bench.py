"""A floor with a controller and a switch in the test's hands."""

from collections.abc import Callable, Sequence
from typing import Any

from vagtcentral.console.floor import Desk, Doing, Floor, LiveCall
from vagtcentral.ivr.carrier import Carrier
from vagtcentral.ivr.commands import CarrierCommand
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import (
    CallArrived,
    CallerHungUp,
    DigitPressed,
    Event,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.agenda import VirtualAgenda

SECOND = 1_000


class Journal:
    """A journal that keeps everything in memory."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def append(self, turns: Sequence[Turn]) -> None:
        self.turns += turns

    async def append_late(self, call_id: str, event: Event) -> bool:
        return False


class Switch:
    """A carrier and trunk: what it is told is noted, and what is done at a desk is reported at once."""

    connected = True

    def __init__(self, *, rings_in_page: bool = True) -> None:
        self.rings_in_page = rings_in_page
        self.told: list[tuple[str, CarrierCommand]] = []
        self.report: Callable[[str, Event], None] = lambda *_: None
        self.now: Callable[[], int] = lambda: 0

    @property
    def carrier(self) -> Carrier:
        return self

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        self.told += [(call_id, command) for command in commands]

    def restore(self, turns: Sequence[Turn]) -> None: ...

    async def start(self) -> None: ...

    async def until_ended(self) -> None: ...

    async def close(self) -> None: ...

    def pick_up(self, call_id: str, operator: str) -> bool:
        if self.rings_in_page:
            self.report(call_id, OperatorAnswered(self.now(), operator))
        return self.rings_in_page

    def put_down(self, call_id: str, operator: str) -> None:
        rings = self.is_rung(call_id, operator)
        kind: Any = OperatorUnanswered if rings else OperatorHungUp
        self.report(call_id, kind(self.now(), operator))

    is_rung: Callable[[str, str], bool] = staticmethod(lambda *_: False)


class FloorBench:
    """Anna and Bo take emergencies and tips; Kim sits at the switchboard."""

    def __init__(self, *, rings_in_page: bool = True) -> None:
        self.clock = VirtualAgenda(0)
        self.switch = Switch(rings_in_page=rings_in_page)
        self.journal = Journal()
        self.controller = Controller(Room(shipped_setting()), self.switch, self.journal, self.clock)
        both = frozenset({"emergency", "tips"})
        self.staff = [
            Operator("anna", both),
            Operator("bo", both),
            Operator("kim", frozenset({"general"})),
        ]
        self.floor = Floor(self.controller, self.switch, self.clock, self.staff)
        self.switch.report = self.controller.report
        self.switch.now = lambda: self.clock.now()
        self.switch.is_rung = lambda call_id, operator: self.desk(operator).doing is Doing.RINGING
        self.told = 0
        self.floor.listen(self._count)

    def _count(self) -> None:
        self.told += 1

    def desk(self, operator: str) -> Desk:
        return self.floor.desks[operator]

    def doing(self, operator: str) -> Doing:
        return self.desk(operator).doing

    def call(self, call_id: str) -> LiveCall:
        return self.floor.calls[call_id]

    async def settle(self, seconds: float = 0.1) -> None:
        """Let everything happen that is to happen within so many seconds."""
        await self.controller.settled()
        over: list[bool] = []
        self.clock.call_at(self.clock.now() + round(seconds * SECOND), over.append, True)
        while not over and self.clock.step():
            await self.controller.settled()

    async def rings(self, call_id: str, service: str = "112") -> None:
        """A call arrives and has heard the announcement."""
        self.controller.report(call_id, CallArrived(self.clock.now(), service, "+4520", service, "", ""))
        self.controller.report(call_id, PlayFinished(self.clock.now(), 1))
        await self.settle()

    async def rings_with_a_tip(self, call_id: str = "b") -> None:
        """A call to 114 whose caller has keyed that he knows something."""
        await self.rings(call_id, "114")
        self.controller.report(call_id, PlayFinished(self.clock.now(), 2))
        self.controller.report(call_id, DigitPressed(self.clock.now(), "4"))
        await self.settle()

    async def hangs_up(self, call_id: str) -> None:
        self.controller.report(call_id, CallerHungUp(self.clock.now()))
        await self.settle()

    async def talks(self, call_id: str = "a", operator: str = "anna") -> None:
        """The operator comes to work and takes a call to 112."""
        self.floor.sign_in(operator)
        self.floor.ready(operator)
        await self.rings(call_id)
        self.floor.answer(operator)
        await self.settle()
        assert self.doing(operator) is Doing.TALKING
