"""The file format as JSON Schema, for editors and other programs.

`python -m vagtcentral.menus.schema` writes it anew. It says less than the loader checks: references between
nodes, and most fields that depend on each other, are beyond a schema.
"""

import json
from pathlib import Path
from typing import Any

from vagtcentral.menus.format import MenuFormat

PUBLISHED = Path(__file__).parent / "menu.schema.json"


def menu_schema() -> dict[str, Any]:
    """The schema of a menu file, JSON Schema 2020-12."""
    schema = _tidied(MenuFormat.model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Vagtcentral menu",
    }


def _tidied(part: Any) -> Any:
    """The part of a schema with unknown keys refused, as the loader does, and without defaults of nulls."""
    if isinstance(part, list):
        return [_tidied(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy = {key: _tidied(value) for key, value in part.items() if key != "default" or value is not None}
    if isinstance(tidy.get("default"), dict):
        del tidy["default"]
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy


def schema_text() -> str:
    """The schema as it is published, byte for byte."""
    return json.dumps(menu_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(schema_text(), encoding="utf-8")
