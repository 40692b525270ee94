"""What every command shares: one JSON document on stdout, notes on stderr, one line for bad input."""

import json
import sys
from typing import Any, NoReturn

ANSWER_IS_NO = 1
BAD_INPUT = 2


def print_json(document: Any) -> None:
    """Print one JSON document on stdout, keys in the order given, and nothing else."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def note(line: str) -> None:
    """Tell the user something on stderr, so that stdout stays data."""
    sys.stderr.write(line + "\n")


def refuse(line: str) -> NoReturn:
    """End with status 2 and one line that says what was wrong with the input, where, and what is allowed."""
    note(f"vagtcentral: {line}")
    raise SystemExit(BAD_INPUT)
