"""Replay: the journal fed to a fresh call machine again, and journal files, one turn a line.

The call machine is pure, so the same events must give the same commands. Where they do not, the program or
the menu has changed, and the first difference says in which field of which command.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import zip_longest
from pathlib import Path

from vagtcentral.evaluation.codec import JournalError, turn_from_json, turn_to_json
from vagtcentral.ivr.commands import Command, ShowLocation
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of a replay: what the journal says that followed from the event, and what followed now."""

    seq: int
    event: Event
    expected: tuple[Command, ...]
    seen: tuple[Command, ...]

    @property
    def same(self) -> bool:
        """Whether the same commands came, in the same order."""
        return self.expected == self.seen

    @property
    def difference(self) -> str | None:
        """One line that says which command first differs, in which field, and both values; None if same."""
        if self.same:
            return None
        return f"turn {self.seq}, {kind_of(type(self.event))}: {_difference(self.expected, self.seen)}"


@dataclass(frozen=True, slots=True)
class Replay:
    """All steps of a replay. What comes after the first difference may only follow from it."""

    steps: tuple[Step, ...]

    @property
    def same(self) -> bool:
        """Whether every step gave the commands that the journal has."""
        return self.first_difference is None

    @property
    def first_difference(self) -> Step | None:
        """The first step whose commands differ."""
        return next((step for step in self.steps if not step.same), None)


def replay(turns: Iterable[Turn], handle: Callable[[Event], tuple[Command, ...]]) -> Replay:
    """Feed the events of one call's turns to `handle`, the method of a fresh call machine, and compare.

    All events are fed, whatever comes of them. What `handle` raises is raised. Journals from before it was
    said what a position counted for are not held against that.
    """
    steps = []
    for turn in turns:
        seen = handle(turn.event)
        steps.append(Step(turn.seq, turn.event, turn.commands, _as_said_then(turn.commands, seen)))
    return Replay(tuple(steps))


def _as_said_then(expected: tuple[Command, ...], seen: tuple[Command, ...]) -> tuple[Command, ...]:
    """What followed now, in the words that were there when a journal without `radius_model` was written."""
    return tuple(
        replace(now, evidence=old.evidence, radius_95_m=0.0, radius_model="", age_s=0.0)
        if isinstance(old, ShowLocation) and isinstance(now, ShowLocation) and not old.radius_model
        else now
        for old, now in zip_longest(expected, seen)
        if now is not None
    )


def export_turns(turns: Iterable[Turn]) -> Iterator[str]:
    """The turns as lines of a journal file (JSON Lines), without the line ends."""
    return map(turn_to_json, turns)


def import_turns(path: str | Path) -> list[Turn]:
    """The turns of a journal file, of one call or of several; blank lines are skipped.

    `JournalError` names file and line where a line is no turn or leaves a gap in its call.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise JournalError(
            f"{path}: not UTF-8 at byte {error.start}; a journal file is JSON Lines"
        ) from error
    last: dict[str, int] = {}
    turns = []
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: prompts may hold U+2028
        if not line.strip():
            continue
        turns.append(_import_line(f"{path}:{number}", line, last))
    return turns


def _import_line(place: str, line: str, last: dict[str, int]) -> Turn:
    try:
        turn = turn_from_json(line)
    except JournalError as error:
        raise JournalError(f"{place}: {error}") from error
    due = last.get(turn.call_id, 0) + 1
    if turn.seq != due:
        raise JournalError(f"{place}: call {turn.call_id}: turn {turn.seq} seen, turn {due} comes next")
    last[turn.call_id] = turn.seq
    return turn


def _difference(expected: tuple[Command, ...], seen: tuple[Command, ...]) -> str:
    for place, (old, new) in enumerate(zip_longest(expected, seen), 1):
        if old == new:
            continue
        if new is None:
            return f"command {place}, {_kind(old)}, is missing"
        if old is None:
            return f"command {place}, {_kind(new)}, is new"
        if type(old) is not type(new):
            return f"command {place} is {_kind(new)}, the journal has {_kind(old)}"
        path, before, now = _field(old, new)
        return f"command {place}, {_kind(old)}: {path} is {now!r}, the journal has {before!r}"
    raise AssertionError("two equal turns have no difference")


def _kind(command: object) -> str:
    return kind_of(type(command))


def _field(old: object, new: object, path: str = "") -> tuple[str, object, object]:
    """The path of the first differing field, and both its values, as deep as dataclasses and tuples go."""
    for name, before, now in _parts(old, new):
        if before != now:
            return _field(before, now, f"{path}.{name}" if path else name)
    return path, old, new


def _parts(old: object, new: object) -> Iterator[tuple[str, object, object]]:
    if type(old) is not type(new):
        return
    if is_dataclass(old):
        for field in fields(old):
            yield field.name, getattr(old, field.name), getattr(new, field.name)
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for place, (before, now) in enumerate(zip(old, new, strict=True)):
            yield str(place), before, now
