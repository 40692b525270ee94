"""Whether the journal of a call comes out the same again, on the menus and the map in use now."""

from collections.abc import Sequence
from dataclasses import dataclass

from vagtcentral.evaluation.replay import replay
from vagtcentral.ivr.call import Call
from vagtcentral.ivr.events import CallArrived
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import Setting


@dataclass(frozen=True, slots=True)
class ReplayCheck:
    """How many steps were replayed (0: the menu is gone), the first that differs, and what has changed since.

    `changed` has `menu` and `geometry`.
    """

    steps: int
    differs_at: int | None
    changed: tuple[str, ...]


def check_replay(turns: Sequence[Turn], setting: Setting) -> ReplayCheck:
    """Replay the turns of one call, from the first on."""
    arrived = turns[0].event
    changed: list[str] = []
    if isinstance(arrived, CallArrived):
        menu = setting.menus.get(arrived.menu)
        if menu is None:
            return ReplayCheck(0, None, ("menu",))
        if menu.sha256 != arrived.menu_sha256:
            changed.append("menu")
        if setting.atlas.data.sha256 != arrived.atlas_sha256:
            changed.append("geometry")
    done = replay(turns, Call(setting).handle)
    first = done.first_difference
    return ReplayCheck(len(done.steps), None if first is None else first.seq, tuple(changed))
