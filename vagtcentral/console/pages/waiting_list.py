"""The calls that wait, at the desk: a row for each call that stays the same row as long as the call waits.

Times change every second, so they stand outside the region that is read aloud; that tells of new calls alone.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import TypedDict

from nicegui import ui

from vagtcentral.console.live_call import LiveCall
from vagtcentral.console.pages.format import duration, number
from vagtcentral.console.pages.in_place import literal, rewrite, shown_if, writing
from vagtcentral.console.pages.parts import text
from vagtcentral.console.words import Say

#: So many calls have a row; how many more wait is said below them.
MOST = 12

#: A call that nobody is rung for is told of when it has waited so long, in milliseconds.
TOLD_AFTER_MS = 2_000

#: The name of what the page tells when the button of a row is pressed, with the id of its call.
TAKE = "take_call"

#: Rows by call, in the order given; those that stay are kept, with the focus. A button always takes the call
#: that stands beside it, even if the server has just let that go. Where the row with the focus has gone, the
#: list has it: a key pressed then takes nobody else's call.
_ROWS = """<script>
window.vagtcentralRows = (host, takes, order, changed) => {
  const list = document.getElementById("c" + host), rows = {};
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  for (const row of [...list.children]) {
    if (order.includes(row.dataset.call)) rows[row.dataset.call] = row;
    else row.remove();
  }
  order.forEach((call, place) => {
    let row = rows[call];
    if (!row) {
      row = document.createElement("div");
      row.dataset.call = call;
      row.innerHTML = '<div class="words"></div><button type="button" class="act"></button>';
      row.lastChild.textContent = takes;
      row.lastChild.addEventListener("click", () => emitEvent("take_call", call));
    }
    const change = changed[call];
    if (change) {
      row.className = "call-row" + (change.alarm ? " alarm" : "") + (change.offered ? " is-offered" : "");
      row.firstChild.innerHTML = change.words;
      row.lastChild.setAttribute("aria-label", change.name);
    }
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] || null);
  });
  if (focused && document.activeElement !== focused) (focused.isConnected ? focused : list).focus();
};
</script>"""


class _Row(TypedDict):
    """HTML of the words, the name of the button, whether the call is an emergency, and rings somewhere."""

    words: str
    name: str
    alarm: bool
    offered: bool


class WaitingList:
    """The list, drawn where the page is being drawn now."""

    def __init__(self, say: Say, take: Callable[[str], None]) -> None:
        """`take` is given the id of the call whose button was pressed."""
        self._say = say
        self._rows: dict[str, _Row] = {}
        self._told: set[str] = set()
        ui.add_head_html(_ROWS)
        ui.on(TAKE, lambda event: take(str(event.args)))
        self._nobody = text("p", say("nobody_waits"), "soft")
        self._place = ui.element("div").classes("waiting-rows").props("tabindex=-1")
        self._more = writing("p", "", "soft")
        self._aloud = writing("p", "", "sr-only").props("role=status")

    def show(self, calls: Sequence[LiveCall], offered_to: Callable[[str], str | None], now: int) -> None:
        """Show these calls, the next one first."""
        rows = {call.call_id: self._row(call, offered_to(call.call_id), now) for call in calls[:MOST]}
        changed = {call_id: row for call_id, row in rows.items() if self._rows.get(call_id) != row}
        if changed or list(rows) != list(self._rows):
            self._rows = rows
            given = (self._place.id, self._say("take_call"), list(rows), changed)
            self._place.client.run_javascript(f"vagtcentralRows({', '.join(map(literal, given))})")
        shown_if(self._nobody, not calls)
        shown_if(self._more, len(calls) > MOST)
        rewrite(self._more, self._say("more_wait", count=max(0, len(calls) - MOST)))
        self._tell_of_new(calls, offered_to, now)

    def _row(self, call: LiveCall, offered: str | None, now: int) -> _Row:
        say = self._say
        head = f"{_kind(say, call)} · {duration(_waited(call, now))}"
        where = call.record.district_name or say("unknown")
        words = f'<span class="head">{escape(head)}</span> <span class="soft where">{escape(where)}</span>'
        if offered is not None:
            words += f' <span class="soft offered">{escape(say("offered_to", name=offered))}</span>'
        name = say("take_call_named", caller=number(call.record.caller, say))
        return {"words": words, "name": name, "alarm": call.emergency, "offered": offered is not None}

    def _tell_of_new(
        self, calls: Sequence[LiveCall], offered_to: Callable[[str], str | None], now: int
    ) -> None:
        fresh = [
            call
            for call in calls
            if call.call_id not in self._told
            and _waited(call, now) >= TOLD_AFTER_MS
            and offered_to(call.call_id) is None
        ]
        self._told &= {call.call_id for call in calls}
        if not fresh:
            return
        self._told |= {call.call_id for call in fresh}
        where = fresh[0].record.district_name or self._say("unknown")
        told = self._say("waits_new", what=_kind(self._say, fresh[0]), where=where)
        rewrite(self._aloud, told if len(fresh) == 1 else self._say("wait_new", count=len(fresh)))


def _kind(say: Say, call: LiveCall) -> str:
    return say("emergency" if call.emergency else "service_114")


def _waited(call: LiveCall, now: int) -> int:
    return now - (call.record.waiting_since or now)
