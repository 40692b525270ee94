"""Passwords: which are too weak, how they are hashed, and random ones.

Hashing is Argon2id with parameters of OWASP (Password Storage Cheat Sheet: 19 MiB, two passes, one lane). It
runs in threads of its own, two at a time, so that a rush of sign-ins delays neither calls nor pages.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

#: In characters: NIST SP 800-63B-4, section 3.1.1.2, for a password that may be the only proof.
SHORTEST = 15
#: Longer ones are refused, so that nobody makes us hash a novel.
LONGEST = 256

_TELLING = 4  # a shorter name stands in many a good password by chance
_THREADS = 2
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another

_Answer = TypeVar("_Answer")


def argon2id() -> PasswordHasher:
    """The hasher for new passwords; a stored hash carries the parameters that it was made with."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def random_password() -> str:
    """Four groups of five letters and digits, 99 bits of chance, that can be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a new password for the account of that name, None where nothing is.

    No kinds of characters are asked for (NIST SP 800-63B-4, section 3.1.1.2). The answer has nothing of it.
    """
    text = _plain(password)
    if not SHORTEST <= len(text) <= LONGEST:
        return f"has {len(text)} characters; allowed are {SHORTEST} to {LONGEST}"
    if len(name) >= _TELLING and name in text.lower():
        return "has the name of the account in it"
    if any(text[period:] == text[:-period] for period in range(1, len(text) * 2 // 3 + 1)):
        return "repeats itself"
    return None


class Passwords:
    """Hashes and checks passwords off the event loop; close it at the end."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or argon2id()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")

    def close(self) -> None:
        """End the threads; what is being hashed is finished first."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """The hash to be stored, with its parameters and salt."""
        return await self._off_the_loop(lambda: self._hasher.hash(_octets(password)))

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether this is the password of that hash; None, where there is no account, costs as much work."""
        return await self._off_the_loop(lambda: self._fits(password, stored))

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _fits(self, password: str, stored: str | None) -> bool:
        octets = _octets(password)
        if stored is None:
            self._hasher.hash(octets)
            return False
        try:
            return self._hasher.verify(stored, octets)
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _off_the_loop(self, work: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _plain(password: str) -> str:
    """One spelling for each text: keyboards differ in whether å is one character or two."""
    return unicodedata.normalize("NFC", password)


def _octets(password: str) -> bytes:
    return _plain(password).encode("utf-8", "surrogatepass")
