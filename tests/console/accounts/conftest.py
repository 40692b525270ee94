"""A store of accounts with a clock that stands still, and passwords that cost next to nothing to hash."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore

NOON = 1_551_697_200_000  # 2019-03-04 11:00 UTC
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "rødgrød med fløde"
HOME = "192.0.2.7"
ADMIN = By("admin", HOME)


class StillClock:
    """An instant that tests move on by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> int:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += round(seconds * 1000)


class World:
    """An open store, its clock, and short ways to do what most tests begin with."""

    password = PASSWORD
    home = HOME
    admin = ADMIN
    noon = NOON

    def __init__(self, store: AccountStore, clock: StillClock, file: Path) -> None:
        self.store = store
        self.clock = clock
        self.file = file

    async def add(self, name: str, role: Role = Role.OPERATOR) -> None:
        await self.store.accounts.add(name, role, PASSWORD, ADMIN)

    async def sign_in(self, name: str, password: str = PASSWORD, code: str | None = None, **more):
        return await self.store.sign_in(name, password, code, **({"address": HOME} | more))

    async def rows(self, table):
        return await self.store._database.rows(table.select())

    async def deeds(self, **wanted) -> list[str]:
        return [entry.deed.value for entry in await self.store.log.read(**wanted)]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite"


@pytest.fixture
async def world(file: Path, clock: StillClock):
    async with await AccountStore.open(file, now=clock.now, hasher=CHEAP) as store:
        yield World(store, clock, file)
