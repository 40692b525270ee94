"""Requests: what is sent, what each failure is called, and what is sent again."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.ivr.asterisk.fake_ari import (
    PASSWORD,
    USER,
    FakeAri,
    Fault,
    bridge,
    channel,
    event,
    fake_ari,
    playback,
    recording,
)
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_errors import (
    AriError,
    Closed,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    ServerFault,
    Unreachable,
)
from vagtcentral.ivr.asterisk.ari_repeat import Repeat
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.ari_settings import AriTiming, Transport

QUICK = AriTiming(request_s=0.3, first_wait_s=0.01, longest_wait_s=0.05)


async def _settle(resynchronised: Resynchronised) -> None:
    pass


@asynccontextmanager
async def switch(
    transport: Transport = Transport.HTTP, timing: AriTiming = QUICK
) -> AsyncIterator[tuple[FakeAri, AriClient]]:
    """A fake with the caller's channel `c1` and a client connected to it; the log of requests is empty."""
    async with fake_ari() as fake:
        fake.channels["c1"] = channel("c1")
        client = AriClient(
            fake.url,
            USER,
            PASSWORD,
            "vagtcentral",
            on_event=lambda event: None,
            on_resync=_settle,
            transport=transport,
            timing=timing,
        )
        async with client:
            if transport is Transport.SOCKET:
                await asyncio.sleep(0.05)  # the switch has shown that it answers there
            fake.requests.clear()
            fake.bodies.clear()
            yield fake, client


# --- what is sent ---------------------------------------------------------------------------------

Command = Callable[[AriClient], Awaitable[Any]]
COMMANDS: list[tuple[Command, str, Any]] = [
    (lambda s: s.ping(), "GET asterisk/ping", None),
    (lambda s: s.answer("c1"), "POST channels/c1/answer", None),
    (lambda s: s.hangup("c1", "busy"), "DELETE channels/c1", None),
    (lambda s: s.ring("c1"), "POST channels/c1/ring", None),
    (lambda s: s.stop_ring("c1"), "DELETE channels/c1/ring", None),
    (lambda s: s.start_music("c1", "da"), "POST channels/c1/moh", {"mohClass": "da"}),
    (lambda s: s.stop_music("c1"), "DELETE channels/c1/moh", None),
    (lambda s: s.dial("c1", 15), "POST channels/c1/dial", {"timeout": 15}),
    (
        lambda s: s.send_dtmf("c1", "12#"),
        "POST channels/c1/dtmf",
        {"dtmf": "12#", "between": 100, "duration": 100},
    ),
    (
        lambda s: s.set_variable("c1", "X", "a,b=c&d"),
        "POST channels/c1/variable",
        {"variable": "X", "value": "a,b=c&d"},
    ),
    (
        lambda s: s.play("c1", "p1", ["sound:/a b/æ", "sound:digits/1"]),
        "POST channels/c1/play/p1",
        {"media": ["sound:/a b/æ", "sound:digits/1"]},
    ),
    (lambda s: s.play_to_bridge("b1", "p2", ["tone:x"]), "POST bridges/b1/play/p2", {"media": ["tone:x"]}),
    (lambda s: s.stop_playback("p0"), "DELETE playbacks/p0", None),
    (
        lambda s: s.originate("PJSIP/op1", "c2", caller_id="x", args=("op", "1"), variables={"V": "w"}),
        "POST channels/c2",
        {
            "endpoint": "PJSIP/op1",
            "app": "vagtcentral",
            "appArgs": "op,1",
            "timeout": 30,
            "callerId": "x",
            "variables": {"V": "w"},
        },
    ),
    (
        lambda s: s.create_channel("PJSIP/op1", "c3"),
        "POST channels/create",
        {"endpoint": "PJSIP/op1", "channelId": "c3", "app": "vagtcentral", "appArgs": ""},
    ),
    (lambda s: s.add_to_bridge("b1", "c1", "c2"), "POST bridges/b1/addChannel", {"channel": ["c1", "c2"]}),
    (lambda s: s.remove_from_bridge("b1", "c1"), "POST bridges/b1/removeChannel", {"channel": ["c1"]}),
    (lambda s: s.destroy_bridge("b1"), "DELETE bridges/b1", None),
    (
        lambda s: s.record_bridge("b1", "r1", "wav"),
        "POST bridges/b1/record",
        {"name": "r1", "format": "wav", "ifExists": "fail"},
    ),
    (lambda s: s.stop_recording("r0"), "POST recordings/live/r0/stop", None),
    (
        lambda s: s.subscribe("deviceState:PJSIP/op1"),
        "POST applications/vagtcentral/subscription",
        {"eventSource": ["deviceState:PJSIP/op1"]},
    ),
]


