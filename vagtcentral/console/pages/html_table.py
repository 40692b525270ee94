"""A table of texts and links as HTML: of many rows, it is one element in the page instead of hundreds."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere."""

    label: str
    to: str


Cell = str | Link


def html_table(
    caption: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    strong: frozenset[int] = frozenset(),
) -> str:
    """The table; the first cell of each row names the row. The rows in `strong` (from 0) stand out."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(_row(row, "strong" if place in strong else "") for place, row in enumerate(rows))
    return (
        f'<table class="plain dense"><caption class="sr-only">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def cell_html(cell: Cell) -> str:
    """What stands in a cell."""
    if isinstance(cell, Link):
        return f'<a href="{escape(cell.to)}">{escape(cell.label)}</a>'
    return escape(cell)


def _row(cells: Sequence[Cell], classes: str) -> str:
    first, *others = cells
    start = f'<tr class="{classes}">' if classes else "<tr>"
    inner = "".join(f"<td>{cell_html(cell)}</td>" for cell in others)
    return f'{start}<th scope="row">{cell_html(first)}</th>{inner}</tr>'
