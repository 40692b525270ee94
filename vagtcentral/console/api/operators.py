"""`/api/live` and `/api/operators`: what is on the floor now, and what an operator does."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vagtcentral.console.accounts.guard import REFUSALS, require
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.problem import ProblemError, ProblemKind, problem_responses
from vagtcentral.console.floor import REASONS, Desk, Floor, LiveCall, NotNowError
from vagtcentral.console.registration import CODES, FIELDS
from vagtcentral.location.position import iso_utc

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Name = Annotated[str, Path(max_length=100)]


class LiveCallOut(BaseModel):
    """A call as it is now; where the caller is stands at the desk of its operator, not here."""

    call_id: str
    service: str | None
    phase: str
    emergency: bool
    arrived_at: str | None
    waiting_since: str | None
    district: str | None
    destination: str | None
    operator: str | None


class OperatorOut(BaseModel):
    """An operator as everybody on the floor sees him."""

    name: str
    skills: list[str]
    languages: list[str]
    district: str | None
    doing: str
    since: str
    reason: str | None
    call_id: str | None


class LiveOut(BaseModel):
    """Everything that happens now; `waiting` are ids of calls, the next one first."""

    calls: list[LiveCallOut]
    waiting: list[str]
    operators: list[OperatorOut]


class NotReady(BaseModel):
    """Why an operator takes no calls."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal[REASONS] = "break"  # type: ignore[valid-type]


class Claim(BaseModel):
    """The waiting call that an operator wants."""

    model_config = ConfigDict(extra="forbid")

    call_id: Annotated[str, Field(max_length=200)]


class TransferTo(BaseModel):
    """Where a call is sent on, and why; the skill `emergency` hands it over to 112."""

    model_config = ConfigDict(extra="forbid")

    skill: Word
    district: Annotated[str, StringConstraints(pattern=r"^14(6[0-9]|7[01])$")] | None = None
    reason: Literal["wrong_district", "wrong_group", "emergency"] = "wrong_group"


class RegistrationIn(BaseModel):
    """What an operator registers: a code of the list, named fields, free text.

    `call_id` names a call that he had before; without it the one at hand is meant.
    """

    model_config = ConfigDict(extra="forbid")

    code: Literal[CODES]  # type: ignore[valid-type]
    fields: dict[Literal[FIELDS], Annotated[str, Field(max_length=500)]] = {}  # type: ignore[valid-type]
    text: Annotated[str, Field(max_length=2000)] = ""
    call_id: Annotated[str, Field(max_length=200)] | None = None


class Wrongly(BaseModel):
    """Whether the call should not have come to this operator."""

    model_config = ConfigDict(extra="forbid")

    wrongly: bool = True


