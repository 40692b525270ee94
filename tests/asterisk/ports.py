"""Ports of the loopback that nobody else takes in between."""

import itertools
import os
import socket

#: Above those that the kernel gives to connections (32768 to 60999) and away from all that is for sound: one
#: of these that is free now is still free when a program that has yet to start binds it.
_FIRST, _EACH, _WORKERS = 61_000, 400, 11

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
#: Each worker has some of its own. Several runs side by side begin at different ones.
_next = itertools.count(os.getpid() * 7)


#: What SIPp takes for the sound of one call from `-mp` on: two for audio and two for video, used or not.
_SOUND_FIRST, _SOUND_EACH, _SOUND = 45_000, 800, 4


def free_sound_port() -> int:
    """The first of four ports that nobody uses now, for the sound of one call of SIPp's."""
    for _ in range(_SOUND_EACH // _SOUND):
        first = _SOUND_FIRST + _SOUND_EACH * _worker + _SOUND * next(_next) % _SOUND_EACH
        if all(map(_is_free, range(first, first + _SOUND))):
            return first
    raise AssertionError(f"all of the {_SOUND_EACH} ports for sound are taken")


def _is_free(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port that nobody uses now, and that is not given to anybody again before all others have been.

    It is even, and the one after it is given to nobody: baresip takes that, too.
    """
    for _ in range(_EACH // 2):
        port = _FIRST + _EACH * _worker + 2 * next(_next) % _EACH
        if _is_free(port, kind):
            return port
    raise AssertionError(f"all of the {_EACH // 2} ports for tests are taken")
