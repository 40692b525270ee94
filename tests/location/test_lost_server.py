"""The LoST endpoint over HTTP."""

import logging

import httpx
import pytest
from lxml import etree

from tests.location.test_lost import AT, FIND, LOST, directory, grammar
from vagtcentral.location.atlas import Atlas

fastapi = pytest.importorskip("fastapi", reason="the web extra is not installed")
lost_server = pytest.importorskip("vagtcentral.console.lost_server")


def client(atlas=None, **settings):
    app = fastapi.FastAPI()
    routes = lost_server.lost_routes(atlas or Atlas.built_in(), directory(), now=lambda: AT, **settings)
    app.include_router(routes)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://lost.police.example")


def root_of(answer):
    """Every LoST answer is 200 and not kept by caches (RFC 5222, section 14)."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/lost+xml"
    assert answer.headers["cache-control"] == "no-cache"
    root = etree.fromstring(answer.content)
    assert grammar().validate(root)
    return root


async def test_a_request_is_answered():
    async with client() as lost:
        answer = await lost.post("/lost", content=FIND, headers={"Content-Type": "application/lost+xml"})
    assert root_of(answer).find(f".//{LOST}uri").text == "sip:1470@police.example"


@pytest.mark.parametrize("content", [b"", b"rubbish", b"<a/>", b"\xff\xfe\0", b"x" * 10_000_000])
async def test_rubbish_and_10_mb_get_a_bad_request(content):
    async with client() as lost:
        root = root_of(await lost.post("/lost", content=content))
    assert [etree.QName(error).localname for error in root] == ["badRequest"]


async def test_a_body_over_the_limit_is_not_read_to_its_end():
    sent = []

    async def endless():
        for _ in range(1000):
            sent.append(1)
            yield b"x" * 1000

    async with client(largest=5000) as lost:
        root_of(await lost.post("/lost", content=endless()))
    assert len(sent) < 10


async def test_a_fault_inside_is_an_internal_error_and_logs_no_place(caplog):
    class Broken:
        def locate(self, position):
            raise RuntimeError(f"secret place {position}")

    with caplog.at_level(logging.ERROR):
        async with client(Broken()) as lost:
            root = root_of(await lost.post("/lost", content=FIND))
    assert [etree.QName(error).localname for error in root] == ["internalError"]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_only_posting_is_possible():
    async with client() as lost:
        assert (await lost.get("/lost")).status_code == 405
