"""A table whose rows come and go while somebody may have the focus in it: rows that stay are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from vagtcentral.console.pages.html_table import Cell, cell_html
from vagtcentral.console.pages.in_place import put_html
from vagtcentral.console.pages.parts import text


class LiveTable:
    """Rows by key. `show` adds, changes and removes what has changed, and touches nothing else."""

    def __init__(self, caption: str, headings: Sequence[str]) -> None:
        self._rows: dict[str, tuple[Any, list[Any]]] = {}
        with ui.element("table").classes("plain dense"):
            text("caption", caption, "sr-only")
            with ui.element("thead"), ui.element("tr"):
                for heading in headings:
                    text("th", heading).props("scope=col")
            self._body = ui.element("tbody")

    def show(self, rows: Mapping[str, Sequence[Cell]]) -> None:
        """Show these rows in this order. Those that stay are not moved: their order must not change."""
        for key in [key for key in self._rows if key not in rows]:
            self._rows.pop(key)[0].delete()
        for place, (key, cells) in enumerate(rows.items()):
            if key in self._rows:
                self._change(self._rows[key][1], cells)
            else:
                self._rows[key] = self._add(cells, place)

    def _add(self, cells: Sequence[Cell], place: int) -> tuple[Any, list[Any]]:
        last = place == len(self._body.default_slot.children)
        with self._body, ui.element("tr") as row:
            made = [ui.html(cell_html(cell), sanitize=False, tag="td") for cell in cells]
        made[0].props("role=rowheader")
        if not last:
            row.move(target_index=place)
        return row, made

    def _change(self, made: Sequence[Any], cells: Sequence[Cell]) -> None:
        for element, cell in zip(made, cells, strict=True):
            put_html(element, cell_html(cell))
