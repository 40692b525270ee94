"""Reads menu files: `load_menu` for one that is to be walked, `read_menu` for one that is to be judged."""

from functools import cache
from pathlib import Path

from pydantic import ValidationError

from vagtcentral.menus.draft import Draft, make_draft
from vagtcentral.menus.format import MenuFormat
from vagtcentral.menus.lint import Severity, lint
from vagtcentral.menus.model import Menu
from vagtcentral.menus.problems import MenuError, Problem
from vagtcentral.menus.source import MAX_BYTES, read_source
from vagtcentral.menus.wording import problems_in

TREES = Path(__file__).parent / "trees"


def shipped_names() -> tuple[str, ...]:
    """The names of the menus that come with the program."""
    return tuple(sorted(path.stem for path in TREES.glob("*.yaml")))


def find_menu(file_or_name: str) -> Path:
    """The file meant by a path or by the name of a shipped menu; a file goes before a name."""
    path = Path(file_or_name)
    if not path.exists() and file_or_name in shipped_names():
        return TREES / f"{file_or_name}.yaml"
    return path


@cache
def shipped_menu(name: str) -> Menu:
    """The shipped menu of that name, read once; raises `MenuError` for a name that is not shipped."""
    if name not in shipped_names():
        allowed = f"shipped menus are: {', '.join(shipped_names())}"
        raise MenuError([Problem(name, None, "menu", "is not shipped", allowed)])
    return load_menu(TREES / f"{name}.yaml")


def load_menu(path: Path) -> Menu:
    """Read a menu for use. Raises `MenuError` for bad input and for what `lint` calls an error."""
    draft = read_menu(path)
    errors = [finding for finding in lint(draft) if finding.severity is Severity.ERROR]
    if errors:
        raise MenuError(finding.problem(draft.source.file) for finding in errors)
    return draft.menu


def read_menu(path: Path) -> Draft:
    """Read a menu for judging: references may lead nowhere. Raises `MenuError` for an invalid file."""
    source = read_source(str(path), _content(path))
    try:
        file = MenuFormat.model_validate(source.data)
    except ValidationError as error:
        raise MenuError(problems_in(error.errors(include_url=False), source)) from None
    return make_draft(file, source)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        seen = "does not exist"
    except (OSError, ValueError) as error:
        seen = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    allowed = f"a menu file, or one of the shipped menus {', '.join(shipped_names())}"
    raise MenuError([Problem(str(path), None, "file", seen, allowed)])
