"""What the live system logs: lines for people, or one JSON object a line for programs. Never personal data.

What is said of a call begins with `call ID: ` wherever it is said, so that its id can be a field of its own.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from vagtcentral.console.settings import Settings
from vagtcentral.ivr.commands import CloseRecord
from vagtcentral.ivr.events import CallArrived
from vagtcentral.ivr.journal import Turn

log = logging.getLogger(__name__)

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
#: How every message about a call begins; its first argument is the call's id.
OF_A_CALL = "call %s: "


class JsonLines(logging.Formatter):
    """One JSON object a line: `time` (ISO 8601, UTC), `level`, `logger`, `call_id` or null, `message`.

    `exception` is there where there is one: its traceback.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "call_id": call_of(record),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def call_of(record: logging.LogRecord) -> str | None:
    """The id of the call that a line of the log is about."""
    about_a_call = str(record.msg).startswith(OF_A_CALL) and isinstance(record.args, tuple) and record.args
    return str(record.args[0]) if about_a_call and record.args else None  # type: ignore[index]


def begin_logging(settings: Settings) -> None:
    """Log to stderr from now on, in the form and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    as_json = settings.log_format == "json"
    handler.setFormatter(JsonLines() if as_json else logging.Formatter(LINE))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    for chatty in ("uvicorn.error", "alembic", "aiosqlite"):  # rows have numbers in them
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_turn(turn: Turn) -> None:
    """Log the two ends of a call: for programs, which have no wallboard to look at."""
    if isinstance(turn.event, CallArrived):
        log.info("call %s: arrived for %s", turn.call_id, turn.event.service)
    if turn.commands and isinstance(turn.commands[-1], CloseRecord):
        log.info("call %s: closed, %s", turn.call_id, turn.commands[-1].outcome.value)
