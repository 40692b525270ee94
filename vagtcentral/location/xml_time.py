"""Times in XML: `xsd:dateTime` (RFC 4119) and the digits of MLP, as milliseconds since 1970 UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone

from vagtcentral.location.aml import FUTURE_AFTER_MS, STALE_AFTER_MS
from vagtcentral.location.xml_oddity import XmlOddity as Odd

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)
_DIGITS = re.compile(r"(\d{14})(?:\.\d{1,12})?", re.ASCII)
#: The last instant that ISO 8601 can write with a year of four digits, in seconds since 1970.
_END_OF_TIME_S = 253_402_300_799
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)


def instant_of(text: str, odd: list[Odd]) -> int | None:
    """An `xsd:dateTime`; one without a zone is taken for UTC and named, one that is no time is named."""
    found = _DATE_TIME.fullmatch(text.strip())
    if found is None:
        odd.append(Odd.BAD_TIME)
        return None
    day, clock, fraction, zone = found.groups()
    if zone is None:
        odd.append(Odd.TIME_WITHOUT_ZONE)
    shift = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        return _milliseconds(datetime.fromisoformat(f"{day}T{clock}{shift}"), (fraction or "0").ljust(3, "0"))
    except ValueError:
        odd.append(Odd.BAD_TIME)
        return None


def mlp_instant_of(text: str | None, offset: str | None, odd: list[Odd]) -> int | None:
    """`yyyyMMddHHmmss` of a clock that is `offset` (e.g. `+0100`) ahead of UTC (OMA MLP, element `time`)."""
    if not text:
        odd.append(Odd.TIME_MISSING)
        return None
    digits = _DIGITS.fullmatch(text.strip())
    zone = _OFFSET.fullmatch(offset.strip()) if offset else None
    if zone is None:
        odd.append(Odd.TIME_WITHOUT_ZONE)
    try:
        if digits is None:
            raise ValueError(text)
        minutes = 0 if zone is None else int(zone[2]) * 60 + int(zone[3])
        ahead = timezone(timedelta(minutes=-minutes if zone is not None and zone[1] == "-" else minutes))
        return _milliseconds(datetime.strptime(digits[1], "%Y%m%d%H%M%S").replace(tzinfo=ahead))
    except ValueError:
        odd.append(Odd.BAD_TIME)
        return None


def age_oddity(time: int | None, at: int) -> Odd | None:
    """Whether a position of `time` is stale or from the future in a message received at `at` (ms)."""
    if time is None:
        return None
    if at - time > STALE_AFTER_MS:
        return Odd.STALE_FIX
    return Odd.FUTURE_FIX if time - at > FUTURE_AFTER_MS else None


def _milliseconds(moment: datetime, fraction: str = "000") -> int:
    """Raises ValueError for what is before 1970 or after the year 9999 in UTC."""
    seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    if not 0 <= seconds <= _END_OF_TIME_S:
        raise ValueError(f"{moment} is not in 1970 to 9999")
    return seconds * 1000 + int(fraction[:3])
