"""How a menu is used: which part of the callers at a node took which way on, counted from journals."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vagtcentral.ivr.commands import HangUp, ShowAnswer, ShowDestination, ShowNode
from vagtcentral.ivr.events import CallerHungUp, DigitPressed, DigitsCollected
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.digits import Match, match_choice, match_number
from vagtcentral.menus.graph import Way, Why
from vagtcentral.menus.model import Announce, Choose, Enter, Menu, Node

#: Why callers have left a node who hung up there, whatever they had pressed.
HUNG_UP = "hung_up"


def shares_of(journals: Iterable[Iterable[Turn]], menu: Menu) -> tuple[Mapping[Way, float], int]:
    """The share of each way among those by which callers left its node, and the number of calls counted.

    One who hangs up leaves by `HUNG_UP`. The shares of a node add up to 1. A caller who is asked again after
    silence or a wrong key, or is still there, has not left; one who asks for a repetition has chosen it.
    """
    taken: Counter[Way] = Counter()
    calls = 0
    for turns in journals:
        caller = _Caller(menu)
        for turn in turns:
            caller.follow(turn)
        taken.update(caller.ways)
        calls += caller.came
    visits: Counter[str] = Counter()
    for (node, _, _), count in taken.items():
        visits[node] += count
    return {way: count / visits[way[0]] for way, count in taken.items()}, calls


class _Caller:
    """One caller on his way through the menu; `came` says whether he was in it at all."""

    def __init__(self, menu: Menu) -> None:
        self._menu = menu
        self._node: Node | None = None
        self._keys = ""
        self.ways: list[Way] = []
        self.came = False

    def follow(self, turn: Turn) -> None:
        """Go on by what happened, and by where that led."""
        going = [one for one in turn.commands if isinstance(one, ShowNode | ShowDestination)]
        if isinstance(turn.event, DigitPressed):
            self._press(turn.event.digit, heard=bool(going))
        elif isinstance(turn.event, DigitsCollected):
            self._press(turn.event.digits, heard=True)
        elif isinstance(turn.event, CallerHungUp) and turn.commands:
            self._leave(HUNG_UP)
        for command in going:
            self._go(command, turn)
        if any(isinstance(command, HangUp) for command in turn.commands):
            self._node = None

    def _press(self, digits: str, *, heard: bool) -> None:
        """Take keys until they decide; one that should decide and is not heard came where none counts."""
        before = self._keys
        for digit in digits:
            self._keys += digit
            if _decides(self._node, self._keys):
                break
        if not heard and _decides(self._node, self._keys):
            self._keys = before

    def _go(self, command: ShowNode | ShowDestination, turn: Turn) -> None:
        node = self._node
        if node is not None:
            why, keys = _why(node, self._keys, turn)
            asked_again = isinstance(command, ShowNode) and command.node == node.name and why is not Why.KEY
            if not asked_again:
                self._leave(why, keys)
        self._keys = ""
        there = isinstance(command, ShowNode) and command.menu == self._menu.name
        self.came = self.came or there
        self._node = self._menu.nodes.get(command.node) if there else None

    def _leave(self, why: str, keys: str = "") -> None:
        if self._node is not None:
            self.ways.append((self._node.name, why, keys))
            self._node = None


def _decides(node: Node | None, keys: str) -> bool:
    """Whether the entry at the node is over with these keys, right or wrong."""
    match node:
        case Choose():
            return match_choice(node, keys) in (Match.COMPLETE, Match.INVALID)
        case Enter():
            return match_number(node, keys) in (Match.COMPLETE, Match.INVALID)
    return False


def _why(node: Node, keys: str, turn: Turn) -> tuple[Why, str]:
    """Why a turn leads on from a node where these keys were pressed, and by which option, if by any."""
    if isinstance(node, Choose) and keys in node.options:
        return Why.KEY, keys
    entered = any(isinstance(one, ShowAnswer) and one.name == node.name for one in turn.commands)
    if entered or isinstance(node, Announce):
        return Why.NEXT, ""
    return (Why.WRONG_KEY if keys else Why.SILENCE), ""
