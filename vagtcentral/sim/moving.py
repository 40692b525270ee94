"""A location message as if everything had happened so much later: the times that stand in it are moved."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_DIGITS = "%Y%m%d%H%M%S"


def _by_digits(text: str, by: timedelta) -> str:
    return (datetime.strptime(text, _DIGITS) + by).strftime(_DIGITS)


def _by_iso(text: str, by: timedelta) -> str:
    return (datetime.fromisoformat(text) + by).isoformat()


#: Where a message tells the time of its position, and how that is written: an AML text message (ETSI TS 103
#: 625, `top=`), a location server's answer (OMA MLP, `time`), a PIDF-LO document (RFC 4119, `timestamp`).
_TIMES: tuple[tuple[re.Pattern[str], Callable[[str, timedelta], str]], ...] = (
    (re.compile(r"(?<=\btop=)[0-9]{14}"), _by_digits),
    (re.compile(r"(<(?:\w+:)?time\b[^>]*>\s*)([0-9]{14})"), _by_digits),
    (re.compile(r"(<(?:\w+:)?timestamp\b[^>]*>\s*)([0-9T:.Zz+-]{19,35})"), _by_iso),
)


def moved(message: str, by_ms: int) -> str:
    """The message with its times so many milliseconds later; unchanged where it tells none."""
    by = timedelta(milliseconds=by_ms)
    for pattern, later in _TIMES:

        def put(found: re.Match[str], later: Callable[[str, timedelta], str] = later) -> str:
            before, time = found.groups() if found.re.groups else ("", found[0])
            try:
                return before + later(time, by)
            except (ValueError, OverflowError):
                return found[0]

        message = pattern.sub(put, message)
    return message
