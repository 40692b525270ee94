"""Accounts in a real store: made, changed, disabled; every change logged."""

import pytest
from argon2 import PasswordHasher

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import AccountError
from vagtcentral.console.accounts.sign_in import SignInRefusedError
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.accounts.tables import accounts
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import CallArrived
from vagtcentral.ivr.journal import Turn


async def refusal(awaitable) -> str:
    with pytest.raises(AccountError) as caught:
        await awaitable
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_new_store_has_no_account_and_lets_nobody_in(world) -> None:
    assert await world.store.accounts.all() == []
    for name, password in (("admin", "admin"), ("administrator", ""), ("", "")):
        with pytest.raises(SignInRefusedError):
            await world.sign_in(name, password)


async def test_an_account_is_what_was_asked_for(world) -> None:
    made = await world.store.accounts.add("anna", Role.OPERATOR, world.password, world.admin)
    await world.store.accounts.add("bo", Role.OPERATOR, world.password, world.admin, operator="fyn-vagt")
    await world.store.accounts.add("carl", Role.SUPERVISOR, world.password, world.admin)
    found = await world.store.accounts.all()
    assert made == found[0] == await world.store.accounts.find("anna")
    assert [(account.name, account.role, account.operator) for account in found] == [
        ("anna", Role.OPERATOR, "anna"),
        ("bo", Role.OPERATOR, "fyn-vagt"),
        ("carl", Role.SUPERVISOR, None),
    ]
    assert found[0].as_json() == {
        "name": "anna",
        "role": "operator",
        "operator": "anna",
        "totp": False,
        "made_at": "2019-03-04T11:00:00Z",
        "disabled_at": None,
    }


async def test_no_password_is_in_the_file(world) -> None:
    await world.add("anna")
    await world.store.close()
    assert world.password.encode() not in world.file.read_bytes()


async def test_accounts_outlive_the_program(world, file) -> None:
    await world.add("anna")
    await world.store.close()
    async with await AccountStore.open(file, create=False) as again:
        assert [account.name for account in await again.accounts.all()] == ["anna"]


@pytest.mark.parametrize("name", ["", "Anna", "æble", "anna larsen", "-anna", "a" * 41, "anna\n", "a'--"])
async def test_a_name_is_of_few_letters(world, name: str) -> None:
    shown = repr(name)
    assert await refusal(world.add(name)) == (
        f"name: {shown}; allowed are 1 to 40 small letters a-z, digits, - and _, a letter or digit first"
    )
    assert await world.store.accounts.find(name) is None


async def test_a_name_is_taken_once(world) -> None:
    await world.add("anna")
    assert await refusal(world.add("anna", Role.DEVELOPER)) == (
        "name: 'anna' is taken; every account has a name of its own"
    )
    assert (await world.store.accounts.find("anna")).role is Role.OPERATOR


async def test_an_operator_has_one_account(world) -> None:
    await world.add("anna")
    twice = world.store.accounts.add("bo", Role.OPERATOR, world.password, world.admin, operator="anna")
    taken = "operator: 'anna' is taken; every operator has one account"
    assert await refusal(twice) == taken
    await world.store.accounts.add("carl", Role.DEVELOPER, world.password, world.admin)
    change = world.store.accounts.set_role("carl", Role.OPERATOR, world.admin, operator="anna")
    assert await refusal(change) == taken
    assert (await world.store.accounts.find("carl")).role is Role.DEVELOPER
    assert await world.store.accounts.find("bo") is None


async def test_only_operators_take_calls(world) -> None:
    made = world.store.accounts.add("bo", Role.SUPERVISOR, world.password, world.admin, operator="anna")
    assert await refusal(made) == "operator: 'anna' given to a supervisor; only operators take calls"


async def test_a_weak_password_is_refused_and_changes_nothing(world) -> None:
    weak = "password: has 4 characters; allowed are 15 to 256"
    assert await refusal(world.store.accounts.add("anna", Role.OPERATOR, "kort", world.admin)) == weak
    assert await world.store.accounts.all() == []
    await world.add("anna")
    before = await world.rows(accounts)
    assert await refusal(world.store.accounts.set_password("anna", "kort", world.admin)) == weak
    assert await world.rows(accounts) == before


