"""Asterisk as a carrier: the call machine's commands as ARI requests; `listener` turns its events round.

Nothing is decided here. Every command may come twice, after a restart for instance, and then finds that what
it asks for is there already. What is gone meanwhile is reported as the event that it amounts to.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import (
    AriError,
    Closed,
    Conflict,
    NotFound,
    Rejected,
    Unreachable,
)
from vagtcentral.ivr.asterisk.ari_events import AriEvent
from vagtcentral.ivr.asterisk.ari_resync import Asked, Resynchronised
from vagtcentral.ivr.asterisk.calls import AsteriskCalls
from vagtcentral.ivr.asterisk.endings import Endings
from vagtcentral.ivr.asterisk.line import AsteriskLine, OperatorLeg
from vagtcentral.ivr.asterisk.listener import SwitchListener
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
from vagtcentral.ivr.asterisk.recording_ends import RecordingEnds
from vagtcentral.ivr.asterisk.signalled_location import SignalledLocation
from vagtcentral.ivr.asterisk.unheard_ends import UnheardEnds
from vagtcentral.ivr.carrier import Arrived, Report
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
    CallerHungUp,
    CommandFailed,
    Event,
    OperatorHungUp,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of
from vagtcentral.menus.model import Spoken

log = logging.getLogger(__name__)


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
    """The carrier; `arrived` is told of each new call with its channel and what was dialled.

    `attach` it to the switch before anything else.
    """

    def __init__(self, plan: AsteriskPlan, clock: Clock, report: Report, arrived: Arrived) -> None:
        self._plan = plan
        self._clock = clock
        self._arrived = arrived
        self._calls = AsteriskCalls(report)
        self._recordings = RecordingEnds(self._calls, clock, plan.recordings)
        self._switch: AriCommands
        self._endings: Endings
        self._location: SignalledLocation
        self._unheard: UnheardEnds
        self._listener: SwitchListener

    def attach(self, switch: AriCommands) -> None:
        """Name the switch that carries out the commands."""
        calls, clock, patience = self._calls, self._clock, self._plan.patience
        self._switch = switch
        self._endings = Endings(switch, patience.end_s)
        self._location = SignalledLocation(switch, calls, clock)
        self._listener = SwitchListener(
            calls, clock, self._arrived, self._endings, self._recordings, self._location
        )
        self._unheard = UnheardEnds(switch, calls.playing, self._listener.played, patience.look_s)

    async def close(self) -> None:
        """Wait for what is still being looked up, and try nothing further."""
        await self._location.close()
        await self._recordings.close()
        await self._endings.close()
        await self._unheard.close()

    @property
    def lines(self) -> dict[str, AsteriskLine]:
        """The calls that are on the switch, by their id."""
        return self._calls.lines

    # --- what the switch tells: `SwitchListener` ------------------------------------------------

    def on_event(self, event: AriEvent) -> None:
        """Take one event of the switch, in its order."""
        self._listener.on_event(event)

    def restore(self, turns: list[Turn]) -> None:
        """Take up the line of a call that was live when the program ended, given its journal so far."""
        self._listener.restore(turns)

    def asked(self) -> Asked:
        """What a snapshot is to answer for; asked right before it is taken."""
        return self._listener.asked()

    async def settle(self, found: Resynchronised, is_over: Callable[[str], Awaitable[bool]]) -> None:
        """Tell every call what became of it while events were missed, and end what belongs to no call."""
        await self._listener.settle(found, is_over)

    # --- commands -----------------------------------------------------------------------------

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the commands of one turn, in order; report what cannot be done."""
        with self._calls.in_turn(call_id):
            await self._perform_all(call_id, event, commands)

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
            self._calls.forget(line)

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
                self._recordings.ending(recording)  # before anything is waited for: it may be told meanwhile
            if line.caller is not None:
                await self._stop(line, self._take_out(line.caller, bridge))
            await self._endings.destroy(bridge)
            if recording is not None:
                self._recordings.expect(line.call_id, recording)

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
        await patiently(
            line.call_id,
            lambda: self._switch.play(self._caller(line), playing, media),
            self._plan.patience.play_s,
        )
        line.there.add(playing)
        self._unheard.watch()

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
            self._calls.tell(line, OperatorHungUp(self._clock.now(), operator))
            return
        if line.bridge is not None and await self._bridged(line.bridge, caller, leg.channel):
            if record is not None and line.recording is None:
                await self._record(line, line.bridge, record)
            return
        await self._quiet(line)
        bridge, channel = bridge_id(line.call_id, self._clock.now()), leg.channel
        line.bridge = bridge
        waits_s = self._plan.patience.connect_s
        # One after the other: to make again what is there would be refused.
        await patiently(line.call_id, lambda: self._switch.create_bridge(bridge), waits_s)
        await patiently(line.call_id, lambda: self._switch.add_to_bridge(bridge, caller, channel), waits_s)
        if record is not None:
            await self._record(line, bridge, record)

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
            self._calls.tell(line, CommandFailed(self._clock.now(), "record", str(error)))

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
        self._calls.report_now(line.call_id, CallerHungUp(self._clock.now(), line.leaving))
        line.playing = None
        await self._hang_up(line)

    async def _fail(self, line: AsteriskLine, command: CarrierCommand, error: Exception) -> None:
        """Say that a command was not carried out, and let no phone ring on that may ring all the same."""
        kind = kind_of(type(command))
        unforeseen = not isinstance(error, AriError)
        log.warning("call %s: %s: %s", line.call_id, kind, error, exc_info=unforeseen)
        away = isinstance(error, Unreachable)
        self._calls.report_now(line.call_id, CommandFailed(self._clock.now(), kind, str(error), away))
        if isinstance(command, RingOperator):
            leg = line.operators.pop(command.operator, None)
            channel = None if leg is None else leg.channel
        elif isinstance(command, CallBack):
            channel, line.caller = line.caller, None
        else:
            return
        if channel is not None and isinstance(error, Unreachable) and error.maybe_done:
            await self._endings.hang_up(channel)


async def _unless_gone(request: Awaitable[None]) -> None:
    """Carry out a request that ends something; that it is gone already is as good."""
    with suppress(NotFound, Conflict, Closed):
        await request
