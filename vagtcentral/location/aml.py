"""Advanced Mobile Location: the text messages that handsets send during an emergency call.

Reads version 1 (`A"ML=1`, ETSI TS 103 625 and its predecessors) and Google's ELS beta (`A"ML=2`), in which some keys
mean something else. Reading never raises and never drops: what can be read is returned, what is odd is named.
"""

from dataclasses import dataclass
from typing import Any

from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.aml_fields import (
    confidence_of,
    coordinate,
    imei_anomaly,
    imsi_anomaly,
    instant_of,
    network_of,
    number,
    radius_of,
)
from vagtcentral.location.position import Position, Source

__all__ = ["Anomaly", "AmlMessage", "decode"]

#: A fix older than its message by more than this many milliseconds is stale.
STALE_AFTER_MS = 120_000
#: A fix later than its message by more than this many milliseconds comes from a wrong clock.
FUTURE_AFTER_MS = 30_000

HEADER = 'A"ML='
_HEADER_VARIANTS = ("AML=", "A”ML=", "A“ML=", "A'ML=", "A’ML=", "A''ML=", 'a"ml=', "aml=")
_PADDING = " \t\r\n\0@"

V1_KEYS = frozenset(("lt", "lg", "rd", "top", "lc", "pm", "si", "ei", "mcc", "mnc", "ml"))
V2_KEYS = frozenset(("en", "et", "lo", "lt", "lc", "lz", "ls", "ei", "nc", "hc", "lg"))
#: What every version 2 message must have for a position; the others are optional.
V2_NEEDED = frozenset(("et", "lo", "lt", "lc", "ls"))

