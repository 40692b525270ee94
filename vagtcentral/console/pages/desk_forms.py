"""What an operator writes or chooses: the registration, where to send a call on, and the list of keys."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from vagtcentral.console.floor import Desk, Floor, LiveCall
from vagtcentral.console.pages.format import clock_time, number, word
from vagtcentral.console.pages.in_place import rewrite, shown_if, writing
from vagtcentral.console.pages.parts import Answer, button, choice, entry, named, text
from vagtcentral.console.registration import CODES, FIELDS, Written
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
    """The form of one call, and a window on what is written for it: other pages of the desk show the same."""

    def __init__(self, say: Say, now: Callable[[], int], save: Save, desk: Desk, call: LiveCall) -> None:
        """Draw it where the page is being drawn now."""
        self._say = say
        self._now = now
        self._save_it = save
        self._desk = desk
        self._call = call
        caller = number(call.record.caller, say)
        self.root = named(ui.element("section").classes("panel registration"), say("registration"))
        with self.root:
            text("h2", say("registration"))
            self._late = writing("p", say("reg_late", caller=caller), "notice")
            with ui.element("div").classes("form"):
                self._answers = self._draw_fields(self._written())
            with ui.element("div").classes("acts"):
                button(say("reg_save"), self.save)
                self._drop = button(say("reg_drop"), self._forget)
                self._told = writing("span", "", "soft").props("role=status")
        for part in (self._late, self._drop):
            part.set_visibility(False)
        for name, answer in self._answers.items():
            answer.heard = partial(self._type, name)

    def show(self, *, late: bool) -> None:
        """Show what is written now; `late` when the time for it is over, and it could not be saved."""
        written = self._written()
        for name, answer in self._answers.items():
            answer.show(written.get(name, ""))
        shown_if(self._late, late)
        shown_if(self._drop, late)

    def save(self) -> None:
        """Save what is written; says so where the kind of enquiry is not chosen yet."""
        written = self._written()
        if "code" not in written:
            rewrite(self._told, self._say("reg_needs_code"))
            return
        fields = [(name, written[name]) for name in FIELDS if name in written]
        if self._save_it(self._call.call_id, written["code"], fields, written.get("text", "")):
            self._forget()
            rewrite(self._told, self._say("reg_saved", time=clock_time(self._now())))

    def save_if_written(self) -> None:
        """Save what is written and not saved, if a kind of enquiry was chosen."""
        if "code" in self._desk.drafts.get(self._call.call_id, {}):
            self.save()

    # ------------------------------------------------------------------------------------------

    def _draw_fields(self, written: Written) -> dict[str, Answer]:
        say = self._say
        codes = {"": "–", **{code: say(f"code_{code}") for code in CODES}}
        answers = {"code": choice(say("reg_code"), codes, written.get("code", ""))}
        for name in FIELDS:
            answers[name] = entry(say(f"reg_{name}"), written.get(name, ""))
        answers["text"] = entry(say("reg_text"), written.get("text", ""), wide=True, lines=2)
        return answers

    def _type(self, name: str, value: str) -> None:
        """Only this field: another page may have written in the others meanwhile."""
        written = {one: words for one, words in (self._written() | {name: value}).items() if words}
        if written == self._saved():
            self._forget()
        else:
            self._desk.drafts[self._call.call_id] = written

    def _forget(self) -> None:
        self._desk.drafts.pop(self._call.call_id, None)

    def _written(self) -> Written:
        return self._desk.drafts.get(self._call.call_id, self._saved())

    def _saved(self) -> Written:
        """What this operator saved last, else what one who had the caller before did."""
        said = self._call.registered.get(self._desk.operator.name)
        known = self._call.record.registration
        if said is not None:
            saved = dict(said.fields) | {"code": said.code, "text": said.text}
        elif known is not None:
            saved = known["fields"] | {"code": known["code"], "text": known["text"]}
        else:
            saved = {}
        return {name: words for name, words in saved.items() if words}


class Registrations:
    """The form of the call at hand, and above it those of calls before that are written and not saved."""

    def __init__(
        self, say: Say, now: Callable[[], int], save: Save, desk: Desk, calls: Mapping[str, LiveCall]
    ) -> None:
        self._say = say
        self._now = now
        self._save = save
        self._desk = desk
        self._calls = calls
        self._at_hand: str | None = None
        self._forms: dict[str, RegistrationForm] = {}
        self._place = ui.element("div").classes("column-stack")

    def show(self, call: LiveCall | None) -> None:
        """Show the form of this call; what was written for the one before is saved, or stays."""
        at_hand = None if call is None else call.call_id
        if self._at_hand != at_hand:
            if self._at_hand in self._forms:
                self._forms[self._at_hand].save_if_written()
            self._at_hand = at_hand
        late = [one for one in self._desk.drafts if one != at_hand and one in self._calls]
        wanted = late if at_hand is None else [*late, at_hand]
        for gone in self._forms.keys() - set(wanted):
            self._forms.pop(gone).root.delete()
        for call_id in wanted:
            if call_id not in self._forms:
                self._forms[call_id] = self._draw(self._calls[call_id])
            self._forms[call_id].show(late=call_id != at_hand)

    def save_if_written(self) -> None:
        """Save whatever can be saved: something ends, and nothing that is typed is to be lost."""
        for form in self._forms.values():
            form.save_if_written()

    def _draw(self, call: LiveCall) -> RegistrationForm:
        with self._place:
            return RegistrationForm(self._say, self._now, self._save, self._desk, call)


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
