"""Asterisk as a carrier: the call machine's commands as ARI requests, ARI's events as the call's.

Nothing is decided here. Every command may come twice, after a restart for instance, and then finds that what
it asks for is there already. What is gone meanwhile is reported as the event that it amounts to.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from vagtcentral.ivr.asterisk import ari_events as ari
from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import (
    AriError,
    Closed,
    Conflict,
    NotFound,
    Rejected,
    Unreachable,
)
from vagtcentral.ivr.asterisk.ari_resync import Asked, Resynchronised
from vagtcentral.ivr.asterisk.endings import Endings
from vagtcentral.ivr.asterisk.line import AsteriskLine, OperatorLeg, line_from
from vagtcentral.ivr.asterisk.names import (
    CALLER,
    bridge_id,
    call_back_id,
    operator_id,
    play_id,
    read_id,
    recording_name,
)
from vagtcentral.ivr.asterisk.patience import Patience, patiently
from vagtcentral.ivr.asterisk.recordings import recording_path, seconds_of
from vagtcentral.ivr.asterisk.settle import Settlement, asked, confirmed, settle
from vagtcentral.ivr.carrier import Report
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.commands import (
    Answer,
    CallBack,
    CarrierCommand,
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
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    CarrierGap,
    CommandFailed,
    DigitPressed,
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
from vagtcentral.ivr.kinds import kind_of
from vagtcentral.menus.model import Spoken

log = logging.getLogger(__name__)

#: Q.850 causes of a hang-up that a person means; none is given where the far end sends a plain BYE.
HUNG_UP = (None, 0, 16)

#: A caller who hides his number shows a word instead of it, such as `anonymous` (RFC 3323, section 4.1.1).
_NUMBER = re.compile(r"\+?[0-9]+")

#: How long the switch may take to tell that a recording has ended, in seconds; an assumption.
RECORDED_S = 2.0

GEOLOC = "GEOLOC_PROFILE(location_info)"
GEOLOC_CONFIDENCE = "GEOLOC_PROFILE(confidence)"


@dataclass(frozen=True, slots=True)
class AsteriskPlan:
    """How the switch is used: `media` names a prompt's audio (`sound:…`), `endpoints` the operators' phones.

    `call_back` makes a dial string of a caller's number. `caller_id` is what phones show that we ring.
    `recordings` is the folder in which the switch stores them, as the record is to name it. `ring_s` is only
    a safeguard: the call machine stops ringing earlier.
    """

    media: Callable[[Spoken], str]
    endpoints: Mapping[str, str] = field(default_factory=dict)
    call_back: Callable[[str], str] = lambda number: f"PJSIP/{number}@network"
    caller_id: str = "114"
    recordings: str = ""
    ring_s: int = 60
    patience: Patience = field(default_factory=Patience)


class AsteriskCarrier:
    """The carrier; `arrived` is told of each new call with its channel and what was dialled."""

    def __init__(
        self,
        plan: AsteriskPlan,
        clock: Clock,
        report: Report,
        arrived: Callable[[str, str | None, str], None],
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._controller = report
        self._arrived = arrived
        self._switch: AriCommands
        self._endings: Endings
        self.lines: dict[str, AsteriskLine] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._certain: frozenset[str] = frozenset()
        self._kept: dict[str, list[Event]] = {}
        self._untold: set[str] = set()

    def attach(self, switch: AriCommands) -> None:
        """Name the switch that carries out the commands."""
        self._switch = switch
        self._endings = Endings(switch, self._plan.patience.end_s)

    async def close(self) -> None:
        """Wait for what is still being looked up."""
        if self._looking:
            await asyncio.wait(self._looking)
        await self._endings.close()

    # --- commands -----------------------------------------------------------------------------

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the commands of one turn, in order; report what cannot be done.

        What happens meanwhile is told after that, so that a failure is not taken for that of a later command.
        """
        self._kept[call_id] = []
        try:
            await self._perform_all(call_id, event, commands)
        finally:
            for kept in self._kept.pop(call_id):
                self._report(call_id, kept)

    async def _perform_all(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        line = self.lines.get(call_id)
        if isinstance(event, CallArrived) and not commands and line is not None:
            log.info("call %s: its channel comes again, and nobody will speak with it", call_id)
            await self._hang_up(line)
        for command in commands:
            if line is None:
                line = self.lines[call_id] = AsteriskLine(call_id, None)
            if not await self._performed(line, command) and isinstance(command, Answer):
                break
        if line is not None and not line.channels():
            await self._quiet(line)
            self._forget(line)

    async def _performed(self, line: AsteriskLine, command: CarrierCommand) -> bool:
        """Carry out one command, or report why that cannot be done."""
        try:
            await self._perform(line, command)
        except Closed:
            return False  # we are being ended: the next start takes up the call from its journal
        except NotFound as error:
            await self._missing(line, command, error)
            return False
        except Exception as error:
            await self._fail(line, command, error)
            return False
        return True

    async def _perform(self, line: AsteriskLine, command: CarrierCommand) -> None:
        match command:
            case Answer() if not line.up:  # Asterisk answers only after the prompt that plays, if one does
                await patiently(
                    line.call_id,
                    lambda: self._switch.answer(self._caller(line)),
                    self._plan.patience.answer_s,
                )
            case Play(play, prompts) | Gather(play, prompts):
                await self._quiet(line)
                await self._play(line, play, prompts)
            case StopPlay():
                await self._stop_playback(line)
            case Hold():
                await self._hold(line)
            case RingOperator(operator):
                await self._ring(line, operator)
            case StopRinging(operator) | DropOperator(operator):
                await self._drop(line, operator)
            case Connect(operator, record):
                await self._connect(line, operator, record)
            case CallBack(number):
                await self._call_back(line, number)
            case HangUp():
                await self._quiet(line)
                await self._hang_up(line)

    def _caller(self, line: AsteriskLine) -> str:
        if line.caller is None:
            raise NotFound(404, "GET", "channels", "the caller is not on the line")
        return line.caller

    async def _quiet(self, line: AsteriskLine) -> None:
        """End whatever the caller hears: prompts, music, a conversation."""
        await self._stop(line, self._stop_playback(line))
        if line.holding and line.caller is not None:
            line.holding = False
            await self._stop(line, self._switch.stop_music(line.caller))
        if line.bridge is not None:
            bridge, line.bridge = line.bridge, None
            recording, line.recording = line.recording, None
            if recording is not None:
                self._untold.add(recording)  # before anything is waited for: it may be told meanwhile
            if line.caller is not None:
                await self._stop(line, self._take_out(line.caller, bridge))
            await self._endings.destroy(bridge)
            if recording is not None:
                self._look(self._see_to_recording(line.call_id, recording))

    async def _stop(self, line: AsteriskLine, request: Awaitable[None]) -> None:
        """What cannot be stopped is no reason to withhold from the caller what comes next."""
        try:
            await _unless_gone(request)
        except AriError as error:
            log.warning("call %s: what is heard cannot be stopped: %s", line.call_id, error)

    async def _take_out(self, caller: str, bridge: str) -> None:
        """Return when he is out of the bridge, which the end of the bridge itself does not wait for.

        What is played to somebody on his way out may be lost, and no event tells (Asterisk 22: 1 in 40).
        """
        with suppress(NotFound, Conflict, Rejected):
            await self._switch.remove_from_bridge(bridge, caller)

    async def _stop_playback(self, line: AsteriskLine) -> None:
        for playing in line.take_playing():
            await _unless_gone(self._switch.stop_playback(playing))

    async def _play(self, line: AsteriskLine, play: int, prompts: tuple[Spoken, ...]) -> None:
        line.playing = play_id(line.call_id, play)
        media = [self._plan.media(prompt) for prompt in prompts]
        playing = line.playing
        await self._switch.play(self._caller(line), playing, media)
        line.there.add(playing)

    async def _hold(self, line: AsteriskLine) -> None:
        await self._quiet(line)
        line.holding = True  # before it is sure: stopping none does no harm
        await self._switch.start_music(self._caller(line))

    async def _ring(self, line: AsteriskLine, operator: str) -> None:
        endpoint = self._plan.endpoints.get(operator)
        if endpoint is None:
            raise Conflict(409, "POST", "channels", f"operator {operator} has no phone in the settings")
        channel = operator_id(line.call_id, operator, self._clock.now())
        line.operators[operator] = OperatorLeg(channel)
        # The phone shows that it is us: the caller's number is on the desk, with all else that is known.
        await self._switch.originate(
            endpoint, channel, caller_id=self._plan.caller_id, timeout_s=self._plan.ring_s
        )
        line.there.add(channel)

    async def _drop(self, line: AsteriskLine, operator: str) -> None:
        leg = line.operators.pop(operator, None)
        if leg is not None:
            line.ending.add(leg.channel)
            await self._endings.hang_up(leg.channel)

    async def _connect(self, line: AsteriskLine, operator: str, record: str | None) -> None:
        caller = self._caller(line)
        leg = line.operators.get(operator)
        if leg is None:
            self._tell(line, OperatorHungUp(self._clock.now(), operator))
            return
        if line.bridge is not None and await self._bridged(line.bridge, caller, leg.channel):
            if record is not None and line.recording is None:
                await self._record(line, line.bridge, record)
            return
        await self._quiet(line)
        bridge, channel = bridge_id(line.call_id, self._clock.now()), leg.channel
        line.bridge = bridge
        waits_s = self._plan.patience.connect_s
        await patiently(line.call_id, lambda: self._join(bridge, caller, channel), waits_s)
        if record is not None:
            await self._record(line, bridge, record)

    async def _join(self, bridge: str, *channels: str) -> None:
        await self._switch.create_bridge(bridge)
        await self._switch.add_to_bridge(bridge, *channels)

    async def _bridged(self, bridge: str, *channels: str) -> bool:
        """Whether the channels hear each other already."""
        with suppress(NotFound):
            return set(channels) <= set((await self._switch.bridge(bridge)).channels)
        return False

    async def _record(self, line: AsteriskLine, bridge: str, record: str) -> None:
        """A conversation that cannot be recorded goes on all the same, and the record says so."""
        name = recording_name(line.call_id, record)
        try:
            line.recording = name
            await self._switch.record_bridge(bridge, name)
            line.there.add(name)
        except AriError as error:
            line.recording = None
            log.warning("call %s: not recorded: %s", line.call_id, error)
            self._tell(line, CommandFailed(self._clock.now(), "record", str(error)))

    async def _call_back(self, line: AsteriskLine, number: str) -> None:
        if line.caller is not None and read_id(line.caller).kind != CALLER:
            return  # being rung already
        await self._hang_up(line)
        line.caller = call_back_id(line.call_id, self._clock.now())
        line.caller_answered = False
        dial = self._plan.call_back(number)
        channel = line.caller
        await self._switch.originate(dial, channel, caller_id=self._plan.caller_id)
        line.there.add(channel)

    async def _hang_up(self, line: AsteriskLine) -> None:
        if line.caller is not None:
            channel, line.caller = line.caller, None
            line.ending.add(channel)
            await self._endings.hang_up(channel)

    def put_down(self, call_id: str, operator: str) -> None:
        """Hang up the operator's telephone; what that means for the call is told when it has ended."""
        line = self.lines.get(call_id)
        leg = None if line is None else line.operators.get(operator)
        if leg is not None:
            self._endings.hang_up_soon(leg.channel)

    # --- what cannot be done ------------------------------------------------------------------

    async def _missing(self, line: AsteriskLine, command: CarrierCommand, error: NotFound) -> None:
        """The caller is gone, unless another's leg was asked for: that is told, if need be once more."""
        if isinstance(command, RingOperator | CallBack) or (
            isinstance(command, Connect) and line.caller is not None
        ):
            await self._fail(line, command, error)
            return
        log.info("call %s: %s: the caller is gone: %s", line.call_id, kind_of(type(command)), error)
        self._controller(line.call_id, CallerHungUp(self._clock.now(), line.leaving))
        line.playing = None
        await self._hang_up(line)

    async def _fail(self, line: AsteriskLine, command: CarrierCommand, error: Exception) -> None:
        """Say that a command was not carried out, and let no phone ring on that may ring all the same."""
        kind = kind_of(type(command))
        unforeseen = not isinstance(error, AriError)
        log.warning("call %s: %s: %s", line.call_id, kind, error, exc_info=unforeseen)
        self._controller(line.call_id, CommandFailed(self._clock.now(), kind, str(error)))
        if isinstance(command, RingOperator):
            leg = line.operators.pop(command.operator, None)
            channel = None if leg is None else leg.channel
        elif isinstance(command, CallBack):
            channel, line.caller = line.caller, None
        else:
            return
        if channel is not None and isinstance(error, Unreachable) and error.maybe_done:
            await self._endings.hang_up(channel)

    # --- events -------------------------------------------------------------------------------

    def on_event(self, event: ari.AriEvent) -> None:
        """Take one event of the switch, in its order."""
        match event:
            case ari.StasisStart(channel=channel):
                self._started(channel.id, channel.caller_number, event.args, channel.extension)
            case ari.ChannelDtmfReceived(channel=channel, digit=digit):
                line = self._line_of(channel.id)
                if line is not None and channel.id == line.caller:
                    self._tell(line, DigitPressed(self._clock.now(), digit))
            case ari.ChannelHangupRequest(channel=channel, cause=cause):
                line = self._line_of(channel.id)
                if line is not None and channel.id == line.caller:
                    line.playing = None  # what he hears ends because he leaves, not because it is over
                    if cause not in HUNG_UP:
                        line.leaving = f"lost by the network (cause {cause})"
            case ari.PlaybackFinished(playback=playback):
                self._played(playback.id, playback.state)
            case ari.ChannelDestroyed(channel=channel, cause_text=why):
                self._ended(channel.id, why)
            case ari.StasisEnd(channel=channel):
                self._ended(channel.id, "left")
            case ari.RecordingFinished(recording=recording):
                self._recorded(recording.name, recording.format, recording.duration_s)
            case ari.RecordingFailed(recording=recording):
                self._untold.discard(recording.name)
                line = self._recorded_line(recording.name)
                if line is not None:
                    reason = recording.cause or "failed"
                    self._tell(line, CommandFailed(self._clock.now(), "record", reason))

    def _line_of(self, channel: str) -> AsteriskLine | None:
        return self.lines.get(read_id(channel).call_id)

    def _started(self, channel: str, number: str, args: tuple[str, ...], dialled: str) -> None:
        line = self._line_of(channel)
        if line is None:
            if read_id(channel).kind == CALLER:
                self._new_call(channel, number, args[-1] if args else dialled)
            else:
                self._unwanted(channel)
            return
        operator = line.operator_on(channel)
        if operator is not None:
            line.operators[operator].answered = True
            self._tell(line, OperatorAnswered(self._clock.now(), operator))
        elif channel != line.caller:
            self._unwanted(channel)
        elif not line.caller_answered:
            line.caller_answered = True
            self._tell(line, CallerAnswered(self._clock.now()))

    def _unwanted(self, channel: str) -> None:
        """Somebody took a phone that should have stopped ringing: he is not kept on a dead line."""
        if read_id(channel).kind != CALLER:
            log.info("call %s: %s is taken, and nobody waits for it", read_id(channel).call_id, channel)
            self._endings.hang_up_soon(channel)

    def _new_call(self, channel: str, number: str, service: str) -> None:
        self.lines[channel] = AsteriskLine(channel, channel, there={channel})
        self._arrived(channel, number if _NUMBER.fullmatch(number) else None, service)
        self._look_for_location(channel)

    def _played(self, playback: str, state: str) -> None:
        leg = read_id(playback)
        line = self.lines.get(leg.call_id)
        if line is None or line.playing != playback:
            return
        line.playing = None
        now = self._clock.now()
        if state == "failed":
            self._tell(line, CommandFailed(now, "play", "the prompt could not be played"))
        else:
            self._tell(line, PlayFinished(now, leg.number))

    def _ended(self, channel: str, cause: str) -> None:
        """A channel is gone: ended by us, by a person, or by the network."""
        line = self._line_of(channel)
        if line is None:
            return
        now = self._clock.now()
        operator = line.operator_on(channel)
        if channel in line.ending:
            line.ending.discard(channel)
        elif operator is not None:
            answered = line.operators.pop(operator).answered
            gone = OperatorHungUp(now, operator) if answered else OperatorUnanswered(now, operator, cause)
            self._tell(line, gone)
        elif channel == line.caller:
            line.caller = line.playing = None
            line.holding = False
            self._tell(
                line,
                CallerHungUp(now, line.leaving) if line.caller_answered else CallerUnanswered(now, cause),
            )
        if not line.channels() and not line.ending and line.bridge is None:
            self._forget(line)

    def _recorded(self, name: str, audio_format: str, seconds: int | None) -> None:
        self._untold.discard(name)
        line = self._recorded_line(name)
        if line is not None:
            line.recording = None if line.recording == name else line.recording
            path = recording_path(self._plan.recordings, name, audio_format)
            short = name.removeprefix(f"{line.call_id}-")
            self._tell(line, RecordingStored(self._clock.now(), short, path, float(seconds or 0)))

    async def _see_to_recording(self, call_id: str, name: str) -> None:
        """Tell that a recording has ended if the switch does not.

        It may say nothing where the bridge ends in the same moment (Asterisk 22, busy machine: 3 in 1050).
        """
        await asyncio.sleep(RECORDED_S)
        if name in self._untold:
            self._untold.discard(name)
            self._recording_ended_unseen(call_id, name)

    def _recorded_line(self, name: str) -> AsteriskLine | None:
        call_id = name.rpartition("-")[0]
        return self.lines.get(call_id) or (AsteriskLine(call_id, None) if call_id else None)

    # --- after a gap --------------------------------------------------------------------------

    def restore(self, turns: list[Turn]) -> None:
        """Take up the line of a call that was live when the program ended, given its journal so far."""
        line = line_from(turns)
        self.lines[line.call_id] = line

    def asked(self) -> Asked:
        """What a snapshot is to answer for; asked right before it is taken."""
        self._certain = confirmed(self.lines)
        return asked(self.lines.values())

    async def settle(self, found: Resynchronised, is_over: Callable[[str], Awaitable[bool]]) -> None:
        """Tell every call what became of it while events were missed, and end what belongs to no call.

        `is_over` says of an unknown caller's channel whether its call has a closed record. After the first
        connection no call is told of a gap: those that were live then have been told that they are resumed.
        """
        now = self._clock.now()
        settled = settle(self.lines, found.snapshot, self._certain, now)
        for call_id, event in settled.events:
            self._report(call_id, event)
        for call_id, name in settled.recordings:
            self._recording_ended_unseen(call_id, name)
        if found.gap_from is not None:
            lost_ms = found.gap_to - found.gap_from
            for line in self.lines.values():
                if line.caller is not None:
                    self._tell(line, CarrierGap(now, lost_ms))
        for channel in settled.arrivals:
            if await is_over(channel.id):
                settled.channels.append(channel.id)
            elif channel.id not in self.lines:
                self._new_call(channel.id, channel.caller_number, channel.extension)
        await self._clear(settled)

    def _recording_ended_unseen(self, call_id: str, name: str) -> None:
        path = recording_path(self._plan.recordings, name)
        seconds = seconds_of(path)
        short = name.removeprefix(f"{call_id}-")
        now = self._clock.now()
        if seconds is None:
            self._report(call_id, CommandFailed(now, "record", "the recording was lost with the switch"))
        else:
            self._report(call_id, RecordingStored(now, short, path, seconds))

    async def _clear(self, settled: Settlement) -> None:
        """Hang up who has been left behind, and end the bridges that nobody uses."""
        if settled.channels or settled.bridges:
            log.warning(
                "ending %d channels and %d bridges that belong to no call",
                len(settled.channels),
                len(settled.bridges),
            )
        ends = [self._endings.hang_up(channel) for channel in settled.channels]
        ends += [self._endings.destroy(bridge) for bridge in settled.bridges]
        await asyncio.gather(*ends)

    # --- location that came with the call -----------------------------------------------------

    def _look_for_location(self, channel: str) -> None:
        self._look(self._read_location(channel))

    def _look(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _read_location(self, channel: str) -> None:
        """A position in the call's signalling (PIDF-LO), as the switch has understood it."""
        try:
            words = await self._switch.get_variable(channel, GEOLOC)
            if not words:
                return
            confidence = await self._switch.get_variable(channel, GEOLOC_CONFIDENCE)
        except AriError as error:
            log.warning("call %s: no location with the call: %s", channel, error)
            return
        content = f"{words},{confidence}" if confidence else words
        self._report(channel, LocationReceived(self._clock.now(), LocationForm.GEOLOC, content))

    # ------------------------------------------------------------------------------------------

    def _report(self, call_id: str, event: Event) -> None:
        """Tell the controller, or wait with it while commands of this call are carried out."""
        kept = self._kept.get(call_id)
        if kept is None:
            self._controller(call_id, event)
        else:
            kept.append(event)

    def _tell(self, line: AsteriskLine, event: Event) -> None:
        self._report(line.call_id, event)

    def _forget(self, line: AsteriskLine) -> None:
        self.lines.pop(line.call_id, None)


async def _unless_gone(request: Awaitable[None]) -> None:
    """Carry out a request that ends something; that it is gone already is as good."""
    with suppress(NotFound, Conflict, Closed):
        await request
