"""The single values of an AML message: numbers, times and identities as real senders write them."""

from datetime import UTC, datetime
from functools import lru_cache

from vagtcentral.location.anomaly import Anomaly

#: Largest radius that the message format holds, in metres.
LARGEST_RADIUS_M = 99_999.0

_MINUS = "\N{MINUS SIGN}"
_NUMERALS = frozenset("0123456789.+- ")


def number(text: str, odd: list[Anomaly]) -> float | None:
    """A plain decimal number, or None: no exponent, no underscore, no infinity, western digits only.

    A single decimal comma and a typographic minus are accepted and named in `odd`.
    """
    if not _NUMERALS.issuperset(text):
        if "," in text and "." not in text and text.count(",") == 1:
            text = text.replace(",", ".")
            if number(text, odd) is not None and Anomaly.DECIMAL_COMMA not in odd:
                odd.append(Anomaly.DECIMAL_COMMA)
            return number(text, odd)
        if text.startswith(_MINUS):
            if Anomaly.ODD_MINUS not in odd:
                odd.append(Anomaly.ODD_MINUS)
            return number("-" + text[1:], odd)
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -1e15 < value < 1e15 else None


def coordinate(text: str | None, limit: float, odd: list[Anomaly]) -> float | None:
    """Degrees within -limit..limit, or None; a value that is present but unusable is named."""
    if text is None:
        return None
    value = number(text, odd)
    if value is not None and -limit <= value <= limit:
        return value
    if Anomaly.BAD_COORDINATE not in odd:
        odd.append(Anomaly.BAD_COORDINATE)
    return None


def radius_of(text: str, odd: list[Anomaly]) -> float | None:
    """The radius in metres. 0 and `N` mean unknown, never exact: Google's ELS prints 0 without accuracy."""
    value = number(text, odd)
    if value is None or value <= 0:
        odd.append(Anomaly.RADIUS_UNKNOWN if value == 0 or text in ("N", "") else Anomaly.BAD_RADIUS)
        return None
    if value > LARGEST_RADIUS_M:
        odd.append(Anomaly.RADIUS_OUT_OF_RANGE)
    return value


def confidence_of(text: str, odd: list[Anomaly]) -> float | None:
    """The confidence as a fraction, sent as percent or fraction; 0 and 100 % are unknown (RFC 7459, 7)."""
    value = number(text, odd)
    if value is None or not 0 < value < 100 or value == 1:
        odd.append(Anomaly.BAD_CONFIDENCE)
        return None
    if value < 1:
        odd.append(Anomaly.CONFIDENCE_FRACTION)
        return value
    return round(value / 100, 9)


def instant_of(text: str) -> int | None:
    """`yyyyMMddHHmmss` in UTC as milliseconds since 1970, None if that is no time."""
    if len(text) != 14 or not (text.isdecimal() and text.isascii()):
        return None
    day = _day(text[:8])
    hour, minute, second = int(text[8:10]), int(text[10:12]), int(text[12:])
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day + (hour * 3600 + minute * 60 + second) * 1000


@lru_cache(maxsize=512)
def _day(text: str) -> int | None:
    try:
        return int(datetime(int(text[:4]), int(text[4:6]), int(text[6:]), tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        return None


def imsi_anomaly(text: str | None) -> Anomaly | None:
    """What is noteworthy about an IMSI; a missing key is named elsewhere."""
    if text is None:
        return None
    if not text:
        return Anomaly.IMSI_EMPTY
    if not (text.isdecimal() and text.isascii() and 6 <= len(text) <= 15):
        return Anomaly.IMSI_MALFORMED
    if text.endswith("000000000"):
        return Anomaly.IMSI_TRUNCATED if text.strip("0") else Anomaly.IMSI_ZEROED
    return None if text.strip("0") else Anomaly.IMSI_ZEROED


def imei_anomaly(text: str | None) -> Anomaly | None:
    """What is noteworthy about an IMEI; a missing key is named elsewhere."""
    if text is None:
        return None
    if not text:
        return Anomaly.IMEI_EMPTY
    if not (text.isdecimal() and text.isascii() and 14 <= len(text) <= 16):
        return Anomaly.IMEI_MALFORMED
    return None if text[8:].strip("0") else Anomaly.IMEI_ZEROED


def network_of(country: str, network: str, odd: list[Anomaly]) -> str | None:
    """The serving network as `238-01`, or None. Codes are strings: `01` is not `1` (ITU-T E.212)."""
    if (
        len(country) == 3
        and 2 <= len(network) <= 3
        and country.isdecimal()
        and network.isdecimal()
        and country.isascii()
        and network.isascii()
        and country != "000"
    ):
        return f"{country}-{network}"
    odd.append(Anomaly.NETWORK_UNKNOWN)
    return None
