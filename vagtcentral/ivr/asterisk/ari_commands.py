"""What can be asked of the switch. Ids are ours, and each is used once, so that no first event is missed."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from vagtcentral.ivr.asterisk.ari_errors import AriError, NotFound, ServerFault
from vagtcentral.ivr.asterisk.ari_model import (
    Bridge,
    Channel,
    LiveRecording,
    Playback,
    read_bridge,
    read_channel,
    read_playback,
    read_recording,
)
from vagtcentral.ivr.asterisk.ari_repeat import Look, Repeat
from vagtcentral.ivr.asterisk.ari_rest import path

log = logging.getLogger(__name__)

_ODD = "an answer that is not as ARI promises"
_Thing = TypeVar("_Thing")


class AriCommands(ABC):
    """The commands and questions of ARI that a control room needs; each raises `AriError`.

    Commands answer nothing: what comes of them is told by events. `NotFound` means that the channel, bridge,
    playback or recording is gone; `Conflict` and `Rejected` that its state forbids the command.
    """

    app: str

    @abstractmethod
    async def request(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        repeat: Repeat | Look | None = None,
    ) -> Any:
        """Send a request and give the answer's JSON."""

    async def _get(self, where: str, read: Callable[[Any], _Thing]) -> _Thing:
        answer = await self.request("GET", where)
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ServerFault(200, "GET", where, _ODD) from None

    # --- the switch ---------------------------------------------------------------------------

    async def ping(self) -> None:
        """Return if the switch answers."""
        await self.request("GET", "asterisk/ping")

    async def asterisk_info(self) -> Any:
        """Version, build and start time of the switch, as ARI describes them."""
        return await self.request("GET", "asterisk/info")

    async def channels(self) -> dict[str, Channel]:
        """All channels of the switch by id, ours or not."""
        return await self._get("channels", lambda all_: {raw["id"]: read_channel(raw) for raw in all_})

    async def bridges(self) -> dict[str, Bridge]:
        """All bridges of the switch by id."""
        return await self._get("bridges", lambda all_: {raw["id"]: read_bridge(raw) for raw in all_})

    async def our_channels(self) -> frozenset[str]:
        """The ids of the channels whose events come to our application, also of those that still ring."""
        return await self._get(path("applications", self.app), lambda app: frozenset(app["channel_ids"]))

    async def subscribe(self, source: str) -> None:
        """Let the events of `source`, as `deviceState:PJSIP/op1`, come to us until the switch restarts."""
        await self.request(
            "POST",
            path("applications", self.app, "subscription"),
            body={"eventSource": [source]},
            repeat=Repeat.FREELY,
        )

    # --- channels -----------------------------------------------------------------------------

    async def channel(self, channel_id: str) -> Channel:
        """One channel."""
        return await self._get(path("channels", channel_id), read_channel)

    async def originate(
        self,
        endpoint: str,
        channel_id: str,
        *,
        caller_id: str = "",
        timeout_s: int = 30,
        args: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Call `endpoint`, as `PJSIP/op1`. `StasisStart` with `args` comes when it is answered.

        Before that come `Dial` and `ChannelStateChange`; unanswered, `ChannelDestroyed` with a cause.
        """
        body = {"endpoint": endpoint, "app": self.app, "appArgs": _arguments(args), "timeout": timeout_s}
        await self._make_channel(path("channels", channel_id), channel_id, body, caller_id, variables)

    async def create_channel(
        self,
        endpoint: str,
        channel_id: str,
        *,
        caller_id: str = "",
        args: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Make a channel to `endpoint` that calls nobody yet. `StasisStart` comes at once; then `dial` it."""
        body = {"endpoint": endpoint, "channelId": channel_id, "app": self.app, "appArgs": _arguments(args)}
        await self._make_channel(path("channels", "create"), channel_id, body, caller_id, variables)

    async def _make_channel(
        self,
        where: str,
        channel_id: str,
        body: dict[str, Any],
        caller_id: str,
        variables: Mapping[str, str] | None,
    ) -> None:
        if caller_id:
            body["callerId"] = caller_id
        if variables:
            body["variables"] = dict(variables)
        look = Look(path("channels", channel_id), sighting=channel_id)
        await self.request("POST", where, body=body, repeat=look)

    async def dial(self, channel_id: str, timeout_s: int = 30) -> None:
        """Let a channel made by `create_channel` call."""
        look = Look(path("channels", channel_id), holds=lambda channel: channel["state"] != "Down")
        await self._on_channel(channel_id, "dial", body={"timeout": timeout_s}, repeat=look)

    async def answer(self, channel_id: str) -> None:
        """Take the call."""
        await self._on_channel(channel_id, "answer")

    async def ring(self, channel_id: str) -> None:
        """Let a caller who was not answered yet hear ringing."""
        await self._on_channel(channel_id, "ring")

    async def stop_ring(self, channel_id: str) -> None:
        """No ringing any more."""
        await self._on_channel(channel_id, "ring", "DELETE")

    async def hangup(self, channel_id: str, reason: str = "normal") -> None:
        """End the channel. `reason` is one of ARI's, as `normal`, `busy`, `congestion`, `no_answer`."""
        await self.request("DELETE", path("channels", channel_id), query={"reason": reason})

    async def start_music(self, channel_id: str, music_class: str = "default") -> None:
        """Play the waiting music until `stop_music` or a bridge."""
        await self._on_channel(channel_id, "moh", body={"mohClass": music_class})

    async def stop_music(self, channel_id: str) -> None:
        """No waiting music any more."""
        await self._on_channel(channel_id, "moh", "DELETE")

    async def send_dtmf(
        self, channel_id: str, digits: str, *, between_ms: int = 100, duration_ms: int = 100
    ) -> None:
        """Press keys towards the far end. If no answer comes, nobody knows whether they were pressed."""
        body = {"dtmf": digits, "between": between_ms, "duration": duration_ms}
        await self._on_channel(channel_id, "dtmf", body=body, repeat=Repeat.NEVER)

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        """A channel variable or function as `CHANNEL(language)`; `None` if there is none of this name."""
        try:
            answer = await self.request("GET", path("channels", channel_id, "variable"), {"variable": name})
        except NotFound as error:
            if "variable" in error.message.lower():
                return None
            raise
        if not isinstance(answer, dict) or not isinstance(answer.get("value"), str):
            raise ServerFault(200, "GET", path("channels", channel_id, "variable"), _ODD)
        return str(answer["value"])

    async def set_variable(self, channel_id: str, name: str, value: str) -> None:
        """Set a channel variable or function."""
        await self._on_channel(channel_id, "variable", body={"variable": name, "value": value})

    async def _on_channel(
        self,
        channel_id: str,
        action: str,
        method: str = "POST",
        body: dict[str, Any] | None = None,
        repeat: Repeat | Look = Repeat.FREELY,
    ) -> None:
        await self.request(method, path("channels", channel_id, action), body=body, repeat=repeat)

    # --- playbacks ----------------------------------------------------------------------------

    async def play(self, channel_id: str, playback_id: str, media: Sequence[str]) -> None:
        """Play media such as `sound:/prompts/welcome` one after the other to a channel.

        `PlaybackStarted` comes for each medium, `PlaybackFinished` once. A medium without a file is skipped;
        the end is `failed` only if the last one has none. The same id again would play it again.
        """
        await self._play(path("channels", channel_id), playback_id, media)

    async def play_to_bridge(self, bridge_id: str, playback_id: str, media: Sequence[str]) -> None:
        """Play media one after the other to everybody in a bridge."""
        await self._play(path("bridges", bridge_id), playback_id, media)

    async def _play(self, target: str, playback_id: str, media: Sequence[str]) -> None:
        if not media or any("," in medium for medium in media):
            raise ValueError(f"media {list(media)}: one or more names without comma")
        look = Look(path("playbacks", playback_id), sighting=playback_id)
        where = f"{target}/play/{path(playback_id)}"
        await self.request("POST", where, body={"media": list(media)}, repeat=look)

    async def stop_playback(self, playback_id: str) -> None:
        """Stop it, with all media that would follow; `PlaybackFinished` comes."""
        await self.request("DELETE", path("playbacks", playback_id))

    async def playback(self, playback_id: str) -> Playback:
        """One playback; `NotFound` when it is over."""
        return await self._get(path("playbacks", playback_id), read_playback)

    # --- bridges ------------------------------------------------------------------------------

    async def create_bridge(self, bridge_id: str, kind: str = "mixing") -> None:
        """Make a bridge and let its events come to us, those of recordings among them.

        A bridge whose events will not come is better than none: that is logged only.
        """
        where = path("bridges", bridge_id)
        await self.request("POST", where, body={"type": kind}, repeat=Look(where))
        try:
            await self.subscribe(f"bridge:{bridge_id}")
        except AriError as error:
            log.warning("no events of bridge %s will come: %s", bridge_id, error)

    async def bridge(self, bridge_id: str) -> Bridge:
        """One bridge."""
        return await self._get(path("bridges", bridge_id), read_bridge)

    async def add_to_bridge(self, bridge_id: str, *channel_ids: str) -> None:
        """Let channels hear each other. Each leaves the bridge that it was in."""
        wanted = set(channel_ids)
        look = Look(path("bridges", bridge_id), holds=lambda bridge: wanted <= set(bridge["channels"]))
        where = path("bridges", bridge_id, "addChannel")
        await self.request("POST", where, body={"channel": list(channel_ids)}, repeat=look)

    async def remove_from_bridge(self, bridge_id: str, channel_id: str) -> None:
        """Take a channel out of a bridge; it stays ours and hears nothing."""
        gone = Look(path("bridges", bridge_id), holds=lambda bridge: channel_id not in bridge["channels"])
        where = path("bridges", bridge_id, "removeChannel")
        await self.request("POST", where, body={"channel": [channel_id]}, repeat=gone)

    async def destroy_bridge(self, bridge_id: str) -> None:
        """End a bridge; its channels stay ours."""
        await self.request("DELETE", path("bridges", bridge_id))

    # --- recordings ---------------------------------------------------------------------------

    async def record_bridge(self, bridge_id: str, name: str, audio_format: str = "wav") -> None:
        """Record what is said in a bridge into a file that does not exist yet (`Conflict` if it does).

        One recording to a bridge: in Asterisk 22.10 the refusal of a second one also ends the first.
        """
        body = {"name": name, "format": audio_format, "ifExists": "fail"}
        look = Look(path("recordings", "live", name), sighting=name)
        await self.request("POST", path("bridges", bridge_id, "record"), body=body, repeat=look)

    async def stop_recording(self, name: str) -> None:
        """End a recording and keep its file; `RecordingFinished` comes."""
        where = path("recordings", "live", name, "stop")
        await self.request("POST", where, repeat=Repeat.FREELY)

    async def recording(self, name: str) -> LiveRecording:
        """One recording that is being made; `NotFound` when it is over."""
        return await self._get(path("recordings", "live", name), read_recording)


def _arguments(args: Sequence[str]) -> str:
    if any("," in argument for argument in args):
        raise ValueError(f"arguments {list(args)}: without comma")
    return ",".join(args)
