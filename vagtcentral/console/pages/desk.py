"""The operator's desk: who calls, from where and how sure that is; what can be done; the registration."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import background_tasks, context, ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import ProblemError
from vagtcentral.console.floor import Doing, NotNowError
from vagtcentral.console.live_call import LiveCall
from vagtcentral.console.pages.call_acts import WITH_CALL, CallActs
from vagtcentral.console.pages.call_card import CallCard
from vagtcentral.console.pages.caller_panel import CallerPanel
from vagtcentral.console.pages.desk_forms import Registrations, TransferDialog, draw_help
from vagtcentral.console.pages.desk_memory import remember, remembered
from vagtcentral.console.pages.desk_state import DeskState
from vagtcentral.console.pages.in_place import send_now
from vagtcentral.console.pages.map_view import MapView
from vagtcentral.console.pages.parts import button, panel, text
from vagtcentral.console.pages.ringing import Ringer, install_ringer
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.speed_control import SpeedControl
from vagtcentral.console.pages.waiting_list import WaitingList
from vagtcentral.console.sim_trunk import SimTrunk
from vagtcentral.console.words import has_words
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import calls_of
from vagtcentral.ivr.events import Timer
from vagtcentral.sim.pace import PacedClock

log = logging.getLogger(__name__)

STYLE = (Path(__file__).parent / "desk.css").read_text(encoding="utf-8")

#: How often the page looks whether something has changed, in seconds.
REFRESH_S = 0.1

#: The same for the calls that wait, in seconds: they come and go all the time, at every desk, and each change
#: has the whole page looked through by the browser (some 10 ms).
WAITING_S = 0.25

#: What is written is saved when so little of the time for registering is left, in milliseconds.
SAVES_BEFORE_MS = 1_500

#: How long a refusal is shown, in seconds.
NOTICE_S = 8.0

#: So many earlier calls of the number are shown, the call at hand not counted.
EARLIER_CALLS = 6


@page("/desk", Permission.TAKE_CALLS, title="nav_desk")
async def desk(visit: Visit) -> None:
    """The page of one operator; whoever opens it sits down at the desk of the account's operator."""
    operator = visit.person.operator
    if operator is None or operator not in visit.live.floor.desks:
        ui.label(visit.say("no_operator")).classes("refused").props("role=alert")
        return
    ui.add_css(STYLE)
    shown = DeskPage(visit, operator)
    shown.draw()


