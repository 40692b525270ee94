"""What the geometry says of a position: municipality, districts with probabilities, and the decision."""

from enum import StrEnum
from typing import Any

from vagtcentral.location.position import Position
from vagtcentral.value import value


@value
class GeoData:
    """Which geometry gave the answer. `official` is False for the built-in atlas."""

    name: str
    official: bool
    date: str
    sha256: str


@value
class Municipality:
    """The likeliest municipality of the most probable district.

    `distance_m` is 0 inside it, else how far outside the position lies.
    """

    code: str
    name: str
    probability: float
    distance_m: float


@value
class DistrictChance:
    """One police district that the caller may be in, DAGI code 1460 to 1471, with its probability."""

    code: str
    name: str
    probability: float
    distance_m: float


@value
class Located:
    """A position and where that is. `districts` is most probable first, and empty far outside Denmark."""

    position: Position
    municipality: Municipality | None
    districts: tuple[DistrictChance, ...]
    data: GeoData

    @property
    def district(self) -> DistrictChance | None:
        """The most probable district, if there is any."""
        return self.districts[0] if self.districts else None


class Action(StrEnum):
    """What to do with a call, given where it is."""

    ROUTE = "route"  #: send it to the district named
    ASK = "ask"  #: ask the caller where he is: no district is likely enough
    HOLD = "hold"  #: wait a little for a better position (never on 112)


@value
class Decision:
    """What to do, with which district (None if none is known), and why, in one plain sentence."""

    action: Action
    district: str | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The decision with the field names that the command line promises."""
        return {"action": self.action.value, "district": self.district, "reason": self.reason}
