"""The summary of one operator's shift: times, and whether what was done was right. Pure.

`handled` reads from a call's journal what one operator did with it, `summary` adds up the shift. Whether
positions, districts and registrations were right can be said only of callers whose truth is known, so of
simulated ones; recorded and real calls count for the times alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from vagtcentral.evaluation.target import Target
from vagtcentral.ivr.commands import (
    Connect,
    Enqueue,
    ReleaseOperator,
    RingOperator,
    ShowDestination,
    ShowLocation,
)
from vagtcentral.ivr.events import CallArrived, Registered, TransferRequested, WronglyRouted
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import distance_m, radius_95
from vagtcentral.sim.personas import Truth

#: Of fewer calls than this a share says little, and a summary says so.
FEW = 20


@dataclass(slots=True)
class Handled:
    """One call as one operator had it; durations in seconds, None for what did not come about.

    `waited_s` is how long the caller had waited when he was connected, `rang_s` how much of that it rang at
    this operator's desk, `handled_s` the time from there to the end of the registration. `position` is the
    last one shown before that, `district` the district decided for, or else the likeliest.
    """

    call_id: str
    service: str = ""
    skill: str | None = None
    waited_s: float | None = None
    rang_s: float | None = None
    handled_s: float | None = None
    position: Position | None = None
    district: str | None = None
    code: str | None = None
    transferred: bool = False
    wrongly_routed: bool = False


def handled(turns: Iterable[Turn], operator: str, since: int = 0) -> Handled | None:
    """What the operator did with the call of this journal; None where he did not have it, or still has it.

    What was connected before `since` (ms since 1970 UTC), when somebody else sat there, is not his. Who had
    the call twice is judged by both times together, and his times are those of the first.
    """
    reading = _Reading(operator, since)
    for turn in turns:
        reading.take(turn)
    return reading.call if reading.released_at is not None else None


class _Reading:
    """Reads one journal turn by turn."""

    def __init__(self, operator: str, since: int) -> None:
        self._operator = operator
        self._since = since
        self.call = Handled("")
        self._waiting_since: int | None = None
        self._rung_at: int | None = None
        self._connected_at: int | None = None
        self.released_at: int | None = None
        self._skill: str | None = None

    def take(self, turn: Turn) -> None:
        """The next turn."""
        call, event, at = self.call, turn.event, turn.event.at
        call.call_id = turn.call_id
        match event:
            case CallArrived(service=service):
                call.service = service
            case Registered(operator=self._operator, code=code):
                call.code = code
            case WronglyRouted(operator=self._operator, wrongly=wrongly):
                call.wrongly_routed = wrongly
            case TransferRequested(operator=self._operator) if turn.commands:
                call.transferred = True
        if self.released_at is None:
            for command in turn.commands:
                self._take_command(command, at)

    def _take_command(self, command: object, at: int) -> None:
        match command:
            case Enqueue():
                self._waiting_since = at if self._waiting_since is None else self._waiting_since
            case RingOperator(operator=self._operator):
                self._rung_at = at
            case Connect(operator=self._operator) if self._connected_at is None and at >= self._since:
                self._connect(at)
            case Connect():
                self._waiting_since = None
            case ReleaseOperator(operator=self._operator) if self._connected_at is not None:
                self.released_at = at
                self.call.handled_s = (at - self._connected_at) / 1000
            case ShowDestination(skill=skill):
                self._skill = skill
            case ShowLocation(located=located, decision=decision) if located is not None:
                self.call.position = located.position
                likeliest = None if located.district is None else located.district.code
                self.call.district = decision.district or likeliest

    def _connect(self, at: int) -> None:
        self._connected_at = at
        self.call.skill = self._skill
        if self._waiting_since is not None:
            self.call.waited_s = (at - self._waiting_since) / 1000
            self._waiting_since = None
        if self._rung_at is not None:
            self.call.rang_s = (at - self._rung_at) / 1000


@dataclass(frozen=True, slots=True)
class Spread:
    """Several durations or distances: how many, the middle one and the largest."""

    count: int
    median: float
    largest: float

    @staticmethod
    def of(values: Iterable[float | None]) -> "Spread | None":
        """None of no values; those that are None do not count."""
        known = [value for value in values if value is not None]
        return Spread(len(known), median(known), max(known)) if known else None


@dataclass(frozen=True, slots=True)
class Right:
    """How many of how many were right."""

    right: int
    of: int

    @property
    def few(self) -> bool:
        """Whether there are so few that their share says little."""
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class CodeRow:
    """The calls that were truly of one kind: how many were registered so, otherwise, and not at all."""

    code: str
    calls: int
    right: int
    otherwise: tuple[str, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One shift. `answered_in_time` is by service and counts the caller's whole wait.

    `distance_m` and `inside` compare the last position shown with the truth; `inside` is whether that lay in
    the circle of 95 %. `astray` counts the calls that came to the wrong place, and of them those that the
    operator marked or sent on.
    """

    calls: int
    judged: int
    rang_s: Spread | None
    waited_s: Spread | None
    handled_s: Spread | None
    answered_in_time: Mapping[str, Right]
    transfers: int
    distance_m: Spread | None
    inside: Right
    district: Right
    registered: Right
    codes: tuple[CodeRow, ...]
    astray: Right


