"""What can happen to a call. Every event carries the instant at which it happened.

An instant (`at`) is a whole number of milliseconds since 1970-01-01 UTC, in virtual time as in real time; the
call machine has no other clock. Events are facts: a duplicate, a late one or one out of order is possible and
is answered by the machine with no commands or with a tidying-up, never with an exception.
"""

from enum import StrEnum

from vagtcentral.location.located import GeoData
from vagtcentral.value import value

#: The cause of a leg that a person has ended.
NORMAL = "normal"


class Timer(StrEnum):
    """What the call machine asks to be woken for."""

    DIGITS = "digits"  #: the nearest of the three digit timers
    RING = "ring"  #: the operator's phone has rung long enough
    COMFORT = "comfort"  #: the waiting caller is spoken to again
    CALL_BACK = "call_back"  #: a call-back that was not answered is tried again
    WRAP_UP = "wrap_up"  #: the operator's time for registering the call is over
    BETTER_FIX = "better_fix"  #: the call has been kept back for a better position long enough


@value
class CallArrived:
    """A call rings. `menu_sha256` and `atlas_sha256` say which menu and geometry were in force.

    `atlas`, `cells` and `rescue_numbers` name that geometry, and the tables by which cells and rescue numbers
    are read; journals from before there was this have none of them.
    """

    at: int
    service: str
    caller: str | None
    menu: str
    menu_sha256: str
    atlas_sha256: str
    atlas: GeoData | None = None
    cells: GeoData | None = None
    rescue_numbers: GeoData | None = None


@value
class DigitPressed:
    """The caller pressed one key, on a carrier that reports each key at once."""

    at: int
    digit: str


@value
class DigitsCollected:
    """A carrier that times keys itself reports what it collected for the `Gather` named; empty on silence."""

    at: int
    play: int
    digits: str


@value
class PlayFinished:
    """The prompts of the `Play` or `Gather` named were heard to their end."""

    at: int
    play: int


@value
class CallerHungUp:
    """The caller's leg is gone: by his own act, or because the network lost it, and then `cause` says why."""

    at: int
    cause: str = NORMAL

    @property
    def lost(self) -> bool:
        """Whether the caller did not mean to go."""
        return self.cause != NORMAL


@value
class CallerAnswered:
    """The caller took the phone when called back."""

    at: int


@value
class CallerUnanswered:
    """The caller did not take the phone when called back."""

    at: int
    reason: str = "no_answer"


@value
class OperatorOffered:
    """Dispatch offers this call to an operator who is now reserved for it. `offer` counts up per room."""

    at: int
    operator: str
    offer: int


@value
class OperatorAnswered:
    """The operator took the offered call."""

    at: int
    operator: str


@value
class OperatorUnanswered:
    """The operator declined the offered call, or the phone could not be rung.

    `out_of_reach`: his phone stopped ringing because the carrier was away, which is not his fault.
    """

    at: int
    operator: str
    reason: str = "declined"
    out_of_reach: bool = False


@value
class OperatorHungUp:
    """The operator's leg is gone."""

    at: int
    operator: str


@value
class TransferRequested:
    """The talking operator sends the caller on to another skill, optionally of a given district.

    `reason` is why, as `wrong_district`, `wrong_group` or `emergency`.
    """

    at: int
    operator: str
    skill: str
    district: str | None = None
    reason: str | None = None


@value
class CallerHeld:
    """The talking operator lets the caller wait for a moment; he stays the caller's operator."""

    at: int
    operator: str


@value
class CallerRetrieved:
    """The operator talks again with the caller whom he let wait."""

    at: int
    operator: str


@value
class Registered:
    """The operator has registered the enquiry: code, named fields, free text. His latest one counts."""

    at: int
    operator: str
    code: str
    fields: tuple[tuple[str, str], ...] = ()
    text: str = ""


@value
class WronglyRouted:
    """The operator says that the call should not have come to him; `wrongly` False takes it back."""

    at: int
    operator: str
    wrongly: bool = True


@value
class WrapUpFinished:
    """The operator has registered the call and is done with it. `note` is the registered reason."""

    at: int
    operator: str
    note: str | None = None


class LocationForm(StrEnum):
    """In which form a location message arrived."""

    AML_SMS = "aml_sms"  #: a short message of Advanced Mobile Location: its text, or its octets written out
    AML_HTTPS = "aml_https"  #: form-encoded body of the AML HTTPS transport
    GEOLOC = "geoloc"  #: the switch's words for a position that came in the call's signalling (PIDF-LO)
    PIDF = "pidf"  #: a PIDF-LO document (RFC 4119)
    MLP = "mlp"  #: an answer of the network's location server (OMA MLP, `eme_lia`)
    CELL = "cell"  #: the serving cell `[RADIO-]MCC-MNC-AREA-CELL`, with `,TIMING-ADVANCE` or without
    CELL_CIRCLE = "cell_circle"  #: the network's circle around the serving cell: `lat,lon,radius_m`
    GAD = "gad"  #: an area description of the network (3GPP TS 23.032), its octets in hexadecimal
    POSTCODE = "postcode"  #: a postcode that the caller told
    SQUARE = "square"  #: a square of the Danish grid that the caller told: its digits or its name
    RESCUE = "rescue"  #: a rescue number that the caller told, as written or as keyed


@value
class LocationReceived:
    """A location message for this call arrived; `content` is the raw message, kept as it came."""

    at: int
    form: LocationForm
    content: str


@value
class TimerFired:
    """A timer set by `SetTimer` ran out. `due` is the instant it was set for: a stale one is ignored."""

    at: int
    timer: Timer
    due: int


@value
class RecordingStored:
    """The carrier has stored a recording of both parties: its name as in `Connect`, where, and how long."""

    at: int
    name: str
    path: str
    seconds: float


@value
class CarrierGap:
    """The carrier was out of reach for `lost_ms` and may have missed keys; it settles the legs by itself."""

    at: int
    lost_ms: int


@value
class Resumed:
    """The controller has been started again and the call rebuilt from its journal.

    The dispatcher and the timers know nothing of it yet, and the commands of its last turn may not have gone
    out.
    """

    at: int


@value
class CommandFailed:
    """The carrier could not carry out a command for this call; `command` is its class name in snake case.

    `out_of_reach`: the carrier itself did not answer, so that it would have failed for anybody.
    """

    at: int
    command: str
    reason: str
    out_of_reach: bool = False


Event = (
    CallArrived
    | DigitPressed
    | DigitsCollected
    | PlayFinished
    | CallerHungUp
    | CallerAnswered
    | CallerUnanswered
    | OperatorOffered
    | OperatorAnswered
    | OperatorUnanswered
    | OperatorHungUp
    | TransferRequested
    | CallerHeld
    | CallerRetrieved
    | Registered
    | WronglyRouted
    | WrapUpFinished
    | LocationReceived
    | TimerFired
    | RecordingStored
    | CarrierGap
    | Resumed
    | CommandFailed
)
