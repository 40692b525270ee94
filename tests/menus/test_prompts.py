"""Audio for prompts: made once, found missing before a call, replaced by studio recordings."""

import os
import shutil
import stat
import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from vagtcentral.menus.audio import (
    HIGHEST_RATE,
    LARGEST,
    LEVEL_DBFS,
    LONGEST_S,
    read_wav,
    speech_level,
    wav_bytes,
)
from vagtcentral.menus.load import shipped_menu
from vagtcentral.menus.model import Spoken
from vagtcentral.menus.prompts import Origin, PromptError, PromptStore, as_said, every_prompt

HELLO = Spoken("hello", "da", "Du har ringet til politiet.")
NOWHERE = "/nowhere/espeak-ng"
WITHOUT = shutil.which("espeak-ng") is None

speech = pytest.mark.skipif(
    WITHOUT and os.environ.get("CI") != "true", reason="espeak-ng is not installed: apt-get install espeak-ng"
)


@pytest.fixture
def menu():
    """The alarm menu: two prompts in two languages."""
    return shipped_menu("112")


def beep(hertz=500, rate=44_100, seconds=1.0):
    return wav_bytes(0.3 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate), rate)


def record(studio, spoken, content):
    file = studio / spoken.language / f"{spoken.name}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def studio_for(menu, folder):
    for spoken in every_prompt(menu):
        record(folder, spoken, beep(400 + 10 * len(spoken.text)))
    return folder


def without_audio(store, menu):
    """The prompts of a menu that cannot be played now."""
    found = []
    for spoken in every_prompt(menu):
        try:
            store.duration_ms(spoken)
        except PromptError:
            found.append(spoken)
    return found


@speech
def test_a_prompt_is_spoken_as_the_telephone_wants_it(tmp_path):
    store = PromptStore(tmp_path)
    prepared = store.speak(HELLO)
    assert (prepared.made, prepared.origin) == (True, Origin.SPOKEN)
    with wave.open(str(prepared.path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
    samples, rate = read_wav(prepared.path)
    assert 1.0 < len(samples) / rate < 4.0
    assert prepared.duration_ms == store.duration_ms(HELLO) == round(len(samples) * 1000 / rate)
    assert speech_level(samples, rate) == pytest.approx(LEVEL_DBFS, abs=1.5)
    assert store.media(HELLO) == f"sound:{prepared.path}".removesuffix(".wav")
    assert stat.S_IMODE(prepared.path.stat().st_mode) == 0o644


@speech
def test_a_prompt_is_spoken_once_and_then_found(tmp_path, menu):
    told = []
    store = PromptStore(tmp_path)
    assert len(without_audio(store, menu)) == 4
    first = store.speak_all(menu, told.append)
    assert [one.made for one in first] == [True] * 4
    assert told == first
    written = {one.path: one.path.stat().st_mtime_ns for one in first}
    later = PromptStore(tmp_path)
    assert without_audio(later, menu) == []
    assert [one.made for one in later.speak_all(menu)] == [False] * 4
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert not list(tmp_path.glob(".*"))


@speech
def test_text_voice_and_rate_each_make_a_file_of_their_own(tmp_path):
    stores = [
        PromptStore(tmp_path),
        PromptStore(tmp_path, {"da": "da+f3"}),
        PromptStore(tmp_path, {"da": "en"}),
        PromptStore(tmp_path, rate=120),
    ]
    paths = [store.speak(HELLO).path for store in stores]
    paths.append(stores[0].speak(replace(HELLO, text="Du har ringet til alarm 112.")).path)
    assert len(set(paths)) == 5
    assert len({path.read_bytes() for path in paths}) == 5
    assert stores[0].speak(replace(HELLO, name="other")).path == paths[0]
    assert stores[3].duration_ms(HELLO) > stores[0].duration_ms(HELLO)


@speech
def test_danish_and_english_of_the_same_text_sound_different(tmp_path):
    store = PromptStore(tmp_path)
    danish, english = (store.speak(replace(HELLO, language=language)) for language in ("da", "en"))
    assert danish.path.read_bytes() != english.path.read_bytes()


@speech
def test_a_damaged_file_is_missing_and_made_again(tmp_path):
    store = PromptStore(tmp_path)
    path = store.speak(HELLO).path
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert store.speak(HELLO).made
    assert path.read_bytes() == whole


@speech
def test_a_text_that_looks_like_an_option_is_spoken(tmp_path):
    assert PromptStore(tmp_path).speak(replace(HELLO, text="--version")).duration_ms > 300


@speech
def test_runs_side_by_side_do_not_disturb_each_other(tmp_path, menu):
    code = (
        "import sys; from pathlib import Path; from vagtcentral.menus.load import shipped_menu; "
        "from vagtcentral.menus.prompts import PromptStore; "
        "PromptStore(Path(sys.argv[1])).speak_all(shipped_menu('112'))"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: PromptStore(tmp_path).speak_all(menu), range(4)))
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert without_audio(PromptStore(tmp_path), menu) == []
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".version", *[".wav"] * 4]


