"""What the switch reports, typed. `at` is the switch's own clock, in milliseconds since 1970-01-01 UTC."""

from dataclasses import dataclass

from vagtcentral.ivr.asterisk.ari_model import Bridge, Channel, LiveRecording, Playback, Raw


@dataclass(frozen=True, slots=True)
class AriEvent:
    """Something that happened on the switch, told to `application`. `at` is 0 if the switch gave no time."""

    at: int
    application: str

    def concerns(self) -> tuple[str, ...]:
        """The ids of the channels, bridges, playbacks and recordings that it is about."""
        return ()


@dataclass(frozen=True, slots=True)
class UnknownEvent(AriEvent):
    """An event of a type that is not in this file, or one that lacks what its type promises; as it came."""

    type: str
    raw: Raw


@dataclass(frozen=True, slots=True)
class ApplicationReplaced(AriEvent):
    """Another program has connected as our application; no event comes to us any more."""


@dataclass(frozen=True, slots=True)
class DeviceStateChanged(AriEvent):
    """A phone, say, has become busy or free. `state` is ARI's, as `NOT_INUSE` or `UNAVAILABLE`."""

    device: str
    state: str


@dataclass(frozen=True, slots=True)
class ChannelUserevent(AriEvent):
    """An event that a program or the dialplan has made up, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class ChannelEvent(AriEvent):
    """Something that happened to one channel."""

    channel: Channel

    def concerns(self) -> tuple[str, ...]:
        """The channel."""
        return (self.channel.id,)


@dataclass(frozen=True, slots=True)
class StasisStart(ChannelEvent):
    """A channel is ours now. `replaces` is the id of the one whose place it takes, after a transfer."""

    args: tuple[str, ...]
    replaces: str | None


@dataclass(frozen=True, slots=True)
class StasisEnd(ChannelEvent):
    """A channel is not ours any more; mostly because it hangs up."""


@dataclass(frozen=True, slots=True)
class ChannelDtmfReceived(ChannelEvent):
    """A key was pressed and let go."""

    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ChannelHangupRequest(ChannelEvent):
    """Someone hung up; the channel is about to end. `cause` is the Q.850 number if there is one."""

    cause: int | None


@dataclass(frozen=True, slots=True)
class ChannelDestroyed(ChannelEvent):
    """The channel is gone. `cause` is the Q.850 number, `cause_text` its words."""

    cause: int
    cause_text: str


@dataclass(frozen=True, slots=True)
class ChannelStateChange(ChannelEvent):
    """The line of a channel does something else now: rings, is answered."""


@dataclass(frozen=True, slots=True)
class ChannelVarset(AriEvent):
    """A variable was set on a channel, or a global one (`channel` is `None`)."""

    channel: Channel | None
    variable: str
    value: str

    def concerns(self) -> tuple[str, ...]:
        """The channel."""
        return (self.channel.id,) if self.channel else ()


@dataclass(frozen=True, slots=True)
class Dial(AriEvent):
    """A call that we place goes on. `status` is empty at its start, then as `RINGING`, `ANSWER`, `BUSY`."""

    caller: Channel | None
    peer: Channel
    status: str

    def concerns(self) -> tuple[str, ...]:
        """The channel that is called, then the one that it is called for."""
        return (self.peer.id, self.caller.id) if self.caller else (self.peer.id,)


@dataclass(frozen=True, slots=True)
class BridgeEvent(AriEvent):
    """Something that happened to a bridge."""

    bridge: Bridge

    def concerns(self) -> tuple[str, ...]:
        """The bridge."""
        return (self.bridge.id,)


@dataclass(frozen=True, slots=True)
class BridgeCreated(BridgeEvent):
    """A bridge was made."""


@dataclass(frozen=True, slots=True)
class BridgeDestroyed(BridgeEvent):
    """A bridge is gone."""


@dataclass(frozen=True, slots=True)
class BridgeChannelEvent(BridgeEvent):
    """A channel and a bridge met or parted; `bridge.channels` is who is in it now."""

    channel: Channel

    def concerns(self) -> tuple[str, ...]:
        """The channel, then the bridge."""
        return (self.channel.id, self.bridge.id)


@dataclass(frozen=True, slots=True)
class ChannelEnteredBridge(BridgeChannelEvent):
    """A channel is in a bridge now."""


@dataclass(frozen=True, slots=True)
class ChannelLeftBridge(BridgeChannelEvent):
    """A channel is out of a bridge."""


@dataclass(frozen=True, slots=True)
class PlaybackEvent(AriEvent):
    """Something that happened to a playback."""

    playback: Playback

    def concerns(self) -> tuple[str, ...]:
        """The playback, then the channel or bridge that hears it."""
        return (self.playback.id, self.playback.target.partition(":")[2])


@dataclass(frozen=True, slots=True)
class PlaybackStarted(PlaybackEvent):
    """The first medium begins to play."""


@dataclass(frozen=True, slots=True)
class PlaybackContinuing(PlaybackEvent):
    """The next medium of the list begins to play."""


@dataclass(frozen=True, slots=True)
class PlaybackFinished(PlaybackEvent):
    """It is over: heard to its end or stopped (`done`), or could not be played (`failed`)."""


@dataclass(frozen=True, slots=True)
class RecordingEvent(AriEvent):
    """Something that happened to a recording."""

    recording: LiveRecording

    def concerns(self) -> tuple[str, ...]:
        """The recording, then the channel or bridge that is recorded."""
        return (self.recording.name, self.recording.target.partition(":")[2])


@dataclass(frozen=True, slots=True)
class RecordingStarted(RecordingEvent):
    """From now on it is recorded."""


@dataclass(frozen=True, slots=True)
class RecordingFinished(RecordingEvent):
    """The recording is a file now."""


@dataclass(frozen=True, slots=True)
class RecordingFailed(RecordingEvent):
    """There is no recording; `recording.cause` says why."""
