"""Where callers are, through `vagtcentral serve` on a real switch: in the INVITE, and posted to `/aml`."""

import asyncio
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from tests.asterisk.located import call_with_position, circle, document
from tests.asterisk.ports import free_port, media_port
from tests.asterisk.serving import ControlRoom
from tests.asterisk.sipp import operator_phone, place_calls
from tests.asterisk.switch import Switch
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.ivr.commands import Enqueue
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.menus.prompts import PromptStore

COPENHAGEN, AARHUS = "55.6761 12.5683", "56.1572 10.2107"
#: Nobody's phone: whoever is offered a call cannot be rung, and the caller waits.
ABSENT: list[dict[str, Any]] = [{"name": "anna", "skills": ["emergency"], "endpoint": "PJSIP/anna"}]
HASH = "sha256"


@asynccontextmanager
async def control_room(
    folder: Path,
    switch: Switch,
    prompts: PromptStore,
    staff: list[dict[str, Any]] = ABSENT,
    **settings: object,
) -> AsyncIterator[ControlRoom]:
    room = ControlRoom(folder / "room", switch, staff, prompts.folder, log_level="DEBUG", **settings)
    await room.start()
    try:
        yield room
    finally:
        room.stop()


def address(switch: Switch) -> str:
    return f"127.0.0.1:{switch.sip_port}"


