"""What an operator writes or chooses: the registration, where to send a call on, and the list of keys."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from vagtcentral.console.floor import Floor, LiveCall
from vagtcentral.console.pages.format import clock_time
from vagtcentral.console.pages.parts import Answer, button, choice, entry, named, panel, text
from vagtcentral.console.registration import CODES, FIELDS
from vagtcentral.console.words import Say
from vagtcentral.location.atlas import Atlas

#: The keys of the desk, as they are shown.
KEYS = {
    "F2": "key_F2",
    "⇧F2": "key_shift_F2",
    "F4": "key_F4",
    "F8": "key_F8",
    "⇧F8": "key_shift_F8",
    "F9": "key_F9",
    "⇧F9": "key_shift_F9",
    "⇧F1": "key_shift_F1",
}

TRANSFER_REASONS = ("wrong_district", "wrong_group", "emergency")


class RegistrationForm:
    """The form of the call at hand. It is drawn once for each call, so that nothing that is typed is lost."""

    def __init__(
        self, say: Say, now: Callable[[], int], save: Callable[[str, list[tuple[str, str]], str], None]
    ) -> None:
        self._say = say
        self._now = now
        self._save_it = save
        self._call_id: str | None = None
        self._place = ui.element("div")
        self._saved: Any = None
        self._code: Answer | None = None

    def show(self, call: LiveCall | None, *, can_write: bool) -> None:
        """Draw the form for this call unless it is there; nothing where there is nothing to register."""
        wanted = call.call_id if call is not None and can_write else None
        if wanted == self._call_id:
            return
        self._call_id = wanted
        self._place.clear()
        if call is None or wanted is None:
            return
        with self._place, panel(self._say("registration")):
            self._draw(call)

    def save_if_written(self) -> None:
        """Save what stands in the form, if a kind of enquiry was chosen."""
        if self._call_id is not None and self._code is not None and self._code.value:
            self._save()

    def _draw(self, call: LiveCall) -> None:
        say, registered = self._say, call.record.registration or {}
        known = registered.get("fields", {})
        with ui.element("div").classes("form"):
            codes = {"": "–", **{code: say(f"code_{code}") for code in CODES}}
            self._code = choice(say("reg_code"), codes, registered.get("code", ""), classes="field wide")
            self._fields = {name: entry(say(f"reg_{name}"), known.get(name, "")) for name in FIELDS}
            self._text = entry(say("reg_text"), registered.get("text", ""), wide=True, lines=3)
        with ui.element("div").classes("acts"):
            button(say("reg_save"), self._save)
            self._saved = text("span", "", "soft").props("role=status")

    def _save(self) -> None:
        code = self._code.value if self._code is not None else ""
        if not code:
            self._tell(self._say("reg_needs_code"))
            return
        fields = [(name, element.value) for name, element in self._fields.items() if element.value]
        self._save_it(code, fields, self._text.value)
        self._tell(self._say("reg_saved", time=clock_time(self._now())))

    def _tell(self, words: str) -> None:
        self._saved.clear()
        with self._saved:
            ui.label(words)


class TransferDialog:
    """Where to send the caller on, and why."""

    def __init__(
        self, say: Say, atlas: Atlas, floor: Floor, send: Callable[[str, str | None, str], None]
    ) -> None:
        self._send = send
        skills = sorted({skill for desk in floor.desks.values() for skill in desk.operator.skills})
        districts = {row.code: row.name for row in atlas.territory.districts.values()}
        with named(ui.dialog(), say("transfer")) as self._dialog, ui.card().classes("panel"):
            text("h2", say("transfer"))
            called = {skill: _skill(say, skill) for skill in skills}
            self._skill = choice(say("transfer_to"), called, skills[0])
            self._district = choice(say("districts"), {"": say("caller_district"), **districts}, "")
            reasons = {reason: say(f"transfer_{reason}") for reason in TRANSFER_REASONS}
            self._reason = choice(say("transfer_reason"), reasons, TRANSFER_REASONS[1])
            with ui.element("div").classes("acts"):
                button(say("transfer"), self._done, kind="main")
                button(say("cancel"), self._dialog.close)

    def open(self) -> None:
        """Ask."""
        self._dialog.open()

    def _done(self) -> None:
        self._dialog.close()
        self._send(self._skill.value, self._district.value or None, self._reason.value)


def draw_help(say: Say) -> Any:
    """The dialog that lists the keys."""
    with named(ui.dialog(), say("help_title")) as dialog, ui.card().classes("panel keys"):
        text("h2", say("help_title"))
        with ui.element("dl").classes("facts"):
            for key, words in KEYS.items():
                with ui.element("dt"), ui.element("kbd"):
                    ui.label(key)
                text("dd", say(words))
        button(say("cancel"), dialog.close)
    return dialog


def _skill(say: Say, skill: str) -> str:
    try:
        return say(f"skill_{skill}")
    except KeyError:
        return skill
