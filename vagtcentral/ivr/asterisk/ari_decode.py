"""From the text of the switch to typed events."""

import json
import logging
from collections.abc import Callable

from vagtcentral.ivr.asterisk.ari_events import (
    ApplicationReplaced,
    AriEvent,
    BridgeChannelEvent,
    BridgeCreated,
    BridgeDestroyed,
    BridgeEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelEvent,
    ChannelHangupRequest,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelUserevent,
    ChannelVarset,
    DeviceStateChanged,
    Dial,
    PlaybackContinuing,
    PlaybackEvent,
    PlaybackFinished,
    PlaybackStarted,
    RecordingEvent,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    StasisEnd,
    StasisStart,
    UnknownEvent,
)
from vagtcentral.ivr.asterisk.ari_model import (
    Channel,
    Raw,
    instant_or_zero,
    read_bridge,
    read_channel,
    read_playback,
    read_recording,
    text_in,
    text_or_empty,
)


def _channel_or_none(raw: Raw, key: str) -> Channel | None:
    return read_channel(raw[key]) if raw.get(key) else None


log = logging.getLogger(__name__)

_Reader = Callable[[int, str, Raw], AriEvent]


def _of_channel(kind: type[ChannelEvent]) -> _Reader:
    return lambda at, app, raw: kind(at, app, read_channel(raw["channel"]))


def _of_bridge(kind: type[BridgeEvent]) -> _Reader:
    return lambda at, app, raw: kind(at, app, read_bridge(raw["bridge"]))


def _of_both(kind: type[BridgeChannelEvent]) -> _Reader:
    return lambda at, app, raw: kind(at, app, read_bridge(raw["bridge"]), read_channel(raw["channel"]))


def _of_playback(kind: type[PlaybackEvent]) -> _Reader:
    return lambda at, app, raw: kind(at, app, read_playback(raw["playback"]))


def _of_recording(kind: type[RecordingEvent]) -> _Reader:
    return lambda at, app, raw: kind(at, app, read_recording(raw["recording"]))


def _stasis_start(at: int, app: str, raw: Raw) -> AriEvent:
    replaced = _channel_or_none(raw, "replace_channel")
    given = raw.get("args")
    args = tuple(map(str, given)) if isinstance(given, list) else ()
    return StasisStart(at, app, read_channel(raw["channel"]), args, replaced.id if replaced else None)


def _digit(at: int, app: str, raw: Raw) -> AriEvent:
    digit = text_in(raw, "digit")
    return ChannelDtmfReceived(at, app, read_channel(raw["channel"]), digit, raw.get("duration_ms", 0))


def _destroyed(at: int, app: str, raw: Raw) -> AriEvent:
    cause = text_or_empty(raw, "cause_txt")
    return ChannelDestroyed(at, app, read_channel(raw["channel"]), raw.get("cause", 0), cause)


def _device(at: int, app: str, raw: Raw) -> AriEvent:
    return DeviceStateChanged(at, app, raw["device_state"]["name"], raw["device_state"]["state"])


READERS: dict[str, _Reader] = {
    "StasisStart": _stasis_start,
    "StasisEnd": _of_channel(StasisEnd),
    "ChannelDtmfReceived": _digit,
    "ChannelHangupRequest": lambda at, app, raw: ChannelHangupRequest(
        at, app, read_channel(raw["channel"]), raw.get("cause")
    ),
    "ChannelDestroyed": _destroyed,
    "ChannelStateChange": _of_channel(ChannelStateChange),
    "ChannelEnteredBridge": _of_both(ChannelEnteredBridge),
    "ChannelLeftBridge": _of_both(ChannelLeftBridge),
    "ChannelVarset": lambda at, app, raw: ChannelVarset(
        at, app, _channel_or_none(raw, "channel"), raw["variable"], raw["value"]
    ),
    "PlaybackStarted": _of_playback(PlaybackStarted),
    "PlaybackContinuing": _of_playback(PlaybackContinuing),
    "PlaybackFinished": _of_playback(PlaybackFinished),
    "RecordingStarted": _of_recording(RecordingStarted),
    "RecordingFinished": _of_recording(RecordingFinished),
    "RecordingFailed": _of_recording(RecordingFailed),
    "BridgeCreated": _of_bridge(BridgeCreated),
    "BridgeDestroyed": _of_bridge(BridgeDestroyed),
    "Dial": lambda at, app, raw: Dial(
        at, app, _channel_or_none(raw, "caller"), read_channel(raw["peer"]), raw["dialstatus"]
    ),
    "ChannelUserevent": lambda at, app, raw: ChannelUserevent(at, app, text_in(raw, "eventname")),
    "ApplicationReplaced": lambda at, app, raw: ApplicationReplaced(at, app),
    "DeviceStateChanged": _device,
}


def decode(raw: Raw) -> AriEvent:
    """The typed event of a JSON object that has a `type`; `UnknownEvent` where its type is not known.

    Raises `ValueError` that names the type and what is missing or wrong when the object is not as ARI
    promises; `as_it_came` still makes an event of it.
    """
    kind = raw["type"]
    reader = READERS.get(kind)
    if reader is None:
        return as_it_came(raw)
    try:
        return reader(instant_or_zero(raw.get("timestamp")), text_or_empty(raw, "application"), raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{kind}: {type(error).__name__}: {error}") from None


def as_it_came(raw: Raw) -> UnknownEvent:
    """The event that keeps everything, for what cannot be typed."""
    return UnknownEvent(0, str(raw.get("application", "")), str(raw["type"]), raw)


class EventReader:
    """Reads the messages of the switch. Nothing stops it; what is odd is logged, a new type once.

    `lost` counts the messages that may have said anything: those that are no event, and events of a known
    type that lack what they are about.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self.lost = 0

    def read(self, text: str) -> AriEvent | Raw | None:
        """An event; or the JSON object of an answer to a request; nothing for garbage.

        No text of a message is logged, for it may hold a caller's number.
        """
        try:
            raw = json.loads(text)
            kind = raw["type"]
            if not isinstance(kind, str):
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self.lost += 1
            name = type(error).__name__
            log.warning(
                "a message of %d characters from the switch is no event, ignored: %s", len(text), name
            )
            return None
        if kind == "RESTResponse":
            return raw  # type: ignore[no-any-return]
        try:
            event = decode(raw)
        except ValueError as error:
            self.lost += 1
            log.warning("an event lacks what ARI promises, passed on as it came: %s", error)
            return as_it_came(raw)
        if isinstance(event, UnknownEvent) and event.type not in self._told:
            self._told.add(event.type)
            log.info("events of type %s are not used here", event.type)
        return event