@pytest.mark.parametrize("transport", Transport)
async def test_each_command_is_one_request_with_its_parameters_in_the_body(transport: Transport) -> None:
    async with switch(transport) as (fake, client):
        for command, request, body in COMMANDS:
            fake.bridges["b1"] = bridge("b1")
            fake.playbacks["p0"] = playback("p0")
            fake.channels["c1"] = channel("c1")
            fake.requests.clear()
            fake.bodies.clear()
            await command(client)
            assert (fake.requests, fake.bodies) == ([request], [body])
        assert bool(fake.over_socket) == (transport is Transport.SOCKET)


@pytest.mark.parametrize("transport", Transport)
async def test_questions_are_answered_with_what_the_switch_has(transport: Transport) -> None:
    async with switch(transport) as (fake, client):
        fake.bridges["b1"] = bridge("b1", "c1")
        fake.playbacks["p1"] = playback("p1")
        fake.recordings["r1"] = recording("r1")
        assert (await client.asterisk_info())["system"]["version"] == "22.10.1"
        assert list(await client.channels()) == ["c1"]
        assert (await client.channel("c1")).caller_number == "+4520123456"
        assert (await client.bridges())["b1"].channels == (await client.bridge("b1")).channels == ("c1",)
        assert (await client.playback("p1")).target == "channel:c1"
        assert (await client.recording("r1")).state == "recording"
        assert await client.our_channels() == {"c1"}


async def test_a_bridge_brings_its_events_with_it() -> None:
    async with switch() as (fake, client):
        await client.create_bridge("b1")
        assert fake.requests == ["POST bridges/b1", "POST applications/vagtcentral/subscription"]
        assert fake.bodies[1] == {"eventSource": ["bridge:b1"]}


async def test_ids_with_any_character_stay_one_part_of_the_path() -> None:
    async with switch() as (fake, client):
        odd = "a/b?c=d#e f%;2"
        fake.channels[odd] = channel(odd)
        await client.answer(odd)
        assert fake.urls[-1] == "/ari/channels/a%2Fb%3Fc%3Dd%23e%20f%25%3B2/answer"


async def test_a_variable_that_is_not_set_is_none_but_a_channel_that_is_gone_is_an_error() -> None:
    async with switch() as (fake, client):
        where = "channels/c1/variable"
        fake.faults.append(Fault("GET", where, 200, body='{"value": "da"}'))
        assert await client.get_variable("c1", "CHANNEL(language)") == "da"
        fake.faults.append(Fault("GET", where, 404, body='{"message": "Provided variable was not found"}'))
        assert await client.get_variable("c1", "X") is None
        fake.faults.append(Fault("GET", where, 404, body='{"message": "Provided channel was not found"}'))
        with pytest.raises(NotFound):
            await client.get_variable("c1", "X")


async def test_media_and_arguments_that_the_switch_would_split_are_not_sent() -> None:
    async with switch() as (fake, client):
        with pytest.raises(ValueError, match="without comma"):
            await client.play("c1", "p1", ["sound:a,b"])
        with pytest.raises(ValueError, match="without comma"):
            await client.play("c1", "p1", [])
        with pytest.raises(ValueError, match="without comma"):
            await client.originate("PJSIP/op1", "c2", args=("a,b",))
        assert fake.requests == []


