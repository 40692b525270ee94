"""Advanced Mobile Location: the text messages that handsets send during an emergency call.

Reads version 1 (`A"ML=1`, ETSI TS 103 625 and its predecessors) and Google's ELS beta (`A"ML=2`), where some
keys mean something else. Reading never raises and never drops: what can be read is returned, what is odd is
named.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

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
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.exchanged import are_exchanged
from vagtcentral.location.form_anomaly import FormAnomaly
from vagtcentral.location.position import Position, Source
from vagtcentral.value import value

__all__ = ["AmlMessage", "Anomaly", "decode"]

#: A fix older than its message by more than this many milliseconds is stale.
STALE_AFTER_MS = 120_000
#: A fix later than its message by more than this many milliseconds comes from a wrong clock.
FUTURE_AFTER_MS = 30_000
#: A call that began more than this many milliseconds before its message came is hardly the one that is on:
#: handsets keep a message for up to an hour.
STALE_EVENT_AFTER_MS = 3_600_000

#: Characters or octets of the longest message that is read, all its parts and wrappings together.
LONGEST = 64 * 1024
HEADER = 'A"ML='
_HEADER_VARIANTS = ("AML=", "A”ML=", "A“ML=", "A'ML=", "A’ML=", "A''ML=", 'a"ml=', "aml=")
_PADDING = " \t\r\n\0@\N{BYTE ORDER MARK}"

#: Every sender of version 1 sends all of these, some of them empty.
V1_KEYS = frozenset(("lt", "lg", "rd", "top", "lc", "pm", "si", "ei", "mcc", "mnc", "ml"))
V2_KEYS = frozenset(("en", "et", "lo", "lt", "lc", "lz", "ls", "ei", "nc", "hc", "lg"))
#: What a version 2 message must have for a position with time, accuracy and method.
V2_NEEDED = frozenset(("et", "lo", "lt", "lc", "ls"))
#: The last instant that ISO 8601 can write with a year of four digits, in seconds since 1970.
_END_OF_TIME_S = 253_402_300_799

_METHODS = {
    "G": Source.GNSS,
    "W": Source.WIFI,
    "C": Source.CELL,
    "F": Source.FUSED,
    "U": Source.UNKNOWN,
    "N": Source.UNKNOWN,
}


@value
class AmlMessage:
    """What one message says, and everything odd about it. `raw` is the message as it came.

    `form` is `sms-v1` or `sms-v2`, or `unknown`; `aml_any.decode_any` knows more. Identities are strings as
    sent, None where empty; they may be truncated or zeroed (see the anomalies). `network` is the serving
    network, e.g. `238-01`. A text message does not hold the caller's number. There is no position if and only
    if `Anomaly.NO_POSITION` is among the anomalies. Personal data stay out of `repr`.
    """

    form: str
    position: Position | None = field(repr=False)
    msisdn: str | None = field(repr=False)
    imsi: str | None = field(repr=False)
    imei: str | None = field(repr=False)
    network: str | None
    anomalies: tuple[Anomaly | FormAnomaly, ...]
    raw: str = field(repr=False)
    #: What the message was wrapped in, outermost first, e.g. `hex`, `header`, `septets`; empty for text.
    layers: tuple[str, ...] = ()
    #: When its service centre got it, in milliseconds since 1970 UTC, where the message says so.
    sent_at: int | None = None
    #: Every field that could be read, by its key, as it was sent: also those of which nothing else is made.
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

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
            "fields": dict(self.fields),
        }


def decode(message: str, received_at: int | None = None) -> AmlMessage:
    """Read one AML text message; `received_at` (ms since 1970 UTC) lets a stale or future fix be told.

    Never raises and never drops: a message that cannot be read has the form `unknown` and keeps its raw text.
    Grammar as in Google's ELS SMS specification and ETSI TS 103 625; what real senders do otherwise is
    accepted and named.
    """
    if len(message) > LONGEST:
        overlong = (Anomaly.NOT_AML, Anomaly.OVERLONG, Anomaly.NO_POSITION)
        return AmlMessage("unknown", None, None, None, None, None, overlong, message)
    odd: list[Anomaly] = []
    text = message.strip(_PADDING)
    if len(text) != len(message):
        odd.append(Anomaly.PADDING)
    if not text.startswith(HEADER):
        text = _from_header(text, odd)
        if Anomaly.HEADER_MISSING in odd:
            return _version_1("unknown", text, text, odd, received_at, message)
    header, _, rest = text.partition(";")
    version = header.partition("=")[2].strip()
    if Anomaly.NOT_AML not in odd:
        if version == "1":
            return _version_1("sms-v1", text, rest, odd, received_at, message)
        if version == "2":
            return _version_2(rest, odd, received_at, message)
        odd.append(Anomaly.UNKNOWN_VERSION)
    odd.append(Anomaly.NO_POSITION)
    return AmlMessage("unknown", None, None, None, None, None, tuple(odd), message)


def _from_header(text: str, odd: list[Anomaly]) -> str:
    """The text from its header on, however that is spelt; the whole text if there is none."""
    start = text.find(HEADER)
    if start < 0:
        starts = [text.find(variant) for variant in _HEADER_VARIANTS if variant in text]
        if not starts:
            keys = {part.partition("=")[0].strip().lower() for part in text.split(";") if "=" in part}
            odd.append(Anomaly.HEADER_MISSING if len(keys & V1_KEYS) > 1 else Anomaly.NOT_AML)
            return text
        start = min(starts)
        odd.append(Anomaly.HEADER_VARIANT)
    if start and Anomaly.PADDING not in odd:
        odd.append(Anomaly.PADDING)
    return text[start:]


def _version_1(
    form: str, text: str, rest: str, odd: list[Anomaly], received_at: int | None, raw: str
) -> AmlMessage:
    fields = _fields(rest, V1_KEYS, V1_KEYS, odd)
    if "ml" not in fields and not rest.endswith(";"):
        _drop_cut_off(fields, ("lt", "lg", "rd", "lc"), odd)
    get = fields.get
    length = get("ml", "")
    if not (length.isdecimal() and length.isascii() and len(length) < 6 and int(length) == len(text)):
        odd.append(Anomaly.LENGTH_MISMATCH)
    position = _position(
        coordinate(get("lt"), 90.0, odd),
        coordinate(get("lg"), 180.0, odd),
        (get("rd", ""), get("lc", ""), get("pm", "")),
        instant_of(get("top", "")),
        received_at,
        odd,
    )
    imsi, imei = get("si"), get("ei")
    odd.extend(anomaly for anomaly in (imsi_anomaly(imsi), imei_anomaly(imei)) if anomaly)
    network = network_of(get("mcc", ""), get("mnc", ""), odd)
    said = (position, None, imsi or None, imei or None, network, tuple(odd), raw, (), None, fields)
    return AmlMessage(form, *said)


def _version_2(rest: str, odd: list[Anomaly], received_at: int | None, raw: str) -> AmlMessage:
    """ELS beta: `lo` is latitude,longitude,accuracy; `lt` is the fix's time in seconds after `et`."""
    fields = _fields(rest, V2_KEYS, V2_NEEDED, odd)
    if "ls" not in fields and not rest.endswith(";"):
        _drop_cut_off(fields, ("lo", "lt", "lc"), odd)
    get = fields.get
    place = get("lo", "").split(",")
    if len(place) == 6:  # decimal commas throughout
        place = [f"{whole}.{part}" for whole, part in zip(place[::2], place[1::2], strict=True)]
        odd.append(Anomaly.DECIMAL_COMMA)
    latitude = longitude = None
    if len(place) in (2, 3):
        latitude, longitude = coordinate(place[0], 90.0, odd), coordinate(place[1], 180.0, odd)
    elif place != [""]:
        odd.append(Anomaly.BAD_COORDINATE)
    radius = place[2] if len(place) == 3 else ""
    called, after = number(get("et", ""), odd), number(get("lt", ""), odd)
    time = None
    if called is not None and after is not None and 0 <= called + after <= _END_OF_TIME_S:
        time = round((called + after) * 1000)
    values = (radius, get("lc", ""), get("ls", ""))
    position = _position(latitude, longitude, values, time, received_at, odd)
    imei = get("ei")
    anomaly = imei_anomaly(imei)
    if anomaly is not None:
        odd.append(anomaly)
    serving = get("nc", "")
    network = network_of(serving[:3], serving[3:], odd)
    if received_at is not None and called is not None and received_at - called * 1000 > STALE_EVENT_AFTER_MS:
        odd.append(Anomaly.STALE_EVENT)
    said = (position, None, None, imei or None, network, tuple(odd), raw, (), None, fields)
    return AmlMessage("sms-v2", *said)


