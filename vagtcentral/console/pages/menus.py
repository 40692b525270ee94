"""The menus drawn, with what is odd about them and what callers choose."""

from collections.abc import Iterator, Mapping

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.live import used_menus
from vagtcentral.console.pages.format import percent, word
from vagtcentral.console.pages.parts import flowchart_of, named, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.words import Say
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.menu_use import HUNG_UP, shares_of
from vagtcentral.evaluation.search import CallQuery, search_calls
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.flowchart import flowchart
from vagtcentral.menus.graph import Exit, Way, Why, exits
from vagtcentral.menus.lint import lint
from vagtcentral.menus.load import find_menu, read_menu
from vagtcentral.menus.model import Choose, Enter, Menu, Node

#: So many of the latest calls are counted for the shares.
CALLS_COUNTED = 500


@page("/menus", Permission.VIEW_MENUS, title="nav_menus")
async def menus(visit: Visit) -> None:
    """Every menu that a caller can get into."""
    store = visit.live.store
    latest = await search_calls(store, CallQuery(), limit=CALLS_COUNTED)
    journals = [await _turns(store, record.call_id) for record in latest.calls]
    for name in used_menus(visit.live.setting.menus):
        menu = visit.live.setting.menus[name]
        shares, calls = shares_of(journals, menu)
        with panel(visit.say("menu_of", name=name), classes="menu"):
            _facts(visit, menu)
            drawn = ui.element("div").classes("wide-scroll").props("tabindex=0 role=group")
            with named(drawn, visit.say("menu_drawn")):
                flowchart_of(flowchart(menu, shares), dark=visit.dark)
            _options(visit, menu, shares, calls)
            _findings(visit, name)


async def _turns(store: Store, call_id: str) -> list[Turn]:
    """The journal of a call; a damaged one is left out, as `db check` tells of it."""
    try:
        return await store.read_turns(call_id)
    except JournalError:
        return []


def _facts(visit: Visit, menu: Menu) -> None:
    say = visit.say
    languages = ", ".join(word("language", one, say) for one in menu.languages)
    text("p", say("menu_facts", nodes=len(menu.nodes), languages=languages, sha=menu.sha256[:12]), "soft")
    if menu.synthetic:
        text("p", say("menu_synthetic"), "soft")


def _options(visit: Visit, menu: Menu, shares: Mapping[Way, float], calls: int) -> None:
    """The drawing as a table: whoever cannot see it has the same."""
    say = visit.say
    text("h3", say("menu_table"))
    text("p", say("menu_shares_of", calls=calls) if calls else say("menu_no_calls"), "soft")
    rows = [row for node in menu.nodes.values() for row in option_rows(node, shares, say)]
    table([say("menu_node"), say("menu_key"), say("menu_leads_to"), say("menu_share")], rows)


def option_rows(node: Node, shares: Mapping[Way, float], say: Say) -> Iterator[list[str]]:
    """Each way on from a node, the share of its callers who took it, and last of those who hung up there."""

    def row(way: str, to: str, share: float | None) -> list[str]:
        return [node.name, way, to, "–" if share is None else percent(share)]

    # Whoever is located passes a node that asks for a place without coming to it: he counts at none.
    ways = [way for way in exits(node) if way.why is not Why.SKIPPED]
    for way in ways:
        yield row(_named(way, node, say), way.to, shares.get((node.name, way.why, way.keys)))
    for keys, option in node.options.items() if isinstance(node, Choose) else ():
        if option.effect is not None:
            yield row(keys, say(f"menu_{option.effect}"), shares.get((node.name, Why.KEY, keys)))
    gave_up = shares.get((node.name, HUNG_UP, ""))
    if gave_up is not None and ways:
        yield row(say("menu_hung_up"), "–", gave_up)


def _named(way: Exit, node: Node, say: Say) -> str:
    """What the caller does to take the way."""
    if way.why is Why.NEXT:
        return say("menu_entered" if isinstance(node, Enter) else "menu_no_key")
    return way.keys or say(f"menu_{way.why}")


def _findings(visit: Visit, name: str) -> None:
    say = visit.say
    text("h3", say("menu_findings"))
    findings = lint(read_menu(find_menu(visit.services.settings.menus.get(name, name))))
    if not findings:
        text("p", say("menu_no_findings"), "soft")
        return
    rows = [[f"{one.severity}: {one.rule}", str(one.line), one.message] for one in findings]
    table([say("finding_rule"), say("finding_line"), say("finding_text")], rows)
