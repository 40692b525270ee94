"""The live system put together: settings, store, menus, prompts, switch, controller, location messages.

    async with live_system(settings) as live:
        await live.run()

Nothing here decides anything; it is the one place that knows every part.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from vagtcentral.console.aml_server import Incoming
from vagtcentral.console.settings import SERVICES, Settings, SettingsError, variable
from vagtcentral.console.staff import StaffMember, load_staff
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.clock import Clock, WallClock
from vagtcentral.ivr.controller import Controller
from vagtcentral.ivr.events import CallArrived, Event
from vagtcentral.ivr.matching import LocationMatcher
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import CallPolicy, Setting
from vagtcentral.location.atlas import Atlas
from vagtcentral.menus.load import find_menu, load_menu, shipped_menu, shipped_names
from vagtcentral.menus.model import Menu
from vagtcentral.menus.prompts import PromptStore

log = logging.getLogger(__name__)


def live_setting(settings: Settings) -> Setting:
    """The menus and the geometry that the settings name.

    Raises `MenuError` for a menu that cannot be used, `SettingsError` for one that has no survey of its name.
    """
    menus = {name: shipped_menu(name) for name in shipped_names()}
    menus |= {service: load_menu(find_menu(settings.menus[service])) for service in SERVICES}
    for service in SERVICES:
        survey = menus[service].survey
        if survey is not None and survey not in menus:
            known = ", ".join(sorted(menus))
            named = settings.menus[service]
            raise SettingsError(
                [f"{variable('menus')}: {service}={named}: survey: {survey}; known menus are: {known}"]
            )
    policy = CallPolicy(ring_ms=settings.ring_s * 1000, wrap_up_ms=settings.wrap_up_s * 1000)
    return Setting(menus, Atlas.built_in(), policy)


def live_staff(settings: Settings) -> tuple[StaffMember, ...]:
    """The operators of the settings. With Asterisk each needs a phone; `SettingsError` says who has none."""
    default = Path(__file__).parent.parent / "sim" / "staff.yaml"
    path = settings.staff or default
    staff = load_staff(path)
    without = [member.name for member in staff if member.endpoint is None]
    if settings.carrier == "asterisk" and without:
        some = ", ".join(without[:5]) + (" and others" if len(without) > 5 else "")
        named = path if settings.staff else f"{variable('staff')} is not set; the staff that is shipped"
        raise SettingsError([f"{named}: no endpoint for {some}; with asterisk each operator needs a phone"])
    return staff


def live_prompts(settings: Settings, menus: Mapping[str, Menu]) -> PromptStore:
    """The audio of the services' menus and surveys, made where it is missing.

    `PromptError` has a line for each prompt that can have none.
    """
    prompts = PromptStore(settings.prompts, settings.voices, settings.voice_rate, settings.studio)
    for name in used_menus(menus):
        prompts.speak_all(menus[name])
    return prompts


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
    prompts = live_prompts(settings, setting.menus)
    async with await Store.open(settings.store) as store:
        live = LiveSystem(settings, setting, staff, prompts, store, clock or WallClock())
        await live.restore()
        try:
            yield live
        finally:
            await live.close()


class LiveSystem:
    """The parts of a running control room on Asterisk; make one with `live_system`."""

    def __init__(
        self,
        settings: Settings,
        setting: Setting,
        staff: tuple[StaffMember, ...],
        prompts: PromptStore,
        store: Store,
        clock: Clock,
    ) -> None:
        self.setting = setting
        self.staff = staff
        self.store = store
        self.clock = clock
        self.matcher = LocationMatcher(window_ms=settings.aml_window_s * 1000)
        plan = AsteriskPlan(
            media=prompts.media,
            endpoints={member.name: member.endpoint for member in staff if member.endpoint is not None},
            recordings=str(settings.recordings),
        )
        self.carrier = AsteriskCarrier(plan, clock, self._report, self._arrived)
        self.controller = Controller(Room(setting), self.carrier, store, clock, self.matcher.call_closed)
        password = settings.ari_password
        self.switch = AriClient(
            settings.ari_url,
            settings.ari_user,
            password.get_secret_value() if password is not None else "",
            settings.ari_app,
            on_event=self.carrier.on_event,
            on_resync=self._resynchronised,
            asked=self.carrier.asked,
            now=clock.now,
        )
        self.carrier.attach(self.switch)
        self._restored: list[str] = []

    async def restore(self) -> None:
        """Rebuild from the journal every call that was live when the program ended; nothing is sent yet."""
        for call_id in await self.store.open_call_ids():
            turns = await self.store.read_turns(call_id)
            self.controller.rebuild(turns)
            self.carrier.restore(turns)
            arrived = turns[0].event
            if isinstance(arrived, CallArrived):
                self.matcher.call_arrived(call_id, arrived.caller, arrived.at)
            self._restored.append(call_id)

    async def run(self) -> None:
        """Connect to the switch, take up the calls, let the operators in, and stay until the end.

        Raises `Refused` or `Replaced` when the switch does not want us.
        """
        await self.switch.start()
        await self.controller.settled()
        for member in self.staff:
            self.controller.sign_in(member.operator)
        await self.switch.until_ended()

    async def close(self) -> None:
        """Stop listening to the switch, then write what is known."""
        await self.switch.close()
        await self.carrier.close()
        await self.controller.close()

    def deliver(self, incoming: Incoming) -> str | None:
        """Give a location message to its caller's call, live or lately closed, or keep it for one to come."""
        if not incoming.usable:
            return None
        call_id = self.matcher.message(incoming.number, incoming.event, incoming.at)
        if call_id is not None:
            self.controller.report(call_id, incoming.event)
        return call_id

    # ------------------------------------------------------------------------------------------

    def _report(self, call_id: str, event: Event) -> None:
        self.controller.report(call_id, event)

    def _arrived(self, call_id: str, caller: str | None, service: str) -> None:
        """A call from the switch; any other number than 112 is taken as 114, which serves every errand."""
        service = service if service in SERVICES else "114"
        menu = self.setting.menus[service]
        now = self.clock.now()
        atlas_sha256 = self.setting.atlas.data.sha256
        self.controller.report(call_id, CallArrived(now, service, caller, service, menu.sha256, atlas_sha256))
        for event in self.matcher.call_arrived(call_id, caller, now):
            self.controller.report(call_id, event)

    async def _resynchronised(self, found: Resynchronised) -> None:
        """After each connection: first the calls of the journal are resumed, then all are settled."""
        restored, self._restored = self._restored, []
        for call_id in restored:
            self.controller.resume(call_id)
        await self.carrier.settle(found, self._is_over)

    async def _is_over(self, call_id: str) -> bool:
        """Whether a channel that no line is for is left over from a call that has been closed."""
        return await self.store.record(call_id) is not None