# --- what failures are called ---------------------------------------------------------------------


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Refused),
        (403, Refused),
        (404, NotFound),
        (409, Conflict),
        (422, Rejected),
        (500, ServerFault),
        (503, ServerFault),
    ],
)
async def test_each_status_has_its_error_of_one_line(
    transport: Transport, status: int, kind: type[AriError]
) -> None:
    async with switch(transport) as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", status, body='{"message": "not\\nnow"}'))
        with pytest.raises(kind) as failed:
            await client.answer("c1")
        assert type(failed.value) is kind
        if transport is Transport.HTTP:
            assert str(failed.value) == f"POST channels/c1/answer: {status}: not now"
        assert fake.requests == ["POST channels/c1/answer"], "an answer is an answer: nothing is sent again"


@pytest.mark.parametrize("body", ["{", "<html>", "\x00"])
async def test_an_answer_that_is_not_json_is_a_fault_of_the_switch(body: str) -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("GET", "channels", 200, body=body))
        with pytest.raises(
            ServerFault, match=rf"GET channels: 200: an answer that is not JSON \({len(body)} "
        ):
            await client.channels()


@pytest.mark.parametrize("body", ["{", "<html>", "[" * 100_000])
async def test_a_command_that_was_carried_out_does_not_fail_for_the_words_of_the_answer(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", 200, body=body))
        await client.answer("c1")
    text = f"POST channels/c1/answer: 200: an answer that is not JSON ({len(body)} bytes)"
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [text]


@pytest.mark.parametrize("body", ["{}", "[1]", "3", "null", '{"value": 7}', ""])
async def test_a_variable_that_is_no_text_is_a_fault_of_the_switch(body: str) -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("GET", "channels/c1/variable", 200, body=body))
        with pytest.raises(ServerFault, match="an answer that is not as ARI promises"):
            await client.get_variable("c1", "X")


async def test_a_bridge_whose_events_will_not_come_is_a_bridge_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "applications/", 500))
        await client.create_bridge("b1")
        assert list(fake.bridges) == ["b1"]
    assert "no events of bridge b1 will come: POST applications/vagtcentral/subscription: 500" in caplog.text


async def test_the_words_of_the_switch_are_repeated_without_numbers() -> None:
    words = '{"message": "no route to +45 20 12 34 56 or sip:20123456@10.0.0.1, code 1006"}'
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", 500, body=words))
        with pytest.raises(ServerFault) as failed:
            await client.answer("c1")
    assert failed.value.message == "no route to (number) or sip:(number)@10.0.0.1, code 1006"


async def test_a_switch_that_sends_us_elsewhere_is_not_followed() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", 302))
        with pytest.raises(ServerFault, match="POST channels/c1/answer: 302"):
            await client.answer("c1")


@pytest.mark.parametrize("body", ["{}", "[{}]", "[1]", "3", "null"])
async def test_an_answer_that_is_not_as_promised_is_a_fault_of_the_switch(body: str) -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("GET", "bridges/b1", 200, body=body))
        with pytest.raises(ServerFault, match="GET bridges/b1: 200: an answer that is not as ARI promises"):
            await client.bridge("b1")


async def test_an_error_page_that_is_not_json_still_has_its_kind() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("GET", "channels", 500, body="<h1>oops"))
        with pytest.raises(ServerFault, match="GET channels: 500: Internal Server Error"):
            await client.channels()


async def test_a_client_that_is_closed_says_so() -> None:
    async with switch() as (_, client):
        pass
    with pytest.raises(Closed, match="GET asterisk/ping: no answer: the client is not running"):
        await client.ping()


# --- what is sent again ---------------------------------------------------------------------------


@pytest.mark.parametrize("transport", Transport)
async def test_what_can_be_repeated_is_repeated_after_a_lost_or_late_answer(transport: Transport) -> None:
    async with switch(transport) as (fake, client):
        if transport is Transport.HTTP:
            fake.faults.append(Fault("POST", "channels/c1/answer"))
        fake.faults.append(Fault("POST", "channels/c1/answer", 204, delay_s=0.5))
        await client.answer("c1")
        assert fake.requests == ["POST channels/c1/answer"] * (3 if transport is Transport.HTTP else 2)