def _fields(rest: str, known: frozenset[str], needed: frozenset[str], odd: list[Anomaly]) -> dict[str, str]:
    """The values by key, with every irregularity of the list named."""
    parts = rest.split(";")
    try:
        fields = dict([part.split("=", 1) for part in parts])
    except ValueError:  # a part without "="
        fields = {}
    if len(fields) != len(parts) or not fields.keys() <= known:
        fields = _irregular_fields(parts, known, odd)
    if not fields.keys() >= needed:
        odd.append(Anomaly.MISSING_FIELD)
    return fields


def _drop_cut_off(fields: dict[str, str], keys: tuple[str, ...], odd: list[Anomaly]) -> None:
    """Forget a number at the very end of an unfinished message: 12.56 may have been cut down to 1."""
    last = next(reversed(fields), None)
    if last in keys:
        del fields[last]
        odd.append(Anomaly.CUT_OFF)


def _irregular_fields(parts: list[str], known: frozenset[str], odd: list[Anomaly]) -> dict[str, str]:
    fields: dict[str, str] = {}
    found: list[Anomaly] = []
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            found.append(Anomaly.MALFORMED_FIELD if part.strip() else Anomaly.EMPTY_FIELD)
            continue
        if key not in known:
            key = key.strip().lower()
            found.append(Anomaly.KEY_SPELLING if key in known else Anomaly.UNKNOWN_KEY)
        if key in fields:
            found.append(Anomaly.DUPLICATE_KEY)
            value = value or fields[key]
        fields[key] = value
    odd.extend(dict.fromkeys(found))
    return fields


