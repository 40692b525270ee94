"""Turns and call records as rows of the store's tables, and back."""

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from vagtcentral.evaluation.codec import EncodedTurn, decode_turn
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.tables import calls, journal
from vagtcentral.ivr.journal import Turn

_CALL_COLUMNS = tuple(column.name for column in calls.columns)
_TURN_COLUMNS = tuple(column.name for column in journal.columns)
_call_values = attrgetter(*_CALL_COLUMNS)
_turn_values = attrgetter(*_TURN_COLUMNS)

#: The columns that hold JSON text, and what makes the record's value of the parsed text.
_JSON_COLUMNS: Mapping[str, type] = {
    "data": dict,
    "position": dict,
    "evidence": tuple,
    "districts": tuple,
    "destinations": tuple,
    "operators": tuple,
    "anomalies": tuple,
    "failures": tuple,
    "recordings": tuple,
    "answers": dict,
    "registration": dict,
    "transfer_reasons": tuple,
}


def turn_row(turn: EncodedTurn) -> dict[str, Any]:
    """The row of the table `journal` for a turn."""
    return dict(zip(_TURN_COLUMNS, _turn_values(turn), strict=True))


def turn_of(row: Mapping[Any, Any]) -> Turn:
    """The turn in a row of the table `journal`; `JournalError` where it is damaged."""
    return decode_turn(row["call_id"], row["seq"], row["event_kind"], row["event"], row["commands"])


def call_row(record: CallRecord) -> dict[str, Any]:
    """The row of the table `calls` for a record."""
    row = dict(zip(_CALL_COLUMNS, _call_values(record), strict=True))
    for column in _JSON_COLUMNS:
        row[column] = _json(row[column])
    return row


def record_of(row: Mapping[Any, Any]) -> CallRecord:
    """The record in a row of the table `calls`."""
    values = dict(row)
    for column, make in _JSON_COLUMNS.items():
        text = values[column]
        values[column] = None if text is None else make(json.loads(text))
    return CallRecord(**values)


def _json(value: Any) -> str | None:
    if value is None:
        return None
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
