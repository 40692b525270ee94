"""What became of the calls while nobody was told: the carrier's lines compared with what the switch has.

Pure: lines and a snapshot in, events and errands out. The lines are put right on the way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vagtcentral.ivr.asterisk.ari_model import Channel, ChannelState
from vagtcentral.ivr.asterisk.ari_resync import Asked, Snapshot
from vagtcentral.ivr.asterisk.line import AsteriskLine
from vagtcentral.ivr.asterisk.names import BRIDGE, CALL_BACK, CALLER, OPERATOR, Leg, read_id
from vagtcentral.ivr.events import (
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    Event,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
)

#: Why the leg of a caller ended whose end nobody saw; he may have meant it.
UNSEEN = "ended while the switch was out of reach"


@dataclass(slots=True)
class Settlement:
    """What follows from a snapshot.

    `events` are for calls that are known. `arrivals` are callers whom no line is for: new calls, or left over
    from calls that are closed. `channels` and `bridges` belong to nobody. `recordings` ended unseen, by call.
    """

    events: list[tuple[str, Event]] = field(default_factory=list)
    arrivals: list[Channel] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    bridges: list[str] = field(default_factory=list)
    recordings: list[tuple[str, str]] = field(default_factory=list)


def confirmed(lines: Mapping[str, AsteriskLine]) -> frozenset[str]:
    """All that the switch is known to have had; to be taken before the snapshot is."""
    return frozenset(thing for line in lines.values() for thing in line.there)


def asked(lines: Iterable[AsteriskLine]) -> Asked:
    """The playbacks and recordings that lines wait for."""
    waiting = list(lines)
    return Asked(
        playbacks=tuple(line.playing for line in waiting if line.playing is not None),
        recordings=tuple(line.recording for line in waiting if line.recording is not None),
    )


def settle(
    lines: Mapping[str, AsteriskLine], snapshot: Snapshot, certain: frozenset[str], now: int
) -> Settlement:
    """Put the lines right, and say what each call must be told.

    `certain` is `confirmed` from before the snapshot: what is not among it may have been made since.
    """
    result = Settlement()
    ours = {channel: read_id(channel) for channel in snapshot.channels if channel in snapshot.ours}
    bridges = {bridge: leg for bridge in snapshot.bridges if (leg := read_id(bridge)).kind == BRIDGE}
    for line in list(lines.values()):
        if line.told_from_journal:
            certain |= line.there
            _take_names(line, ours, bridges)
        result.events += [(line.call_id, event) for event in _caller(line, snapshot, certain, now)]
        result.events += [(line.call_id, event) for event in _operators(line, snapshot, certain, now)]
        if line.recording in certain and line.recording not in snapshot.recordings:
            assert line.recording is not None
            result.recordings.append((line.call_id, line.recording))
            line.recording = None
        line.told_from_journal = False
    _leftovers(lines, snapshot, ours, bridges, result)
    return result


def _take_names(line: AsteriskLine, ours: Mapping[str, Leg], bridges: Mapping[str, Leg]) -> None:
    """Take the switch's own ids for what the journal says that there is: the newest of each kind."""
    if line.caller is not None and read_id(line.caller).kind == CALL_BACK:
        line.caller = _newest(line.call_id, CALL_BACK, "", ours) or line.caller
    for operator, leg in line.operators.items():
        leg.channel = _newest(line.call_id, OPERATOR, operator, ours) or leg.channel
    if line.bridge is not None:
        line.bridge = _newest(line.call_id, BRIDGE, "", bridges)


def _newest(call_id: str, kind: str, detail: str, ids: Mapping[str, Leg]) -> str | None:
    fitting = [
        (leg.number, name)
        for name, leg in ids.items()
        if (leg.call_id, leg.kind, leg.detail) == (call_id, kind, detail)
    ]
    return max(fitting)[1] if fitting else None


def _caller(line: AsteriskLine, snapshot: Snapshot, certain: frozenset[str], now: int) -> list[Event]:
    """What the caller did: left, took the phone, or heard the prompt to its end."""
    caller = line.caller
    if caller is None:
        return []
    channel = snapshot.channels.get(caller)
    if channel is None or caller not in snapshot.ours:
        if caller not in certain:
            return []
        line.caller = line.playing = None
        line.holding = False
        if line.caller_answered:
            return [CallerHungUp(now, UNSEEN)]
        # A call from the journal has its call-back placed again: nobody has failed to answer.
        return [] if line.told_from_journal else [CallerUnanswered(now, UNSEEN)]
    events: list[Event] = []
    line.up = channel.state is ChannelState.UP
    if not line.caller_answered and line.up:
        line.caller_answered = True
        events.append(CallerAnswered(now))
    playing = line.playing
    if playing is not None and playing in certain and playing not in snapshot.playbacks:
        line.playing = None
        events.append(PlayFinished(now, read_id(playing).number))
    return events


def _operators(line: AsteriskLine, snapshot: Snapshot, certain: frozenset[str], now: int) -> list[Event]:
    """What operators did: took the phone, or hung up."""
    events: list[Event] = []
    for operator, leg in list(line.operators.items()):
        channel = snapshot.channels.get(leg.channel)
        if channel is not None:
            if not leg.answered and channel.state is ChannelState.UP:
                leg.answered = True
                events.append(OperatorAnswered(now, operator))
        elif leg.channel in certain:
            del line.operators[operator]
            events.append(
                OperatorHungUp(now, operator)
                if leg.answered
                else OperatorUnanswered(now, operator, UNSEEN, out_of_reach=True)
            )
    return events


def _leftovers(
    lines: Mapping[str, AsteriskLine],
    snapshot: Snapshot,
    ours: Mapping[str, Leg],
    bridges: Mapping[str, Leg],
    result: Settlement,
) -> None:
    """Find what the switch has and no line wants."""
    for channel, leg in ours.items():
        line = lines.get(leg.call_id)
        if line is None and leg.kind == CALLER:
            result.arrivals.append(snapshot.channels[channel])
        elif line is None or channel not in {line.caller, *(one.channel for one in line.operators.values())}:
            result.channels.append(channel)
    for bridge, leg in bridges.items():
        line = lines.get(leg.call_id)
        if line is None or line.bridge != bridge:
            result.bridges.append(bridge)
