"""The staff file: who takes calls, what they can do, and which phone is theirs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from vagtcentral.console.settings import SettingsError
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.menus.model import BookCallBack, Emergency, Menu, Queue

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
_ALLOWED = {
    "name": "a name of small letters, digits, - and _",
    "skills": "a list of skills, at least one, as the menu's queues name them",
    "languages": "a list of languages such as da, en",
    "district": 'a district code in quotes, "1460" to "1471", or left out for all districts',
    "endpoint": "a phone of the switch, e.g. PJSIP/anna",
}
_ASKS_FOR_A_SKILL = (Queue, BookCallBack, Emergency)
_FIELDS = ", ".join(_ALLOWED)


class StaffMember(BaseModel):
    """One operator; `endpoint` is the phone that the switch rings, None where the carrier needs none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Word
    skills: Annotated[tuple[Word, ...], Field(min_length=1)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("da",)
    district: Annotated[str, StringConstraints(pattern=r"^14(6[0-9]|7[01])$")] | None = None
    endpoint: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+/[A-Za-z0-9@._-]+$")] | None = None

    @property
    def operator(self) -> Operator:
        """The operator as dispatch knows him."""
        return Operator(self.name, frozenset(self.skills), frozenset(self.languages), self.district)


def load_staff(path: Path) -> tuple[StaffMember, ...]:
    """Read a staff file: a YAML list of operators with different names and phones.

    `SettingsError` has one line for each thing wrong: the file, the place, what is there, what is allowed.
    """
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            [f"{path}: cannot be read ({error.strerror}); a YAML list of operators"]
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: byte {error.start} is not UTF-8; a YAML list of operators"]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError([f"{path}:{line}: not YAML: {error.problem or error.context}"]) from None
    except (YAMLError, ValueError, RecursionError):
        raise SettingsError([f"{path}: not YAML; a YAML list of operators"]) from None
    if not isinstance(data, list) or not data:
        raise SettingsError([f"{path}: no list of operators; each with {_FIELDS}"])
    try:
        staff = TypeAdapter(tuple[StaffMember, ...]).validate_python(data)
    except ValidationError as error:
        lines = [_line(path, detail["loc"], detail["input"]) for detail in error.errors(include_url=False)]
        raise SettingsError(list(dict.fromkeys(lines))) from None
    repeated = [*_repeated(path, "name", [member.name for member in staff])]
    repeated += _repeated(path, "endpoint", [member.endpoint for member in staff])
    if repeated:
        raise SettingsError(repeated)
    return staff


def unstaffed(menus: Iterable[Menu], staff: Iterable[StaffMember]) -> dict[str, list[str]]:
    """The skills that no operator has, each with the menus that send callers there, to wait in vain."""
    skilled = {skill for member in staff for skill in member.skills}
    missing: dict[str, list[str]] = {}
    for menu in menus:
        asked = {node.skill for node in menu.nodes.values() if isinstance(node, _ASKS_FOR_A_SKILL)}
        for skill in sorted(asked - skilled):
            missing.setdefault(skill, []).append(menu.name)
    return missing


def _line(path: Path, place: tuple[int | str, ...], seen: object) -> str:
    where = f"{path}: operator {int(place[0]) + 1}"
    if len(place) == 1:
        return f"{where}: {str(seen)[:60]!r}; a mapping of {_FIELDS}"
    field = str(place[1])
    if field not in _ALLOWED:
        return f"{where}: {field}: unknown; fields are {_FIELDS}"
    shown = "missing" if isinstance(seen, dict) else repr(seen)[:60]
    return f"{where}: {field}: {shown}; {_ALLOWED[field]}"


def _repeated(path: Path, field: str, values: list[str | None]) -> list[str]:
    seen: set[str] = set()
    lines = []
    for number, value in enumerate(values, start=1):
        if value is not None and value in seen:
            lines.append(f"{path}: operator {number}: {field}: {value!r} again; each has one of his own")
        seen.add(value or "")
    return lines
