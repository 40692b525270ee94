"""What the manual of the API says, out of the OpenAPI document: plain values without a browser."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vagtcentral.console.api.scopes import FIELD


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer: where it stands, its type, what is said of it."""

    name: str
    where: str
    type: str
    required: bool
    about: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One route with one method. `scope` None: for everybody. `answers` are status, what, and its type."""

    subject: str
    method: str
    path: str
    summary: str
    about: str
    scope: str | None
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str, str], ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation of the document, in its order."""
    return [
        _operation(document, method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def models(document: Mapping[str, Any]) -> dict[str, list[Field]]:
    """The fields of every object that operations take or answer, by its name."""
    schemas = _schemas(document)
    return {
        name: list(_fields(schema, "", schemas))
        for name, schema in sorted(schemas.items())
        if "properties" in schema
    }


def type_of(schema: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> str:
    """A schema in a few words: `integer 1–500`, `string or null`, `list of CallOut`.

    Of the schemas in `known` those that are objects go by their name, others are said in their place.
    """
    match schema:
        case {"$ref": str(ref)}:
            name = ref.rsplit("/", 1)[-1]
            meant = (known or {}).get(name, {"properties": {}})
            return name if "properties" in meant else type_of(meant, known)
        case {"anyOf": choices} | {"oneOf": choices}:
            return " or ".join(dict.fromkeys(type_of(choice, known) for choice in choices))
        case {"const": value}:
            return str(value)
        case {"enum": values}:
            return ", ".join(map(str, values))
        case {"type": "array", "items": items}:
            return f"list of {type_of(items, known)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {type_of(values, known)}"
        case {"type": kind}:
            return f"{kind}{_limits(schema)}"
    return "anything"


def _schemas(document: Mapping[str, Any]) -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = document.get("components", {}).get("schemas", {})
    return schemas


def _operation(document: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Operation:
    known = _schemas(document)
    parameters = [
        Field(
            one["name"],
            one["in"],
            type_of(one.get("schema", {}), known),
            one.get("required", False),
            one.get("description", ""),
        )
        for one in told.get("parameters", [])
        if one["in"] != "cookie"
    ]
    return Operation(
        subject=(told.get("tags") or ["other"])[0],
        method=method,
        path=path,
        summary=told.get("summary", ""),
        about=told.get("description", ""),
        scope=told.get(FIELD),
        fields=(*parameters, *_body(known, told.get("requestBody", {}))),
        answers=tuple(
            (status, answer.get("description", ""), ", ".join(_content(answer)))
            for status, answer in sorted(told["responses"].items())
        ),
    )


def _body(known: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Field]:
    for media, content in body.get("content", {}).items():
        schema = content.get("schema", {})
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        resolved = known.get(name, schema)
        if "properties" in resolved:
            yield from _fields(resolved, media, known)
        else:
            yield Field("", media, type_of(schema, known), body.get("required", False))


def _fields(schema: Mapping[str, Any], where: str, known: Mapping[str, Any]) -> Iterator[Field]:
    required: Sequence[str] = schema.get("required", ())
    for name, one in schema["properties"].items():
        yield Field(name, where, type_of(one, known), name in required, one.get("description", ""))


def _content(answer: Mapping[str, Any]) -> Iterator[str]:
    for media, content in answer.get("content", {}).items():
        schema = content.get("schema", {})
        named = schema.get("title") or type_of(schema) if schema else ""
        yield named if "$ref" in schema or (media == "application/json" and named != "anything") else media


def _limits(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None or most is not None:
        return f" {'' if least is None else f'{least:g}'}–{'' if most is None else f'{most:g}'}"
    if "format" in schema:
        return f" ({schema['format']})"
    if "maxLength" in schema:
        return f", at most {schema['maxLength']}"
    return f" {schema['pattern']}" if "pattern" in schema else ""
