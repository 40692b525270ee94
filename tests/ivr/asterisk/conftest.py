"""The log of the switch's doings, which never holds a caller's number."""

import logging
from collections.abc import Iterator

import pytest

from tests.ivr.asterisk.scenes import CALL, NUMBER


class Said:
    """What the log says."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    def of_the_call(self) -> list[str]:
        return [line for line in self.lines() if CALL in line]

    def beginning(self, words: str) -> list[str]:
        return [line for line in self.lines() if line.startswith(words)]

    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.records()]

    def records(self) -> list[logging.LogRecord]:
        return self._caplog.get_records("call")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Said]:
    """The log, in which no caller's number may stand, nor anything that we did not foresee."""
    caplog.set_level(logging.INFO, logger="vagtcentral")
    said = Said(caplog)
    yield said
    assert said.records(), "nothing was logged, so nothing was looked at"
    assert [line for line in said.lines() if NUMBER.removeprefix("+45") in line] == []
    ours = [record for record in said.records() if record.name.startswith(("vagtcentral", "asyncio"))]
    assert [record for record in ours if record.exc_info or record.name == "asyncio"] == []
