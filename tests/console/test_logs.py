"""The log: lines for programs that name the call, and nothing personal."""

import ast
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import vagtcentral
from vagtcentral.console.logs import OF_A_CALL, JsonLines, call_of, log_turn
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

SOURCES = sorted(Path(vagtcentral.__file__).parent.rglob("*.py"))


def record(message: str, *args: object, error: bool = False) -> logging.LogRecord:
    exc_info = None
    if error:
        try:
            raise ValueError("no such thing")
        except ValueError as caught:
            exc_info = (type(caught), caught, caught.__traceback__)
    return logging.LogRecord("vagtcentral.x", logging.WARNING, "x.py", 1, message, args, exc_info)


def test_a_line_is_one_json_object_with_the_call_as_a_field() -> None:
    line = JsonLines().format(record("call %s: not recorded: %s", "17", "a »b«\nc"))
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "WARNING",
        "logger": "vagtcentral.x",
        "call_id": "17",
        "message": "call 17: not recorded: a »b«\nc",
    }


def test_a_line_about_no_call_has_none_and_an_exception_stays_on_its_line() -> None:
    line = JsonLines().format(record("the switch is gone", error=True))
    assert "\n" not in line
    said = json.loads(line)
    assert said["call_id"] is None
    assert "ValueError: no such thing" in said["exception"]


@pytest.mark.parametrize("message", ["call %s", "no call %s: x", "call 17: x"])
def test_what_only_looks_like_a_call_is_not_taken_for_one(message: str) -> None:
    assert call_of(record(message, *(["y"] if "%" in message else []))) is None


def test_both_ends_of_a_call_are_logged_without_its_number(caplog) -> None:
    caplog.set_level(logging.INFO)
    turns = [
        replace(turn, call_id="c1") for turn in play_virtual(find_script("112-silent"), shipped_setting())
    ]
    for turn in turns:
        log_turn(turn)
    assert caplog.messages == ["call c1: arrived for 112", "call c1: closed, answered"]
    assert [call_of(one) for one in caplog.records] == ["c1", "c1"]
    caller = turns[0].event.caller
    assert caller
    assert caller not in caplog.text


def test_whatever_names_a_call_in_the_log_begins_with_it() -> None:
    """Or the line would have no `call_id`: every message with `call_id` among its values."""
    others = [
        f"{source.name}:{line}: {message}"
        for source in SOURCES
        for line, message in logged_about_calls(source)
        if not message.startswith(OF_A_CALL)
    ]
    assert others == []


def logged_about_calls(source: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log" | "_log")), args=[ast.Constant(message), *values]
            ) if any("call_id" in ast.unparse(value) for value in values):
                yield node.lineno, str(message)
