"""A switch on loopback with people at its telephones: it plays, bridges, records and tells of it.

It does so as Asterisk does, over real HTTP and a real WebSocket; what it lacks is sound. Its times are real
and short. `KINDS` names the requests that a carrier makes, so that each can be made to fail.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.ivr.asterisk.fake_ari import FakeAri, Fault, Json, bridge, channel, event, playback, recording

_CALLER, _OPERATOR, _CALL_BACK = "channels/[^/~]+", "channels/[^/]+~op~[^/]+", "channels/[^/]+~back~[^/]+"

#: Every kind of request that the carrier makes while a call lives: its method, and what its path is like.
KINDS = {
    "location": ("GET", "channels/.+/variable"),
    "answer": ("POST", "channels/.+/answer"),
    "play": ("POST", "channels/.+/play/.+"),
    "stop_play": ("DELETE", "playbacks/.+"),
    "music": ("POST", "channels/.+/moh"),
    "stop_music": ("DELETE", "channels/.+/moh"),
    "ring": ("POST", _OPERATOR),
    "call_back": ("POST", _CALL_BACK),
    "bridge": ("POST", "bridges/[^/]+"),
    "subscribe": ("POST", "applications/.+/subscription"),
    "join": ("POST", "bridges/.+/addChannel"),
    "leave": ("POST", "bridges/.+/removeChannel"),
    "record": ("POST", "bridges/.+/record"),
    "destroy": ("DELETE", "bridges/.+"),
    "drop_operator": ("DELETE", _OPERATOR),
    "hang_up": ("DELETE", f"{_CALLER}|{_CALL_BACK}"),
}


def kind_of_request(request: str) -> str | None:
    """Which of the `KINDS` a request is, given as `POST channels/c1/answer`."""
    method, path = request.split(" ", 1)
    return next((kind for kind, (m, like) in KINDS.items() if m == method and re.fullmatch(like, path)), None)


@dataclass
class KindFault(Fault):
    """A fault of the requests of one of the `KINDS`, which `path` names; the first `skip` of them go well."""

    skip: int = 0

    def hits(self, method: str, path: str) -> bool:
        if kind_of_request(f"{method} {path}") != self.path:
            return False
        self.skip -= 1
        return self.skip < 0


@dataclass
class People:
    """What they do, with times in seconds.

    `keys` has what the caller presses when he hears a prompt begin, each after `key_s`. One side hangs up
    when they have talked for `talk_s`. The caller gives up when music begins later than `gives_up_s` after
    his telephone rang, and whatever he hears after `patience_s`. Phones are taken after `answer_s`; those in
    `unregistered` cannot be rung.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    key_s: float = 0.003
    talk_s: float = 0.02
    ends: str = "operator"
    gives_up_s: float = 20.0
    patience_s: float = 20.0
    answer_s: float = 0.01
    unregistered: frozenset[str] = frozenset()


