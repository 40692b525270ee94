"""What an operator writes or chooses: the registration, where to send a call on, and the list of keys."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from vagtcentral.console.floor import Floor, LiveCall
from vagtcentral.console.pages.format import clock_time, number, word
from vagtcentral.console.pages.in_place import rewrite, shown_if, writing
from vagtcentral.console.pages.parts import button, choice, entry, named, text
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


#: Saves a registration: the call, the code, named fields, the text. False where that is refused.
Save = Callable[[str, str, list[tuple[str, str]], str], bool]


class RegistrationForm:
    """The form of one call. It is drawn once, so that nothing that is typed is lost."""

    def __init__(self, say: Say, now: Callable[[], int], save: Save, call: LiveCall) -> None:
        """Draw it where the page is being drawn now."""
        self.call_id = call.call_id
        self._say = say
        self._now = now
        self._save_it = save
        registered = call.record.registration or {}
        known = registered.get("fields", {})
        caller = number(call.record.caller, say)
        self.root = named(ui.element("section").classes("panel registration"), say("registration"))
        with self.root:
            text("h2", say("registration"))
            self._late = writing("p", say("reg_late", caller=caller), "notice")
            self._late.set_visibility(False)
            with ui.element("div").classes("form"):
                codes = {"": "–", **{code: say(f"code_{code}") for code in CODES}}
                self._code = choice(say("reg_code"), codes, registered.get("code", ""))
                self._fields = {name: entry(say(f"reg_{name}"), known.get(name, "")) for name in FIELDS}
                self._text = entry(say("reg_text"), registered.get("text", ""), wide=True, lines=2)
            with ui.element("div").classes("acts"):
                button(say("reg_save"), self.save)
                self._drop = button(say("reg_drop"), self._discard)
                self._told = writing("span", "", "soft").props("role=status")
        self._drop.set_visibility(False)
        self._saved = self._written()
        self.dropped = False

    @property
    def unsaved(self) -> bool:
        """Whether something is written that is not saved."""
        return self._written() != self._saved

    def save(self) -> None:
        """Save what is written; says so where the kind of enquiry is not chosen yet."""
        code, fields, note = self._written()
        if not code:
            rewrite(self._told, self._say("reg_needs_code"))
            return
        if self._save_it(self.call_id, code, list(fields), note):
            self._saved = self._written()
            rewrite(self._told, self._say("reg_saved", time=clock_time(self._now())))

    def save_if_written(self) -> None:
        """Save what is written and not saved, if a kind of enquiry was chosen."""
        if self.unsaved and self._code.value:
            self.save()

    def is_late(self) -> None:
        """The time for registering is over, and something is written that could not be saved."""
        shown_if(self._late, True)
        shown_if(self._drop, True)

    def _discard(self) -> None:
        self.dropped = True

    def _written(self) -> tuple[str, tuple[tuple[str, str], ...], str]:
        fields = tuple((name, field.value) for name, field in self._fields.items() if field.value)
        return self._code.value, fields, self._text.value


class Registrations:
    """The form of the call at hand, and above it those of calls before that are written and not saved."""

    def __init__(self, say: Say, now: Callable[[], int], save: Save) -> None:
        self._say = say
        self._now = now
        self._save = save
        self._at_hand: RegistrationForm | None = None
        self._late: list[RegistrationForm] = []
        self._place = ui.element("div").classes("column-stack")

    def show(self, call: LiveCall | None) -> None:
        """Show the form of this call; what was written for the one before is saved, or stays."""
        form = self._at_hand
        if form is not None and (call is None or call.call_id != form.call_id):
            form.save_if_written()
            if form.unsaved:
                form.is_late()
                self._late.append(form)
            else:
                form.root.delete()
            self._at_hand = None
        for late in [late for late in self._late if late.dropped or not late.unsaved]:
            self._late.remove(late)
            late.root.delete()
        if call is not None and self._at_hand is None:
            with self._place:
                self._at_hand = RegistrationForm(self._say, self._now, self._save, call)

    def save_if_written(self) -> None:
        """Save whatever can be saved: something ends, and nothing that is typed is to be lost."""
        for form in (self._at_hand, *self._late):
            if form is not None:
                form.save_if_written()


class TransferDialog:
    """Where to send the caller on, and why."""

    def __init__(
        self, say: Say, atlas: Atlas, floor: Floor, send: Callable[[str, str | None, str], None]
    ) -> None:
        self._send = send
        skills = sorted({skill for desk in floor.desks.values() for skill in desk.operator.skills})
        districts = {row.code: row.name for row in atlas.territory.districts.values()}
        with named(ui.dialog(), say("transfer")) as self._dialog, ui.card().classes("panel dialog"):
            text("h2", say("transfer_title"))
            called = {skill: word("skill", skill, say) for skill in skills}
            self._skill = choice(say("transfer_to"), called, skills[0])
            self._district = choice(say("transfer_district"), {"": say("caller_district"), **districts}, "")
            reasons = {reason: say(f"transfer_{reason}") for reason in TRANSFER_REASONS}
            self._reason = choice(say("transfer_reason"), reasons, TRANSFER_REASONS[1])
            with ui.element("div").classes("acts"):
                button(say("transfer"), self._done, kind="main")
                button(say("cancel"), self._dialog.close)

    def open(self) -> None:
        """Ask; the first field has the focus."""
        self._dialog.open()
        focus = "document.querySelector('.q-dialog select')?.focus()"
        ui.run_javascript(f"setTimeout(() => {focus}, 200)")

    @property
    def is_open(self) -> bool:
        """Whether it asks now."""
        return bool(self._dialog.value)

    def _done(self) -> None:
        self._dialog.close()
        self._send(self._skill.value, self._district.value or None, self._reason.value)


def draw_help(say: Say) -> Any:
    """The dialog that lists the keys."""
    with named(ui.dialog(), say("help_title")) as dialog, ui.card().classes("panel dialog keys"):
        text("h2", say("help_title"))
        with ui.element("dl").classes("facts"):
            for key, words in KEYS.items():
                with ui.element("dt"):
                    writing("kbd", key)
                text("dd", say(words))
        with ui.element("div").classes("acts"):
            button(say("close"), dialog.close)
    return dialog
