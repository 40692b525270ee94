"""Text messages that a gateway posts as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.aml_decode import SENDER, forms
from vagtcentral.location.aml_gateway import decode_gateway
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.form_anomaly import FormAnomaly

TEXT = (
    'A"ML=1;lt=+55.74297;lg=-4.26880;rd=10;top=20130717175329;lc=95;pm=G;si=234302543446355;'
    "ei=356708041746734;mcc=234;mnc=30;ml=127"
)
TAKEN = 1374083609000  # 2013-07-17T17:53:29Z, the time in TEXT


def read(content, received_at=TAKEN):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return decode_gateway(body, received_at=received_at)


def test_a_gateways_message_is_read():
    answer = read({"from": "+4520304050", "text": TEXT, "received": "2013-07-17T19:53:30+02:00", "id": "m-1"})
    assert (answer.msisdn, answer.gateway_id, answer.sent_at) == ("+4520304050", "m-1", TAKEN + 1_000)
    assert answer.message.position.latitude == 55.74297
    assert answer.message.raw == TEXT
    assert answer.anomalies == ()


def test_the_gateways_time_tells_a_stale_fix_and_ours_does_where_it_has_none():
    late = TAKEN + 600_000
    assert (
        Anomaly.STALE_FIX
        not in read({"from": "1", "text": TEXT, "received": "2013-07-17T17:53:30"}, late).anomalies
    )
    assert Anomaly.STALE_FIX in read({"from": "1", "text": TEXT}, late).anomalies


@pytest.mark.parametrize(
    ("content", "anomaly"),
    [
        (b"", FormAnomaly.NOT_JSON),
        (b"[]", FormAnomaly.NOT_JSON),
        (b"[" * 60_000, FormAnomaly.NOT_JSON),
        (b'{"a":' * 20_000, FormAnomaly.NOT_JSON),
        (b'{"from": ' + b"9" * 6_000 + b"}", FormAnomaly.NOT_JSON),
        (b'{"from": "\xe6"}', FormAnomaly.NOT_UTF8),
        ({"text": TEXT}, FormAnomaly.NUMBER_MISSING),
        ({"from": None, "text": TEXT}, FormAnomaly.NUMBER_MISSING),
        ({"from": "1", "text": TEXT, "received": "yesterday"}, FormAnomaly.BAD_RECEIVED),
        ({"from": "1", "text": TEXT, "received": "0001-01-01T00:00:00+23:59"}, FormAnomaly.BAD_RECEIVED),
        ({"from": "1"}, Anomaly.NOT_AML),
        ({"from": "1", "text": ["x"]}, Anomaly.NOT_AML),
    ],
)
def test_what_is_odd_is_named(content, anomaly):
    assert anomaly in read(content).anomalies


@pytest.mark.parametrize("name", [name for name, message in forms().items() if isinstance(message, str)])
def test_a_message_is_read_in_every_form_that_can_be_written(name):
    answer = read({"from": "+4520304050", "text": forms()[name]})
    assert answer.message.position.latitude == 55.6761
    assert answer.message.raw == forms()[name]
    assert answer.msisdn == "+4520304050"


def test_a_delivered_message_brings_its_senders_number_and_a_form_does_not():
    answer = read({"text": forms()["SMS-DELIVER, 7-bit"]})
    assert answer.msisdn == SENDER
    assert FormAnomaly.NUMBER_MISSING in answer.anomalies
    assert read({"text": forms()["HTTPS form"]}).msisdn is None


def test_a_part_of_a_message_is_read_for_what_is_certain():
    first = forms()["two parts, 7-bit"].split("\n")[0]
    answer = read({"from": "+4520304050", "text": first})
    assert Anomaly.PART_MISSING in answer.anomalies
    assert answer.message.raw == first


def test_what_is_no_json_is_taken_for_the_text():
    answer = read(TEXT.encode())
    assert answer.message.position is not None
    assert answer.raw == TEXT


def test_a_number_may_come_as_a_json_number():
    assert read({"from": 4520304050, "text": TEXT}).msisdn == "4520304050"


def test_personal_data_are_not_in_the_representation():
    shown = repr(read({"from": "+4520304050", "text": TEXT}))
    for secret in ("20304050", "234302543446355", "356708041746734", "55.74"):
        assert secret not in shown


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["from", "text", "received", "id", "x"]), inner, max_size=4)
        ),
    )
)
def test_any_json_is_read_and_can_be_stored(content):
    answer = read(content)
    for text in (answer.msisdn or "", answer.gateway_id or "", answer.message.raw, answer.raw):
        text.encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_read(body):
    read(body).raw.encode()
