"""Callers with ears: they press a key when they hear the question, and time what they hear next.

SIPp does the signalling, the sound is ours. The kernel says when a packet came in, so that a busy listener
does not measure himself.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import cycle

from tests.asterisk.rtp import TICK_MS, Voice, ends_key
from tests.asterisk.sipp import MEDIA_PORT
from tests.asterisk.studio import heard

#: Between hearing a question and pressing the key, and between keys, in ms.
REACTION_MS, BETWEEN_MS = 600, 300

#: Ports that are neither Asterisk's nor those at which SIPp's callers say that they listen.
_ports = cycle(range(35_000, MEDIA_PORT))

_SO_TIMESTAMPNS = 35  # Linux: the time of arrival, as CLOCK_REALTIME
_RTP_HEADER = 12


class Ear:
    """One caller's end of the sound, open while the block lasts.

    `way` has the prompts that she waits for, one after the other, and what she presses on hearing each.
    `next_prompt_ms` has, for each prompt that she answered, the time from letting go of the (last) key to the
    first packet of the next prompt.
    """

    def __init__(self, way: Mapping[str, str]) -> None:
        self._ahead = list(way.items())
        self._voice = Voice()
        self._let_go_ns: int | None = None
        self.next_prompt_ms: list[float] = []

    @property
    def arrived(self) -> bool:
        """Whether she has heard every prompt of her way."""
        return not self._ahead

    def __enter__(self) -> "Ear":
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)
        self.port = self._take_port()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _take_port(self) -> int:
        while True:
            port = next(_ports)
            with suppress(OSError):
                self._socket.bind(("127.0.0.1", port))
                return port

    def _readable(self) -> None:
        packet, notes, _, far_end = self._socket.recvmsg(2048, 64)
        if not self._ahead or heard(packet[_RTP_HEADER:]) != self._ahead[0][0]:
            return
        _, keys = self._ahead.pop(0)
        if self._let_go_ns is not None:
            seconds, nanoseconds = struct.unpack("qq", notes[0][2])
            self.next_prompt_ms.append((seconds * 10**9 + nanoseconds - self._let_go_ns) / 1e6)
            self._let_go_ns = None
        for number, key in enumerate(keys):
            after_ms = REACTION_MS + number * BETWEEN_MS
            self._loop.call_later(after_ms / 1000, self._press, key, far_end)

    def _press(self, key: str, far_end: tuple[str, int]) -> None:
        packets = self._voice.press(key)
        ends = next(number for number, packet in enumerate(packets) if ends_key(packet))
        for number, packet in enumerate(packets):
            after_s = number * TICK_MS / 1000
            self._loop.call_later(after_s, self._send, packet, far_end, number == ends)

    def _send(self, packet: bytes, far_end: tuple[str, int], lets_go: bool) -> None:
        if self._socket.fileno() == -1:
            return  # hung up meanwhile
        if lets_go:
            self._let_go_ns = time.time_ns()
        self._socket.sendto(packet, far_end)
