"""One shape of errors below `/api/`, whatever is asked; and pages for what is not there."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.browser.conftest import DEVELOPER, SUPERVISOR, Console, MakeConsole
from vagtcentral.console.words import LANGUAGES, say_in

ODD = ("%00", "%0a", "%22%20x=%22y", "%3Cscript%3E", "%5C", "a" * 3000, "%f0%9f%98%80", "%ff")


@pytest.fixture
async def console(make_console: MakeConsole) -> Console:
    return await make_console(sim_every_s=3600)


@contextmanager
def signed_in(console: Console, account: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=console.url, timeout=30) as client:
        given = {"name": account, "password": console.passwords[account]}
        assert client.post("/api/sign-in", json=given).status_code == 200
        yield client


def test_whatever_is_asked_below_api_an_error_is_a_problem_document(console: Console) -> None:
    asked = [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/", 404),
        ("PUT", "/api/calls", 405),
        ("DELETE", "/api/me", 405),
        ("GET", "/api/operators/anna/ready", 405),
        ("GET", "/api/calls/x%2Fy", 404),
        ("GET", "/api/calls/%00", 404),
        ("GET", "/api/calls/%ff", 404),
        ("GET", "/api/calls?limit=many", 422),
        ("GET", "/api/calls/nothing/recordings/nothing", 404),
        ("GET", "/api/openapi.json", 403),
        ("POST", "/api/operators/anna/ready", 403),
        ("POST", "/api/sign-in", 422),
    ]
    with signed_in(console, SUPERVISOR) as client:
        for method, path, status in asked:
            answer = client.request(method, path)
            where = (method, path, answer.text)
            assert answer.status_code == status, where
            assert answer.headers["content-type"] == "application/problem+json", where
            assert set(answer.json()) == {"type", "title", "status", "detail"}, where
            assert answer.json()["status"] == status, where
        assert client.put("/api/calls").headers["allow"] == "GET"
    assert "Traceback" not in console.log


def test_wrong_methods_elsewhere_are_problems_too(console: Console) -> None:
    for method, path, allowed in (
        ("DELETE", "/health/live", "GET, HEAD"),
        ("POST", "/health/ready", "GET, HEAD"),
        ("PUT", "/metrics", "GET"),
        ("GET", "/aml", "POST"),
    ):
        answer = httpx.request(method, console.url + path)
        where = (method, path, answer.text)
        assert answer.status_code == 405, where
        assert answer.headers["content-type"] == "application/problem+json", where
        assert answer.headers["allow"] == allowed, where
    assert httpx.get(console.url + "/sign-in").status_code == 200, "a page may have the path of a route"


def test_a_page_that_is_not_there_is_said_so_in_the_readers_language(console: Console) -> None:
    for language in LANGUAGES:
        answer = httpx.get(f"{console.url}/no-such-page", headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert say_in(language)("no_such_page") in answer.text
        assert f'lang="{language}"' in answer.text
    assert "no-such-page" not in console.log


def test_no_odd_id_makes_a_page_fail(console: Console) -> None:
    for account, page in ((SUPERVISOR, "calls"), (DEVELOPER, "replay")):
        with signed_in(console, account) as client:
            for odd in ODD:
                assert client.get(f"/{page}/{odd}").status_code == 200, odd
    assert "Traceback" not in console.log
