"""Changes in place: what goes to the browser, and that the server's picture of the page is the same."""

import asyncio
import json
from contextlib import contextmanager

import pytest
from nicegui import Client, ui

from vagtcentral.console.pages.in_place import (
    add_html,
    literal,
    pressed,
    put_html,
    rewrite,
    send_now,
    shown_if,
    toggled,
    writing,
)


@contextmanager
def page():
    """A page of nobody, and the changes that went to its browser, message by message."""
    client, sent = Client(ui.page("/of-a-test"), request=None), []
    client.run_javascript = lambda code: sent.append(
        json.loads(code.removeprefix("vagtcentralWrite(").removesuffix(")"))
    )
    with client:
        yield client, sent
        client.delete()


async def test_changes_of_one_moment_go_together_in_their_order():
    with page() as (_, sent):
        one, other = writing("p", "a"), ui.html("", sanitize=False)
        rewrite(one, "1 < 2")
        put_html(other, "<p>x</p>")
        add_html(other, "<p>y</p>")
        toggled(one, "alarm", True)
        shown_if(other, False)
        pressed(one, True)
        assert sent == []
        await asyncio.sleep(0)
        assert sent == [
            [
                [one.id, "html", "", "1 &lt; 2"],
                [other.id, "html", "", "<p>x</p>"],
                [other.id, "more", "", "<p>y</p>"],
                [one.id, "class", "alarm", True],
                [other.id, "class", "hidden", True],
                [one.id, "attribute", "aria-pressed", "true"],
            ]
        ]


async def test_the_server_knows_what_the_browser_was_told_and_has_nothing_else_to_tell():
    with page() as (client, _):
        one = writing("p", "a")
        client.outbox.updates.clear()
        rewrite(one, "b")
        toggled(one, "alarm", True)
        shown_if(one, False)
        pressed(one, True)
        drawn = one._to_dict()
        assert drawn["props"]["innerHTML"] == "b"
        assert drawn["props"]["aria-pressed"] == "true"
        assert set(drawn["class"]) == {"alarm", "hidden"}
        assert dict(client.outbox.updates) == {}


async def test_what_is_so_already_is_not_told_again():
    with page() as (_, sent):
        one = writing("p", "a", "alarm")
        rewrite(one, "a")
        toggled(one, "alarm", True)
        shown_if(one, True)
        await asyncio.sleep(0)
        assert sent == []


async def test_what_is_sent_now_is_not_sent_again():
    with page() as (client, sent):
        one = writing("p", "a")
        rewrite(one, "b")
        send_now(client)
        await asyncio.sleep(0)
        assert sent == [[[one.id, "html", "", "b"]]]


@pytest.mark.parametrize("value", ["</script>", "a\u2028b", "\"'\\", ["<!--", None, True]])
def test_a_literal_is_not_ended_by_anything_in_it(value):
    written = literal(value)
    assert json.loads(written) == value
    assert "<" not in written
    assert "\u2028" not in written
