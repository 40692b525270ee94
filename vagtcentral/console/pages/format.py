"""How values are written on pages: times, durations, numbers, places. Plain functions without a browser."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vagtcentral.console.words import Say, has_words

DENMARK = ZoneInfo("Europe/Copenhagen")


def clock_time(at: int | None) -> str:
    """An instant (ms since 1970 UTC) as the time of day in Denmark, `14:03:09`; empty for none."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, DENMARK).strftime("%H:%M:%S")


def date_time(at: int | None) -> str:
    """An instant as date and time in Denmark, `2026-11-22 14:03:09`; empty for none."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, DENMARK).strftime("%Y-%m-%d %H:%M:%S")


def duration(ms: float) -> str:
    """A time span as minutes and seconds, `2:05`, with hours where there are any."""
    seconds = max(0, int(ms // 1000))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def percent(share: float) -> str:
    """A share from 0 to 1 in per cent; `<1 %` and `>99 %` rather than a false 0 or 100."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def metres(distance: float | None, say: Say) -> str:
    """A distance as a person says it: `35 m`, `2.4 km`."""
    if distance is None:
        return say("unknown")
    return f"{distance:.0f} m" if distance < 1000 else f"{distance / 1000:.1f} km"


def number(caller: str | None, say: Say) -> str:
    """A telephone number in groups; the word for a hidden one."""
    if caller is None:
        return say("hidden_number")
    if caller.startswith("+45") and len(caller) == 11:
        local = caller[3:]
        return "+45 " + " ".join(local[at : at + 2] for at in range(0, 8, 2))
    return caller


def coordinates(position: dict[str, Any]) -> str:
    """Degrees north and east with five decimals (a metre), comma between them."""
    return f"{position['latitude']:.5f}, {position['longitude']:.5f}"


def word(kind: str, value: str, say: Say) -> str:
    """The word for a code of some kind (`skill`, `reason` …), else the code itself: never an error."""
    return say(f"{kind}_{value}") if has_words(f"{kind}_{value}") else value


def short_district(name: str) -> str:
    """The name of a police district where the heading says that it is one, `Københavns`."""
    return name.removesuffix(" Politi")


def oddity(code: str, say: Say) -> str:
    """What was odd about a location message, in words; `code` as records have it (`CallRecord.anomalies`).

    What records have in a sentence says that sources disagree. A code without words stands as it is.
    """
    if " " in code:
        return say("odd_disagreement")
    for known in (code, code.removeprefix("geoloc-")):
        if has_words(f"odd_{known}"):
            return say(f"odd_{known}")
    return code
