"""The operator's desk: who calls, from where and how sure that is; what can be done; the registration."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import background_tasks, context, ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import ProblemError
from vagtcentral.console.floor import Doing, LiveCall, NotNowError
from vagtcentral.console.pages.call_card import draw_call
from vagtcentral.console.pages.caller_panel import CallerPanel
from vagtcentral.console.pages.desk_forms import RegistrationForm, TransferDialog, draw_help
from vagtcentral.console.pages.format import duration, number
from vagtcentral.console.pages.map_view import MapView
from vagtcentral.console.pages.parts import button, choice, panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import calls_of

log = logging.getLogger(__name__)

STYLE = (Path(__file__).parent / "desk.css").read_text(encoding="utf-8")

#: Why an operator can be not ready, as he chooses it.
REASONS = ("break", "meeting", "training", "paperwork")

#: How often the page looks whether something has changed, in seconds.
REFRESH_S = 0.1

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
    """What stands on the desk of one operator. Parts are drawn again only when what they show has changed."""

    def __init__(self, visit: Visit, operator: str) -> None:
        self._visit = visit
        self._say = visit.say
        self._floor = visit.live.floor
        self._name = operator
        self._dirty = True
        self._seen: dict[str, Any] = {}
        self._looked_at: set[str] = set()
        self._earlier: dict[str, list[CallRecord]] = {}

    # --- drawing ------------------------------------------------------------------------------

    def draw(self) -> None:
        """Sit down, and draw all of it."""
        say = self._say
        self._floor.sign_in(self._name)
        with ui.element("div").classes("desk"):
            with ui.element("div").classes("column-stack"):
                with panel(say("my_state")):
                    self._state = ui.element("div").props("aria-live=polite")
                with panel(say("waiting_calls")):
                    self._waiting = ui.element("div").props("aria-live=polite")
                with ui.element("div").classes("acts"):
                    button(say("help"), self._show_help, key="⇧F1")
            with ui.element("div").classes("column-stack"):
                self._notice = ui.element("div").props("role=status aria-live=assertive")
                self._acts = ui.element("div")
                self._card = ui.element("div").classes("column-stack")
                CallerPanel(self._visit, self._name)
            with ui.element("div").classes("column-stack"):
                with panel(say("on_map")):
                    self._map = MapView(
                        self._visit.live.setting.atlas, dark=self._visit.dark, label=say("on_map")
                    )
                self._form = RegistrationForm(say, self._visit.live.clock.now, self._register)
        self._transfer = TransferDialog(say, self._visit.live.setting.atlas, self._floor, self._send_on)
        self._help = draw_help(say)
        ui.keyboard(self._key, ignore=[], repeating=False)
        client = context.client
        ends = self._floor.listen(self._mark)
        client.on_delete(ends)
        ui.timer(REFRESH_S, self._refresh)
        ui.timer(1.0, self._mark)

    def _mark(self) -> None:
        self._dirty = True

    def _refresh(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        desk = self._floor.desks[self._name]
        call = self._floor.call_of(self._name)
        now = self._visit.live.clock.now()
        self._draw_if_new("state", self._state, (desk.doing, desk.reason), self._draw_state)
        waiting = [
            (one.call_id, one.record.district, duration(now - (one.record.waiting_since or now)))
            for one in self._floor.waiting()
        ]
        self._draw_if_new("waiting", self._waiting, waiting, self._draw_waiting)
        held = None if call is None else (call.call_id, call.record.wrongly_routed)
        self._draw_if_new("acts", self._acts, (desk.doing, held), self._draw_acts)
        facts = None if call is None else (call.record.last_seq, duration(now - desk.since))
        self._draw_if_new("card", self._card, (desk.doing, facts), self._draw_card)
        fixes = None if call is None else (call.call_id, len(call.fixes))
        if self._seen.get("map") != fixes:
            self._seen["map"] = fixes
            self._draw_map(call)
        self._form.show(call, can_write=desk.doing in (Doing.TALKING, Doing.HOLDING, Doing.WRAP_UP))

    def _draw_if_new(self, part: str, where: Any, seen: Any, draw: Callable[[], None]) -> None:
        if self._seen.get(part, ...) != seen:
            self._seen[part] = seen
            where.clear()
            with where:
                draw()

    def _draw_state(self) -> None:
        say, desk = self._say, self._floor.desks[self._name]
        text("p", say(f"doing_{desk.doing.value}"), "state")
        if desk.reason is not None:
            text("p", say(f"reason_{desk.reason}"), "soft")
        with ui.element("div").classes("acts"):
            if desk.doing is Doing.NOT_READY or desk.reason is not None:
                button(say("become_ready"), self._ready, key="⇧F2", kind="main")
            else:
                reasons = {reason: say(f"reason_{reason}") for reason in REASONS}
                self._reason = choice(say("why_not_ready"), reasons, REASONS[0])
                button(say("become_not_ready"), self._not_ready, key="⇧F2")

    def _draw_waiting(self) -> None:
        say = self._say
        waiting = self._floor.waiting()
        if not waiting:
            text("p", say("nobody_waits"), "soft")
        now = self._visit.live.clock.now()
        for call in waiting[:12]:
            with ui.element("div").classes("call-row alarm" if call.emergency else "call-row"):
                kind = say("emergency" if call.emergency else "service_114")
                text("span", f"{kind} · {duration(now - (call.record.waiting_since or now))}", "state")
                by = self._visit.live.controller.room.dispatch.offered_to(call.call_id)
                if by is None:
                    caller = number(call.record.caller, say)
                    button(
                        say("take_call"),
                        partial(self._claim, call.call_id),
                        name=say("take_call_named", caller=caller),
                    )
                else:
                    text("span", say("offered_to", name=by), "soft")
                text("span", self._where(call), "soft")

    def _where(self, call: LiveCall) -> str:
        return call.record.district_name or self._say("unknown")

    def _draw_acts(self) -> None:
        say, doing = self._say, self._floor.desks[self._name].doing
        call = self._floor.call_of(self._name)
        if call is None:
            return
        with ui.element("div").classes("panel ringing" if doing is Doing.RINGING else "panel"):
            if doing is Doing.RINGING:
                what = say("emergency" if call.emergency else "service_114")
                text("p", say("call_rings", what=what, where=self._where(call)), "state").props("role=alert")
            with ui.element("div").classes("acts"):
                self._buttons(doing, call)

    def _buttons(self, doing: Doing, call: LiveCall) -> None:
        say = self._say
        if doing is Doing.RINGING:
            button(say("answer"), self._answer, key="F2", kind="main")
            button(say("decline"), self._put_down, key="F8")
            return
        if doing in (Doing.TALKING, Doing.HOLDING):
            button(
                say("hold" if doing is Doing.TALKING else "retrieve"),
                self._hold,
                key="F4",
                kind="main" if doing is Doing.HOLDING else "",
            )
            button(say("transfer"), self._transfer.open, key="F9")
            if not call.emergency:
                button(say("hand_over_112"), self._hand_over, key="⇧F9", kind="alarm")
            button(say("hang_up"), self._put_down, key="F8")
        button(say("wrongly_routed"), self._wrongly, key="⇧F8", pressed=call.record.wrongly_routed)
        if doing is Doing.WRAP_UP:
            button(say("finish"), self._finish, key="F2", kind="main")

    def _draw_card(self) -> None:
        call = self._floor.call_of(self._name)
        if call is None:
            text("p", self._say("no_call"), "panel soft")
            return
        draw_call(self._visit, call, self._floor.desks[self._name], self._earlier.get(call.call_id, []))

    def _draw_map(self, call: LiveCall | None) -> None:
        chances = () if call is None else call.record.districts
        self._map.shade({one["code"]: one["probability"] for one in chances})
        self._map.show([] if call is None else call.fixes)
        if call is not None and call.call_id not in self._looked_at:
            self._looked_at.add(call.call_id)
            background_tasks.create(self._look_at(call))

    async def _look_at(self, call: LiveCall) -> None:
        """Log the look at a new call, and fetch the earlier ones of its number.

        A live call is not kept from its operator if either fails.
        """
        try:
            await log_look(self._visit.request, Deed.LOOKED_AT_POSITION, call.call_id)
            found = await calls_of(self._visit.live.store, call.record.caller, EARLIER_CALLS)
        except (ProblemError, StoreError) as error:
            log.error("call %s: a look is not logged, or its number not looked up: %s", call.call_id, error)
            return
        self._earlier[call.call_id] = [one for one in found if one.call_id != call.call_id]
        self._seen.pop("card", None)
        self._dirty = True

    # --- doing --------------------------------------------------------------------------------

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except NotNowError as refusal:
            self._tell(refusal)
        self._dirty = True

    def _tell(self, refusal: NotNowError) -> None:
        known = {"call_is_offered", "claim_not_possible", "take_phone", "no_such_call_now"}
        key = refusal.reason if refusal.reason in known or refusal.by else "gone"
        words = self._say(f"not_now_{key}", by=refusal.by or "")
        self._notice.clear()
        with self._notice:
            text("p", words, "notice panel")
        ui.timer(8.0, self._notice.clear, once=True)

    def _ready(self) -> None:
        self._try(lambda: self._floor.ready(self._name))

    def _not_ready(self) -> None:
        self._try(lambda: self._floor.not_ready(self._name, self._reason.value))

    def _claim(self, call_id: str) -> None:
        self._try(lambda: self._floor.claim(self._name, call_id))

    def _answer(self) -> None:
        self._try(lambda: self._floor.answer(self._name))

    def _put_down(self) -> None:
        ringing = self._floor.desks[self._name].doing is Doing.RINGING
        self._try(lambda: self._floor.decline(self._name) if ringing else self._floor.hang_up(self._name))

    def _hold(self) -> None:
        holding = self._floor.desks[self._name].doing is Doing.HOLDING
        self._try(lambda: self._floor.retrieve(self._name) if holding else self._floor.hold(self._name))

    def _hand_over(self) -> None:
        self._send_on("emergency", None, "emergency")

    def _send_on(self, skill: str, district: str | None, reason: str) -> None:
        self._try(lambda: self._floor.transfer(self._name, skill, district, reason))

    def _wrongly(self) -> None:
        call = self._floor.call_of(self._name)
        if call is not None:
            self._try(lambda: self._floor.wrongly_routed(self._name, not call.record.wrongly_routed))

    def _finish(self) -> None:
        self._form.save_if_written()
        self._try(lambda: self._floor.finish(self._name))

    def _register(self, code: str, fields: list[tuple[str, str]], note: str) -> None:
        self._try(lambda: self._floor.register(self._name, code, fields, note))

    def _show_help(self) -> None:
        self._help.open()

    def _key(self, event: Any) -> None:
        if not event.action.keydown:
            return
        doing = self._floor.desks[self._name].doing
        shift = bool(event.modifiers.shift)
        match str(event.key), shift:
            case "F2", False:
                if doing is Doing.RINGING:
                    self._answer()
                elif doing is Doing.WRAP_UP:
                    self._finish()
            case "F2", True:
                if doing is Doing.NOT_READY or self._floor.desks[self._name].reason:
                    self._ready()
                else:
                    self._not_ready()
            case "F4", False:
                self._hold()
            case "F8", False:
                self._put_down()
            case "F8", True:
                self._wrongly()
            case "F9", False:
                if doing in (Doing.TALKING, Doing.HOLDING):
                    self._transfer.open()
            case "F9", True:
                self._hand_over()
            case "F1", True:
                self._show_help()
