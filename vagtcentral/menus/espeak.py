"""espeak-ng, run as a program of its own: its licence (GPL) stays outside ours."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from vagtcentral.menus.audio import AudioError, Samples, read_wav

PROGRAM = "espeak-ng"
NOT_THERE = "is not there; install espeak-ng or give studio files"
#: One prompt takes some ten milliseconds; this long, in seconds, means that the program hangs.
PATIENCE_S = 30

#: How a voice of espeak-ng is named: `da`, `en-gb`, `en+f3`.
VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_-]{0,39}")


class SpeechError(Exception):
    """A text that could not be spoken; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Espeak:
    """The program by its name or path."""

    program: str = PROGRAM

    def version(self) -> str | None:
        """What the program says of its version, without its paths; None where it cannot be run."""
        try:
            run = subprocess.run(
                [self.program, "--version"], capture_output=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return run.stdout.decode(errors="replace").partition("Data at")[0].strip() or None

    def speak(self, text: str, voice: str, rate: int) -> tuple[Samples, int]:
        """The text as spoken by `voice` at `rate` words a minute: its samples and their rate in Hz.

        `SpeechError` where the program is not there, refuses the voice, hangs, or makes no sound.
        """
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "spoken.wav"
            # The text goes through stdin: as an argument it could be taken for an option.
            options = ["-b", "1", "-v", voice, "-s", str(rate), "-w", str(file), "--stdin"]
            try:
                run = subprocess.run(
                    [self.program, *options],
                    input=text.encode(),
                    capture_output=True,
                    timeout=PATIENCE_S,
                    check=False,
                )
            except OSError:
                raise SpeechError(f"{self.program} {NOT_THERE}") from None
            except subprocess.TimeoutExpired:
                raise SpeechError(f"{self.program} did not end within {PATIENCE_S} s") from None
            if run.returncode:
                said = " ".join(run.stderr.decode(errors="replace").split()) or f"status {run.returncode}"
                raise SpeechError(f"{self.program} -v {voice}: {said}")
            try:
                return read_wav(file)
            except AudioError as error:
                raise SpeechError(f"what {self.program} made {error}") from None
