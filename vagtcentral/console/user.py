"""`vagtcentral user`: accounts of people and tokens of programs, from the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from vagtcentral.console.accounts import token_commands
from vagtcentral.console.accounts.command import (
    AccountName,
    JsonOption,
    StoreOption,
    at_command_line,
    role_named,
    typed_code,
    typed_password,
    with_store,
)
from vagtcentral.console.db import DEFAULT_STORE
from vagtcentral.console.output import note, print_json

if TYPE_CHECKING:
    from vagtcentral.console.accounts.accounts import Account
    from vagtcentral.console.accounts.store import AccountStore

app = typer.Typer(help="Look after accounts: who may come in, and as what.", no_args_is_help=True)

_ROLES = "operator, supervisor, developer or administrator."
OperatorOption = Annotated[
    str | None,
    typer.Option("--operator", metavar="ID", help="As whom an operator takes calls. [default: NAME]"),
]
GenerateOption = Annotated[
    bool, typer.Option("--generate", help="Make a random password and print it, this once.")
]


@app.command()
def add(
    name: AccountName,
    role: Annotated[str, typer.Option("--role", help=_ROLES)],
    operator: OperatorOption = None,
    generate: GenerateOption = False,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
) -> None:
    """Make an account, and the store where there is none. The password is asked for, or read from stdin."""
    wanted = role_named(role, "--role")
    password = typed_password(generate=generate)

    async def work(store: "AccountStore") -> "Account":
        return await store.accounts.add(name, wanted, password, at_command_line(), operator=operator)

    account = with_store(store, work, create=True)
    takes = f", takes calls as {account.operator}" if account.operator else ""
    _tell(account, f"made, {account.role}{takes}", password if generate else None, json=json)


@app.command("list")
def list_accounts(store: StoreOption = DEFAULT_STORE, json: JsonOption = False) -> None:
    """Name all accounts: role, operator, whether codes are asked for, whether disabled."""

    async def work(store: "AccountStore") -> "list[Account]":
        return await store.accounts.all()

    found = with_store(store, work)
    if json:
        print_json({"accounts": [account.as_json() for account in found]})
        return
    for account in found:
        states = [account.role.value, *([f"takes calls as {account.operator}"] if account.operator else [])]
        states += ["with codes"] * account.totp + ["disabled"] * (account.disabled_at is not None)
        typer.echo(f"{account.name}: {', '.join(states)}")


@app.command("password")
def set_password(
    name: AccountName,
    generate: GenerateOption = False,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
) -> None:
    """Give an account a new password, asked for or read from stdin, and sign it out everywhere."""
    password = typed_password(generate=generate)

    async def work(store: "AccountStore") -> "Account":
        return await store.accounts.set_password(name, password, at_command_line())

    account = with_store(store, work)
    done = "has a new password and is signed out everywhere"
    _tell(account, done, password if generate else None, json=json)


@app.command("role")
def set_role(
    name: AccountName,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=_ROLES)],
    operator: OperatorOption = None,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Give an account another role, or an operator's account another operator; it counts at once."""
    wanted = role_named(role, "ROLE")

    async def work(store: "AccountStore") -> "Account":
        return await store.accounts.set_role(name, wanted, at_command_line(), operator=operator)

    account = with_store(store, work)
    takes = f", takes calls as {account.operator}" if account.operator else ""
    note(f"{name}: is {account.role} now{takes}")


@app.command()
def disable(name: AccountName, store: StoreOption = DEFAULT_STORE) -> None:
    """Keep an account out: signed out everywhere, no sign-in, no token."""

    async def work(store: "AccountStore") -> "Account":
        return await store.accounts.disable(name, at_command_line())

    with_store(store, work)
    note(f"{name}: is disabled and signed out everywhere")


@app.command()
def enable(name: AccountName, store: StoreOption = DEFAULT_STORE) -> None:
    """Let a disabled account in again, with the password and the tokens that it had."""

    async def work(store: "AccountStore") -> "Account":
        return await store.accounts.enable(name, at_command_line())

    with_store(store, work)
    note(f"{name}: is enabled")


@app.command()
def totp(
    name: AccountName,
    off: Annotated[bool, typer.Option("--off", help="Ask for the password alone again.")] = False,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
) -> None:
    """Ask an account for codes of an authenticator app (TOTP), besides the password.

    Prints the secret for the app, this once, as an otpauth URI, then reads a code from the app. Nothing is
    changed before the code is right.
    """

    async def work(store: "AccountStore") -> "Account":
        if off:
            return await store.accounts.remove_totp(name, at_command_line())
        return await _with_app(store, name, json=json)

    with_store(store, work)
    note(f"{name}: signs in {'without' if off else 'with'} codes from now on")


app.command("token")(token_commands.token)
app.command("tokens")(token_commands.tokens)
app.command("revoke")(token_commands.revoke)


async def _with_app(store: "AccountStore", name: str, *, json: bool) -> "Account":
    """Show a new secret, and store it when the app has proved to have it."""
    from vagtcentral.console.accounts.accounts import unknown_account
    from vagtcentral.console.accounts.totp import new_secret, otpauth_uri

    if await store.accounts.find(name) is None:
        raise unknown_account(name)
    secret = new_secret()
    uri = otpauth_uri(secret, name)
    if json:
        print_json({"name": name, "otpauth_uri": uri})
    else:
        typer.echo(uri)
    return await store.accounts.set_totp(name, secret, typed_code(), at_command_line())


def _tell(account: "Account", done: str, generated: str | None, *, json: bool) -> None:
    """Say what was done, with the password where it was generated: it is nowhere else."""
    if json:
        print_json(account.as_json() | {"password": generated})
    elif generated is not None:
        typer.echo(generated)
    note(f"{account.name}: {done}")
