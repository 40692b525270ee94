"""What a benchmark hands back, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a benchmark's table. `value` None means that it was not measured; `note` then says why."""

    what: str
    value: float | int | str | None
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one benchmark. `met` says whether its target was met, None where it has none."""

    name: str
    about: str
    figures: Sequence[Figure]
    met: bool | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The result as one JSON object, figures in their order."""
        figures = [
            {"what": one.what, "value": one.value, "unit": one.unit, "note": one.note} for one in self.figures
        ]
        return {"name": self.name, "about": self.about, "met": self.met, "figures": figures, **self.extra}


def table(result: Result) -> str:
    """The result as plain text: a line for each figure, in columns."""
    rows = [(one.what, _shown(one.value), one.unit, one.note) for one in result.figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{result.name}: {result.about}"]
    for what, value, unit, note in rows:
        line = f"  {what:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {note}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def _shown(value: float | int | str | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value
