"""How the switch is to be reached."""

from dataclasses import dataclass
from enum import Enum

from yarl import URL


class Transport(Enum):
    """How requests reach the switch."""

    HTTP = "http"  #: over connections of their own, side by side
    SOCKET = "socket"  #: over the socket of events, one after the other; over HTTP while that is not there


@dataclass(frozen=True, slots=True)
class AriTiming:
    """Bounds in seconds and counts; the defaults are for a switch on the same machine or network.

    A dead connection is noticed after 1.5 times `heartbeat_s`. `longest_wait_s` is the longest pause between
    attempts to connect. A connection that held for `steady_s` is followed by an attempt at once. Kept
    connections idle for `keep_alive_s` are closed; it must be below the `session_keep_alive` of the switch
    (15 s if not set), or requests meet a connection that the switch has just closed. A lost connection is
    made again after `settle_s`, because Asterisk is still tidying up the old one (`ari_hearing`). A
    connection that brings no event for `hearing_s` is tested, and given up if it brings none within `deaf_s`.
    `doubt_s` after a message that cannot be read, the switch is asked what it has.
    """

    connect_s: float = 2.0
    request_s: float = 5.0
    heartbeat_s: float = 2.0
    first_wait_s: float = 0.1
    longest_wait_s: float = 1.0
    steady_s: float = 2.0
    keep_alive_s: float = 10.0
    remind_s: float = 10.0
    settle_s: float = 0.05
    hearing_s: float = 5.0
    deaf_s: float = 1.0
    doubt_s: float = 0.5
    tries: int = 3
    connections: int = 64


def checked(url: str) -> URL:
    """The address of a switch, with `/ari` at its end or without. Raises `ValueError` if it is none."""
    base = URL(url)
    if base.user is not None or base.password is not None:
        raise ValueError("the address of the switch holds credentials: give user and password apart")
    if base.scheme not in ("http", "https") or base.host is None or base.query_string:
        raise ValueError(f"{url!r} is not the address of a switch, as http://127.0.0.1:8088")
    return base if base.path.rstrip("/").endswith("/ari") else base / "ari"
