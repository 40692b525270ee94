"""`vagtcentral menu prompts`: what was made, what was there, and one line for what cannot be."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from vagtcentral.console.prompts import prompts
from vagtcentral.menus.audio import wav_bytes
from vagtcentral.menus.load import find_menu, shipped_menu
from vagtcentral.menus.prompts import every_prompt

app = typer.Typer()
app.command("prompts")(prompts)
runner = CliRunner()

speech = pytest.mark.skipif(
    shutil.which("espeak-ng") is None and os.environ.get("CI") != "true",
    reason="espeak-ng is not installed: apt-get install espeak-ng",
)


@pytest.fixture
def studio(tmp_path):
    """Recordings of the alarm menu."""
    for number, spoken in enumerate(every_prompt(shipped_menu("112"))):
        file = tmp_path / "studio" / spoken.language / f"{spoken.name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wav_bytes(0.2 * np.sin(np.arange(8_000) / (3 + number))))
    return tmp_path / "studio"


def run(*arguments):
    return runner.invoke(app, [*map(str, arguments)])


def test_recordings_are_made_once_and_said_to_be_there_the_next_time(tmp_path, studio):
    folder = tmp_path / "made"
    first = run("112", "--folder", folder, "--studio", studio)
    assert first.exit_code == 0
    lines = first.stdout.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f"alarm (da): made, studio, 1.0 s, {folder}/")
    assert Path(lines[0].rpartition(", ")[2]).is_file()
    assert first.stderr == f"{find_menu('112')}: 4 prompts: 4 made, 0 there already; 4.0 s, in {folder}\n"
    second = run("112", "--folder", folder, "--studio", studio)
    assert second.stdout == first.stdout.replace(": made", ": there")
    assert "0 made, 4 there already" in second.stderr


def test_json_is_one_document_and_nothing_else(tmp_path, studio):
    result = run("112", "--folder", tmp_path / "made", "--studio", studio, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert (document["made"], document["there"]) == (4, 0)
    assert document["folder"] == str(tmp_path / "made")
    first = document["prompts"][0]
    assert Path(first.pop("path")).parent == tmp_path / "made"
    assert first == {
        "name": "alarm",
        "language": "da",
        "origin": "studio",
        "made": True,
        "duration_ms": 1000,
    }


@speech
def test_a_whole_menu_is_spoken_in_both_languages(tmp_path):
    result = run("survey", "--folder", tmp_path, "--voice", "en=en-us", "--rate", "180", "--json")
    assert result.exit_code == 0
    spoken = json.loads(result.stdout)["prompts"]
    assert {one["language"] for one in spoken} == {"da", "en"}
    assert {one["origin"] for one in spoken} == {"espeak-ng"}
    assert all(one["duration_ms"] > 500 for one in spoken)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--voice", "en"], "--voice 'en': LANGUAGE=VOICE is needed, e.g. --voice da=da"),
        (["--voice", "en=/etc"], "voice for en: '/etc'; a voice that `espeak-ng --voices` names"),
        (["--rate", "1000"], "rate: 1000; 80 to 300 words a minute"),
        (["--studio", "none"], "none: is no folder; studio files are none/LANGUAGE/PROMPT.wav"),
    ],
)
def test_bad_options_end_with_status_2_and_one_line(tmp_path, arguments, line):
    result = run("112", "--folder", tmp_path, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"vagtcentral: {line}\n"


def test_a_file_that_is_no_menu_ends_with_status_2_and_one_line(tmp_path):
    result = run(tmp_path / "none.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"vagtcentral: {tmp_path / 'none.yaml'}: file: does not exist;")


def test_a_bad_recording_ends_with_status_2_and_its_name_and_the_rest_is_made(tmp_path, studio):
    bad = studio / "da" / "alarm.wav"
    bad.write_bytes(b"no sound")
    result = run("112", "--folder", tmp_path / "made", "--studio", studio)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 3
    assert result.stderr.startswith(f"vagtcentral: {bad}: is no WAV file of plain PCM")
    assert len(result.stderr.splitlines()) == 1
