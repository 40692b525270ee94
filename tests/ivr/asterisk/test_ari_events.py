"""Every event of the switch becomes its type; nothing that comes stops the reader."""

import json
import logging
from typing import Any

import pytest

from tests.ivr.asterisk.fake_ari import STAMP, bridge, channel, digit, event, playback, recording
from vagtcentral.ivr.asterisk import ari_events
from vagtcentral.ivr.asterisk.ari_decode import READERS, EventReader, decode
from vagtcentral.ivr.asterisk.ari_events import AriEvent, ChannelDtmfReceived, UnknownEvent
from vagtcentral.ivr.asterisk.ari_model import ChannelState, instant

CHANNEL, BRIDGE = {"channel": channel("c1")}, {"bridge": bridge("b1", "c1")}
PLAYBACK, RECORDING = {"playback": playback("p1")}, {"recording": recording("r1")}

#: One example of each type, and the ids that it is about.
EXAMPLES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "StasisStart": ({**CHANNEL, "args": ["114"]}, ("c1",)),
    "StasisEnd": (CHANNEL, ("c1",)),
    "ChannelDtmfReceived": ({**CHANNEL, "digit": "#", "duration_ms": 80}, ("c1",)),
    "ChannelHangupRequest": ({**CHANNEL, "cause": 16, "soft": True}, ("c1",)),
    "ChannelDestroyed": ({**CHANNEL, "cause": 17, "cause_txt": "User busy"}, ("c1",)),
    "ChannelStateChange": (CHANNEL, ("c1",)),
    "ChannelEnteredBridge": ({**CHANNEL, **BRIDGE}, ("c1", "b1")),
    "ChannelLeftBridge": ({**CHANNEL, **BRIDGE}, ("c1", "b1")),
    "ChannelVarset": ({**CHANNEL, "variable": "X", "value": "1"}, ("c1",)),
    "PlaybackStarted": (PLAYBACK, ("p1", "c1")),
    "PlaybackContinuing": (PLAYBACK, ("p1", "c1")),
    "PlaybackFinished": (PLAYBACK, ("p1", "c1")),
    "RecordingStarted": (RECORDING, ("r1", "b1")),
    "RecordingFinished": (RECORDING, ("r1", "b1")),
    "RecordingFailed": (RECORDING, ("r1", "b1")),
    "BridgeCreated": (BRIDGE, ("b1",)),
    "BridgeDestroyed": (BRIDGE, ("b1",)),
    "Dial": ({"peer": channel("c2"), "caller": channel("c1"), "dialstatus": "RINGING"}, ("c2", "c1")),
    "ChannelUserevent": ({"eventname": "hello", "userevent": {}}, ()),
    "ApplicationReplaced": ({}, ()),
    "DeviceStateChanged": ({"device_state": {"name": "PJSIP/op1", "state": "INUSE"}}, ()),
}


@pytest.mark.parametrize("kind", sorted(READERS))
def test_each_known_type_has_an_example_and_becomes_its_class(kind: str) -> None:
    fields, ids = EXAMPLES[kind]
    read = decode(event(kind, **fields))
    assert type(read) is getattr(ari_events, kind)
    assert (read.at, read.application) == (instant(STAMP), "vagtcentral")
    assert read.concerns() == ids


@pytest.mark.parametrize("kind", sorted(k for k, (fields, _) in EXAMPLES.items() if fields))
def test_an_event_that_lacks_what_ari_promises_is_named_and_kept_as_it_came(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    bare = event(kind)
    if kind == "ChannelVarset":
        bare = event(kind, channel={"name": "c1"}, variable="X", value="1")
    with pytest.raises(ValueError, match=rf"{kind}: KeyError"):
        decode(bare)
    read = EventReader().read(json.dumps(bare))
    assert read == UnknownEvent(0, "vagtcentral", kind, bare)
    assert f"an event lacks what ARI promises, passed on as it came: {kind}" in caplog.text


@pytest.mark.parametrize("odd", [None, 7, "text", [1], {"number": 7}])
def test_a_call_is_not_lost_for_want_of_what_is_not_needed(odd: Any) -> None:
    """Only the channel's id says which call it is; all else can be done without."""
    wanting = {key: odd for key in channel("c1") if key != "id"}
    read = decode({**event("StasisStart", channel={**wanting, "id": "c1"}), "timestamp": odd, "args": odd})
    assert isinstance(read, ari_events.StasisStart)
    caller = read.channel
    assert (caller.id, caller.caller_number, caller.extension, caller.created) == ("c1", "", "", 0)
    assert all(isinstance(argument, str) for argument in read.args)
    key = decode(event("ChannelDtmfReceived", channel={"id": "c1"}, digit="5"))
    assert isinstance(key, ChannelDtmfReceived)
    assert (key.digit, key.duration_ms) == ("5", 0)


def test_what_may_have_told_anything_is_counted_and_what_is_only_unknown_is_not() -> None:
    reader = EventReader()
    for text in ("{", json.dumps(event("StasisEnd")), json.dumps(event("ChannelTeleported"))):
        reader.read(text)
    assert reader.lost == 2


def test_a_key_press_in_full() -> None:
    read = decode(digit("c1", "5"))
    assert isinstance(read, ChannelDtmfReceived)
    assert (read.digit, read.duration_ms) == ("5", 100)
    caller = read.channel
    assert (caller.id, caller.state, caller.caller_number) == ("c1", ChannelState.UP, "+4520123456")
    assert (caller.extension, caller.app, caller.app_data) == ("114", "Stasis", "vagtcentral,114")
    assert caller.created == instant(STAMP) == 1795369260123


def test_a_state_that_is_not_known_is_unknown_and_a_global_variable_has_no_channel() -> None:
    odd = decode(event("ChannelStateChange", channel=channel("c1", "Levitating")))
    assert isinstance(odd, ari_events.ChannelStateChange)
    assert odd.channel.state is ChannelState.UNKNOWN
    everywhere = decode(event("ChannelVarset", variable="X", value="1"))
    assert isinstance(everywhere, ari_events.ChannelVarset)
    assert (everywhere.channel, everywhere.concerns()) == (None, ())


def test_a_channel_that_replaces_another_says_which() -> None:
    read = decode(event("StasisStart", channel=channel("c2"), args=[], replace_channel=channel("c1")))
    assert isinstance(read, ari_events.StasisStart)
    assert read.replaces == "c1"


def test_a_type_that_is_not_known_is_kept_whole_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reader = EventReader()
    odd = event("ChannelTeleported", where="away")
    kept = [reader.read(json.dumps(odd)) for _ in range(3)]
    assert kept == [UnknownEvent(0, "vagtcentral", "ChannelTeleported", odd)] * 3
    assert [r.getMessage() for r in caplog.records] == ["events of type ChannelTeleported are not used here"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "nonsense", "[]", '"text"', "12", "null", "{}", '{"kind": "StasisStart"}', "[" * 5_000],
)
def test_garbage_is_a_warning_that_does_not_show_it(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert EventReader().read(text) is None
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert f"a message of {len(text)} characters from the switch is no event, ignored" in record.getMessage()
    assert "nonsense" not in record.getMessage()


@pytest.mark.parametrize("raw", [{"type": 7}, {"type": None}, {"type": ["StasisStart"]}, {"type": {}}])
def test_a_type_that_is_no_text_does_not_stop_the_reader(raw: Any) -> None:
    read = EventReader().read(json.dumps(raw))
    assert read is None or isinstance(read, AriEvent)