@dataclass
class LivelySwitch(FakeAri):
    """The switch. `as_sent` makes of each event the messages that are sent in its place."""

    people: People = field(default_factory=People)
    prompt_s: float = 0.006
    geoloc: str = ""
    as_sent: Callable[[Json], list[str]] = lambda told: [json.dumps(told)]
    music: set[str] = field(default_factory=set)
    played: list[str] = field(default_factory=list)
    talked: list[tuple[str, ...]] = field(default_factory=list)
    _waiting: dict[str, list[str]] = field(default_factory=dict)
    _media: dict[str, list[str]] = field(default_factory=dict)
    _pressed: set[str] = field(default_factory=set)
    _impatient: set[str] = field(default_factory=set)
    _outbox: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    _sender: asyncio.Task[None] | None = None
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)

    # --- life ---------------------------------------------------------------------------------

    async def start(self) -> None:
        await super().start()
        self._sender = asyncio.create_task(self._send())

    async def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait([self._sender])
        await super().stop()

    def say(self, kind: str, **fields: Any) -> None:
        """Tell the application of something, in order; nobody listening, nobody hears."""
        self._outbox.put_nowait(event(kind, **fields))

    async def _send(self) -> None:
        while True:
            told = await self._outbox.get()
            for text in self.as_sent(told):
                if self.sockets:
                    with suppress(ConnectionError):
                        await self.socket.send_str(text)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Something that a person does, or that ends by itself."""
        timer = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(timer)

    # --- the caller ---------------------------------------------------------------------------

    def place(self, channel_id: str, dialled: str, number: str) -> None:
        """Somebody calls."""
        made = channel(channel_id, "Ring", number)
        made["dialplan"]["exten"] = dialled
        self.channels[channel_id] = made
        self.say("StasisStart", channel=made, args=[dialled])
        self._waits(channel_id)

    def _waits(self, channel_id: str) -> None:
        self.later(self.people.gives_up_s, lambda: self._impatient.add(channel_id))
        self.later(self.people.patience_s, lambda: self.hangs_up(channel_id))

    def hangs_up(self, channel_id: str) -> None:
        """Somebody puts his telephone down."""
        if channel_id in self.channels:
            self.say("ChannelHangupRequest", channel=self.channels[channel_id], cause=16)
            self._end(channel_id)

    def press(self, channel_id: str, keys: str) -> None:
        """The caller presses keys, one after the other, while he is on the line."""
        if channel_id in self.channels and keys:
            self.say("ChannelDtmfReceived", channel=self.channels[channel_id], digit=keys[0], duration_ms=100)
            self.later(self.people.key_s, lambda: self.press(channel_id, keys[1:]))

    def _hears(self, channel_id: str, prompt: str) -> None:
        self.played.append(prompt)
        keys = self.people.keys.get(prompt)
        if keys is not None and prompt not in self._pressed:
            self._pressed.add(prompt)
            self.later(self.people.key_s, lambda: self.press(channel_id, keys))

    # --- requests -----------------------------------------------------------------------------

    def _do(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", ["channels", key, "variable"] if key in self.channels:
                wanted = self.urls[-1].rpartition("location_info")[1]
                return 200, {"value": self.geoloc if wanted else ""}
            case _, ["channels", key, _, *_] if key not in self.channels:
                return 404, {"message": "Channel not found"}
            case _, ["bridges", key, _] if key not in self.bridges:
                return 404, {"message": "Bridge not found"}
            case "DELETE", ["channels", key] if key in self.channels:
                self._end(key)
            case "DELETE", ["channels", key, "moh"]:
                self.music.discard(key)
            case "DELETE", ["playbacks", key] if key in self.playbacks:
                self._over(key, "done")
            case "DELETE", ["bridges", key] if key in self.bridges:
                self._destroy(key)
            case _:
                return super()._do(method, path, body)
        return 204, None

    def _post(self, path: list[str], body: Json) -> tuple[int, Any]:
        match path:
            case ["channels", key, "answer"]:
                self.channels[key]["state"] = "Up"
                self.say("ChannelStateChange", channel=self.channels[key])
            case ["channels", key, "moh"]:
                self.music.add(key)
                if key in self._impatient:
                    self.later(0.0, lambda: self.hangs_up(key))
            case ["channels", key, "play", playback_id]:
                self._play(key, playback_id, body["media"])
                return 201, self.playbacks[playback_id]
            case ["channels", key]:
                return self._originate(key, body)
            case ["bridges", key]:
                if key in self.bridges:
                    return 409, {"message": "Bridge with the same id already exists"}
                self.bridges[key] = bridge(key)
                return 200, self.bridges[key]
            case ["bridges", key, "addChannel"]:
                return self._join(key, body["channel"])
            case ["bridges", key, "removeChannel"]:
                return self._leave(key, body["channel"])
            case ["bridges", key, "record"]:
                if body["name"] in self.recordings:
                    return 409, {"message": "Recording already exists"}
                self.recordings[body["name"]] = recording(body["name"], f"bridge:{key}")
                self.say("RecordingStarted", recording=self.recordings[body["name"]])
                return 201, self.recordings[body["name"]]
            case _:
                return super()._post(path, body)
        return 204, None

    # --- channels -----------------------------------------------------------------------------

    def _originate(self, key: str, body: Json) -> tuple[int, Any]:
        if key in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        phone = body["endpoint"].partition("/")[2]
        if phone in self.people.unregistered:
            return 500, {"message": "Allocation failed"}
        self.channels[key] = channel(key, "Down", "")
        self.say("ChannelCreated", channel=self.channels[key])
        self.later(self.people.answer_s, lambda: self._takes(key))
        if "~back~" in key:
            self._waits(key)
        return 200, self.channels[key]

    def _takes(self, key: str) -> None:
        if key in self.channels:
            self.channels[key]["state"] = "Up"
            self.say("Dial", peer=self.channels[key], dialstatus="ANSWER")
            self.say("StasisStart", channel=self.channels[key], args=[])

    def _end(self, key: str) -> None:
        for playback_id in self._waiting.pop(key, ()):
            self._over(playback_id, "failed")
        gone = self.channels.pop(key)
        self.music.discard(key)
        for bridge_id, there in self.bridges.items():
            if key in there["channels"]:
                self._leave(bridge_id, [key], gone)
        self.say("StasisEnd", channel=gone)
        self.say("ChannelDestroyed", channel=gone, cause=16, cause_txt="Normal Clearing")

    # --- playbacks: one after the other on each channel -----------------------------------------

    def _play(self, key: str, playback_id: str, media: list[str]) -> None:
        self.playbacks[playback_id] = playback(playback_id, f"channel:{key}", "queued")
        self._media[playback_id] = media
        queue = self._waiting.setdefault(key, [])
        queue.append(playback_id)
        if len(queue) == 1:
            self._begin(playback_id)

    def _begin(self, playback_id: str) -> None:
        self.playbacks[playback_id]["state"] = "playing"
        self.say("PlaybackStarted", playback=self.playbacks[playback_id])
        for medium in self._media[playback_id]:
            self._hears(self._hearer(playback_id), medium.partition(":")[2])
        self.later(self.prompt_s, lambda: self._over(playback_id, "done"))

    def _hearer(self, playback_id: str) -> str:
        return str(self.playbacks[playback_id]["target_uri"].partition(":")[2])

    def _over(self, playback_id: str, state: str) -> None:
        if playback_id not in self.playbacks:
            return
        queue = self._waiting.get(self._hearer(playback_id), [])
        over = self.playbacks.pop(playback_id) | {"state": state}
        self.say("PlaybackFinished", playback=over)
        if playback_id in queue:
            queue.remove(playback_id)
            if queue and self.playbacks[queue[0]]["state"] == "queued":
                self._begin(queue[0])

    # --- bridges ------------------------------------------------------------------------------

    def _join(self, key: str, channels: list[str]) -> tuple[int, Any]:
        if not set(channels) <= set(self.channels):
            return 400, {"message": "Channel not found"}
        for each in channels:
            self.music.discard(each)
            self.bridges[key]["channels"].append(each)
            self.say("ChannelEnteredBridge", bridge=self.bridges[key], channel=self.channels[each])
        if len(self.bridges[key]["channels"]) > 1:
            self.talked.append(tuple(channels))
            self.later(self.people.talk_s, lambda: self._had_enough(channels))
        return 204, None

    def _had_enough(self, channels: list[str]) -> None:
        operators = [each for each in channels if "~op~" in each]
        callers = [each for each in channels if each not in operators]
        for each in operators if self.people.ends == "operator" else callers:
            self.hangs_up(each)

    def _leave(self, key: str, channels: list[str], gone: Json | None = None) -> tuple[int, Any]:
        for each in channels:
            if each not in self.bridges[key]["channels"]:
                return 409, {"message": "Channel not in this bridge"}
            self.bridges[key]["channels"].remove(each)
            self.say("ChannelLeftBridge", bridge=self.bridges[key], channel=gone or self.channels[each])
        return 204, None

    def _destroy(self, key: str) -> None:
        for name, made in list(self.recordings.items()):
            if made["target_uri"] == f"bridge:{key}":
                del self.recordings[name]
                self.say("RecordingFinished", recording=made | {"state": "done", "duration": 3})
        for each in list(self.bridges[key]["channels"]):
            self._leave(key, [each])
        gone = self.bridges.pop(key)
        self.say("BridgeDestroyed", bridge=gone)


@asynccontextmanager
async def lively_switch(people: People, **more: Any) -> AsyncIterator[LivelySwitch]:
    switch = LivelySwitch(people=people, **more)
    await switch.start()
    try:
        yield switch
    finally:
        await switch.stop()
