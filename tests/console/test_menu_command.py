"""`vagtcentral menu lint`: findings on stdout, problems on stderr, the answer as exit status."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vagtcentral.console.menu import app
from vagtcentral.menus.load import find_menu

MENUS = Path(__file__).parent.parent / "menus"
DANGLING = MENUS / "fixtures" / "dangling-node.yaml"
runner = CliRunner()


def lint(*arguments):
    return runner.invoke(app, ["lint", *map(str, arguments)])


@pytest.mark.parametrize("name", ["112", "114", "survey"])
def test_a_shipped_menu_is_fine_by_its_name(name):
    result = lint(name)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{find_menu(name)}: nothing found\n"


def test_warnings_are_printed_and_pass():
    result = lint("114-before")
    file = find_menu("114-before")
    assert result.exit_code == 0
    first = (
        f"{file}:25: warning: long-prompt: nodes.welcome.prompt: 29 s before the first choice; at most 20 s"
    )
    assert result.stdout.splitlines()[0] == first
    assert result.stderr == f"{file}: 5 warnings\n"


def test_an_error_is_printed_and_fails():
    result = lint(DANGLING)
    nodes = "main, where, people, emergency"
    assert result.exit_code == 1
    assert result.stdout == (
        f'{DANGLING}:20: error: dangling-node: nodes.where.next: "poeple" is not a node; nodes are: {nodes}\n'
    )
    assert result.stderr == f"{DANGLING}: 1 error\n"


def test_json_is_one_document_and_nothing_else():
    result = lint(DANGLING, "--json")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert json.loads(result.stdout) == {
        "file": str(DANGLING),
        "findings": [
            {
                "rule": "dangling-node",
                "severity": "error",
                "line": 20,
                "node": "where",
                "message": 'nodes.where.next: "poeple" is not a node; '
                "nodes are: main, where, people, emergency",
            }
        ],
    }
    assert json.loads(lint("114", "--json").stdout)["findings"] == []


def test_a_file_that_is_no_menu_ends_with_status_2_and_a_line_for_each_problem(tmp_path):
    text = (MENUS / "small.yaml").read_text(encoding="utf-8")
    file = tmp_path / "menu.yaml"
    file.write_text(text.replace("retries: 2", "retries: 9").replace("first_digit_s: 5", "first_digit_s: 0"))
    for arguments in ([file], [file, "--json"]):
        result = lint(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines() == [
            f"vagtcentral: {file}:7: timing.first_digit_s: 0; more than 0",
            f"vagtcentral: {file}:8: wrong_key.retries: 9; at most 5",
        ]


def test_a_missing_file_ends_with_status_2_and_one_line(tmp_path):
    result = lint(tmp_path / "none.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"vagtcentral: {tmp_path / 'none.yaml'}: file: does not exist; "
        "a menu file, or one of the shipped menus 112, 114, 114-before, survey\n"
    )
