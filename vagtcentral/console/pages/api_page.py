"""The documentation of the API, drawn from its own OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.api.scopes import SIGNED_IN
from vagtcentral.console.pages.api_manual import Field, Operation, models, operations
from vagtcentral.console.pages.html_table import html_table
from vagtcentral.console.pages.parts import panel, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.wallboard import STYLE


@page("/api-manual", Permission.READ_API_MANUAL, title="nav_api")
async def api_manual(visit: Visit) -> None:
    """Every route by its subject: who may use it, what it takes and what it answers; then every model."""
    say = visit.say
    ui.add_css(STYLE)
    document: dict[str, Any] = visit.services.api_document()
    text("p", say("api_about"), "soft")
    ui.link(say("api_document"), "/api/openapi.json")
    subjects: dict[str, list[Operation]] = {}
    for operation in operations(document):
        subjects.setdefault(operation.subject, []).append(operation)
    manual = Manual(visit)
    for subject, of_it in subjects.items():
        with panel(subject):
            for operation in of_it:
                manual.draw(operation)
    with panel(say("api_models")):
        for name, fields in models(document).items():
            with ui.element("details").classes("operation"):
                text("summary", name).props("lang=en")
                manual.draw_fields(name, fields)


class Manual:
    """Draws operations. What comes out of the document is English and says so."""

    def __init__(self, visit: Visit) -> None:
        self._say = visit.say

    def draw(self, operation: Operation) -> None:
        """One operation: its line, and what opens under it."""
        say = self._say
        with ui.element("details").classes("operation"):
            with ui.element("summary"):
                text("code", f"{operation.method} {operation.path}")
                text("span", operation.summary).props("lang=en")
                text("span", self._who(operation), "soft")
            if operation.about:
                text("p", operation.about).props("lang=en")
            if operation.fields:
                self.draw_fields(say("api_takes"), operation.fields)
            headings = [say("api_status"), say("api_what"), say("api_type")]
            rows = [[status, what, kind] for status, what, kind in operation.answers]
            self._table(say("api_answers"), headings, rows)

    def draw_fields(self, name: str, fields: Sequence[Field]) -> None:
        """What can be given, or what stands in an object."""
        say = self._say
        headings = [say(one) for one in ("api_field", "api_where", "api_type", "api_required", "api_what")]
        rows = [
            [one.name, one.where, one.type, say("yes" if one.required else "no"), one.about] for one in fields
        ]
        if not any(one.where for one in fields):
            headings.pop(1)
            rows = [[row[0], *row[2:]] for row in rows]
        self._table(name, headings, rows)

    def _who(self, operation: Operation) -> str:
        say = self._say
        if operation.scope is None:
            return say("api_everybody")
        return (
            say("api_signed_in") if operation.scope == SIGNED_IN else say("api_scope", scope=operation.scope)
        )

    def _table(self, name: str, headings: list[str], rows: list[list[str]]) -> None:
        text("h3", name)
        with ui.element("div").classes("wide-scroll").props("lang=en"):
            ui.html(html_table(name, headings, rows), sanitize=False)
