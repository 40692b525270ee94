"""`POST /aml`: where handsets, text message gateways and networks deliver where a caller is.

The answer is always 2xx with an id, as the transport demands: 200 when a call has the message, 202 when it is
kept. Nothing that came in reaches a log line but its size, its form and its oddities by name.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from hmac import compare_digest
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from vagtcentral.evaluation.messages import LocationMessage
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.network import FIELDS, NETWORK_FORMS, network_form
from vagtcentral.location.aml_gateway import decode_gateway, read_posted
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
    oddities: Callable[[LocationReceived], tuple[str, ...]] = lambda event: (),
) -> APIRouter:
    """The endpoint as routes for a FastAPI application; `clock` gives milliseconds since 1970 UTC.

    `deliver` is called once for each message, as soon as its body is there, also for garbage, and awaited
    before the answer. If it raises, that is logged and the answer is 202 all the same. `oddities` names what
    is odd about a position that the network tells.
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
        """Take a form of the AML HTTPS transport, or as JSON a text message or the network's position.

        See docs/aml-endpoint.md.
        """
        body, flaw = await _body(request)
        header = request.headers.get("authorization", "").encode("latin-1")  # the octets as they came
        token = header.partition(b" ")[2].strip()
        json = _is_json(request.headers.get("content-type", ""), body)
        incoming = read(body, flaw, json=json, token=token, keys=keys, at=clock(), message_id=new_id())
        given = False
        for message in incoming:
            if message.usable and message.form in NETWORK_FORMS:
                message = replace(message, anomalies=(*message.anomalies, *oddities(message.event)))
            call_id = await _handed_on(message, deliver)
            given = given or call_id is not None
            done = "given to a call" if call_id else "kept"
            odd = ", ".join(message.anomalies) or "nothing odd"
            log.info("aml %s: %s, %d bytes, %s; %s", message.id, message.form.value, len(body), done, odd)
        return JSONResponse({"id": incoming[0].id}, status_code=200 if given else 202)

    return routes


async def _handed_on(message: LocationMessage, deliver: Deliver) -> str | None:
    try:
        return await deliver(message)
    except Exception as error:
        # Without its text: that might hold what came in.
        log.error("aml %s: could not be handed on (%s)", message.id, type(error).__name__)
        return None


def read(
    body: bytes,
    flaw: FormAnomaly | None,
    *,
    json: bool,
    token: bytes,
    keys: AmlKeys,
    at: int,
    message_id: str,
) -> list[LocationMessage]:
    """Turn a request's body into a message; never raises, whatever the body is.

    A gateway that tells several positions at once has sent as many messages. `flaw` says why there is less of
    it than was sent, None where it is whole.
    """
    aml = partial(_aml, body, flaw, json=json, token=token, keys=keys, at=at, message_id=message_id)
    posted = read_posted(body, ("text", *FIELDS)) if json else None
    if posted is None or posted.told.keys() == {"text"}:
        return [aml()]
    trusted = _token_fits(token, keys)
    odd = [] if flaw is None else [flaw]
    odd += [] if trusted else [FormAnomaly.TOKEN_INVALID]
    names = _names((*odd, *posted.anomalies))
    if odd:
        first = next(name for name in posted.told if name != "text")
        form = network_form(first, posted.told[first])
        return [LocationMessage(message_id, at, form, posted.msisdn, posted.raw, False, names)]
    told = [
        aml()
        if name == "text"
        else LocationMessage(message_id, at, network_form(name, content), posted.msisdn, content, True, names)
        for name, content in posted.told.items()
    ]
    ids = [message_id, *(f"{message_id}-{place}" for place in range(2, len(told) + 1))]
    return [replace(one, id=own) for one, own in zip(told, ids, strict=True)]


def _aml(
    body: bytes,
    flaw: FormAnomaly | None,
    *,
    json: bool,
    token: bytes,
    keys: AmlKeys,
    at: int,
    message_id: str,
) -> LocationMessage:
    """A form of the AML HTTPS transport, or a text message as JSON."""
    odd: list[AnyAnomaly] = [] if flaw is None else [flaw]
    if json:
        text = decode_gateway(body, received_at=at)
        trusted = _token_fits(token, keys)
        if not trusted:
            odd.append(FormAnomaly.TOKEN_INVALID)
        usable = flaw is None and trusted
        form, number = LocationForm.AML_SMS, text.msisdn
        content = (text.message.raw or text.raw) if usable else text.raw
        odd += text.anomalies
    else:
        fields = decode_form(body, key=keys.https, received_at=at, hash_name=keys.hash_name)
        trusted = fields.authentic is True or not keys.needed
        if not trusted and FormAnomaly.HMAC_INVALID not in fields.anomalies:
            odd.append(FormAnomaly.HMAC_INVALID)
        usable = flaw is None and trusted
        form, number, content = LocationForm.AML_HTTPS, fields.msisdn, fields.raw
        odd += fields.anomalies
    return LocationMessage(message_id, at, form, number, content, usable, _names(odd))


def _names(odd: Iterable[AnyAnomaly]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(anomaly.value for anomaly in odd))


def _token_fits(token: bytes, keys: AmlKeys) -> bool:
    if not keys.needed:
        return True
    return keys.gateway is not None and compare_digest(token, keys.gateway)


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
