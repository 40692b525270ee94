"""The accounts of one store, opened: everything about people that the rest of the console asks for.

    async with await AccountStore.open("var/vagtcentral.sqlite") as store:
        signed_in = await store.sign_in("anna", password, address="192.0.2.7")

It may stand beside an open `evaluation.store.Store` of the same file.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from vagtcentral.console.accounts.access_log import AccessLog
from vagtcentral.console.accounts.accounts import Accounts
from vagtcentral.console.accounts.attempts import Attempts
from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.passwords import Passwords
from vagtcentral.console.accounts.sessions import SessionLimits, Sessions
from vagtcentral.console.accounts.sign_in import SignIn
from vagtcentral.console.accounts.tokens import Tokens
from vagtcentral.evaluation.engine import sqlite_engine
from vagtcentral.evaluation.schema import prepare, store_path

#: Where instants come from, in milliseconds since 1970 UTC.
Now = Callable[[], int]


def time_of_day() -> int:
    """The instant now. Sessions outlive the program and codes come from phones: no rehearsed clock serves."""
    return time.time_ns() // 1_000_000


class AccountStore:
    """Accounts, sessions, tokens and the access log of one store; make one with `AccountStore.open`."""

    def __init__(
        self,
        engine: AsyncEngine,
        name: str,
        *,
        now: Now = time_of_day,
        limits: SessionLimits | None = None,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._database = Database(engine, name)
        self._passwords = Passwords(hasher)
        self.log = AccessLog(self._database, now)
        self.accounts = Accounts(self._database, self._passwords, now)
        self.sessions = Sessions(self._database, now, limits or SessionLimits())
        self.tokens = Tokens(self._database, now)
        parts = self.accounts, self.sessions, Attempts(self._database, now)
        self.sign_in = SignIn(self._database, self._passwords, parts, now)

    @classmethod
    async def open(
        cls,
        url_or_path: str | Path,
        *,
        create: bool = True,
        now: Now = time_of_day,
        limits: SessionLimits | None = None,
        hasher: PasswordHasher | None = None,
    ) -> "AccountStore":
        """Open the accounts of a store, making the store where it is missing and `create`.

        `StoreError` says in one line why it cannot be used. `hasher` is for tests and for other parameters.
        """
        path = store_path(url_or_path)
        await asyncio.to_thread(prepare, path, create=create)
        return cls(sqlite_engine(path), str(path), now=now, limits=limits, hasher=hasher)

    async def close(self) -> None:
        """Finish what is being hashed and close the connections."""
        await asyncio.to_thread(self._passwords.close)
        await self._database.close()

    async def __aenter__(self) -> "AccountStore":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
