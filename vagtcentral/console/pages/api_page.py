"""The documentation of the API, drawn from its own OpenAPI document."""

from typing import Any

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.pages.parts import panel, table, text
from vagtcentral.console.pages.shell import Visit, page


@page("/api-manual", Permission.READ_API_MANUAL, title="nav_api")
async def api_manual(visit: Visit) -> None:
    """Every route by its subject: what it does, what it takes and what it answers."""
    say = visit.say
    document: dict[str, Any] = visit.services.api_document()
    text("p", say("api_about"), "soft")
    ui.link(say("api_document"), "/api/openapi.json")
    subjects: dict[str, list[list[str]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            subject = (operation.get("tags") or ["other"])[0]
            answers = ", ".join(sorted(operation["responses"]))
            row = [f"{method.upper()} {path}", operation.get("summary", ""), answers]
            subjects.setdefault(subject, []).append(row)
    for subject, rows in subjects.items():
        with panel(subject):
            table([say("api_path"), say("api_what"), "HTTP"], rows)
