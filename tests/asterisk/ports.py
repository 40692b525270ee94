"""Ports of the loopback that nobody else takes in between."""

import itertools
import os
import socket
from collections.abc import Iterable

#: Above those that the kernel gives to connections (32768 to 60999) and away from all that is for sound: one
#: of these that is free now is still free when a program that has yet to start binds it.
_FIRST, _EACH, _WORKERS = 61_000, 400, 11
#: So many of each worker's are for the sound of SIPp, which takes the port named and some after it.
_FOR_SOUND, _SOUND = 120, 8

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_own = _FIRST + _EACH * _worker
#: Several runs side by side begin at different ones.
_begin = os.getpid() * 7
_plain = _own + _FOR_SOUND
_next = itertools.count(_begin)
_next_sound = itertools.count(_begin)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port that nobody uses now, and that is not given to anybody again before all others have been.

    It is even, and the one after it is given to nobody: baresip takes that, too.
    """
    size = (_EACH - _FOR_SOUND) // 2
    return _first_free(kind, (_plain + 2 * (next(_next) % size) for _ in range(size)))


def media_port() -> int:
    """A port for the sound of one caller of SIPp, with all that it takes beside it."""
    size = _FOR_SOUND // _SOUND
    return _first_free(socket.SOCK_DGRAM, (_own + _SOUND * (next(_next_sound) % size) for _ in range(size)))


def _first_free(kind: socket.SocketKind, ports: Iterable[int]) -> int:
    for port in ports:
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports for tests are taken")
