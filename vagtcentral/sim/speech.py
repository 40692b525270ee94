"""What is said in a simulated call as sound: the caller and the operator each with a voice of espeak-ng."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vagtcentral.menus.audio import TELEPHONE_RATE, Samples, telephone, wav_bytes
from vagtcentral.menus.espeak import Espeak
from vagtcentral.sim.conversation import Utterance

#: The pause between two lines of a recording, in seconds: the real pauses are left out.
PAUSE_S = 0.4
#: What makes an espeak-ng voice another person's: the caller sounds unlike the operator.
CALLER_VARIANT = "+f3"


@dataclass(frozen=True, slots=True)
class Voices:
    """The voice of each language, and how fast they speak in words a minute."""

    by_language: Mapping[str, str]
    rate: int
    espeak: Espeak = field(default_factory=Espeak)

    def say(self, line: Utterance) -> Samples:
        """The line as telephone sound. `SpeechError` or `AudioError` where that cannot be."""
        voice = self.by_language[line.language]
        if line.by_caller and "+" not in voice:
            voice += CALLER_VARIANT
        return telephone(*self.espeak.speak(line.words, voice, self.rate))

    def wav(self, lines: Sequence[Utterance]) -> bytes:
        """The lines one after the other as a WAV file of telephone sound."""
        return wav_bytes(self._joined(lines))

    def record(self, lines: Sequence[Utterance], file: Path) -> float:
        """Write the lines into a file whose folder is made; how long it lasts, in seconds. Blocks.

        Raises `SpeechError`, `AudioError` or `OSError`.
        """
        sound = self._joined(lines)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wav_bytes(sound))
        return round(len(sound) / TELEPHONE_RATE, 3)

    def _joined(self, lines: Sequence[Utterance]) -> Samples:
        pause = np.zeros(round(PAUSE_S * TELEPHONE_RATE))
        parts = [part for line in lines for part in (self.say(line), pause)]
        return np.concatenate(parts) if parts else pause
