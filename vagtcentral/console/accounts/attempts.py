"""Failed sign-ins, counted for each account and each address in the store, so that a restart forgets none.

What is counted is kept as a hash: names that were typed wrongly are often passwords.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.tables import sign_in_failures
from vagtcentral.console.accounts.throttle import ACCOUNT, ADDRESS, QUIET_MS, Slope, address_group

_whose = sign_in_failures.c.whose
_failures = sign_in_failures.c.failures
_last_at = sign_in_failures.c.last_at


class TooManyAttemptsError(Exception):
    """Too many sign-ins failed; `wait_ms` is how long the next must wait."""

    def __init__(self, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(f"too many failed sign-ins: wait {self.wait_s} s")

    @property
    def wait_s(self) -> int:
        """The wait in whole seconds, at least one."""
        return max(1, -(-self.wait_ms // 1000))


class Attempts:
    """Decides who may try to sign in now."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now

    async def admit(self, name: str, address: str | None) -> None:
        """Count an attempt as failed before anything is checked, so that many at once do not slip through.

        Raises `TooManyAttemptsError`, and then counts nothing. Whether the account exists does not matter.
        """
        slopes = _slopes(name, address)
        counted = select(sign_in_failures).where(_whose.in_(list(slopes))).order_by(_whose)
        now = self._now()
        # Without the write lock first: those who must wait shall not hold up the journal of calls.
        _require_patience(await self._database.rows(counted), slopes, now)
        async with self._database.writing() as connection:
            await connection.execute(delete(sign_in_failures).where(_last_at <= now - QUIET_MS))
            none = [{"whose": whose, "failures": 0, "last_at": now} for whose in sorted(slopes)]
            await connection.execute(self._database.insert_missing(sign_in_failures, none))
            rows = (await connection.execute(counted.with_for_update())).mappings()
            _require_patience(list(rows), slopes, now)
            mine = update(sign_in_failures).where(_whose.in_(list(slopes)))
            await connection.execute(mine.values(failures=_failures + 1, last_at=now))

    async def forgive(self, connection: AsyncConnection, name: str, address: str | None) -> None:
        """After a success: the account's failures are forgotten, the address gets this one attempt back.

        No more, or whoever has an account could clear his address after every few guesses at another's.
        """
        account, whole_address = _slopes(name, address)
        await connection.execute(delete(sign_in_failures).where(_whose == account))
        one = update(sign_in_failures).where(_whose == whole_address, _failures > 0)
        await connection.execute(one.values(failures=_failures - 1))


def _slopes(name: str, address: str | None) -> dict[str, Slope]:
    """What an attempt counts for: first the account, then the address."""
    return {_key("account", name): ACCOUNT, _key("address", address_group(address)): ADDRESS}


def _key(kind: str, text: str) -> str:
    return sha256(f"{kind}:{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _require_patience(rows: list[Any], slopes: dict[str, Slope], now: int) -> None:
    waits = (slopes[row["whose"]].left_ms(row["failures"], row["last_at"], now) for row in rows)
    wait = max(waits, default=0)
    if wait:
        raise TooManyAttemptsError(wait)
