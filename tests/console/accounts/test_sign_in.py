"""Signing in: one answer to everything wrong, growing waits, codes once."""

import asyncio
import sqlite3
import time
from contextlib import closing

import pyotp
import pytest

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.attempts import TooManyAttemptsError
from vagtcentral.console.accounts.person import AccountError
from vagtcentral.console.accounts.sign_in import SignInRefusedError
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.accounts.tables import sessions, sign_in_failures
from vagtcentral.console.accounts.totp import new_secret

SECRET = new_secret()


@pytest.fixture
async def anna(world):
    await world.add("anna")
    return world


@pytest.fixture
async def with_codes(anna):
    """Anna has an app; the code that proved it is half a minute old."""
    await anna.store.accounts.set_totp("anna", SECRET, code_of(anna), anna.admin)
    anna.clock.on(30)
    return anna


def code_of(world, seconds: float = 0) -> str:
    return pyotp.TOTP(SECRET).at(world.clock.at // 1000 + int(seconds))


async def refused(world, *given: str, **more) -> str:
    with pytest.raises(SignInRefusedError) as caught:
        await world.sign_in(*given, **more)
    return str(caught.value)


async def waits(world, name: str = "anna", password: str = "wrong", **more) -> int:
    """How many seconds a sign-in must wait, 0 for one that was checked and refused."""
    try:
        await world.sign_in(name, password, **more)
    except TooManyAttemptsError as error:
        return error.wait_s
    except SignInRefusedError:
        return 0
    raise AssertionError("was let in")


async def reasons(world) -> list[str]:
    return [entry.detail for entry in await world.store.log.read(deed=Deed.SIGN_IN_FAILED)]


async def test_a_name_is_read_kindly(anna) -> None:
    for name in ("anna", " Anna ", "ANNA"):
        assert (await anna.sign_in(name)).person.name == "anna"


async def test_whatever_is_wrong_the_answer_is_the_same_and_the_log_knows(with_codes) -> None:
    world = with_codes
    await world.add("bo")
    await world.store.accounts.disable("bo", world.admin)
    said = {
        await refused(world, "nobody"),
        await refused(world, "bo"),
        await refused(world, "anna", "wrong", code_of(world)),
        await refused(world, "anna"),
        await refused(world, "anna", world.password, "000000"),
        await refused(world, "\ud800'--", "\x00"),
        await refused(world, "", ""),
    }
    assert said == {"the name, the password or the code is wrong"}
    expected = ["unknown", "disabled", "password", "code", "code", "unknown", "unknown"]
    assert await reasons(world) == expected[::-1]
    assert await world.rows(sessions) == []


async def test_the_log_has_no_name_that_is_none(anna) -> None:
    await refused(anna, "hunter2-my-real-password")
    await refused(anna, "anna", "wrong")
    entries = await anna.store.log.read(deed=Deed.SIGN_IN_FAILED)
    assert [(entry.who, entry.account, entry.address) for entry in entries] == [
        (None, "anna", anna.home),
        (None, None, anna.home),
    ]
    assert "hunter2" not in str(await anna.rows(sign_in_failures))


async def test_waits_of_an_account_grow_to_a_minute_from_wherever_it_is_tried(anna) -> None:
    asked = []
    for number in range(14):
        address = f"198.51.100.{number}"
        wait = await waits(anna, address=address)
        asked.append(wait)
        anna.clock.on(wait)
        if wait:
            assert await waits(anna, address=address) == 0, "after the wait it is tried"
    assert asked == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


async def test_the_right_password_must_wait_too(anna) -> None:
    for _ in range(6):
        await refused(anna, "anna", "wrong")
    with pytest.raises(TooManyAttemptsError):
        await anna.sign_in("anna")
    anna.clock.on(1)
    assert await anna.sign_in("anna")


async def test_an_account_that_is_not_there_waits_just_the_same(anna) -> None:
    there = [await waits(anna, "anna", address="198.51.100.1") for _ in range(8)]
    not_there = [await waits(anna, "nobody", address="198.51.100.2") for _ in range(8)]
    assert there == not_there == [0] * 6 + [1] * 2


async def test_waits_of_an_address_grow_whichever_account_is_tried(anna) -> None:
    asked = [await waits(anna, f"name-{number}") for number in range(23)]
    assert asked == [0] * 21 + [1, 1]
    assert await waits(anna, "anna", address="198.51.100.1") == 0, "elsewhere nobody waits"


async def test_who_must_wait_is_not_counted_or_logged_again(anna) -> None:
    for _ in range(50):
        await waits(anna)
    assert len(await reasons(anna)) == 6
    assert {row["failures"] for row in await anna.rows(sign_in_failures)} == {6}


async def test_who_must_wait_is_told_so_while_somebody_else_writes(anna, file) -> None:
    """A flood of attempts must not hold up the journal of calls: those who wait ask for no write lock."""
    for _ in range(6):
        await waits(anna)
    with closing(sqlite3.connect(file, isolation_level=None)) as journal:
        journal.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert await waits(anna) == 1
        assert time.monotonic() - started < 4, "the patience with another's lock is 5 s"


async def test_many_attempts_at_once_do_not_slip_through(anna) -> None:
    answers = await asyncio.gather(*(waits(anna) for _ in range(40)))
    assert answers.count(0) == 6


async def test_a_success_clears_the_account_and_not_the_address(anna) -> None:
    await anna.add("mallory")
    for _ in range(5):
        await refused(anna, "anna", "wrong")
    await anna.sign_in("mallory")
    await refused(anna, "anna", "wrong")
    assert await waits(anna) == 1, "his own success does not help whoever guesses at hers"
    anna.clock.on(1)
    await anna.sign_in("anna")
    assert [row["failures"] for row in await anna.rows(sign_in_failures)] == [6]


async def test_a_control_room_behind_one_address_signs_in_at_once(anna) -> None:
    for number in range(20):
        await anna.add(f"operator-{number}")
    signed = await asyncio.gather(*(anna.sign_in(f"operator-{number}") for number in range(20)))
    assert len({one.session_id for one in signed}) == 20
    assert {row["failures"] for row in await anna.rows(sign_in_failures)} == {0}


async def test_failures_are_forgotten_after_a_quiet_hour(anna) -> None:
    for _ in range(6):
        await waits(anna)
    anna.clock.on(3600)
    assert [await waits(anna) for _ in range(7)] == [0] * 6 + [1]


async def test_waits_outlive_the_program(anna, file, clock) -> None:
    for _ in range(6):
        await waits(anna)
    await anna.store.close()
    async with await AccountStore.open(file, now=clock.now) as again:
        with pytest.raises(TooManyAttemptsError):
            await again.sign_in("anna", anna.password, address="198.51.100.1")


async def test_with_codes_the_password_alone_is_not_enough(with_codes) -> None:
    await refused(with_codes, "anna")
    signed = await with_codes.sign_in("anna", code=code_of(with_codes))
    assert signed.person.name == "anna"


async def test_a_code_is_good_once(with_codes) -> None:
    code = code_of(with_codes)
    await with_codes.sign_in("anna", code=code)
    await refused(with_codes, "anna", code=code)
    with_codes.clock.on(29)
    await refused(with_codes, "anna", code=code)
    assert (await reasons(with_codes))[0] == "replayed code"


async def test_no_code_before_one_that_was_used_is_good(with_codes) -> None:
    await with_codes.sign_in("anna", code=code_of(with_codes, 30))
    await refused(with_codes, "anna", code=code_of(with_codes))
    with_codes.clock.on(60)
    await with_codes.sign_in("anna", code=code_of(with_codes))


async def test_a_code_is_good_for_one_of_many_who_send_it_at_once(with_codes) -> None:
    code = code_of(with_codes)
    sent = (with_codes.sign_in("anna", code=code) for _ in range(5))
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert sum(isinstance(answer, SignInRefusedError) for answer in answers) == 4
    assert len(await with_codes.rows(sessions)) == 1


async def test_the_code_that_proved_the_app_is_used_up(anna) -> None:
    code = code_of(anna)
    await anna.store.accounts.set_totp("anna", SECRET, code, anna.admin)
    await refused(anna, "anna", code=code)


async def test_a_wrong_code_proves_nothing_and_changes_nothing(anna) -> None:
    with pytest.raises(AccountError, match="code: is not of this secret and minute"):
        await anna.store.accounts.set_totp("anna", SECRET, "000000", anna.admin)
    assert await anna.sign_in("anna")


async def test_without_codes_again_the_password_is_enough(with_codes) -> None:
    assert (await with_codes.store.accounts.find("anna")).totp
    assert not (await with_codes.store.accounts.remove_totp("anna", with_codes.admin)).totp
    assert await with_codes.sign_in("anna")


async def test_codes_cannot_be_tried_out(with_codes) -> None:
    answers = [await waits(with_codes, password=with_codes.password, code=f"{n:06}") for n in range(7)]
    assert answers == [0] * 6 + [1]


@pytest.mark.parametrize("change", ["disable", "set_password"])
async def test_what_changes_while_the_password_is_checked_counts(anna, monkeypatch, change: str) -> None:
    passwords = anna.store._passwords
    fits = passwords.fits

    async def meanwhile(password, stored):
        answer = await fits(password, stored)
        new = ["en hest en ko og et lam"] if change == "set_password" else []
        await getattr(anna.store.accounts, change)("anna", *new, anna.admin)
        return answer

    monkeypatch.setattr(passwords, "fits", meanwhile)
    await refused(anna, "anna")
    assert await reasons(anna) == ["changed meanwhile"]
    assert await anna.rows(sessions) == []
