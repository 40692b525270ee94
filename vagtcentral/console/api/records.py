"""What the API says of a call: its record, and every position that was known of its caller."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import ShowLocation
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.located import Action
from vagtcentral.location.position import Source, iso_utc

#: What of a record tells where the caller was.
PLACES = ("position", "municipality")

Instant = Annotated[str | None, Field(description="ISO 8601, UTC")]
Probability = Annotated[float | None, Field(ge=0, le=1)]


class CallOut(BaseModel):
    """One call of a list. Of an open call the times so far; `waited_s` is all waits of a call together."""

    call_id: str
    service: str | None
    caller: str | None
    arrived_at: Instant
    answered_at: Instant
    left_at: Instant
    ended_at: Instant
    district: str | None
    operator: str | None
    waited_s: float
    talked_s: float
    outcome: str | None
    transfers: int
    wrongly_routed: bool


class CallsOut(BaseModel):
    """A page of calls, newest first. `total` stops counting at a bound, and `more` says that it has."""

    calls: list[CallOut]
    total: int
    more: bool


class PositionOut(BaseModel):
    """Where somebody is (WGS84). `radius_m` null is unknown, never exact; `shape` is GeoJSON-like."""

    latitude: float
    longitude: float
    radius_m: float | None
    confidence: Probability
    time: Instant
    source: Source
    shape: dict[str, Any] | None


class PlaceOut(BaseModel):
    """A municipality or a police district, how likely, and how far outside of it the position lies."""

    code: str
    name: str | None
    probability: Probability
    distance_m: float | None


class RecordingOut(BaseModel):
    """A recording of the call; its sound is at `/api/calls/{call_id}/recordings/{name}`."""

    name: str
    seconds: float


class RegisteredOut(BaseModel):
    """What an operator registered."""

    code: str
    fields: dict[str, str]
    text: str


class DetailsOut(BaseModel):
    """Everything that is said of a call. `position`, `municipality`: null for who may not see positions."""

    call_id: str
    service: str | None
    caller: str | None
    language: str | None
    keys: str
    keys_connected: str
    position: PositionOut | None
    municipality: PlaceOut | None
    district: PlaceOut | None
    anomalies: list[str]
    destination: str | None
    operator: str | None
    operators: list[str]
    waited_s: float
    talked_s: float
    outcome: str | None
    transfers: int
    unnecessary_transfers: int
    failures: list[str]
    recordings: list[RecordingOut]
    answers: dict[str, str]
    note: str | None
    registration: RegisteredOut | None
    wrongly_routed: bool
    transfer_reasons: list[str]


class RecordOut(CallOut):
    """The whole record."""

    record: DetailsOut


class DecisionOut(BaseModel):
    """What was to be done then, with which district, and why."""

    action: Action
    district: str | None
    reason: str


class FixOut(BaseModel):
    """What was known at the instant `at`. `evidence` has a sentence for each position that was weighed."""

    at: str
    position: PositionOut | None
    municipality: PlaceOut | None
    districts: list[PlaceOut]
    decision: DecisionOut
    anomalies: list[str]
    evidence: list[str]


class PositionsOut(BaseModel):
    """Everything that was known of where a caller is, oldest first."""

    call_id: str
    positions: list[FixOut]


def call_out(record: CallRecord) -> dict[str, Any]:
    """The fields of `CallOut`."""
    instants = ("arrived_at", "answered_at", "left_at", "ended_at")
    values = {name: getattr(record, name) for name in CallOut.model_fields}
    return values | {name: None if values[name] is None else iso_utc(values[name]) for name in instants}


def record_out(record: CallRecord, *, positions: bool) -> RecordOut:
    """The whole record, without what tells where the caller was unless `positions`."""
    told = record.as_demo_json()
    if not positions:
        told |= dict.fromkeys(PLACES)
    return RecordOut(**call_out(record), record=DetailsOut(**told))


def positions_out(call_id: str, turns: list[Turn]) -> PositionsOut:
    """Every fix of a call, from its journal."""
    return PositionsOut(
        call_id=call_id,
        positions=[
            _fix(turn.event.at, command)
            for turn in turns
            for command in turn.commands
            if isinstance(command, ShowLocation)
        ],
    )


def _fix(at: int, shown: ShowLocation) -> FixOut:
    located = shown.located
    return FixOut(
        at=iso_utc(at),
        position=None if located is None else PositionOut(**located.position.as_json()),
        municipality=_place(None if located is None else located.municipality),
        districts=[] if located is None else [_sure(chance) for chance in located.districts],
        decision=DecisionOut(**shown.decision.as_json()),
        anomalies=list(shown.anomalies),
        evidence=list(shown.evidence),
    )


def _place(place: Any) -> PlaceOut | None:
    return None if place is None else _sure(place)


def _sure(place: Any) -> PlaceOut:
    return PlaceOut(
        code=place.code, name=place.name, probability=place.probability, distance_m=place.distance_m
    )
