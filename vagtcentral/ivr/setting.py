"""What a call is run with: the menus, the geometry, and the few numbers that are policy and not menu."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from vagtcentral.ivr.events import CallArrived
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.ddkn import danish_square
from vagtcentral.location.decision import Costs, decide
from vagtcentral.location.located import Decision
from vagtcentral.location.postcodes import is_postcode
from vagtcentral.location.rescue import RescueTable, rescue_position
from vagtcentral.location.uncertainty import RFC_7459_NORMAL_2D
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.model import Entry, Menu


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How long and how often, in milliseconds and times.

    The defaults are assumptions: no Danish figure for ringing time, wrap-up or call-back attempts is public.
    """

    ring_ms: int = 15_000  #: an operator who does not answer this long is passed over
    wrap_up_ms: int = 60_000  #: an operator's longest time for registering a call
    rest_ms: int = 2_000  #: how long an operator is offered nothing after the switch failed to connect him
    call_back_attempts: int = 3  #: how often a caller is rung on a kept call-back
    call_back_every_ms: int = 120_000  #: how long after a failed attempt the next one is made
    #: Who takes a caller whom the menu could not place: skill by service.
    fallback_skill: Mapping[str, str] = field(default_factory=lambda: {"112": "emergency", "114": "general"})


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that calls of one control room share, none of which changes during a call.

    `cells` and `rescue_numbers` None are the invented ones that come with the project; whatever is read with
    their help says so. `radius_model` brings radii to 95 % (`location.uncertainty.MODELS`).
    """

    menus: Mapping[str, Menu]
    atlas: Atlas
    policy: CallPolicy = field(default_factory=CallPolicy)
    costs: Costs = field(default_factory=Costs)
    cells: CellIndex | None = None
    rescue_numbers: RescueTable | None = None
    radius_model: str = RFC_7459_NORMAL_2D
    #: What is decided by service while nothing is known of the caller's position.
    undecided: Mapping[str, Decision] = field(init=False, compare=False)

    def knows_place(self, entry: Entry, keyed: str) -> bool:
        """Whether digits that tell a place name one: a postcode, a square near land, a sign of the table."""
        match entry:
            case Entry.POSTCODE:
                return is_postcode(keyed)
            case Entry.SQUARE:
                return danish_square(keyed, 0, self.atlas) is not None
            case Entry.RESCUE:
                return rescue_position(keyed, 0, self.rescue_numbers) is not None
        return False

    def arrival(self, at: int, service: str, caller: str | None, menu: str) -> CallArrived:
        """The event with which a call arrives, naming the menu and all data that are in force for it."""
        return CallArrived(
            *(at, service, caller, menu, self.menus[menu].sha256, self.atlas.data.sha256, self.atlas.data),
            (self.cells or CellIndex.built_in()).data,
            (self.rescue_numbers or RescueTable.built_in()).data,
        )

    def __post_init__(self) -> None:
        costs = replace(self.costs, hold_s=0.0)
        undecided = {service: decide(None, service, costs) for service in ("112", "114")}
        object.__setattr__(self, "undecided", undecided)


@cache
def shipped_setting() -> Setting:
    """The menus that come with the project, on the built-in geometry."""
    return Setting({name: shipped_menu(name) for name in shipped_names()}, Atlas.built_in())