async def test_an_unknown_account_cannot_be_changed(world) -> None:
    store, admin = world.store.accounts, world.admin
    for change in (
        store.set_password("nobody", world.password, admin),
        store.set_role("nobody", Role.OPERATOR, admin),
        store.disable("nobody", admin),
        store.enable("nobody", admin),
        store.remove_totp("nobody", admin),
    ):
        assert await refusal(change) == ("account 'nobody' is unknown; `vagtcentral user list` names them")
    assert await world.deeds() == []


async def test_a_new_role_brings_its_operator_and_the_old_one_is_free(world) -> None:
    await world.add("anna")
    changed = await world.store.accounts.set_role("anna", Role.SUPERVISOR, world.admin)
    assert (changed.role, changed.operator) == (Role.SUPERVISOR, None)
    assert changed == await world.store.accounts.find("anna")
    await world.store.accounts.add("bo", Role.OPERATOR, world.password, world.admin, operator="anna")


async def test_a_new_password_is_the_only_one(world) -> None:
    await world.add("anna")
    await world.store.accounts.set_password("anna", "en hest en ko og et lam", world.admin)
    with pytest.raises(SignInRefusedError):
        await world.sign_in("anna")
    assert await world.sign_in("anna", "en hest en ko og et lam")


async def test_who_is_disabled_does_not_come_in_until_enabled(world) -> None:
    await world.add("anna")
    assert (await world.store.accounts.disable("anna", world.admin)).disabled_at == world.noon
    with pytest.raises(SignInRefusedError):
        await world.sign_in("anna")
    assert (await world.store.accounts.enable("anna", world.admin)).disabled_at is None
    assert await world.sign_in("anna")


async def test_a_hash_of_old_parameters_is_renewed_when_its_owner_signs_in(world, file, clock) -> None:
    await world.add("anna")
    (before,) = await world.rows(accounts)
    dearer = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
    async with await AccountStore.open(file, now=clock.now, hasher=dearer) as store:
        with pytest.raises(SignInRefusedError):
            await store.sign_in("anna", "not her password")
        assert [row["password_hash"] for row in await world.rows(accounts)] == [before["password_hash"]]
        first = await store.sign_in("anna", world.password)
        (renewed,) = await world.rows(accounts)
        assert "$m=16," in renewed["password_hash"]
        assert await store.sessions.again(first.person), "it is the same password: nobody is signed out"
        await store.sign_in("anna", world.password)
        assert await world.rows(accounts) == [renewed]
    assert Deed.PASSWORD_SET.value not in await world.deeds()


async def test_every_change_says_in_the_log_who_made_it(world) -> None:
    await world.add("anna")
    store, admin = world.store.accounts, world.admin
    await store.set_password("anna", "en hest en ko og et lam", admin)
    await store.set_role("anna", Role.DEVELOPER, admin)
    await store.disable("anna", admin)
    await store.enable("anna", admin)
    entries = await world.store.log.read(account="anna")
    assert [(entry.deed, entry.detail) for entry in reversed(entries)] == [
        (Deed.ACCOUNT_ADDED, "operator"),
        (Deed.PASSWORD_SET, None),
        (Deed.ROLE_SET, "developer"),
        (Deed.ACCOUNT_DISABLED, None),
        (Deed.ACCOUNT_ENABLED, None),
    ]
    assert {(entry.who, entry.address) for entry in entries} == {(admin.who, admin.address)}


async def test_calls_and_accounts_are_written_side_by_side(world, file) -> None:
    async with await Store.open(file) as calls:
        for number in range(20):
            turn = Turn(f"call-{number}", 1, CallArrived(world.noon, "114", None, "114", "", ""), ())
            await calls.append([turn])
            await world.add(f"operator-{number}")
        assert len(await calls.call_ids()) == len(await world.store.accounts.all()) == 20
        assert await calls.check() == []


async def test_a_store_that_cannot_be_written_says_so(world, monkeypatch) -> None:
    await world.add("anna")
    async with world.store._database.writing() as connection:
        await connection.exec_driver_sql("DROP TABLE access_log")
    with pytest.raises(StoreError, match=r"calls.sqlite: no such table: access_log$"):
        await world.store.accounts.disable("anna", world.admin)
    assert (await world.store.accounts.find("anna")).disabled_at is None, (
        "undone with what could not be logged"
    )


async def test_a_store_without_accounts_is_refused_where_it_must_be_there(tmp_path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        await AccountStore.open(tmp_path / "none.sqlite", create=False)