def form(number: str, place: str = COPENHAGEN) -> bytes:
    """What a handset posts (AML over HTTPS)."""
    latitude, longitude = place.split()
    now_ms = str(time.time_ns() // 1_000_000)
    fields = {
        "v": "1",
        "device_number": number,
        "location_latitude": latitude,
        "location_longitude": longitude,
        "time": now_ms,
        "location_time": now_ms,
        "location_accuracy": "12",
        "location_source": "GPS",
        "location_certainty": "83",
        "device_imei": "354773072099116",
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items()).encode()


def signed(body: bytes, key: str) -> bytes:
    return body + b"&hmac=" + hmac.new(key.encode(), body, HASH).hexdigest().encode()


def text_message(number: str, place: str = COPENHAGEN) -> bytes:
    """What a text message gateway posts."""
    latitude, longitude = (f"+{float(part):010.5f}" for part in place.split())
    text = (
        f'A"ML=1;lt={latitude[0]}{latitude[2:]};lg={longitude};rd=10;top=20261122120000;lc=95;pm=G;'
        "si=238019176307582;ei=354773072099116;mcc=238;mnc=01;ml=128"
    )
    return json.dumps({"from": number, "text": text, "id": "m-1"}).encode()


async def post(room: ControlRoom, body: bytes, **headers: str) -> int:
    """Deliver to `POST /aml`; it must answer 2xx with an id, whatever comes. Gives the status."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{room.url}/aml", data=body, headers=headers) as answer,
    ):
        assert set(await answer.json()) == {"id"}
        assert 200 <= answer.status < 300
        return answer.status


async def call(switch: Switch, folder: Path, number: str, stay_s: float, service: str = "112") -> None:
    """Somebody calls, stays so long, and hangs up."""
    placed = await place_calls(
        address(switch),
        service,
        [number],
        rate=1,
        keys={},
        stay_ms=round(stay_s * 1000),
        folder=folder / f"call-{number.lstrip('+')}",
        media_port=media_port(),
    )
    assert (placed.successful, placed.failed) == (1, 0), placed.complaint


async def until(room: ControlRoom, number: str, is_so: Callable[[CallRecord], object]) -> None:
    """Return when this can be said of the call from that number."""
    async with asyncio.timeout(30):
        while not any(one.caller == number and is_so(one) for one in await room.records()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def records(room: ControlRoom, calls: int) -> dict[str | None, CallRecord]:
    """The closed records, by the caller's number as the network gave it."""
    found = {record.caller: record for record in await room.until_closed(calls)}
    assert len(found) == calls
    assert await room.findings() == []
    return found


async def locations(room: ControlRoom, record: CallRecord) -> list[LocationReceived]:
    """The location messages in the journal of a call."""
    events = [turn.event for turn in await room.turns(record.call_id)]
    return [event for event in events if isinstance(event, LocationReceived)]


def stored(room: ControlRoom) -> list[tuple[Any, ...]]:
    """Every location message: number, usable, anomalies, whether a call has it."""
    with closing(sqlite3.connect(room.store)) as connection:
        query = "SELECT number, usable, anomalies, call_id IS NOT NULL FROM location_messages ORDER BY at"
        return [
            (number, bool(usable), json.loads(anomalies), bool(of_call))
            for number, usable, anomalies, of_call in connection.execute(query)
        ]


def place_of(record: CallRecord) -> tuple[Any, ...] | None:
    position = record.position
    if position is None:
        return None
    return tuple(position[name] for name in ("latitude", "longitude", "radius_m", "confidence", "source"))


# --- in the call's signalling -----------------------------------------------------------------


async def test_the_position_in_the_invite_is_that_of_the_record(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    sent = {
        "4520300001": circle(COPENHAGEN, "30", "68"),
        "4520300002": circle(AARHUS, "150"),
        "4520300003": document(
            f'<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{COPENHAGEN}</gml:pos></gml:Point>'
        ),
    }
    async with control_room(tmp_path, switch, prompts) as room, asyncio.TaskGroup() as callers:
        for number, position in sent.items():
            folder = tmp_path / number
            callers.create_task(
                call_with_position(address(switch), "112", number, position, stay_ms=4_000, folder=folder)
            )
        found = await records(room, len(sent))
        assert place_of(found["4520300001"]) == (55.6761, 12.5683, 30.0, 0.68, "sip")
        assert place_of(found["4520300002"]) == (56.1572, 10.2107, 150.0, 0.95, "sip")
        assert place_of(found["4520300003"]) == (55.6761, 12.5683, None, None, "sip")
        assert [found[number].district for number in sent] == ["1470", "1461", "1470"]
        (event,) = await locations(room, found["4520300001"])
        assert event.form is LocationForm.GEOLOC


async def test_a_malformed_position_in_the_invite_does_not_hurt_the_call(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    """What the switch cannot read it keeps to itself; what it passes on is refused with a reason."""
    pidf = "application/pidf+xml"
    sent: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "4520300011": (pidf, "this is no XML", ()),
        "4520300012": (pidf, circle(COPENHAGEN, "30")[:-200], ()),
        "4520300013": (pidf, document(""), ()),
        "4520300014": (pidf, circle("91.5 12.5683", "30"), ("geoloc-bad-coordinate",)),
        "4520300015": (pidf, circle("12.5683 55.6761", "30"), ("geoloc-axes-swapped",)),
        "4520300016": (pidf, circle("here there", "far"), ("geoloc-bad-coordinate",)),
        "4520300017": ("text/plain", "somewhere", ()),
    }
    async with control_room(tmp_path, switch, prompts) as room, asyncio.TaskGroup() as callers:
        for number, (kind, position, _) in sent.items():
            callers.create_task(
                call_with_position(
                    address(switch),
                    "112",
                    number,
                    position,
                    stay_ms=9_000,
                    folder=tmp_path / number,
                    content_type=kind,
                )
            )
            await asyncio.sleep(0.5)  # one after the other: a busy machine starts seven programs slowly
        found = await records(room, len(sent))
    for number, (_, _, anomalies) in sent.items():
        record = found[number]
        assert (record.outcome, record.position) == ("abandoned_in_queue", None)
        assert record.anomalies == anomalies


async def test_an_address_in_the_document_is_not_visited(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    visitors = []

    def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitors.append(writer)
        writer.close()

    async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        elsewhere = f'?><!DOCTYPE presence SYSTEM "http://127.0.0.1:{port}/presence.dtd">'
        position = circle(COPENHAGEN, "30").replace("?>", elsewhere, 1)
        async with control_room(tmp_path, switch, prompts) as room:
            await call_with_position(
                address(switch), "112", "4520300018", position, stay_ms=2_000, folder=tmp_path / "caller"
            )
            (record,) = (await records(room, 1)).values()
    assert place_of(record) == (55.6761, 12.5683, 30.0, 0.95, "sip")
    assert visitors == []


# --- posted to /aml ---------------------------------------------------------------------------


async def test_messages_before_during_and_after_the_call_reach_it_however_the_number_is_written(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    before, during, after = "20300021", "+4520300022", "004520300023"
    async with control_room(tmp_path, switch, prompts) as room:
        assert await post(room, form("+4520300021")) == 202
        async with asyncio.TaskGroup() as callers:
            for number in (before, during):
                callers.create_task(call(switch, tmp_path, number, 6))
            callers.create_task(call(switch, tmp_path, after, 2))
            await until(room, during, lambda record: record.node)
            assert await post(room, text_message("004520300022", AARHUS)) == 200
            assert await post(room, text_message("20300022", AARHUS)) == 202, "the same message again"
        found = await records(room, 3)
        assert await post(room, form("20300023")) == 200
        room.kill()  # and so the program has forgotten the call
        await room.start()
        assert await post(room, form("+45 20 30 00 23", AARHUS)) == 200
        await until(room, after, lambda record: record.anomalies)  # the record follows the message
        async with asyncio.timeout(30):
            while len(await locations(room, (await records(room, 3))[after])) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        found = await records(room, 3)

        assert place_of(found[before]) == (55.6761, 12.5683, 12.0, 0.83, "gnss")
        assert found[before].district == "1470"
        assert [event.form for event in await locations(room, found[before])] == [LocationForm.AML_HTTPS]
        assert place_of(found[during]) == (56.1572, 10.2107, 10.0, 0.95, "gnss")
        assert [event.form for event in await locations(room, found[during])] == [LocationForm.AML_SMS]
        assert (found[after].position, found[after].anomalies) == (None, ("location-after-close",))
        turns = (await room.turns(found[after].call_id))[-2:]
        assert [turn.commands for turn in turns] == [(), ()]
        assert [type(turn.event) for turn in turns] == [LocationReceived, LocationReceived]
        assert [row[::3] for row in stored(room)] == [
            ("+4520300021", True),
            ("+4520300022", True),
            ("+4520300022", False),
            ("+4520300023", True),
            ("+4520300023", True),
        ]
        log = room.log.read_text()
        assert "aml " in log
        assert not [personal for personal in ("203000", "55.67", "56.15", "35477307") if personal in log]


async def test_a_message_that_was_answered_waits_for_its_call_over_a_power_cut(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    async with control_room(tmp_path, switch, prompts) as room:
        assert await post(room, form("+4520300031")) == 202
        room.kill()
        await room.start()
        await call(switch, tmp_path, "20300031", 1.5)
        (record,) = (await records(room, 1)).values()
        assert place_of(record) == (55.6761, 12.5683, 12.0, 0.83, "gnss")
        assert [row[3] for row in stored(room)] == [True]


async def test_a_message_outside_the_window_is_kept_and_given_to_no_call(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    async with control_room(tmp_path, switch, prompts, aml_window_s=1) as room:
        assert await post(room, form("+4520300041")) == 202
        await asyncio.sleep(2)
        await call(switch, tmp_path, "20300041", 1.5)
        (record,) = (await records(room, 1)).values()
        assert (record.position, await locations(room, record)) == (None, [])
        assert [row[3] for row in stored(room)] == [False]


async def test_with_keys_only_messages_that_prove_their_sender_reach_the_call(
    switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    number, keys = "20300051", {"aml_hmac_key": "a key", "aml_hmac_hash": HASH, "aml_gateway_token": "token"}
    async with control_room(tmp_path, switch, prompts, **keys) as room, asyncio.TaskGroup() as callers:
        callers.create_task(call(switch, tmp_path, number, 8))
        await until(room, number, lambda record: record.node)
        assert await post(room, form(number)) == 202
        assert await post(room, signed(form(number), "another key")) == 202
        assert await post(room, text_message(number), Authorization="Bearer wrong") == 202
        assert await post(room, signed(form(number, AARHUS), "a key")) == 200
        assert await post(room, text_message(number, AARHUS), Authorization="Bearer token") == 200
        (record,) = (await records(room, 1)).values()
        assert [event.form for event in await locations(room, record)] == [
            LocationForm.AML_HTTPS,
            LocationForm.AML_SMS,
        ]
        assert record.district == "1461"
        assert [(usable, of_call) for _, usable, _, of_call in stored(room)] == [
            (False, False),
            (False, False),
            (False, False),
            (True, True),
            (True, True),
        ]
        assert [row[2][0] for row in stored(room)[:3]] == ["hmac-invalid", "hmac-invalid", "token-invalid"]


async def test_garbage_is_answered_and_kept_raw(switch: Switch, prompts: PromptStore, tmp_path: Path) -> None:
    garbage = (b"", b"hello", b"\x00\xff\xfe", b"{", b"[" * 50_000, b"\x1f\x8b\x08")
    async with control_room(tmp_path, switch, prompts) as room:
        for body in garbage:
            assert await post(room, body) == 202
        with closing(sqlite3.connect(room.store)) as connection:
            kept = [row[0] for row in connection.execute("SELECT content FROM location_messages ORDER BY at")]
    assert kept == ["", "hello", "\x00ÿþ", "{", "[" * 50_000, "\x1f\x8b\x08"]


async def test_a_better_position_moves_the_waiting_caller_to_the_operators_of_his_district(
    make_switch: Callable[..., Switch], prompts: PromptStore, tmp_path: Path
) -> None:
    """By the network he is in Aarhus, for which nobody works; by his handset in Copenhagen, where anna is."""
    port, number = free_port(), "20300061"
    phone = OperatorPhone(name="anna", contact=f"127.0.0.1:{port}")
    switch = make_switch(prompt_folders=(prompts.folder,), operators=(phone,))
    staff = [{"name": "anna", "skills": ["local"], "district": "1470", "endpoint": "PJSIP/anna"}]
    async with (
        operator_phone(tmp_path / "operators", port),
        control_room(tmp_path, switch, prompts, staff, wrap_up_s=1) as room,
        asyncio.TaskGroup() as callers,
    ):
        callers.create_task(
            call_with_position(
                address(switch),
                "114",
                number,
                circle(AARHUS, "500"),
                stay_ms=25_000,
                folder=tmp_path / "caller",
                keys={14_000: "5"},
            )
        )
        await until(room, number, lambda record: record.waiting_since)
        await asyncio.sleep(3)
        (waiting,) = await room.records()
        assert (waiting.operator, waiting.destination_district) == (None, "1461")
        assert await post(room, form(f"+45{number}")) == 200
        (record,) = (await records(room, 1)).values()
        assert (record.outcome, record.operator, record.destination_district) == ("answered", "anna", "1470")
        assert 3 < record.waited_s < 20, "not by the overflow to everybody, which takes 90 s"
        asked = [command for turn in await room.turns(record.call_id) for command in turn.commands]
        assert [each.district for each in asked if isinstance(each, Enqueue)] == ["1461", "1470"]
