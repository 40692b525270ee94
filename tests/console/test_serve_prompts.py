"""`vagtcentral serve` does not begin where a prompt can have no audio: no caller is to find that out."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.ivr.asterisk.fake_ari import fake_ari
from vagtcentral.console.live import used_menus
from vagtcentral.console.settings import PREFIX
from vagtcentral.menus.audio import wav_bytes
from vagtcentral.menus.load import shipped_menu, shipped_names
from vagtcentral.menus.prompts import every_prompt

MENUS = {name: shipped_menu(name) for name in shipped_names()}
SPOKEN = [spoken for name in used_menus(MENUS) for spoken in every_prompt(MENUS[name])]


@pytest.fixture
def serve(tmp_path):
    """Runs the command on a machine without espeak-ng; its prompts are those of the studio."""
    (tmp_path / "staff.yaml").write_text("- {name: anna, skills: [emergency], endpoint: PJSIP/anna}\n")
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {
        "carrier": "asterisk",
        "ari_url": "http://127.0.0.1:9",  # nobody listens there, and nobody is asked
        "ari_password": "not-needed-so-far",
        "store": tmp_path / "store.sqlite",
        "staff": tmp_path / "staff.yaml",
        "prompts": tmp_path / "prompts",
        "studio": studio(tmp_path / "studio"),
    }
    environment = others | {PREFIX + name.upper(): str(value) for name, value in ours.items()}

    def run(**settings):
        instead = {PREFIX + name.upper(): str(value) for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "vagtcentral", "serve"],
            env={**environment, **instead, "PATH": str(tmp_path / "no-programs")},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def studio(folder: Path) -> Path:
    sound = wav_bytes(0.2 * np.sin(np.arange(1_000) / 4))
    for spoken in SPOKEN:
        file = folder / spoken.language / f"{spoken.name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sound)
    return folder


def test_the_one_prompt_that_has_no_audio_ends_the_start_with_one_line(serve, tmp_path):
    (tmp_path / "studio" / "da" / "putting-through.wav").unlink()
    done = serve()
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("vagtcentral: ")
    assert "putting-through (da)" in line
    assert "install espeak-ng or give studio files" in line
    assert not (tmp_path / "store.sqlite").exists(), "nothing has begun"


def test_every_recording_of_a_menu_that_cannot_be_used_has_its_line(serve, tmp_path):
    for name in ("welcome", "main"):
        (tmp_path / "studio" / "en" / f"{name}.wav").write_bytes(b"RIFF")
    done = serve()
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    for name, line in zip(("main", "welcome"), sorted(lines), strict=True):
        assert str(tmp_path / "studio" / "en" / f"{name}.wav") in line


async def test_what_is_not_as_it_should_be_is_told_once_at_the_start(serve, tmp_path):
    store = tmp_path / "store.sqlite"
    store.touch()
    store.chmod(0o644)
    async with fake_ari() as switch:
        done = await asyncio.to_thread(serve, ari_url=switch.url, ari_password="refused")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if "no operator has these skills" in line]
    assert "waits in vain: case (menu 114), crime (menu 114), fraud (menu 114), " in line
    assert "emergency" not in line, "anna has it"
    assert done.stderr.count(f"{store} can be read by other users of this machine") == 1
