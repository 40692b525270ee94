"""The table of live calls: a row comes at its place, and those that stay are left alone."""

from nicegui import Client, ui

from vagtcentral.console.pages.live_table import LiveTable


def order(table: LiveTable) -> list[str]:
    return [row.default_slot.children[0].content for row in table._body.default_slot.children]


def shown(*names: str) -> dict[str, list[str]]:
    return {name: [name, "x"] for name in names}


async def test_a_row_that_comes_later_stands_where_it_belongs_and_the_others_are_left_alone():
    with Client(ui.page("/of-a-test"), request=None) as client:
        table = LiveTable("Live calls", ["112/114", "State"])
        table.show(shown("b", "d"))
        kept = {id(row) for row in table._body.default_slot.children}
        table.show(shown("a", "b", "c", "d", "e"))
        assert order(table) == ["a", "b", "c", "d", "e"]
        assert kept <= {id(row) for row in table._body.default_slot.children}
        table.show(shown("b", "c", "e"))
        assert order(table) == ["b", "c", "e"]
        table.show(shown("b", "c", "d", "e"))
        assert order(table) == ["b", "c", "d", "e"]
        client.delete()
