"""What is to be heard in a recording: which of several tones, when, and how much louder than all else."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WINDOW_S = 0.25
#: A tone is what lies this near to its frequency, in hertz: the main lobe of the window.
_NEAR_HZ = 10.0


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, taken apart into windows of `WINDOW_S`."""

    seconds: float
    rate: int
    spectra: np.ndarray  #: the power of each frequency, one row for each window

    def prominence_db(self, tone: int, others: Sequence[int]) -> list[float]:
        """For each window, how far a tone stands out from all that is neither it nor one of the others."""
        frequencies = np.fft.rfftfreq(round(self.rate * WINDOW_S), 1 / self.rate)
        near = np.abs(frequencies - tone) <= _NEAR_HZ
        voices = np.any([np.abs(frequencies - voice) <= _NEAR_HZ for voice in (tone, *others)], axis=0)
        loudest, rest = self.spectra[:, near].max(axis=1), self.spectra[:, ~voices].max(axis=1)
        return list(10 * np.log10((loudest + 1e-3) / (rest + 1e-3)))


def listen(file: Path) -> Recording:
    """Read a recording as a player does; anything but telephone sound fails."""
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
        rate, frames = sound.getframerate(), sound.getnframes()
        samples = np.frombuffer(sound.readframes(frames), dtype="<i2").astype(float)
    assert len(samples) == frames, "the header promises more than there is"
    size = round(rate * WINDOW_S)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    spectra = np.abs(np.fft.rfft(windows * np.hanning(size), axis=1)) ** 2
    return Recording(frames / rate, rate, spectra)
