"""Passwords: what is too weak, and hashing that holds up nothing."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from vagtcentral.console.accounts import passwords as module
from vagtcentral.console.accounts.passwords import Passwords, argon2id, random_password, weakness


class CountingHasher(PasswordHasher):
    """Hashes cheaply, and notes what was asked of it and in which thread."""

    def __init__(self, **parameters) -> None:
        super().__init__(**({"time_cost": 1, "memory_cost": 8, "parallelism": 1} | parameters))
        self.work: list[str] = []
        self.threads: set[str] = set()

    def hash(self, password, *, salt=None) -> str:
        self.work.append("argon2")
        self.threads.add(threading.current_thread().name)
        return super().hash(password, salt=salt)

    def verify(self, hash, password) -> bool:
        self.work.append("argon2")
        self.threads.add(threading.current_thread().name)
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def passwords(hasher):
    passwords = Passwords(hasher)
    yield passwords
    passwords.close()


def test_the_parameters_are_those_that_owasp_names() -> None:
    parameters = extract_parameters(argon2id().hash("x"))
    cost = parameters.memory_cost, parameters.time_cost, parameters.parallelism
    assert (parameters.type, *cost) == (Type.ID, 19 * 1024, 2, 1)


async def test_a_password_fits_its_hash_and_no_other_does(passwords) -> None:
    stored = await passwords.hash("rødgrød med fløde")
    assert "rødgrød" not in stored
    assert await passwords.fits("rødgrød med fløde", stored)
    assert not await passwords.fits("rødgrød med Fløde", stored)
    assert not await passwords.fits("", stored)


async def test_the_same_password_has_another_hash_each_time(passwords) -> None:
    assert await passwords.hash("rødgrød med fløde") != await passwords.hash("rødgrød med fløde")


async def test_letters_in_two_parts_are_the_same_letters(passwords) -> None:
    stored = await passwords.hash("på gensyn på åen")
    assert await passwords.fits("pa\u030a gensyn pa\u030a a\u030aen", stored)


@pytest.mark.parametrize("odd", ["\ud800" * 15, "\x00" * 15, "x" * 100_000, "🚔" * 15])
async def test_no_text_is_too_odd_to_be_checked(passwords, odd: str) -> None:
    stored = await passwords.hash(odd)
    assert await passwords.fits(odd, stored)
    assert not await passwords.fits(odd[1:], stored)


async def test_an_account_that_is_not_there_costs_the_same_work(passwords, hasher) -> None:
    stored = await passwords.hash("rødgrød med fløde")
    hasher.work.clear()
    assert not await passwords.fits("wrong", stored)
    with_account, hasher.work = hasher.work, []
    assert not await passwords.fits("wrong", None)
    assert hasher.work == with_account == ["argon2"]


async def test_a_damaged_hash_lets_nobody_in(passwords) -> None:
    assert not await passwords.fits("rødgrød med fløde", "damaged")


async def test_hashing_is_done_beside_the_event_loop(passwords, hasher) -> None:
    await asyncio.gather(*(passwords.hash("rødgrød med fløde") for _ in range(8)))
    assert hasher.threads
    assert all(name.startswith("argon2") for name in hasher.threads)
    assert len(hasher.threads) <= 2


async def test_other_parameters_make_a_hash_outdated(passwords) -> None:
    stored = await passwords.hash("rødgrød med fløde")
    dearer = Passwords(CountingHasher(memory_cost=16))
    assert not passwords.outdated(stored)
    assert dearer.outdated(stored)
    dearer.close()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "has 0 characters; allowed are 15 to 256"),
        ("x7Hq-Kp2w-Zr9mT", None),
        ("x7Hq-Kp2w-Zr9m", "has 14 characters; allowed are 15 to 256"),
        ("a\u030a" * 8, "has 8 characters; allowed are 15 to 256"),
        ("en hest en ko og et lam", None),
        (" " * 20, "repeats itself"),
        ("passwordpassword", "repeats itself"),
        ("123456789012345", "repeats itself"),
        ("Annamette er sej 2019", "has the name of the account in it"),
    ],
)
def test_what_is_too_weak_is_told_without_the_password(password: str, why: str | None) -> None:
    assert weakness(password, "annamette") == why


def test_a_short_name_may_stand_in_a_password() -> None:
    assert weakness("en hest en ko og et lam", "lam") is None


def test_a_password_may_not_be_a_novel() -> None:
    novel = "".join(chr(200 + number % 97) + str(number) for number in range(100))
    assert len(novel) > 256
    assert weakness(novel, "anna") == f"has {len(novel)} characters; allowed are 15 to 256"


def test_random_passwords_are_strong_readable_and_never_the_same() -> None:
    made = {random_password() for _ in range(1000)}
    assert len(made) == 1000
    assert not any(weakness(password, "demo-operator") for password in made)
    assert set("".join(made)) == {*module._LETTERS, "-"}
    assert not set("il1o0") & set(module._LETTERS)
