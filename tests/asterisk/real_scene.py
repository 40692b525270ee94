"""A recorded call on a real switch: the people of the simulator, with real telephones in their hands.

`play_step_by_step` lets the scene's clock stand still while the switch and the telephones are at work, and
jump where nothing but time passes: no order of events hangs on the speed of the machine, and no pause takes
time. `play_by_the_clock` lets the time run. Both run the controller and the carrier of the live system.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.asterisk.baresip import Phone, PhoneState
from tests.asterisk.switch import Switch
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.clock import Clock, WallClock
from vagtcentral.ivr.commands import (
    Answer,
    CallBack,
    CarrierCommand,
    Connect,
    DropOperator,
    HangUp,
    RingOperator,
    StopRinging,
)
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.events import (
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    DigitPressed,
    Event,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
    RecordingStored,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Spoken
from vagtcentral.sim.agenda import Agenda, LiveAgenda, VirtualAgenda
from vagtcentral.sim.scene import arrival, staff
from vagtcentral.sim.script import Script
from vagtcentral.sim.switch import ScriptedLine

CALLER_TONE, OPERATOR_TONE = 440, 700
#: How long the switch and the telephones may take for one step of a scene, in seconds of real time.
PATIENCE_S = 20.0
#: How long two people talk at least before the scene goes on, in seconds of real time.
WORDS_S = 0.2
#: How long a finger takes from one key to the next at least, in seconds of real time. Asterisk 22 may report
#: the second of two keys twice that seem less than 45 ms apart, on a busy machine mostly: see `docs/ari.md`.
NEXT_KEY_S = 0.2


@dataclass(frozen=True)
class Stage:
    """What a scene is played on: the `switch`, the `media` of each prompt, a `folder` for the telephones."""

    setting: Setting
    switch: Switch
    media: Callable[[Spoken], str]
    folder: Path


@dataclass(frozen=True)
class Telephones:
    """The caller's telephone, and those of the operators by name."""

    caller: Phone
    operators: Mapping[str, Phone]

    def of(self, operator: str) -> Phone:
        assert operator in self.operators, f"{operator} is rung, who is not rung in the simulator"
        return self.operators[operator]

    def endpoints(self) -> dict[str, str]:
        return {name: _dial_string(phone.user, phone) for name, phone in self.operators.items()}

    def call_back(self, number: str) -> str:
        return _dial_string(number, self.caller)


def _dial_string(user: str, phone: Phone) -> str:
    return f"PJSIP/network/sip:{user}@127.0.0.1:{phone.sip_port}"


