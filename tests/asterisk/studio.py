"""Prompts that a machine can tell apart by ear: recorded in the "studio" as tones, one pitch for each."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vagtcentral.menus.model import Menu
from vagtcentral.menus.prompts import PromptStore, every_prompt

_RATE = 8_000
_PACKETS_PER_SECOND = 50
#: A byte of A-law turned into its sign, which its highest bit says.
_SIGNS = bytes(value >> 7 for value in range(256))

#: The prompts on the way to a queue and their pitch in Hz, far enough apart for 20 ms to tell them.
PITCH = {
    "recorded": 300,
    "welcome": 600,
    "main": 900,
    "report": 1_200,
    "where-it-happened": 1_500,
    "putting-through": 1_800,
}
_OTHERS = 2_100

#: How long they are, in seconds. Those that ask for keys are longer than a caller needs to press one.
_LENGTH = {"recorded": 0.3, "welcome": 0.5, "putting-through": 1.0}
_QUESTION = 4.0


def heard(payload: bytes) -> str | None:
    """Which prompt 20 ms of A-law sound are from; None for silence, music and whatever else."""
    hertz = payload.translate(_SIGNS).count(b"\1\0") * _PACKETS_PER_SECOND
    near = min(PITCH, key=lambda name: abs(PITCH[name] - hertz))
    return near if abs(PITCH[near] - hertz) <= 2 * _PACKETS_PER_SECOND else None


def record_in_studio(folder: Path, menus: Iterable[Menu]) -> PromptStore:
    """Record every prompt of the menus and prepare them for the switch, in `folder/prompts`."""
    menus = list(menus)
    for menu in menus:
        for spoken in every_prompt(menu):
            file = folder / "studio" / spoken.language / f"{spoken.name}.wav"
            file.parent.mkdir(parents=True, exist_ok=True)
            _record(file, PITCH.get(spoken.name, _OTHERS), _LENGTH.get(spoken.name, _QUESTION))
    prompts = PromptStore(folder / "prompts", studio=folder / "studio")
    for menu in menus:
        prompts.speak_all(menu)
    return prompts


def _record(file: Path, hertz: int, seconds: float) -> None:
    instants = np.arange(round(seconds * _RATE)) / _RATE
    samples = (8_000 * np.sin(2 * np.pi * hertz * instants)).astype("<i2")
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(samples.tobytes())
