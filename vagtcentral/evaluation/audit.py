"""The check of a store: does every journal count 1, 2, 3 …, and does every record follow from its journal?"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.rows import call_row, turn_of
from vagtcentral.evaluation.tables import calls, journal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in a store; `call_id` and `seq` are None where it is not about one."""

    call_id: str | None
    seq: int | None
    problem: str

    def __str__(self) -> str:
        turn = "" if self.seq is None else f", turn {self.seq}"
        return self.problem if self.call_id is None else f"call {self.call_id}{turn}: {self.problem}"

    def as_json(self) -> dict[str, Any]:
        """The finding with the field names of `db check --json`."""
        return {"call_id": self.call_id, "seq": self.seq, "problem": self.problem}


async def audit(connection: AsyncConnection) -> list[Finding]:
    """Everything that is wrong in the store behind the connection; reads it call by call."""
    try:
        await connection.exec_driver_sql("BEGIN")  # one state throughout, though others write meanwhile
        findings = await _audit_file(connection)
        told = set()
        async for call_id, rows in _journals(connection):
            told.add(call_id)
            findings += _audit_turns(call_id, rows)
            findings += await _audit_record(connection, call_id, rows)
        findings += await _audit_untold(connection, told)
    except DBAPIError as error:
        return [Finding(None, None, f"the database cannot be read further: {error.orig}")]
    return findings


async def _audit_file(connection: AsyncConnection) -> list[Finding]:
    """SQLite's own check of its pages and indexes."""
    said = await connection.exec_driver_sql("PRAGMA quick_check")
    return [Finding(None, None, f"damaged database: {line}") for (line,) in said if line != "ok"]


async def _journals(connection: AsyncConnection) -> AsyncIterator[tuple[str, Sequence[RowMapping]]]:
    """Each call of the journal with its rows in order."""
    ids = await connection.execute(select(journal.c.call_id).distinct().order_by(journal.c.call_id))
    for (call_id,) in ids.all():
        query = select(journal).where(journal.c.call_id == call_id).order_by(journal.c.seq)
        yield call_id, (await connection.execute(query)).mappings().all()


def _audit_turns(call_id: str, rows: Sequence[RowMapping]) -> list[Finding]:
    findings = []
    numbers = [0, *(row["seq"] for row in rows)]
    for before, seq in pairwise(numbers):
        if seq != before + 1:
            findings.append(Finding(call_id, seq, f"gap in the journal: turn {before + 1} is missing"))
    for row in rows:
        try:
            at = turn_of(row).event.at
        except JournalError as error:
            findings.append(Finding(call_id, row["seq"], f"damaged: {error}"))
            continue
        if at != row["at"]:
            findings.append(Finding(call_id, row["seq"], f"at is {row['at']}, its event says {at}"))
    return findings


async def _audit_record(
    connection: AsyncConnection, call_id: str, rows: Sequence[RowMapping]
) -> list[Finding]:
    try:
        expected = call_row(CallRecord.fold(call_id, map(turn_of, rows)))
    except JournalError:
        return []  # said already, of the turn itself
    stored = (await connection.execute(select(calls).where(calls.c.call_id == call_id))).mappings().first()
    if stored is None:
        return [Finding(call_id, None, "it has a journal, but no record")]
    return [
        Finding(call_id, None, f"record: {_difference(column, stored[column], value)}")
        for column, value in expected.items()
        if stored[column] != value
    ]


def _difference(column: str, stored: object, told: object) -> str:
    if column == "caller":  # findings are printed and logged; a phone number is neither
        return "caller is not what its journal says"
    return f"{column} is {stored!r}, its journal says {told!r}"


async def _audit_untold(connection: AsyncConnection, told: set[str]) -> list[Finding]:
    recorded = await connection.execute(select(calls.c.call_id).order_by(calls.c.call_id))
    return [
        Finding(call_id, None, "it has a record, but no journal")
        for (call_id,) in recorded
        if call_id not in told
    ]
