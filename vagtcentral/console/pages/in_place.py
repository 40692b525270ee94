"""Changes written straight into the page, past the framework that has drawn it.

Told of one other word, the framework looks through every element of the page (some 10 ms of the browser's
time); a desk changes several times a second. So the change is made in the browser's document directly, and
in the server's own picture of the element, which is what a page loaded anew is drawn from.

Changes of one moment go to the browser together, in their order.
"""

import asyncio
import json
from html import escape
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import Client, ui

#: What does it in the browser. An element that is not there has gone since.
_WRITE = """<script>
window.vagtcentralWrite = (changes) => {
  for (const [id, what, name, value] of changes) {
    const element = document.getElementById("c" + id);
    if (!element) continue;
    if (what === "html") element.innerHTML = value;
    else if (what === "more") element.insertAdjacentHTML("beforeend", value);
    else if (what === "value") element.value = value;
    else if (what === "class") element.classList.toggle(name, value);
    else element.setAttribute(name, value);
  }
};
</script>"""

#: Changes that are not sent yet, by page.
_pending: WeakKeyDictionary[Client, list[tuple[int, str, str, Any]]] = WeakKeyDictionary()


def install_in_place() -> None:
    """Give the page that is being drawn now what changes it in place."""
    ui.add_head_html(_WRITE)


def writing(tag: str, words: str = "", classes: str = "") -> Any:
    """A text that `rewrite` can change: focus and selection stay where they are."""
    return ui.html(escape(words, quote=False), sanitize=False, tag=tag).classes(classes)


def rewrite(element: Any, words: str) -> None:
    """Other words for a `writing`."""
    put_html(element, escape(words, quote=False))


def put_html(element: Any, html: str) -> None:
    """Other content for an element of HTML."""
    if element.content != html:
        with element.props.suspend_updates():
            element.content = html
        _send(element, "html", "", html)


def add_html(element: Any, html: str) -> None:
    """More content for an element of HTML, after what is there."""
    with element.props.suspend_updates():
        element.content += html
    _send(element, "more", "", html)


def put_value(element: Any, value: str) -> None:
    """Another value for a field, over what stands in it. The server's picture has what it was drawn with."""
    _send(element, "value", "", value)


def shown_if(element: Any, visible: bool) -> None:
    """Show or hide an element. The server does not listen to one that is hidden."""
    if element.visible != visible:
        with element.classes.suspend_updates():
            element.set_visibility(visible)
        _send(element, "class", "hidden", not visible)


def toggled(element: Any, name: str, there: bool) -> None:
    """Give an element this class, or take it away."""
    if (name in element.classes) != there:
        with element.classes.suspend_updates():
            element.classes(add=name if there else "", remove="" if there else name)
        _send(element, "class", name, there)


def pressed(button: Any, on: bool) -> None:
    """Say of a button that stays in, to assistive technology too, whether it is in."""
    value = literal(on)
    if button.props.get("aria-pressed") != value:
        with button.props.suspend_updates():
            button.props["aria-pressed"] = value
        _send(button, "attribute", "aria-pressed", value)


def _send(element: Any, what: str, name: str, value: Any) -> None:
    client = element.client
    if client not in _pending:
        _pending[client] = []
        asyncio.get_running_loop().call_soon(send_now, client)
    _pending[client].append((element.id, what, name, value))


def send_now(client: Client) -> None:
    """Send what has changed so far, before whatever is sent to this page next."""
    changes = _pending.pop(client, None)
    if changes and not client.is_deleted:
        client.run_javascript(f"vagtcentralWrite({literal(changes)})")


def literal(value: Any) -> str:
    """A JavaScript literal that nothing in it can end."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