def _position(
    latitude: float | None,
    longitude: float | None,
    values: tuple[str, str, str],
    time: int | None,
    received_at: int | None,
    odd: list[Anomaly],
) -> Position | None:
    """The position of coordinates and the texts of radius, confidence and method; None if there is none."""
    radius, confidence, method = values
    if latitude is None or longitude is None:
        odd.append(Anomaly.NO_POSITION)
        return None
    if latitude == 0.0 == longitude:
        # Zeros without a radius, or with one of 0, are how every sender says that it found no position.
        if not number(radius, []):
            odd.append(Anomaly.NO_POSITION)
            return None
        odd.append(Anomaly.ZERO_POSITION)
    elif are_exchanged(latitude, longitude):
        odd.append(Anomaly.AXES_SWAPPED)
    metres = radius_of(radius, odd)
    share = confidence_of(confidence, odd)
    source = _METHODS.get(method) or _METHODS.get(method.strip().upper())
    if source is None:
        source = Source.UNKNOWN
        odd.append(Anomaly.UNKNOWN_METHOD)
    elif method == "N":
        odd.append(Anomaly.METHOD_UNSTATED)
    if time is None:
        odd.append(Anomaly.BAD_TIME)
    elif received_at is not None:
        if received_at - time > STALE_AFTER_MS:
            odd.append(Anomaly.STALE_FIX)
        elif time - received_at > FUTURE_AFTER_MS:
            odd.append(Anomaly.FUTURE_FIX)
    return Position(latitude, longitude, metres, share, time, source)
