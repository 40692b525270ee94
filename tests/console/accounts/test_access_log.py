"""The access log: durable before anything is shown, readable by who, what, whom and when."""

import pytest

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.evaluation.schema import StoreError

ANNA, BO = By("anna", "192.0.2.7"), By("bo", "192.0.2.8")
POSITION, RECORDING = Deed.LOOKED_AT_POSITION, Deed.LISTENED_TO_RECORDING


@pytest.fixture
async def log(world):
    """Four looks, a minute between them."""
    for deed, by, call_id in (
        (POSITION, ANNA, "call-1"),
        (RECORDING, BO, "call-1"),
        (POSITION, BO, "call-2"),
        (RECORDING, BO, "call-2"),
    ):
        await world.store.log.write(deed, by, call_id=call_id)
        world.clock.on(60)
    return world.store.log


async def test_an_entry_says_who_what_when_from_where_and_of_which_call(log, world) -> None:
    (entry,) = await log.read(who="anna")
    assert (entry.at, entry.deed, entry.who, entry.address) == (world.noon, POSITION, "anna", "192.0.2.7")
    assert entry.as_json() == {
        "id": entry.id,
        "at": "2019-03-04T11:00:00Z",
        "deed": "looked-at-position",
        "who": "anna",
        "address": "192.0.2.7",
        "call_id": "call-1",
        "account": None,
        "detail": None,
    }


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [4, 3, 2, 1]),
        ({"who": "bo"}, [4, 3, 2]),
        ({"call_id": "call-1"}, [2, 1]),
        ({"deed": RECORDING}, [4, 2]),
        ({"deed": RECORDING, "call_id": "call-2"}, [4]),
        ({"since": 60_000}, [4, 3, 2]),
        ({"since": 60_000, "until": 120_000}, [2]),
        ({"limit": 2}, [4, 3]),
        ({"limit": 2, "before": 3}, [2, 1]),
        ({"who": "nobody"}, []),
        ({"account": "anna"}, []),
    ],
)
async def test_the_log_is_read_newest_first_by_what_is_asked_for(log, world, wanted, numbers) -> None:
    moments = {name: world.noon + at for name, at in wanted.items() if name in ("since", "until")}
    assert [entry.id for entry in await log.read(**(wanted | moments))] == numbers


async def test_what_was_logged_is_there_after_the_program(log, file) -> None:
    async with await AccountStore.open(file) as again:
        assert len(await again.log.read()) == 4


async def test_what_cannot_be_logged_is_told(world) -> None:
    async with world.store._database.writing() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    with pytest.raises(StoreError, match="disk is full"):
        await world.store.log.write(POSITION, ANNA, call_id="call-1")
    assert await world.store.log.read() == []


async def test_numbers_of_entries_are_never_given_again(log, world) -> None:
    async with world.store._database.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM access_log")
    await log.write(POSITION, ANNA, call_id="call-3")
    assert [entry.id for entry in await log.read()] == [5]
