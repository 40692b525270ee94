"""How a menu is used: which part of the callers at a node took which key, counted from journals."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vagtcentral.ivr.commands import ShowDestination, ShowNode
from vagtcentral.ivr.events import CallerHungUp, DigitPressed, DigitsCollected
from vagtcentral.ivr.journal import Turn

#: The key under which callers count who hung up at a node, whatever they had pressed there.
HUNG_UP = "hung up"


def shares_of(journals: Iterable[Iterable[Turn]], menu: str) -> tuple[Mapping[tuple[str, str], float], int]:
    """The share of each (node, keys) among the visits to the node, and the number of calls counted.

    A caller who goes on without a key counts under the key "", one who hangs up under `HUNG_UP`; the shares
    of a node add up to 1. A caller who is still at a node counts nowhere yet.
    """
    taken: Counter[tuple[str, str]] = Counter()
    calls = 0
    for turns in journals:
        ways, here = _ways(turns, menu)
        taken.update(ways)
        calls += here
    visits: Counter[str] = Counter()
    for (node, _), count in taken.items():
        visits[node] += count
    return {place: count / visits[place[0]] for place, count in taken.items()}, calls


def _ways(turns: Iterable[Turn], menu: str) -> tuple[list[tuple[str, str]], bool]:
    """The (node, keys) by which one caller went on in the menu, and whether he was in it at all."""
    ways: list[tuple[str, str]] = []
    node: str | None = None
    keys, here = "", False
    for turn in turns:
        event = turn.event
        if isinstance(event, DigitPressed):
            keys += event.digit
        elif isinstance(event, DigitsCollected):
            keys += event.digits
        elif isinstance(event, CallerHungUp) and node is not None and turn.commands:
            ways.append((node, HUNG_UP))
            node = None
        for command in turn.commands:
            if isinstance(command, ShowNode | ShowDestination):
                if node is not None:
                    ways.append((node, keys))
                there = isinstance(command, ShowNode) and command.menu == menu
                here = here or there
                node, keys = (command.node if there else None), ""
    return ways, here
