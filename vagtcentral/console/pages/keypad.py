"""A telephone on the page: walk a menu by hand, key by key, and read or hear what a caller hears."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.live import used_menus
from vagtcentral.console.pages.parts import button, named, panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.settings import SERVICES
from vagtcentral.menus.model import Inform, Menu, Spoken
from vagtcentral.menus.prompts import Prepared, PromptError, PromptStore
from vagtcentral.menus.walk import Leave, Step, Walk

#: How long each prompt is taken to be, in ms.
PROMPT_MS = 1_000
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")


@page("/keypad", Permission.VIEW_MENUS, title="nav_keypad")
async def keypad(visit: Visit) -> None:
    """The telephone, and what comes out of it."""
    Telephone(visit).draw()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller hears until the walk asks for a key or is over, and then at which node he has arrived."""

    prompts: tuple[Spoken, ...]
    until: int
    arrived_at: str | None


def listen(walk: Walk, step: Step | None, at: int) -> Heard:
    """Hear everything from this step on, in order, from the instant `at` on."""
    prompts: list[Spoken] = []
    while step is not None and not isinstance(step, Leave):
        prompts += step.prompts
        at += PROMPT_MS
        step = walk.prompt_finished(at)
    if step is None:
        return Heard(tuple(prompts), at, None)
    end = step.node
    # What an `Inform` says has been said before the walk leaves it; a queue speaks to who waits in it.
    if end is not None and end.prompt is not None and not isinstance(end, Inform):
        prompts.append(walk.menu.spoken(end.prompt, walk.language))
    return Heard(tuple(prompts), at, walk.node if end is None else end.name)


class Telephone:
    """One walk through a menu, driven by the keys of the page instead of a carrier.

    Time passes only when asked for: `silence` lets the walk's timer run out.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._say = visit.say
        self._walk: Walk | None = None
        self._at = 0
        self._prompts = PromptStore(
            visit.services.settings.prompts,
            visit.services.settings.voices,
            visit.services.settings.voice_rate,
            visit.services.settings.studio,
        )

    def draw(self) -> None:
        """Draw the telephone, idle."""
        say = self._say
        text("p", say("keypad_about"), "soft")
        with ui.element("div").classes("two-columns"):
            with panel(say("keypad_title")):
                with ui.element("div").classes("acts"):
                    for name in used_menus(self._visit.live.setting.menus):
                        button(self._start_of(name), partial(self._dial, name), kind="main")
                with ui.element("div").classes("keypad"):
                    for key in KEYS:
                        button(key, partial(self._press, key), name=say("keypad_key", key=key))
                with ui.element("div").classes("acts"):
                    button(say("keypad_silence"), self._silence)
                    button(say("keypad_hang_up"), self._hang_up)
            with panel(say("keypad_heard")):
                self._heard = ui.element("div").props("aria-live=polite")
                text("h3", say("keypad_log"))
                self._log = ui.element("ol").classes("log")
        self._show_idle()
        ui.keyboard(self._key, ignore=["input", "select", "textarea"], repeating=False)

    def _show_idle(self) -> None:
        self._heard.clear()
        with self._heard:
            text("p", self._say("keypad_idle"), "soft")

    def _start_of(self, name: str) -> str:
        """What beginning a menu is called: services are dialled, a survey follows a conversation."""
        return self._say("keypad_dial", service=name) if name in SERVICES else self._say("keypad_survey")

    def _dial(self, name: str) -> None:
        menu: Menu = self._visit.live.setting.menus[name]
        language = self._visit.language if self._visit.language in menu.languages else None
        self._walk = Walk(menu, language, self._visit.live.setting.knows_place)
        self._at = 0
        self._log.clear()
        self._note(self._start_of(name))
        self._follow(self._walk.start())

    def _press(self, key: str) -> None:
        if self._walk is not None:
            self._note(self._say("keypad_key", key=key))
            self._at += 100
            self._follow(self._walk.press(key, self._at))

    def _silence(self) -> None:
        if self._walk is not None and self._walk.deadline is not None:
            self._note(self._say("keypad_silence"))
            self._at = self._walk.deadline
            self._follow(self._walk.expire())

    def _hang_up(self) -> None:
        self._walk = None
        self._note(self._say("keypad_hang_up"))
        self._show_idle()

    def _follow(self, step: Step | None) -> None:
        """Go on until the walk waits for a key or has ended; what is said meanwhile is shown in order."""
        if self._walk is None or step is None:
            return
        heard = listen(self._walk, step, self._at)
        self._at = heard.until
        if heard.arrived_at is not None:
            self._note(self._say("keypad_arrived_at", place=heard.arrived_at))
            self._walk = None
        if heard.prompts:
            self._show(heard.prompts)

    def _show(self, heard: Sequence[Spoken]) -> None:
        self._heard.clear()
        with self._heard:
            for spoken in heard:
                with ui.element("blockquote").props(f"lang={spoken.language}"):
                    text("p", spoken.text)
                    text("span", f"{spoken.name} ({spoken.language})", "soft")
            button(self._say("keypad_speak"), partial(self._speak, heard))
            self._player = ui.element("div")

    async def _speak(self, heard: Sequence[Spoken]) -> None:
        """Play the prompts one after the other; where there is no voice, the words are there to read."""
        self._player.clear()
        try:
            prepared = await asyncio.to_thread(lambda: [self._prompts.speak(spoken) for spoken in heard])
        except PromptError as error:
            with self._player:
                text("p", error.lines[0], "notice")
            return
        with self._player:
            players = [self._audio(one, first=place == 0) for place, one in enumerate(prepared)]
        for before, after in pairwise(players):
            before.on("ended", after.play)

    def _audio(self, prompt: Prepared, *, first: bool) -> ui.audio:
        audio = base64.b64encode(prompt.path.read_bytes()).decode()
        player = ui.audio(f"data:audio/wav;base64,{audio}", autoplay=first)
        named(player, prompt.spoken.name)
        return player

    def _note(self, words: str) -> None:
        with self._log:
            text("li", words)

    def _key(self, event: Any) -> None:
        if event.action.keydown and str(event.key) in KEYS:
            self._press(str(event.key))
