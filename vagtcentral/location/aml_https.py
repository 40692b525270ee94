"""Advanced Mobile Location over HTTPS: the form that handsets post.

The fields are those of Google's ELS and of an older example in wide use; every one is optional, and what real
senders do otherwise is accepted and named. Reading never raises and never drops.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from vagtcentral.location.aml import FUTURE_AFTER_MS, STALE_AFTER_MS, STALE_EVENT_AFTER_MS
from vagtcentral.location.aml_fields import (
    confidence_of,
    coordinate,
    imei_anomaly,
    imsi_anomaly,
    network_of,
    number,
    radius_of,
)
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.exchanged import are_exchanged
from vagtcentral.location.form_anomaly import FormAnomaly
from vagtcentral.location.position import Position, Source

#: The hashes that an HMAC may be made with. SHA-1 is what the published example uses.
HASHES = ("sha1", "sha256", "sha512")

#: Every field that a sender is known to use.
KEYS = frozenset(
    (
        "v",
        "emergency_number",
        "source",
        "thunderbird_version",
        "time",
        "location_latitude",
        "location_longitude",
        "location_time",
        "location_accuracy",
        "location_confidence",
        "location_certainty",
        "location_altitude",
        "location_altitude_msl",
        "location_vertical_accuracy",
        "location_vertical_accuracy_msl",
        "location_floor",
        "location_source",
        "location_bearing",
        "location_speed",
        "device_number",
        "device_model",
        "device_imsi",
        "device_imei",
        "device_iccid",
        "device_os",
        "device_languages",
        "cell_carrier",
        "cell_home_mcc",
        "cell_home_mnc",
        "cell_network_mcc",
        "cell_network_mnc",
        "cell_id",
        "gt_location_latitude",
        "gt_location_longitude",
        "adr_carcrash_time",
        "config_name",
        "location_wifi_scan",
        "hmac",
    )
)
VERSIONS = frozenset(("1", "2", "3"))
_SOURCES = {
    "gps": Source.GNSS,
    "gnss": Source.GNSS,
    "wifi": Source.WIFI,
    "cell": Source.CELL,
    "fused": Source.FUSED,
    "unknown": Source.UNKNOWN,
}
#: Milliseconds below this are before 1973: the sender meant seconds.
_SURELY_SECONDS = 100_000_000_000
_END_OF_TIME_MS = 253_402_300_799_000

AnyAnomaly = Anomaly | FormAnomaly


@dataclass(frozen=True, slots=True)
class AmlForm:
    """What one posted form says; `raw` is the body as text.

    `authentic` says whether the HMAC fits, None where no key was given. `msisdn` is the caller's number as
    sent, with a lost `+` put back. `called_at` and the position's time are milliseconds since 1970 UTC. There
    is no position if and only if `Anomaly.NO_POSITION` is among the anomalies. Personal data stay out of
    `repr`.
    """

    position: Position | None = field(repr=False)
    msisdn: str | None = field(repr=False)
    emergency_number: str | None
    called_at: int | None
    imsi: str | None = field(repr=False)
    imei: str | None = field(repr=False)
    network: str | None
    floor: str | None = field(repr=False)
    authentic: bool | None
    anomalies: tuple[AnyAnomaly, ...]
    raw: str = field(repr=False)
    #: Every field by its key, as it was sent, percent signs resolved.
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The form with the field names that `aml decode` promises."""
        return {
            "form": "https",
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


def decode_form(body: bytes, *, key: bytes | None, received_at: int, hash_name: str = "sha1") -> AmlForm:
    """Read one form of the HTTPS transport, received at `received_at` (ms since 1970 UTC).

    With a `key` the HMAC is checked over the raw bytes before the last `&hmac=`. Raises ValueError only for a
    `hash_name` that is not in `HASHES`, whatever the body.
    """
    odd: list[AnyAnomaly] = []
    authentic = None if key is None else fits(body, key, hash_name)
    if authentic is False:
        odd.append(FormAnomaly.HMAC_INVALID)
    text = as_text(body, odd)
    fields = _fields(text, odd)
    if fields.get("v", "1") not in VERSIONS:
        odd.append(FormAnomaly.VERSION_UNFAMILIAR)
    position = _position(fields, received_at, odd)
    imsi, imei = fields.get("device_imsi"), fields.get("device_imei")
    odd.extend(anomaly for anomaly in (imsi_anomaly(imsi), imei_anomaly(imei)) if anomaly)
    called_at = _instant(fields.get("time"), odd)
    if called_at is not None and received_at - called_at > STALE_EVENT_AFTER_MS:
        odd.append(Anomaly.STALE_EVENT)
    return AmlForm(
        position=position,
        msisdn=_msisdn(fields, odd),
        emergency_number=msisdn_of(fields.get("emergency_number")),
        called_at=called_at,
        imsi=imsi or None,
        imei=imei or None,
        network=_network(fields, odd),
        floor=fields.get("location_floor") or None,
        authentic=authentic,
        anomalies=tuple(dict.fromkeys(odd)),
        raw=text,
        fields=fields,
    )


def fits(body: bytes, key: bytes, hash_name: str = "sha1") -> bool:
    """Whether the body ends with `&hmac=` and the right HMAC in hexadecimal of all bytes before that."""
    if hash_name not in HASHES:
        raise ValueError(f"hash {hash_name!r} is none of {', '.join(HASHES)}")
    signed, ampersand, sent = body.rpartition(b"&hmac=")
    right = hmac.new(key, signed, getattr(hashlib, hash_name)).hexdigest().encode()
    return hmac.compare_digest(right, sent.strip().lower()) and bool(ampersand)


def as_text(body: bytes, odd: list[AnyAnomaly]) -> str:
    """The body as text; a body that is not UTF-8 is read as Latin-1, so that nothing is lost, and named."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        odd.append(FormAnomaly.NOT_UTF8)
        return body.decode("latin-1")


def _fields(text: str, odd: list[AnyAnomaly]) -> dict[str, str]:
    """The values by key, percent signs and `+` resolved, with every irregularity named."""
    fields: dict[str, str] = {}
    for part in text.strip().split("&"):
        name, equals, value = part.partition("=")
        if not equals:
            odd.append(Anomaly.MALFORMED_FIELD if part else Anomaly.EMPTY_FIELD)
            continue
        key, value = unquote_plus(name), unquote_plus(value)
        if key not in KEYS:
            key = key.strip().lower()
            odd.append(Anomaly.KEY_SPELLING if key in KEYS else Anomaly.UNKNOWN_KEY)
        if key in fields:
            odd.append(Anomaly.DUPLICATE_KEY)
            value = value or fields[key]
        fields[key] = value
    if fields.keys().isdisjoint(KEYS):
        odd[:] = [anomaly for anomaly in odd if isinstance(anomaly, FormAnomaly)]
        odd.append(FormAnomaly.NOT_A_FORM)
    return fields


def _position(fields: Mapping[str, str], received_at: int, odd: list[AnyAnomaly]) -> Position | None:
    """The location block; ground truth (`gt_…`), which only tests send, is never taken for a position."""
    found: list[Anomaly] = []
    latitude = coordinate(fields.get("location_latitude") or None, 90.0, found)
    longitude = coordinate(fields.get("location_longitude") or None, 180.0, found)
    accuracy = fields.get("location_accuracy", "").strip()
    nowhere = latitude == 0.0 == longitude
    if latitude is None or longitude is None or (nowhere and not number(accuracy, [])):
        odd += [*found, Anomaly.NO_POSITION]
        return None
    if nowhere:
        found.append(Anomaly.ZERO_POSITION)
    elif are_exchanged(latitude, longitude):
        found.append(Anomaly.AXES_SWAPPED)
    radius = radius_of(accuracy, found)
    name = fields.get("location_source", "").strip().lower()
    source = _SOURCES.get(name, Source.UNKNOWN)
    if name and name not in _SOURCES:
        found.append(Anomaly.UNKNOWN_METHOD)
    odd += found
    confidence = _confidence(fields, odd)
    time = _instant(fields.get("location_time"), odd)
    if time is None:
        odd.append(Anomaly.BAD_TIME)
    elif received_at - time > STALE_AFTER_MS:
        odd.append(Anomaly.STALE_FIX)
    elif time - received_at > FUTURE_AFTER_MS:
        odd.append(Anomaly.FUTURE_FIX)
    return Position(latitude, longitude, radius, confidence, time, source)


def _confidence(fields: Mapping[str, str], odd: list[AnyAnomaly]) -> float | None:
    """`location_confidence` is a fraction, `location_certainty` percent; either may come as the other.

    The first counts, unless it is unusable, as 0 is, and only the second says something.
    """
    found: list[Anomaly] = []
    sent, certainty = (fields.get(f"location_{name}", "").strip() for name in ("confidence", "certainty"))
    confidence = confidence_of(sent, found) if sent else None
    if Anomaly.CONFIDENCE_FRACTION in found:
        found.remove(Anomaly.CONFIDENCE_FRACTION)
    elif confidence is not None:
        odd.append(FormAnomaly.CONFIDENCE_PERCENT)
    if confidence is None and (certainty or not sent):
        confidence = confidence_of(certainty, found)
    odd += dict.fromkeys(found)
    return confidence


def _instant(text: str | None, odd: list[AnyAnomaly]) -> int | None:
    """Milliseconds since 1970, None where that is missing or unusable; seconds are recognised and named."""
    value = number((text or "").strip(), []) if text else None
    if value is None or not 0 < value <= _END_OF_TIME_MS:
        return None
    if value < _SURELY_SECONDS:
        odd.append(FormAnomaly.TIME_IN_SECONDS)
        value *= 1000
    return round(value)


def _msisdn(fields: Mapping[str, str], odd: list[AnyAnomaly]) -> str | None:
    sent = fields.get("device_number", "")
    if sent.startswith(" ") and sent.strip()[:1].isdecimal():
        odd.append(FormAnomaly.PLUS_LOST)
    if not sent.strip():
        odd.append(FormAnomaly.NUMBER_MISSING)
    return msisdn_of(sent)


def msisdn_of(sent: str | None) -> str | None:
    """A telephone number as sent; a blank before it was a `+` that the sender forgot to write as `%2B`."""
    if not sent or not sent.strip():
        return None
    plain = sent.strip()
    return f"+{plain}" if sent.startswith(" ") and plain[0].isdecimal() else plain


def _network(fields: Mapping[str, str], odd: list[AnyAnomaly]) -> str | None:
    country, network = fields.get("cell_network_mcc", ""), fields.get("cell_network_mnc", "")
    if not country and not network:
        return None
    found: list[Anomaly] = []
    code = network_of(country, network, found)
    odd += found
    return code
