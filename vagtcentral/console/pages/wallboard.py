"""The wallboard: what happens now."""

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.pages.shell import Visit, page


@page("/wallboard", Permission.WATCH_LIVE, title="nav_wallboard")
async def wallboard(visit: Visit) -> None:
    """Waiting calls and operators."""
    shown = ui.label()

    def show() -> None:
        live = visit.live.floor
        shown.text = f"{len(live.waiting())} / {len(live.live())}"

    show()
    ui.timer(1.0, show)
