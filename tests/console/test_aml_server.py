"""`POST /aml` on a real server on loopback: always 2xx with an id, and nothing personal in any log line."""

import hmac
import json
import logging
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from vagtcentral.console.aml_post import post_messages
from vagtcentral.console.aml_server import LONGEST, AmlKeys, aml_routes
from vagtcentral.evaluation.messages import LocationMessage
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.matching import LocationMatcher
from vagtcentral.location.form_anomaly import FormAnomaly

AT = 1_476_189_445_000
NUMBER = "+4520304050"
FORM = (
    b"v=1&device_number=%2B4520304050&location_latitude=55.85732&location_longitude=12.26325"
    b"&location_time=1476189444435&location_accuracy=10.4&location_source=GPS&location_certainty=83"
    b"&device_imei=354773072099116&device_imsi=238019176307582"
)
TEXT = (
    'A"ML=1;lt=+55.85732;lg=+12.26325;rd=10;top=20161011123724;lc=95;pm=G;si=238019176307582;'
    "ei=354773072099116;mcc=238;mnc=01;ml=128"
)
SMS = {"from": NUMBER, "text": TEXT, "id": "m-1"}
PERSONAL = ("20304050", "55.85732", "12.26325", "354773072099116", "238019176307582", "35477307", "238019")
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


class Endpoint:
    """A running server with one route; what it was given, and the call that `deliver` answers with."""

    def __init__(self):
        self.got: list[LocationMessage] = []
        self.call_id: str | None = None
        self.trouble: Exception | None = None
        self.decide = lambda incoming: self.call_id
        self.url = ""

    async def deliver(self, incoming):
        self.got.append(incoming)
        if self.trouble is not None:
            raise self.trouble
        return self.decide(incoming)

    def post(self, content, *, headers=FORM_TYPE, path="/aml"):
        return httpx.post(f"{self.url}{path}", content=content, headers=headers, trust_env=False)

    def post_json(self, content, headers=None):
        return httpx.post(f"{self.url}/aml", json=content, headers=headers, trust_env=False)


@pytest.fixture
def endpoint(request):
    """The server, with the keys of the test's parameter where it has one."""
    place = Endpoint()
    keys = getattr(request, "param", AmlKeys())
    app = FastAPI()
    app.include_router(aml_routes(place.deliver, keys, lambda: AT))
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only on these
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="debug"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    place.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    yield place
    server.should_exit = True
    thread.join(10)
    listener.close()


def test_the_manual_names_every_oddity_with_its_meaning():
    manual = (Path(__file__).parents[2] / "docs" / "aml-endpoint.md").read_text(encoding="utf-8")
    for anomaly in FormAnomaly:
        assert f"| `{anomaly.value}` | {anomaly.meaning} |\n" in manual


def keyed(**keys):
    return pytest.mark.parametrize("endpoint", [AmlKeys(**keys)], indirect=True)


def signed(body, key=b"AML"):
    return body + b"&hmac=" + hmac.new(key, body, "sha1").hexdigest().encode()


def test_a_form_for_a_call_is_answered_200_with_an_id(endpoint):
    endpoint.call_id = "a"
    answer = endpoint.post(FORM)
    assert answer.status_code == 200
    (incoming,) = endpoint.got
    assert answer.json() == {"id": incoming.id}
    assert (incoming.at, incoming.number, incoming.usable, incoming.anomalies) == (AT, NUMBER, True, ())
    assert incoming.event == LocationReceived(AT, LocationForm.AML_HTTPS, FORM.decode())


def test_a_form_for_no_call_is_kept_and_answered_202(endpoint):
    answer = endpoint.post(FORM, path="/aml/")
    assert (answer.status_code, list(answer.json())) == (202, ["id"])
    assert endpoint.got[0].usable


def test_a_gateways_text_message_comes_as_that_text(endpoint):
    endpoint.call_id = "a"
    assert endpoint.post_json(SMS).status_code == 200
    assert endpoint.got[0].event == LocationReceived(AT, LocationForm.AML_SMS, TEXT)
    assert endpoint.got[0].number == NUMBER


NETWORK = {
    "cell": ("LTE-238-01-1011-257,3", LocationForm.CELL),
    "mlp": ("<svc_result><eme_lia/></svc_result>", LocationForm.MLP),
    "gad": ("104f307708effb14", LocationForm.GAD),
    "pidf": ('<presence xmlns="urn:ietf:params:xml:ns:pidf"/>', LocationForm.PIDF),
}


@pytest.mark.parametrize("field", NETWORK)
def test_what_the_network_tells_of_a_place_comes_in_its_form(endpoint, field):
    content, form = NETWORK[field]
    endpoint.call_id = "a"
    answer = endpoint.post_json({"from": NUMBER, field: content, "id": "n-1"})
    assert answer.status_code == 200
    (incoming,) = endpoint.got
    assert answer.json() == {"id": incoming.id}
    assert incoming.event == LocationReceived(AT, form, content)
    assert (incoming.number, incoming.usable, incoming.anomalies) == (NUMBER, True, ())


