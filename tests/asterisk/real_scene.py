"""A recorded call on a real switch: the people of the simulator, with real telephones in their hands."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests.asterisk.baresip import Phone
from tests.asterisk.conftest import Switch
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.clock import WallClock
from vagtcentral.ivr.commands import CarrierCommand
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.events import CallArrived, Event
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Spoken
from vagtcentral.menus.prompts import PromptStore
from vagtcentral.sim.agenda import LiveAgenda
from vagtcentral.sim.scene import arrival, staff
from vagtcentral.sim.script import Script
from vagtcentral.sim.switch import ScriptedLine

CALLER_TONE, OPERATOR_TONES = 440, (700, 950, 1200)


class MemoryJournal:
    """Keeps turns in a list."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def append(self, turns: list[Turn]) -> None:
        self.turns += turns


class OperatorPhones(Mapping[str, str]):
    """Gives each operator who is rung one of the phones; the dial string names its address."""

    def __init__(self, phones: list[Phone]) -> None:
        self._phones = phones
        self._given: dict[str, Phone] = {}

    def phone(self, operator: str) -> Phone:
        if operator not in self._given:
            self._given[operator] = self._phones[len(self._given)]
        return self._given[operator]

    def __getitem__(self, operator: str) -> str:
        phone = self.phone(operator)
        return f"PJSIP/network/sip:{phone.user}@127.0.0.1:{phone.sip_port}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class RealLine(ScriptedLine):
    """The people of the script, who hear what the switch plays and act on their telephones.

    What the switch itself reports is not reported here; only what is done at a desk is.
    """

    def __init__(
        self, *given: Any, phone: Phone, operators: OperatorPhones, speech: Callable[[Spoken], int]
    ) -> None:
        super().__init__(*given, speech=speech)
        self._phone = phone
        self._operator_phones = operators

    def _caller_acts(self, key: str | None) -> None:
        if key is None:
            self._hang_up()
            self._phone.hang_up()
        elif self._off_hook:
            self._phone.press(key)

    def _played(self, play: int) -> None:
        self._heard.clear()
        self._playing = None

    def _answers(self, operator: str) -> None:
        self._operator_phones.phone(operator).accept()

    def _declines(self, operator: str) -> None:
        self._operator_phones.phone(operator).hang_up()

    def _hangs_up(self, operator: str) -> None:
        self._register(operator)
        self._operator_phones.phone(operator).hang_up()

    def _call_back_answered(self) -> None:
        self._ringing = None
        self._off_hook = True
        self._phone.accept()

    def _call_back_unanswered(self) -> None:
        self._ringing = None


class CueingCarrier:
    """Carries out a turn on the switch, then lets the people perceive it."""

    def __init__(self, inner: AsteriskCarrier) -> None:
        self._inner = inner
        self.line: ScriptedLine | None = None

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        await self._inner.perform(call_id, event, commands)
        if self.line is not None:
            self.line.perform(commands)


async def play_real(
    script: Script, setting: Setting, switch: Switch, prompts: PromptStore, folder: Path
) -> list[Turn]:
    """Play a scene through the switch with real telephones; returns the turns of its call."""
    journal = MemoryJournal()
    clock = WallClock(script.start)
    over = asyncio.Event()
    async with AsyncExitStack() as stack:
        phones = [
            await stack.enter_async_context(Phone(folder / f"op{n}", f"operator{n}", lambda _: None, tone))
            for n, tone in enumerate(OPERATOR_TONES)
        ]
        number = script.caller.number or "anonymous"
        phone = await stack.enter_async_context(Phone(folder / "caller", number, lambda _: None, CALLER_TONE))
        operators = OperatorPhones(phones)
        plan = AsteriskPlan(
            media=prompts.media,
            endpoints=operators,
            call_back=lambda number: f"PJSIP/network/sip:{number}@127.0.0.1:{phone.sip_port}",
            recordings=str(switch.written.recordings),
            ring_s=8,
        )
        controller: Controller

        def arrived(call_id: str, caller: str | None, service: str) -> None:
            assert (service, caller or "anonymous") == (script.service, number)
            line = RealLine(
                call_id,
                script,
                LiveAgenda(clock),
                controller.report,
                phone=phone,
                operators=operators,
                speech=prompts.duration_ms,
            )
            cueing.line = line
            told = arrival(script, setting)
            known_as = None if number == "anonymous" else caller
            line.ring(
                CallArrived(clock.now(), service, known_as, told.menu, told.menu_sha256, told.atlas_sha256)
            )

        carrier = AsteriskCarrier(plan, clock, lambda c, e: controller.report(c, e), arrived)
        cueing = CueingCarrier(carrier)
        controller = Controller(Room(setting), cueing, journal, clock, lambda _: over.set())

        async def settle(_: Resynchronised) -> None:
            pass

        written = switch.written
        password = written.ari_password_file.read_text().strip()
        client = AriClient(
            written.ari_url,
            written.ari_user,
            password,
            written.application,
            on_event=carrier.on_event,
            on_resync=settle,
        )
        carrier.attach(client)
        await stack.enter_async_context(client)
        staff(script, LiveAgenda(clock), controller.sign_in)
        phone.dial(f"sip:{script.service}@127.0.0.1:{switch.sip_port}")
        async with asyncio.timeout(400):
            await over.wait()
        await asyncio.sleep(0.3 + max(0.0, (script.start + script.last_message_ms - clock.now()) / 1000))
        await controller.close()
        await carrier.close()
    return journal.turns
