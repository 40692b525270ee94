"""Sound for the telephone: any plain WAV file to 8 kHz, 16 bits, one channel, at one level.

Asterisk plays such a file without converting it. Samples are floats in -1..1 here; levels are in dBFS, where
0 is the largest value that 16 bits hold.
"""

import io
import stat
import wave
from math import gcd
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

#: What the telephone carries, in samples a second (ITU-T G.711).
TELEPHONE_RATE = 8_000
#: Level of the speech, pauses left out. Talkers on the line have some -26 dBFS; prompts are to be understood
#: in the street. An assumption.
LEVEL_DBFS = -20.0
#: No sample goes beyond this: a prompt with high peaks stays quieter than `LEVEL_DBFS`.
PEAK_DBFS = -1.0
#: What is this much below the loudest frame is no speech.
PAUSE_DB = 40.0
#: How much of the silence at the end is kept, in milliseconds.
KEPT_SILENCE_MS = 150

#: A studio file may be no longer than this, in seconds, and its rate within these bounds, in Hz.
LONGEST_S = 300
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000

#: No file of that length and rate is larger, in bytes: two channels of 32 bits, and some words beside them.
LARGEST = LONGEST_S * HIGHEST_RATE * 8 + 1_000_000

_FRAME_MS = 20
#: The low-pass lets everything through up to here and nothing from half the rate on, as a share of that half.
_PASSED = 0.9
#: What Python's reader raises for a damaged header.
_DAMAGED = (wave.Error, EOFError, RuntimeError, ValueError, OverflowError)
_ALLOWED = "a WAV file of plain PCM, 8 to 32 bits, 8 to 192 kHz, at most 300 s"


class AudioError(Exception):
    """A file that is no usable sound; the text says what was seen and what is allowed, in one line."""


def require_file(file: Path) -> None:
    """Refuse what has no end or might hold a reader up, a pipe or a device; `AudioError` says what it is."""
    try:
        seen = file.stat()
    except FileNotFoundError:
        missing = "is a link to nothing" if file.is_symlink() else "does not exist"
        raise AudioError(f"{missing}; {_ALLOWED}") from None
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror}); {_ALLOWED}") from None
    if not stat.S_ISREG(seen.st_mode):
        raise AudioError(f"is no regular file; {_ALLOWED}")
    if seen.st_size > LARGEST:
        raise AudioError(f"has {seen.st_size} bytes; {_ALLOWED}, which are {LARGEST} bytes at most")


def read_wav(file: Path) -> tuple[Samples, int]:
    """A WAV file's samples, its channels averaged, and its rate in Hz; `AudioError` for anything else."""
    try:
        with file.open("rb") as stream:
            return _read(stream)
    except FileNotFoundError:
        raise AudioError(f"does not exist; {_ALLOWED}") from None
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror}); {_ALLOWED}") from None


