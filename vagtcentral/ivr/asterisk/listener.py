"""What the switch tells, as the events of calls: each as it comes, and after a gap all that was missed."""

import logging
import re
from collections.abc import Awaitable, Callable

from vagtcentral.ivr.asterisk import ari_events as ari
from vagtcentral.ivr.asterisk.ari_resync import Asked, Resynchronised
from vagtcentral.ivr.asterisk.calls import AsteriskCalls
from vagtcentral.ivr.asterisk.endings import Endings
from vagtcentral.ivr.asterisk.line import AsteriskLine, line_from
from vagtcentral.ivr.asterisk.names import CALLER, read_id
from vagtcentral.ivr.asterisk.recording_ends import RecordingEnds
from vagtcentral.ivr.asterisk.settle import Settlement, asked, confirmed, settle
from vagtcentral.ivr.asterisk.signalled_location import SignalledLocation
from vagtcentral.ivr.carrier import Arrived
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.events import (
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    CarrierGap,
    CommandFailed,
    DigitPressed,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
)
from vagtcentral.ivr.journal import Turn

log = logging.getLogger(__name__)

#: Q.850 causes of a hang-up that a person means; none is given where the far end sends a plain BYE.
HUNG_UP = (None, 0, 16)

#: A caller who hides his number shows a word instead of it, such as `anonymous` (RFC 3323, section 4.1.1).
_NUMBER = re.compile(r"\+?[0-9]+")


