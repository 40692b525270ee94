"""How a menu is used: which part of the callers at a node took which key, counted from journals."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vagtcentral.ivr.commands import ShowNode
from vagtcentral.ivr.events import DigitPressed, DigitsCollected
from vagtcentral.ivr.journal import Turn


def shares_of(journals: Iterable[Iterable[Turn]], menu: str) -> tuple[Mapping[tuple[str, str], float], int]:
    """The share of each (node, keys) among the visits to the node, and the number of calls counted.

    A caller who goes on without a key counts under the key "". The last node of a call counts only if the
    caller pressed something there.
    """
    taken: Counter[tuple[str, str]] = Counter()
    visits: Counter[str] = Counter()
    calls = 0
    for turns in journals:
        node, keys, here = None, "", False
        for turn in turns:
            if node is not None and isinstance(turn.event, DigitPressed):
                keys += turn.event.digit
            elif node is not None and isinstance(turn.event, DigitsCollected):
                keys += turn.event.digits
            for command in turn.commands:
                if isinstance(command, ShowNode):
                    here = here or command.menu == menu
                    if node is not None:
                        taken[node, keys] += 1
                        visits[node] += 1
                    node, keys = (command.node if command.menu == menu else None), ""
        if node is not None and keys:
            taken[node, keys] += 1
            visits[node] += 1
        calls += here
    return {place: count / visits[place[0]] for place, count in taken.items()}, calls
