"""What an enumeration of oddities looks like: a name for the record and a sentence for people."""

from enum import StrEnum
from typing import Self


class Named(StrEnum):
    """Each member is a string, its name in the record; `meaning` is one sentence that explains it."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> Self:
        """Make a member that is the string `name`."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member
