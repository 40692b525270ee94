"""One transaction in the making: checks that each turn follows its call's last one, and folds the records."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from vagtcentral.evaluation.codec import (
    EncodedTurn,
    HalfCharacter,
    JournalError,
    encode_turn,
    with_whole_characters,
)
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.rows import call_row, turn_of, turn_row
from vagtcentral.evaluation.schema import StoreError
from vagtcentral.ivr.journal import Turn

#: What is known of the calls in the store: their record, or why their journal cannot be read.
Known = Mapping[str, CallRecord | JournalError]


def retold(call_id: str, rows: Iterable[Mapping[Any, Any]]) -> CallRecord | JournalError:
    """The record folded from a call's rows in the journal, or the error where a row is damaged."""
    try:
        return CallRecord.fold(call_id, map(turn_of, rows))
    except JournalError as error:
        return error


class Group:
    """The rows of one transaction. `known` is read, and stays as it was until the transaction is durable."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.records: dict[str, CallRecord] = {}
        self.turns: list[dict[str, Any]] = []

    def add(self, turns: Iterable[Turn]) -> None:
        """Take in turns, all or none; `JournalError` where one does not follow or cannot be written."""
        records: dict[str, CallRecord] = {}
        rows: list[dict[str, Any]] = []
        for turn in turns:
            record = records.get(turn.call_id)
            if record is None:
                record = records[turn.call_id] = self._copy_of(turn.call_id)
            _require_next(turn, record.last_seq)
            told, encoded = _encode(turn)
            rows.append(turn_row(encoded))
            record.apply(told)
        self.records |= records
        self.turns += rows

    def call_rows(self) -> list[dict[str, Any]]:
        """The rows of `calls` after all turns taken in."""
        return [call_row(record) for record in self.records.values()]

    def _copy_of(self, call_id: str) -> CallRecord:
        known = self.records.get(call_id) or self._known.get(call_id)
        if known is None:
            return CallRecord(call_id)
        if isinstance(known, JournalError):
            raise known
        return copy.copy(known)


def _encode(turn: Turn) -> tuple[Turn, EncodedTurn]:
    """The turn as it is told from now on, and its encoding: half a character must not lose a turn."""
    try:
        return turn, encode_turn(turn)
    except HalfCharacter:
        whole = with_whole_characters(turn)
        return whole, encode_turn(whole)


def _require_next(turn: Turn, last: int) -> None:
    if turn.seq == last + 1:
        return
    call = f"call {turn.call_id}"
    if turn.seq == 1:
        raise StoreError(f"{call} is already in the store, with {last} turns")
    if 1 <= turn.seq <= last:
        raise StoreError(f"{call}: turn {turn.seq} is already in the store; turn {last + 1} comes next")
    raise StoreError(f"{call}: turn {turn.seq} leaves a gap; turn {last + 1} comes next")
