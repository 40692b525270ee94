"""What can be done with the call at hand: buttons that stay, and are shown where they mean something.

Nothing is drawn anew while a call goes on, so that whoever works by keyboard does not lose his place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nicegui import ui

from vagtcentral.console.floor import Doing
from vagtcentral.console.live_call import LiveCall
from vagtcentral.console.pages.in_place import pressed, rewrite, shown_if, toggled, writing
from vagtcentral.console.pages.parts import button, named
from vagtcentral.console.words import Say
from vagtcentral.ivr.events import Timer

TALKING = (Doing.TALKING, Doing.HOLDING)
WITH_CALL = (*TALKING, Doing.WRAP_UP)

#: Remembers that the focus was among these buttons, and puts it on them where the one that had it is gone.
KEEPS_FOCUS = """<script>
(() => {
  let inside = false;
  document.addEventListener("focusin", (event) => { inside = !!event.target.closest(".call-acts"); });
  window.vagtcentralKeepFocus = () => setTimeout(() => {
    if (inside && document.activeElement === document.body) document.querySelector(".call-acts")?.focus();
  }, 120);
})();
</script>"""


@dataclass(frozen=True, slots=True)
class _Act:
    """A button: its words, its key, when it is there."""

    words: str
    key: str
    during: tuple[Doing, ...]
    kind: str = ""


ACTS: Mapping[str, _Act] = {
    "answer": _Act("answer", "F2", (Doing.RINGING,), "main"),
    "decline": _Act("decline", "F8", (Doing.RINGING,)),
    "hold": _Act("hold", "F4", (Doing.TALKING,)),
    "retrieve": _Act("retrieve", "F4", (Doing.HOLDING,), "main"),
    "transfer": _Act("transfer", "F9", TALKING),
    "hand_over": _Act("hand_over_112", "⇧F9", TALKING, "alarm"),
    "hang_up": _Act("hang_up", "F8", TALKING),
    "wrongly": _Act("wrongly_routed", "⇧F8", WITH_CALL),
    "finish": _Act("finish", "F2", (Doing.WRAP_UP,), "main"),
}


class CallActs:
    """The buttons, drawn where the page is being drawn now. `do` has what each of `ACTS` does."""

    def __init__(self, say: Say, do: Mapping[str, Callable[[], None]]) -> None:
        self._say = say
        self._seen: tuple[Doing, bool, bool] | None = None
        ui.add_head_html(KEEPS_FOCUS)
        self._root = named(ui.element("div").classes("panel call-acts"), say("call_at_hand"))
        self._root.props("role=group tabindex=-1")
        with self._root:
            with ui.element("div").classes("what"):
                self._rings = writing("p", "", "state").props("role=alert")
                self._left = writing("p", "", "soft time-left")
            with ui.element("div").classes("acts"):
                self._buttons = {
                    name: button(say(act.words), do[name], key=act.key, kind=act.kind)
                    for name, act in ACTS.items()
                }
        self._root.set_visibility(False)

    def show(self, doing: Doing, call: LiveCall | None, ringing: str | None, now: int) -> None:
        """Show what can be done now; `ringing` are the words for a call that rings."""
        at_hand = call is not None and doing in (Doing.RINGING, *WITH_CALL)
        shown_if(self._root, at_hand)
        rewrite(self._rings, ringing or "")
        rewrite(self._left, self._time_left(doing, call, now))
        if call is None or not at_hand:
            self._seen = None
            return
        seen = (doing, call.emergency, call.record.wrongly_routed)
        if seen == self._seen:
            return
        self._seen = seen
        toggled(self._root, "ringing", doing is Doing.RINGING)
        for name, act in ACTS.items():
            handed_over = name == "hand_over" and call.emergency  # it is with 112 already
            shown_if(self._buttons[name], doing in act.during and not handed_over)
        pressed(self._buttons["wrongly"], call.record.wrongly_routed)
        ui.run_javascript("vagtcentralKeepFocus()")

    def _time_left(self, doing: Doing, call: LiveCall | None, now: int) -> str:
        """How long the call still rings here, or the registration may take."""
        timer, words = {
            Doing.RINGING: (Timer.RING, "seconds_left"),
            Doing.WRAP_UP: (Timer.WRAP_UP, "wrap_up_left"),
        }.get(doing, (None, ""))
        due = None if timer is None or call is None else call.due.get(timer)
        return "" if due is None else self._say(words, seconds=max(0, -((now - due) // 1000)))
