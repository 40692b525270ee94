"""A scripted call played in virtual time beforehand, to know when its caller does what on a real line.

On a real line a caller hears sound and not the names of prompts. When a prompt begins follows from how long
those before it last, which the simulator knows. What depends on operators is only as true as the script.
"""

from collections.abc import Callable

from vagtcentral.ivr.commands import HangUp
from vagtcentral.ivr.events import CallerHungUp, DigitPressed
from vagtcentral.ivr.plan import CallPlan
from vagtcentral.ivr.setting import Setting
from vagtcentral.menus.model import Spoken
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, ScriptError

#: A call that takes longer than this has no end: nobody takes it, and its caller waits for ever.
LONGEST_MS = 24 * 3_600_000


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