@speech
def test_a_voice_that_espeak_does_not_have_is_named(tmp_path):
    with pytest.raises(PromptError) as refused:
        PromptStore(tmp_path, {"da": "qqq"}).speak(HELLO)
    (line,) = refused.value.lines
    assert line.startswith("prompt hello (da): espeak-ng -v qqq: ")


@speech
def test_prompts_made_elsewhere_play_where_espeak_is_not_installed(tmp_path, menu):
    PromptStore(tmp_path).speak_all(menu)
    assert without_audio(PromptStore(tmp_path, program=NOWHERE), menu) == []


def test_a_prompt_without_audio_says_so_until_it_is_made(tmp_path, menu):
    studio = tmp_path / "studio"
    studio_for(menu, studio)
    store = PromptStore(tmp_path / "made", studio=studio)
    first = next(every_prompt(menu))
    with pytest.raises(PromptError) as refused:
        store.duration_ms(first)
    assert refused.value.lines == (
        f"prompt alarm (da): no audio in {tmp_path / 'made'}; run `vagtcentral menu prompts`",
    )
    store.speak_all(menu)
    assert store.duration_ms(first) == 1_000


def test_recordings_need_no_espeak(tmp_path, menu):
    store = PromptStore(tmp_path / "made", studio=studio_for(menu, tmp_path / "studio"), program=NOWHERE)
    prepared = store.speak_all(menu)
    assert {one.origin for one in prepared} == {Origin.STUDIO}
    assert [one.duration_ms for one in prepared] == [1_000] * 4
    samples, rate = read_wav(prepared[0].path)
    assert rate == 8_000
    assert speech_level(samples, rate) == pytest.approx(LEVEL_DBFS, abs=0.2)


def test_a_recording_goes_before_speech_and_a_changed_one_is_taken_anew(tmp_path, menu):
    studio = studio_for(menu, tmp_path / "studio")
    spoken = next(every_prompt(menu))
    first = PromptStore(tmp_path / "made", studio=studio, program=NOWHERE).speak(spoken)
    record(studio, spoken, beep(1_200, seconds=2.0))
    store = PromptStore(tmp_path / "made", studio=studio, program=NOWHERE)
    second = store.speak(spoken)
    assert second.made
    assert second.path != first.path
    assert store.duration_ms(spoken) == 2_000


def test_a_recording_that_is_no_wav_is_refused_by_its_name_and_the_others_are_made(tmp_path, menu):
    studio = studio_for(menu, tmp_path / "studio")
    bad = record(studio, next(every_prompt(menu)), b"ID3 this is an mp3")
    store = PromptStore(tmp_path / "made", studio=studio, program=NOWHERE)
    with pytest.raises(PromptError) as refused:
        store.speak_all(menu)
    (line,) = refused.value.lines
    assert line.startswith(f"{bad}: is no WAV file of plain PCM")
    assert len(without_audio(store, menu)) == 1


