"""A menu as a flowchart in the Mermaid language: which key leads where, and how many callers went there."""

from collections.abc import Collection, Mapping

from vagtcentral.menus.graph import Exit, Way, Why, exits
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

#: The label of an exit that is not a key.
_MARKS = {Why.NEXT: "", Why.SKIPPED: "located", Why.WRONG_KEY: "wrong key", Why.SILENCE: "silence"}


def flowchart(
    menu: Menu,
    shares: Mapping[Way, float] | None = None,
    path: Collection[str] = (),
    *,
    fallbacks: bool = False,
) -> str:
    """The menu as Mermaid text.

    `shares` says of each way how large a part of the node's callers took it, 0 to 1. The nodes of `path`
    stand out. Wrong keys and silence are drawn where somebody went on by them, and with `fallbacks` anyway.
    """
    lines = ["flowchart LR"]
    lines += [f"  {_id(name)}{_box(node)}" for name, node in menu.nodes.items()]
    for node in menu.nodes.values():
        for way in exits(node):
            share = (shares or {}).get((way.origin, way.why, way.keys))
            drawn = fallbacks or share is not None or way.why in (Why.NEXT, Why.KEY)
            if way.to in menu.nodes and drawn:
                lines.append(f"  {_arrow(way, share)}")
    lines.append("  classDef path stroke-width:4px,stroke:#d9534f")
    lines += [f"  class {_id(name)} path" for name in menu.nodes if name in path]
    return "\n".join(lines)


def _arrow(way: Exit, share: float | None) -> str:
    label = way.keys if way.why is Why.KEY else _MARKS[way.why]
    if share is not None:
        label = f"{label} ({_percent(share)})".strip()
    line = "-.->" if way.why in (Why.WRONG_KEY, Why.SILENCE) else "-->"
    return (
        f'{_id(way.origin)} {line}|"{_plain(label)}"| {_id(way.to)}'
        if label
        else f"{_id(way.origin)} {line} {_id(way.to)}"
    )


def _percent(share: float) -> str:
    """A share in per cent, and never a false 0 or 100."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def _box(node: Node) -> str:
    """The shape says what happens at the node; the second line says where it leads out to."""
    match node:
        case Announce():
            return f'["{_plain(node.name)}"]'
        case Choose():
            return f'{{{{"{_plain(node.name)}"}}}}'
        case Enter():
            return f'[/"{_plain(node.name)}: {node.entry.value}"/]'
        case Queue() | BookCallBack() | Emergency():
            return f'(["{_plain(node.name)} → {_plain(node.skill)}"])'
        case Inform():
            return f'[("{_plain(node.name)}")]'


def _id(name: str) -> str:
    """A name that is no word of Mermaid's own, such as `end`."""
    return f"n_{name.replace('-', '_')}"


def _plain(text: str) -> str:
    return text.replace('"', "'").replace("#", "♯")
