"""What a call is run with: the menus, the geometry, and the few numbers that are policy and not menu."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from vagtcentral.location.atlas import Atlas
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.model import Menu


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How long and how often, in milliseconds and times.

    The defaults are assumptions: no Danish figure for ringing time, wrap-up or call-back attempts is public.
    """

    ring_ms: int = 15_000  #: an operator who does not answer this long is passed over
    wrap_up_ms: int = 60_000  #: an operator's longest time for registering a call
    call_back_attempts: int = 3  #: how often a caller is rung on a kept call-back
    call_back_every_ms: int = 120_000  #: how long after a failed attempt the next one is made
    #: Who takes a caller whom the menu could not place: skill by service.
    fallback_skill: Mapping[str, str] = field(default_factory=lambda: {"112": "emergency", "114": "general"})


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that calls of one control room share, none of which changes during a call."""

    menus: Mapping[str, Menu]
    atlas: Atlas
    policy: CallPolicy = field(default_factory=CallPolicy)


@cache
def shipped_setting() -> Setting:
    """The menus that come with the project, on the built-in geometry."""
    return Setting({name: shipped_menu(name) for name in shipped_names()}, Atlas.built_in())
