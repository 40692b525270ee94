"""The call: a pure state machine from ring to closed record. Events in, commands out.

`Call.handle` is the whole interface. Nothing here sleeps, reads a clock or draws a number; the same events
give the same commands, which is what replay, crash recovery and the simulator stand on. Events may be
duplicate, late or out of order: what no longer applies is answered with nothing, or with the tidying-up it
needs. `course.py` has what happens while all goes well.
"""

from collections.abc import Callable
from typing import Any

from vagtcentral.ivr.commands import (
    Answer,
    CallBack,
    CloseRecord,
    Command,
    Connect,
    DropOperator,
    Outcome,
    RefuseOffer,
)
from vagtcentral.ivr.course import QUEUED, Course
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHeld,
    CallerHungUp,
    CallerRetrieved,
    CallerUnanswered,
    CarrierGap,
    CommandFailed,
    DigitPressed,
    DigitsCollected,
    Event,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorOffered,
    OperatorUnanswered,
    PlayFinished,
    RecordingStored,
    Registered,
    Resumed,
    Timer,
    TimerFired,
    TransferRequested,
    WrapUpFinished,
    WronglyRouted,
)
from vagtcentral.ivr.phase import Phase
from vagtcentral.menus.model import Inform

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_NEW, _MENU, _WAITING, _TALKING, _SURVEY, _CLOSING, _AWAY, _CALLED, _GONE = Phase
_DIGITS, _RING, _COMFORT, _CALL_BACK, _WRAP_UP, _BETTER_FIX = Timer


class Call(Course):
    """One call. `closed` turns true with `CloseRecord`; after that only late offers are refused."""

    __slots__ = ()

    def handle(self, event: Event) -> tuple[Command, ...]:
        """Take one event and say everything that follows from it. Never raises on any order of events."""
        if self.closed or (self._phase is _NEW and not isinstance(event, CallArrived)):
            self._refuse_late(event)
        else:
            _HANDLERS[type(event)](self, event)
            if self._phase is _GONE and self._legs.empty():
                return self._close()
        return self._line.end_turn()

    def _close(self) -> tuple[Command, ...]:
        """Nobody is left on any line: the record closes as the very last thing."""
        self.closed = True
        self._line.cancel_all()
        return (*self._line.end_turn(), CloseRecord(self._outcome or Outcome.FAILED))

    # --- what goes wrong ----------------------------------------------------------------------

    def _carrier_gap(self, event: CarrierGap) -> None:
        """Keys may have been lost: whoever was keying is asked again."""
        if self._phase in (_MENU, _SURVEY) and self._line.gathering is not None:
            self._ask_anew(event.at)

    def _ask_anew(self, at: int) -> None:
        if self._greeting:
            self._greet(at)
        else:
            self._follow(self._walk.again(), at)

    def _resumed(self, event: Resumed) -> None:
        """Say again what holds, to a dispatcher, a clock and a carrier that may not know it."""
        call_back_due, fix_due = self._line.due(_CALL_BACK), self._line.due(_BETTER_FIX)
        self._line.resume()
        self._legs.resume()
        match self._phase:
            case Phase.MENU | Phase.SURVEY:
                self._line.add(Answer())
                self._ask_anew(event.at)
            case Phase.WAITING:
                self._line.add(Answer())  # a menu may begin with its queue
                if fix_due is None:
                    self._enqueue(event.at)
                else:
                    self._line.set(_BETTER_FIX, fix_due)
                self._waiting.go_on(event.at)
            case Phase.CLOSING:
                self._enqueue(event.at)
                self._promise_call_back(self._promise, event.at)
            case Phase.AWAY:
                self._line.hang_up()
                if call_back_due is None:
                    self._enqueue(event.at)
                else:
                    self._line.set(_CALL_BACK, call_back_due)
            case Phase.TALKING:
                assert self._legs.talking is not None
                if self._held:
                    self._line.hold()
                else:
                    self._line.hear(Connect(self._legs.talking, self._record_name()))
            case Phase.CALLED:
                assert self._caller is not None
                self._line.hear(CallBack(self._caller))
            case Phase.GONE:
                self._line.hang_up()

    def _command_failed(self, event: CommandFailed) -> None:
        """Go on as if the thing that failed were over; a caller is never left in silence for it."""
        match event.command:
            case "play" | "gather" if self._line.playing is not None:
                self._prompt_unheard(event.at, self._line.playing)
            case "ring_operator" if self._legs.ringing is not None:
                self._legs.pass_over(event.reason, blameless=event.out_of_reach)
            case "call_back":
                self._caller_unanswered(CallerUnanswered(event.at, event.reason))
            case "connect" if self._phase is _TALKING:
                self._outcome = self._before_connect  # nobody has talked with anybody
                self._legs.rest(event.at)
                self._wait(None, event.at)
            case "answer":
                self._lose_caller()

    def _prompt_unheard(self, at: int, play: int) -> None:
        """Go on as if it had been heard; but what a caller came to hear and could not, a person tells him."""
        greeting = self._greeting
        if self._phase is _MENU and not greeting and self._hears_the_answer():
            self._line.playing = None
            self._leave_walk(None, at)
            return
        self._play_finished(PlayFinished(at, play))
        self._announced = self._announced and not greeting

    def _hears_the_answer(self) -> bool:
        node = self._walk.menu.nodes[self._walk.node]
        return isinstance(node, Inform) and node.solved

    def _lose_caller(self) -> None:
        """The call could not be taken: whatever has begun for the caller ends."""
        if self._phase in (_TALKING, _CALLED):
            self._legs.let_go()
        if self._phase in QUEUED:
            self._leave_queue()
        self._outcome = self._outcome or Outcome.FAILED
        self._line.cancel(_DIGITS)
        self._hang_up_caller()

    def _refuse_late(self, event: Event) -> None:
        """After the end, or before the beginning, no operator may be left reserved or on a line."""
        match event:
            case OperatorOffered(operator=operator):
                self._line.add(RefuseOffer(operator, True, "call is over"))
            case OperatorAnswered(operator=operator):
                self._line.add(DropOperator(operator))


_HANDLERS: dict[type[Any], Callable[[Call, Any], None]] = {
    CallArrived: Call._call_arrived,
    DigitPressed: Call._digit_pressed,
    DigitsCollected: Call._digits_collected,
    PlayFinished: Call._play_finished,
    CallerHungUp: Call._caller_hung_up,
    CallerAnswered: Call._caller_answered,
    CallerUnanswered: Call._caller_unanswered,
    OperatorOffered: Call._operator_offered,
    OperatorAnswered: Call._operator_answered,
    OperatorUnanswered: Call._operator_unanswered,
    OperatorHungUp: Call._operator_hung_up,
    TransferRequested: Call._transfer_requested,
    WrapUpFinished: Call._wrap_up_finished,
    LocationReceived: Call._location_received,
    TimerFired: Call._timer_fired,
    CallerHeld: Call._caller_held,
    CallerRetrieved: Call._caller_retrieved,
    Registered: Call._nothing,
    WronglyRouted: Call._nothing,
    RecordingStored: Call._nothing,
    CarrierGap: Call._carrier_gap,
    Resumed: Call._resumed,
    CommandFailed: Call._command_failed,
}
