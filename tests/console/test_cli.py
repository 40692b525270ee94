"""The command line as a whole: help is quick to make, complete, and documented."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from vagtcentral.console.cli import app

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "shapely", "pyproj", "sqlalchemy", "pydantic", "ruamel", "alembic")


def commands() -> list[tuple[str, ...]]:
    """Every command, as the words that call it."""

    def below(command: object, words: tuple[str, ...]) -> list[tuple[str, ...]]:
        if isinstance(command, typer.core.TyperGroup):
            return [found for name, sub in command.commands.items() for found in below(sub, (*words, name))]
        return [words]

    return below(get_command(app), ())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_is_described_in_the_command_manual(words: tuple[str, ...]) -> None:
    manual = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`vagtcentral {' '.join(words)}" in manual


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_of_a_command_is_described_in_the_command_manual(words: tuple[str, ...]) -> None:
    command = get_command(app)
    for word in words:
        assert isinstance(command, typer.core.TyperGroup)
        command = command.commands[word]
    manual = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = manual.split(f"\n## `vagtcentral {' '.join(words)}", 1)[1].split("\n## ", 1)[0]
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert f"`{option}" in section, f"{option} is not in the section of {' '.join(words)}"


def test_help_loads_nothing_heavy() -> None:
    """What makes help slow is imports: none of the libraries that only some command needs."""
    code = (
        "import sys\nfrom vagtcentral.console.cli import app\nfrom typer.main import get_command\n"
        f"get_command(app)\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vagtcentral", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for name in {words[0] for words in commands()}:
        assert name in done.stdout


def test_an_unknown_command_ends_with_status_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vagtcentral", "nope"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
