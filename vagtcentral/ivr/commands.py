"""What the call machine asks for: of the carrier, of the dispatcher, of the clock, and of the record.

All commands that follow from one event form one *turn*. A turn is right for both kinds of carrier: one that
is told each step and reports each key, and one (a webhook carrier) that takes the whole turn as its answer.
For that, a turn holds at most one command that says what the caller hears next (`Play`, `Gather`, `Hold`,
`Connect`, `CallBack`, `HangUp`), it comes last of the carrier's commands, and it replaces whatever the caller
heard until then.
"""

from enum import Enum, StrEnum, auto
from typing import get_args

from vagtcentral.ivr.events import Timer
from vagtcentral.location.located import Decision, Located
from vagtcentral.menus.model import DigitTiming, Spoken
from vagtcentral.value import value


class Outcome(StrEnum):
    """How a call ended, as the record says it."""

    ANSWERED = "answered"  #: an operator talked with the caller
    CALLED_BACK = "called_back"  #: an operator talked with the caller on a kept call-back
    SELF_SERVICE = "self_service"  #: the menu gave the answer and nobody was needed
    ABANDONED_IN_MENU = "abandoned_in_menu"  #: the caller hung up before reaching a queue
    ABANDONED_IN_QUEUE = "abandoned_in_queue"  #: the caller hung up while waiting
    LOST_IN_TRANSFER = "lost_in_transfer"  #: the caller hung up while waiting for a further operator
    NO_INPUT = "no_input"  #: the menu ended the call after silence or wrong keys, as its file says
    CALL_BACK_FAILED = "call_back_failed"  #: the caller could not be reached on any call-back attempt
    FAILED = "failed"  #: the carrier lost the call before anyone could help


# --- to the carrier -----------------------------------------------------------------------------


@value
class Answer:
    """Take the call."""


@value
class Play:
    """Play prompts to their end, then report `PlayFinished`. Keys pressed meanwhile select nothing."""

    play: int
    prompts: tuple[Spoken, ...]


@value
class Gather:
    """Play prompts and take keys.

    A carrier that reports each key at once reports `DigitPressed` and `PlayFinished`; the machine times the
    keys. A carrier that times keys itself stops at `max_digits`, at `terminator` or by `timing`, and reports
    `DigitsCollected`. With `barge_in` a key stops the prompts.
    """

    play: int
    prompts: tuple[Spoken, ...]
    barge_in: bool
    timing: DigitTiming
    max_digits: int
    terminator: str | None


@value
class StopPlay:
    """Stop the prompts of the `Play` or `Gather` named: the caller barged in."""

    play: int


@value
class Hold:
    """Let the caller hear the waiting music until told otherwise."""


@value
class RingOperator:
    """Ring the operator's phone for this call."""

    operator: str


@value
class StopRinging:
    """Stop ringing the operator's phone."""

    operator: str


@value
class Connect:
    """Let caller and operator hear each other; with `record`, record both under that name.

    Names are unique within the call. Connecting who is connected already changes nothing.
    """

    operator: str
    record: str | None = None


@value
class DropOperator:
    """Hang up the operator's leg."""

    operator: str


@value
class CallBack:
    """Ring the caller's number from the control room, then report `CallerAnswered` or `CallerUnanswered`."""

    number: str


@value
class HangUp:
    """Hang up the caller's leg."""


CarrierCommand = (
    Answer
    | Play
    | Gather
    | StopPlay
    | Hold
    | RingOperator
    | StopRinging
    | Connect
    | DropOperator
    | CallBack
    | HangUp
)

# --- to the dispatcher --------------------------------------------------------------------------


@value
class Enqueue:
    """Put the call in the queue, or change what it asks for; the place is that of `since` and is kept.

    `priority` 0 goes before 1. `district` None means any. `language` is preferred, `skill` is required.
    `not_operator` is the operator who just sent the caller on.
    """

    since: int
    priority: int
    skill: str
    language: str
    district: str | None
    not_operator: str | None = None


@value
class LeaveQueue:
    """Take the call out of the queue."""


@value
class AcceptOffer:
    """The offered operator has taken the call."""

    operator: str


@value
class RefuseOffer:
    """The offer came to nothing. `ready`: the operator can be offered calls, once `rest_ms` are over."""

    operator: str
    ready: bool
    reason: str
    rest_ms: int = 0


@value
class ReleaseOperator:
    """The operator has no call of ours any more and may be offered the next one."""

    operator: str


@value
class HoldOperator:
    """The operator has this call, says the call's journal: for a dispatcher that has been started again."""

    operator: str


DispatchCommand = Enqueue | LeaveQueue | AcceptOffer | RefuseOffer | ReleaseOperator | HoldOperator

# --- to the clock -------------------------------------------------------------------------------


@value
class SetTimer:
    """Report `TimerFired` at `due`. Replaces an earlier timer of the same name."""

    timer: Timer
    due: int


@value
class CancelTimer:
    """Forget the timer."""

    timer: Timer


ClockCommand = SetTimer | CancelTimer

# --- to the record and the operator's desk ------------------------------------------------------


@value
class ShowNode:
    """The caller is now at this node of the menu, in this language."""

    menu: str
    node: str
    language: str


@value
class ShowLocation:
    """The best position known, the districts it may be in, and what was odd about the evidence.

    `evidence` has a sentence for each position that was weighed, if there are several. `radius_95_m` is what
    the position counted for when it was located, in metres, by `radius_model`, with its age in it; 0 stands
    for no position, as in journals from before there was this.
    """

    located: Located | None
    decision: Decision
    anomalies: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    radius_95_m: float = 0.0
    radius_model: str = ""
    age_s: float = 0.0


@value
class ShowDestination:
    """Where the menu (or an operator) sends the call: skill, district, and `112` on a hand-over."""

    service: str
    skill: str
    district: str | None
    node: str
    onward: str | None = None


@value
class ShowAnswer:
    """An answer of the after-call survey, or another number that the caller keyed, by its name."""

    name: str
    value: str


@value
class CloseRecord:
    """The call is over for everyone; nothing follows but late events without effect."""

    outcome: Outcome


RecordCommand = ShowNode | ShowLocation | ShowDestination | ShowAnswer | CloseRecord

Command = CarrierCommand | DispatchCommand | ClockCommand | RecordCommand


class Addressee(Enum):
    """Who carries out a command."""

    CARRIER = auto()  #: the telephone network
    DISPATCH = auto()  #: the queue of the operators
    CLOCK = auto()  #: the timers
    RECORD = auto()  #: the record and the operator's desk


#: The addressee of each class of command.
ADDRESSEE: dict[type, Addressee] = {
    **dict.fromkeys(get_args(CarrierCommand), Addressee.CARRIER),
    **dict.fromkeys(get_args(DispatchCommand), Addressee.DISPATCH),
    **dict.fromkeys(get_args(ClockCommand), Addressee.CLOCK),
    **dict.fromkeys(get_args(RecordCommand), Addressee.RECORD),
}
