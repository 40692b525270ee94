"""What the carrier knows of one call on the switch: its channels, what the caller hears, its bridge."""

from dataclasses import dataclass, field

from vagtcentral.ivr.asterisk.ari_model import ChannelState
from vagtcentral.ivr.asterisk.ari_resync import Snapshot
from vagtcentral.ivr.asterisk.names import BRIDGE, CALL_BACK, CALLER, OPERATOR, PLAY, read_id


@dataclass(slots=True)
class OperatorLeg:
    """The channel to one operator, and whether he has taken it."""

    channel: str
    answered: bool = False


@dataclass(slots=True)
class AsteriskLine:
    """One call on the switch.

    `caller` is the channel of the caller, None while he is off the line. `ending` holds the channels that we
    hang up ourselves, so that their end is not reported as somebody's act.
    """

    call_id: str
    caller: str | None
    caller_answered: bool = True
    playing: str | None = None
    holding: bool = False
    bridge: str | None = None
    operators: dict[str, OperatorLeg] = field(default_factory=dict)
    ending: set[str] = field(default_factory=set)

    def operator_on(self, channel: str) -> str | None:
        """The operator whose channel this is."""
        return next((name for name, leg in self.operators.items() if leg.channel == channel), None)

    def channels(self) -> tuple[str, ...]:
        """Every channel of the call that is not being ended."""
        legs = [leg.channel for leg in self.operators.values()]
        return tuple(channel for channel in (self.caller, *legs) if channel and channel not in self.ending)


def found_lines(snapshot: Snapshot) -> dict[str, AsteriskLine]:
    """The calls that the switch has of ours, put together from the ids of what is there."""
    lines: dict[str, AsteriskLine] = {}

    def line(call_id: str) -> AsteriskLine:
        return lines.setdefault(call_id, AsteriskLine(call_id, None))

    for channel_id, channel in snapshot.channels.items():
        if channel_id not in snapshot.ours and channel.app != "Stasis":
            continue
        leg = read_id(channel_id)
        answered = channel.state is ChannelState.UP
        if leg.kind in (CALLER, CALL_BACK):
            line(leg.call_id).caller = channel_id
            line(leg.call_id).caller_answered = answered or leg.kind == CALLER
        elif leg.kind == OPERATOR:
            line(leg.call_id).operators[leg.detail] = OperatorLeg(channel_id, answered)
    for bridge_id in snapshot.bridges:
        leg = read_id(bridge_id)
        if leg.kind == BRIDGE and leg.call_id in lines:
            lines[leg.call_id].bridge = bridge_id
    for playback_id in snapshot.playbacks:
        leg = read_id(playback_id)
        if leg.kind == PLAY and leg.call_id in lines:
            lines[leg.call_id].playing = playback_id
    return lines
