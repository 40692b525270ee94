"""The geometry of `VAGTCENTRAL_ATLAS` is used by everything that asks where somebody is, or says why not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.other_atlas import DATA_OF_IT, other_atlas
from vagtcentral.console.live_setting import live_setting
from vagtcentral.console.settings import PREFIX, SettingsError, load_settings

COMMANDS = [
    ("demo", "--exit", "--only", "112-aml-in-time", "--json"),
    ("call", "place", "112-aml-in-time", "--carrier", "sim", "--json"),
    ("replay", "--all"),
    ("serve",),
    ("locate", "--lat", "55.6761", "--lon", "12.5683"),
    ("districts", "info"),
]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return other_atlas(tmp_path_factory.mktemp("atlas"))


def vagtcentral(*arguments: str, cwd: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment = others | {PREFIX + name.upper(): str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "vagtcentral", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_setting_is_the_geometry_of_the_live_system(monkeypatch: pytest.MonkeyPatch, atlas: Path) -> None:
    monkeypatch.setenv("VAGTCENTRAL_ATLAS", str(atlas))
    used = live_setting(load_settings()).atlas
    assert used.data == DATA_OF_IT


@pytest.mark.parametrize("content", [b"", b"no atlas\n", b"PK\x03\x04"])
def test_a_file_that_is_no_atlas_is_one_line_with_variable_and_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "bad.atlas"
    file.write_bytes(content)
    monkeypatch.setenv("VAGTCENTRAL_ATLAS", str(file))
    with pytest.raises(SettingsError) as refusal:
        live_setting(load_settings())
    (line,) = refusal.value.lines
    assert line.startswith(f"VAGTCENTRAL_ATLAS: {file}: it is no atlas file: ")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_refuses_a_bad_atlas_with_one_line_and_status_2(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "bad.atlas"
    file.write_text("no atlas\n", encoding="utf-8")
    done = vagtcentral(*command, cwd=tmp_path, atlas=file)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"{file}: it is no atlas file" in line
    assert "ATLAS" in line.upper()


def test_the_demo_plays_on_it_and_a_replay_on_another_geometry_says_so(tmp_path: Path, atlas: Path) -> None:
    done = vagtcentral(*COMMANDS[0], cwd=tmp_path, atlas=atlas)
    assert done.returncode == 0, done.stderr
    (call,) = json.loads(done.stdout)["calls"]
    assert call["district"]["code"] == "1471"
    assert "not the official geometry" not in done.stderr
    again = vagtcentral("replay", "112-aml-in-time", cwd=tmp_path, atlas=atlas)
    assert (again.returncode, again.stderr) == (0, "")
    elsewhere = vagtcentral("replay", "112-aml-in-time", cwd=tmp_path)
    assert elsewhere.returncode == 1
    assert "changed since the call: geometry (the call's is abababababab, this is " in elsewhere.stderr


def test_locate_and_districts_use_it(tmp_path: Path, atlas: Path) -> None:
    found = vagtcentral(*COMMANDS[4], "--json", cwd=tmp_path, atlas=atlas)
    assert json.loads(found.stdout)["districts"][0]["code"] == "1471"
    told = vagtcentral(*COMMANDS[5], "--json", cwd=tmp_path, atlas=atlas)
    assert json.loads(told.stdout)["name"] == "Exchanged"
