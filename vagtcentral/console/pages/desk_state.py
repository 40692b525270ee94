"""The operator's own state at the desk: what he is doing, why he is not ready, and how he changes that."""

from collections.abc import Callable

from nicegui import ui

from vagtcentral.console.floor import REASONS, Desk, Doing
from vagtcentral.console.pages.format import word
from vagtcentral.console.pages.in_place import pressed, rewrite, shown_if, writing
from vagtcentral.console.pages.parts import button, choice, text
from vagtcentral.console.pages.ringing import SILENT
from vagtcentral.console.words import Say


class DeskState:
    """Drawn once, where the page is being drawn now; `show` changes what has changed."""

    def __init__(
        self,
        say: Say,
        *,
        come: Callable[[], None],
        ready: Callable[[], None],
        not_ready: Callable[[str], None],
        sound: Callable[[], bool],
    ) -> None:
        self._say = say
        self._not_ready = not_ready
        self._toggle_sound = sound
        with ui.element("div").props("aria-live=polite").classes("my-state"):
            self._state = writing("p", "", "state")
            self._reason = writing("p", "", "soft reason")
            text("p", say("ring_kept_silent"), f"{SILENT} notice")
        with ui.element("div").classes("acts"):
            self._come = button(say("sit_down"), come, kind="main")
            self._ready = button(say("become_ready"), ready, key="⇧F2", kind="main")
            self._asks = ui.element("div").classes("acts")
            with self._asks:
                reasons = {reason: say(f"reason_{reason}") for reason in REASONS}
                self._why = choice(say("why_not_ready"), reasons, REASONS[0], classes="field short")
                button(say("become_not_ready"), self.not_ready, key="⇧F2")
            self._sound = button(say("ring_sound"), self._switch_sound, kind="toggle", pressed=True)

    def show(self, desk: Desk) -> None:
        """Show this desk."""
        say = self._say
        rewrite(self._state, say(f"doing_{desk.doing.value}"))
        rewrite(self._reason, "" if desk.reason is None else word("reason", desk.reason, say))
        away, paused = desk.doing is Doing.AWAY, desk.doing is Doing.NOT_READY or desk.reason is not None
        shown_if(self._come, away)
        shown_if(self._ready, paused and not away)
        shown_if(self._asks, not paused and not away)

    def not_ready(self) -> None:
        """Not ready, for the reason that is chosen."""
        self._not_ready(self._why.value if self._why.value in REASONS else REASONS[0])

    def _switch_sound(self) -> None:
        pressed(self._sound, self._toggle_sound())