async def test_tries_are_bounded_and_the_last_failure_is_told() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", times=99))
        with pytest.raises(
            Unreachable, match="POST channels/c1/answer: no answer: connection lost"
        ) as failed:
            await client.answer("c1")
        assert failed.value.maybe_done
        assert len(fake.requests) == QUICK.tries


async def test_there_is_a_wait_between_tries() -> None:
    timing = AriTiming(first_wait_s=0.4, longest_wait_s=0.4)
    async with switch(timing=timing) as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", times=2))
        began = asyncio.get_running_loop().time()
        await client.answer("c1")
        assert asyncio.get_running_loop().time() - began >= 0.1 + 0.2


async def test_a_bridge_that_is_there_already_is_not_made_again() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "bridges/b1", carry_out_first=True))
        await client.create_bridge("b1")
        assert fake.requests == [
            "POST bridges/b1",
            "GET bridges/b1",
            "POST applications/vagtcentral/subscription",
        ]


async def test_keys_are_never_pressed_twice() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/dtmf", times=9, carry_out_first=True))
        with pytest.raises(Unreachable):
            await client.send_dtmf("c1", "1")
        assert fake.requests == ["POST channels/c1/dtmf"]
        with pytest.raises(Unreachable):
            await client.request("POST", "channels/c1/dtmf")
        assert len(fake.requests) == 2, "a POST of which nothing is said is not repeated either"


CHECKED: list[tuple[Command, str, str]] = [
    (lambda s: s.play("c1", "p1", ["sound:a"]), "POST channels/c1/play/p1", "GET playbacks/p1"),
    (lambda s: s.originate("PJSIP/op1", "c2"), "POST channels/c2", "GET channels/c2"),
    (lambda s: s.create_channel("PJSIP/op1", "c2"), "POST channels/create", "GET channels/c2"),
    (lambda s: s.record_bridge("b1", "r1"), "POST bridges/b1/record", "GET recordings/live/r1"),
    (lambda s: s.add_to_bridge("b1", "c1"), "POST bridges/b1/addChannel", "GET bridges/b1"),
]


@pytest.mark.parametrize(("command", "request_", "look"), CHECKED, ids=[look for _, _, look in CHECKED])
async def test_a_request_that_makes_something_is_not_repeated_when_it_is_there(
    command: Command, request_: str, look: str
) -> None:
    async with switch() as (fake, client):
        fake.bridges["b1"] = bridge("b1")
        method, path = request_.split()
        fake.faults.append(Fault(method, path, carry_out_first=True))
        await command(client)
        assert fake.requests == [request_, look]


@pytest.mark.parametrize(("command", "request_", "look"), CHECKED, ids=[look for _, _, look in CHECKED])
async def test_it_is_repeated_when_it_is_not_there(command: Command, request_: str, look: str) -> None:
    async with switch() as (fake, client):
        fake.bridges["b1"] = bridge("b1")
        method, path = request_.split()
        fake.faults.append(Fault(method, path))
        await command(client)
        assert fake.requests == [request_, look, request_]


async def test_a_prompt_that_has_been_heard_meanwhile_is_not_played_again() -> None:
    async with switch() as (fake, client):
        told: list[asyncio.Task[None]] = []

        def heard() -> None:
            finished = event("PlaybackFinished", playback=playback("p1", state="done"))
            told.append(asyncio.get_running_loop().create_task(fake.tell(finished)))

        fake.faults.append(Fault("POST", "channels/c1/play/p1", delay_s=0.5, then=heard))
        await client.play("c1", "p1", ["sound:a"])
        assert fake.requests == ["POST channels/c1/play/p1"]