def test_the_circle_around_a_cell_is_told_from_its_identity(endpoint):
    endpoint.post_json({"from": NUMBER, "cell": "55.6790,12.5850,850"})
    assert endpoint.got[0].event == LocationReceived(AT, LocationForm.CELL_CIRCLE, "55.6790,12.5850,850")


def test_several_positions_in_one_post_are_as_many_messages_and_none_is_lost(endpoint):
    endpoint.decide = lambda incoming: "a" if incoming.form is LocationForm.GAD else None
    answer = endpoint.post_json({"from": NUMBER, "gad": NETWORK["gad"][0], "cell": "x", "text": TEXT})
    assert answer.status_code == 200
    first, second, third = endpoint.got
    forms = [one.form for one in endpoint.got]
    assert forms == [LocationForm.AML_SMS, LocationForm.CELL_CIRCLE, LocationForm.GAD]
    assert [one.content for one in endpoint.got] == [TEXT, "x", NETWORK["gad"][0]]
    assert answer.json() == {"id": first.id}
    assert (second.id, third.id) == (f"{first.id}-2", f"{first.id}-3")


@keyed(gateway=b"a-token")
def test_without_the_token_a_networks_position_is_kept_whole_and_given_to_no_call(endpoint):
    sent = {"from": NUMBER, "cell": NETWORK["cell"][0]}
    endpoint.post_json(sent)
    endpoint.post_json(sent, {"Authorization": "Bearer a-token"})
    kept, given = endpoint.got
    assert (kept.usable, kept.form, kept.anomalies) == (False, LocationForm.CELL, ("token-invalid",))
    assert json.loads(kept.content) == sent
    assert (given.usable, given.anomalies) == (True, ())


@keyed(https=b"AML")
def test_a_networks_position_cannot_be_had_past_the_hmac(endpoint):
    assert endpoint.post_json({"from": NUMBER, "cell": NETWORK["cell"][0]}).status_code == 202
    assert not endpoint.got[0].usable


@pytest.mark.parametrize(
    ("sent", "oddity"),
    [
        ({"cell": "238-01-1-1"}, "number-missing"),
        ({"from": NUMBER, "cell": "238-01-1-1", "received": "yesterday"}, "bad-received"),
    ],
)
def test_what_is_odd_about_a_networks_message_is_named(endpoint, sent, oddity):
    assert endpoint.post_json(sent).status_code == 202
    assert endpoint.got[0].anomalies == (oddity,)


@pytest.mark.parametrize("field", NETWORK)
@pytest.mark.parametrize("content", [{"mcc": 238}, ["x"], None, "", True])
def test_a_field_that_holds_no_text_is_kept_raw(endpoint, field, content):
    assert endpoint.post_json({"from": NUMBER, field: content}).status_code == 202
    assert json.loads(endpoint.got[0].content) == {"from": NUMBER, field: content}


def test_a_networks_position_too_long_to_be_one_is_kept_up_to_the_limit(endpoint):
    endpoint.post_json({"from": NUMBER, "pidf": "<a>" + "x" * LONGEST})
    (incoming,) = endpoint.got
    assert not incoming.usable
    assert "too-long" in incoming.anomalies
    assert len(incoming.content) == LONGEST


def test_nothing_that_a_network_tells_is_in_a_log_line(endpoint, caplog):
    with caplog.at_level(logging.DEBUG):
        endpoint.post_json({"from": NUMBER, "cell": "238-01-1011-257", "gad": "104f307708effb14"})
    assert "20304050" not in caplog.text
    assert "1011" not in caplog.text
    assert "104f30" not in caplog.text
    assert "cell, " in caplog.text


def test_json_is_known_by_its_brace_where_the_content_type_is_wrong(endpoint):
    endpoint.post(json.dumps(SMS).encode())
    assert endpoint.got[0].form is LocationForm.AML_SMS


