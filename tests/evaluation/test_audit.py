import asyncio
import sqlite3
from contextlib import closing

import pytest

from vagtcentral.evaluation.audit import Finding
from vagtcentral.evaluation.store import Store


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("DELETE FROM journal WHERE seq = 3", "call call-1, turn 4: gap in the journal: turn 3 is missing"),
        ("DELETE FROM journal WHERE seq = 1", "call call-1, turn 2: gap in the journal: turn 1 is missing"),
        ("UPDATE calls SET keys = '9'", "call call-1: record: keys is '9', its journal says '2'"),
        ('UPDATE calls SET answers = \'{"x":"1"}\'', "call call-1: record: answers is"),
        (
            "UPDATE calls SET caller = '+4500000000'",
            "call call-1: record: caller is not what its journal says",
        ),
        ("UPDATE journal SET at = 5 WHERE seq = 2", "call call-1, turn 2: at is 5, its event says 1551"),
        ("UPDATE journal SET event = 'x' WHERE seq = 2", "call call-1, turn 2: damaged: call call-1, turn 2"),
        ("UPDATE journal SET commands = '[1]' WHERE seq = 2", "call call-1, turn 2: damaged: "),
        ("DELETE FROM calls", "call call-1: it has a journal, but no record"),
        ("DELETE FROM journal", "call call-1: it has a record, but no journal"),
    ],
)
async def test_damage_is_found_and_named(file, told, damage: str, finding: str) -> None:
    async with await Store.open(file) as store:
        await store.append(told("answered"))
        await store.append(told("abandoned_in_menu"))
        assert await store.check() == []
    where = " AND call_id = 'call-1'" if "WHERE" in damage else " WHERE call_id = 'call-1'"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(damage + where)
    async with await Store.open(file) as store:
        findings = await store.check()
    assert findings, "nothing was found"
    assert str(findings[0]).startswith(finding)
    assert {found.call_id for found in findings} == {"call-1"}


async def test_a_check_beside_live_writing_finds_nothing(file, told) -> None:
    async with await Store.open(file) as store:

        async def tell(number: int) -> None:
            for turn in told("answered", f"call-{number}"):
                await store.append([turn])

        telling = [asyncio.create_task(tell(number)) for number in range(50)]
        while not all(task.done() for task in telling):
            assert await store.check() == []
        await asyncio.gather(*telling)


def test_a_finding_has_the_promised_fields() -> None:
    assert Finding("call-1", 3, "gap").as_json() == {"call_id": "call-1", "seq": 3, "problem": "gap"}
    assert str(Finding(None, None, "damaged database")) == "damaged database"
