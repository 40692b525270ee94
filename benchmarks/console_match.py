"""What a desk should have shown and what it has: each event of the journal with its moment on the page.

Nothing is left out that was to be seen: what was never shown, or only after the next thing had come, counts
as a failure. Only what ended by itself before a page could show it is set aside, and counted as that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vagtcentral.ivr.commands import RefuseOffer, ShowLocation
from vagtcentral.ivr.events import LocationReceived, OperatorAnswered, OperatorHungUp, OperatorOffered
from vagtcentral.ivr.journal import Turn

#: The 99th percentile that is asked for, in ms; what ends sooner than that need not have been shown.
ASKED_MS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What one desk has shown: instants of rings and of new marks on the map; positions with theirs.

    `since` is when its operator came to work. Before that a colleague whom nobody sees takes its calls.
    """

    rings: Sequence[int]
    maps: Sequence[int]
    positions: Sequence[tuple[int, str]]
    since: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """Something that a desk should show from `at` on; `until` something else takes its place, or it ends."""

    desk: str
    at: int
    until: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays of all that was shown in ms, sorted; how many were never shown, and how many ended first."""

    shown: tuple[int, ...]
    unshown: int
    ended_first: int

    def percentile(self, share: float) -> float:
        """The delay that so large a share did not exceed; infinite where that share was not shown."""
        count = len(self.shown) + self.unshown
        place = min(count - 1, int(count * share))
        return float(self.shown[place]) if place < len(self.shown) else float("inf")


def offers_due(journals: Iterable[Sequence[Turn]]) -> list[Due]:
    """Every offer, until it is answered or taken back, or the next one comes to the desk."""
    due: list[Due] = []
    for turns in journals:
        for place, turn in enumerate(turns):
            if isinstance(turn.event, OperatorOffered):
                name = turn.event.operator
                ends = (one.event.at for one in turns[place + 1 :] if _ends_ringing(one, name))
                refused = any(isinstance(one, RefuseOffer) for one in turn.commands)
                due.append(Due(name, turn.event.at, turn.event.at if refused else next(ends, float("inf"))))
    return due


def fixes_due(journals: Iterable[Sequence[Turn]]) -> list[Due]:
    """Every position that came while an operator talked with the caller, and that moves him on the map."""
    due: list[Due] = []
    for turns in journals:
        desk, last = None, ""
        for place, turn in enumerate(turns):
            if isinstance(turn.event, OperatorAnswered):
                desk = turn.event.operator
            elif isinstance(turn.event, OperatorHungUp):
                desk = None
            text = _position_of(turn)
            if text and text != last and desk is not None and isinstance(turn.event, LocationReceived):
                later = turns[place + 1 :]
                ends = (one.event.at for one in later if _position_of(one) or _ends_talk(one))
                due.append(Due(desk, turn.event.at, next(ends, float("inf")), text))
            last = text or last
    return due


def matched_offers(due: Iterable[Due], seen: dict[str, Seen]) -> Delays:
    """Each offer with the first ring at its desk before it ended; a ring is for one offer only."""
    left = {desk: list(told.rings) for desk, told in seen.items()}
    matches = []
    for one in sorted(due, key=lambda offer: offer.at):
        ring = _first(left[one.desk], one)
        if ring is not None:
            left[one.desk].remove(ring)
        matches.append((one, ring))
    return _delays(matches)


def matched_fixes(due: Iterable[Due], seen: dict[str, Seen]) -> Delays:
    """Each position with the moment at which both its text and a new mark on the map were there."""

    def moment(one: Due) -> int | None:
        desk = seen[one.desk]
        written = _first([at for at, text in desk.positions if text.startswith(one.text)], one)
        drawn = _first(desk.maps, one)
        return None if written is None or drawn is None else max(written, drawn)

    return _delays((one, moment(one)) for one in due)


def _delays(matches: Iterable[tuple[Due, int | None]]) -> Delays:
    shown, unshown, ended = [], 0, 0
    for due, at in matches:
        if at is not None:
            shown.append(at - due.at)
        elif due.until - due.at < ASKED_MS:
            ended += 1
        else:
            unshown += 1
    return Delays(tuple(sorted(shown)), unshown, ended)


def _first(instants: Iterable[int], due: Due) -> int | None:
    return next((at for at in instants if due.at <= at <= due.until + ASKED_MS), None)


def _ends_ringing(turn: Turn, operator: str) -> bool:
    answered = isinstance(turn.event, OperatorAnswered) and turn.event.operator == operator
    return answered or any(isinstance(one, RefuseOffer) and one.operator == operator for one in turn.commands)


def _ends_talk(turn: Turn) -> bool:
    return isinstance(turn.event, OperatorHungUp)


def _position_of(turn: Turn) -> str:
    """The coordinates as the card has them, of the position that a turn shows."""
    for command in turn.commands:
        if isinstance(command, ShowLocation) and command.located is not None:
            position = command.located.position
            return f"{position.latitude:.5f}, {position.longitude:.5f}"
    return ""
