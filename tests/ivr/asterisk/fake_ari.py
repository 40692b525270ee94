"""A switch made of aiohttp, on loopback, that answers as Asterisk does or fails as told.

It keeps channels, bridges, playbacks and recordings as far as their ids, and does what its `script` says
to the requests that match.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, web

USER, PASSWORD = "vagt", "s3cret-pass"
STAMP = "2026-11-22T17:41:00.123+0000"
Json = dict[str, Any]


def channel(channel_id: str, state: str = "Up", number: str = "+4520123456") -> Json:
    return {
        "id": channel_id,
        "name": f"PJSIP/trunk-{channel_id}",
        "state": state,
        "protocol_id": "3c2f@10.0.0.1",
        "caller": {"name": "", "number": number},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "in",
            "exten": "114",
            "priority": 1,
            "app_name": "Stasis",
            "app_data": "vagtcentral,114",
        },
        "creationtime": STAMP,
        "language": "da",
    }


def bridge(bridge_id: str, *channels: str) -> Json:
    return {"id": bridge_id, "bridge_type": "mixing", "name": "", "channels": list(channels)}


def playback(playback_id: str, target: str = "channel:c1", state: str = "playing") -> Json:
    return {"id": playback_id, "target_uri": target, "media_uri": "sound:hello", "state": state}


def recording(name: str, target: str = "bridge:b1", state: str = "recording") -> Json:
    return {"name": name, "format": "wav", "target_uri": target, "state": state}


def event(kind: str, **fields: Any) -> Json:
    return {
        "type": kind,
        "timestamp": STAMP,
        "application": "vagtcentral",
        "asterisk_id": "00:11:22:33:44:55",
        **fields,
    }


def digit(channel_id: str, key: str) -> Json:
    return event("ChannelDtmfReceived", channel=channel(channel_id), digit=key, duration_ms=100)


@dataclass
class Fault:
    """What happens to the requests that match `method` and begin with `path`, `times` times.

    `status` answers with it; `after` carries the request out first. Without status the connection is cut.
    """

    method: str
    path: str
    status: int = 0
    times: int = 1
    carry_out_first: bool = False
    delay_s: float = 0.0
    body: str | None = None
    then: Callable[[], None] = lambda: None

    def hits(self, method: str, path: str) -> bool:
        return method == self.method and path.startswith(self.path)


@dataclass
class FakeAri:
    """The switch. `requests` are those that came, as `POST channels/c1/answer`, `bodies` what they held."""

    channels: dict[str, Json] = field(default_factory=dict)
    bridges: dict[str, Json] = field(default_factory=dict)
    playbacks: dict[str, Json] = field(default_factory=dict)
    recordings: dict[str, Json] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    over_socket: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    connects: int = 0
    connect_status: int = 0
    #: done with each new socket before anything is read from it
    on_connect: Callable[[web.WebSocketResponse], Any] | None = None
    answers_over_socket: bool = True
    autoping: bool = True
    password: str = PASSWORD
    port: int = 0
    #: connections are made, but bring no event of the switch's own
    deaf: bool = False
    _telling: set[asyncio.Future[None]] = field(default_factory=set)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """As a switch that is killed: every connection is cut."""
        assert self._runner is not None
        for socket in self.sockets:
            self.cut(socket)
        await self._runner.cleanup()
        self._runner = None

    # --- the socket of events -----------------------------------------------------------------

    @property
    def socket(self) -> web.WebSocketResponse:
        return self.sockets[-1]

    async def tell(self, *events: Json) -> None:
        for each in events:
            await self.socket.send_str(json.dumps(each))

    def cut(self, socket: web.WebSocketResponse) -> None:
        transport = socket._req.transport if socket._req is not None else None
        if transport is not None:
            transport.abort()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self.connects += 1
        self.urls.append(str(request.rel_url))
        if self.connect_status or not self._known(request):
            return web.Response(status=self.connect_status or 401, text='{"error":"Authentication required"}')
        socket = web.WebSocketResponse(autoping=self.autoping)
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            if self.on_connect is not None:
                await self.on_connect(socket)
            async for message in socket:
                if message.type is WSMsgType.TEXT and self.answers_over_socket:
                    await self._answer_over(socket, json.loads(message.data))
        finally:
            self.sockets.remove(socket)
        return socket

    async def _answer_over(self, socket: web.WebSocketResponse, message: Json) -> None:
        path, _, _ = message["uri"].partition("?")
        self.over_socket.append(f"{message['method']} {path}")
        body = json.loads(message["message_body"]) if "message_body" in message else None
        status, answer = await self._carry_out(message["method"], path, body)
        reply = {
            "type": "RESTResponse",
            "transaction_id": "",
            "request_id": message["request_id"],
            "status_code": status or 500,
            "reason_phrase": "OK",
            "uri": path,
        }
        if answer is not None:
            reply |= {"content_type": "application/json", "message_body": json.dumps(answer)}
        await socket.send_str(json.dumps(reply))

    # --- requests -----------------------------------------------------------------------------

    def _known(self, request: web.Request) -> bool:
        expected = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        self.urls.append(str(request.rel_url))
        body = await request.json() if request.can_read_body else None
        if not self._known(request):
            return web.json_response({"message": "Authentication required"}, status=401)
        status, answer = await self._carry_out(
            request.method, request.rel_url.raw_path.removeprefix("/ari/"), body
        )
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        if isinstance(answer, str):
            return web.Response(status=status, text=answer)
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    async def _carry_out(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.requests.append(f"{method} {path}")
        self.bodies.append(body)
        fault = next((fault for fault in self.faults if fault.hits(method, path)), None)
        if fault is None:
            return self._do(method, [unquote(part) for part in path.split("/")], body)
        fault.times -= 1
        if fault.times == 0:
            self.faults.remove(fault)
        if fault.carry_out_first:
            self._do(method, [unquote(part) for part in path.split("/")], body)
        fault.then()
        await asyncio.sleep(fault.delay_s)
        return fault.status, fault.body if fault.body is not None else {"message": "as told"}

    def _do(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", ["asterisk", "ping"]:
                return 200, {"ping": "pong", "timestamp": STAMP, "asterisk_id": "fake"}
            case "GET", ["asterisk", "info"]:
                return 200, {"system": {"version": "22.10.1"}}
            case "GET", ["applications", name]:
                return 200, {"name": name, "channel_ids": list(self.channels), "bridge_ids": []}
            case "GET", [kind] if kind in ("channels", "bridges"):
                return 200, list(getattr(self, kind).values())
            case "GET", ["recordings", "live", name]:
                return self._found(self.recordings, name)
            case (("GET" | "DELETE"), [kind, key]):
                store: dict[str, Json] = getattr(self, kind)
                return self._found(store, key) if method == "GET" else self._delete(store, key)
            case "POST", ["events", "user", name]:
                self._echo(name)
            case "POST", _:
                return self._post(path, body or {})
        return 204, None

    def _echo(self, name: str) -> None:
        if not self.deaf:
            told = asyncio.ensure_future(self.tell(event("ChannelUserevent", eventname=name, userevent={})))
            self._telling.add(told)
            told.add_done_callback(self._telling.discard)

    def _found(self, store: dict[str, Json], key: str) -> tuple[int, Any]:
        return (200, store[key]) if key in store else (404, {"message": "not found"})

    def _delete(self, store: dict[str, Json], key: str) -> tuple[int, Any]:
        return (204, None) if store.pop(key, None) else (404, {"message": "not found"})

    def _post(self, path: list[str], body: Json) -> tuple[int, Any]:
        match path:
            case ["channels", key] | ["channels", "create" as key]:
                key = body.get("channelId", key)
                if key in self.channels:
                    return 409, {"message": "Channel with given unique ID already exists"}
                self.channels[key] = channel(key, "Down")
            case ["bridges", key]:
                if key in self.bridges:
                    return 409, {"message": "Bridge with the same id already exists"}
                self.bridges[key] = bridge(key)
            case [_, target, "play", key]:
                self.playbacks[key] = playback(key, f"channel:{target}")
            case ["bridges", target, "record"]:
                if body["name"] in self.recordings:
                    return 409, {"message": "Recording already exists"}
                self.recordings[body["name"]] = recording(body["name"], f"bridge:{target}")
            case ["bridges", target, "addChannel"]:
                self.bridges[target]["channels"] += body["channel"]
            case ["channels", target, *_] if target not in self.channels:
                return 404, {"message": "Channel not found"}
        return 204, None


@asynccontextmanager
async def fake_ari() -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    await fake.start()
    try:
        yield fake
    finally:
        if fake._runner is not None:
            await fake.stop()
