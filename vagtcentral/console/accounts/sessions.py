"""Sessions: that somebody has signed in, kept on the server; the browser has nothing but a random id.

The store has the SHA-256 of the id, so that a copy of the store lets nobody in.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vagtcentral.console.accounts.access_log import Deed, log_deed
from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.permissions import Role, permissions_of
from vagtcentral.console.accounts.person import By, Person
from vagtcentral.console.accounts.tables import accounts, sessions
from vagtcentral.evaluation.schema import StoreError

log = logging.getLogger(__name__)

#: That a session is in use is written down once in so many milliseconds, not at every request.
_NOTED_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """When a session ends by itself, in milliseconds: without use, and in any case (longer than a shift)."""

    idle_ms: int = 1_800_000
    longest_ms: int = 43_200_000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has just signed in, and the id for his browser to keep."""

    person: Person
    session_id: str = field(repr=False)


class Sessions:
    """The sessions of the store."""

    def __init__(self, database: Database, now: Callable[[], int], limits: SessionLimits) -> None:
        self._database = database
        self._now = now
        self._limits = limits
        self.ended: list[Callable[[str], None]] = []  # told of each session at whose end somebody signed out
        # Asked at every request, so it is put together once.
        self._who = (
            select(sessions, accounts.c.name, accounts.c.role, accounts.c.operator)
            .join(accounts)
            .where(
                sessions.c.id_hash == bindparam("id_hash"),
                sessions.c.seen_at > bindparam("seen_after"),
                sessions.c.began_at > bindparam("began_after"),
                accounts.c.disabled_at.is_(None),
            )
        )

    async def begin(self, connection: AsyncConnection, account: Any, in_place_of: str | None) -> SignedIn:
        """A new session for a stored account, in this transaction; its id has 256 random bits.

        `in_place_of` is the id that the browser had, whose session ends: none is kept across a sign-in.
        """
        now = self._now()
        seen_after, began_after = self._bounds(now)
        over = or_(sessions.c.seen_at <= seen_after, sessions.c.began_at <= began_after)
        await connection.execute(delete(sessions).where(over))
        if in_place_of is not None:
            await connection.execute(delete(sessions).where(sessions.c.id_hash == hashed(in_place_of)))
        session_id = secrets.token_urlsafe(32)
        row = {"id_hash": hashed(session_id), "account": account["name"], "began_at": now, "seen_at": now}
        await connection.execute(sessions.insert(), row)
        return SignedIn(self._whose(row, account), session_id)

    async def person(self, session_id: str) -> Person | None:
        """Who has signed in with this id, None where the session is over or never was. Counts as use."""
        return await self._person(hashed(session_id), used=True)

    async def again(self, person: Person, *, used: bool = True) -> Person | None:
        """The same person as he is now, None when his session is over: for pages that stay open.

        `used` says whether this keeps the session from ending for want of use. `person` must have a session.
        """
        return None if person.session is None else await self._person(person.session, used=used)

    async def end(self, person: Person, address: str | None) -> None:
        """Sign out: the session of this person is over."""
        async with self._database.writing() as connection:
            ended = await connection.execute(delete(sessions).where(sessions.c.id_hash == person.session))
            if ended.rowcount:
                by = By(person.name, address)
                await log_deed(connection, self._now(), Deed.SIGNED_OUT, by, account=person.name)
        for tell in self.ended if person.session is not None else ():
            tell(str(person.session))

    async def _person(self, id_hash: str, *, used: bool) -> Person | None:
        now = self._now()
        seen_after, began_after = self._bounds(now)
        rows = await self._database.rows(
            self._who, id_hash=id_hash, seen_after=seen_after, began_after=began_after
        )
        if not rows:
            return None
        (row,) = rows
        if used and now - row["seen_at"] >= _NOTED_EVERY_MS:
            await self._note_use(id_hash, now)
        return self._whose(row, row)

    def _whose(self, session: Any, account: Any) -> Person:
        role = Role(account["role"])
        ends = session["began_at"] + self._limits.longest_ms
        may = permissions_of(role)
        return Person(account["name"], role, account["operator"], may, ends, session=session["id_hash"])

    async def _note_use(self, id_hash: str, now: int) -> None:
        """A full disk must not sign out those who are taking calls: then it is noted the next time."""
        try:
            async with self._database.writing() as connection:
                used = update(sessions).where(sessions.c.id_hash == id_hash)
                await connection.execute(used.values(seen_at=now))
        except StoreError as error:
            log.warning("the use of a session could not be noted: %s", error)

    def _bounds(self, now: int) -> tuple[int, int]:
        """After which instants a session must have been used, and begun, to be good now."""
        return now - self._limits.idle_ms, now - self._limits.longest_ms


async def end_all(connection: AsyncConnection, account: str) -> None:
    """Sign an account out everywhere, in this transaction."""
    await connection.execute(delete(sessions).where(sessions.c.account == account))


def hashed(secret: str) -> str:
    """SHA-256 in hexadecimal. Enough for 256 random bits, which nobody can guess; not for passwords."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
