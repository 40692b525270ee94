"""The menu as a graph: which node leads where, and what the caller does to get there."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vagtcentral.menus.model import (
    Announce,
    BookCallBack,
    Choose,
    Emergency,
    Enter,
    Inform,
    Menu,
    Node,
    Queue,
)
from vagtcentral.menus.problems import Place


class Why(StrEnum):
    """Why a call goes from one node to the next."""

    NEXT = "next"  #: the announcement is over, or the number is entered
    SKIPPED = "skipped"  #: the number is not needed, the caller is located
    KEY = "key"  #: the caller chose
    WRONG_KEY = "wrong_key"  #: the caller pressed wrong keys too often
    SILENCE = "silence"  #: the caller pressed nothing too often


#: A way on that callers have taken: the node, why they went (a `Why`, or what the counter adds), the option.
Way = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a node. `place` is where the file would name it, `keys` what the caller presses."""

    origin: str
    to: str
    why: Why
    place: Place
    keys: str = ""


def is_destination(node: Node) -> bool:
    """Whether the walk through the menu ends at this node."""
    return isinstance(node, Queue | BookCallBack | Emergency | Inform)


def has_human(node: Node) -> bool:
    """Whether the node brings the caller to an operator."""
    return isinstance(node, Queue | BookCallBack | Emergency)


def exits(node: Node) -> Iterator[Exit]:
    """All ways out of the node that name a node, in the order of the file; repeat and back do not."""
    here = ("nodes", node.name)
    match node:
        case Announce():
            yield Exit(node.name, node.next, Why.NEXT, (*here, "next"))
        case Choose():
            for keys, option in node.options.items():
                if option.to is not None:
                    yield Exit(node.name, option.to, Why.KEY, (*here, "options", keys, "to"), keys)
        case Enter():
            yield Exit(node.name, node.next, Why.NEXT, (*here, "next"))
            if node.skip_when_located:
                yield Exit(node.name, node.next, Why.SKIPPED, (*here, "next"))
    if isinstance(node, Choose | Enter):
        yield Exit(node.name, node.wrong_key.then, Why.WRONG_KEY, (*here, "wrong_key", "then"))
        yield Exit(node.name, node.silence.then, Why.SILENCE, (*here, "silence", "then"))


def prompts_of(node: Node) -> Iterator[tuple[Place, str]]:
    """The prompts that the node speaks, each with the place where the file would name it."""
    here = ("nodes", node.name)
    if node.prompt is not None:
        yield (*here, "prompt"), node.prompt
    if isinstance(node, Choose | Enter):
        yield (*here, "wrong_key", "prompt"), node.wrong_key.prompt
        yield (*here, "silence", "prompt"), node.silence.prompt


def ways(menu: Menu, kinds: Iterable[Why]) -> dict[str, list[str]]:
    """For each node the nodes that a call can go to for one of the reasons; dangling references left out."""
    wanted = frozenset(kinds)
    return {
        name: [exit.to for exit in exits(node) if exit.why in wanted and exit.to in menu.nodes]
        for name, node in menu.nodes.items()
    }


def reachable(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """All nodes that can be reached from `start`, itself among them if it is a node."""
    seen = {start} & edges.keys()
    open_nodes = list(seen)
    while open_nodes:
        new = set(edges[open_nodes.pop()]) - seen
        seen |= new
        open_nodes += new
    return seen


def choices_to(menu: Menu) -> dict[str, int]:
    """How many choices it takes at least to reach each node by choosing and entering, silence not counted."""
    found: dict[str, int] = {}
    nearest_first = deque([(menu.start, 0)])
    while nearest_first:
        name, choices = nearest_first.popleft()
        if name in found or name not in menu.nodes:
            continue
        found[name] = choices
        for exit in exits(menu.nodes[name]):
            if exit.why is Why.KEY:
                nearest_first.append((exit.to, choices + 1))
            elif exit.why is Why.NEXT:
                nearest_first.appendleft((exit.to, choices))
    return found


def opening(menu: Menu) -> list[Node]:
    """The nodes that every call goes through first, up to and with the first that is no announcement."""
    path: list[Node] = []
    name = menu.start
    while (node := menu.nodes.get(name)) is not None and node not in path:
        path.append(node)
        if not isinstance(node, Announce):
            break
        name = node.next
    return path
