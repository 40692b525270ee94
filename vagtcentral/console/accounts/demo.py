"""Accounts for a demonstration: one for each role, with random passwords that are told once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vagtcentral.console.accounts.passwords import random_password
from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import AccountError, By
from vagtcentral.console.accounts.store import AccountStore

_BY = By("os:demo")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration, with the password that is nowhere else."""

    name: str
    role: Role
    operator: str | None
    password: str = field(repr=False)


async def demo_accounts(store: AccountStore, operators: Sequence[str]) -> list[DemoAccount]:
    """Make `demo-operator`, `demo-supervisor`, `demo-developer` and `demo-administrator`, with new passwords.

    `operators` are operators of the staff file, at least one; the second has the account `demo-operator-2`,
    and so on. Accounts that an earlier demonstration made are used again. `AccountError` where an operator of
    the staff is somebody else's, or such an account was changed by hand.
    """
    people: list[tuple[str, Role, str | None]] = [
        ("demo-operator" if number == 1 else f"demo-operator-{number}", Role.OPERATOR, operator)
        for number, operator in enumerate(operators, start=1)
    ]
    people += [(f"demo-{role}", role, None) for role in Role if role is not Role.OPERATOR]
    return [await _demo_account(store, *person) for person in people]


async def _demo_account(store: AccountStore, name: str, role: Role, operator: str | None) -> DemoAccount:
    password = random_password()
    account = await store.accounts.find(name)
    if account is None:
        await store.accounts.add(name, role, password, _BY, operator=operator)
    elif (account.role, account.operator, account.disabled_at, account.totp) != (role, operator, None, False):
        needed = f"an enabled {role}" + (f" for {operator}" if operator else "") + " without codes"
        raise AccountError(f"name: {name!r} was changed by hand; the demonstration needs {needed} there")
    else:
        await store.accounts.set_password(name, password, _BY)
    return DemoAccount(name, role, operator, password)
