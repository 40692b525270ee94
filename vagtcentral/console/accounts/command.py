"""What the commands of `vagtcentral user` share: their options, the store, and what is typed in.

Passwords and codes come from a prompt or from stdin, never from the command line, where others could read
them.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from vagtcentral.console.aml import shortened
from vagtcentral.console.output import refuse

if TYPE_CHECKING:
    from vagtcentral.console.accounts.permissions import Role
    from vagtcentral.console.accounts.person import By
    from vagtcentral.console.accounts.store import AccountStore

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="The name of the account.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
StoreOption = Annotated[
    str,
    typer.Option("--store", metavar="URL", envvar="VAGTCENTRAL_STORE", help="A file path or sqlite:///FILE."),
]

_Answer = TypeVar("_Answer")


def with_store(
    url: str, work: "Callable[[AccountStore], Awaitable[_Answer]]", *, create: bool = False
) -> _Answer:
    """Do something with the accounts of a store; what cannot be done ends with status 2 and one line."""
    import asyncio

    from vagtcentral.console.accounts.person import AccountError
    from vagtcentral.console.accounts.store import AccountStore
    from vagtcentral.evaluation.schema import StoreError

    async def opened() -> _Answer:
        async with await AccountStore.open(url, create=create) as store:
            return await work(store)

    try:
        return asyncio.run(opened())
    except (AccountError, StoreError) as error:
        refuse(str(error))


def at_command_line() -> "By":
    """Who types this, for the log: the user of the operating system."""
    import os
    import pwd

    from vagtcentral.console.accounts.person import By

    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number without a name
        login = str(os.getuid())
    return By(f"os:{login}")


def role_named(text: str, place: str) -> "Role":
    """The role of that name; ends with status 2 where there is none."""
    from vagtcentral.console.accounts.permissions import Role

    try:
        return Role(text)
    except ValueError:
        refuse(f"{place}: {shortened(text)} is no role; allowed are {', '.join(Role)}")


def typed_password(*, generate: bool) -> str:
    """A new password: a random one, or what is typed twice at a prompt, or the first line of stdin."""
    from vagtcentral.console.accounts.passwords import random_password

    if generate:
        return random_password()
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return _line("password")


def typed_code() -> str:
    """A code of an authenticator app, from a prompt or the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt("Code of the app", err=True))
    sys.stdout.flush()  # whoever answers through a pipe needs what was printed first
    return _line("code")


def _line(what: str) -> str:
    octets = sys.stdin.buffer.readline().removesuffix(b"\n").removesuffix(b"\r")
    try:
        line = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(f"{what}: byte {error.start} on stdin is not UTF-8")
    if not line:
        refuse(f"{what}: none on stdin; one line is read from there")
    return line
