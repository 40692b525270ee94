"""The things of the switch as ARI describes them: channels, bridges, playbacks, recordings.

Only what the control room uses is kept. The readers raise `KeyError`, `TypeError`, `ValueError` or
`AttributeError` on a description that lacks what ARI promises; `ari_events.decode` catches these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

#: A JSON object as it came.
Raw = Mapping[str, Any]


class ChannelState(StrEnum):
    """What the telephone line of a channel is doing."""

    DOWN = "Down"  #: made, but nothing has happened on the line yet
    RESERVED = "Rsrved"  #: the line is taken, nothing more
    OFF_HOOK = "OffHook"  #: the phone is off the hook and dials nothing
    DIALING = "Dialing"  #: we are calling, the far end has not said that it rings
    RING = "Ring"  #: someone calls us and waits for the answer
    RINGING = "Ringing"  #: we are calling and the far end rings
    UP = "Up"  #: answered
    BUSY = "Busy"  #: the far end is busy
    UNKNOWN = "Unknown"  #: anything else


_STATES = {state.value: state for state in ChannelState}


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg of a call. `extension` is what was dialled, `created` an instant in milliseconds since 1970.

    `app` and `app_data` are the dialplan application that it is in: `Stasis` and `NAME,arguments` when it was
    handed to us by the dialplan.
    """

    id: str
    name: str
    state: ChannelState
    caller_number: str
    caller_name: str
    connected_number: str
    extension: str
    app: str
    app_data: str
    created: int
    language: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A place where channels hear each other. `kind` is `mixing` or `holding`."""

    id: str
    kind: str
    name: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Playback:
    """A list of media that is played. `target` is `channel:ID` or `bridge:ID`, `media` what plays now.

    `state` is `queued`, `playing`, `continuing`, `paused`, `done` or `failed`. Stopping one makes it `done`.
    """

    id: str
    target: str
    media: str
    state: str


@dataclass(frozen=True, slots=True)
class LiveRecording:
    """A recording being made. `target` is `channel:ID` or `bridge:ID`; `cause` says why it failed.

    `state` is `queued`, `recording`, `paused`, `done`, `failed` or `canceled`. `duration_s` is known
    at the end.
    """

    name: str
    target: str
    format: str
    state: str
    duration_s: int | None
    cause: str | None


def instant(text: str) -> int:
    """Milliseconds since 1970-01-01 UTC of a timestamp such as `2026-11-22T17:41:00.123+0000`."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def text_in(raw: Raw, key: str) -> str:
    """A field that must be text, because it is looked up or taken apart; `TypeError` if it is not."""
    text = raw[key]
    if not isinstance(text, str):
        raise TypeError(f"{key} is no text")
    return text


def instant_or_zero(text: object) -> int:
    """The instant of a timestamp, 0 if there is none that can be read."""
    try:
        return instant(text) if isinstance(text, str) else 0
    except ValueError:
        return 0


def text_or_empty(raw: Raw, *keys: str) -> str:
    """A field, or one of a part, that is empty if it is not there or no text."""
    found: object = raw
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def read_channel(raw: Raw) -> Channel:
    """A channel from its ARI description. Only its id must be there: no call is lost for want of a name."""
    variables = raw.get("channelvars")
    return Channel(
        id=text_in(raw, "id"),
        name=text_or_empty(raw, "name"),
        state=_STATES.get(text_or_empty(raw, "state"), ChannelState.UNKNOWN),
        caller_number=text_or_empty(raw, "caller", "number"),
        caller_name=text_or_empty(raw, "caller", "name"),
        connected_number=text_or_empty(raw, "connected", "number"),
        extension=text_or_empty(raw, "dialplan", "exten"),
        app=text_or_empty(raw, "dialplan", "app_name"),
        app_data=text_or_empty(raw, "dialplan", "app_data"),
        created=instant_or_zero(raw.get("creationtime")),
        language=text_or_empty(raw, "language"),
        variables=variables if isinstance(variables, Mapping) else {},
    )


def read_bridge(raw: Raw) -> Bridge:
    """A bridge from its ARI description."""
    return Bridge(text_in(raw, "id"), raw["bridge_type"], raw.get("name", ""), tuple(raw["channels"]))


def read_playback(raw: Raw) -> Playback:
    """A playback from its ARI description."""
    return Playback(text_in(raw, "id"), text_in(raw, "target_uri"), raw["media_uri"], raw["state"])


def read_recording(raw: Raw) -> LiveRecording:
    """A live recording from its ARI description."""
    return LiveRecording(
        text_in(raw, "name"),
        text_in(raw, "target_uri"),
        raw["format"],
        raw["state"],
        raw.get("duration"),
        raw.get("cause"),
    )
