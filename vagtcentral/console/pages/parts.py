"""Pieces that pages are put together from, with the names and roles that assistive technology needs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from nicegui import ui

from vagtcentral.console.pages.in_place import literal, put_value

#: So many characters of what is written are taken.
LONGEST = 2_000


def named(element: Any, name: str) -> Any:
    """The element with the name by which assistive technology calls it.

    Data go into `props` as values, as here: written into its string they could add attributes of their own.
    """
    element.props["aria-label"] = name
    return element


def panel(heading: str, *, classes: str = "", headed: bool = True) -> AbstractContextManager[Any]:
    """A section of the page with its heading; what the block adds stands under it.

    A heading that would tell nobody who sees the section anything is only read out: `headed=False`.
    """
    section: AbstractContextManager[Any] = named(ui.element("section").classes(f"panel {classes}"), heading)
    with section:
        text("h2", heading, "" if headed else "sr-only")
    return section


def text(tag: str, words: str, classes: str = "") -> Any:
    """An element that holds nothing but text."""
    made = ui.element(tag).classes(classes)
    with made:
        ui.html(_escaped(words), sanitize=False, tag="span")
    return made


def button(
    label: str,
    act: Callable[[], Any],
    *,
    key: str | None = None,
    kind: str = "",
    name: str | None = None,
    pressed: bool | None = None,
) -> Any:
    """A button. `key` does the same; `name` is what the button is called where its label is too short."""
    made = ui.element("button").props("type=button").classes(f"act {kind}").on("click", act)
    if name is not None:
        named(made, name)
    if pressed is not None:
        made.props["aria-pressed"] = literal(pressed)
    shown = _escaped(label) + (f" <kbd>{_escaped(key)}</kbd>" if key else "")
    with made:
        ui.html(shown, sanitize=False, tag="span")
    return made


def facts(rows: Mapping[str, str]) -> Any:
    """Names and values, one under the other."""
    made = ui.element("dl").classes("facts")
    with made:
        for name, value in rows.items():
            text("dt", name)
            text("dd", value)
    return made


class Answer:
    """What stands in a field of a form now, as the browser last told. `heard` is called with each change."""

    def __init__(self, element: ui.element, value: str, event: str) -> None:
        self.value = value
        self.heard: Callable[[str], None] = lambda value: None
        self._element = element
        element.on(event, self._told, js_handler="(e) => emit(e.target.value)")

    def _told(self, event: Any) -> None:
        self.value = str(event.args)[:LONGEST]
        self.heard(self.value)

    def show(self, value: str) -> None:
        """Write this into the field, unless it stands there."""
        if value != self.value:
            self.value = value
            put_value(self._element, value)


def choice(label: str, options: Mapping[str, str], value: str, *, classes: str = "field") -> Answer:
    """A list to choose from, with its label; the answer's value is the key chosen."""
    with ui.element("label").classes(classes):
        ui.label(label)
        made = ui.element("select")
        with made:
            for key, shown in options.items():
                with ui.element("option") as option:
                    option.props["value"] = key
                    if key == value:
                        option.props["selected"] = True
                    ui.html(_escaped(shown), sanitize=False, tag="span")
    return Answer(made, value, "change")


def entry(label: str, value: str = "", *, wide: bool = False, lines: int = 1, kind: str = "text") -> Answer:
    """A field to write in, with its label; the answer's value is what stands in it."""
    with ui.element("label").classes("field wide" if wide else "field"):
        ui.label(label)
        if lines > 1:
            made = ui.element("textarea").props(f"rows={lines}")
        else:
            made = ui.element("input").props("autocomplete=off")
            made.props["type"] = kind
        # Not `value`: Vue would write that again with every change of the page, over what is typed.
        made.props["defaultValue"] = value
    return Answer(made, value, "input")


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, name: str = "") -> Any:
    """A plain table of texts with a heading for each column."""
    made = ui.element("table").classes("plain")
    if name:
        named(made, name)
    with made:
        with ui.element("thead"), ui.element("tr"):
            for heading in headings:
                text("th", heading).props("scope=col")
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for cell in row:
                        text("td", cell)
    return made


def flowchart_of(mermaid: str, *, dark: bool) -> Any:
    """A drawing in Mermaid's language, in the colours of the page."""
    ground, ink, line = ("#1a232c", "#e8eef3", "#a9b7c3") if dark else ("#ffffff", "#14202b", "#4a5a68")
    colours = {
        "background": ground,
        "primaryColor": ground,
        "primaryTextColor": ink,
        "primaryBorderColor": line,
        "lineColor": line,
        "textColor": ink,
        "edgeLabelBackground": ground,
    }
    return ui.mermaid(mermaid, config={"theme": "base", "themeVariables": colours})
