"""The reliability curve of a calibration as a drawing. Needs matplotlib, the extra `[report]`."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from vagtcentral.location.calibration import Calibration


def draw(results: Sequence[Calibration], target: Path) -> None:
    """Write an SVG with one panel for each kind of error; ImportError without matplotlib.

    The same results give the same bytes.
    """
    mpl, figures = import_module("matplotlib"), import_module("matplotlib.figure")
    kinds = list(dict.fromkeys(result.errors for result in results))
    with mpl.rc_context({"svg.hashsalt": "vagtcentral", "svg.fonttype": "none", "font.size": 9}):
        figure = figures.Figure(figsize=(4 * len(kinds), 4.2), layout="constrained")
        for panel, kind in zip(figure.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
            panel.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="as stated")
            for result in results:
                if result.errors == kind:
                    stated = [one.stated for one in result.bins]
                    came_true = [one.came_true for one in result.bins]
                    panel.plot(stated, came_true, marker="o", markersize=3, label=result.density)
            panel.set_title(kind, fontsize=9)
            panel.set_xlabel("probability stated")
            panel.set_ylabel("share that came true")
            panel.set_aspect("equal")
            panel.legend(loc="upper left", frameon=False)
        figure.savefig(target, format="svg", metadata={"Date": None})
