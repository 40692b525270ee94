"""The reliability curve of a calibration as a drawing. Needs matplotlib, the extra `[report]`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from vagtcentral.location.calibration import Calibration

_COLUMNS = 2


def draw(results: Sequence[Calibration], target: Path) -> None:
    """Write an SVG with one panel for each kind of error and one curve for each density.

    The element of a curve has the id `panel-1-normal`, by panel and density. The same results give the same
    bytes. Raises OSError if the file cannot be written.
    """
    kinds = list(dict.fromkeys(result.errors for result in results))
    rows = -(-len(kinds) // _COLUMNS)
    # Text stays text, and the names inside the file come from its content, not from chance.
    with matplotlib.rc_context({"svg.hashsalt": "vagtcentral", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(4 * _COLUMNS, 4.2 * rows), layout="constrained")
        panels = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
        for number, kind in enumerate(kinds, 1):
            of_kind = [result for result in results if result.errors == kind]
            _curves(panels[number - 1], number, of_kind)
        for empty in panels[len(kinds) :]:
            empty.set_axis_off()
        figure.savefig(target, format="svg", metadata={"Date": None})


def _curves(panel: Any, number: int, results: Sequence[Calibration]) -> None:
    panel.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="as stated")
    for result in results:
        stated = [one.stated for one in result.bins]
        came_true = [one.came_true for one in result.bins]
        look = {"marker": "o", "markersize": 3, "gid": f"panel-{number}-{result.density}"}
        panel.plot(stated, came_true, label=f"answered as {result.density}", **look)
    panel.set_title(results[0].errors, fontsize=9)
    panel.set_xlabel("probability stated")
    panel.set_ylabel("share that came true")
    panel.set_aspect("equal")
    panel.legend(loc="upper left", frameon=False)
