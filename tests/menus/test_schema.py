"""The published JSON Schema is the format that the loader reads."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from vagtcentral.menus.load import find_menu, shipped_names
from vagtcentral.menus.schema import PUBLISHED, menu_schema, schema_text

SMALL = Path(__file__).parent / "small.yaml"


def plain(path):
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_the_published_schema_is_the_generated_one():
    """If this fails: `python -m vagtcentral.menus.schema`."""
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize("path", [*map(find_menu, shipped_names()), SMALL], ids=lambda path: path.stem)
def test_shipped_menus_validate(path):
    jsonschema.Draft202012Validator(menu_schema()).validate(plain(path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"1": where', '"yes": where'),
        ('"1": where', '"1": {to: where, do: back}'),
        ('"1": where', '"1": {}'),
        ("kind: choose", "kind: chose"),
        ("first_digit_s: 5", "first_digit_s: 0"),
        ("first_digit_s: 5", "first_digits: 5"),
        ("retries: 2", "retries: 6"),
        ("  people:", "  People:"),
        ("skill: general", "skil: general"),
        ("en: Please wait.", 'en: ""'),
    ],
)
def test_the_schema_refuses_what_the_format_refuses(old, new):
    text = SMALL.read_text(encoding="utf-8")
    assert old in text
    data = YAML(typ="safe", pure=True).load(text.replace(old, new, 1))
    assert not jsonschema.Draft202012Validator(menu_schema()).is_valid(data)
