"""The comparison of records with Asterisk's own call records names what differs."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.asterisk.switch_records import disagreements, switch_calls
from vagtcentral.evaluation.record import CallRecord

ROWS = """\
"1.0","1.0","0","PJSIP/network-0","PJSIP/op-anna-3","4520000000","114","100.9","101.0","104.2","ANSWERED","application"
"1.0","1.0","2","PJSIP/network-0","PJSIP/bo-4","4520000000","114","104.2","104.2","108.5","ANSWERED","application"
"1.0~op~op-anna~103000","1.0","3","PJSIP/op-anna-3","","","s","102.0","103.0","104.2","ANSWERED",""
"1.1","1.1","1","PJSIP/network-1","","4520000001","114","101.0","101.1","105.0","ANSWERED","application"
"""
TALKED = CallRecord(
    "1.0", service="114", caller="4520000000", operators=("op-anna", "bo"), outcome="answered",
    arrived_at=100_910, answered_at=103_002, left_at=108_500, ended_at=109_500,
)  # fmt: skip
WAITED = CallRecord(
    "1.1", service="114", caller="4520000001", outcome="abandoned_in_queue",
    arrived_at=101_004, left_at=105_000, ended_at=105_000,
)  # fmt: skip


@pytest.fixture
def calls(tmp_path: Path):
    file = tmp_path / "calls.csv"
    file.write_text(ROWS)
    return switch_calls(file)


def test_rows_of_one_call_are_one_call(calls):
    talked = calls["1.0"]
    assert (talked.began, talked.answered, talked.ended) == (100_900, 101_000, 108_500)
    assert (talked.phones, talked.taken) == (["op-anna", "bo"], {"op-anna": 103_000})
    assert disagreements([TALKED, WAITED], calls) == []


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (replace(TALKED, caller=None), "1.0: caller: '', switch '4520000000'"),
        (replace(TALKED, service="112"), "1.0: service: '112', switch '114'"),
        (replace(TALKED, operators=("op-anna",)), "1.0: operators: ['op-anna'], switch ['op-anna', 'bo']"),
        (replace(TALKED, outcome="failed"), "1.0: answered by an operator: False, switch True"),
        (replace(TALKED, ended_at=None), "1.0: closed: False, switch True"),
        (replace(TALKED, arrived_at=101_450), "1.0: began: 101450, switch 100900.0"),
        (replace(TALKED, left_at=109_001), "1.0: left: 109001, switch 108500.0"),
        (replace(TALKED, left_at=None), "1.0: left: None, switch 108500.0"),
        (replace(TALKED, answered_at=103_501), "1.0: operator answered: 103501, switch 103000.0"),
    ],
)
def test_what_differs_is_named(calls, record, line):
    assert disagreements([record, WAITED], calls) == [line]


def test_a_call_that_only_one_side_has_is_named(calls):
    unknown = replace(WAITED, call_id="1.2")
    assert disagreements([TALKED, unknown], calls) == ["1.1: no record", "1.2: unknown to the switch"]
