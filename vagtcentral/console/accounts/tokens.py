"""API tokens: for programs, in the name of an account, with scopes, shown once and revocable."""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update

from vagtcentral.console.accounts.access_log import Deed, log_deed
from vagtcentral.console.accounts.accounts import require_account
from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.permissions import GRANTS, Permission, Role, permissions_of
from vagtcentral.console.accounts.person import AccountError, By, Person
from vagtcentral.console.accounts.sessions import hashed
from vagtcentral.console.accounts.tables import accounts, tokens
from vagtcentral.location.position import iso_utc

#: How every token begins, so that searches for leaked secrets can find one.
PREFIX = "vagtcentral_"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; instants in ms since 1970 UTC. The token itself is not kept."""

    id: str
    account: str
    scopes: tuple[Permission, ...]
    made_at: int
    expires_at: int | None
    revoked_at: int | None

    def as_json(self) -> dict[str, Any]:
        """The token as a JSON object, its instants as ISO 8601 in UTC."""
        instants = ("made_at", "expires_at", "revoked_at")
        times = {name: getattr(self, name) for name in instants}
        shown = {name: None if at is None else iso_utc(at) for name, at in times.items()}
        scopes = [scope.value for scope in self.scopes]
        return {"id": self.id, "account": self.account, "scopes": scopes, **shown}


class Tokens:
    """The tokens of the store."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now

    async def make(
        self, account: str, scopes: Iterable[Permission], expires_at: int | None, by: By
    ) -> tuple[Token, str]:
        """A new token, and its text, which is nowhere else.

        `AccountError` for an unknown account, for no scope or one beyond the account's role, and for an end
        that is past.
        """
        now = self._now()
        wanted = tuple(scope for scope in Permission if scope in set(scopes))
        token_id, text = secrets.token_hex(4), PREFIX + secrets.token_urlsafe(32)
        async with self._database.writing() as connection:
            role = Role((await require_account(connection, account))["role"])
            _require_scopes(account, role, wanted)
            if expires_at is not None and expires_at <= now:
                raise AccountError(f"expires: {iso_utc(expires_at)} is past; a token ends in the future")
            token = Token(token_id, account, wanted, now, expires_at, None)
            names = [scope.value for scope in wanted]
            row = {"id": token_id, "secret_hash": hashed(text), "account": account, "made_at": now}
            row |= {"scopes": json.dumps(names), "expires_at": expires_at}
            await connection.execute(tokens.insert(), row)
            detail = f"{token_id} {' '.join(names)}"
            await log_deed(connection, now, Deed.TOKEN_MADE, by, account=account, detail=detail)
        return token, text

    async def all(self, account: str | None = None) -> list[Token]:
        """The tokens of one account or of all, in the order in which they were made, revoked ones too."""
        query = select(tokens).order_by(tokens.c.made_at, tokens.c.id)
        if account is not None:
            query = query.where(tokens.c.account == account)
        return [_token(row) for row in await self._database.rows(query)]

    async def revoke(self, token_id: str, by: By) -> None:
        """Make a token worthless from now on; one that is revoked already stays as it is.

        `AccountError` for an unknown id.
        """
        now = self._now()
        async with self._database.writing() as connection:
            query = select(tokens).where(tokens.c.id == token_id)
            found = (await connection.execute(query)).mappings().first()
            if found is None:
                raise AccountError(f"token {token_id!r} is unknown; `vagtcentral user tokens` lists them")
            live = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
            if (await connection.execute(live.values(revoked_at=now))).rowcount:
                account = found["account"]
                await log_deed(connection, now, Deed.TOKEN_REVOKED, by, account=account, detail=token_id)

    async def person(self, text: str) -> Person | None:
        """In whose name a token speaks and what it may do; None for one that is not good, or no longer."""
        query = select(tokens, accounts.c.role, accounts.c.operator).join(accounts)
        query = query.where(
            tokens.c.secret_hash == hashed(text),
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > self._now()),
            accounts.c.disabled_at.is_(None),
        )
        rows = await self._database.rows(query)
        if not rows:
            return None
        (row,) = rows
        role, token = Role(row["role"]), _token(row)
        may = permissions_of(role, frozenset(token.scopes))
        return Person(token.account, role, row["operator"], may, token.expires_at, token=token.id)


def _require_scopes(account: str, role: Role, scopes: tuple[Permission, ...]) -> None:
    granted = ", ".join(permission.value for permission in Permission if permission in GRANTS[role])
    beyond = [scope for scope in scopes if scope not in GRANTS[role]]
    if beyond or not scopes:
        seen = f"{beyond[0].value!r} is not" if beyond else "none given; one or more"
        raise AccountError(f"scope: {seen} of what {account} ({role}) may do; allowed are {granted}")


def _token(row: Any) -> Token:
    known = {permission.value: permission for permission in Permission}
    # A scope that this version no longer has allows nothing.
    scopes = tuple(known[name] for name in json.loads(row["scopes"]) if name in known)
    ends = row["expires_at"], row["revoked_at"]
    return Token(row["id"], row["account"], scopes, row["made_at"], *ends)