def summary(shift: Sequence[Handled], truths: Mapping[str, Truth], targets: Mapping[str, Target]) -> Summary:
    """The summary of the calls of a shift, given what is true of those that were simulated."""
    known = [(call, truths[call.call_id]) for call in shift if call.call_id in truths]
    astray = [call for call, truth in known if call.skill is not None and call.skill != truth.skill]
    codes = _by_code(known)
    inside = [hit for call, truth in known if (hit := _inside(call, truth)) is not None]
    districts = [call.district == truth.district for call, truth in known if call.district is not None]
    return Summary(
        calls=len(shift),
        judged=len(known),
        rang_s=Spread.of(call.rang_s for call in shift),
        waited_s=Spread.of(call.waited_s for call in shift),
        handled_s=Spread.of(call.handled_s for call in shift),
        answered_in_time=_in_time(shift, targets),
        transfers=sum(call.transferred for call in shift),
        distance_m=Spread.of(_away(call, truth) for call, truth in known),
        inside=Right(sum(inside), len(inside)),
        district=Right(sum(districts), len(districts)),
        registered=Right(sum(row.right for row in codes), len(known)),
        codes=codes,
        astray=Right(sum(call.wrongly_routed or call.transferred for call in astray), len(astray)),
    )


def _in_time(shift: Sequence[Handled], targets: Mapping[str, Target]) -> dict[str, Right]:
    found = {}
    for service, target in targets.items():
        waits = [call.waited_s for call in shift if call.service == service and call.waited_s is not None]
        if waits:
            found[service] = Right(sum(wait <= target.seconds for wait in waits), len(waits))
    return found


def _away(call: Handled, truth: Truth) -> float | None:
    if call.position is None:
        return None
    return distance_m(call.position, Position(truth.latitude, truth.longitude))


def _inside(call: Handled, truth: Truth) -> bool | None:
    """Whether the truth lay in the circle of 95 %; None without a position, or without a radius."""
    away = _away(call, truth)
    radius = None if call.position is None else radius_95(call.position)
    return None if away is None or radius is None else away <= radius


def _by_code(known: Sequence[tuple[Handled, Truth]]) -> tuple[CodeRow, ...]:
    rows = []
    for code in sorted({truth.code for _, truth in known}):
        given = [call.code for call, truth in known if truth.code == code]
        otherwise = sorted(one for one in given if one is not None and one != code)
        rows.append(CodeRow(code, len(given), given.count(code), tuple(otherwise), given.count(None)))
    return tuple(rows)
