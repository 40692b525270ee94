"""Prompts of any length: each is a file of its own with a tone in it, made when it is first asked for."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vagtcentral.menus.audio import TELEPHONE_RATE, wav_bytes
from vagtcentral.menus.model import Spoken

TONE_HZ = 330


class Tones:
    """The audio of prompts, in `folder`; `length_ms` says how long each is."""

    def __init__(self, folder: Path, length_ms: Callable[[Spoken], int]) -> None:
        self._folder = folder
        self._length_ms = length_ms
        folder.mkdir(parents=True, exist_ok=True)

    def media(self, spoken: Spoken) -> str:
        """The prompt as Asterisk wants it named: `sound:` and the path without `.wav`."""
        length_ms = self._length_ms(spoken)
        text = hashlib.sha256(spoken.text.encode()).hexdigest()[:12]
        path = self._folder / f"{spoken.name}-{spoken.language}-{text}-{length_ms}.wav"
        if not path.exists():
            instants = np.arange(length_ms * TELEPHONE_RATE // 1000) / TELEPHONE_RATE
            path.write_bytes(wav_bytes(0.1 * np.sin(2 * np.pi * TONE_HZ * instants)))
        return f"sound:{path.with_suffix('')}"
