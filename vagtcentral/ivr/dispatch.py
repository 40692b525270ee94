"""Which operator gets which waiting call: a pure policy, shared by the live system and the simulator.

Rules, in this order:

1. A call of higher priority goes first (112 before 114); within a priority, the one that has waited longest.
   A kept call-back and a transferred caller stand where they first stood.
2. An operator must have the skill. The caller's own district and language are asked for at first; after
   `Overflow.neighbours_ms` operators of neighbouring districts count as well, and after `Overflow.anyone_ms`
   everyone with the skill does, whatever his district or language. A call without a district, and an operator
   without one, fit every district.
3. Among the operators who fit, those who speak the language come first, then those of the caller's own
   district, then of a neighbouring one, and among equals the longest idle.

An operator is offered one call at a time and holds at most one call.
"""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from heapq import heappop, heappush, merge

from vagtcentral.ivr.commands import (
    AcceptOffer,
    DispatchCommand,
    Enqueue,
    HoldOperator,
    LeaveQueue,
    RefuseOffer,
    ReleaseOperator,
)


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who takes calls. `district` None means that he takes calls of every district."""

    name: str
    skills: frozenset[str]
    languages: frozenset[str] = frozenset({"da"})
    district: str | None = None


@dataclass(frozen=True, slots=True)
class Overflow:
    """How long a call waits for its own district, and then for the neighbours, before everyone counts."""

    neighbours_ms: int
    anyone_ms: int


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """Overflow times by priority; the defaults are assumptions, no Danish figure is public."""

    overflow: Mapping[int, Overflow] = field(
        default_factory=lambda: {0: Overflow(3_000, 6_000), 1: Overflow(45_000, 90_000)}
    )
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Status(Enum):
    """What an operator is doing, as far as dispatch is concerned."""

    NOT_READY = auto()  #: signed in, but takes no calls now
    READY = auto()  #: idle, and to be offered the next call that fits
    RESTING = auto()  #: as good as ready, but offered nothing for a moment: he was rung in vain
    OFFERED = auto()  #: reserved for one call that is ringing
    BUSY = auto()  #: has a call: talking or wrapping up


@dataclass(frozen=True, slots=True)
class Offer:
    """A call offered to an operator, who is reserved for it until accepted or refused.

    `number` counts the offers of one dispatcher, so that a duplicate of an old one is recognised.
    """

    call_id: str
    operator: str
    number: int


class Reach(IntEnum):
    """How far from ideal an operator may be for a call (`Dispatch._distance`); it widens with time."""

    HOME = 0
    NEIGHBOURS = 1
    ANYONE = 5


_HOME, _NEIGHBOURS, _ANYONE = Reach
# Looked up once: reading a member off its class costs ten times as much as reading a name.
_NOT_READY, _READY, _RESTING, _OFFERED, _BUSY = Status
#: Without a call, whatever he does.
_IDLE = (_NOT_READY, _READY, _RESTING)


@dataclass(slots=True)
class _Waiting:
    """One call in the queue. `place` orders the queue; `entered` starts the overflow times."""

    call_id: str
    place: tuple[int, int, int]
    entered: int
    request: Enqueue
    reach: Reach = _HOME
    offered: str | None = None
    has_wakes: bool = False


@dataclass(slots=True)
class _Desk:
    """One operator who is signed in. `call_id` is the call offered or held."""

    operator: Operator
    status: Status = _NOT_READY
    call_id: str | None = None
    leaving: bool = False
    pause: bool = False
    rests_until: int = 0


class Dispatch:
    """The queue and the operators. Every method takes the instant and returns the offers that follow."""

    def __init__(self, policy: DispatchPolicy | None = None) -> None:
        self._policy = policy or DispatchPolicy()
        self._desks: dict[str, _Desk] = {}
        self._ready: dict[str, OrderedDict[str, _Desk]] = {}  # by skill, longest idle first
        self._claims: dict[
            str, str
        ] = {}  # operators who are not signed in (yet) and hold a call all the same
        self._calls: dict[str, _Waiting] = {}
        self._queues: dict[str, list[tuple[tuple[int, int, int], str]]] = {}  # by skill, in order of place
        self._wakes: list[tuple[int, int, str]] = []  # (instant, arrival, call) at which a reach widens
        self._rests: list[tuple[int, str]] = []  # (instant, operator) at which a rest ends
        self._suspended = False
        self._arrivals = 0
        self._offers = 0

    # --- operators ----------------------------------------------------------------------------

    def sign_in(self, operator: Operator, at: int, *, ready: bool = True) -> list[Offer]:
        """An operator comes to work, ready, or with nothing offered to him until he says so.

        Signing in again calls off a sign-out; skills may differ.
        """
        desk = self._desks.get(operator.name)
        if not ready:
            self.not_ready(operator.name)
        if desk is not None:
            return self._sign_in_again(desk, operator, at)
        self._desks[operator.name] = _Desk(operator, pause=not ready)
        claim = self._claims.pop(operator.name, None)
        if claim is not None:
            self._hold(claim, operator.name)
        return self.ready(operator.name, at) if ready else []

    def _sign_in_again(self, desk: _Desk, operator: Operator, at: int) -> list[Offer]:
        desk.leaving = False
        was_ready = desk.status is _READY
        self._stand_down_if_ready(desk)
        desk.operator = operator
        return self._idle(desk, at) if was_ready else []

    def sign_out(self, name: str) -> None:
        """An operator goes home; if he holds a call, when it is over."""
        desk = self._desks.get(name)
        if desk is None:
            return
        if desk.status in (_OFFERED, _BUSY):
            desk.leaving = True
        else:
            self._stand_down_if_ready(desk)
            del self._desks[name]

    def leaving(self, name: str) -> bool:
        """Whether the operator goes home as soon as the call that he holds is over."""
        desk = self._desks.get(name)
        return desk is not None and desk.leaving

    def ready(self, name: str, at: int) -> list[Offer]:
        """An operator can take calls (again)."""
        desk = self._desks.get(name)
        if desk is None:
            return []
        desk.pause = False
        return self._idle(desk, at) if desk.status is _NOT_READY else []

    def not_ready(self, name: str) -> None:
        """An operator takes no further calls; one that he holds goes on."""
        desk = self._desks.get(name)
        if desk is None:
            return
        desk.pause = True
        self._stand_down_if_ready(desk)
        if desk.status is _RESTING:
            desk.status = _NOT_READY

    def claim(self, name: str, call_id: str) -> list[Offer]:
        """Offer a waiting call to the idle operator who asks for it, ready or not; none if that cannot be.

        The operator needs the skill; district, language and the calls before it do not count. A call that is
        being offered to somebody is not to be had.
        """
        desk, waiting = self._desks.get(name), self._calls.get(call_id)
        if desk is None or waiting is None or waiting.offered is not None or self._suspended:
            return []
        request = waiting.request
        if desk.status not in _IDLE or request.skill not in desk.operator.skills:
            return []
        return [] if name == request.not_operator else [self._offer(waiting, desk)]

    def offered_to(self, call_id: str) -> str | None:
        """The operator to whom a waiting call is being offered."""
        waiting = self._calls.get(call_id)
        return None if waiting is None else waiting.offered

    def signed_in(self) -> list[Operator]:
        """Everybody who is at work."""
        return [desk.operator for desk in self._desks.values()]

    def status(self, name: str) -> Status | None:
        """What an operator is doing, or None if he is not signed in."""
        desk = self._desks.get(name)
        return None if desk is None else desk.status

    def held_by(self, name: str) -> str | None:
        """The call that an operator is offered or holds."""
        desk = self._desks.get(name)
        return None if desk is None else desk.call_id

    # --- calls --------------------------------------------------------------------------------

    def handle(self, call_id: str, command: DispatchCommand, at: int) -> list[Offer]:
        """Carry out what a call asks for."""
        match command:
            case Enqueue():
                return self._enqueue(call_id, command, at)
            case AcceptOffer():
                self._accept(call_id, command.operator)
                return []
            case ReleaseOperator():
                return self._release(call_id, command.operator, at)
            case LeaveQueue():
                self._leave(call_id)
                return []
            case RefuseOffer():
                return self._refuse(call_id, command, at)
            case HoldOperator():
                self._hold(call_id, command.operator)
                return []

    def _release(self, call_id: str, name: str, at: int) -> list[Offer]:
        if self._claims.get(name) == call_id:
            del self._claims[name]
        desk = self._desks.get(name)
        if desk is None or desk.status is not _BUSY or desk.call_id != call_id:
            return []
        return self._idle(desk, at)

    def waiting(self) -> list[str]:
        """The calls in the queue, next one first; those being offered are among them."""
        return [waiting.call_id for waiting in sorted(self._calls.values(), key=lambda w: w.place)]

    def candidates(self, call_id: str) -> list[str]:
        """The ready operators whom a waiting call could have, nearest first; none while it is offered."""
        waiting = self._calls[call_id]
        if waiting.offered is not None:
            return []
        found: list[tuple[int, str]] = []
        for name, desk in self._ready.get(waiting.request.skill, {}).items():
            distance = self._distance(waiting, desk.operator)
            if distance is not None:
                found.append((distance, name))
        return [name for _, name in sorted(found)]

    @property
    def next_wake(self) -> int | None:
        """When to call `wake`: the next instant at which a waiting call may reach further, or a rest ends."""
        wakes, rests = self._wakes, self._rests
        while wakes and not self._wake_counts(wakes[0]):
            heappop(wakes)
        if not rests:
            return wakes[0][0] if wakes else None
        return min(rests[0][0], wakes[0][0]) if wakes else rests[0][0]

    def wake(self, at: int) -> list[Offer]:
        """Let calls that have waited long enough reach further, and operators end their rest."""
        offers = self._end_rests(at) if self._rests else []
        widened: dict[str, _Waiting] = {}
        while self._wakes and self._wakes[0][0] <= at:
            wake = heappop(self._wakes)
            if self._wake_counts(wake):
                waiting = self._calls[wake[2]]
                waiting.reach = self._reach(waiting, at)
                widened[waiting.call_id] = waiting
        for waiting in sorted(widened.values(), key=lambda each: each.place):
            if waiting.offered is None:
                offers += self._find_operator(waiting)
        return offers

    # --- the carrier away and back ------------------------------------------------------------

    def suspend(self) -> None:
        """Nobody can be rung now: offer nothing until `go_on`. Calls and operators come and go as ever."""
        self._suspended = True

    def go_on(self, at: int) -> list[Offer]:
        """Whoever is ready is offered what has waited meanwhile, in its order."""
        self._suspended = False
        offers = []
        for call_id in self.waiting():
            waiting = self._calls[call_id]
            if waiting.offered is None:
                waiting.reach = self._reach(waiting, at)
                offers += self._find_or_wait(waiting)
        return offers

    # --- the queue ----------------------------------------------------------------------------

    def _enqueue(self, call_id: str, request: Enqueue, at: int) -> list[Offer]:
        waiting = self._calls.get(call_id)
        if waiting is None:
            self._arrivals += 1
            place = (request.priority, request.since, self._arrivals)
            waiting = _Waiting(call_id, place, at, request)
            self._calls[call_id] = waiting
            self._line_up(waiting)
        else:
            self._queues[waiting.request.skill].remove((waiting.place, call_id))
            raised = request.priority != waiting.request.priority
            waiting.place = (request.priority, request.since, waiting.place[2])
            waiting.request = request
            self._line_up(waiting)
            if raised:
                waiting.has_wakes = False
        waiting.reach = self._reach(waiting, at)
        return [] if waiting.offered else self._find_or_wait(waiting)

    def _find_or_wait(self, waiting: _Waiting) -> list[Offer]:
        """Offer the call, or see to it that its reach widens while it waits."""
        offers = self._find_operator(waiting)
        if not offers and not waiting.has_wakes:
            self._set_wakes(waiting)
        return offers

    def _line_up(self, waiting: _Waiting) -> None:
        queue = self._queues.setdefault(waiting.request.skill, [])
        insort(queue, (waiting.place, waiting.call_id))

    def _leave(self, call_id: str) -> None:
        waiting = self._calls.pop(call_id, None)
        if waiting is not None:
            self._queues[waiting.request.skill].remove((waiting.place, call_id))

    def _accept(self, call_id: str, name: str) -> None:
        desk = self._desks.get(name)
        if desk is None or desk.status is not _OFFERED or desk.call_id != call_id:
            return
        desk.status = _BUSY
        self._leave(call_id)

    def _hold(self, call_id: str, name: str) -> None:
        """The operator has this call already, as the journal says after a restart."""
        desk = self._desks.get(name)
        if desk is None:
            self._claims[name] = call_id
        elif desk.status in _IDLE:
            self._stand_down_if_ready(desk)
            desk.status = _BUSY
            desk.call_id = call_id

    def _refuse(self, call_id: str, refusal: RefuseOffer, at: int) -> list[Offer]:
        name = refusal.operator
        desk = self._desks.get(name)
        if desk is None or desk.status is not _OFFERED or desk.call_id != call_id:
            return []
        waiting = self._calls.get(call_id)
        if waiting is not None and waiting.offered == name:
            waiting.offered = None
            waiting.reach = self._reach(waiting, at)
        desk.pause = desk.pause or not refusal.ready
        desk.rests_until = at + refusal.rest_ms
        offers = self._idle(desk, at, keeps_place=True)
        if waiting is not None and waiting.offered is None:
            offers += self._find_or_wait(waiting)
        return offers

    # --- overflow -----------------------------------------------------------------------------

    def _set_wakes(self, waiting: _Waiting) -> None:
        overflow = self._policy.overflow[waiting.request.priority]
        waiting.has_wakes = True
        for delay in (overflow.neighbours_ms, overflow.anyone_ms):
            heappush(self._wakes, (waiting.entered + delay, waiting.place[2], waiting.call_id))

    def _wake_counts(self, wake: tuple[int, int, str]) -> bool:
        waiting = self._calls.get(wake[2])
        return waiting is not None and waiting.place[2] == wake[1] and waiting.reach is not _ANYONE

    def _reach(self, waiting: _Waiting, at: int) -> Reach:
        overflow = self._policy.overflow[waiting.request.priority]
        waited = at - waiting.entered
        if waited >= overflow.anyone_ms:
            return _ANYONE
        return _NEIGHBOURS if waited >= overflow.neighbours_ms else _HOME

    # --- matching -----------------------------------------------------------------------------

    def _distance(self, waiting: _Waiting, operator: Operator) -> int | None:
        """How far from ideal an operator is for a call, 0 being ideal; None while out of its reach.

        A foreign district weighs 2 and a neighbouring one 1; a language that he does not speak weighs 3.
        """
        request = waiting.request
        distance = 0 if request.language in operator.languages else 3
        wanted, own = request.district, operator.district
        if wanted != own and wanted is not None and own is not None:
            distance += 1 if own in self._policy.neighbours.get(wanted, ()) else 2
        if distance > waiting.reach or operator.name == request.not_operator:
            return None
        return distance

    def _find_operator(self, waiting: _Waiting) -> list[Offer]:
        """Offer a waiting call to the nearest ready operator, among equals to the longest idle."""
        if self._suspended:
            return []
        found: _Desk | None = None
        nearest = 6
        for desk in self._ready.get(waiting.request.skill, {}).values():
            distance = self._distance(waiting, desk.operator)
            if distance is not None and distance < nearest:
                found, nearest = desk, distance
                if distance == 0:
                    break
        return [] if found is None else [self._offer(waiting, found)]

    def _idle(self, desk: _Desk, at: int, *, keeps_place: bool = False) -> list[Offer]:
        """The operator has no call any more: send him home, leave him in peace, or find him the next call.

        `keeps_place` is for one who was rung in vain: he stays the longest idle.
        """
        desk.call_id = None
        desk.status = _NOT_READY
        if desk.leaving:
            del self._desks[desk.operator.name]
            return []
        if desk.pause:
            return []
        if desk.rests_until > at:
            desk.status = _RESTING
            heappush(self._rests, (desk.rests_until, desk.operator.name))
            return []
        for waiting in self._candidates(desk.operator):
            if self._distance(waiting, desk.operator) is not None:
                return [self._offer(waiting, desk)]
        desk.status = _READY
        for skill in desk.operator.skills:
            ready = self._ready.setdefault(skill, OrderedDict())
            ready[desk.operator.name] = desk
            if keeps_place:
                ready.move_to_end(desk.operator.name, last=False)
        return []

    def _end_rests(self, at: int) -> list[Offer]:
        offers = []
        while self._rests and self._rests[0][0] <= at:
            desk = self._desks.get(heappop(self._rests)[1])
            if desk is not None and desk.status is _RESTING and desk.rests_until <= at:
                offers += self._idle(desk, at, keeps_place=True)
        return offers

    def _candidates(self, operator: Operator) -> Iterator[_Waiting]:
        """The waiting calls that ask for one of the operator's skills, in order of their place."""
        if self._suspended:
            return
        queues = [queue for skill in operator.skills if (queue := self._queues.get(skill))]
        ordered = merge(*queues) if len(queues) > 1 else iter(queues[0] if queues else ())
        for _, call_id in ordered:
            waiting = self._calls[call_id]
            if waiting.offered is None:
                yield waiting

    def _offer(self, waiting: _Waiting, desk: _Desk) -> Offer:
        self._stand_down_if_ready(desk)
        desk.status = _OFFERED
        desk.call_id = waiting.call_id
        waiting.offered = desk.operator.name
        self._offers += 1
        return Offer(waiting.call_id, desk.operator.name, self._offers)

    def _stand_down_if_ready(self, desk: _Desk) -> None:
        if desk.status is _READY:
            for skill in desk.operator.skills:
                del self._ready[skill][desk.operator.name]
            desk.status = _NOT_READY
