"""A scripted call played in virtual time beforehand, to know when its caller does what on a real line.

On a real line a caller hears sound and not the names of prompts. When a prompt begins follows from how long
those before it last, which the simulator knows. What depends on operators is only as true as the script.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from vagtcentral.ivr.commands import HangUp
from vagtcentral.ivr.events import CallerHungUp, DigitPressed
from vagtcentral.ivr.plan import CallPlan
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Spoken
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, ScriptError

#: A call that takes longer than this has no end: nobody takes it, and its caller waits for ever.
LONGEST_MS = 24 * 3_600_000

#: The time of the position in an AML text message (ETSI TS 103 625): `top=` and fourteen digits, UTC.
_TIME = re.compile(r"\btop=([0-9]{14})")
_TIME_FORMAT = "%Y%m%d%H%M%S"


def rehearse(script: Script, setting: Setting, speech: Callable[[Spoken], int]) -> CallPlan:
    """What the caller does until he is off the line; `speech` says how long a prompt lasts, in milliseconds.

    Raises `ScriptError` for a call that does not end, or whose menu is not known.
    """
    keys: list[tuple[int, str]] = []
    for turn in play_virtual(script, setting, speech):
        at = turn.event.at - script.start
        if at > LONGEST_MS:
            break
        if isinstance(turn.event, DigitPressed):
            keys.append((at, turn.event.digit))
        left = isinstance(turn.event, CallerHungUp)
        if left or any(isinstance(command, HangUp) for command in turn.commands):
            return CallPlan(script.service, script.caller.number, tuple(keys), at if left else None, at)
    raise ScriptError(f"{script.name}: the call does not end in 24 hours; let the caller hang up some time")


def moved(message: str, by_ms: int) -> str:
    """An AML text message as if everything had happened so much later; unchanged where it tells no time."""

    def later(found: re.Match[str]) -> str:
        try:
            moment = datetime.strptime(found[1], _TIME_FORMAT) + timedelta(milliseconds=by_ms)
        except (ValueError, OverflowError):
            return found[0]
        return f"top={moment.strftime(_TIME_FORMAT)}"

    return _TIME.sub(later, message)
