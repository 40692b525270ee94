"""`/api/calls`: calls found, the record of one, and its recordings."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import REFUSALS, log_look, require
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.problem import ProblemError, ProblemKind, problem_responses
from vagtcentral.console.api.records import (
    CallOut,
    CallsOut,
    PositionsOut,
    RecordOut,
    call_out,
    positions_out,
    record_out,
)
from vagtcentral.console.recordings import recording_file
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.search import COUNTED, LONGEST_PAGE, CallQuery, search_calls
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.commands import Outcome

Word = Annotated[str | None, Query(max_length=200)]
Name = Annotated[str, Path(max_length=200)]


def call_routes(store: Store, recordings: FilePath, now: Callable[[], int]) -> APIRouter:
    """The routes for an application behind a `Door`; recordings are given out of that folder only.

    The times of open calls are counted up to `now` (ms UTC).
    """
    routes = APIRouter(prefix="/api/calls", tags=["calls"], responses=REFUSALS)
    looking_up = require(Permission.LOOK_UP_CALLS)
    seeing = require(Permission.SEE_POSITIONS)
    listening = require(Permission.LISTEN_TO_RECORDINGS)
    not_found = problem_responses(ProblemKind.NOT_FOUND)

    @routes.get(
        "",
        summary="Calls by number, time, place, people and outcome",
        dependencies=[Depends(looking_up)],
        responses=problem_responses(ProblemKind.INVALID),
    )
    async def found(
        request: Request,
        number: Word = None,
        call_id: Word = None,
        service: Word = None,
        district: Word = None,
        outcome: Outcome | None = None,
        is_open: bool | None = None,
        operator: Word = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        wrongly_routed: bool | None = None,
        transferred: bool | None = None,
        text: Word = None,
        limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
        offset: Annotated[int, Query(ge=0, le=COUNTED)] = 0,
    ) -> CallsOut:
        """All that is given must fit. `since` and `until` (exclusive) are instants of arrival."""
        query = CallQuery(
            number=number,
            call_id=call_id,
            service=service,
            district=district,
            outcome=outcome,
            is_open=is_open,
            operator=operator,
            since=_ms(since),
            until=_ms(until),
            wrongly_routed=wrongly_routed,
            transferred=transferred,
            text=text,
        )
        await log_look(request, Deed.SEARCHED_CALLS, None, ", ".join(query.sought) or None)
        page = await search_calls(store, query, limit=limit, offset=offset)
        calls = [CallOut(**call_out(record.until(now()))) for record in page.calls]
        return CallsOut(calls=calls, total=page.total, more=page.more)

    async def known(call_id: Name) -> CallRecord:
        record = await store.record(call_id)
        if record is None:
            raise ProblemError(ProblemKind.NOT_FOUND, "there is no call of this id")
        return record

    @routes.get("/{call_id}", summary="The record of one call", responses=not_found)
    async def one(
        request: Request,
        person: Annotated[Person, Depends(looking_up)],
        record: Annotated[CallRecord, Depends(known)],
    ) -> RecordOut:
        """Everything that is said of a call, but for the journal behind it."""
        positions = person.may(Permission.SEE_POSITIONS)
        await log_look(request, Deed.LOOKED_AT_CALL, record.call_id)
        if positions:
            await log_look(request, Deed.LOOKED_AT_POSITION, record.call_id)
        return record_out(record.until(now()), positions=positions)

    @routes.get(
        "/{call_id}/positions",
        summary="Every position that was known of a caller",
        dependencies=[Depends(seeing)],
        responses=not_found,
    )
    async def positions(request: Request, record: Annotated[CallRecord, Depends(known)]) -> PositionsOut:
        """The fixes of the journal, oldest first, each with its districts and what was decided on it."""
        try:
            found = positions_out(record.call_id, await store.read_turns(record.call_id))
        except StoreError:
            raise
        except JournalError:
            damaged = "the journal of this call cannot be read"
            raise ProblemError(ProblemKind.UNAVAILABLE, damaged) from None
        await log_look(request, Deed.LOOKED_AT_POSITION, record.call_id)
        return found

    @routes.get(
        "/{call_id}/recordings/{name}",
        summary="A recording of a call",
        dependencies=[Depends(listening)],
        response_class=FileResponse,
        responses=not_found | {200: {"content": {"audio/wav": {}}}, 206: {"description": "A part of it"}},
    )
    async def recording(
        request: Request, record: Annotated[CallRecord, Depends(known)], name: Name
    ) -> FileResponse:
        """The sound as WAV, whole or the part that the `Range` header names; each request is logged."""
        stored = next((one for one in record.recordings if one["name"] == name), None)
        file = None if stored is None else recording_file(recordings, stored)
        if file is None:
            raise ProblemError(ProblemKind.NOT_FOUND, "the call has no recording of this name")
        await log_look(request, Deed.LISTENED_TO_RECORDING, record.call_id, name)
        return FileResponse(file, media_type="audio/wav", headers={"Cache-Control": "private, no-store"})

    return routes


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)
