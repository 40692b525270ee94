"""The way of a call through the menus: drawn, and as a table that says the same."""

from collections.abc import Sequence

from nicegui import ui

from vagtcentral.console.pages.call_story import Step
from vagtcentral.console.pages.format import clock_time
from vagtcentral.console.pages.parts import flowchart_of, panel, table, text
from vagtcentral.console.pages.shell import Visit
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.menus.flowchart import flowchart


def draw_path(visit: Visit, record: CallRecord, steps: Sequence[Step]) -> None:
    """Draw each menu that the caller went through, outlining the nodes that he came to."""
    if not steps:
        return
    say = visit.say
    with panel(say("menu_path")):
        for name in dict.fromkeys(step.menu for step in steps):
            menu = visit.live.setting.menus.get(name)
            if menu is None:
                text("p", say("menu_not_there", name=name), "notice")
                continue
            text("h3", say("menu_path_of", name=name))
            if name == record.menu and menu.sha256 != record.menu_sha256:
                text("p", say("menu_changed"), "notice")
            nodes = {step.node for step in steps if step.menu == name}
            drawn = ui.element("div").classes("wide-scroll").props("tabindex=0 role=group")
            drawn.props["aria-label"] = say("menu_path_of", name=name)
            with drawn:
                flowchart_of(flowchart(menu, path=nodes), dark=visit.dark)
        rows = [
            [str(place), clock_time(step.at), step.menu, step.node, step.keys or "–"]
            for place, step in enumerate(steps, 1)
        ]
        headings = ("step_number", "col_time", "step_menu", "step_node", "step_keys")
        table([say(one) for one in headings], rows, name=say("menu_path"))
