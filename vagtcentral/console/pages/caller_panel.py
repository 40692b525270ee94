"""What a simulated caller says at the desk, and the questions that the operator can ask."""

import asyncio
import base64
import logging
import shutil
from functools import partial
from html import escape
from pathlib import Path

from nicegui import background_tasks, ui

from vagtcentral.console.floor import Doing
from vagtcentral.console.pages.in_place import add_html, pressed, put_html, shown_if
from vagtcentral.console.pages.parts import button, named, panel, text
from vagtcentral.console.pages.shell import Visit
from vagtcentral.console.sim_trunk import SimTrunk
from vagtcentral.menus.audio import AudioError
from vagtcentral.menus.espeak import SpeechError
from vagtcentral.sim.conversation import Conversation, NobodyListensError, Utterance
from vagtcentral.sim.live import LiveLine
from vagtcentral.sim.personas import Question

log = logging.getLogger(__name__)

STYLE = (Path(__file__).parent / "caller_panel.css").read_text(encoding="utf-8")

#: How often the panel looks whether somebody has said something, in seconds.
REFRESH_S = 0.2


class CallerPanel:
    """The conversation of the call that an operator has at hand. Draws nothing with a real switch."""

    def __init__(self, visit: Visit, operator: str) -> None:
        """Draw it where the page is being drawn now; it keeps itself up to date."""
        self._say = visit.say
        self._floor = visit.live.floor
        self._operator = operator
        self._aloud = False
        self._call_id: str | None = None
        self._shown = 0
        if not isinstance(visit.live.trunk, SimTrunk):
            return
        self._trunk = visit.live.trunk
        ui.add_css(STYLE)
        self._draw()
        ui.timer(REFRESH_S, self._refresh)

    # --- drawing ------------------------------------------------------------------------------

    def _draw(self) -> None:
        say = self._say
        self._place = ui.element("div").classes("caller-place")
        with self._place, panel(say("caller_says"), classes="caller-panel"):
            self._silent = text("p", say("caller_silent"), "soft")
            with ui.element("div").classes("acts spread") as self._head:
                text("p", say("caller_simulated"), "soft")
                self._draw_aloud()
            self._transcript = ui.html("", sanitize=False).classes("transcript")
            named(self._transcript.props("role=log aria-live=polite tabindex=0"), say("caller_says"))
            self._questions = named(ui.element("div").classes("acts").props("role=group"), say("ask_now"))
            with self._questions:
                for question in Question:
                    button(say(f"ask_{question}"), partial(self._ask, question))
            self._player = ui.element("div").classes("sr-only")
        self._place.set_visibility(False)

    def _draw_aloud(self) -> None:
        """The switch for speech, where there is a program that speaks."""
        if shutil.which(self._trunk.voices.espeak.program) is None:
            return
        self._switch = button(self._say("speak_aloud"), self._toggle, kind="toggle", pressed=self._aloud)

    # --- showing ------------------------------------------------------------------------------

    def _line(self) -> LiveLine | None:
        """The line of the call at hand, once the conversation may begin."""
        call = self._floor.call_of(self._operator)
        doing = self._floor.desks[self._operator].doing
        if call is None or doing not in (Doing.TALKING, Doing.HOLDING, Doing.WRAP_UP):
            return None
        return self._trunk.switch.lines.get(call.call_id)

    def _refresh(self) -> None:
        line = self._line()
        call_id = None if line is None else line.call_id
        conversation = None if line is None else line.conversation
        if call_id != self._call_id:
            self._call_id, self._shown = call_id, 0
            put_html(self._transcript, "")
            shown_if(self._place, line is not None)
            shown_if(self._silent, conversation is None)
            shown_if(self._head, conversation is not None)
            shown_if(self._transcript, conversation is not None)
        talks = self._floor.desks[self._operator].doing is Doing.TALKING
        shown_if(self._questions, conversation is not None and talks)
        if conversation is not None:
            self._append(conversation)

    def _append(self, conversation: Conversation) -> None:
        fresh = conversation.lines[self._shown :]
        if not fresh:
            return
        self._shown = len(conversation.lines)
        add_html(self._transcript, "".join(map(self._written, fresh)))
        scroll = (
            f"const log = getHtmlElement({self._transcript.id}); if (log) log.scrollTop = log.scrollHeight"
        )
        self._transcript.client.run_javascript(scroll)
        if self._aloud:
            background_tasks.create(self._speak(fresh))

    def _written(self, one: Utterance) -> str:
        side, who = ("caller", "said_by_caller") if one.by_caller else ("operator", "said_by_operator")
        return (
            f'<p class="of-{side}"><span class="soft who-said">{escape(self._say(who))}</span>'
            f'<span lang="{escape(one.language)}">{escape(one.words)}</span></p>'
        )

    # --- asking and hearing -------------------------------------------------------------------

    def _toggle(self) -> None:
        self._aloud = not self._aloud
        pressed(self._switch, self._aloud)

    def _ask(self, question: Question) -> None:
        line = self._line()
        if line is None:
            return
        try:
            line.say(question)
        except NobodyListensError:
            return  # hung up or put on hold in this moment: the panel is about to show that
        self._refresh()

    async def _speak(self, lines: list[Utterance]) -> None:
        """Speak what the caller has said; the operator has a voice of his own."""
        spoken = [one for one in lines if one.by_caller]
        if not spoken:
            return
        try:
            sound = await asyncio.to_thread(self._trunk.voices.wav, spoken)
        except (SpeechError, AudioError) as error:
            log.warning("a caller could not be spoken: %s", error)
            add_html(self._transcript, f'<p class="soft">{escape(self._say("speech_failed"))}</p>')
            return
        self._player.clear()
        with self._player:
            audio = base64.b64encode(sound).decode()
            ui.audio(f"data:audio/wav;base64,{audio}", autoplay=True, controls=False)