async def test_a_second_making_that_finds_its_own_id_taken_has_worked() -> None:
    async with switch() as (fake, client):
        taken = '{"message": "exists"}'
        fake.faults += [Fault("POST", "channels/c2"), Fault("POST", "channels/c2", 409, body=taken)]
        await client.originate("PJSIP/op1", "c2")
        fake.faults.append(Fault("POST", "channels/c3", 409, body=taken))
        with pytest.raises(Conflict):
            await client.originate("PJSIP/op1", "c3")


async def test_a_second_hangup_that_finds_nobody_has_worked() -> None:
    async with switch() as (fake, client):
        fake.faults.append(Fault("DELETE", "channels/c1", carry_out_first=True, delay_s=0.5))
        await client.hangup("c1")
        assert fake.requests == ["DELETE channels/c1"] * 2
        with pytest.raises(NotFound):
            await client.hangup("c1")


async def test_when_nobody_can_say_whether_it_was_done_the_first_failure_is_told() -> None:
    async with switch() as (fake, client):
        fake.faults += [Fault("POST", "channels/c2"), Fault("GET", "channels/c2", times=99)]
        with pytest.raises(Unreachable, match="POST channels/c2"):
            await client.originate("PJSIP/op1", "c2")
        assert fake.requests.count("POST channels/c2") == 1


async def test_a_switch_that_is_not_there_gets_any_request_again_and_then_it_is_said() -> None:
    async with switch() as (fake, client):
        await fake.stop()
        await asyncio.sleep(0.05)  # the kept connections are seen to be closed
        with pytest.raises(Unreachable, match="POST channels/c1/dtmf: no answer: no connection") as failed:
            await client.request("POST", "channels/c1/dtmf", repeat=Repeat.NEVER)
        assert not failed.value.maybe_done


# --- over the socket ------------------------------------------------------------------------------


async def test_requests_go_over_http_while_the_socket_does_not_answer() -> None:
    async with fake_ari() as fake:
        fake.answers_over_socket = False
        fake.channels["c1"] = channel("c1")
        client = AriClient(
            fake.url, USER, PASSWORD, "vagtcentral", on_event=print, on_resync=_settle,
            transport=Transport.SOCKET, timing=QUICK,
        )  # fmt: skip
        async with client:
            await client.answer("c1")
        assert "POST channels/c1/answer" in fake.requests
        assert fake.over_socket == []


async def test_a_request_whose_result_the_socket_cannot_carry_goes_over_http() -> None:
    async with switch(Transport.SOCKET) as (fake, client):
        fake.faults.append(Fault("GET", "recordings/stored/r1/file", 406))
        await client.request("GET", "recordings/stored/r1/file")
        assert fake.requests == ["GET recordings/stored/r1/file"] * 2
        assert fake.over_socket[-1] == "GET recordings/stored/r1/file"


async def test_after_a_late_answer_over_the_socket_requests_go_over_http() -> None:
    async with switch(Transport.SOCKET) as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/answer", 204, delay_s=0.5))
        await client.answer("c1")
        assert fake.requests == ["POST channels/c1/answer"] * 2
        assert fake.over_socket.count("POST channels/c1/answer") == 1


async def test_a_socket_that_breaks_while_an_answer_is_awaited_is_told_at_once() -> None:
    async with switch(Transport.SOCKET, AriTiming(request_s=30, tries=1)) as (fake, client):
        fake.faults.append(Fault("POST", "channels/c1/dtmf", 204, delay_s=0.2))
        sent = asyncio.create_task(client.send_dtmf("c1", "1"))
        await asyncio.sleep(0.05)
        fake.cut(fake.socket)
        async with asyncio.timeout(1):
            with pytest.raises(Unreachable) as failed:
                await sent
        assert failed.value.maybe_done


async def test_an_answer_that_nobody_awaits_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    async with switch(Transport.SOCKET) as (fake, client):
        stray: dict[str, Any] = {"type": "RESTResponse", "status_code": 200}
        for request_id in ("777", "", None, 5, {}):
            await fake.socket.send_str(json.dumps({**stray, "request_id": request_id}))
        await client.ping()
        assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
