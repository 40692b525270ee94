"""Collecting keys: what the keys pressed so far amount to, and when the entry is over.

Precedence of the three timers (the same text stands in `docs/menus.md`):

1. No timer runs while a prompt plays. At its end the *first-digit* timer starts.
2. Each key stops the first-digit timer and starts the *inter-digit* timer anew. The first key also starts the
   *overall* timer, which later keys do not prolong. The earlier of the two ends the entry.
3. A key at the very instant of a deadline counts: it came in time.

An entry that runs out of time with no key is *silence*; with keys that complete an entry it is that entry;
with other keys it is a *wrong key*. The overall timer runs from the first key, so that it never cuts off
somebody who has not begun.
"""

from enum import Enum, auto

from vagtcentral.menus.model import Choose, DigitTiming, Enter


class Match(Enum):
    """What the keys pressed so far amount to."""

    INCOMPLETE = auto()  #: the beginning of an entry
    EXTENSIBLE = auto()  #: a whole entry, and the beginning of a longer one
    COMPLETE = auto()  #: a whole entry that nothing can follow
    INVALID = auto()  #: no entry begins like this


# Looked up once: reading a member off its class costs ten times as much as reading a name.
_INCOMPLETE, _EXTENSIBLE, _COMPLETE, _INVALID = Match


def match_choice(node: Choose, keys: str) -> Match:
    """Match keys against the options of a menu node."""
    longer = False
    for option in node.options:  # a plain loop: this runs for every key of every call
        if option.startswith(keys) and option != keys:
            longer = True
            break
    if keys in node.options:
        return _EXTENSIBLE if longer else _COMPLETE
    return _INCOMPLETE if longer else _INVALID


def match_number(node: Enter, keys: str) -> Match:
    """Match keys against a number to be entered; the terminator ends one that is long enough."""
    if node.terminator is not None and keys.endswith(node.terminator):
        return _COMPLETE if len(keys) - 1 >= node.min_digits else _INVALID
    if not (keys.isascii() and keys.isdigit()):
        return _INVALID
    if len(keys) >= node.max_digits:
        return _COMPLETE
    return _EXTENSIBLE if len(keys) >= node.min_digits else _INCOMPLETE


class DigitTimer:
    """The one deadline that is running, worked out from the three timers; `deadline` None means none runs."""

    __slots__ = ("_overall", "_timing", "deadline")

    def __init__(self, timing: DigitTiming) -> None:
        self._timing = timing
        self._overall: int | None = None
        self.deadline: int | None = None

    def prompt_finished(self, at: int) -> None:
        """Start the first-digit timer, unless a key has already come."""
        if self._overall is None:
            self.deadline = at + self._timing.first_ms

    def key_pressed(self, at: int) -> None:
        """Start the inter-digit timer, and the overall timer with the first key."""
        if self._overall is None:
            self._overall = at + self._timing.overall_ms
        self.deadline = min(at + self._timing.inter_ms, self._overall)
