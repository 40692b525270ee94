"""What the caller of one call needs, as the queue is asked for it."""

from vagtcentral.ivr.commands import Enqueue, ShowDestination
from vagtcentral.menus.model import DistrictRule

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_CALLER, _ANY = DistrictRule

EMERGENCY_PRIORITY = 0
SERVICE_PRIORITY = 1


class Errand:
    """Skill, district and priority, and the place in the queue, which is that of the first request."""

    __slots__ = ("_district", "_priority", "_service", "_since", "_skill", "not_operator")

    def __init__(self, service: str) -> None:
        self._service = service
        self._priority = EMERGENCY_PRIORITY if service == "112" else SERVICE_PRIORITY
        self._since: int | None = None
        self._skill = ""
        self._district: DistrictRule | str = _ANY
        self.not_operator: str | None = None

    @property
    def emergency(self) -> bool:
        """Whether this is an emergency, dialled as one or handed over."""
        return self._priority == EMERGENCY_PRIORITY

    @property
    def asks_for_the_callers_district(self) -> bool:
        """Whether the caller's position decides where the call goes."""
        return self._district is _CALLER

    def becomes_an_emergency(self) -> None:
        """The call is handed over to 112."""
        self._priority = EMERGENCY_PRIORITY

    def aim(self, skill: str, district: DistrictRule | str) -> None:
        """Set what is asked for."""
        self._skill = skill
        self._district = district

    def district(self, caller_in: str | None) -> str | None:
        """The district to ask for, given the one that the caller is in; None for any."""
        if self._district is _ANY:
            return None
        return caller_in if self._district is _CALLER else self._district

    def destination(self, caller_in: str | None, node: str, onward: str | None) -> ShowDestination:
        """The destination as the record shows it; a handed-over call shows as service 112."""
        service = "112" if self.emergency else self._service
        return ShowDestination(service, self._skill, self.district(caller_in), node, onward)

    def take_place(self, at: int) -> int:
        """Give the call its place in the queue, unless it has one; returns the instant that it stands for."""
        if self._since is None:
            self._since = at
        return self._since

    def request(self, at: int, language: str, caller_in: str | None) -> Enqueue:
        """The request to the dispatcher."""
        return Enqueue(
            self.take_place(at),
            self._priority,
            self._skill,
            language,
            self.district(caller_in),
            self.not_operator,
        )
