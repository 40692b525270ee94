"""A telephone on the page: walk a menu by hand, key by key, and read or hear what a caller hears."""

import asyncio
import base64
from functools import partial
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.live import used_menus
from vagtcentral.console.pages.parts import button, named, panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.settings import SERVICES
from vagtcentral.location.postcodes import is_postcode
from vagtcentral.menus.model import Menu, Spoken
from vagtcentral.menus.prompts import PromptError, PromptStore
from vagtcentral.menus.walk import Ask, Leave, Say, Step, Walk

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")


@page("/keypad", Permission.VIEW_MENUS, title="nav_keypad")
async def keypad(visit: Visit) -> None:
    """The telephone, and what comes out of it."""
    Telephone(visit).draw()


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
        self._walk = Walk(menu, language, is_postcode)
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
        walk = self._walk
        heard: list[Spoken] = []
        while walk is not None and step is not None:
            match step:
                case Say(prompts=prompts):
                    heard += prompts
                    self._at += 1_000
                    step = walk.prompt_finished(self._at)
                case Ask(prompts=prompts):
                    heard += prompts
                    self._at += 1_000
                    step = walk.prompt_finished(self._at)
                case Leave(node=node):
                    if node is not None and node.prompt is not None:
                        heard.append(walk.menu.spoken(node.prompt, walk.language))
                    place = walk.node if node is None else node.name
                    self._note(self._say("keypad_arrived_at", place=place))
                    self._walk = walk = None
        if heard:
            self._show(heard)

    def _show(self, heard: list[Spoken]) -> None:
        self._heard.clear()
        with self._heard:
            for spoken in heard:
                with ui.element("blockquote").props(f"lang={spoken.language}"):
                    text("p", spoken.text)
                    text("span", f"{spoken.name} ({spoken.language})", "soft")
            button(self._say("keypad_speak"), partial(self._speak, heard))
            self._player = ui.element("div")

    async def _speak(self, heard: list[Spoken]) -> None:
        """Play the prompts' audio in the page; where there is no voice, the words are there to read."""
        self._player.clear()
        try:
            prepared = await asyncio.to_thread(lambda: [self._prompts.speak(spoken) for spoken in heard])
        except PromptError as error:
            with self._player:
                text("p", error.lines[0], "notice")
            return
        with self._player:
            for place, one in enumerate(prepared):
                audio = base64.b64encode(one.path.read_bytes()).decode()
                named(ui.audio(f"data:audio/wav;base64,{audio}", autoplay=place == 0), one.spoken.name)

    def _note(self, words: str) -> None:
        with self._log:
            text("li", words)

    def _key(self, event: Any) -> None:
        if event.action.keydown and str(event.key) in KEYS:
            self._press(str(event.key))
