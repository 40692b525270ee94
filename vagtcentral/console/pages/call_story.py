"""The journal of a call in plain words: what happened, what the system did then, and where the caller was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from vagtcentral.console.floor import Fix
from vagtcentral.console.pages.format import coordinates, duration, metres, number, percent
from vagtcentral.console.words import Say, has_words
from vagtcentral.ivr.commands import Command, Connect, ShowDestination, ShowLocation, ShowNode
from vagtcentral.ivr.events import (
    CallerHungUp,
    DigitPressed,
    DigitsCollected,
    Event,
    Registered,
    TransferRequested,
    WronglyRouted,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.kinds import kind_of
from vagtcentral.location.located import Decision, Located
from vagtcentral.location.position import Position


@dataclass(frozen=True, slots=True)
class Moment:
    """One event at the instant `at` (ms UTC) and what followed, as sentences. `seq` is that of the turn."""

    seq: int
    at: int
    what: str
    did: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A node of a menu that the caller came to at the instant `at`, and the keys pressed there."""

    at: int
    menu: str
    node: str
    keys: str


class Storyteller:
    """Tells calls in one language. Without `positions` it says that there is one, not where."""

    def __init__(self, say: Say, districts: Mapping[str, str], *, positions: bool) -> None:
        self._say = say
        self._districts = districts
        self._positions = positions

    def story(self, turns: Iterable[Turn]) -> list[Moment]:
        """What happened, turn by turn."""
        return [
            Moment(
                turn.seq,
                turn.event.at,
                self._sentence(_event_key(turn.event), turn.event),
                tuple(self._sentence(_command_key(command), command) for command in turn.commands),
            )
            for turn in turns
        ]

    def place(self, position: Position) -> str:
        """Coordinates and how far from there the caller may be."""
        within = self._say("within", radius=metres(position.radius_m, self._say))
        return f"{coordinates(position.as_json())}, {within}"

    def word(self, kind: str, value: str | None) -> str:
        """The word for a code of some kind (`skill`, `outcome`, `code` …), else the code itself."""
        if value is None:
            return self._say("unknown")
        return self._say(f"{kind}_{value}") if has_words(f"{kind}_{value}") else value

    # ------------------------------------------------------------------------------------------

    def _sentence(self, key: str, thing: Event | Command) -> str:
        # Not every field is in the sentence; those that are not cost nothing that matters.
        values = {field.name: self._value(field.name, getattr(thing, field.name)) for field in fields(thing)}
        return self._say(key, **values) if values else self._say(key)

    def _value(self, name: str, value: Any) -> str:
        say = self._say
        match name:
            case "caller" | "number":
                return number(value, say)
            case "district":
                return say("any_district") if value is None else self._districts.get(value, value)
            case "reason":
                return say("no_reason") if value is None else self._reason(value)
            case "skill" | "outcome" | "timer" | "form" | "code":
                return self.word(name, str(value))
            case "digits":
                return str(value) or say("nothing_keyed")
            case "seconds":
                return duration(1000 * value)
            case "lost_ms":
                return duration(value)
            case "prompts":
                return " ".join(say("quoted", words=prompt.text) for prompt in value)
            case "located":
                return self._located(value)
            case "decision":
                return self._decided(value)
        return str(value)

    def _reason(self, reason: str) -> str:
        known = next((kind for kind in ("cause", "transfer") if has_words(f"{kind}_{reason}")), None)
        return reason if known is None else self._say(f"{known}_{reason}")

    def _located(self, located: Located | None) -> str:
        if located is None:
            return self._say("found_nowhere")
        if not self._positions:
            return self._say("found_hidden")
        likely = located.district
        where = "" if likely is None else f" ({likely.name} {percent(likely.probability)})"
        return self.place(located.position) + where

    def _decided(self, decision: Decision) -> str:
        district = self._value("district", decision.district)
        return self._say(f"decided_{decision.action.value}", district=district)


def fixes_of(turns: Iterable[Turn]) -> list[Fix]:
    """What was known of where the caller is, oldest first."""
    return [
        Fix(turn.event.at, command.located, command.decision, command.evidence)
        for turn in turns
        for command in turn.commands
        if isinstance(command, ShowLocation)
    ]


def asked_to_record(turns: Iterable[Turn]) -> bool:
    """Whether a recording of any conversation was asked for; that there is one, `RecordingStored` says."""
    commands = (command for turn in turns for command in turn.commands)
    return any(isinstance(one, Connect) and one.record is not None for one in commands)


def registered_of(turns: Iterable[Turn]) -> list[Registered]:
    """What each operator registered last, in the order in which they first did."""
    said: dict[str, Registered] = {}
    for turn in turns:
        if isinstance(turn.event, Registered):
            said[turn.event.operator] = turn.event
    return list(said.values())


def path_of(turns: Iterable[Turn]) -> list[Step]:
    """The nodes that the caller came to, in order, with what was keyed at each."""
    steps: list[Step] = []
    for turn in turns:
        keys = _keys(turn.event)
        if keys and steps:
            last = steps[-1]
            steps[-1] = Step(last.at, last.menu, last.node, last.keys + keys)
        for command in turn.commands:
            match command:
                case ShowNode(menu=menu, node=node):
                    steps.append(Step(turn.event.at, menu, node, ""))
                case ShowDestination(node=node) if steps and not isinstance(turn.event, TransferRequested):
                    steps.append(Step(turn.event.at, steps[-1].menu, node, ""))
    return steps


def _keys(event: Event) -> str:
    match event:
        case DigitPressed(digit=keys) | DigitsCollected(digits=keys):
            return keys
    return ""


def _event_key(event: Event) -> str:
    if isinstance(event, CallerHungUp) and event.lost:
        return "event_caller_lost"
    if isinstance(event, WronglyRouted) and not event.wrongly:
        return "event_not_wrongly_routed"
    return f"event_{kind_of(type(event))}"


def _command_key(command: Command) -> str:
    if isinstance(command, Connect) and command.record is not None:
        return "command_connect_recorded"
    return f"command_{kind_of(type(command))}"
