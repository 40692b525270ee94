"""The floor of the control room as the desks see it: live calls, operators, and what an operator may do.

Pages and API stand on this; it knows nothing of either. What it shows follows from the turns of the calls and
from the dispatcher, so that two desks never see two truths; races are decided here, by who comes first.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vagtcentral.console.live_call import Fix, LiveCall
from vagtcentral.console.registration import Written
from vagtcentral.console.trunk import Trunk
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.commands import RefuseOffer
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.dispatch import Operator, Status
from vagtcentral.ivr.events import (
    CallerHeld,
    CallerRetrieved,
    Event,
    Registered,
    TransferRequested,
    WrapUpFinished,
    WronglyRouted,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase

__all__ = ["REASONS", "Desk", "Doing", "Fix", "Floor", "LiveCall", "NotNowError"]

log = logging.getLogger(__name__)

#: What was last known of calls that have closed is kept for so many of them.
CLOSED_CALLS = 200

#: Who listens is told of changes together, this long after the first of them, in milliseconds.
SETTLE_MS = 20

#: Why an operator can be not ready, as he chooses it.
REASONS = ("break", "meeting", "training", "paperwork")

#: The skill with which a call becomes an emergency, dialled on whatever number.
EMERGENCY = "emergency"


class NotNowError(Exception):
    """What an operator asked for cannot be done now; `reason` is a key of the words, `by` who came first."""

    def __init__(self, reason: str, by: str | None = None) -> None:
        self.reason = reason
        self.by = by
        super().__init__(reason if by is None else f"{reason}: {by}")


class Doing(StrEnum):
    """What an operator is doing, as everybody on the floor sees it."""

    AWAY = "away"  #: not signed in
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"  #: a call is offered to him
    TALKING = "talking"
    HOLDING = "holding"  #: the caller waits for a moment
    WRAP_UP = "wrap_up"  #: the caller is gone, the registration is not done


@dataclass(slots=True)
class Desk:
    """One operator as the floor sees him. `since` is when `doing` began; `reason` is why he is not ready.

    `drafts` has by call what he has typed and not saved: pages come and go, and show the same.
    """

    operator: Operator
    doing: Doing = Doing.AWAY
    since: int = 0
    reason: str | None = None
    call_id: str | None = None
    sat_down_at: int | None = None  #: since when the shift at the page runs, or when the last one began
    on_shift: bool = False  #: he has sat down and not said that he goes home, whatever pages come and go
    at_page: bool = False  #: somebody sits at the page of this desk; else a colleague whom nobody sees
    drafts: dict[str, Written] = field(default_factory=dict)


class Floor:
    """Everything live, and what operators do. Who listens is told that something has changed, not what."""

    def __init__(self, controller: Controller, trunk: Trunk, clock: Clock, staff: Sequence[Operator]) -> None:
        self._controller = controller
        self._trunk = trunk
        self._clock = clock
        self.calls: dict[str, LiveCall] = {}  # live ones, and the latest that have closed
        self.desks: dict[str, Desk] = {operator.name: Desk(operator) for operator in staff}
        self.skills = frozenset(skill for operator in staff for skill in operator.skills)
        self._listeners: list[Callable[[], None]] = []
        self._moved: set[str] = set()  # calls with turns that nobody has been told of
        self._settling = False
        self._opened = True
        self._at_opening: set[str] = set()  # operators who are ready as soon as the floor is open
        controller.watchers.append(self._watch)

    # --- listening ----------------------------------------------------------------------------

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of every change, at once and often: do little. Returns what ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def restore(self, turns: Sequence[Turn]) -> None:
        """Take up a call from its journal; until `open` nobody is offered another one."""
        self._opened = False
        for turn in turns:
            self._fold(turn)

    def open(self) -> None:
        """The restored calls have gone on: who holds one is known, and the others can be offered calls."""
        self._opened = True
        ready, self._at_opening = self._at_opening, set()
        for operator in sorted(ready):
            self._controller.ready(operator)
        self._changed()

    def waiting(self) -> list[LiveCall]:
        """The calls in the queue, the next one first."""
        order = self._controller.room.dispatch.waiting()
        return [self.calls[call_id] for call_id in order if call_id in self.calls]

    def live(self) -> list[LiveCall]:
        """Every call whose record is not closed, oldest first."""
        return [call for call in self.calls.values() if call.record.ended_at is None]

    def call_of(self, operator: str) -> LiveCall | None:
        """The call that an operator is offered, talks on, or registers."""
        held = self._controller.room.dispatch.held_by(operator)
        return None if held is None else self.calls.get(held)

    def doing(self, operator: str) -> Doing:
        """What an operator does in this moment; `Desk.doing` is as the listeners were last told."""
        desk = self.desks[operator]
        self._look_at(desk)
        return desk.doing

    # --- what operators do --------------------------------------------------------------------

    def sign_in(
        self, operator: str, *, ready: bool = False, at_page: bool = True, reason: str = "signed_in"
    ) -> None:
        """An operator comes to work; not ready, unless said otherwise. `KeyError` for one who is not staff.

        Who sits down at the page takes over the desk from a colleague, with the call that it may hold.
        """
        desk = self.desks[operator]
        sits_down = at_page and not (desk.at_page and desk.on_shift)
        if sits_down or self._status(operator) is None:
            desk.reason = None if ready else reason
            self._controller.sign_in(desk.operator, ready=ready and self._opened)
            if ready:
                self._make_ready(operator)
        if at_page and not desk.on_shift:
            desk.on_shift = True
            desk.sat_down_at = self._clock.now()
        desk.at_page = at_page
        self._changed()

    def open_page(self, operator: str, *, ready: bool = False, reason: str = "signed_in") -> None:
        """Somebody opens the page of the desk: he comes to work, as with `sign_in`.

        Who has ended his shift and holds a call still comes to finish it, and goes home then all the same.
        """
        if not self._controller.room.dispatch.leaving(operator):
            self.sign_in(operator, ready=ready, reason=reason)
            return
        self.desks[operator].at_page = True
        self._changed()

    def sign_out(self, operator: str) -> None:
        """An operator ends his shift and goes home, after the call that he holds."""
        self._at_opening.discard(operator)
        self._controller.sign_out(operator)
        self.desks[operator].reason = None
        self.desks[operator].on_shift = False
        self._changed()

    def leave(self, operator: str, reason: str, *, for_good: bool = False) -> None:
        """Nobody sits at the page any more: no further calls, and one that rings there goes to another.

        The shift goes on, unless he has left `for_good`.
        """
        desk = self.desks[operator]
        desk.on_shift = desk.on_shift and not for_good
        if not desk.at_page:
            return
        desk.at_page = False
        desk.reason = None if self._status(operator) is None else reason
        self._at_opening.discard(operator)
        self._controller.not_ready(operator)
        self._look_at(desk)
        if desk.doing is Doing.RINGING and desk.call_id is not None and self._trunk.rings_in_page:
            self._trunk.put_down(desk.call_id, operator)
        self._changed()

    def ready(self, operator: str) -> None:
        """An operator takes calls; `NotNowError("not_at_desk")` for one who is not at work."""
        self._demand_at_work(operator)
        self.desks[operator].reason = None
        self._make_ready(operator)
        self._changed()

    def not_ready(self, operator: str, reason: str) -> None:
        """An operator takes no further calls, for one of `REASONS`; one that he holds goes on.

        `NotNowError("not_at_desk")` for one who is not at work, `ValueError` for another reason.
        """
        if reason not in REASONS:
            raise ValueError(f"reason {reason!r}: allowed are {', '.join(REASONS)}")
        self._demand_at_work(operator)
        self.desks[operator].reason = reason
        self._at_opening.discard(operator)
        self._controller.not_ready(operator)
        self._changed()

    def claim(self, operator: str, call_id: str) -> None:
        """An operator takes a waiting call out of turn: it is then offered to him and rings at his desk.

        Asked again for a call that he has, nothing more happens.
        """
        if self._controller.claim(operator, call_id):
            self._changed()
            return
        if self._controller.room.dispatch.held_by(operator) == call_id:
            return
        by = self._controller.room.dispatch.offered_to(call_id)
        call = self.calls.get(call_id)
        if by is not None:
            raise NotNowError("call_is_offered", by)
        if call is None or not call.waiting:
            raise NotNowError("call_is_taken", None if call is None else call.record.operator)
        raise NotNowError("claim_not_possible")

    def answer(self, operator: str) -> None:
        """Take the call that rings; `NotNowError("take_phone")` where that is done on the telephone."""
        call = self._demand(operator, Doing.RINGING)
        if not self._trunk.pick_up(call.call_id, operator):
            raise NotNowError("take_phone")

    def decline(self, operator: str) -> None:
        """Let the ringing call go to another; the operator is then not ready."""
        call = self._demand(operator, Doing.RINGING)
        self.desks[operator].reason = "declined"
        self._trunk.put_down(call.call_id, operator)

    def hold(self, operator: str) -> None:
        """Let the caller wait for a moment."""
        call = self._demand(operator, Doing.TALKING)
        self._report(call, CallerHeld(self._clock.now(), operator))

    def retrieve(self, operator: str) -> None:
        """Talk with the caller again."""
        call = self._demand(operator, Doing.HOLDING)
        self._report(call, CallerRetrieved(self._clock.now(), operator))

    def transfer(self, operator: str, skill: str, district: str | None, reason: str) -> None:
        """Send the caller on; with the skill for emergencies he is handed over to 112.

        Refused, so that the caller stays where he is, when an emergency is handed over once more, and when
        nobody else at work could ever take him.
        """
        call = self._demand(operator, Doing.TALKING, Doing.HOLDING)
        if call.emergency and skill == EMERGENCY and reason == EMERGENCY:
            raise NotNowError("is_emergency")
        others = (one for one in self._controller.room.dispatch.signed_in() if one.name != operator)
        if not any(skill in other.skills for other in others):
            raise NotNowError("nobody_else")
        self._report(call, TransferRequested(self._clock.now(), operator, skill, district, reason))

    def hang_up(self, operator: str) -> None:
        """End the conversation."""
        call = self._demand(operator, Doing.TALKING, Doing.HOLDING)
        self._trunk.put_down(call.call_id, operator)

    def register(
        self,
        operator: str,
        code: str,
        fields: Sequence[tuple[str, str]] = (),
        text: str = "",
        *,
        call_id: str | None = None,
    ) -> None:
        """Register the enquiry, while talking or after; may be done again.

        `call_id` names a call that he had before the one at hand: what was written may come late.
        """
        if call_id is None:
            call = self._demand(operator, Doing.TALKING, Doing.HOLDING, Doing.WRAP_UP)
        else:
            call = self._had(operator, call_id)
        said = Registered(self._clock.now(), operator, code, tuple(fields), text)
        call.registered[operator] = said  # at once, and for good: no turn tells of one after the close
        self._report(call, said)

    def wrongly_routed(self, operator: str, wrongly: bool) -> None:
        """Say that the call should not have come here, or take that back."""
        call = self._demand(operator, Doing.TALKING, Doing.HOLDING, Doing.WRAP_UP)
        self._report(call, WronglyRouted(self._clock.now(), operator, wrongly))

    def finish(self, operator: str) -> None:
        """The call is registered: the operator is free for the next one."""
        call = self._demand(operator, Doing.WRAP_UP)
        self._report(call, WrapUpFinished(self._clock.now(), operator))

    # --- following the calls ------------------------------------------------------------------

    def _status(self, operator: str) -> Status | None:
        return self._controller.room.dispatch.status(operator)

    def _make_ready(self, operator: str) -> None:
        if self._opened:
            self._controller.ready(operator)
        else:
            self._at_opening.add(operator)

    def _demand_at_work(self, operator: str) -> None:
        if self._status(operator) is None:
            raise NotNowError("not_at_desk")

    def _demand(self, operator: str, *doing: Doing) -> LiveCall:
        call = self.call_of(operator)
        if self.doing(operator) not in doing or call is None:
            raise NotNowError("no_such_call_now")
        return call

    def _had(self, operator: str, call_id: str) -> LiveCall:
        call = self.calls.get(call_id)
        if call is None or operator not in call.record.operators:
            raise NotNowError("no_such_call_now")
        return call

    def _report(self, call: LiveCall, event: Event) -> None:
        self._controller.report(call.call_id, event)

    def _watch(self, turn: Turn) -> None:
        self._fold(turn)
        for command in turn.commands:
            if isinstance(command, RefuseOffer) and not command.ready and command.operator in self.desks:
                self._passed_over(self.desks[command.operator], command.reason)
        # The dispatcher hears of this turn's commands only after its watchers have: look at it then.
        if not self._settling:
            self._settling = True
            self._clock.call_at(self._clock.now() + SETTLE_MS, self._changed)

    def _passed_over(self, desk: Desk, why: str) -> None:
        """Rung in vain, he is not ready from now on, and is told why."""
        if desk.reason is None:
            desk.reason = "declined" if why == "declined" else "unanswered"

    def _fold(self, turn: Turn) -> None:
        call = self.calls.get(turn.call_id)
        if call is None:
            if turn.seq > 1:
                return  # something late of a call that is over, and forgotten here
            call = self.calls[turn.call_id] = LiveCall(CallRecord(turn.call_id))
            self._forget_closed()
        call.take(turn)
        self._moved.add(turn.call_id)

    def _forget_closed(self) -> None:
        typed = {call_id for desk in self.desks.values() for call_id in desk.drafts}
        closed = [
            call_id
            for call_id, call in self.calls.items()
            if call.record.ended_at is not None and call_id not in typed
        ]
        for call_id in closed[:-CLOSED_CALLS]:
            del self.calls[call_id]

    def _changed(self) -> None:
        self._settling = False
        moved, self._moved = self._moved, set()
        for call_id in moved:
            live = self._controller.room.call(call_id)
            if live is not None and call_id in self.calls:
                self.calls[call_id].phase = live.phase
        for desk in self.desks.values():
            self._look_at(desk)
        for listener in list(self._listeners):
            try:
                listener()
            except Exception:
                log.exception("a listener of the floor failed")

    def _look_at(self, desk: Desk) -> None:
        dispatch = self._controller.room.dispatch
        name = desk.operator.name
        desk.call_id = dispatch.held_by(name)
        doing = self._doing(dispatch.status(name), desk)
        if doing is not desk.doing:
            desk.doing = doing
            desk.since = self._clock.now()

    def _doing(self, status: Status | None, desk: Desk) -> Doing:
        match status:
            case None:
                return Doing.AWAY
            case Status.NOT_READY:
                return Doing.NOT_READY
            case Status.OFFERED:
                return Doing.RINGING
            case Status.BUSY:
                return self._doing_with_call(desk)
        return Doing.READY

    def _doing_with_call(self, desk: Desk) -> Doing:
        call = self.calls.get(desk.call_id or "")
        if call is None or call.record.operator != desk.operator.name or call.record.left_at is not None:
            return Doing.WRAP_UP
        if call.held:
            return Doing.HOLDING
        talking = call.record.talking_since is not None or call.phase is Phase.CALLED
        return Doing.TALKING if talking else Doing.WRAP_UP
