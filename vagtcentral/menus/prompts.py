"""Audio for the prompts of a menu: spoken by espeak-ng, or recorded in a studio.

Every prompt becomes one WAV file of 8 kHz, 16 bits, one channel. Its name is a hash of all that it was made
from, so that a changed text, voice or rate makes a new file and nothing is ever spoken twice.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vagtcentral.menus.audio import AudioError, read_wav, require_file, telephone, telephone_ms, wav_bytes
from vagtcentral.menus.espeak import NOT_THERE, PROGRAM, VOICE, Espeak, SpeechError
from vagtcentral.menus.model import Menu, Spoken

#: The voices of espeak-ng for the languages that menus have, and how fast they speak, in words a minute.
VOICES: Mapping[str, str] = {"da": "da", "en": "en-gb"}
RATE = 150
SLOWEST, FASTEST = 80, 300

#: Counts up when the way from speech to file changes, so that old files are made anew.
_RECIPE = 1
_VERSION_FILE = "espeak-ng.version"
#: The service numbers are said digit by digit: espeak-ng would say "one hundred and twelve".
_SERVICE_NUMBER = re.compile(r"\b11[0-9]\b")


class PromptError(Exception):
    """Prompts that have no audio; `lines` has one line for each, with its reason and what helps."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class Origin(StrEnum):
    """Where the audio of a prompt comes from."""

    SPOKEN = "espeak-ng"  #: spoken by the program
    STUDIO = "studio"  #: recorded by people


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prompt with its audio. `made` says whether it was made now; otherwise it was there already."""

    spoken: Spoken
    path: Path
    origin: Origin
    made: bool
    duration_ms: int


class PromptStore:
    """The audio files in `folder`, made from texts with `voices` (by language) at `rate` words a minute.

    `studio` is a folder with recordings, `LANGUAGE/PROMPT.wav`, each of which goes before the spoken text.
    They are looked for once: whoever changes recordings takes a new store. Several stores may work in one
    folder at the same time.
    """

    def __init__(
        self,
        folder: Path,
        voices: Mapping[str, str] = VOICES,
        rate: int = RATE,
        studio: Path | None = None,
        program: str = PROGRAM,
    ) -> None:
        for language, voice in voices.items():
            if not VOICE.fullmatch(voice):
                raise PromptError(
                    [f"voice for {language}: {voice!r}; a voice that `{PROGRAM} --voices` names"]
                )
        if not SLOWEST <= rate <= FASTEST:
            raise PromptError([f"rate: {rate}; {SLOWEST} to {FASTEST} words a minute"])
        if studio is not None and not studio.is_dir():
            raise PromptError([f"{studio}: is no folder; studio files are {studio}/LANGUAGE/PROMPT.wav"])
        self.folder = folder.absolute()
        self.voices = dict(voices)
        self.rate = rate
        self.studio = studio
        self._espeak = Espeak(program)
        self._version: str | None = None
        self._to_remember: str | None = None
        self._paths: dict[Spoken, Path] = {}

    # --- what a call needs --------------------------------------------------------------------

    def path(self, spoken: Spoken) -> Path:
        """Where the prompt's audio is, or will be once made; `PromptError` says why it cannot be known."""
        path = self._paths.get(spoken)
        if path is None:
            path = self._paths[spoken] = self.folder / f"{self._hash(spoken)}.wav"
        return path

    def media(self, spoken: Spoken) -> str:
        """The prompt as Asterisk wants it named: `sound:` and the path without `.wav`."""
        return f"sound:{self.path(spoken).with_suffix('')}"

    def duration_ms(self, spoken: Spoken) -> int:
        """How long the prompt lasts, in milliseconds; `PromptError` where it has no audio."""
        duration = telephone_ms(self.path(spoken))
        if duration is None:
            raise PromptError([self._without_audio(spoken)])
        return duration

    # --- before the system starts -------------------------------------------------------------

    def speak_all(self, menu: Menu, progress: Callable[[Prepared], None] | None = None) -> list[Prepared]:
        """Make what is missing of the menu's audio; `progress` is told of each prompt, there already or not.

        All that can be made is made; then `PromptError` has a line for each prompt that cannot.
        """
        done: list[Prepared] = []
        lines: list[str] = []
        for spoken in every_prompt(menu):
            try:
                prepared = self.speak(spoken)
            except PromptError as error:
                lines += error.lines
                continue
            done.append(prepared)
            if progress is not None:
                progress(prepared)
        if lines:
            raise PromptError(dict.fromkeys(lines))
        return done

    def speak(self, spoken: Spoken) -> Prepared:
        """Make the audio of one prompt unless it is there; raises `PromptError` where that cannot be done."""
        recorded = self._recorded(spoken)
        origin = Origin.SPOKEN if recorded is None else Origin.STUDIO
        path = self.path(spoken)
        duration = telephone_ms(path)
        made = duration is None
        if duration is None:
            self._write(path, self._spoken(spoken) if recorded is None else _converted(recorded))
            duration = telephone_ms(path)
        if duration is None:
            raise PromptError([f"{path}: was written and cannot be read back; is the disk full?"])
        return Prepared(spoken, path, origin, made, duration)

    def version(self) -> str:
        """The version of espeak-ng: the program's own or, where it is missing, that which last spoke here.

        So prompts may be made on one machine and played on another. `PromptError` where there is neither.
        """
        if self._version is None:
            self._to_remember = self._espeak.version()
            self._version = self._to_remember or self._remembered()
        return self._version

    # --- how ----------------------------------------------------------------------------------

    def _without_audio(self, spoken: Spoken) -> str:
        return f"{_named(spoken)}: no audio in {self.folder}; run `vagtcentral menu prompts`"

    def _recorded(self, spoken: Spoken) -> Path | None:
        if self.studio is None:
            return None
        file = self.studio / spoken.language / f"{spoken.name}.wav"
        try:
            return file if file.exists() or file.is_symlink() else None
        except OSError as error:
            raise PromptError([f"{file}: cannot be looked for ({error.strerror})"]) from None

    def _hash(self, spoken: Spoken) -> str:
        recorded = self._recorded(spoken)
        parts: tuple[str, ...]
        if recorded is not None:
            parts = ("studio", _digest(recorded))
        else:
            voice, text = self._voice(spoken), as_said(spoken.text)
            try:
                parts = (text, voice, str(self.rate), self.version())
            except PromptError as error:
                raise PromptError([f"{_named(spoken)}: {error.lines[0]}"]) from None
        return hashlib.sha256("\0".join((str(_RECIPE), *parts)).encode()).hexdigest()[:32]

    def _voice(self, spoken: Spoken) -> str:
        voice = self.voices.get(spoken.language)
        if voice is None:
            known = ", ".join(sorted(self.voices)) or "none"
            raise PromptError(
                [
                    f"{_named(spoken)}: no voice for the language; voices are there for: "
                    f"{known}; give one more or a studio file"
                ]
            )
        return voice

    def _spoken(self, spoken: Spoken) -> bytes:
        """The text as espeak-ng speaks it, made fit for the telephone."""
        try:
            speech = self._espeak.speak(as_said(spoken.text), self._voice(spoken), self.rate)
            return wav_bytes(telephone(*speech))
        except (SpeechError, AudioError) as error:
            raise PromptError([f"{_named(spoken)}: {error}"]) from None

    def _remembered(self) -> str:
        with suppress(OSError, UnicodeDecodeError):
            remembered = (self.folder / _VERSION_FILE).read_text(encoding="utf-8").strip()
            if remembered:
                return remembered
        raise PromptError([f"{self._espeak.program} {NOT_THERE}"])

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file so that it is there whole or not at all, and remember who spoke."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
            if self._to_remember is not None:
                _replace(self.folder / _VERSION_FILE, f"{self._to_remember}\n".encode())
                self._to_remember = None
        except OSError as error:
            raise PromptError([f"{self.folder}: cannot be written ({error.strerror})"]) from None


def every_prompt(menu: Menu) -> Iterator[Spoken]:
    """Every prompt of the menu in every language that it is written in."""
    for translations in menu.prompts.values():
        yield from translations.values()


def as_said(text: str) -> str:
    """The text as it is given to the voice: service numbers such as 112 digit by digit."""
    return _SERVICE_NUMBER.sub(lambda number: " ".join(number.group()), text)


def _digest(recorded: Path) -> str:
    try:
        require_file(recorded)
        with recorded.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except AudioError as error:
        raise PromptError([f"{recorded}: {error}"]) from None
    except OSError as error:
        raise PromptError([f"{recorded}: cannot be read ({error.strerror})"]) from None


def _converted(recorded: Path) -> bytes:
    try:
        return wav_bytes(telephone(*read_wav(recorded), trim=False))
    except AudioError as error:
        raise PromptError([f"{recorded}: {error}"]) from None


def _named(spoken: Spoken) -> str:
    return f"prompt {spoken.name} ({spoken.language})"


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)  # the switch runs as another user
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
