"""The connection: events in order, loss and return, what is handed over, and when the client gives up."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from tests.ivr.asterisk.fake_ari import (
    PASSWORD,
    USER,
    FakeAri,
    Fault,
    bridge,
    channel,
    digit,
    event,
    fake_ari,
    playback,
    recording,
)
from vagtcentral.ivr.asterisk.ari import AriClient
from vagtcentral.ivr.asterisk.ari_errors import AriError, Refused, Replaced
from vagtcentral.ivr.asterisk.ari_events import AriEvent, ChannelDtmfReceived, UnknownEvent
from vagtcentral.ivr.asterisk.ari_resync import Asked, Lost, Resynchronised
from vagtcentral.ivr.asterisk.ari_settings import AriTiming

#: As fast as a test likes it; a connection counts as steady at once.
QUICK = AriTiming(
    first_wait_s=0.01,
    longest_wait_s=0.05,
    steady_s=0.0,
    settle_s=0.0,
    hearing_s=9.0,
    deaf_s=0.3,
    request_s=1.0,
)


@dataclass
class Desk:
    """The owner of a client: writes down what it is told, in the order of telling."""

    told: list[Any] = field(default_factory=list)
    asked: Asked = field(default_factory=Asked)

    def on_event(self, event: AriEvent) -> None:
        self.told.append(event)

    def on_lost(self, lost: Lost) -> None:
        self.told.append(lost)

    async def on_resync(self, resynchronised: Resynchronised) -> None:
        self.told.append(resynchronised)

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.told if isinstance(each, kind)]

    @property
    def digits(self) -> str:
        return "".join(each.digit for each in self.of(ChannelDtmfReceived))

    def client(self, fake: FakeAri, timing: AriTiming = QUICK, **more: Any) -> AriClient:
        return AriClient(
            fake.url,
            USER,
            PASSWORD,
            "vagtcentral",
            **{
                "on_event": self.on_event,
                "on_resync": self.on_resync,
                "on_lost": self.on_lost,
                "asked": lambda: self.asked,
                "timing": timing,
                **more,
            },
        )


async def until(condition: Any, within_s: float = 15.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 -- what is awaited is a state, not a moment
            await asyncio.sleep(0.002)


@asynccontextmanager
async def connected(timing: AriTiming = QUICK) -> AsyncIterator[tuple[FakeAri, Desk, AriClient]]:
    desk = Desk()
    async with fake_ari() as fake, desk.client(fake, timing) as client:
        yield fake, desk, client


# --- events ---------------------------------------------------------------------------------------


async def test_the_first_connection_hands_over_what_the_switch_has_and_no_gap() -> None:
    desk = Desk(asked=Asked(("p1", "p-gone"), ("r1", "r-gone")))
    async with fake_ari() as fake:
        fake.channels["c1"] = channel("c1")
        fake.bridges["b1"] = bridge("b1", "c1")
        fake.playbacks["p1"] = playback("p1")
        fake.recordings["r1"] = recording("r1")
        async with desk.client(fake) as client:
            assert client.connected
        [resynchronised] = desk.told
        assert resynchronised.gap_from is None
        snapshot = resynchronised.snapshot
        assert list(snapshot.channels) == ["c1"]
        assert snapshot.ours == {"c1"}
        assert snapshot.bridges["b1"].channels == ("c1",)
        assert list(snapshot.playbacks) == ["p1"]
        assert list(snapshot.recordings) == ["r1"]


async def test_events_come_in_the_order_of_the_switch() -> None:
    async with connected() as (fake, desk, _):
        keys = "0123456789" * 200
        await fake.tell(*(digit("c1", key) for key in keys))
        await until(lambda: len(desk.digits) == len(keys))
        assert desk.digits == keys


async def test_garbage_and_unknown_events_do_not_stop_the_ones_that_follow(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as (fake, desk, client):
        await fake.socket.send_str("{not json")
        await fake.socket.send_bytes(b"\x00\x01\x02")
        await fake.tell(event("StasisStart"), event("ChannelTeleported"), digit("c1", "1"))
        await until(lambda: desk.digits == "1")
        assert [each.type for each in desk.of(UnknownEvent)] == ["StasisStart", "ChannelTeleported"]
        assert client.connected
        assert fake.connects == 1
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert warnings == [
        "a message of 9 characters from the switch is no event, ignored: JSONDecodeError",
        "3 bytes that are not text from the switch, ignored",
        "an event lacks what ARI promises, passed on as it came: StasisStart: KeyError: 'channel'",
    ]


async def test_an_owner_that_fails_on_one_event_gets_the_next(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()

    def fail_on_first(event: AriEvent) -> None:
        desk.on_event(event)
        if desk.digits == "1":
            raise RuntimeError("a fault of the owner")

    async with fake_ari() as fake, desk.client(fake, on_event=fail_on_first):
        await fake.tell(digit("c1", "1"), digit("c1", "2"))
        await until(lambda: desk.digits == "12")
    assert "handling ChannelDtmfReceived failed" in caplog.text


async def test_events_during_the_hand_over_follow_it_in_their_order() -> None:
    desk = Desk()
    go_on = asyncio.Event()

    async def slow_owner(resynchronised: Resynchronised) -> None:
        await go_on.wait()
        await desk.on_resync(resynchronised)

    async def busy(socket: web.WebSocketResponse) -> None:
        await fake.tell(*(digit("c1", key) for key in "123"))

    async with fake_ari() as fake:
        fake.on_connect = busy
        client = desk.client(fake, on_resync=slow_owner)
        starting = asyncio.create_task(client.start())
        await until(lambda: "GET applications/vagtcentral" in fake.requests)
        await fake.tell(digit("c1", "4"))
        await asyncio.sleep(0.02)
        assert desk.told == []
        go_on.set()
        await starting
        await fake.tell(digit("c1", "5"))
        await until(lambda: desk.digits == "12345")
        assert isinstance(desk.told[0], Resynchronised)
        await client.close()


async def test_the_snapshot_is_taken_after_the_connection_is_up() -> None:
    async with fake_ari() as fake:
        before: list[str] = []

        async def note(socket: web.WebSocketResponse) -> None:
            before.extend(fake.requests)

        fake.on_connect = note
        async with Desk().client(fake):
            assert before == []
            assert {"GET channels", "GET bridges"} <= set(fake.requests)


# --- loss and return ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["cut", "closed"])
async def test_a_lost_connection_is_told_and_made_again_with_the_gap(how: str) -> None:
    async with connected() as (fake, desk, client):
        await fake.tell(digit("c1", "1"))
        await until(lambda: desk.digits == "1")
        fake.channels["c2"] = channel("c2")
        fake.cut(fake.socket) if how == "cut" else await fake.socket.close()
        await until(lambda: len(desk.of(Resynchronised)) == 2)
        await fake.tell(digit("c1", "2"))
        await until(lambda: desk.digits == "12")
        kinds = [type(each).__name__ for each in desk.told]
        assert kinds == [
            "Resynchronised", "ChannelDtmfReceived", "Lost", "Resynchronised", "ChannelDtmfReceived",
        ]  # fmt: skip
        lost, again = desk.of(Lost)[0], desk.of(Resynchronised)[1]
        assert lost.at == again.gap_from
        assert again.gap_from <= again.gap_to
        assert list(again.snapshot.channels) == ["c2"]
        assert client.connected


async def test_a_switch_that_closes_every_connection_at_once_is_not_hammered() -> None:
    async def slam(socket: web.WebSocketResponse) -> None:
        await socket.close()

    async with fake_ari() as fake:
        fake.on_connect = slam
        client = Desk().client(fake, AriTiming())
        starting = asyncio.create_task(client.start())
        await asyncio.sleep(1.0)
        assert 3 <= fake.connects <= 7
        starting.cancel()
        await asyncio.wait([starting])


async def test_a_switch_that_closes_after_each_hand_over_is_not_hammered_either() -> None:
    desk = Desk()

    async def show_out(resynchronised: Resynchronised) -> None:
        await desk.on_resync(resynchronised)
        await fake.socket.close()

    async with fake_ari() as fake:
        client = desk.client(fake, AriTiming(), on_resync=show_out)
        starting = asyncio.create_task(client.start())
        await asyncio.sleep(1.0)
        assert 2 <= fake.connects <= 7
        starting.cancel()
        await asyncio.wait([starting])
        await client.close()


async def test_a_connection_that_held_is_made_again_at_once() -> None:
    timing = AriTiming(first_wait_s=5.0, longest_wait_s=5.0, steady_s=0.05, settle_s=0.0)
    async with connected(timing) as (fake, desk, _):
        for count in (2, 3, 4):
            await asyncio.sleep(0.1)
            fake.cut(fake.socket)
            await until(lambda due=count: len(desk.of(Resynchronised)) == due, within_s=1.0)


async def test_a_switch_that_is_away_is_waited_for_with_few_log_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with connected(AriTiming(first_wait_s=0.01, longest_wait_s=0.05)) as (fake, desk, client):
        await fake.stop()
        await until(lambda: bool(desk.of(Lost)))
        await asyncio.sleep(0.6)
        await fake.start()
        await until(lambda: client.connected)
        assert len(desk.of(Resynchronised)) == 2
        assert len(desk.of(Lost)) == 1
    said = [r.getMessage() for r in caplog.records if r.name.startswith("vagtcentral")]
    assert 3 <= len(said) <= 7, said
    assert any(
        line.startswith("no connection to the switch after 1 attempts, going on: GET events") for line in said
    )
    assert said[-1].startswith("connected to the switch after ")


@pytest.mark.parametrize("status", [404, 409, 500, 503])
async def test_a_switch_that_is_not_ready_is_asked_again(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with fake_ari() as fake:
        fake.connect_status = status
        client = Desk().client(fake)
        starting = asyncio.create_task(client.start())
        await until(lambda: fake.connects > 3)
        fake.connect_status = 0
        await asyncio.wait_for(starting, 2)
        await client.close()
    lines = [r for r in caplog.records if f"GET events: {status}" in r.getMessage()]
    assert len(lines) == 1


async def test_a_snapshot_that_fails_is_taken_again_on_a_new_connection() -> None:
    desk = Desk()
    async with fake_ari() as fake:
        fake.faults.append(Fault("GET", "bridges", 500, times=2))
        async with desk.client(fake):
            assert fake.connects == 3
    assert len(desk.of(Resynchronised)) == 1
    assert desk.of(Lost) == [], "what never was there was not lost"


async def test_an_owner_that_fails_to_settle_still_gets_the_events(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()

    async def fail(resynchronised: Resynchronised) -> None:
        raise RuntimeError("a fault of the owner")

    async with fake_ari() as fake, desk.client(fake, on_resync=fail):
        await fake.tell(digit("c1", "1"))
        await until(lambda: desk.digits == "1")
    assert "settling the calls after a connection failed" in caplog.text


async def test_a_switch_that_falls_silent_is_noticed_and_the_gap_begins_when_it_last_was_there() -> None:
    timing = AriTiming(heartbeat_s=0.2, steady_s=0.0, settle_s=0.0, first_wait_s=0.01, request_s=1.0)
    desk = Desk()
    async with fake_ari() as fake:
        fake.autoping = False
        async with desk.client(fake, timing):
            await until(lambda: bool(desk.of(Lost)), within_s=1.0)
            fake.autoping = True
            [lost] = desk.of(Lost)
            assert lost.reason == "no sign of life for 0.3 s"
            first = desk.of(Resynchronised)[0]
            assert lost.at <= first.gap_to + 100, "long before the loss was noticed"


# --- messages that cannot be read -----------------------------------------------------------------


@pytest.mark.parametrize(
    "message", ["{not json", '{"type": "StasisEnd", "application": "vagtcentral"}', b"\0"]
)
async def test_after_a_message_that_cannot_be_read_the_switch_is_asked_what_it_has(
    message: str | bytes,
) -> None:
    async with connected(replace(QUICK, doubt_s=0.01)) as (fake, desk, client):
        fake.channels["c2"] = channel("c2")
        send = fake.socket.send_str if isinstance(message, str) else fake.socket.send_bytes
        await send(message)
        await until(lambda: len(desk.of(Resynchronised)) == 2)
        again = desk.of(Resynchronised)[1]
        assert again.gap_from is None
        assert list(again.snapshot.channels) == ["c2"]
        await fake.tell(digit("c1", "1"))
        await until(lambda: desk.digits == "1")
        assert (fake.connects, client.connected, desk.of(Lost)) == (1, True, [])


async def test_events_that_come_while_the_switch_is_asked_follow_the_answer() -> None:
    async with connected(replace(QUICK, doubt_s=0.01)) as (fake, desk, _):
        fake.faults.append(Fault("GET", "bridges", 200, delay_s=0.1, body="[]"))
        await fake.socket.send_str("{not json")
        await until(lambda: not fake.faults)
        await fake.tell(digit("c1", "1"))
        await until(lambda: desk.digits == "1")
        assert [type(each).__name__ for each in desk.told] == [
            "Resynchronised", "Resynchronised", "ChannelDtmfReceived",
        ]  # fmt: skip


async def test_a_switch_that_cannot_be_asked_is_asked_again_and_its_events_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected(replace(QUICK, doubt_s=0.01)) as (fake, desk, _):
        fake.faults.append(Fault("GET", "bridges", 500, times=2))
        await fake.socket.send_str("{not json")
        await until(lambda: len(desk.of(Resynchronised)) == 2)
        await fake.tell(digit("c1", "1"))
        await until(lambda: desk.digits == "1")
    assert caplog.text.count("what the switch has cannot be asked, trying again: GET bridges: 500") == 2


async def test_a_flood_of_garbage_does_not_have_the_switch_asked_without_pause() -> None:
    async with connected(replace(QUICK, doubt_s=0.1)) as (fake, desk, _):
        for _ in range(100):
            await fake.socket.send_str("{not json")
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.15)
        assert 2 <= len(desk.of(Resynchronised)) <= 1 + 4


# --- connections that bring nothing ---------------------------------------------------------------


async def test_a_connection_that_brings_no_events_is_not_taken_for_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    async with fake_ari() as fake:
        fake.deaf = True
        client = desk.client(fake)
        starting = asyncio.create_task(client.start())
        await until(lambda: fake.connects > 1)
        assert desk.told == []
        fake.deaf = False
        await asyncio.wait_for(starting, 2)
        await client.close()
    assert "a new connection to the switch brings no events, connecting again" in caplog.text


async def test_a_connection_that_falls_deaf_is_replaced_and_one_with_events_is_not_tested() -> None:
    timing = AriTiming(hearing_s=0.1, deaf_s=0.1, steady_s=0.0, settle_s=0.0, first_wait_s=0.01)
    async with connected(timing) as (fake, desk, _):
        tests = sum(request.startswith("POST events/user/") for request in fake.requests)
        for _ in range(10):
            await fake.tell(digit("c1", "1"))
            await asyncio.sleep(0.03)
        assert sum(request.startswith("POST events/user/") for request in fake.requests) == tests
        fake.deaf = True
        await until(lambda: bool(desk.of(Lost)))
        assert desk.of(Lost)[0].reason == "no events come over it"
        fake.deaf = False
        await until(lambda: len(desk.of(Resynchronised)) == 2)
        assert {type(each).__name__ for each in desk.told} == {
            "Resynchronised", "ChannelDtmfReceived", "Lost",
        }, "our own calls to ourselves are for nobody else"  # fmt: skip


async def test_a_hearing_test_that_cannot_be_made_does_not_end_the_connection() -> None:
    timing = AriTiming(hearing_s=0.05, deaf_s=0.1)
    async with connected(timing) as (fake, _, client):
        fake.faults.append(Fault("POST", "events/user/", 500, times=3))
        await until(lambda: not fake.faults)
        assert client.connected
        assert fake.connects == 1


# --- giving up ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_at_the_start_is_an_error_and_one_clear_line(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with fake_ari() as fake:
        fake.connect_status = status
        client = Desk().client(fake)
        with pytest.raises(Refused, match=f"GET events: {status}"):
            await client.start()
        await asyncio.sleep(0.1)
        assert fake.connects == 1
        with pytest.raises(Refused):
            await client.ping()
        with pytest.raises(Refused):
            await client.until_ended()
    [line] = [r.getMessage() for r in caplog.records]
    assert line.startswith(f"the switch does not serve us any more: GET events: {status}: ")
    assert line.endswith("; check user and password in its ari.conf and in our settings")


async def test_a_refusal_after_a_loss_ends_the_client() -> None:
    async with connected() as (fake, _, client):
        fake.password = "another"
        fake.cut(fake.socket)
        with pytest.raises(Refused):
            await asyncio.wait_for(client.until_ended(), 2)
        assert not client.connected


async def test_a_program_that_takes_our_place_ends_the_client_and_no_fight_begins(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with connected() as (fake, _, client):
        await fake.tell(event("ApplicationReplaced"))
        with pytest.raises(Replaced, match="another program has connected as this application"):
            await asyncio.wait_for(client.until_ended(), 2)
        await asyncio.sleep(0.1)
        assert fake.connects == 1
    assert "only one may run" in caplog.text


async def test_a_client_that_is_closed_while_it_waits_for_the_switch_ends() -> None:
    async with fake_ari() as fake:
        fake.connect_status = 503
        client = Desk().client(fake)
        starting = asyncio.create_task(client.start())
        await until(lambda: fake.connects > 1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await starting
        await client.until_ended()


# --- what stays -----------------------------------------------------------------------------------


async def test_nothing_is_left_over_after_200_reconnections() -> None:
    async with fake_ari() as fake:
        desk = Desk()
        before = asyncio.all_tasks()
        async with desk.client(fake) as client:
            await asyncio.sleep(0.05)
            settled = len(asyncio.all_tasks())
            for round_ in range(200):
                fake.cut(fake.socket) if round_ % 2 else await fake.socket.close()
                await until(lambda due=round_ + 2: len(desk.of(Resynchronised)) == due and client.connected)
            await asyncio.sleep(0.05)
            assert len(asyncio.all_tasks()) <= settled + 2
            assert len(fake.sockets) == 1
        await until(lambda: not fake.sockets)
        await until(lambda: asyncio.all_tasks() <= before)
        assert len(desk.of(Lost)) == 200


@pytest.mark.parametrize("trouble", ["refused", "away", "cut", "conflict"])
async def test_no_credential_is_in_a_log_line_an_error_or_an_address(
    trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errors: list[BaseException] = []
    async with connected() as (fake, _, client):
        match trouble:
            case "refused":
                fake.password = "another"
                fake.cut(fake.socket)
            case "away":
                await fake.stop()
            case "cut":
                fake.faults.append(Fault("GET", "channels", times=99))
            case "conflict":
                fake.faults.append(Fault("GET", "channels", 409, times=99))
        await asyncio.sleep(0.1)
        try:
            await client.channels()
        except AriError as error:
            errors.append(error)
        assert errors
        assert PASSWORD not in repr(vars(fake)["urls"])
    texts = [r.getMessage() + str(r.exc_info) for r in caplog.records]
    for error in errors:
        while error is not None:
            texts.append(repr(error) + repr(vars(error)) + str(error))
            error = error.__context__ or error.__cause__  # type: ignore[assignment]
    secret = "dmFndDpzM2NyZXQtcGFzcw"  # what the header holds
    assert not [text for text in texts if PASSWORD in text or secret in text]


@pytest.mark.parametrize(
    "url", ["http://u:s3cret@127.0.0.1:8088", "ftp://x", "127.0.0.1:8088", "http://x?a=1"]
)
def test_an_address_that_is_none_or_holds_credentials_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"switch") as refused:
        AriClient(url, USER, PASSWORD, "x", on_event=print, on_resync=Desk().on_resync)
    assert "s3cret" not in str(refused.value)