def _read(stream: BinaryIO) -> tuple[Samples, int]:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    try:
        with wave.open(stream) as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise AudioError(f"has {rate} samples a second; {_ALLOWED}")
            if width > 4:
                raise AudioError(f"has samples of {8 * width} bits; {_ALLOWED}")
            # A header may promise more than there is, and memory would be taken for that.
            content = sound.readframes(min(LONGEST_S * rate, size // (channels * width)) + 1)
    except _DAMAGED as error:
        seen = str(error) or "it ends too soon"
        raise AudioError(f"is no WAV file of plain PCM ({seen}); {_ALLOWED}") from None
    frames = len(content) // (channels * width)
    if frames == 0:
        raise AudioError(f"has no sound in it; {_ALLOWED}")
    if frames > LONGEST_S * rate:
        raise AudioError(f"is longer than {LONGEST_S} s; {_ALLOWED}")
    samples = _as_floats(content[: frames * channels * width], width)
    return samples.reshape(-1, channels).mean(axis=1), rate


def _as_floats(content: bytes, width: int) -> Samples:
    """Samples of `width` bytes as -1..1: one byte is unsigned, more are signed with the lowest byte first."""
    octets = np.frombuffer(content, dtype=np.uint8).reshape(-1, width)
    if width == 1:
        return (octets[:, 0].astype(np.float64) - 128) / 128
    whole = np.zeros((len(octets), 4), dtype=np.uint8)
    whole[:, 4 - width :] = octets
    return whole.view("<i4")[:, 0].astype(np.float64) / 2**31


def telephone(samples: Samples, rate: int, *, trim: bool = True) -> Samples:
    """The sound as the telephone is to carry it: 8 kHz, at `LEVEL_DBFS`.

    With `trim` a long silence at its end is taken off. `AudioError` where nothing can be heard in it.
    """
    heard = resample(samples, rate, TELEPHONE_RATE)
    if not np.abs(heard).max(initial=0.0) > 10 ** (-70 / 20):
        raise AudioError("is silent; speech is needed")
    if trim:
        heard = trim_end(heard, TELEPHONE_RATE)
    return level(heard, TELEPHONE_RATE)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate, both in Hz, by way of its spectrum.

    What the lower rate cannot carry is faded out between 0.9 and 1 times half of it, so that nothing folds
    back as a false tone.
    """
    if rate == wanted or not len(samples):
        return samples
    common = gcd(rate, wanted)
    down, up = rate // common, wanted // common
    # A stretch of silence behind keeps the end from ringing into the beginning; the length divides evenly.
    blocks = -(-(len(samples) + rate // 20) // down)
    spectrum = np.fft.rfft(samples, blocks * down)
    kept = min(blocks * down, blocks * up) // 2 + 1
    share = np.linspace(0.0, 1.0, kept)
    fade = np.clip((1.0 - share) / (1.0 - _PASSED), 0.0, 1.0)
    filtered = np.zeros(blocks * up // 2 + 1, dtype=np.complex128)
    filtered[:kept] = spectrum[:kept] * np.sin(fade * np.pi / 2) ** 2
    sound = np.fft.irfft(filtered, blocks * up) * (up / down)
    return sound[: -(-len(samples) * up // down)]


def trim_end(samples: Samples, rate: int) -> Samples:
    """The sound without the silence at its end, of which `KEPT_SILENCE_MS` are kept."""
    loud = np.abs(samples) > np.abs(samples).max(initial=0.0) * 10 ** (-PAUSE_DB / 20)
    if not loud.any():
        return samples
    last = len(samples) - int(np.argmax(loud[::-1]))
    return samples[: last + KEPT_SILENCE_MS * rate // 1000]


def level(samples: Samples, rate: int) -> Samples:
    """The sound with its speech at `LEVEL_DBFS`, or lower where its peaks would pass `PEAK_DBFS`."""
    peak = float(np.abs(samples).max(initial=0.0))
    if not peak:
        return samples
    wanted = 10 ** ((LEVEL_DBFS - speech_level(samples, rate)) / 20)
    return samples * min(wanted, 10 ** (PEAK_DBFS / 20) / peak)


def speech_level(samples: Samples, rate: int) -> float:
    """The level of the speech in dBFS: the power of the frames of 20 ms that are no pause."""
    size = rate * _FRAME_MS // 1000
    padded = np.pad(samples, (0, -len(samples) % size))
    power = (padded.reshape(-1, size) ** 2).mean(axis=1)
    spoken = power[power >= power.max() * 10 ** (-PAUSE_DB / 10)]
    return float(10 * np.log10(max(float(spoken.mean()), 1e-30)))


def wav_bytes(samples: Samples, rate: int = TELEPHONE_RATE) -> bytes:
    """The sound as a WAV file of 16 bits and one channel."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        whole = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")
        sound.writeframes(whole.tobytes())
    return content.getvalue()


def telephone_ms(file: Path) -> int | None:
    """How long a file lasts in milliseconds by its header; None unless it is whole and telephone sound.

    A file that another program cut short or wrote in another format is None, so that it is made again.
    """
    try:
        with file.open("rb") as stream, wave.open(stream) as sound:
            right = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (
                TELEPHONE_RATE,
                1,
                2,
            )
            frames = sound.getnframes()
            whole = stream.seek(0, io.SEEK_END) >= 2 * frames + 44
    except (*_DAMAGED, OSError):
        return None
    return round(frames * 1000 / TELEPHONE_RATE) if right and whole and frames else None
