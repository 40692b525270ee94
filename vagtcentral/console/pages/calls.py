"""Calls found: by number, time, place, people, outcome and what was registered; newest first."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import log_look
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import ProblemError
from vagtcentral.console.pages.call_filters import IN_ADDRESS, address_of, offset_in, query_of
from vagtcentral.console.pages.format import date_time, duration, number
from vagtcentral.console.pages.html_table import Cell, Link, html_table
from vagtcentral.console.pages.parts import Answer, button, choice, entry, panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.wallboard import STYLE
from vagtcentral.console.settings import SERVICES
from vagtcentral.console.words import Say, has_words
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import COUNTED, Found, search_calls
from vagtcentral.ivr.commands import Outcome

#: Calls on one page of the list.
PAGE = 25

COLUMNS = (
    "col_arrived",
    "col_service",
    "col_caller",
    "col_district",
    "col_operator",
    "col_waited",
    "col_outcome",
    "col_transfers",
    "wrongly_routed",
    "col_registered",
)


@page("/calls", Permission.LOOK_UP_CALLS, title="nav_calls")
async def calls(visit: Visit) -> None:
    """The search, and the page of its answer that the address names."""
    ui.add_css(STYLE)
    address = dict(visit.request.query_params)
    search = CallSearch(visit, address)
    search.draw()
    await search.search(offset_in(address))


class CallSearch:
    """A form and the calls that fit it. What is not personal is in the address too, to come back to."""

    def __init__(self, visit: Visit, given: Mapping[str, str]) -> None:
        self._visit = visit
        self._say = visit.say
        self._given = {name: given.get(name, "") for name in IN_ADDRESS}
        self._answers: dict[str, Answer] = {}
        self._offset = 0

    def draw(self) -> None:
        """Draw the form, and where the answer will stand."""
        say = self._say
        with panel(say("search_calls")):
            form = ui.element("form").classes("search").on("submit.prevent", lambda: self.search())
            with form:
                self._draw_fields()
                with ui.element("div").classes("acts"):
                    with ui.element("button").props("type=submit").classes("act main"):
                        ui.label(say("search"))
                    button(say("search_clear"), lambda: ui.navigate.to("/calls"))
        with panel(say("nav_calls")):
            self._told = ui.element("div").props("role=status")
            self._table = ui.element("div").classes("wide-scroll calls-list").props("tabindex=0 role=group")
            self._table.props["aria-label"] = say("nav_calls")
            self._pages = ui.element("div").classes("acts")

    async def search(self, offset: int = 0) -> None:
        """Show the calls that fit what stands in the form now, from `offset` on."""
        self._offset = offset
        values = {name: answer.value for name, answer in self._answers.items()}
        query = query_of(values)
        try:
            await log_look(self._visit.request, Deed.SEARCHED_CALLS, None, ", ".join(query.sought) or None)
            found = await search_calls(self._visit.live.store, query, limit=PAGE, offset=offset)
        except ProblemError:
            self._refuse(self._say("look_not_logged"))
            return
        except StoreError as error:
            self._refuse(self._say("search_fails", why=error))
            return
        if offset and not found.calls:  # an address from when there were more
            await self.search()
            return
        ui.navigate.history.replace(address_of(values, offset))
        self._show(found)

    # ------------------------------------------------------------------------------------------

    def _draw_fields(self) -> None:
        say, live = self._say, self._visit.live
        any_ = {"": say("any")}
        yes_no = any_ | {"yes": say("yes"), "no": say("no")}
        districts = {row.code: row.name for row in live.setting.atlas.territory.districts.values()}
        outcomes = {one.value: say(f"outcome_{one.value}") for one in Outcome}
        operators = {name: name for name in sorted(live.floor.desks)}
        self._entry("number", "by_number")
        self._choice("service", "by_service", any_ | {service: service for service in SERVICES})
        self._choice("district", "by_district", any_ | districts)
        self._choice("outcome", "by_outcome", any_ | outcomes | {"live": say("outcome_live")})
        self._choice("operator", "by_operator", any_ | operators)
        self._entry("since", "by_since", kind="date")
        self._entry("until", "by_until", kind="date")
        self._choice("wrongly", "by_wrongly", yes_no)
        some = {"yes": say("transfers_some"), "no": say("transfers_none")}
        self._choice("transfers", "by_transfers", any_ | some)
        self._entry("text", "by_text")
        self._entry("call_id", "by_call_id")

    def _entry(self, name: str, label: str, *, kind: str = "text") -> None:
        self._answers[name] = entry(self._say(label), self._given.get(name, ""), kind=kind)

    def _choice(self, name: str, label: str, options: Mapping[str, str]) -> None:
        value = self._given.get(name, "")
        value = value if value in options else ""
        self._answers[name] = choice(self._say(label), options, value)

    def _refuse(self, words: str) -> None:
        self._told.clear()
        self._table.clear()
        self._pages.clear()
        with self._told:
            text("p", words, "refused").props("role=alert")

    def _show(self, found: Found) -> None:
        say = self._say
        for part in (self._told, self._table, self._pages):
            part.clear()
        last = self._offset + len(found.calls)
        with self._told:
            text("p", told_of(found, self._offset, say), "" if found.calls else "soft")
        if found.calls:
            headings = [say(column) for column in COLUMNS]
            now = self._visit.live.clock.now()
            rows = [row_of(record.until(now), say) for record in found.calls]
            with self._table:
                ui.html(html_table(say("nav_calls"), headings, rows), sanitize=False)
        with self._pages:
            if self._offset:
                button(say("newer"), self._to(max(0, self._offset - PAGE)))
            if last < (COUNTED if found.more else found.total):
                button(say("older"), self._to(last))

    def _to(self, offset: int) -> Callable[[], Any]:
        return partial(self.search, offset)


def told_of(found: Found, offset: int, say: Say) -> str:
    """How many calls were found, and which of them are shown: those after the first `offset`."""
    if not found.calls:
        return say("found_none")
    if found.total == 1:
        return say("found_one")
    key = "found_more" if found.more else "found_calls"
    return say(key, total=found.total, first=offset + 1, last=offset + len(found.calls))


def row_of(record: CallRecord, say: Say) -> list[Cell]:
    """What the list says of a call."""
    outcome = "outcome_live" if record.outcome is None else f"outcome_{record.outcome}"
    registered = (record.registration or {}).get("code", "")
    return [
        Link(date_time(record.arrived_at), f"/calls/{record.call_id}"),
        record.service or "",
        number(record.caller, say),
        record.district_name or say("unknown"),
        ", ".join(dict.fromkeys(record.operators)) or "–",
        duration(1000 * record.waited_s),
        say(outcome),
        str(record.transfers or "–"),
        say("yes") if record.wrongly_routed else "–",
        say(f"code_{registered}") if has_words(f"code_{registered}") else registered or "–",
    ]
