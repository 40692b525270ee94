"""How long it takes to get going: the command line's help, and loading the built-in geometry and menus.

Each is a fresh Python process, as a user starts it; wall-clock time, best of several.
"""

import subprocess
import sys
import time
from importlib.util import find_spec

from benchmarks.result import Figure, Result

#: `vagtcentral --help` is to answer within this time, in seconds.
TARGET_S = 0.4

_HELP = "import sys; from vagtcentral.console.cli import main; sys.argv = ['vagtcentral', '--help']; main()"
_LOADS = {
    "Python alone": "pass",
    "geometry": "from vagtcentral.location.atlas import Atlas; Atlas.built_in()",
    "menus": (
        "from vagtcentral.menus.load import shipped_menu, shipped_names; "
        "[shipped_menu(name) for name in shipped_names()]"
    ),
    "geometry and menus": "from vagtcentral.ivr.setting import shipped_setting; shipped_setting()",
}


def run(repetitions: int = 7) -> Result:
    """Measure the start of each; the help is skipped, with the reason, where there is no command line."""
    figures = []
    met = None
    if find_spec("vagtcentral.console.cli") is None:
        figures.append(Figure("vagtcentral --help", None, "s", "skipped: no vagtcentral.console.cli here"))
    else:
        seconds = best(_HELP, repetitions)
        met = seconds < TARGET_S
        note = f"best of {repetitions}; less than {TARGET_S} s is wanted"
        figures.append(Figure("vagtcentral --help", seconds, "s", note))
    figures += [
        Figure(what, best(code, repetitions), "s", f"best of {repetitions}, with imports")
        for what, code in _LOADS.items()
    ]
    return Result("startup", "a fresh process until it is done", figures, met)


def best(code: str, repetitions: int) -> float:
    """The shortest wall-clock time, in seconds, of a fresh Python that runs this code to its end."""
    return min(_once(code) for _ in range(repetitions))


def _once(code: str) -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - before
