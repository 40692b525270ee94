"""`vagtcentral user token`, `tokens` and `revoke`: API tokens for programs."""

from typing import TYPE_CHECKING, Annotated

import typer

from vagtcentral.console.accounts.command import (
    AccountName,
    JsonOption,
    StoreOption,
    at_command_line,
    with_store,
)
from vagtcentral.console.aml import shortened
from vagtcentral.console.db import DEFAULT_STORE
from vagtcentral.console.output import note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.console.accounts.permissions import Permission
    from vagtcentral.console.accounts.store import AccountStore
    from vagtcentral.console.accounts.tokens import Token

#: How long a token is good where nothing is said, in milliseconds: a year.
_A_YEAR_MS = 365 * 86_400_000


def token(
    name: AccountName,
    scope: Annotated[
        list[str], typer.Option("--scope", help="What the token may do, e.g. calls:read. May repeat.")
    ],
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="TIME", help="ISO 8601, UTC unless stated, or never. [a year]"),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
) -> None:
    """Make an API token in the name of an account, and print it, this once."""
    from vagtcentral.console.accounts.store import time_of_day

    scopes = [_scope(text) for text in scope]
    end = time_of_day() + _A_YEAR_MS if expires is None else _end(expires)

    async def work(store: "AccountStore") -> "tuple[Token, str]":
        return await store.tokens.make(name, scopes, end, at_command_line())

    made, text = with_store(store, work)
    if json:
        print_json(made.as_json() | {"token": text})
    else:
        typer.echo(text)
    note(f"token {_described(made)}")


def tokens(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Of this account. [default: of all]")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
) -> None:
    """Name API tokens with their scopes and ends, revoked ones too; never the tokens themselves."""

    async def work(store: "AccountStore") -> "list[Token]":
        return await store.tokens.all(name)

    found = with_store(store, work)
    if json:
        print_json({"tokens": [token.as_json() for token in found]})
    else:
        for token in found:
            typer.echo(_described(token))


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `user tokens` shows.")],
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Make an API token worthless, at once."""

    async def work(store: "AccountStore") -> None:
        await store.tokens.revoke(token_id, at_command_line())

    with_store(store, work)
    note(f"token {token_id}: is revoked")


def _scope(text: str) -> "Permission":
    from vagtcentral.console.accounts.permissions import Permission

    known = {permission.value: permission for permission in Permission}
    if text not in known:
        refuse(f"--scope: {shortened(text)} is no scope; allowed are {', '.join(known)}")
    return known[text]


def _end(text: str) -> int | None:
    from datetime import UTC, datetime

    if text == "never":
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        refuse(f"--expires: {shortened(text)} is neither an ISO 8601 time, e.g. 2027-01-31, nor never")
    return round(moment.timestamp() * 1000)


def _described(token: "Token") -> str:
    from vagtcentral.location.position import iso_utc

    end = "without end" if token.expires_at is None else f"until {iso_utc(token.expires_at)}"
    revoked = "" if token.revoked_at is None else f", revoked {iso_utc(token.revoked_at)}"
    return f"{token.id} of {token.account}, {end}{revoked}: {', '.join(token.scopes)}"
