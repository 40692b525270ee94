"""Callers with telephones of their own, who do what they are told when it is time, however slow the machine.

Nobody is hung up on without its being seen: a caller knows whether it was she who ended her call.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.asterisk.baresip import Phone, PhoneState
from tests.asterisk.ports import free_port
from tests.asterisk.relay import Relay
from tests.asterisk.serving import ControlRoom
from tests.asterisk.sipp import operator_phone
from tests.asterisk.switch import Switch
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.menus.prompts import PromptStore

OPERATORS = 6
SKILLS = ["emergency", "theft", "crime", "general", "local", "tips"]

#: How long whatever must happen is waited for, in seconds: generous, for it is no measure of speed.
PATIENCE_S = 60.0

_FIRST_NUMBER = 20_11_40_00


class Caller(Phone):
    """A telephone that has called, and whether somebody hung up on it; `user` is its number."""

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(folder, user, self._note_end)
        self.hung_up_on = False
        self._leaves = False

    @property
    def on_the_line(self) -> bool:
        """Whether her call is there, as it was from its answer on."""
        return self.state is PhoneState.TALKING and not self.hung_up_on

    def hang_up(self) -> None:
        """End the call, or give up before it is answered."""
        self._leaves = True
        super().hang_up()

    def _note_end(self, event: dict[str, Any]) -> None:
        if event["type"] == "CALL_CLOSED" and not self._leaves:
            self.hung_up_on = True


class Crowd:
    """Callers to one switch; their telephones are there as long as `crowd` says."""

    def __init__(self, switch: Switch, folder: Path, stack: AsyncExitStack) -> None:
        self._switch = switch
        self._folder = folder
        self._stack = stack
        self.callers: list[Caller] = []

    async def gather(self, count: int) -> list[Caller]:
        """So many more, who have not called yet."""
        first = _FIRST_NUMBER + len(self.callers)
        added = [Caller(self._folder / f"{first + n}", f"{first + n}") for n in range(count)]
        for caller in added:
            await self._stack.enter_async_context(caller)
        self.callers += added
        return added

    def call(self, service: str, *callers: Caller) -> None:
        """These dial now."""
        for caller in callers:
            caller.dial(f"sip:{service}@127.0.0.1:{self._switch.sip_port}")

    async def gather_and_call(self, service: str, count: int) -> list[Caller]:
        """So many more, one after the other, each with a call that is answered."""
        callers = await self.gather(count)
        for caller in callers:
            self.call(service, caller)
            await until(lambda caller=caller: caller.on_the_line, f"{caller.user} is answered")
        return callers

    def dropped(self) -> list[str]:
        """The numbers of those who were hung up on."""
        return [caller.user for caller in self.callers if caller.hung_up_on]

    def hang_up(self) -> None:
        """Everybody who is still on the line hangs up."""
        for caller in self.callers:
            if caller.on_the_line:
                caller.hang_up()


@asynccontextmanager
async def crowd(switch: Switch, folder: Path) -> AsyncIterator[Crowd]:
    """Telephones for callers to this switch as long as the block lasts."""
    async with AsyncExitStack() as stack:
        yield Crowd(switch, folder, stack)


@asynccontextmanager
async def control_room(
    make_switch: Callable[..., Switch],
    prompts: PromptStore,
    folder: Path,
    relay: Relay | None = None,
) -> AsyncIterator[tuple[Switch, ControlRoom]]:
    """A switch and the program on it, with operators for everything whose phones answer at once."""
    port = free_port()
    names = [f"op{n}" for n in range(OPERATORS)]
    phones = tuple(OperatorPhone(name=name, contact=f"127.0.0.1:{port}") for name in names)
    switch = make_switch(prompt_folders=(prompts.folder,), operators=phones)
    if relay is not None:
        relay.target = switch.ari_port
        switch.written = replace(switch.written, ari_url=f"http://127.0.0.1:{relay.port}")
    staff: list[dict[str, Any]] = [
        {"name": name, "skills": SKILLS, "languages": ["da", "en"], "endpoint": f"PJSIP/{name}"}
        for name in names
    ]
    room = ControlRoom(folder / "room", switch, staff, prompts.folder, wrap_up_s=1)
    async with operator_phone(folder / "operators", port):
        await room.start()
        try:
            yield switch, room
        finally:
            room.stop()


async def until(is_so: Callable[[], bool | Awaitable[bool]], what: str, within_s: float = PATIENCE_S) -> None:
    """Return when it is so; `what` says in words what is waited for."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                answer = is_so()
                if answer if isinstance(answer, bool) else await answer:
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not in {within_s:g} s: {what}") from None


async def records_of(room: ControlRoom, callers: Iterable[Phone]) -> list[CallRecord]:
    """The record of each of these callers, in this order, without those who have none yet."""
    by_number: dict[str | None, CallRecord] = {}
    for record in await room.records():
        assert record.caller not in by_number, f"{record.caller} has called once and has two records"
        by_number[record.caller] = record
    return [by_number[caller.user] for caller in callers if caller.user in by_number]


async def until_all(
    room: ControlRoom, callers: Iterable[Phone], is_so: Callable[[CallRecord], bool], what: str
) -> None:
    """Return when it is so of the records of all these callers."""
    everyone = list(callers)

    async def look() -> bool:
        records = await records_of(room, everyone)
        return len(records) == len(everyone) and all(map(is_so, records))

    await until(look, what)
