"""Requests that another site's page began are refused; browsers of ours and programs are not."""

import pytest

from vagtcentral.console.accounts.origin import HANDSHAKE, objection

HOST = "console.example.dk"


def judged(method: str = "POST", host: str | None = HOST, origin: str | None = None, site: str | None = None):
    return objection(method, host=host, origin=origin, fetch_site=site)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_only_reads_may_come_from_anywhere(method: str) -> None:
    assert judged(method, origin="https://evil.example", site="cross-site") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "post", HANDSHAKE])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "nonsense", "Same-Origin"])
def test_what_another_site_begins_is_refused(method: str, site: str) -> None:
    assert judged(method, origin=f"https://{HOST}", site=site) == (
        "the request was begun by a page of another site"
    )


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_a_page_of_ours_may_change_things(site: str | None) -> None:
    assert judged(origin=f"https://{HOST}", site=site) is None
    assert judged(HANDSHAKE, origin=f"https://{HOST}", site=site) is None


def test_a_program_that_is_no_browser_may_post() -> None:
    assert judged() is None


def test_a_websocket_needs_an_origin() -> None:
    assert judged(HANDSHAKE) == "a WebSocket needs an Origin"
    assert judged(HANDSHAKE, site="same-origin") == "a WebSocket needs an Origin"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8114", "127.0.0.1:8114"),
        ("http://[::1]:8114", "[::1]:8114"),
        ("https://console.example.dk", "console.example.dk:443"),
        ("https://console.example.dk:443", "console.example.dk"),
        ("http://console.example.dk", "console.example.dk:80"),
        ("https://console.example.dk", "CONSOLE.example.dk"),
    ],
)
def test_the_same_place_written_otherwise_is_the_same_place(origin: str, host: str) -> None:
    assert judged(host=host, origin=origin) is None


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", HOST),
        ("", HOST),
        ("https://evil.example", HOST),
        ("https://evil.console.example.dk", HOST),
        (f"https://{HOST}.evil.example", HOST),
        (f"https://{HOST}:8443", HOST),
        ("http://localhost:8114", "127.0.0.1:8114"),
        ("http://127.0.0.1:8115", "127.0.0.1:8114"),
        (f"https://{HOST}", f"{HOST}:80"),
        (f"https://evil@{HOST}", HOST),
        (f"https://{HOST}/", HOST),
        (f"https://{HOST}?", f"{HOST}?"),
        (f"https://{HOST}", f"{HOST}/"),
        (f"https://{HOST}", f"evil@{HOST}"),
        (f"ftp://{HOST}", HOST),
        ("file://", HOST),
        (f"https://{HOST}:99999", f"{HOST}:99999"),
        ("https://[", HOST),
        (f"https://{HOST}", ""),
        (f"https://{HOST}", None),
        (f"https://{HOST}, https://evil.example", HOST),
    ],
)
@pytest.mark.parametrize("method", ["POST", HANDSHAKE])
def test_another_place_is_refused(method: str, origin: str, host: str | None) -> None:
    assert judged(method, host=host, origin=origin) == "the Origin is not the host that was asked"
