"""The live system put together: settings, store, menus, prompts, switch, controller, location messages.

    async with live_system(settings) as live:
        await live.run()

Nothing here decides anything; it is the one place that knows every part.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from vagtcentral.console.floor import Floor
from vagtcentral.console.live_setting import live_setting
from vagtcentral.console.presence import LEFT, Presence
from vagtcentral.console.refill import Given, refill
from vagtcentral.console.settings import SERVICES, Settings, SettingsError, variable
from vagtcentral.console.sim_trunk import SimTrunk
from vagtcentral.console.staff import StaffMember, load_staff
from vagtcentral.console.trunk import AsteriskTrunk, Trunk
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.messages import LocationMessage, MessageStore
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.clock import Clock, WallClock
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.events import Event, LocationReceived
from vagtcentral.ivr.location_reader import LocationReader
from vagtcentral.ivr.matching import LocationMatcher
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Menu
from vagtcentral.menus.prompts import PromptError, PromptStore
from vagtcentral.sim.pace import PacedClock

log = logging.getLogger(__name__)

#: Operators whom the simulation has beside the shipped staff: they take everything, so that who sits down at
#: one of these desks has something to do.
ALL_ROUND = ("vagt-1", "vagt-2")


def live_staff(settings: Settings) -> tuple[StaffMember, ...]:
    """The operators of the settings. With Asterisk each needs a phone; `SettingsError` says who has none."""
    default = Path(__file__).parent.parent / "sim" / "staff.yaml"
    path = settings.staff or default
    staff = load_staff(path)
    if settings.carrier == "sim" and settings.staff is None:
        skills = tuple(sorted({skill for member in staff for skill in member.skills}))
        everything = [StaffMember(name=name, skills=skills, languages=("da", "en")) for name in ALL_ROUND]
        return (*everything, *staff)
    without = [member.name for member in staff if member.endpoint is None]
    if settings.carrier == "asterisk" and without:
        some = ", ".join(without[:5]) + (" and others" if len(without) > 5 else "")
        named = path if settings.staff else f"{variable('staff')} is not set; the staff that is shipped"
        raise SettingsError([f"{named}: no endpoint for {some}; with asterisk each operator needs a phone"])
    return staff


def live_prompts(settings: Settings, menus: Mapping[str, Menu]) -> PromptStore:
    """The audio of the services' menus and surveys, made where it is missing.

    `PromptError` has a line for each prompt of any of them that can have none.
    """
    prompts = PromptStore(settings.prompts, settings.voices, settings.voice_rate, settings.studio)
    lines: list[str] = []
    for name in used_menus(menus):
        try:
            prompts.speak_all(menus[name])
        except PromptError as error:
            lines += error.lines
    if lines:
        raise PromptError(dict.fromkeys(lines))  # menus share prompts
    return prompts


async def _clock(settings: Settings, store: Store) -> Clock:
    """The clock of the calls. A simulated one that has run ahead of real time never goes back."""
    now = WallClock()
    if settings.carrier != "sim":
        return now
    return PacedClock(settings.sim_speed, max(now.now(), await store.last_instant() or 0))


def used_menus(menus: Mapping[str, Menu]) -> list[str]:
    """The names of the menus that a caller can get into: those of the services, and their surveys."""
    surveys = [survey for service in SERVICES if (survey := menus[service].survey) is not None]
    return list(dict.fromkeys((*SERVICES, *surveys)))


@asynccontextmanager
async def live_system(settings: Settings, clock: Clock | None = None) -> "AsyncIterator[LiveSystem]":
    """Put the system together and leave it in order: every turn written, live calls left on the switch.

    Raises `SettingsError`, `MenuError`, `PromptError` or `StoreError` for what cannot be used.
    """
    setting = live_setting(settings)
    staff = live_staff(settings)
    prompts = live_prompts(settings, setting.menus) if settings.carrier == "asterisk" else None
    async with (
        await Store.open(settings.store) as store,
        await MessageStore.open(settings.store) as messages,
    ):
        clock = clock or await _clock(settings, store)
        live = LiveSystem(settings, setting, staff, prompts, store, messages, clock)
        await live.restore()
        try:
            yield live
        finally:
            await live.close()


class LiveSystem:
    """The parts of a running control room; make one with `live_system`. Without prompts, a simulated one."""

    def __init__(
        self,
        settings: Settings,
        setting: Setting,
        staff: tuple[StaffMember, ...],
        prompts: PromptStore | None,
        store: Store,
        messages: MessageStore,
        clock: Clock,
    ) -> None:
        self.setting = setting
        self.staff = staff
        self.store = store
        self.messages = messages
        self.clock = clock
        self.matcher = LocationMatcher(window_ms=settings.aml_window_s * 1000)
        self.trunk = self._trunk(settings, prompts)
        self.controller = Controller(
            Room(setting), self.trunk.carrier, store, clock, self.matcher.call_closed
        )
        self.floor = Floor(self.controller, self.trunk, clock, [member.operator for member in staff])
        self.presence = Presence(self.floor)
        self._restored: list[str] = []
        self._missed: list[Given] = []
        self._noting: set[asyncio.Task[None]] = set()

    async def restore(self) -> None:
        """Rebuild from the journal every call that was live when the program ended; nothing is sent yet."""
        open_calls = await self.store.open_call_ids()
        journals = {}
        for call_id in open_calls:
            try:
                journals[call_id] = await self.store.read_turns(call_id)
            except JournalError as error:  # the others must not wait for it
                await self._set_aside(call_id, error)
        for call_id, turns in journals.items():
            self.controller.rebuild(turns)
            self.trunk.restore(turns)
            self.floor.restore(turns)
            self._restored.append(call_id)
        self._missed = await refill(self.matcher, self.store, self.messages, journals, self.clock.now())

    async def _set_aside(self, call_id: str, error: JournalError) -> None:
        """A damaged journal is kept under another id, so that its caller can begin anew, with a record."""
        log.error("call %s: cannot be taken up again: %s", call_id, error)
        try:
            aside = await self.store.set_aside(call_id, self.clock.now())
        except StoreError as failure:
            log.error("call %s: its journal stays in the way of a new one: %s", call_id, failure)
        else:
            log.warning("call %s: its journal is kept as %s", call_id, aside)

    async def run(self, with_page: Collection[str] = ()) -> None:
        """Connect to the switch, take up the calls, let the operators in, and stay until the end.

        `with_page` are the operators who come to work at a page, because they have an account: their
        telephones do not ring before they have come. Others start ready, and so do simulated colleagues.
        Raises `Refused` or `Replaced` when the switch does not want us.
        """
        await self.trunk.start()
        await self.controller.resumed()
        self.floor.open()
        for member in self.staff:
            ready = self.trunk.rings_in_page or member.name not in with_page
            if not self.floor.desks[member.name].at_page:
                self.floor.sign_in(member.name, ready=ready, at_page=False, reason=LEFT)
        await self.trunk.until_ended()

    async def close(self) -> None:
        """Stop listening to the switch, then write what is known."""
        await self.trunk.close()
        await self.controller.close()
        if self._noting:
            await asyncio.wait(self._noting)

    def oddities(self, event: LocationReceived) -> tuple[str, ...]:
        """What is odd about a position that the network tells, by name; its call will say so too."""
        return LocationReader(self.setting).read(event).anomalies

    async def deliver(self, message: LocationMessage) -> str | None:
        """Give a location message to its caller's call, live or lately closed, or keep it for one to come.

        It is stored when this returns; if that fails its call gets it all the same. Returns the call.
        """
        call_id = None
        if message.usable:
            call_id = self.matcher.message(message.number, message.event, message.at)
        if call_id is not None:
            self.controller.report(call_id, message.event)
        try:
            await self.messages.keep(message, call_id)
        except StoreError as error:
            log.error("aml %s: not stored: %s", message.id, error)
        return call_id

    # ------------------------------------------------------------------------------------------

    def _trunk(self, settings: Settings, prompts: PromptStore | None) -> Trunk:
        if prompts is None:
            return SimTrunk(
                self.clock,
                self._report,
                self._arrived,
                self._resume,
                self._manned,
                settings,
                self.setting.atlas,
            )
        endpoints = {member.name: member.endpoint for member in self.staff if member.endpoint is not None}
        return AsteriskTrunk(
            settings,
            prompts,
            endpoints,
            self.clock,
            self._report,
            self._arrived,
            self._resume,
            self._is_over,
            self._at_work,
        )

    def _manned(self, operator: str) -> bool:
        """Whether somebody sits at the page of this operator's desk."""
        return self.floor.desks[operator].at_page

    def _report(self, call_id: str, event: Event) -> None:
        self.controller.report(call_id, event)

    def _arrived(self, call_id: str, caller: str | None, service: str) -> None:
        """A call from the switch; any other number than 112 is taken as 114, which serves every errand."""
        service = service if service in SERVICES else "114"
        now = self.clock.now()
        self.controller.report(call_id, self.setting.arrival(now, service, caller, service))
        early = self.matcher.call_arrived(call_id, caller, now)
        for event in early:
            self.controller.report(call_id, event)
        if early:
            task = asyncio.create_task(self._note_given(call_id, caller, now - self.matcher.window_ms))
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _note_given(self, call_id: str, caller: str | None, since: int) -> None:
        try:
            await self.messages.given(call_id, caller, since)
        except StoreError as error:
            log.error("call %s: that it got its location messages is not stored: %s", call_id, error)

    def _at_work(self, at_work: bool) -> None:
        """Whether the switch can ring somebody: nobody is offered a call for which no phone would ring."""
        if at_work:
            self.controller.resume_offers()
        else:
            self.controller.suspend_offers()

    def _resume(self) -> None:
        """Let the calls of the journal go on, once, now that commands can be carried out."""
        restored, self._restored = self._restored, []
        for call_id in restored:
            self.controller.resume(call_id)
        missed, self._missed = self._missed, []
        for call_id, event in missed:
            self.controller.report(call_id, replace(event, at=self.clock.now()))

    async def _is_over(self, call_id: str) -> bool:
        """Whether a channel that no line is for is left over from a call that has been closed."""
        record = await self.store.record(call_id)
        return record is not None and record.ended_at is not None
