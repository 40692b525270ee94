"""Accounts: made by a command, changed, disabled, and never deleted, so that the log keeps its meaning."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vagtcentral.console.accounts.access_log import Deed, log_deed
from vagtcentral.console.accounts.database import Database, TakenError
from vagtcentral.console.accounts.passwords import Passwords, weakness
from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import AccountError, By
from vagtcentral.console.accounts.sessions import end_all
from vagtcentral.console.accounts.tables import accounts
from vagtcentral.console.accounts.totp import step_of
from vagtcentral.location.position import iso_utc

#: As operators are called in a staff file.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_NAMES_ARE = "1 to 40 small letters a-z, digits, - and _, a letter or digit first"


@dataclass(frozen=True, slots=True)
class Account:
    """What may be shown of an account; instants in ms since 1970 UTC."""

    name: str
    role: Role
    operator: str | None
    totp: bool
    made_at: int
    disabled_at: int | None

    def as_json(self) -> dict[str, Any]:
        """The account as a JSON object, its instants as ISO 8601 in UTC."""
        disabled = None if self.disabled_at is None else iso_utc(self.disabled_at)
        shown = {"name": self.name, "role": self.role.value, "operator": self.operator, "totp": self.totp}
        return shown | {"made_at": iso_utc(self.made_at), "disabled_at": disabled}


class Accounts:
    """The accounts of the store. Every change is logged in the transaction that makes it."""

    def __init__(self, database: Database, passwords: Passwords, now: Callable[[], int]) -> None:
        self._database = database
        self._passwords = passwords
        self._now = now

    async def find(self, name: str) -> Account | None:
        """One account, None for an unknown name."""
        return _account(row) if (row := await self.row(name)) else None

    async def all(self) -> list[Account]:
        """All accounts by name, disabled ones too."""
        query = select(accounts).order_by(accounts.c.name)
        return [_account(row) for row in await self._database.rows(query)]

    async def row(self, name: str) -> Any | None:
        """The account as it is stored, with its secrets: for the sign-in."""
        if not NAME.fullmatch(name):
            return None
        rows = await self._database.rows(select(accounts).where(accounts.c.name == name))
        return rows[0] if rows else None

    async def add(
        self, name: str, role: Role, password: str, by: By, *, operator: str | None = None
    ) -> Account:
        """Make an account. An operator takes calls as the operator of his own name unless another is given.

        `AccountError` for a name that is taken or not allowed, a weak password, an operator who is taken.
        """
        _require_name("name", name)
        operator = _operator(name, role, operator)
        await self._require_free(name)
        hashed = await self._hash(name, password)
        now = self._now()
        row = {
            "name": name,
            "role": role.value,
            "operator": operator,
            "password_hash": hashed,
            "made_at": now,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(accounts.insert(), row)
                deed = Deed.ACCOUNT_ADDED
                await log_deed(connection, now, deed, by, account=name, detail=role.value)
        except TakenError:
            await self._require_free(name)  # somebody made it while the password was hashed
            raise _operator_taken(operator) from None
        return Account(name, role, operator, False, now, None)

    async def set_password(self, name: str, password: str, by: By) -> Account:
        """Give an account a new password and sign it out everywhere. Its tokens stay, and are revoked singly.

        `AccountError` for an unknown account or a weak password.
        """
        hashed = await self._hash(name, password)
        return await self._change(name, Deed.PASSWORD_SET, by, {"password_hash": hashed}, sign_out=True)

    async def set_role(self, name: str, role: Role, by: By, *, operator: str | None = None) -> Account:
        """Give an account another role, which counts at once, and an operator's account its operator.

        `AccountError` for an unknown account or an operator who is taken.
        """
        operator = _operator(name, role, operator)
        try:
            values = {"role": role.value, "operator": operator}
            return await self._change(name, Deed.ROLE_SET, by, values, detail=role.value)
        except TakenError:
            raise _operator_taken(operator) from None

    async def disable(self, name: str, by: By) -> Account:
        """Keep an account out: signed out everywhere, no sign-in, and its tokens are worthless meanwhile."""
        values = {"disabled_at": self._now()}
        return await self._change(name, Deed.ACCOUNT_DISABLED, by, values, sign_out=True)

    async def enable(self, name: str, by: By) -> Account:
        """Let a disabled account in again, with the password and the tokens that it had."""
        return await self._change(name, Deed.ACCOUNT_ENABLED, by, {"disabled_at": None})

    async def set_totp(self, name: str, secret: str, code: str, by: By) -> Account:
        """Ask this account for codes of an app from now on; `code` proves that the app has the secret.

        `AccountError` for an unknown account or a wrong code. The code that was shown is used up.
        """
        step = step_of(secret, code, self._now())
        if step is None:
            raise AccountError("code: is not of this secret and minute; allowed is what the app shows now")
        return await self._change(name, Deed.TOTP_SET, by, {"totp_secret": secret, "totp_step": step})

    async def remove_totp(self, name: str, by: By) -> Account:
        """Ask for the password alone again."""
        return await self._change(name, Deed.TOTP_REMOVED, by, {"totp_secret": None, "totp_step": None})

    async def _hash(self, name: str, password: str) -> str:
        weak = weakness(password, name)
        if weak is not None:
            raise AccountError(f"password: {weak}")
        return await self._passwords.hash(password)

    async def _change(
        self,
        name: str,
        deed: Deed,
        by: By,
        values: dict[str, Any],
        *,
        sign_out: bool = False,
        detail: str | None = None,
    ) -> Account:
        async with self._database.writing() as connection:
            row = await require_account(connection, name)
            await connection.execute(update(accounts).where(accounts.c.name == name).values(values))
            if sign_out:
                await end_all(connection, name)
            await log_deed(connection, self._now(), deed, by, account=name, detail=detail)
        return _account({**row, **values})

    async def _require_free(self, name: str) -> None:
        if await self.row(name) is not None:
            raise AccountError(f"name: {name!r} is taken; every account has a name of its own")


async def require_account(connection: AsyncConnection, name: str) -> Any:
    """The stored account of that name; `AccountError` where there is none."""
    query = select(accounts).where(accounts.c.name == name)
    found = (await connection.execute(query)).mappings().first() if NAME.fullmatch(name) else None
    if found is None:
        raise unknown_account(name)
    return found


def unknown_account(name: str) -> AccountError:
    """The error for a name that no account has."""
    return AccountError(f"account {_short(name)} is unknown; `vagtcentral user list` names them")


def _account(row: Any) -> Account:
    totp = row["totp_secret"] is not None
    return Account(row["name"], Role(row["role"]), row["operator"], totp, row["made_at"], row["disabled_at"])


def _operator(name: str, role: Role, operator: str | None) -> str | None:
    if role is not Role.OPERATOR:
        if operator is not None:
            raise AccountError(f"operator: {_short(operator)} given to a {role}; only operators take calls")
        return None
    _require_name("operator", operator or name)
    return operator or name


def _operator_taken(operator: str | None) -> AccountError:
    return AccountError(f"operator: {operator!r} is taken; every operator has one account")


def _require_name(place: str, text: str) -> None:
    if not NAME.fullmatch(text):
        raise AccountError(f"{place}: {_short(text)}; allowed are {_NAMES_ARE}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
