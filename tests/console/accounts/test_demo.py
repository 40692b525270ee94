"""Accounts of a demonstration: one for each role, random passwords, and nobody else's account touched."""

import pytest

from vagtcentral.console.accounts.demo import demo_accounts
from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import AccountError


async def test_every_role_has_an_account_that_signs_in(world) -> None:
    made = await demo_accounts(world.store, ["fyn-vagt", "fyn-service"])
    assert [(account.name, account.role, account.operator) for account in made] == [
        ("demo-operator", Role.OPERATOR, "fyn-vagt"),
        ("demo-operator-2", Role.OPERATOR, "fyn-service"),
        ("demo-supervisor", Role.SUPERVISOR, None),
        ("demo-developer", Role.DEVELOPER, None),
        ("demo-administrator", Role.ADMINISTRATOR, None),
    ]
    for account in made:
        signed = await world.sign_in(account.name, account.password)
        assert (signed.person.role, signed.person.operator) == (account.role, account.operator)
        assert account.password not in repr(account)
    assert len({account.password for account in made}) == len(made)


async def test_the_next_demonstration_has_other_passwords(world) -> None:
    first = await demo_accounts(world.store, ["fyn-vagt"])
    second = await demo_accounts(world.store, ["fyn-vagt"])
    assert [account.name for account in first] == [account.name for account in second]
    assert not {account.password for account in first} & {account.password for account in second}
    assert len(await world.store.accounts.all()) == 4


async def test_an_account_that_was_changed_is_left_alone(world) -> None:
    await demo_accounts(world.store, ["fyn-vagt"])
    await world.store.accounts.set_role("demo-supervisor", Role.ADMINISTRATOR, world.admin)
    with pytest.raises(
        AccountError, match=r"name: 'demo-supervisor' was changed by hand; .* an enabled supervisor"
    ):
        await demo_accounts(world.store, ["fyn-vagt"])


async def test_an_operator_with_an_account_of_his_own_is_left_alone(world) -> None:
    await world.store.accounts.add("anna", Role.OPERATOR, world.password, world.admin, operator="fyn-vagt")
    with pytest.raises(AccountError, match="operator: 'fyn-vagt' is taken"):
        await demo_accounts(world.store, ["fyn-vagt"])
    assert await world.sign_in("anna")