class SwitchListener:
    """Translates; nothing is decided here. `arrived` is told of each new call."""

    def __init__(
        self,
        calls: AsteriskCalls,
        clock: Clock,
        arrived: Arrived,
        endings: Endings,
        recordings: RecordingEnds,
        location: SignalledLocation,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._arrived = arrived
        self._endings = endings
        self._recordings = recordings
        self._location = location
        self._certain: frozenset[str] = frozenset()

    # --- events -------------------------------------------------------------------------------

    def on_event(self, event: ari.AriEvent) -> None:
        """Take one event of the switch, in its order."""
        match event:
            case ari.StasisStart(channel=channel):
                self._started(channel.id, channel.caller_number, event.args, channel.extension)
            case ari.ChannelDtmfReceived(channel=channel, digit=digit):
                line = self._calls.line_of(channel.id)
                if line is not None and channel.id == line.caller:
                    self._calls.tell(line, DigitPressed(self._clock.now(), digit))
            case ari.ChannelHangupRequest(channel=channel, cause=cause):
                line = self._calls.line_of(channel.id)
                if line is not None and channel.id == line.caller:
                    line.playing = None  # what he hears ends because he leaves, not because it is over
                    if cause not in HUNG_UP:
                        line.leaving = f"lost by the network (cause {cause})"
            case ari.PlaybackFinished(playback=playback):
                self.played(playback.id, playback.state)
            case ari.ChannelDestroyed(channel=channel, cause_text=why):
                self._ended(channel.id, why)
            case ari.StasisEnd(channel=channel):
                self._ended(channel.id, "left")
            case ari.RecordingFinished(recording=recording):
                self._recordings.stored(recording.name, recording.format, recording.duration_s)
            case ari.RecordingFailed(recording=recording):
                self._recordings.failed(recording.name, recording.cause or "")

    def _started(self, channel: str, number: str, args: tuple[str, ...], dialled: str) -> None:
        line = self._calls.line_of(channel)
        if line is None:
            if read_id(channel).kind == CALLER:
                self._new_call(channel, number, args[-1] if args else dialled)
            else:
                self._unwanted(channel)
            return
        operator = line.operator_on(channel)
        if operator is not None:
            line.operators[operator].answered = True
            self._calls.tell(line, OperatorAnswered(self._clock.now(), operator))
        elif channel != line.caller:
            self._unwanted(channel)
        elif not line.caller_answered:
            line.caller_answered = True
            self._calls.tell(line, CallerAnswered(self._clock.now()))

    def _unwanted(self, channel: str) -> None:
        """Somebody took a phone that should have stopped ringing: he is not kept on a dead line."""
        if read_id(channel).kind != CALLER:
            log.info("call %s: %s is taken, and nobody waits for it", read_id(channel).call_id, channel)
            self._endings.hang_up_soon(channel)

    def _new_call(self, channel: str, number: str, service: str) -> None:
        self._calls.lines[channel] = AsteriskLine(channel, channel, there={channel})
        self._arrived(channel, number if _NUMBER.fullmatch(number) else None, service)
        self._location.look_for(channel)

    def played(self, playback: str, state: str) -> None:
        """A prompt has ended: heard, stopped, or `failed`."""
        leg = read_id(playback)
        line = self._calls.lines.get(leg.call_id)
        if line is None or line.playing != playback:
            return
        line.playing = None
        now = self._clock.now()
        if state == "failed":
            self._calls.tell(line, CommandFailed(now, "play", "the prompt could not be played"))
        else:
            self._calls.tell(line, PlayFinished(now, leg.number))

    def _ended(self, channel: str, cause: str) -> None:
        """A channel is gone: ended by us, by a person, or by the network."""
        line = self._calls.line_of(channel)
        if line is None:
            return
        now = self._clock.now()
        operator = line.operator_on(channel)
        if channel in line.ending:
            line.ending.discard(channel)
        elif operator is not None:
            answered = line.operators.pop(operator).answered
            gone = OperatorHungUp(now, operator) if answered else OperatorUnanswered(now, operator, cause)
            self._calls.tell(line, gone)
        elif channel == line.caller:
            line.caller = line.playing = None
            line.holding = False
            self._calls.tell(
                line,
                CallerHungUp(now, line.leaving) if line.caller_answered else CallerUnanswered(now, cause),
            )
        if not line.channels() and not line.ending and line.bridge is None:
            self._calls.forget(line)

    # --- after a gap --------------------------------------------------------------------------

    def restore(self, turns: list[Turn]) -> None:
        """Take up the line of a call that was live when the program ended, given its journal so far."""
        line = line_from(turns)
        self._calls.lines[line.call_id] = line

    def asked(self) -> Asked:
        """What a snapshot is to answer for; asked right before it is taken."""
        self._certain = confirmed(self._calls.lines)
        return asked(self._calls.lines.values())

    async def settle(self, found: Resynchronised, is_over: Callable[[str], Awaitable[bool]]) -> None:
        """Tell every call what became of it while events were missed, and end what belongs to no call.

        `is_over` says of an unknown caller's channel whether its call has a closed record. After the first
        connection no call is told of a gap: those that were live then have been told that they are resumed.
        """
        now = self._clock.now()
        taken_up = [line for line in self._calls.lines.values() if line.told_from_journal]
        settled = settle(self._calls.lines, found.snapshot, self._certain, now)
        for call_id, event in settled.events:
            self._calls.report(call_id, event)
        for call_id, name in settled.recordings:
            self._recordings.unseen(call_id, name)
        if found.gap_from is not None:
            lost_ms = found.gap_to - found.gap_from
            for line in self._calls.lines.values():
                if line.caller is not None:
                    self._calls.tell(line, CarrierGap(now, lost_ms))
        for line in taken_up:
            self._look_again_for_location(line)
        for channel in settled.arrivals:
            if await _known_over(channel.id, is_over):
                settled.channels.append(channel.id)
            elif channel.id not in self._calls.lines:
                self._new_call(channel.id, channel.caller_number, channel.extension)
        self._clear(settled)

    def _look_again_for_location(self, line: AsteriskLine) -> None:
        """The program may have ended between the arrival of a call and the look at its signalling."""
        if line.caller == line.call_id and not line.location_read:
            self._location.look_for(line.call_id)

    def _clear(self, settled: Settlement) -> None:
        """Hang up who has been left behind, and end the bridges that nobody uses; nobody waits for that."""
        if settled.channels or settled.bridges:
            log.warning(
                "ending %d channels and %d bridges that belong to no call",
                len(settled.channels),
                len(settled.bridges),
            )
        for channel in settled.channels:
            self._endings.hang_up_soon(channel)
        for bridge in settled.bridges:
            self._endings.destroy_soon(bridge)


async def _known_over(channel: str, is_over: Callable[[str], Awaitable[bool]]) -> bool:
    """Whether the call of a channel has ended; where that cannot be known, he who is on it is a caller."""
    try:
        return await is_over(channel)
    except Exception:
        log.exception("call %s: whether it is over cannot be read, so it is taken", channel)
        return False
