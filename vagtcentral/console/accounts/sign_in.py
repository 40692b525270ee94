"""Signing in: patience, password, code, and then a new session.

Whatever is wrong, the answer is the same and took the same work: nobody learns which names exist, whose
password was right, or who uses codes. The log has the reason.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from vagtcentral.console.accounts.access_log import Deed, log_deed
from vagtcentral.console.accounts.accounts import Accounts
from vagtcentral.console.accounts.attempts import Attempts
from vagtcentral.console.accounts.database import Database
from vagtcentral.console.accounts.passwords import Passwords
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.sessions import Sessions, SignedIn
from vagtcentral.console.accounts.tables import accounts
from vagtcentral.console.accounts.totp import step_of

#: What must not have changed between the check and the session.
_CHECKED = ("password_hash", "totp_secret", "disabled_at")


class Refusal(StrEnum):
    """Why a sign-in was refused; for the log, never for whoever tried."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"
    PASSWORD = "password"
    CODE = "code"
    REPLAYED = "replayed code"
    CHANGED = "changed meanwhile"


class SignInRefusedError(Exception):
    """The sign-in was refused."""


class SignIn:
    """The way in."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        parts: tuple[Accounts, Sessions, Attempts],
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._accounts, self._sessions, self._attempts = parts
        self._now = now

    async def __call__(
        self,
        name: str,
        password: str,
        code: str | None = None,
        *,
        address: str | None = None,
        in_place_of: str | None = None,
    ) -> SignedIn:
        """Sign in and begin a new session; `in_place_of` is the session id that the browser had before.

        Raises `SignInRefusedError`, or `TooManyAttemptsError` before anything was checked.
        """
        name = name.strip().lower()
        await self._attempts.admit(name, address)
        row: Any = await self._accounts.row(name)
        fits = await self._passwords.fits(password, None if row is None else row["password_hash"])
        news: dict[str, Any] = {}
        if row is not None and row["totp_secret"] is not None:
            news["totp_step"] = step_of(row["totp_secret"], code or "", self._now())
        refusal = _refusal(row, news, fits=fits)
        if refusal is not None:
            raise await self._refused(row, refusal, address)
        if self._passwords.outdated(row["password_hash"]):
            news["password_hash"] = await self._passwords.hash(password)
        signed_in = await self._let_in(row, news, address, in_place_of)
        if isinstance(signed_in, Refusal):
            raise await self._refused(row, signed_in, address)
        return signed_in

    async def _let_in(
        self, row: Any, news: dict[str, Any], address: str | None, in_place_of: str | None
    ) -> SignedIn | Refusal:
        """Begin the session if the account still is as it was when all was checked; store what is new."""
        name = row["name"]
        async with self._database.writing() as connection:
            query = select(accounts).where(accounts.c.name == name).with_for_update()
            now_is = (await connection.execute(query)).mappings().one()
            if any(now_is[column] != row[column] for column in _CHECKED):
                return Refusal.CHANGED
            last_step = now_is["totp_step"]
            if "totp_step" in news and last_step is not None and news["totp_step"] <= last_step:
                return Refusal.REPLAYED
            if news:
                await connection.execute(update(accounts).where(accounts.c.name == name).values(news))
            signed_in = await self._sessions.begin(connection, now_is, in_place_of)
            await self._attempts.forgive(connection, name, address)
            await log_deed(connection, self._now(), Deed.SIGNED_IN, By(name, address), account=name)
        return signed_in

    async def _refused(self, row: Any, refusal: Refusal, address: str | None) -> SignInRefusedError:
        """Log why; the name only where it is one."""
        async with self._database.writing() as connection:
            account = None if row is None else row["name"]
            by, deed = By(None, address), Deed.SIGN_IN_FAILED
            await log_deed(connection, self._now(), deed, by, account=account, detail=refusal.value)
        return SignInRefusedError("the name, the password or the code is wrong")


def _refusal(row: Any, news: dict[str, Any], *, fits: bool) -> Refusal | None:
    if row is None:
        return Refusal.UNKNOWN
    if not fits:
        return Refusal.PASSWORD
    if row["disabled_at"] is not None:
        return Refusal.DISABLED
    if "totp_step" in news and news["totp_step"] is None:
        return Refusal.CODE
    return None