_METHODS = {
    "G": Source.GNSS,
    "W": Source.WIFI,
    "C": Source.CELL,
    "F": Source.FUSED,
    "U": Source.UNKNOWN,
    "N": Source.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class AmlMessage:
    """What one message says. `form` is `sms-v1`, `sms-v2` or `unknown`; `raw` is the message as it came.

    Identities are strings exactly as sent, None where empty; they may be truncated or zeroed (see the anomalies).
    `network` is the serving network, e.g. `238-01`. A text message does not hold the caller's number.
    """

    form: str
    position: Position | None
    msisdn: str | None
    imsi: str | None
    imei: str | None
    network: str | None
    anomalies: tuple[Anomaly, ...]
    raw: str

    def as_json(self) -> dict[str, Any]:
        """The message with the field names that the command line promises."""
        return {
            "form": self.form,
            "position": None if self.position is None else self.position.as_json(),
            "caller": {
                "msisdn": self.msisdn,
                "imsi": self.imsi,
                "imei": self.imei,
                "network": self.network,
            },
            "anomalies": [anomaly.value for anomaly in self.anomalies],
            "raw": self.raw,
        }


def decode(message: str, received_at: int | None = None) -> AmlMessage:
    """Read one AML text message; `received_at` (ms since 1970 UTC) lets a stale or future fix be told.

    Never raises and never drops: a message that cannot be read has the form `unknown` and keeps its raw text.
    Grammar as in Google's ELS SMS specification and ETSI TS 103 625; quirks of real senders are accepted and named.
    """
    odd: list[Anomaly] = []
    text = message.strip(_PADDING)
    if len(text) != len(message):
        odd.append(Anomaly.PADDING)
    if not text.startswith(HEADER):
        text = _without_prefix(text, odd)
    header, _, rest = text.partition(";")
    name, _, version = header.partition("=")
    if Anomaly.HEADER_MISSING in odd:
        return _version_1("unknown", text, text, odd, received_at, message)
    if Anomaly.NOT_AML in odd:
        pass
    elif version == "1":
        return _version_1("sms-v1", text, rest, odd, received_at, message)
    elif version == "2":
        return _version_2(rest, odd, received_at, message)
    elif version.strip(" +0.") == "1" and name:
        odd.append(Anomaly.KEY_SPELLING)
        return _version_1("sms-v1", text, rest, odd, received_at, message)
    else:
        odd.append(Anomaly.UNKNOWN_VERSION)
    odd.append(Anomaly.NO_POSITION)
    return AmlMessage("unknown", None, None, None, None, None, tuple(odd), message)


def _without_prefix(text: str, odd: list[Anomaly]) -> str:
    """The text from its header on, with whatever spelling the header has."""
    start = text.find(HEADER)
    if start < 0:
        found = [(text.find(variant), variant) for variant in _HEADER_VARIANTS if variant in text]
        if found:
            start = min(found)[0]
            odd.append(Anomaly.HEADER_VARIANT)
        else:
            keys = {part.partition("=")[0].strip().lower() for part in text.split(";") if "=" in part}
            odd.append(Anomaly.HEADER_MISSING if len(keys & V1_KEYS) > 1 else Anomaly.NOT_AML)
            return text
    if start and Anomaly.PADDING not in odd:
        odd.append(Anomaly.PADDING)
    return text[start:]


def _fields(rest: str, known: frozenset[str], odd: list[Anomaly]) -> dict[str, str]:
    """The values by key, with every irregularity of the list named."""
    parts = rest.split(";")
    try:
        fields = dict([part.split("=", 1) for part in parts])  # type: ignore[misc]
        if len(fields) == len(parts) and fields.keys() <= known:
            return fields
    except ValueError:
        pass
    fields = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            _add(odd, Anomaly.MALFORMED_FIELD if part.strip() else Anomaly.EMPTY_FIELD)
            continue
        if key not in known:
            spelling = key.strip().lower()
            _add(odd, Anomaly.KEY_SPELLING if spelling in known else Anomaly.UNKNOWN_KEY)
            key = spelling
        if key in fields:
            _add(odd, Anomaly.DUPLICATE_KEY)
            value = value or fields[key]
        fields[key] = value
    return fields


def _add(odd: list[Anomaly], anomaly: Anomaly) -> None:
    if anomaly not in odd:
        odd.append(anomaly)


def _version_1(
    form: str, text: str, rest: str, odd: list[Anomaly], received_at: int | None, raw: str
) -> AmlMessage:
    fields = _fields(rest, V1_KEYS, odd)
    if not V1_KEYS <= fields.keys():
        odd.append(Anomaly.MISSING_FIELD)
    get = fields.get
    length = get("ml", "")
    if not (length.isdecimal() and length.isascii() and len(length) < 6 and int(length) == len(text)):
        odd.append(Anomaly.LENGTH_MISMATCH)
    position = None
    latitude = coordinate(get("lt"), 90.0, odd)
    longitude = coordinate(get("lg"), 180.0, odd)
    radius = get("rd", "")
    if latitude is None or longitude is None:
        odd.append(Anomaly.NO_POSITION)
    elif latitude == 0.0 == longitude and number(radius, []) is None:
        odd.append(Anomaly.NO_POSITION)
    else:
        if latitude == 0.0 == longitude:
            odd.append(Anomaly.ZERO_POSITION)
        metres = radius_of(radius, odd)
        confidence = confidence_of(get("lc", ""), odd)
        time = instant_of(get("top", ""))
        source = _source(get("pm", ""), odd)
        _check_time(time, received_at, odd)
        position = Position(latitude, longitude, metres, confidence, time, source)
    imsi = get("si")
    imei = get("ei")
    anomaly = imsi_anomaly(imsi)
    if anomaly:
        odd.append(anomaly)
    anomaly = imei_anomaly(imei)
    if anomaly:
        odd.append(anomaly)
    network = network_of(get("mcc", ""), get("mnc", ""))
    if network is None:
        odd.append(Anomaly.NETWORK_UNKNOWN)
    return AmlMessage(form, position, None, imsi or None, imei or None, network, tuple(odd), raw)


def _version_2(rest: str, odd: list[Anomaly], received_at: int | None, raw: str) -> AmlMessage:
    """ELS beta: `lo` is latitude,longitude,accuracy; `lt` is the fix's time in seconds after the call's, `et`."""
    fields = _fields(rest, V2_KEYS, odd)
    if not V2_NEEDED <= fields.keys():
        odd.append(Anomaly.MISSING_FIELD)
    get = fields.get
    position = None
    place = get("lo", "").split(",")
    if len(place) == 6:  # decimal commas throughout
        place = [f"{place[0]}.{place[1]}", f"{place[2]}.{place[3]}", f"{place[4]}.{place[5]}"]
        odd.append(Anomaly.DECIMAL_COMMA)
    latitude = longitude = None
    if len(place) in (2, 3):
        latitude = coordinate(place[0], 90.0, odd)
        longitude = coordinate(place[1], 180.0, odd)
    elif get("lo"):
        odd.append(Anomaly.BAD_COORDINATE)
    if latitude is None or longitude is None:
        odd.append(Anomaly.NO_POSITION)
    elif latitude == 0.0 == longitude and number(place[2] if len(place) == 3 else "", []) in (None, 0.0):
        odd.append(Anomaly.NO_POSITION)
    else:
        if latitude == 0.0 == longitude:
            odd.append(Anomaly.ZERO_POSITION)
        metres = radius_of(place[2] if len(place) == 3 else "", odd)
        confidence = confidence_of(get("lc", ""), odd)
        called, after = number(get("et", ""), odd), number(get("lt", ""), odd)
        time = None
        if called is not None and after is not None and 0 <= called + after < 253402300800:
            time = round((called + after) * 1000)
        source = _source(get("ls", ""), odd)
        _check_time(time, received_at, odd)
        position = Position(latitude, longitude, metres, confidence, time, source)
    imei = get("ei")
    anomaly = imei_anomaly(imei) if imei is not None else None
    if anomaly:
        odd.append(anomaly)
    serving = get("nc", "")
    network = network_of(serving[:3], serving[3:])
    if network is None:
        odd.append(Anomaly.NETWORK_UNKNOWN)
    return AmlMessage("sms-v2", position, None, None, imei or None, network, tuple(odd), raw)


def _source(letter: str, odd: list[Anomaly]) -> Source:
    source = _METHODS.get(letter)
    if source is None:
        source = _METHODS.get(letter.strip().upper())
        if source is None:
            odd.append(Anomaly.UNKNOWN_METHOD)
            return Source.UNKNOWN
    if source is Source.UNKNOWN and letter == "N":
        odd.append(Anomaly.METHOD_UNSTATED)
    return source


def _check_time(time: int | None, received_at: int | None, odd: list[Anomaly]) -> None:
    if time is None:
        odd.append(Anomaly.BAD_TIME)
    elif received_at is not None:
        if received_at - time > STALE_AFTER_MS:
            odd.append(Anomaly.STALE_FIX)
        elif time - received_at > FUTURE_AFTER_MS:
            odd.append(Anomaly.FUTURE_FIX)
