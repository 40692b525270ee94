"""The caller's end of the sound: RTP packets of silence and of keys (RFC 4733), 20 ms each, A-law."""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

TICK_MS = 20
PRESS_MS = 100

_SAMPLES = 160  # of one tick, at 8 kHz
_A_LAW, _KEY = 8, 101  # payload types, as the callers' SDP names them
_SILENCE = b"\xd5" * _SAMPLES
_KEYS = "0123456789*#"
_END, _VOLUME = 0x80, 10
_END_TIMES = 3  # the end of a key is said three times (RFC 4733, 2.5.1.4), for a packet may be lost


class Voice:
    """One caller's stream: every packet has the next sequence number, as a receiver that counts demands."""

    def __init__(self, ssrc: int = 0x114) -> None:
        self._ssrc = ssrc
        self._sequence = 0
        self._timestamp = 0

    def silence(self) -> bytes:
        """The packet of one tick without a word."""
        return self._packet(_A_LAW, self._timestamp, _SILENCE)

    def press(self, key: str) -> list[bytes]:
        """The packets of a key held for `PRESS_MS`, one for each tick; the last three say that it is over."""
        began, ticks = self._timestamp, PRESS_MS // TICK_MS
        packets = []
        for number in range(1, ticks + _END_TIMES):
            flags = _VOLUME | (_END if number >= ticks else 0)
            event = struct.pack("!BBH", _KEYS.index(key), flags, min(number, ticks) * _SAMPLES)
            packets.append(self._packet(_KEY, began, event, marker=number == 1))
        return packets

    def _packet(self, kind: int, timestamp: int, payload: bytes, *, marker: bool = False) -> bytes:
        head = struct.pack(
            "!BBHII", 0x80, kind | marker << 7, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrc
        )
        self._sequence += 1
        self._timestamp += _SAMPLES
        return head + payload


def ends_key(packet: bytes) -> bool:
    """Whether the packet says that a key was let go."""
    return packet[1] & 0x7F == _KEY and bool(packet[13] & _END)


def call(keys: Mapping[int, str], until_ms: int) -> Iterator[tuple[int, bytes]]:
    """A whole call of a caller who presses each key at its instant and is silent otherwise.

    Gives (milliseconds since the first packet, packet). Keys must be `PRESS_MS` and two ticks apart.
    """
    voice = Voice()
    waiting = sorted(keys.items())
    packets: list[bytes] = []
    for at in range(0, until_ms, TICK_MS):
        if waiting and at >= waiting[0][0]:
            assert not packets, f"the key at {waiting[0][0]} ms comes before the last one is over"
            packets = voice.press(waiting.pop(0)[1])
        yield at, packets.pop(0) if packets else voice.silence()


def write_capture(path: Path, keys: Mapping[int, str], until_ms: int) -> None:
    """The call as a capture file that SIPp plays; SIPp puts in its own addresses and ports.

    One capture for a whole call: of several with the same sequence numbers, as SIPp brings them for single
    keys, Asterisk takes the second for a repetition of the first.
    """
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, packet in call(keys, until_ms):
            udp = struct.pack("!HHHH", 6000, 6000, 8 + len(packet), 0) + packet
            local = b"\x7f\0\0\1"
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + local + local + udp
            frame = bytes(12) + b"\x08\0" + ip
            file.write(struct.pack("<IIII", at // 1000, at % 1000 * 1000, len(frame), len(frame)) + frame)
