"""Whether an operator was ready, kept by his browser: after a restart of the program he is that again.

The program itself forgets it, as it forgets who sat where; the journal has calls and no operators. A browser
can claim nothing but its own operator's state with it, and only for the session in which it was said.
"""

import json

from fastapi import Request
from nicegui import ui

from vagtcentral.console.accounts.person import Person
from vagtcentral.console.words import has_words

COOKIE = "vagtcentral_desk"


def remember(person: Person, state: str) -> None:
    """Keep `ready`, `away` or a reason for not being ready in the browser of this page."""
    value = json.dumps(f"{COOKIE}={_mark(person)}.{state}; path=/desk; samesite=strict")
    ui.run_javascript(f"document.cookie = {value}")


def remembered(request: Request, person: Person) -> str | None:
    """`ready`, a reason for not being ready, or None where nothing was kept in this session."""
    mark, _, state = request.cookies.get(COOKIE, "").partition(".")
    if mark != _mark(person):
        return None
    return state if state == "ready" or has_words(f"reason_{state}") else None


def _mark(person: Person) -> str:
    """Something of the session that says nothing of its id: this is the beginning of that one's hash."""
    return (person.session or "")[:16]
