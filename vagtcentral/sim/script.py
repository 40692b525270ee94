"""Scripted calls: who calls, which keys when, which location messages arrive when, what the operators do.

A script is a small YAML file; `docs/scripts.md` describes it by example. Each script is a scene of its own,
with its own staff, so that it plays the same alone and among others.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from vagtcentral.ivr.events import LocationForm
from vagtcentral.ivr.network import FIELDS, network_form
from vagtcentral.menus.model import KEYS
from vagtcentral.sim.moving import moved

#: The forms in which a script can give a location message.
_FORMS = ("aml", *FIELDS)
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Digits = Annotated[str, Field(min_length=1, max_length=20)]


class ScriptError(Exception):
    """A script that cannot be read; the text is one line: file, place, value seen, what is allowed."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CallerStep(_Part):
    """One thing the caller does, `after_s` seconds after he perceives `on`; steps are taken in order.

    `on` is `arrives`, `hold`, `connected`, `hears NAME` (the beginning of that prompt), or `then` (the step
    before).
    """

    on: str = "then"
    after_s: Seconds = 0.0
    keys: Digits | None = None
    gap_s: Seconds = 0.4
    hang_up: Literal[True] | None = None

    @field_validator("on")
    @classmethod
    def _on(cls, value: str) -> str:
        if value in ("arrives", "hold", "connected", "then") or value.startswith("hears "):
            return value
        raise ValueError("allowed: arrives, hold, connected, then, or hears NAME")

    @field_validator("keys")
    @classmethod
    def _keys(cls, value: str | None) -> str | None:
        if value is not None and not set(value) <= KEYS:
            raise ValueError("allowed: the keys 0-9, * and #")
        return value

    @model_validator(mode="after")
    def _one_thing(self) -> "CallerStep":
        if (self.keys is None) == (self.hang_up is None):
            raise ValueError("a step has either keys or hang_up")
        return self


class Caller(_Part):
    """Who calls. `number` null is a hidden number. `call_back_after_s` has an answer for each call-back.

    Who is kept waiting for longer than `patience_s` at a stretch hangs up; null waits for ever.
    """

    number: str | None
    patience_s: Seconds | None = None
    does: tuple[CallerStep, ...] = ()
    call_back_after_s: tuple[Seconds | None, ...] = (6.0,)


