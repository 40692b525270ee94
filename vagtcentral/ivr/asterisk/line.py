"""What there is of one call on the switch, as far as the carrier knows.

The carrier keeps it up to date while it works. After a restart it is told anew from the call's journal.
"""

from dataclasses import dataclass, field

from vagtcentral.ivr.asterisk.names import bridge_id, call_back_id, operator_id, play_id, recording_name
from vagtcentral.ivr.commands import (
    CallBack,
    Connect,
    DropOperator,
    Gather,
    HangUp,
    Hold,
    Play,
    RingOperator,
    StopPlay,
    StopRinging,
)
from vagtcentral.ivr.events import (
    NORMAL,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    Event,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
    RecordingStored,
)
from vagtcentral.ivr.journal import Turn

#: So many playbacks are remembered that may not have been stopped; each start of the program leaves one.
_STALE = 8


@dataclass(slots=True)
class OperatorLeg:
    """The channel to one operator, and whether he has taken it."""

    channel: str
    answered: bool = False


@dataclass(slots=True)
class AsteriskLine:
    """One call on the switch.

    `caller` is the channel of the caller, None while he is off the line. `ending` holds the channels that we
    hang up ourselves, so that their end is not reported as somebody's act. `there` holds what the switch has
    confirmed to have: only that can be missed. `leaving` is why the caller goes, as soon as that is known.
    `location_read`: the position in his signalling, if any, has been looked up.
    `up` says that the switch has shown the caller's channel as answered. `stale` are playbacks older than
    `playing` that may go on all the same, because the program was killed before it could stop them.
    """

    call_id: str
    caller: str | None
    caller_answered: bool = True
    playing: str | None = None
    holding: bool = False
    bridge: str | None = None
    recording: str | None = None
    operators: dict[str, OperatorLeg] = field(default_factory=dict)
    ending: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)
    leaving: str = NORMAL
    told_from_journal: bool = False
    location_read: bool = False
    up: bool = False
    stale: list[str] = field(default_factory=list)

    def take_playing(self) -> list[str]:
        """All that may be playing to the caller; it is to be stopped now."""
        playing = self.stale if self.playing is None else [*self.stale, self.playing]
        self.playing, self.stale = None, []
        return playing

    def operator_on(self, channel: str) -> str | None:
        """The operator whose channel this is."""
        return next((name for name, leg in self.operators.items() if leg.channel == channel), None)

    def channels(self) -> tuple[str, ...]:
        """Every channel of the call that is not being ended."""
        legs = [leg.channel for leg in self.operators.values()]
        return tuple(channel for channel in (self.caller, *legs) if channel and channel not in self.ending)


def line_from(turns: list[Turn]) -> AsteriskLine:
    """The line of a call as its journal leaves it; what has gone out since, or not, the switch must say.

    The instants in its ids may be off by a little: `settle` takes the switch's own ids.
    """
    line = AsteriskLine(turns[0].call_id, turns[0].call_id)
    for turn in turns:
        _happened(line, turn.event)
        for command in turn.commands:
            _commanded(line, command, turn.event.at)
    known = (line.caller, line.playing, line.recording, *(leg.channel for leg in line.operators.values()))
    line.there = {thing for thing in known if thing is not None}
    line.holding = True  # whether music plays is not worth remembering: stopping none does no harm
    line.told_from_journal = True
    return line


def _plays(line: AsteriskLine, playing: str | None) -> None:
    """Something else is to be heard; the journal does not say whether the last has been stopped."""
    if line.playing is not None:
        line.stale = [*line.stale, line.playing][-_STALE:]
    line.playing = playing


def _happened(line: AsteriskLine, event: Event) -> None:
    match event:
        case CallerHungUp() | CallerUnanswered():
            line.caller = line.playing = None
        case CallerAnswered():
            line.caller_answered = True
        case OperatorAnswered(operator=operator) if operator in line.operators:
            line.operators[operator].answered = True
        case OperatorHungUp(operator=operator) | OperatorUnanswered(operator=operator):
            line.operators.pop(operator, None)
        case PlayFinished(play=play) if line.playing == play_id(line.call_id, play):
            line.playing, line.stale = None, []
        case LocationReceived(form=LocationForm.GEOLOC):
            line.location_read = True
        case RecordingStored(name=name) if line.recording == recording_name(line.call_id, name):
            line.recording = None


def _commanded(line: AsteriskLine, command: object, at: int) -> None:
    match command:
        case Play(play=play) | Gather(play=play):
            _plays(line, play_id(line.call_id, play))
            line.bridge = None
        case StopPlay():
            _plays(line, None)
        case Hold():
            _plays(line, None)
            line.bridge = None
        case RingOperator(operator=operator):
            line.operators[operator] = OperatorLeg(operator_id(line.call_id, operator, at))
        case StopRinging(operator=operator) | DropOperator(operator=operator):
            line.operators.pop(operator, None)
        case Connect(record=record):
            _plays(line, None)
            line.bridge = line.bridge or bridge_id(line.call_id, at)
            line.recording = None if record is None else recording_name(line.call_id, record)
        case CallBack() if line.caller is None or line.caller == line.call_id:
            line.caller = call_back_id(line.call_id, at)
            line.caller_answered = False
            line.playing = line.bridge = None
        case HangUp():
            line.caller = line.playing = line.bridge = None