class MemoryJournal:
    """Keeps turns in a list."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def append(self, turns: list[Turn]) -> None:
        self.turns += turns


class RealLine(ScriptedLine):
    """The people of the script, who hear what the switch plays and act on their telephones.

    What is done on the telephone line is reported by the switch and not from here, as in the simulator; only
    what is done at a desk is. `outstanding` names what must be seen to come of it before the scene goes on.
    """

    def __init__(self, *given: Any, telephones: Telephones) -> None:
        super().__init__(*given)
        self._telephones = telephones
        self._reported: Counter[type[Event]] = Counter()
        self._due: Counter[type[Event]] = Counter()
        self._awaited: list[tuple[str, Callable[[], bool]]] = []
        self._recorded = False

    def outstanding(self) -> list[str]:
        """What the switch has not reported yet, or has not done at a telephone."""
        self._awaited = [(what, is_so) for what, is_so in self._awaited if not is_so()]
        return [what for what, _ in self._awaited]

    def reported(self, event: Event) -> None:
        """The switch has reported this."""
        self._reported[type(event)] += 1
        if isinstance(event, DigitPressed):
            self._await_time(NEXT_KEY_S)

    def _await_report(self, kind: type[Event]) -> None:
        self._due[kind] += 1
        count = self._due[kind]
        self._awaited.append((f"{kind.__name__}, the {count}.", lambda: self._reported[kind] >= count))

    def _await_phone(self, phone: Phone, state: PhoneState) -> None:
        self._awaited.append((f"the phone of {phone.user} {state.value}", lambda: phone.state is state))

    def _await_time(self, seconds: float) -> None:
        enough = time.monotonic() + seconds
        self._awaited.append((f"{seconds} s", lambda: time.monotonic() >= enough))

    # --- what people do -----------------------------------------------------------------------

    def _caller_acts(self, key: str | None) -> None:
        if not self._off_hook:
            return
        if key is None:
            self._hang_up()
            self._telephones.caller.hang_up()
            self._await_report(CallerHungUp)
            self._conversation_is_over()
        else:
            self._telephones.caller.press(key)
            self._await_report(DigitPressed)

    def _answers(self, operator: str) -> None:
        self._telephones.of(operator).accept()
        self._await_report(OperatorAnswered)

    def _declines(self, operator: str) -> None:
        self._telephones.of(operator).hang_up()
        self._await_report(OperatorUnanswered)

    def _hangs_up(self, operator: str) -> None:
        self._register(operator)
        self._telephones.of(operator).hang_up()
        self._await_report(OperatorHungUp)
        self._conversation_is_over()

    def _transfers(self, operator: str) -> None:
        super()._transfers(operator)
        self._conversation_is_over()

    def _conversation_is_over(self) -> None:
        if self._recorded:
            self._recorded = False
            self._await_report(RecordingStored)

    def _call_back_answered(self) -> None:
        self._ringing = None
        self._off_hook = True
        self._telephones.caller.accept()
        self._await_report(CallerAnswered)

    def _call_back_unanswered(self) -> None:
        """The network gives up ringing: the far end refuses the call."""
        self._ringing = None
        self._telephones.caller.hang_up()
        self._await_report(CallerUnanswered)

    # --- what the switch does -----------------------------------------------------------------

    def _played(self, play: int) -> None:
        self._heard.clear()
        self._playing = None
        self._await_report(PlayFinished)

    def _perform(self, command: CarrierCommand) -> None:
        super()._perform(command)
        caller, of = self._telephones.caller, self._telephones.of
        match command:
            case Answer():
                self._await_phone(caller, PhoneState.TALKING)
            case CallBack():
                self._await_phone(caller, PhoneState.RINGING)
            case HangUp():
                self._await_phone(caller, PhoneState.IDLE)
            case RingOperator(operator):
                self._await_phone(of(operator), PhoneState.RINGING)
            case StopRinging(operator) | DropOperator(operator):
                self._await_phone(of(operator), PhoneState.IDLE)
            case Connect(operator, record):
                self._recorded = record is not None
                self._await_time(WORDS_S)


class CueingCarrier:
    """Carries out a turn on the switch, then lets the people perceive it."""

    def __init__(self, inner: AsteriskCarrier) -> None:
        self._inner = inner
        self.line: RealLine | None = None

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        await self._inner.perform(call_id, event, commands)
        if self.line is not None:
            self.line.perform(commands)


class RealScene:
    """One script, its people, and a control room of the live system's parts."""

    def __init__(
        self, script: Script, stage: Stage, clock: Clock, agenda: Agenda, telephones: Telephones
    ) -> None:
        self._script = script
        self._stage = stage
        self._clock = clock
        self._agenda = agenda
        self._telephones = telephones
        self._journal = MemoryJournal()
        plan = AsteriskPlan(
            media=stage.media,
            endpoints=telephones.endpoints(),
            call_back=telephones.call_back,
            recordings=str(stage.switch.written.recordings),
        )
        self.carrier = AsteriskCarrier(plan, clock, self._report, self._arrived)
        self._cueing = CueingCarrier(self.carrier)
        self.closed = asyncio.Event()
        room = Room(stage.setting)
        self.controller = Controller(room, self._cueing, self._journal, clock, lambda _: self.closed.set())
        staff(script, agenda, self.controller.sign_in)

    @property
    def turns(self) -> list[Turn]:
        """What has happened so far."""
        return self._journal.turns

    def dial(self) -> None:
        """The caller dials the number of the service."""
        self._telephones.caller.dial(f"sip:{self._script.service}@127.0.0.1:{self._stage.switch.sip_port}")

    async def come_to_rest(self) -> None:
        """Return when all that the scene has led to so far has been done, seen and handled."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    await self.controller.settled()
                    if not self._outstanding():
                        return
                    await asyncio.sleep(0.002)
        except TimeoutError:
            waiting = ", ".join(self._outstanding()) or "the controller"
            seconds = (self._clock.now() - self._script.start) / 1000
            told = "\n".join(map(str, self.turns))
            raise AssertionError(f"waited in vain at {seconds} s for {waiting}, after\n{told}") from None

    def _outstanding(self) -> list[str]:
        line = self._cueing.line
        return ["the call"] if line is None else line.outstanding()

    def _arrived(self, call_id: str, caller: str | None, service: str) -> None:
        line = RealLine(
            call_id, self._script, self._agenda, self.controller.report, telephones=self._telephones
        )
        self._cueing.line = line
        told = arrival(self._script, self._stage.setting)
        line.ring(replace(told, at=self._clock.now(), service=service, caller=caller))

    def _report(self, call_id: str, event: Event) -> None:
        assert self._cueing.line is not None
        self._cueing.line.reported(event)
        self.controller.report(call_id, event)


async def play_step_by_step(script: Script, stage: Stage, operators: Iterable[str]) -> list[Turn]:
    """Play a scene with a clock that waits for the switch; `operators` have telephones. Gives the turns.

    At each step the next of the scene's entries happens, as in virtual time, and then everything that follows
    on the switch and at the telephones. A prompt's end is an entry: when it is due, the switch is waited for.
    """
    async with _telephones(script, stage.folder, operators) as telephones:
        agenda = VirtualAgenda(script.start)
        async with _connected(RealScene(script, stage, agenda, agenda, telephones), stage.switch) as scene:
            agenda.at(script.start, scene.dial)
            while agenda.step():
                await scene.come_to_rest()
    return scene.turns


async def play_by_the_clock(
    script: Script, stage: Stage, operators: Iterable[str], speed: float
) -> list[Turn]:
    """Play a scene at `speed` times real time until its record has closed. Gives the turns."""
    async with _telephones(script, stage.folder, operators) as telephones:
        clock = WallClock(script.start, speed)
        agenda = LiveAgenda(clock)
        async with _connected(RealScene(script, stage, clock, agenda, telephones), stage.switch) as scene:
            scene.dial()
            async with asyncio.timeout(120):
                await scene.closed.wait()
    return scene.turns


@asynccontextmanager
async def _telephones(script: Script, folder: Path, operators: Iterable[str]) -> AsyncIterator[Telephones]:
    async with AsyncExitStack() as stack:
        number = script.caller.number or "anonymous"
        caller = await stack.enter_async_context(Phone(folder / "caller", number, tone=CALLER_TONE))
        phones = {
            name: await stack.enter_async_context(Phone(folder / name, name, tone=OPERATOR_TONE))
            for name in operators
        }
        yield Telephones(caller, phones)


@asynccontextmanager
async def _connected(scene: RealScene, switch: Switch) -> AsyncIterator[RealScene]:
    async def settle(_: Resynchronised) -> None:
        """There is nothing to settle: the connection is new, and it is not lost."""

    written = switch.written
    client = AriClient(
        written.ari_url,
        written.ari_user,
        written.ari_password,
        written.application,
        on_event=scene.carrier.on_event,
        on_resync=settle,
    )
    scene.carrier.attach(client)
    async with client:
        yield scene
        await scene.controller.close()
        await scene.carrier.close()
