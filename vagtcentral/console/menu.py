"""`vagtcentral menu`: look after menu files."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from vagtcentral.console.output import ANSWER_IS_NO, note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.menus.lint import Finding
    from vagtcentral.menus.problems import MenuError

app = typer.Typer(no_args_is_help=True)

MenuFile = Annotated[
    str, typer.Argument(metavar="FILE", help="A menu file, or a shipped menu: 112, 114, 114-before, survey.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def menu() -> None:
    """The key menus of 112 and 114, which are plain YAML files."""


@app.command()
def lint(file: MenuFile, as_json: AsJson = False) -> None:
    """Check a menu file: nodes that lead nowhere, missing prompts, endless loops, annoyances.

    Status 0 without errors (warnings are printed), 1 with errors, 2 where the file is not a menu.
    """
    from vagtcentral.menus.lint import Severity
    from vagtcentral.menus.lint import lint as judge
    from vagtcentral.menus.load import find_menu, read_menu
    from vagtcentral.menus.problems import MenuError

    path = find_menu(file)
    try:
        findings = judge(read_menu(path))
    except MenuError as error:
        refuse_menu(error)
    if as_json:
        print_json({"file": str(path), "findings": [_as_json(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{path}:{finding.line}: {finding.severity}: {finding.rule}: {finding.message}")
        note(f"{path}: {_counted(findings)}")
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(ANSWER_IS_NO)


def refuse_menu(error: "MenuError") -> NoReturn:
    """End with status 2 and a line on stderr for each problem of the file."""
    *others, last = (str(problem) for problem in error.problems)
    for line in others:
        note(f"vagtcentral: {line}")
    refuse(last)


def _as_json(finding: "Finding") -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "line": finding.line,
        "node": finding.node,
        "message": finding.message,
    }


def _counted(findings: list["Finding"]) -> str:
    """The findings in numbers: `2 errors, 1 warning`."""
    if not findings:
        return "nothing found"
    numbers = Counter(finding.severity.value for finding in findings)
    return ", ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in sorted(numbers.items()))
