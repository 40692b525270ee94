"""What is aimed at: how many calls are to be answered within how many seconds."""

import re
from dataclasses import dataclass

_TARGET = re.compile(r"([0-9]{1,3})/([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Target:
    """At least `share` (0 to 1) of the calls are to be answered within `seconds` of waiting."""

    share: float
    seconds: int


def target_of(text: str) -> Target:
    """A target as written in settings: `90/10` is 90 % within 10 s; `ValueError` for anything else."""
    found = _TARGET.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= 100 or int(found[2]) < 1:
        raise ValueError(f"{text!r} is no target such as 90/10, 90 % within 10 s")
    return Target(int(found[1]) / 100, int(found[2]))