def floor_routes(floor: Floor) -> APIRouter:
    """The routes for an application behind a `Door`."""
    routes = APIRouter(prefix="/api", tags=["floor"], responses=REFUSALS)
    watching = Depends(require(Permission.WATCH_LIVE))
    taking = require(Permission.TAKE_CALLS)
    refused = problem_responses(ProblemKind.INVALID, ProblemKind.NOT_NOW)

    @routes.get("/live", summary="Everything that happens now", dependencies=[watching])
    async def live() -> LiveOut:
        """Live calls, the queue, and the operators."""
        return LiveOut(
            calls=[_call(call) for call in floor.live()],
            waiting=[call.call_id for call in floor.waiting()],
            operators=[_operator(desk) for desk in floor.desks.values()],
        )

    @routes.get("/operators", summary="Who is at work and what he does", dependencies=[watching])
    async def operators() -> list[OperatorOut]:
        """All of the staff."""
        return [_operator(desk) for desk in floor.desks.values()]

    def own(person: Annotated[Person, Depends(taking)], name: Name) -> str:
        """The operator of the path, if he is the one who asks."""
        if person.operator != name or name not in floor.desks:
            raise ProblemError(ProblemKind.NOT_ALLOWED, "an operator acts for himself only")
        return name

    def act(path: str, summary: str, do: Callable[[str], None]) -> None:
        @routes.post(
            f"/operators/{{name}}/{path}",
            summary=summary,
            status_code=status.HTTP_204_NO_CONTENT,
            responses=refused,
            operation_id=path.replace("-", "_"),
        )
        async def endpoint(name: Annotated[str, Depends(own)]) -> None:
            _do(lambda: do(name))

    act("sign-in", "Sit down at the desk, not ready yet", floor.sign_in)
    act("sign-out", "Go home, after the call at hand", floor.sign_out)
    act("ready", "Take calls", floor.ready)
    act("answer", "Take the call that rings", floor.answer)
    act("decline", "Let the ringing call go to another", floor.decline)
    act("hold", "Let the caller wait for a moment", floor.hold)
    act("retrieve", "Talk with the caller again", floor.retrieve)
    act("hang-up", "End the conversation", floor.hang_up)
    act("finish", "The call is registered", floor.finish)

    def act_with(path: str, summary: str) -> Callable[[Callable[..., Awaitable[None]]], object]:
        return routes.post(
            f"/operators/{{name}}/{path}",
            summary=summary,
            status_code=status.HTTP_204_NO_CONTENT,
            responses=refused,
        )

    @act_with("not-ready", "Take no further calls")
    async def not_ready(name: Annotated[str, Depends(own)], given: Annotated[NotReady, Body()]) -> None:
        _do(lambda: floor.not_ready(name, given.reason))

    @act_with("claim", "Take a waiting call out of turn")
    async def claim(name: Annotated[str, Depends(own)], given: Annotated[Claim, Body()]) -> None:
        _do(lambda: floor.claim(name, given.call_id))

    @act_with("transfer", "Send the caller on")
    async def transfer(name: Annotated[str, Depends(own)], given: Annotated[TransferTo, Body()]) -> None:
        if given.skill not in floor.skills:
            allowed = ", ".join(sorted(floor.skills))
            raise ProblemError(ProblemKind.INVALID, f"body.skill: nobody has it; allowed are {allowed}")
        _do(lambda: floor.transfer(name, given.skill, given.district, given.reason))

    @act_with("register", "Register the enquiry")
    async def register(name: Annotated[str, Depends(own)], given: Annotated[RegistrationIn, Body()]) -> None:
        fields = [(str(key), value) for key, value in given.fields.items()]
        _do(lambda: floor.register(name, given.code, fields, given.text, call_id=given.call_id))

    @act_with("wrongly-routed", "Say that the call should not have come here")
    async def wrongly_routed(name: Annotated[str, Depends(own)], given: Annotated[Wrongly, Body()]) -> None:
        _do(lambda: floor.wrongly_routed(name, given.wrongly))

    return routes


def _do(act: Callable[[], None]) -> None:
    try:
        act()
    except NotNowError as refusal:
        raise ProblemError(ProblemKind.NOT_NOW, str(refusal)) from None


def _call(call: LiveCall) -> LiveCallOut:
    record = call.record
    return LiveCallOut(
        call_id=call.call_id,
        service=record.service,
        phase=call.phase.name.lower(),
        emergency=call.emergency,
        arrived_at=_iso(record.arrived_at),
        waiting_since=_iso(record.waiting_since),
        district=record.district,
        destination=record.destination,
        operator=record.operator,
    )


def _operator(desk: Desk) -> OperatorOut:
    operator = desk.operator
    return OperatorOut(
        name=operator.name,
        skills=sorted(operator.skills),
        languages=sorted(operator.languages),
        district=operator.district,
        doing=desk.doing.value,
        since=iso_utc(desk.since),
        reason=desk.reason,
        call_id=desk.call_id,
    )


def _iso(at: int | None) -> str | None:
    return None if at is None else iso_utc(at)
