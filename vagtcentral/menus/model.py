"""A menu tree as the walk sees it: immutable, checked, with every default filled in.

`load` makes these from a YAML file; nothing else should. Durations are whole milliseconds here and seconds in
the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

KEYS = frozenset("0123456789*#")  #: the twelve keys of a telephone


@dataclass(frozen=True, slots=True)
class Spoken:
    """One prompt in one language, as it is to be spoken. `name` is the same in every language."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class DigitTiming:
    """The three digit timers, in milliseconds; `digits` says which goes before which.

    `first_ms` runs from the end of the prompt to the first key, `inter_ms` from a key to the next, and
    `overall_ms` from the first key to the end of the whole entry.
    """

    first_ms: int
    inter_ms: int
    overall_ms: int


class Effect(StrEnum):
    """What an option does besides leading to a node."""

    REPEAT = "repeat"  #: plays the same node again
    BACK = "back"  #: returns to the node that the caller came from


@dataclass(frozen=True, slots=True)
class Option:
    """What a key or key sequence selects: exactly one of `to` and `effect`; `language` switches as well."""

    keys: str
    to: str | None = None
    effect: Effect | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """What follows wrong keys or silence: `prompt` and the node again `retries` times, then node `then`."""

    prompt: str
    retries: int
    then: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Says something to its end, keys or not, and goes on to `next`."""

    name: str
    prompt: str
    next: str


@dataclass(frozen=True, slots=True)
class Inform:
    """Says something and ends the call. `solved` says whether that served the caller or gave up on him."""

    name: str
    prompt: str
    solved: bool = True


@dataclass(frozen=True, slots=True)
class Choose:
    """Lets the caller choose by key or key sequence."""

    name: str
    prompt: str
    options: Mapping[str, Option]
    timing: DigitTiming
    barge_in: bool
    wrong_key: Fallback
    silence: Fallback
    longest: int = field(init=False)  #: how many keys the longest option has

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, self.options), default=0))


class Entry(StrEnum):
    """What a number that the caller enters is."""

    POSTCODE = "postcode"  #: a Danish postcode of four digits; gives the call a position
    SQUARE = "square"  #: a square of the Danish grid: 5, 7 or 9 digits; gives the call a position
    RESCUE = "rescue"  #: a rescue number: its letter's key once to four times, three digits; gives a position
    NUMBER = "number"  #: a number within `low`..`high`; kept in the record under the node's name


#: The least and the greatest number of digits of what tells a place.
PLACE_DIGITS = {Entry.POSTCODE: (4, 4), Entry.SQUARE: (5, 9), Entry.RESCUE: (4, 7)}


@dataclass(frozen=True, slots=True)
class Enter:
    """Lets the caller key a number of `min_digits` to `max_digits`; `terminator` ends a shorter one."""

    name: str
    prompt: str
    entry: Entry
    min_digits: int
    max_digits: int
    terminator: str | None
    low: int | None
    high: int | None
    skip_when_located: bool
    next: str
    timing: DigitTiming
    barge_in: bool
    wrong_key: Fallback
    silence: Fallback


class DistrictRule(StrEnum):
    """Which district a queue asks for."""

    CALLER = "caller"  #: the district that the caller's position is in
    ANY = "any"  #: no matter which


@dataclass(frozen=True, slots=True)
class Queue:
    """Sends the call to operators with `skill`.

    `onward` names the skill that operators here usually have to send the caller on to: a destination with one
    costs an unnecessary transfer.
    """

    name: str
    prompt: str | None
    skill: str
    district: DistrictRule | str
    onward: str | None = None


@dataclass(frozen=True, slots=True)
class BookCallBack:
    """Keeps the caller's place in a queue, says so, and lets him hang up."""

    name: str
    prompt: str
    skill: str
    district: DistrictRule | str


@dataclass(frozen=True, slots=True)
class Emergency:
    """Hands the call over to 112: first priority, at once."""

    name: str
    prompt: str | None
    skill: str


Node = Announce | Inform | Choose | Enter | Queue | BookCallBack | Emergency


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a waiting caller hears: `comfort` every `every_ms`; `call_back_key` books a call-back."""

    comfort: str
    every_ms: int
    call_back_key: str | None
    call_back_prompt: str | None
    no_number_prompt: str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """Calls of this menu are recorded while caller and operator talk; `announcement` is said before."""

    announcement: str | None


@dataclass(frozen=True, slots=True)
class Menu:
    """A whole menu file. The first of `languages` is the one a call starts in."""

    name: str
    service: str
    synthetic: bool
    languages: tuple[str, ...]
    start: str
    nodes: Mapping[str, Node]
    prompts: Mapping[str, Mapping[str, Spoken]]
    waiting: Waiting
    survey: str | None
    max_nodes: int
    sha256: str
    recording: Recording | None = None
    #: What the walk says and asks at a node, by node and language: worked out once for all callers.
    steps: dict[tuple[str, str], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def spoken(self, prompt: str, language: str) -> Spoken:
        """The prompt in the language, or in the menu's first language where it is not translated."""
        translations = self.prompts[prompt]
        return translations.get(language) or translations[self.languages[0]]
