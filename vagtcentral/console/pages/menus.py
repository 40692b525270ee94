"""The menus drawn, with what is odd about them and what callers choose."""

from nicegui import ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.live import used_menus
from vagtcentral.console.pages.format import percent
from vagtcentral.console.pages.parts import flowchart_of, named, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.menu_use import HUNG_UP, shares_of
from vagtcentral.evaluation.search import CallQuery, search_calls
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.flowchart import flowchart
from vagtcentral.menus.graph import Why, exits
from vagtcentral.menus.lint import lint
from vagtcentral.menus.load import find_menu, read_menu
from vagtcentral.menus.model import Menu

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
        shares, calls = shares_of(journals, name)
        with panel(visit.say("menu_of", name=name), classes="menu"):
            _facts(visit, menu)
            drawn = ui.element("div").classes("wide-scroll").props("tabindex=0 role=group")
            with named(drawn, visit.say("menu_drawn")):
                flowchart_of(flowchart(menu, shares), dark=visit.dark)
            _options(visit, menu, dict(shares), calls)
            _findings(visit, name)


async def _turns(store: Store, call_id: str) -> list[Turn]:
    """The journal of a call; a damaged one is left out, as `db check` tells of it."""
    try:
        return await store.read_turns(call_id)
    except JournalError:
        return []


def _facts(visit: Visit, menu: Menu) -> None:
    say = visit.say
    languages = ", ".join(menu.languages)
    text("p", say("menu_facts", nodes=len(menu.nodes), languages=languages, sha=menu.sha256[:12]), "soft")
    if menu.synthetic:
        text("p", say("menu_synthetic"), "soft")


def _options(visit: Visit, menu: Menu, shares: dict[tuple[str, str], float], calls: int) -> None:
    """The drawing as a table: whoever cannot see it has the same."""
    say = visit.say
    text("h3", say("menu_table"))
    text("p", say("menu_shares_of", calls=calls) if calls else say("menu_no_calls"), "soft")
    rows = []
    for node in menu.nodes.values():
        ways = [way for way in exits(node) if way.why in (Why.KEY, Why.NEXT)]
        for way in ways:
            share = shares.get((node.name, way.keys))
            told = "–" if share is None else percent(share)
            rows.append([node.name, way.keys or say("menu_no_key"), way.to, told])
        gave_up = shares.get((node.name, HUNG_UP))
        if gave_up is not None and ways:
            rows.append([node.name, say("menu_hung_up"), "–", percent(gave_up)])
    table([say("menu_node"), say("menu_key"), say("menu_leads_to"), say("menu_share")], rows)


def _findings(visit: Visit, name: str) -> None:
    say = visit.say
    text("h3", say("menu_findings"))
    findings = lint(read_menu(find_menu(visit.services.settings.menus.get(name, name))))
    if not findings:
        text("p", say("menu_no_findings"), "soft")
        return
    rows = [[f"{one.severity}: {one.rule}", str(one.line), one.message] for one in findings]
    table([say("finding_rule"), say("finding_line"), say("finding_text")], rows)
