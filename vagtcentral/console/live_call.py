"""One call as it is now, folded from its turns: what the record does not say, because it passes."""

from dataclasses import dataclass, field

from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import (
    CallBack,
    CancelTimer,
    CloseRecord,
    Connect,
    DropOperator,
    Enqueue,
    Gather,
    HangUp,
    Play,
    SetTimer,
    ShowLocation,
    ShowNode,
)
from vagtcentral.ivr.events import CallerHeld, Registered, Timer
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase
from vagtcentral.location.located import Decision, Located

#: With these the caller hears something else than the music to which an operator left him.
_ENDS_HOLD = (Connect, DropOperator, Enqueue, Play, Gather, CallBack, HangUp, CloseRecord)


@dataclass(frozen=True, slots=True)
class Fix:
    """What was known of where the caller is at the instant `at`."""

    at: int
    located: Located | None
    decision: Decision
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Talk:
    """An operator's conversation with the caller, with the time on hold; `ended` is None while it goes on."""

    began: int
    ended: int | None = None

    def length(self, now: int) -> int:
        """How long it was, or has been so far, in ms."""
        return (now if self.ended is None else self.ended) - self.began


@dataclass(slots=True)
class LiveCall:
    """One call as it is now. `fixes` are oldest first; `path` has the menu nodes with the instant of each.

    `talks` has the latest conversation of each operator.
    `registered` has what each operator registered last, though the record keeps one of them only.
    `due` has the instants at which what is timed now runs out: ringing at a desk, the time to register.
    """

    record: CallRecord
    phase: Phase = Phase.NEW
    fixes: list[Fix] = field(default_factory=list)
    path: list[tuple[int, str, str]] = field(default_factory=list)
    due: dict[Timer, int] = field(default_factory=dict)
    registered: dict[str, Registered] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    held: bool = False
    emergency: bool = False
    changed_at: int = 0

    @property
    def call_id(self) -> str:
        """The call's id."""
        return self.record.call_id

    @property
    def waiting(self) -> bool:
        """Whether the call stands in a queue."""
        return self.record.waiting_since is not None

    def take(self, turn: Turn) -> None:
        """Take in the next turn of this call."""
        had = self.record.operators
        self.record.apply(turn)
        self.changed_at = turn.event.at
        if isinstance(turn.event, CallerHeld) and turn.commands:
            self.held = True
        if isinstance(turn.event, Registered):
            self.registered[turn.event.operator] = turn.event
        for command in turn.commands:
            if isinstance(command, _ENDS_HOLD):
                self.held = False
            match command:
                case ShowLocation():
                    fix = Fix(turn.event.at, command.located, command.decision, command.evidence)
                    self.fixes.append(fix)
                case ShowNode(menu=menu, node=node):
                    self.path.append((turn.event.at, menu, node))
                case SetTimer(timer=timer, due=due):
                    self.due[timer] = due
                case CancelTimer(timer=timer):
                    self.due.pop(timer, None)
        self._time_talk(turn.event.at, had)
        record = self.record
        self.emergency = record.service == "112" or (record.destination or "").startswith("112/")

    def _time_talk(self, at: int, had: tuple[str, ...]) -> None:
        """Begin or end the conversation of who has the call; `had` are the operators before this turn."""
        record = self.record
        if len(record.operators) > len(had):
            self.talks[record.operators[-1]] = Talk(at)
        elif len(record.operators) < len(had):
            self.talks.pop(had[-1], None)  # a connection that failed was none
        talk = self.talks.get(record.operator or "")
        if talk is not None and talk.ended is None and record.talking_since is None and not self.held:
            talk.ended = at
