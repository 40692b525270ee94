"""The manual of the API: who may use a route, what it takes with every limit, what it answers."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.routes import account_routes
from vagtcentral.console.api.calls import call_routes
from vagtcentral.console.api.scopes import with_scopes
from vagtcentral.console.pages.api_manual import Field, models, operations, type_of


@pytest.fixture
def document():
    app = FastAPI()
    app.include_router(with_scopes(account_routes()))
    app.include_router(with_scopes(call_routes(None, Path("recordings"), lambda: 0)))
    return app.openapi()


@pytest.fixture
def by_path(document):
    return {(one.method, one.path): one for one in operations(document)}


def test_each_operation_names_the_scope_that_guards_it(by_path) -> None:
    assert by_path["GET", "/api/calls"].scope == Permission.LOOK_UP_CALLS.value
    assert by_path["GET", "/api/calls/{call_id}/positions"].scope == Permission.SEE_POSITIONS.value
    assert by_path["GET", "/api/me"].scope == "signed in"
    assert by_path["POST", "/api/sign-in"].scope is None


def test_parameters_and_bodies_are_told_with_their_limits(by_path) -> None:
    fields = {field.name: field for field in by_path["GET", "/api/calls"].fields}
    assert fields["limit"] == Field("limit", "query", "integer 1–500", False)
    assert fields["since"].type == "string (date-time) or null"
    assert fields["outcome"].type.startswith("answered, called_back, ")
    body = by_path["POST", "/api/sign-in"].fields
    assert [(one.name, one.where, one.required) for one in body] == [
        ("name", "application/json", True),
        ("password", "application/json", True),
        ("totp", "application/json", False),
    ]
    path = by_path["GET", "/api/calls/{call_id}/recordings/{name}"].fields
    assert {(one.name, one.where) for one in path} == {("call_id", "path"), ("name", "path")}


def test_answers_name_their_model_and_errors_their_form(by_path) -> None:
    answers = {status: kind for status, _, kind in by_path["GET", "/api/calls/{call_id}/positions"].answers}
    assert answers["200"] == "PositionsOut"
    assert answers["403"] == "application/problem+json"
    sound = {
        status: kind for status, _, kind in by_path["GET", "/api/calls/{call_id}/recordings/{name}"].answers
    }
    assert sound["200"] == "audio/wav"


def test_every_model_that_is_named_is_described(document, by_path) -> None:
    described = models(document)
    assert [field.name for field in described["FixOut"]][:2] == ["at", "position"]
    for operation in by_path.values():
        for _, _, kind in operation.answers:
            assert kind in described or "/" in kind or not kind, (operation.path, kind)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of string"),
        ({"enum": ["a", "b"]}, "a, b"),
        ({"type": "string", "maxLength": 20}, "string, at most 20"),
        ({"type": "number", "minimum": 0}, "number 0–"),
        ({}, "anything"),
    ],
)
def test_a_type_is_said_in_a_few_words(schema, told) -> None:
    assert type_of(schema) == told
