"""The command line as a whole: help is quick to make, complete, and documented."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

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


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("nope", "No such command 'nope'; see vagtcentral --help"),
        ("--bogus", "No such option: --bogus; see vagtcentral --help"),
        ("locate --lat", "Option '--lat' requires an argument"),
        ("districts import x", "Missing option '--out'; see vagtcentral districts import --help"),
        ("districts compare --points 0 x", "Invalid value for '--points': "),
        ("menu lint", "Missing argument 'FILE'; see vagtcentral menu lint --help"),
        ("user nope", "No such command 'nope'; see vagtcentral user --help"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(words: str, line: str) -> None:
    done = CliRunner().invoke(app, words.split(), prog_name="vagtcentral")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"vagtcentral: {line}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_an_unknown_option_of_any_command_is_one_line(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*words, "--bogus"], prog_name="vagtcentral")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("vagtcentral: No such option: --bogus")
    assert done.stderr.endswith(f"; see vagtcentral {' '.join(words)} --help\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", ["", "--help", "menu", "menu --help", "menu lint --help"])
def test_help_is_shown_on_stdout_where_it_is_asked_for_or_nothing_is_given(words: str) -> None:
    done = CliRunner().invoke(app, words.split(), prog_name="vagtcentral")
    assert "Usage: vagtcentral" in done.stdout
    assert done.stderr == ""
    assert done.exit_code == (0 if "--help" in words else 2)


def test_completion_names_commands_and_options() -> None:
    for typed, offered in (("loc", "locate"), ("locate --la", "--lat")):
        asked = {"_VAGTCENTRAL_COMPLETE": "complete_bash", "COMP_WORDS": f"vagtcentral {typed}"}
        asked["COMP_CWORD"] = str(len(typed.split()))
        done = CliRunner().invoke(app, [], prog_name="vagtcentral", env=asked)
        assert (done.stdout.split(), done.exit_code) == ([offered], 0)


def test_an_unknown_command_ends_with_status_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vagtcentral", "nope"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
