"""Advanced Mobile Location through a text message gateway that posts each message as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vagtcentral.location.aml import AmlMessage
from vagtcentral.location.aml_any import decode_any
from vagtcentral.location.aml_https import AnyAnomaly, as_text, msisdn_of
from vagtcentral.location.form_anomaly import FormAnomaly


@dataclass(frozen=True, slots=True)
class AmlText:
    """A short message as a gateway passed it on: the sender's number, the gateway's id, and the message.

    The number is the one that the gateway names, else that in an SMS-DELIVER. `sent_at` is when the gateway
    received it, in milliseconds since 1970 UTC, None where it does not say.
    """

    msisdn: str | None = field(repr=False)
    gateway_id: str | None
    sent_at: int | None
    message: AmlMessage = field(repr=False)
    anomalies: tuple[AnyAnomaly, ...]
    raw: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """What a network's gateway posted: the caller's number and, by field, each position that it tells.

    `anomalies` are those of the message around them; `raw` is all of it.
    """

    msisdn: str | None = field(repr=False)
    told: Mapping[str, str] = field(repr=False)
    anomalies: tuple[AnyAnomaly, ...]
    raw: str = field(repr=False)


def read_posted(body: bytes, fields: Sequence[str]) -> Posted | None:
    """Read `{"from": "+45…", FIELD: "…", …}` with any of these fields; None where none of them says anything.

    Never raises. What a field holds is not looked at.
    """
    odd: list[AnyAnomaly] = []
    raw = as_text(body, odd)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    told = {name: text for name in fields if (text := _clean(content.get(name)))}
    if not told:
        return None
    sender = _clean(content.get("from"))
    if not sender:
        odd.append(FormAnomaly.NUMBER_MISSING)
    _iso(_clean(content.get("received")), odd)
    return Posted(msisdn_of(sender), told, tuple(odd), raw)


def decode_gateway(body: bytes, *, received_at: int) -> AmlText:
    """Read `{"from": "+45…", "text": "A\\"ML=1;…", "received": ISO 8601, "id": …}`.

    The last two may be left out. The text may be in any form that `decode_any` knows, e.g. a data message's
    octets in hexadecimal; one part of several is read for what is certain. Never raises: what is no such
    object is taken for the text, from nobody.
    """
    odd: list[AnyAnomaly] = []
    raw = as_text(body, odd)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        odd.append(FormAnomaly.NOT_JSON)
        content = {"text": raw}
    sender, text = _clean(content.get("from")), _clean(content.get("text"))
    sent_at = _iso(_clean(content.get("received")), odd)
    if not sender:
        odd.append(FormAnomaly.NUMBER_MISSING)
    message = decode_any(text or "", received_at if sent_at is None else sent_at)
    anomalies = tuple(dict.fromkeys((*odd, *message.anomalies)))
    number = msisdn_of(sender)
    if number is None and message.form.startswith("deliver"):
        number = message.msisdn
    return AmlText(number, _clean(content.get("id")), sent_at, message, anomalies, raw)


def _clean(value: object) -> str | None:
    """A text or a whole number as text that can be stored; None for everything else."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    return None


def _iso(text: str | None, odd: list[AnyAnomaly]) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        instant = round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        instant = -1
    if instant < 0:
        odd.append(FormAnomaly.BAD_RECEIVED)
        return None
    return instant