class DeskPage:
    """What stands on the desk of one operator. Parts are drawn once, and told what to show."""

    def __init__(self, visit: Visit, operator: str) -> None:
        self._visit = visit
        self._say = visit.say
        self._floor = visit.live.floor
        self._clock = visit.live.clock
        self._name = operator
        self._dirty = self._waiting_dirty = True
        self._own_shown: tuple[Doing, str, int] | None = None
        self._client = context.client
        self._on_map: tuple[str, int] | None = None
        self._state_kept: str | None = None
        self._looked_at: set[tuple[str, int]] = set()
        self._earlier: dict[str, list[CallRecord]] = {}

    # --- drawing ------------------------------------------------------------------------------

    def draw(self) -> None:
        """Sit down, and draw all of it."""
        self._sit_down()
        self._be_present()
        install_ringer()
        self._ringer = Ringer()
        with ui.element("div").classes("desk"):
            with ui.element("div").classes("column-stack"):
                self._draw_left()
            with ui.element("div").classes("column-stack middle"):
                self._draw_middle()
            with ui.element("div").classes("column-stack"):
                self._draw_right()
        atlas = self._visit.live.setting.atlas
        self._transfer = TransferDialog(self._say, atlas, self._floor, self._send_on)
        self._help = draw_help(self._say)
        ui.keyboard(self._key, ignore=[], repeating=False)
        context.client.on_delete(self._floor.listen(self._mark))
        context.client.on_delete(self._registrations.save_if_written)
        ui.timer(REFRESH_S, self._refresh)
        ui.timer(WAITING_S, self._refresh_waiting)
        ui.timer(1.0, self._mark)

    def _draw_left(self) -> None:
        say = self._say
        with panel(say("my_state")):
            self._state = DeskState(
                say,
                come=self._come,
                ready=self._ready,
                not_ready=self._not_ready,
                sound=self._ringer.toggle,
            )
            with ui.element("div").classes("acts beside"):
                button(say("help"), self._show_help, key="⇧F1")
                self._speed = SpeedControl(say, self._clock) if isinstance(self._clock, PacedClock) else None
        with panel(say("waiting_calls"), classes="waiting-calls"):
            self._waiting = WaitingList(say, self._claim)

    def _draw_middle(self) -> None:
        say = self._say
        self._notice = ui.element("div").props("role=status aria-live=assertive")
        acts: dict[str, Callable[[], None]] = {
            "answer": self._answer,
            "decline": self._put_down,
            "hold": self._hold,
            "retrieve": self._hold,
            "transfer": self._ask_transfer,
            "hand_over": self._hand_over,
            "hang_up": self._put_down,
            "wrongly": self._wrongly,
            "finish": self._finish,
        }
        self._acts = CallActs(say, acts)
        self._card = CallCard(say, self._name)
        CallerPanel(self._visit, self._name)

    def _draw_right(self) -> None:
        say, live = self._say, self._visit.live
        with panel(say("on_map"), classes="on-map", headed=False):
            self._map = MapView(live.setting.atlas, dark=self._visit.dark, label=say("on_map"))
            official = live.setting.atlas.data.official
            if isinstance(live.trunk, SimTrunk):
                text("p", say("synthetic_note"), "soft note")
            elif not official:
                text("p", say("map_note"), "soft note")
        desk, calls = self._floor.desks[self._name], self._floor.calls
        self._registrations = Registrations(say, self._clock.now, self._register, desk, calls)

    # --- being there --------------------------------------------------------------------------

    def _sit_down(self) -> None:
        """Sit down; after a restart of the program, as ready or not as before it."""
        ready, reason = False, "signed_in"
        if self._floor.desks[self._name].sat_down_at is None:
            before = remembered(self._visit.request, self._visit.person)
            ready, reason = before == "ready", before if before not in (None, "ready") else reason
        self._floor.open_page(self._name, ready=ready, reason=reason)

    def _be_present(self) -> None:
        """As long as this page is open somebody sits here, and a call at hand is use of the session."""
        presence, stay = self._visit.live.presence, self._visit.stay
        closed = presence.opened(self._name)
        context.client.on_delete(closed)
        idle = (Doing.AWAY, Doing.NOT_READY)
        stay.busy = lambda: self._floor.desks[self._name].doing not in idle

        def signed_out() -> None:
            self._registrations.save_if_written()
            closed()

        stay.on_signed_out.append(signed_out)

    # --- showing what is now ------------------------------------------------------------------

    def _mark(self) -> None:
        """Something has changed; what concerns this desk itself is shown at once."""
        self._dirty = self._waiting_dirty = True
        if self._own() != self._own_shown:
            with self._client:
                self._refresh()

    def _own(self) -> tuple[Doing, str, int]:
        """What the operator does, with which call, and how far that is."""
        call = self._floor.call_of(self._name)
        known = ("", 0) if call is None else (call.call_id, call.record.last_seq)
        return (self._floor.desks[self._name].doing, *known)

    def _refresh_waiting(self) -> None:
        if not self._waiting_dirty:
            return
        self._waiting_dirty = False
        offered_to = self._visit.live.controller.room.dispatch.offered_to
        self._waiting.show(self._floor.waiting(), offered_to, self._clock.now())

    def _refresh(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        self._own_shown = self._own()
        desk, call, now = self._floor.desks[self._name], self._floor.call_of(self._name), self._clock.now()
        self._state.show(desk)
        ringing = self._ringing_words(call) if desk.doing is Doing.RINGING and call is not None else None
        self._acts.show(desk.doing, call, ringing, now)
        self._ringer.show(None if ringing is None else f"☎ {ringing}")
        self._card.show(call, [] if call is None else self._earlier.get(call.call_id, []))
        self._card.tick(now)
        send_now(self._client)  # that it rings, and where the caller is, before all that is drawn for it
        self._show_map(call)
        self._show_registration(desk.doing, call, now)
        if self._speed is not None:
            self._speed.show()
        self._keep_state(desk.reason or ("away" if desk.doing is Doing.AWAY else "ready"))

    def _ringing_words(self, call: LiveCall) -> str:
        what = self._say("emergency" if call.emergency else "service_114")
        where = call.record.district_name or self._say("unknown")
        return self._say("call_rings", what=what, where=where)

    def _show_map(self, call: LiveCall | None) -> None:
        fixes = ("", 0) if call is None else (call.call_id, len(call.fixes))
        if self._on_map == fixes:
            return
        self._on_map = fixes
        chances = () if call is None else call.record.districts
        self._map.shade({one["code"]: one["probability"] for one in chances})
        self._map.show([] if call is None else call.fixes)
        if call is not None and fixes not in self._looked_at:
            self._looked_at.add(fixes)
            background_tasks.create(self._look_at(call))

    def _show_registration(self, doing: Doing, call: LiveCall | None, now: int) -> None:
        self._registrations.show(call if doing in WITH_CALL else None)
        due = None if call is None else call.due.get(Timer.WRAP_UP)
        if doing is Doing.WRAP_UP and due is not None and due - now < SAVES_BEFORE_MS:
            self._registrations.save_if_written()

    def _keep_state(self, state: str) -> None:
        if state != self._state_kept:
            self._state_kept = state
            remember(self._visit.person, state)

    async def _look_at(self, call: LiveCall) -> None:
        """Log the look at a fix of a call, and with its first fetch the earlier ones of its number.

        A live call is not kept from its operator if either fails.
        """
        request, store = self._visit.request, self._visit.live.store
        try:
            await log_look(request, Deed.LOOKED_AT_POSITION, call.call_id)
            if call.call_id in self._earlier:
                return
            found = await calls_of(store, call.record.caller, EARLIER_CALLS)
            earlier = [one for one in found if one.call_id != call.call_id]
            if earlier:
                await log_look(request, Deed.LOOKED_AT_CALL, call.call_id, "earlier calls of the number")
        except (ProblemError, StoreError) as error:
            log.error("call %s: a look is not logged, or its number not looked up: %s", call.call_id, error)
            return
        self._earlier[call.call_id] = earlier
        self._dirty = True

    # --- doing --------------------------------------------------------------------------------

    def _try(self, act: Callable[[], None]) -> bool:
        """Do it, unless the page has no right to any more; whether it was done."""
        if self._visit.stay.over:
            return False
        self._dirty = True
        try:
            act()
        except NotNowError as refusal:
            self._tell(refusal)
            return False
        return True

    def _tell(self, refusal: NotNowError) -> None:
        known = has_words(f"not_now_{refusal.reason}")
        key = refusal.reason if known and (refusal.by or refusal.reason != "call_is_taken") else "gone"
        self._notice.clear()
        with self._notice:
            told = text("p", self._say(f"not_now_{key}", by=refusal.by or ""), "notice panel")
            ui.timer(NOTICE_S, told.delete, once=True)

    def _come(self) -> None:
        self._try(lambda: self._floor.sign_in(self._name))

    def _ready(self) -> None:
        self._try(lambda: self._floor.ready(self._name))

    def _not_ready(self, reason: str) -> None:
        self._try(lambda: self._floor.not_ready(self._name, reason))

    def _claim(self, call_id: str) -> None:
        self._try(lambda: self._floor.claim(self._name, call_id))

    def _answer(self) -> None:
        self._try(lambda: self._floor.answer(self._name))

    def _put_down(self) -> None:
        ringing = self._floor.doing(self._name) is Doing.RINGING
        self._try(lambda: self._floor.decline(self._name) if ringing else self._floor.hang_up(self._name))

    def _hold(self) -> None:
        holding = self._floor.doing(self._name) is Doing.HOLDING
        self._try(lambda: self._floor.retrieve(self._name) if holding else self._floor.hold(self._name))

    def _ask_transfer(self) -> None:
        if self._floor.doing(self._name) in (Doing.TALKING, Doing.HOLDING):
            self._transfer.open()

    def _hand_over(self) -> None:
        self._send_on("emergency", None, "emergency")

    def _send_on(self, skill: str, district: str | None, reason: str) -> None:
        self._try(lambda: self._floor.transfer(self._name, skill, district, reason))

    def _wrongly(self) -> None:
        call = self._floor.call_of(self._name)
        if call is not None:
            self._try(lambda: self._floor.wrongly_routed(self._name, not call.record.wrongly_routed))

    def _finish(self) -> None:
        self._registrations.save_if_written()
        self._try(lambda: self._floor.finish(self._name))

    def _register(self, call_id: str, code: str, fields: list[tuple[str, str]], note: str) -> bool:
        return self._try(lambda: self._floor.register(self._name, code, fields, note, call_id=call_id))

    def _show_help(self) -> None:
        self._help.open()

    def _key(self, event: Any) -> None:
        if not event.action.keydown or self._transfer.is_open or self._help.value:
            return
        doing = self._floor.doing(self._name)
        match str(event.key), bool(event.modifiers.shift):
            case "F2", False:
                if doing is Doing.RINGING:
                    self._answer()
                elif doing is Doing.WRAP_UP:
                    self._finish()
            case "F2", True:
                self._change_state(doing)
            case "F4", False:
                self._hold()
            case "F8", False:
                self._put_down()
            case "F8", True:
                self._wrongly()
            case "F9", False:
                self._ask_transfer()
            case "F9", True:
                self._hand_over()
            case "F1", True:
                self._show_help()

    def _change_state(self, doing: Doing) -> None:
        if doing is Doing.AWAY:
            self._come()
        elif doing is Doing.NOT_READY or self._floor.desks[self._name].reason is not None:
            self._ready()
        else:
            self._state.not_ready()
