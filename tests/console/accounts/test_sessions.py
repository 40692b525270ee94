"""Sessions: rotated, ended by time, by signing out, by a new password, and never to be had from the store."""

import re

import pytest

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.permissions import GRANTS, Permission, Role
from vagtcentral.console.accounts.sessions import hashed
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.accounts.tables import accounts, sessions

MINUTE, HOUR = 60, 3600


async def test_a_session_says_who_it_is(world) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    person = await world.store.sessions.person(signed.session_id)
    assert person == signed.person
    assert (person.name, person.role, person.operator) == ("anna", Role.OPERATOR, "anna")
    assert person.permissions == GRANTS[Role.OPERATOR]
    assert person.expires_at == world.noon + 12 * HOUR * 1000
    assert person.token is None


async def test_an_id_has_256_random_bits_and_is_not_in_the_store(world, file) -> None:
    await world.add("anna")
    ids = {(await world.sign_in("anna")).session_id for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[\w-]{43}", session_id) for session_id in ids)
    stored = {row["id_hash"] for row in await world.rows(sessions)}
    assert stored == {hashed(session_id) for session_id in ids}
    await world.store.close()
    content = file.read_bytes()
    assert not any(session_id.encode() in content for session_id in ids)


async def test_what_is_kept_in_the_store_opens_nothing(world) -> None:
    await world.add("anna")
    await world.sign_in("anna")
    (row,) = await world.rows(sessions)
    assert await world.store.sessions.person(row["id_hash"]) is None


@pytest.mark.parametrize("session_id", ["", "x", "x" * 43, "' OR 1=1 --", "\ud800", "x" * 100_000])
async def test_a_made_up_id_is_nobody(world, session_id: str) -> None:
    await world.add("anna")
    await world.sign_in("anna")
    assert await world.store.sessions.person(session_id) is None


async def test_a_session_ends_without_use(world) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    for _ in range(3):
        world.clock.on(29 * MINUTE)
        assert await world.store.sessions.person(signed.session_id)
    world.clock.on(30 * MINUTE)
    assert await world.store.sessions.person(signed.session_id) is None


async def test_a_session_ends_after_a_shift_whatever_its_use(world) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    for _ in range(12 * 4 - 1):
        world.clock.on(15 * MINUTE)
        assert await world.store.sessions.person(signed.session_id)
    world.clock.on(15 * MINUTE)
    assert await world.store.sessions.person(signed.session_id) is None


async def test_use_is_written_down_once_a_minute(world) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    seen = []
    for seconds in (0, 59, 1, 59, 1):
        world.clock.on(seconds)
        await world.store.sessions.person(signed.session_id)
        seen += [row["seen_at"] - world.noon for row in await world.rows(sessions)]
    assert seen == [0, 0, 60_000, 60_000, 120_000]


async def test_a_page_that_stays_open_can_ask_without_using_the_session(world) -> None:
    await world.add("anna")
    person = (await world.sign_in("anna")).person
    world.clock.on(29 * MINUTE)
    assert await world.store.sessions.again(person, used=False) == person
    world.clock.on(1 * MINUTE)
    assert await world.store.sessions.again(person, used=False) is None


async def test_signing_in_again_ends_the_session_that_the_browser_had(world) -> None:
    await world.add("anna")
    first = await world.sign_in("anna")
    second = await world.sign_in("anna", in_place_of=first.session_id)
    assert first.session_id != second.session_id
    assert await world.store.sessions.person(first.session_id) is None
    assert await world.store.sessions.person(second.session_id)


async def test_a_session_elsewhere_stays(world) -> None:
    await world.add("anna")
    first = await world.sign_in("anna")
    await world.sign_in("anna", in_place_of="fixed by somebody else")
    assert await world.store.sessions.person(first.session_id)
    assert await world.store.sessions.person("fixed by somebody else") is None


async def test_signing_out_ends_this_session_only(world) -> None:
    await world.add("anna")
    here, there = await world.sign_in("anna"), await world.sign_in("anna")
    await world.store.sessions.end(here.person, world.home)
    assert await world.store.sessions.person(here.session_id) is None
    assert await world.store.sessions.person(there.session_id)
    await world.store.sessions.end(here.person, world.home)
    assert await world.deeds(deed=Deed.SIGNED_OUT) == ["signed-out"]


@pytest.mark.parametrize("change", ["set_password", "disable"])
async def test_a_new_password_and_disabling_sign_out_everywhere_and_nobody_else(world, change: str) -> None:
    await world.add("anna")
    await world.add("bo")
    signed = [await world.sign_in("anna") for _ in range(3)]
    other = await world.sign_in("bo")
    new = ["en hest en ko og et lam"] if change == "set_password" else []
    await getattr(world.store.accounts, change)("anna", *new, world.admin)
    if change == "disable":
        await world.store.accounts.enable("anna", world.admin)
    for one in signed:
        assert await world.store.sessions.person(one.session_id) is None
        assert await world.store.sessions.again(one.person) is None
    assert await world.store.sessions.person(other.session_id)


async def test_who_is_disabled_by_another_way_is_out_too(world) -> None:
    """Somebody who repairs a store by hand need not know of the sessions."""
    await world.add("anna")
    signed = await world.sign_in("anna")
    async with world.store._database.writing() as connection:
        await connection.execute(accounts.update().values(disabled_at=world.noon))
    assert await world.store.sessions.person(signed.session_id) is None


async def test_a_new_role_counts_at_once(world) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    assert not signed.person.may(Permission.EDIT_MENUS)
    await world.store.accounts.set_role("anna", Role.DEVELOPER, world.admin)
    now_is = await world.store.sessions.again(signed.person)
    assert now_is.may(Permission.EDIT_MENUS)
    assert not now_is.may(Permission.TAKE_CALLS)


async def test_sessions_that_are_over_do_not_pile_up(world) -> None:
    await world.add("anna")
    for _ in range(5):
        await world.sign_in("anna")
        world.clock.on(31 * MINUTE)
    assert len(await world.rows(sessions)) == 1


async def test_sessions_outlive_the_program(world, file, clock) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    await world.store.close()
    async with await AccountStore.open(file, now=clock.now) as again:
        assert await again.sessions.person(signed.session_id) == signed.person


async def test_a_store_that_cannot_be_written_signs_nobody_out(world, file, caplog) -> None:
    await world.add("anna")
    signed = await world.sign_in("anna")
    async with world.store._database.writing() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    world.clock.on(MINUTE)
    assert await world.store.sessions.person(signed.session_id)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert signed.session_id not in caplog.text


async def test_who_listens_hears_which_session_somebody_has_ended(world):
    await world.add("anna")
    signed = await world.sign_in("anna")
    heard = []
    world.store.sessions.ended.append(heard.append)
    await world.store.sessions.end(signed.person, None)
    assert heard == [signed.person.session]
