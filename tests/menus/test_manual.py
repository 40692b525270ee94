"""The manual describes the format as it is."""

import re
from pathlib import Path

import pytest

from vagtcentral.menus import format as form
from vagtcentral.menus.lint import lint
from vagtcentral.menus.load import read_menu

MANUAL = (Path(__file__).parent.parent.parent / "docs" / "menus.md").read_text(encoding="utf-8")
EXAMPLE = MANUAL.split("```yaml\n")[1].split("```")[0]
PARTS = [form.MenuFormat, form.TimingFormat, form.FallbackFormat, form.WaitingFormat, form.OptionFormat]


def test_the_example_is_a_menu_without_findings(tmp_path):
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert lint(read_menu(path)) == []


@pytest.mark.parametrize("part", PARTS)
def test_the_manual_names_every_field(part):
    for field in part.model_fields:
        assert re.search(rf"\b{field}\b", MANUAL), field


@pytest.mark.parametrize("kind", form.KINDS)
def test_the_table_of_kinds_lists_each_with_its_fields_and_which_are_needed(kind):
    row = next(line for line in MANUAL.splitlines() if line.startswith(f"| `{kind}` |"))
    listed = row.split("|")[3].strip().split(", ")
    fields = {name: field for name, field in form.KINDS[kind].model_fields.items() if name != "kind"}
    assert {name.strip("*") for name in listed} == fields.keys()
    assert {name.strip("*") for name in listed if name.startswith("**")} == {
        name for name, field in fields.items() if field.is_required()
    }
