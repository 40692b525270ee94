"""The document of the journal describes all of it, and nothing that is not there."""

import json
import re
from pathlib import Path

import pytest

from vagtcentral.evaluation.codec import COMMAND_KINDS, EVENT_KINDS, turn_from_json, turn_to_json
from vagtcentral.evaluation.tables import calls, journal

TEXT = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "kinds"), [("Kinds of events", EVENT_KINDS), ("Kinds of commands", COMMAND_KINDS)]
)
def test_every_kind_is_described_by_one_sentence(heading: str, kinds: dict[str, type]) -> None:
    described = rows(heading)
    assert list(described) == list(kinds), "in the order of the code"
    for sentence in described.values():
        assert sentence.endswith(".")
        assert sentence.count(".") == 1


@pytest.mark.parametrize("table", [journal, calls], ids=lambda table: table.name)
def test_every_column_is_described(table) -> None:
    section = TEXT.split("## What is stored\n")[1].split("\n## ")[0]
    first_cells = " ".join(re.findall(r"^\| (.+?) \|", section, re.MULTILINE))
    named = re.findall(r"`(\w+)(…?)`", first_cells)
    for column in table.columns:
        assert any(
            column.name == name or (open_ended and column.name.startswith(f"{name}_"))
            for name, open_ended in named
        ), column.name


def test_the_example_line_is_a_turn() -> None:
    (example,) = re.findall(r"```json\n(.+)\n```", TEXT)
    assert turn_to_json(turn_from_json(example)) == example
    assert json.loads(example)["seq"] == 2
