"""What is wrong with a menu file, said so that its author finds the place and knows what to write instead."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[str | int, ...]  #: the keys and positions that lead to a value in the file, outermost first

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def place_name(place: Place) -> str:
    """Write a place as it is read in a file: `nodes.main.options."8".to`, `languages[1]`."""
    words = ""
    for step in place:
        if isinstance(step, int):
            words += f"[{step}]"
            continue
        name = step if _PLAIN.fullmatch(step) else _quoted(step)
        words += f".{name}" if words else name
    return words


def shown(value: object) -> str:
    """The value seen, short enough for one line and written as in the file."""
    if isinstance(value, dict):
        return f"a mapping of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = _quoted(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _quoted(value: object) -> str:
    """The value as JSON on one line that any terminal can show."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `line` counts from 1 and is None where it is about the file as a whole."""

    file: str
    line: int | None
    place: str
    seen: str
    allowed: str

    def __str__(self) -> str:
        at = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{at}: {self.place}: {self.seen}; {self.allowed}"


class MenuError(Exception):
    """A menu file that cannot be used; its text is one line for each of `problems`, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))
