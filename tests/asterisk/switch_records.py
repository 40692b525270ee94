"""Asterisk's own call records (CDR), gathered by call, and where they and the project's records disagree."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.asterisk.config import CDR_COLUMNS
from vagtcentral.ivr.asterisk.names import CALLER, OPERATOR, read_id

#: By how much an instant may differ: the switch's event has to reach the controller first.
TOLERANCE_MS = 500


@dataclass(slots=True)
class SwitchCall:
    """What Asterisk noted of a call: its rows of the caller's channel, then those of the operators' channels.

    Instants are in ms since 1970; `answered` is when the caller was answered, 0 for never. `phones` are the
    endpoints that the caller was connected with, in order. `taken` says when an operator took the phone.
    """

    call_id: str
    caller: str = ""
    dialled: str = ""
    disposition: str = ""
    mark: str = ""  #: `CDR(userfield)`
    began: float = 0.0
    answered: float = 0.0
    ended: float = 0.0
    phones: list[str] = field(default_factory=list)
    taken: dict[str, float] = field(default_factory=dict)


def switch_calls(path: Path) -> dict[str, SwitchCall]:
    """The calls in a file of call records, by their id."""
    text = path.read_text() if path.exists() else ""
    rows = list(csv.DictReader(text.splitlines(), tuple(CDR_COLUMNS)))
    calls: dict[str, SwitchCall] = {}
    for row in sorted(rows, key=lambda row: int(row["sequence"])):
        leg = read_id(row["uniqueid"])
        call = calls.setdefault(leg.call_id, SwitchCall(leg.call_id))
        if leg.kind == CALLER:
            _add_caller(call, row)
        elif leg.kind == OPERATOR and float(row["answer"]):
            call.taken.setdefault(leg.detail, 1000 * float(row["answer"]))
    return calls


def _add_caller(call: SwitchCall, row: Mapping[str, str]) -> None:
    """A caller who was in several bridges has a row for each."""
    began, answered, ended = (1000 * float(row[column]) for column in ("start", "answer", "end"))
    call.caller, call.dialled = row["src"], row["dst"]
    call.disposition, call.mark = row["disposition"], row["userfield"]
    call.began = call.began or began
    call.answered = call.answered or answered
    call.ended = max(call.ended, ended)
    if row["dstchannel"]:
        call.phones.append(row["dstchannel"].removeprefix("PJSIP/").rpartition("-")[0])


def disagreements(
    records: Iterable[CallRecord], calls: Mapping[str, SwitchCall], tolerance_ms: float = TOLERANCE_MS
) -> list[str]:
    """A line for each thing on which a record and Asterisk's own do not agree; phones are named as operators.

    Not compared is what only one side knows: keys, destination, waiting time.
    """
    ours = {record.call_id: record for record in records}
    lines = [f"{call_id}: no record" for call_id in sorted(calls.keys() - ours.keys())]
    lines += [f"{call_id}: unknown to the switch" for call_id in sorted(ours.keys() - calls.keys())]
    for call_id in sorted(ours.keys() & calls.keys()):
        lines += (f"{call_id}: {line}" for line in _compare(ours[call_id], calls[call_id], tolerance_ms))
    return lines


def _compare(record: CallRecord, call: SwitchCall, tolerance_ms: float) -> Iterable[str]:
    equal = {
        "caller": (record.caller or "", call.caller),
        "service": (record.service, call.dialled),
        "operators": (list(record.operators), call.phones),
        "answered by an operator": (record.outcome == "answered", bool(call.phones)),
        "disposition": ("ANSWERED by application", f"{call.disposition} by {call.mark}"),
        "closed": (record.ended_at is not None, True),
    }
    for what, (ours, theirs) in equal.items():
        if ours != theirs:
            yield f"{what}: {ours!r}, switch {theirs!r}"
    first = record.operators[0] if record.operators else None
    instants = {
        "began": (record.arrived_at, call.began),
        "answered": (record.arrived_at, call.answered),
        "left": (record.left_at, call.ended),
        "operator answered": (record.answered_at, call.taken.get(first) if first else None),
    }
    for what, (mine, other) in instants.items():
        if mine != other and (mine is None or other is None or abs(mine - other) > tolerance_ms):
            yield f"{what}: {mine}, switch {other}"
