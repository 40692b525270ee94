"""The ids of all that belongs to a call on the switch, made from the call's id and read back from it.

A call is known by the id of the channel on which it arrived. Because every other id says which call it
belongs to, a controller that was started again finds its way from what the switch has.
"""

from dataclasses import dataclass

_MARK = "~"


@dataclass(frozen=True, slots=True)
class Leg:
    """What an id stands for: the `kind` of thing, of which call, and which one of its kind."""

    call_id: str
    kind: str
    detail: str = ""
    number: int = 0


CALLER, CALL_BACK, OPERATOR, PLAY, BRIDGE = "caller", "back", "op", "play", "bridge"


def call_back_id(call_id: str, at: int) -> str:
    """The channel on which the caller is called back."""
    return f"{call_id}{_MARK}{CALL_BACK}{_MARK}{_MARK}{at}"


def operator_id(call_id: str, operator: str, at: int) -> str:
    """The channel on which an operator is rung."""
    return f"{call_id}{_MARK}{OPERATOR}{_MARK}{operator}{_MARK}{at}"


def play_id(call_id: str, play: int) -> str:
    """The playback of a numbered `Play` or `Gather`."""
    return f"{call_id}{_MARK}{PLAY}{_MARK}{_MARK}{play}"


def bridge_id(call_id: str, at: int) -> str:
    """The bridge in which caller and operator hear each other."""
    return f"{call_id}{_MARK}{BRIDGE}{_MARK}{_MARK}{at}"


def recording_name(call_id: str, name: str) -> str:
    """The recording of one conversation of the call."""
    return f"{call_id}-{name}"


def read_id(given: str) -> Leg:
    """What an id of a channel, playback or bridge stands for; one without marks is the caller's channel."""
    parts = given.split(_MARK)
    if len(parts) == 4 and parts[3].isdigit():
        return Leg(parts[0], parts[1], parts[2], int(parts[3]))
    return Leg(given, CALLER)
