"""The log of who signed in, who looked at what, and who changed which account.

It names accounts, calls and addresses, and nothing else that is personal: no number, no position, no text of
a call, and not what was typed as a name at a sign-in that failed, which is often a password.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.tables import access_log
from vagtcentral.location.named import Named
from vagtcentral.location.position import iso_utc


class Deed(Named):
    """What was done; `meaning` says when it is logged."""

    SIGNED_IN = "signed-in", "Somebody signed in."
    SIGNED_OUT = "signed-out", "Somebody signed out."
    SIGN_IN_FAILED = "sign-in-failed", "A sign-in was refused; the detail says for what."
    SEARCHED_CALLS = "searched-calls", "Somebody was shown a list of calls; the detail says sought by what."
    LOOKED_AT_CALL = "looked-at-call", "Somebody opened the record of a call, or its caller's earlier calls."
    LOOKED_AT_POSITION = "looked-at-position", "Somebody was shown where a caller is or was."
    LISTENED_TO_RECORDING = "listened-to-recording", "Somebody fetched the recording of a call."
    REPLAYED_CALL = "replayed-call", "Somebody replayed the journal of a call."
    READ_ACCESS_LOG = "read-access-log", "Somebody read this log."
    ACCOUNT_ADDED = "account-added", "An account was made; the detail is its role."
    PASSWORD_SET = "password-set", "An account got a new password and was signed out everywhere."
    ROLE_SET = "role-set", "An account got another role or operator; the detail is the role."
    ACCOUNT_DISABLED = "account-disabled", "An account was disabled and signed out everywhere."
    ACCOUNT_ENABLED = "account-enabled", "A disabled account was enabled again."
    TOTP_SET = "totp-set", "An account signs in with codes of an app from now on, or of another app."
    TOTP_REMOVED = "totp-removed", "An account signs in without codes again."
    TOKEN_MADE = "token-made", "An account got an API token; the detail is its id and scopes."
    TOKEN_REVOKED = "token-revoked", "An API token was revoked; the detail is its id."


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `at` is in ms since 1970 UTC; `who` did it, `account` is whom it was done to."""

    id: int
    at: int
    deed: Deed
    who: str | None
    address: str | None
    call_id: str | None
    account: str | None
    detail: str | None

    def as_json(self) -> dict[str, Any]:
        """The entry as a JSON object, its time as ISO 8601 in UTC."""
        return asdict(self) | {"at": iso_utc(self.at), "deed": self.deed.value}


async def log_deed(
    connection: AsyncConnection,
    at: int,
    deed: Deed,
    by: By,
    *,
    call_id: str | None = None,
    account: str | None = None,
    detail: str | None = None,
) -> None:
    """Log something in the transaction in which it is done."""
    row = {"at": at, "deed": deed.value, "who": by.who, "address": by.address}
    row |= {"call_id": call_id, "account": account, "detail": detail}
    await connection.execute(access_log.insert(), row)


class AccessLog:
    """Writes the log and reads it."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now

    async def write(
        self, deed: Deed, by: By, *, call_id: str | None = None, detail: str | None = None
    ) -> None:
        """Log a look; when this returns it is on the disk, and only then may be shown what was asked for.

        `StoreError` where it cannot be written.
        """
        async with self._database.writing() as connection:
            await log_deed(connection, self._now(), deed, by, call_id=call_id, detail=detail)

    async def read(
        self,
        *,
        who: str | None = None,
        account: str | None = None,
        call_id: str | None = None,
        deed: Deed | None = None,
        since: int | None = None,
        until: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Entry]:
        """The newest entries that fit, newest first, at most `limit`.

        `since` and `until` (exclusive) are in ms since 1970 UTC. `before` is the id of the last entry of the
        page before. Reading is not logged by itself: whoever shows entries to people logs `READ_ACCESS_LOG`.
        """
        column = access_log.c
        query = select(access_log).order_by(column.id.desc()).limit(limit)
        for name, wanted in (("who", who), ("account", account), ("call_id", call_id), ("deed", deed)):
            if wanted is not None:
                query = query.where(column[name] == str(wanted))
        if since is not None:
            query = query.where(column.at >= since)
        if until is not None:
            query = query.where(column.at < until)
        if before is not None:
            query = query.where(column.id < before)
        deeds = {deed.value: deed for deed in Deed}
        rows = await self._database.rows(query)
        return [Entry(**{**row, "deed": deeds[row["deed"]]}) for row in rows]