class LocationMessage(_Part):
    """A location message for the call, `after_s` seconds after it arrived: exactly one of the forms.

    `cell` is the serving cell's identity, or the network's circle around it.
    """

    after_s: Seconds
    aml: str | None = None
    cell: str | None = None
    mlp: str | None = None
    pidf: str | None = None
    gad: str | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "LocationMessage":
        given = [name for name in _FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a location message has exactly one of {', '.join(_FORMS)}")
        return self

    @property
    def told(self) -> tuple[str, str]:
        """The name of its form in the script, and its content."""
        for name in _FORMS:
            content = getattr(self, name)
            if content is not None:
                return name, content
        raise AssertionError("checked")

    @property
    def form(self) -> LocationForm:
        """What it is as an event of the call."""
        name, content = self.told
        return LocationForm.AML_SMS if name == "aml" else network_form(name, content)

    def later(self, by_ms: int) -> "LocationMessage":
        """The same message as if everything had happened so many milliseconds later."""
        name, content = self.told
        return self.model_copy(update={name: moved(content, by_ms)})


class Transfer(_Part):
    """Where an operator sends the caller on to."""

    skill: str
    district: str | None = None


class OperatorAct(_Part):
    """What the operator does who is rung: the first act is for the first ring, and so on; the last repeats.

    `answers_after_s` null lets it ring; `talks_s` null waits for the caller to hang up.
    """

    answers_after_s: Seconds | None = 3.0
    declines: bool = False
    talks_s: Seconds | None = 60.0
    transfer: Transfer | None = None
    wraps_up_s: Seconds = 20.0
    note: str | None = None


class StaffMember(_Part):
    """An operator at work; `ready_after_s` null is there but takes no calls."""

    name: str
    skills: tuple[str, ...]
    languages: tuple[str, ...] = ("da",)
    district: str | None = None
    ready_after_s: Seconds | None = 0.0


class Script(_Part):
    """One scripted call."""

    name: str
    title: str
    about: str
    at: datetime
    service: Literal["112", "114"]
    menu: str
    caller: Caller
    location: tuple[LocationMessage, ...] = ()
    operators: Annotated[tuple[OperatorAct, ...], Field(min_length=1)] = (OperatorAct(),)
    staff: tuple[StaffMember, ...]

    @property
    def start(self) -> int:
        """The instant at which the call arrives, in milliseconds since 1970 UTC."""
        return round(self.at.timestamp() * 1000)

    @property
    def last_message_ms(self) -> int:
        """How long after its arrival the last location message of the call comes, in milliseconds."""
        return round(max((message.after_s for message in self.location), default=0.0) * 1000)


def load_script(path: Path | Traversable) -> Script:
    """Read a script; the staff is the shipped one where the script names none. Raises `ScriptError`."""
    data = _read(path)
    data["name"] = path.name.removesuffix(".yaml")
    data.setdefault("menu", data.get("service"))
    if "staff" not in data:
        data["staff"] = _shipped_staff()
    if isinstance(data.get("at"), datetime):
        data["at"] = data["at"].replace(tzinfo=data["at"].tzinfo or UTC)
    try:
        return Script.model_validate(_frozen(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "script"
        line = _line_of(data, first["loc"])
        seen = first["input"] if first["type"] != "missing" else "nothing"
        message = first["msg"].removeprefix("Value error, ")
        raise ScriptError(f"{path.name}:{line}: {place}: {_brief(seen)}; {message}") from None


def shipped_scripts() -> list[Script]:
    """The recorded calls that come with the project, by name."""
    return [load_script(path) for _, path in sorted(_shipped_calls().items())]


def find_script(name: str) -> Script:
    """A recorded call by its name, or the script of a YAML file. Raises `ScriptError`."""
    if name.endswith((".yaml", ".yml")):
        return load_script(Path(name))
    calls = _shipped_calls()
    if name not in calls:
        raise ScriptError(f"{name}: no such call; recorded calls are: {', '.join(sorted(calls))}")
    return load_script(calls[name])


def _shipped_calls() -> dict[str, Traversable]:
    """The files of the recorded calls, by the name of the call."""
    folder = files("vagtcentral.sim") / "calls"
    paths = (path for path in folder.iterdir() if path.name.endswith(".yaml"))
    return {path.name.removesuffix(".yaml"): path for path in paths}


def _read(path: Path | Traversable) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScriptError(
            f"{path.name}: byte {error.start} is not UTF-8 text; a script is UTF-8 YAML"
        ) from None
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror}; a script is a YAML file") from None
    try:
        data = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScriptError(f"{path.name}:{line}: not YAML: {error.problem or error.context}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ScriptError(f"{path.name}: not YAML: {_brief(error)}") from None
    if not isinstance(data, dict):
        raise ScriptError(
            f"{path.name}:1: {_brief(data)}; a script is a mapping with title, at, service, caller"
        )
    return data


@cache
def _shipped_staff() -> Any:
    return YAML(typ="safe").load((files("vagtcentral.sim") / "staff.yaml").read_text(encoding="utf-8"))


def _frozen(value: Any) -> Any:
    """YAML's own lists and strings as plain tuples, dicts and strings, which strict checking asks for."""
    if isinstance(value, dict):
        return {str(key): _frozen(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, bool | datetime):
        return value
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain(value)
    return value


def _line_of(data: Any, place: tuple[int | str, ...]) -> int:
    """The line of the place in the file, or of the nearest thing around it that has one."""
    line = 1
    for part in place:
        position = getattr(data, "lc", None)
        try:
            if position is not None:
                at = position.key(part) if isinstance(data, dict) else position.item(part)
                line = at[0] + 1
            data = data[part]
        except (KeyError, IndexError, TypeError):
            break
    return line


def _brief(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
