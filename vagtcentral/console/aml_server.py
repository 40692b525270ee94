"""`POST /aml`: where handsets and text message gateways deliver Advanced Mobile Location.

The answer is always 2xx with an id, as the transport demands: 200 when a call has the message, 202 when it is
kept. Nothing that came in reaches a log line but its size, its form and its oddities by name.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from vagtcentral.evaluation.messages import LocationMessage
from vagtcentral.ivr.events import LocationForm
from vagtcentral.location.aml_gateway import decode_gateway
from vagtcentral.location.aml_https import AnyAnomaly, decode_form
from vagtcentral.location.form_anomaly import FormAnomaly

log = logging.getLogger(__name__)

#: A form has some 600 bytes; what is longer is no location message. Kept up to here, in bytes.
LONGEST = 64 * 1024
#: Read to here and thrown away, so that the sender gets his answer; then the connection is closed.
PATIENCE = 1024 * 1024

#: What the OpenAPI document says of the body: every field is optional, and nothing is refused.
_BODY = {
    "description": "The form of the AML HTTPS transport, or a text message as JSON (docs/aml-endpoint.md).",
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {
                    "device_number": {"type": "string", "description": "the caller's number, E.164"},
                    "location_latitude": {"type": "number"},
                    "location_longitude": {"type": "number"},
                    "location_accuracy": {"type": "number", "description": "radius in metres"},
                    "location_confidence": {"type": "number", "description": "a fraction"},
                    "location_time": {"type": "integer", "description": "ms since 1970 UTC"},
                    "location_source": {"type": "string"},
                },
            }
        },
        "application/json": {"schema": {"type": "object"}},
    },
}


@dataclass(frozen=True, slots=True)
class AmlKeys:
    """The secrets of the senders: `https` keys the HMAC of forms, `gateway` is the token of text gateways.

    Where either is set, a message without the right one is kept and given to no call; so a form cannot be had
    past the HMAC by calling itself JSON. Where none is set, every message counts.
    """

    https: bytes | None = field(default=None, repr=False)
    gateway: bytes | None = field(default=None, repr=False)
    hash_name: str = "sha1"

    @property
    def needed(self) -> bool:
        """Whether senders must prove who they are."""
        return self.https is not None or self.gateway is not None


#: Gives a message to its call and returns the call's id, or keeps it and returns None; then it is durable.
Deliver = Callable[[LocationMessage], Awaitable[str | None]]


def aml_routes(
    deliver: Deliver,
    keys: AmlKeys,
    clock: Callable[[], int],
    new_id: Callable[[], str] = lambda: uuid4().hex,
) -> APIRouter:
    """The endpoint as routes for a FastAPI application; `clock` gives milliseconds since 1970 UTC.

    `deliver` is called once for each request, as soon as its body is there, also for garbage, and awaited
    before the answer. If it raises, that is logged and the answer is 202 all the same.
    """
    routes = APIRouter()

    @routes.post(
        "/aml",
        summary="Deliver a location message",
        openapi_extra={"requestBody": _BODY},
        responses={202: {"description": "Kept: no call has it yet"}},
    )
    @routes.post("/aml/", include_in_schema=False)
    async def post_aml(request: Request) -> JSONResponse:
        """Take a form of the AML HTTPS transport, or a text message as JSON; see docs/aml-endpoint.md."""
        body, flaw = await _body(request)
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        json = _is_json(request.headers.get("content-type", ""), body)
        incoming = read(body, flaw, json=json, token=token, keys=keys, at=clock(), message_id=new_id())
        call_id = None
        try:
            call_id = await deliver(incoming)
        except Exception as error:
            # Without its text: that might hold what came in.
            log.error("aml %s: could not be handed on (%s)", incoming.id, type(error).__name__)
        done = "given to a call" if call_id else "kept"
        log.info(
            "aml %s: %s, %d bytes, %s; %s",
            incoming.id,
            incoming.form.value,
            len(body),
            done,
            ", ".join(incoming.anomalies) or "nothing odd",
        )
        return JSONResponse({"id": incoming.id}, status_code=200 if call_id else 202)

    return routes


def read(
    body: bytes, flaw: FormAnomaly | None, *, json: bool, token: str, keys: AmlKeys, at: int, message_id: str
) -> LocationMessage:
    """Turn a request's body into a message; never raises, whatever the body is.

    `flaw` says why there is less of it than was sent, None where it is whole.
    """
    odd: list[AnyAnomaly] = [] if flaw is None else [flaw]
    if json:
        text = decode_gateway(body, received_at=at)
        trusted = _token_fits(token, keys)
        if not trusted:
            odd.append(FormAnomaly.TOKEN_INVALID)
        usable = flaw is None and trusted
        form, number = LocationForm.AML_SMS, text.msisdn
        content = text.message.raw if usable else text.raw
        odd += text.anomalies
    else:
        fields = decode_form(body, key=keys.https, received_at=at, hash_name=keys.hash_name)
        trusted = fields.authentic is True or not keys.needed
        if not trusted and FormAnomaly.HMAC_INVALID not in fields.anomalies:
            odd.append(FormAnomaly.HMAC_INVALID)
        usable = flaw is None and trusted
        form, number, content = LocationForm.AML_HTTPS, fields.msisdn, fields.raw
        odd += fields.anomalies
    names = tuple(dict.fromkeys(anomaly.value for anomaly in odd))
    return LocationMessage(message_id, at, form, number, content, usable, names)


def _token_fits(token: str, keys: AmlKeys) -> bool:
    if not keys.needed:
        return True
    return keys.gateway is not None and compare_digest(token.encode("utf-8", "replace"), keys.gateway)


def _is_json(content_type: str, body: bytes) -> bool:
    """By the content type, or by the first character: a form never begins with a brace."""
    return "json" in content_type.lower() or body.lstrip()[:1] == b"{"


async def _body(request: Request) -> tuple[bytes, FormAnomaly | None]:
    """The body up to `LONGEST` bytes, and why that is not all of it."""
    body = bytearray()
    seen = 0
    try:
        async for part in request.stream():
            seen += len(part)
            body += part[: max(0, LONGEST - len(body))]
            if seen > PATIENCE:
                break
    except ClientDisconnect:
        return bytes(body), FormAnomaly.CUT_SHORT
    return bytes(body), None if seen <= LONGEST else FormAnomaly.TOO_LONG