@pytest.mark.parametrize(
    ("make", "seen"),
    [
        (lambda file: file.symlink_to("gone.wav"), "is a link to nothing; a WAV file"),
        (
            lambda file: file.symlink_to(file.name),
            "cannot be read (Too many levels of symbolic links); a",
        ),
        (lambda file: file.symlink_to("/dev/zero"), "is no regular file; a WAV file"),
        (os.mkfifo, "is no regular file; a WAV file"),
        (os.mkdir, "is no regular file; a WAV file"),
        (lambda file: (file.touch(), os.truncate(file, LARGEST + 1)), f"has {LARGEST + 1} bytes; a WAV"),
    ],
    ids=["dangling", "loop", "device", "pipe", "folder", "large"],
)
def test_a_recording_that_is_no_file_of_sensible_size_is_refused_and_not_spoken_instead(tmp_path, make, seen):
    bad = tmp_path / "studio" / "da" / "hello.wav"
    bad.parent.mkdir(parents=True)
    make(bad)
    with pytest.raises(PromptError) as refused:
        PromptStore(tmp_path / "made", studio=tmp_path / "studio").speak(HELLO)
    (line,) = refused.value.lines
    assert line.startswith(f"{bad}: {seen}")


def test_a_recording_of_the_longest_sound_there_may_be_is_not_too_large():
    assert LARGEST > LONGEST_S * HIGHEST_RATE * 2 * 4 + 44


def test_without_espeak_and_recordings_every_prompt_says_what_helps(tmp_path, menu):
    store = PromptStore(tmp_path, program=NOWHERE)
    with pytest.raises(PromptError) as refused:
        store.speak_all(menu)
    assert len(refused.value.lines) == 4
    assert refused.value.lines[0].endswith(
        f"prompt alarm (da): {NOWHERE} is not there; install espeak-ng or give studio files"
    )


def test_a_language_without_a_voice_is_named(tmp_path):
    with pytest.raises(
        PromptError, match=r"^prompt hello \(kl\): no voice for the language; voices are there for: da, en"
    ):
        PromptStore(tmp_path).speak(replace(HELLO, language="kl"))


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"voices": {"da": "-w/etc/passwd"}}, "voice for da: '-w/etc/passwd'; a voice that"),
        ({"voices": {"da": "../da"}}, "voice for da: '../da'; a voice that"),
        ({"rate": 10}, "rate: 10; 80 to 300 words a minute"),
    ],
)
def test_a_store_that_cannot_work_is_refused_at_once(tmp_path, options, line):
    with pytest.raises(PromptError) as refused:
        PromptStore(tmp_path, **options)
    assert str(refused.value).startswith(line)


def test_a_studio_that_is_not_there_is_refused_at_once(tmp_path):
    with pytest.raises(PromptError, match="none: is no folder"):
        PromptStore(tmp_path, studio=tmp_path / "none")


def test_a_folder_that_cannot_be_written_is_named(tmp_path, menu):
    (tmp_path / "made").write_text("a file", encoding="utf-8")
    store = PromptStore(tmp_path / "made", studio=studio_for(menu, tmp_path / "studio"), program=NOWHERE)
    with pytest.raises(PromptError, match="made: cannot be written"):
        store.speak(next(every_prompt(menu)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Du har ringet til alarm 112.", "Du har ringet til alarm 1 1 2."),
        ("Ring 114, eller 112", "Ring 1 1 4, eller 1 1 2"),
        ("Tast 1. Bøde 1120 kr., 2112", "Tast 1. Bøde 1120 kr., 2112"),
    ],
)
def test_service_numbers_are_said_digit_by_digit(text, said):
    assert as_said(text) == said