def test_each_answer_has_an_id_of_its_own(endpoint):
    assert len({endpoint.post(FORM).json()["id"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("body", "headers", "anomaly"),
    [
        (b"", {}, "not-a-form"),
        (b"\x00\xff\xfe", {}, "not-utf8"),
        (b"hello", FORM_TYPE, "not-a-form"),
        (b"{", {"Content-Type": "application/json"}, "not-json"),
        (b"[" * 50_000, {"Content-Type": "application/json"}, "not-json"),
        (b"--x\r\nnonsense", {"Content-Type": "multipart/form-data; boundary=y"}, "not-a-form"),
        (b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}, "not-a-form"),
        (b"a=1", {"Content-Type": "\xff/\xfe".encode("latin-1")}, "not-a-form"),
    ],
)
def test_garbage_is_kept_raw_and_answered_202(endpoint, body, headers, anomaly):
    answer = endpoint.post(body, headers=headers)
    assert (answer.status_code, list(answer.json())) == (202, ["id"])
    (incoming,) = endpoint.got
    assert anomaly in incoming.anomalies
    assert incoming.content == body.decode("latin-1")


@pytest.mark.parametrize("size", [LONGEST + 1, 900_000, 5_000_000])
def test_a_body_that_is_too_long_is_answered_kept_in_part_and_not_for_a_call(endpoint, size):
    answer = endpoint.post((FORM + b"&x=").ljust(size, b"x"))
    assert answer.status_code == 202
    (incoming,) = endpoint.got
    assert len(incoming.content) == LONGEST
    assert "too-long" in incoming.anomalies
    assert not incoming.usable


def test_a_body_of_just_the_limit_is_whole(endpoint):
    endpoint.post((FORM + b"&x=").ljust(LONGEST, b"x"))
    assert endpoint.got[0].usable


def test_a_sender_who_goes_away_halfway_is_kept_as_far_as_he_came(endpoint):
    host, _, port = endpoint.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST /aml HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + FORM)
        time.sleep(0.2)
    until = time.monotonic() + 5
    while not endpoint.got and time.monotonic() < until:
        time.sleep(0.01)
    (incoming,) = endpoint.got
    assert (incoming.content, incoming.usable) == (FORM.decode(), False)
    assert "cut-short" in incoming.anomalies


@keyed(https=b"AML")
def test_the_right_hmac_makes_a_form_count(endpoint):
    endpoint.call_id = "a"
    assert endpoint.post(signed(FORM)).status_code == 200
    assert endpoint.got[0].usable


@keyed(https=b"AML")
@pytest.mark.parametrize("body", [FORM, signed(FORM, b"other"), signed(FORM).replace(b"55.8", b"56.8")])
def test_a_missing_or_wrong_hmac_is_kept_marked_and_answered_202(endpoint, body):
    assert endpoint.post(body).status_code == 202
    (incoming,) = endpoint.got
    assert (incoming.usable, incoming.content) == (False, body.decode())
    assert incoming.anomalies[0] == "hmac-invalid"


@keyed(https=b"AML")
def test_the_hmac_cannot_be_gone_round_by_calling_itself_json(endpoint):
    endpoint.post_json(SMS)
    assert not endpoint.got[0].usable
    assert "token-invalid" in endpoint.got[0].anomalies
    assert json.loads(endpoint.got[0].content) == SMS


@keyed(gateway=b"secret")
def test_the_gateways_token_is_checked(endpoint):
    endpoint.post_json(SMS, {"Authorization": "Bearer secret"})
    endpoint.post_json(SMS, {"Authorization": "Bearer wrong"})
    endpoint.post_json(SMS)
    endpoint.post(FORM)
    assert [incoming.usable for incoming in endpoint.got] == [True, False, False, False]
    assert "hmac-invalid" in endpoint.got[3].anomalies


@keyed(gateway="hemmelighedø".encode())
async def test_a_token_with_other_letters_than_english_ones_is_compared_as_it_is_sent(endpoint):
    """Our own poster sends it in UTF-8, as does `curl` from most shells."""
    for token in ("hemmelighedø", "hemmelighedæ"):
        (posted,) = await post_messages(f"{endpoint.url}/aml", token, NUMBER, [(0.0, "text", TEXT)])
        assert posted.delivered
    assert [incoming.usable for incoming in endpoint.got] == [True, False]


def test_trouble_behind_the_endpoint_is_answered_202_and_logged_without_its_text(endpoint, caplog):
    endpoint.trouble = RuntimeError(f"cannot store {NUMBER}")
    with caplog.at_level(logging.DEBUG):
        assert endpoint.post(FORM).status_code == 202
    assert "could not be handed on (RuntimeError)" in caplog.text
    assert "20304050" not in caplog.text


@keyed(https=b"AML", gateway=b"secret")
def test_no_log_line_holds_a_number_an_identity_or_a_position(endpoint, caplog):
    with caplog.at_level(logging.DEBUG):
        endpoint.post(signed(FORM))
        endpoint.post(FORM)
        endpoint.post_json(SMS, {"Authorization": "Bearer secret"})
        endpoint.post_json(SMS)
        endpoint.post(b"garbage " + FORM)
        endpoint.post((FORM + b"&x=").ljust(LONGEST + 5, b"x"))
    ours = [line for line in caplog.records if line.name == "vagtcentral.console.aml_server"]
    assert len(ours) == 6
    assert endpoint.got[0].id in ours[0].getMessage()
    for line in [*map(logging.LogRecord.getMessage, caplog.records), *map(repr, endpoint.got)]:
        assert not [personal for personal in PERSONAL if personal in line], line


def test_the_endpoint_and_the_matcher_bring_each_message_to_its_call_once(endpoint):
    matcher = LocationMatcher()
    endpoint.decide = lambda it: matcher.message(it.number, it.event, it.at) if it.usable else None
    assert endpoint.post(FORM).status_code == 202
    assert len(matcher.call_arrived("a", "20 30 40 50", AT)) == 1
    assert endpoint.post(FORM).status_code == 202
    assert endpoint.post_json(SMS).status_code == 200
