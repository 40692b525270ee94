"""Says in the menu author's words what the file format's models refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vagtcentral.menus import format as form
from vagtcentral.menus.problems import Place, Problem, shown
from vagtcentral.menus.source import Source

ErrorDetails = Mapping[str, Any]

_MEANING = {
    form.NAME: "names are lower-case letters, digits, - and _, at most 40",
    form.KEYS: 'keys are made of 0123456789*# (at most 8) and written in quotes, as in "1"',
    form.ONE_KEY: "one of the keys 0123456789*#",
    form.TERMINATOR: '"#" or "*"',
    form.SPOKEN: "text without control characters",
    form.LANGUAGE: "languages are codes such as da, en",
    form.DISTRICT: 'caller, any, or a district code "1460" to "1471" in quotes',
}
_PARTS: dict[str, type[form.Format]] = {
    "timing": form.TimingFormat,
    "wrong_key": form.FallbackFormat,
    "silence": form.FallbackFormat,
    "waiting": form.WaitingFormat,
    "recording": form.RecordingFormat,
    "digits": form.DigitsFormat,
}


def problems_in(errors: Iterable[ErrorDetails], source: Source) -> list[Problem]:
    """One problem for each of pydantic's error details."""
    return [_problem(error, source) for error in errors]


def _problem(error: ErrorDetails, source: Source) -> Problem:
    place = _place(error, source)
    kind = str(error["type"])
    ctx: Mapping[str, Any] = error.get("ctx", {})
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_kind(place, ctx, source)
    if kind == "extra_forbidden":
        return source.problem(place, "unknown field", _fields(place[:-1], source))
    if kind == "missing":
        return source.problem(place, "missing", f"needed: {_fields(place[:-1], source, needed=True)}")
    if kind in ("model_type", "model_attributes_type"):
        return source.problem(place, shown(error["input"]), _mapping_wanted(place, source))
    if kind == "menu":
        return source.problem(place, ctx["seen"], ctx["allowed"])
    wording = _WORDING.get(kind)
    allowed = wording(ctx) if wording else str(error["msg"])
    return source.problem(place, shown(error["input"]), allowed)


_WORDING: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_pattern_mismatch": lambda ctx: _MEANING[ctx["pattern"]],
    "string_type": lambda ctx: "text is needed here; numbers and dates in quotes",
    "string_unicode": lambda ctx: "text of real characters",
    "string_too_short": lambda ctx: "a text that is not empty",
    "string_too_long": lambda ctx: f"at most {ctx['max_length']} characters",
    "int_type": lambda ctx: "a whole number",
    "float_type": lambda ctx: "a number",
    "finite_number": lambda ctx: "a finite number",
    "bool_type": lambda ctx: "true or false",
    "greater_than": lambda ctx: f"more than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"at least {ctx['ge']:g}",
    "less_than_equal": lambda ctx: f"at most {ctx['le']:g}",
    "literal_error": lambda ctx: f"one of {ctx['expected']}",
    "too_short": lambda ctx: f"at least {ctx['min_length']}",
    "too_long": lambda ctx: f"at most {ctx['max_length']}",
    "dict_type": lambda ctx: "a mapping",
    "list_type": lambda ctx: "a list",
}


def _unknown_kind(place: Place, ctx: Mapping[str, Any], source: Source) -> Problem:
    """A node whose kind is missing or none that there is."""
    kinds = f"kinds are: {', '.join(form.KINDS)}"
    node = _at(source.data, place)
    if "kind" not in node:
        return source.problem((*place, "kind"), "missing", kinds)
    return source.problem((*place, "kind"), f"{shown(node['kind'])} is not a kind of node", kinds)


def _mapping_wanted(place: Place, source: Source) -> str:
    """What to write where a mapping of fields is meant."""
    if len(place) == 2 and place[0] == "nodes":
        return "a node is a mapping with kind and its fields"
    short = "the name of a node, or a mapping" if len(place) == 4 and place[2] == "options" else "a mapping"
    return f"{short}; {_fields(place, source)}"


def _place(error: ErrorDetails, source: Source) -> Place:
    """Where in the file the error is: pydantic's location without its notes on unions and keys."""
    place: Place = ()
    here: Any = source.data
    for step in error["loc"]:
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            here = here[step]
            place = (*place, step)
    return (*place, error["loc"][-1]) if error["type"] == "missing" else place


def _at(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def _fields(place: Place, source: Source, needed: bool = False) -> str:
    """The fields that the mapping at the place may or must have."""
    owner = "a menu"
    model: type[form.Format] = form.MenuFormat
    if place and place[-1] in _PARTS:
        owner, model = str(place[-1]), _PARTS[str(place[-1])]
    elif len(place) == 4 and place[2] == "options":
        owner, model = "an option", form.OptionFormat
    elif len(place) == 2 and place[0] == "nodes":
        kind = str(_at(source.data, place)["kind"])
        owner, model = kind, form.KINDS[kind]
    fields = [name for name, field in model.model_fields.items() if field.is_required() or not needed]
    return f"fields of {owner} are: {', '.join(fields)}" if not needed else ", ".join(fields)
