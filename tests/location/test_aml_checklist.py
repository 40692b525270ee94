"""What a decoder of AML must survive: one test for each line of the list of real senders' and readers' traps.

The numbers are those of the list that the module was written to: quirks 1 to 15 of implementers, then the
closing list. The published messages themselves are in aml_vectors.json.
"""

import base64
import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from benchmarks.aml_decode import SENDER, SENT
from vagtcentral.location import gsm7
from vagtcentral.location.aml import Anomaly
from vagtcentral.location.aml_any import decode_any, decode_parts
from vagtcentral.location.aml_https import decode_form
from vagtcentral.location.fusion import fuse
from vagtcentral.location.position import Source
from vagtcentral.location.same_fix import distinct, same_fix
from vagtcentral.location.sms_write import deliver, deliver_parts, ports_header
from vagtcentral.location.uncertainty import RFC_7459_NORMAL_2D, conversion, radius_95

VECTORS = json.loads(Path(__file__).with_name("aml_vectors.json").read_text(encoding="utf-8"))
MESSAGES = {vector["name"]: vector["message"] for vector in VECTORS}
A1, A2, A5, A9 = (MESSAGES[name] for name in ("A1", "A2", "A5", "A9"))
A10_TEXT = (
    'A"ML=1;lt=37.42175;lg=-122.08461;rd=20;top=20150613010948;lc=68;pm=G;si=987654231;'
    "ei=358239059042542;mcc=310;mnc=260;ml=123"
)
A10 = (
    "415193D98BEDD8F4DEECE6A2C962B7DA8E7DEEB56232990B86A3D9623B39B92783EDE86F784F068BD560B6D80C1683E568B81D7BDCB3"
    "E176F076EFB89BA77B39DCCD56A3C966B15D39DD9BD570B2590E56CBC168B21A4DB66B8FC7BD590CB66BBBC73D990DB66BB37B31D90C"
)
A11 = (
    "QVGT2Yvt2PTe7OaiyWK32o597rViMpkLhqPZYjs5uSeD7ehveE8Gi9VgttgMFoPlaLgde9yz4Xbwdu+4m6d7OdzNVqPJZrFdOd2b1XCy"
    "WQ5Wy8FoshpNtmuPx71ZDLZru8c9mQ22a7N7MdkM"
)
H1 = (
    "v=1&device_number=%2B447477593102&location_latitude=55.85732&location_longitude=-4.26325"
    "&location_time=1476189444435&location_accuracy=10.4&location_source=GPS&location_certainty=83"
    "&location_altitude=0.0&location_floor=5&device_model=ABC+ABC+Detente+530&device_imei=354773072099116"
    "&device_imsi=234159176307582&device_os=AOS&cell_carrier=&cell_home_mcc=234&cell_home_mnc=15"
    "&cell_network_mcc=234&cell_network_mnc=15&cell_id=0213454321"
)
H2 = (
    "v=1&device_number=%2B33611223344&location_latitude=0.85732&location_longitude=-4.26325"
    "&location_time=1604912121000&location_accuracy=10.4&location_source=GPS&location_certainty=83"
    "&hmac=f64c70eb238bb239e00e8ac8c023bf2b5d3c41dd"
)
PARTED = deliver_parts(A1, SENDER, SENT, reference=3, room=60)
TAKEN = 1_374_070_775_000  # the time in A1


def changed(before: str, after: str, message: str = A1) -> str:
    assert before in message
    return message.replace(before, after)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_text_reads_the_same_through_the_entry_for_every_form(vector):
    answer = decode_any(vector["message"]).as_json()
    assert (answer["form"], answer["caller"]) == (vector["form"], vector["caller"])
    assert answer["anomalies"] == vector["anomalies"]
    assert answer["raw"] == vector["message"]
    for name, value in (vector["position"] or {}).items():
        assert answer["position"][name] == value


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
@pytest.mark.parametrize("msb", [False, True])
def test_published_text_reads_the_same_as_a_data_message(vector, msb):
    septets = gsm7.septets_of(vector["message"])
    answer = decode_any(gsm7.packed(septets, msb=msb).hex()).as_json()
    assert answer["caller"] == vector["caller"]
    assert [name for name in answer["anomalies"] if name != "legacy-packing"] == vector["anomalies"]
    for name, value in (vector["position"] or {}).items():
        assert answer["position"][name] == value


def test_published_data_message_a10_and_its_base64_a11_are_the_same_message():
    for message in (A10, A11, bytes.fromhex(A10), base64.b64decode(A11)):
        answer = decode_any(message)
        assert (answer.form, answer.imsi, answer.network) == ("data-sms-v1", "987654231", "310-260")
        assert (answer.position.latitude, answer.position.longitude) == (37.42175, -122.08461)
        assert (answer.position.radius_m, answer.position.confidence) == (20.0, 0.68)
        assert answer.anomalies == ()
    assert gsm7.text_of(gsm7.septets_from(bytes.fromhex(A10))) == A10_TEXT


def test_published_form_h1():
    answer = decode_any(H1)
    assert (answer.form, answer.msisdn, answer.network) == ("https", "+447477593102", "234-15")
    position = answer.as_json()["position"]
    assert position["time"] == "2016-10-11T12:37:24.435Z"
    assert (position["radius_m"], position["confidence"], position["source"]) == (10.4, 0.83, "gnss")


def test_published_form_h2_with_its_hmac():
    assert "hmac-invalid" not in decode_any(H2, key=b"AML").anomalies
    assert "hmac-invalid" in decode_any(changed("10.4", "10.5", H2), key=b"AML").anomalies


@pytest.mark.parametrize("latitude", ["54.76397", "+54.76397", "54.763970", "+54.7639700", "+054.76397"])
def test_1_sign_may_be_missing_and_decimals_are_5_to_7(latitude):
    assert decode_any(changed("+54.76397", latitude)).position.latitude == 54.76397


def test_2_decimal_comma_and_typographic_minus_are_accepted_and_named():
    answer = decode_any(changed("lg=-0.18305", "lg=−0,18305"))
    assert answer.position.longitude == -0.18305
    assert {Anomaly.DECIMAL_COMMA, Anomaly.ODD_MINUS} <= set(answer.anomalies)
    assert decode_any(changed("+54.76397", "+54,763,97")).position is None


def test_3_radius_of_zero_is_unknown_not_perfect():
    answer = decode_any(changed("rd=50", "rd=0"))
    assert answer.position.radius_m is None
    assert Anomaly.RADIUS_UNKNOWN in answer.anomalies


def test_4_radius_or_method_n_beside_coordinates_is_still_a_position():
    for before, after in (("rd=50", "rd=N"), ("pm=W", "pm=N")):
        assert decode_any(changed(before, after)).position.latitude == 54.76397


def test_5_empty_values_and_parts_without_equals_sign_are_survived():
    empty = changed("si=123456789012345;ei=1234567890123456;mcc=234;mnc=30", "si=;ei=;mcc=;mnc=;odd")
    answer = decode_any(empty)
    assert (answer.imsi, answer.imei, answer.network) == (None, None, None)
    assert {Anomaly.IMSI_EMPTY, Anomaly.IMEI_EMPTY, Anomaly.MALFORMED_FIELD} <= set(answer.anomalies)
    assert answer.position.latitude == 54.76397


def test_6_zeroed_identities_are_named_so_that_nobody_takes_them_for_keys():
    answer = decode_any(
        changed("si=123456789012345;ei=1234567890123456", "si=238011000000000;ei=3567080400000000")
    )
    assert {Anomaly.IMSI_TRUNCATED, Anomaly.IMEI_ZEROED} <= set(answer.anomalies)
    assert answer.imsi == "238011000000000"


def test_7_network_code_keeps_its_leading_zero_and_its_length():
    assert decode_any(changed("mcc=234;mnc=30", "mcc=238;mnc=01")).network == "238-01"
    assert decode_any(changed("nc=310260", "nc=23801", A9)).network == "238-01"
    assert decode_any(A9).network == "310-260"


def test_8_time_is_utc_in_each_unit_and_nonsense_is_no_time():
    assert decode_any(A1).position.time == TAKEN
    assert decode_any(A9).position.time == 1_593_177_190_000
    assert decode_any(H1).position.time == 1_476_189_444_435
    assert decode_any(changed("20130717141935", "2019-111-21")).position.time is None


def test_9_cached_and_future_fixes_are_named_against_the_receipt():
    assert Anomaly.STALE_FIX in decode_any(A1, TAKEN + 600_000).anomalies
    assert Anomaly.FUTURE_FIX in decode_any(A1, TAKEN - 600_000).anomalies
    assert decode_any(A1, TAKEN + 20_000).anomalies == ()


def test_9_the_message_of_a_call_long_ago_is_named():
    called = 1_593_187_189_000
    form = f"{H1}&time={called}"
    for message in (A9, form):
        assert Anomaly.STALE_EVENT in decode_any(message, called + 3_601_000).anomalies
        assert Anomaly.STALE_EVENT not in decode_any(message, called + 3_599_000).anomalies
        assert Anomaly.STALE_EVENT not in decode_any(message).anomalies


def test_9_a_mock_fix_is_no_method_that_anybody_knows():
    """No form of AML has a field for it: only its source may show it, and then it is named."""
    answer = decode_any(changed("GPS", "mock", H1))
    assert answer.position.source is Source.UNKNOWN
    assert Anomaly.UNKNOWN_METHOD in answer.anomalies


def test_10_late_message_never_displaces_a_better_one_and_duplicates_agree():
    fresh = decode_any(A1, TAKEN)
    late = decode_any(changed("20130717141935", "20130717131935"), TAKEN + 1_000)
    assert Anomaly.STALE_FIX in late.anomalies
    for order in ((fresh, late), (late, fresh)):
        chosen = fuse([one.position for one in order], TAKEN + 1_000)
        assert chosen.position == fresh.position
    delayed = decode_any(deliver(A1, SENDER, TAKEN + 5_000), TAKEN + 3_600_000)
    assert Anomaly.LATE_MESSAGE in delayed.anomalies


def test_10_text_message_and_form_with_the_same_fix_are_one():
    text = decode_any(changed("lt=+54.76397;lg=-0.18305;rd=50", "lt=+55.85732;lg=-004.26325;rd=10")).position
    text = replace(text, time=1_476_189_444_000)
    form = decode_any(changed("55.85732", "55.8573217", H1)).position
    assert same_fix(text, form)
    assert distinct([text, form]) == distinct([form, text]) == [form]
    later, elsewhere = replace(form, time=form.time + 1_000), replace(form, latitude=55.85735)
    assert distinct([form, later, elsewhere]) == [form, later, elsewhere]
    assert not same_fix(replace(form, time=None), replace(form, time=None))
    assert not same_fix(form, replace(form, source=Source.CELL))


def test_10_of_one_fix_the_surest_is_kept_whatever_its_decimals_and_order():
    form = decode_any(H1).position
    wide, unsure = replace(form, radius_m=1164.25), replace(form, radius_m=None, latitude=55.8573217)
    for others in permutations((form, wide, unsure)):
        assert distinct(list(others)) == [form]


def test_11_last_of_a_repeated_key_counts_unknown_keys_stay_and_order_does_not_matter():
    assert decode_any(changed(";rd=50", ";rd=40;rd=50")).position.radius_m == 50
    answer = decode_any(changed(";rd", ";kl=23;rd"))
    assert Anomaly.UNKNOWN_KEY in answer.anomalies
    assert "kl=23" in answer.raw
    header, *fields = A1.split(";")
    turned = decode_any(";".join([header, *reversed(fields)]))
    assert turned.position == decode_any(A1).position


def test_12_case_of_keys_and_values_is_normalised():
    assert decode_any(changed(";rd", ";RD")).position.radius_m == 50
    assert decode_any(changed("pm=W", "pm=w")).position.source is Source.WIFI
    assert decode_any(changed("GPS", "gps", H1)).position.source is Source.GNSS


def test_13_emergency_number_may_be_any_telephone_number():
    assert decode_any(A9).fields["en"] == "+15555555555"
    danish = decode_any(changed("en=+15555555555", "en=112", A9))
    assert danish.fields["en"] == "112"
    assert danish.position == decode_any(A9).position
    form = f"{H1}&emergency_number=%2B15555555555"
    assert decode_any(form).fields["emergency_number"] == "+15555555555"
    assert decode_form(form.encode(), key=None, received_at=0).emergency_number == "+15555555555"


def test_what_could_be_read_is_returned_whatever_is_made_of_it():
    second = decode_any(A9).fields
    assert (second["et"], second["lz"], second["hc"], second["lg"]) == (
        *("1593187189", "-100.1,100.1"),
        *("310260", "en-US"),
    )
    more = "&location_speed=3.5&location_bearing=90&device_languages=da-DK%2Cen&time=1476189400000"
    form = decode_any(H1 + more).fields
    wanted = {
        **{
            "location_altitude": "0.0",
            "location_floor": "5",
            "location_speed": "3.5",
            "time": "1476189400000",
        },
        **{"device_model": "ABC ABC Detente 530", "device_os": "AOS", "device_languages": "da-DK,en"},
        **{"cell_id": "0213454321", "cell_home_mcc": "234", "location_bearing": "90"},
    }
    assert wanted.items() <= form.items()
    assert decode_any(changed(";rd", ";kl=23;rd")).fields["kl"] == "23"
    assert decode_any("hello").fields == {}


def test_14_form_without_any_identity_is_read():
    answer = decode_any("v=1&location_latitude=55.7&location_longitude=12.5&location_accuracy=10")
    assert (answer.msisdn, answer.imsi, answer.imei) == (None, None, None)
    assert answer.position.latitude == 55.7


def test_15_identities_never_reach_a_log_through_repr():
    for message in (A1, H1, deliver(A1, SENDER, SENT).hex(), *(part.hex() for part in PARTED)):
        shown = repr(decode_any(message))
        for secret in ("123456789012345", "234159176307582", "354773072099116", "447477593102", "20123456"):
            assert secret not in shown


def test_closing_list_no_fix_of_the_dia_encoder_over_https_and_of_google_without_any_location():
    dia = (
        "v=1&location_latitude=%2B00.00000&location_longitude=%2B000.00000&location_accuracy=0"
        "&location_confidence=0&location_source=unknown&location_time=1768473001000&device_number=%2B4520123456"
    )
    google = "v=2&emergency_number=112&time=1476189444435&device_number=%2B4520123456"
    for form in (dia, google):
        answer = decode_any(form)
        assert answer.position is None
        assert Anomaly.NO_POSITION in answer.anomalies
        assert answer.msisdn == "+4520123456"
    assert decode_any(changed("accuracy=0", "accuracy=10", dia)).position is not None


def test_closing_list_no_fix_in_the_forms_of_both_makers():
    google = "lt=+00.00000;lg=+000.00000;rd=N;top=20220131173734;lc=0;pm=N"
    first = "lt=+000.00000;lg=+000.00000;rd=N;top=20220131173734;lc=0;pm=N"
    without_accuracy = first.replace("rd=N", "rd=0")
    for fields in (google, first, without_accuracy):
        answer = decode_any(f'A"ML=1;{fields};si=;ei=;mcc=238;mnc=01;ml=99')
        assert answer.position is None
        assert Anomaly.NO_POSITION in answer.anomalies


@pytest.mark.parametrize(
    ("written", "confidence"),
    [("0", None), ("68", 0.68), ("83", 0.83), ("90", 0.9), ("95", 0.95), ("99.9", 0.999), ("100", None)],
)
def test_closing_list_confidence_levels(written, confidence):
    assert decode_any(changed("lc=90", f"lc={written}")).position.confidence == confidence


def test_closing_list_wrong_length_in_googles_own_example():
    answer = decode_any(A5)
    assert Anomaly.LENGTH_MISMATCH in answer.anomalies
    assert answer.position.radius_m == 14


def test_closing_list_version_2_swaps_the_meaning_of_lt_and_lg():
    answer = decode_any(A9)
    assert (answer.position.latitude, answer.position.longitude) == (-37.42175, -122.08461)


def test_closing_list_phantom_septet_at_length_127():
    assert len(A2) == 127
    octets = gsm7.packed(gsm7.septets_of(A2))
    assert len(octets) * 8 // 7 == 128
    assert decode_any(octets).anomalies == ()


def test_closing_list_concatenated_parts_in_any_order_and_twice():
    parts = deliver_parts(A1, SENDER, TAKEN, reference=3, room=60)
    (answer,) = decode_parts([parts[2], parts[0], parts[1], parts[0]], TAKEN)
    assert answer.position == decode_any(A1).position
    assert answer.anomalies == (Anomaly.PART_DUPLICATE,)


def test_closing_list_header_left_on():
    answer = decode_any(ports_header(5555) + gsm7.packed(gsm7.septets_of(A1)))
    assert answer.position == decode_any(A1).position
    assert answer.anomalies == (Anomaly.HEADER_LEFT_ON,)


def test_closing_list_form_with_fraction_missing_block_and_lost_plus():
    fraction = decode_any(changed("location_certainty=83", "location_confidence=0.6827", H1))
    assert fraction.position.confidence == 0.6827
    lost = decode_any(changed("%2B447477593102", "+447477593102", H1))
    assert lost.msisdn == "+447477593102"
    nowhere = decode_any("v=2&emergency_number=112&time=1476189444435&device_number=%2B4520123456")
    assert nowhere.position is None
    assert decode_any(changed("v=1", "v=77", H1)).position == decode_any(H1).position


def test_closing_list_zero_zero_with_a_radius_is_named():
    answer = decode_any(changed("lt=+54.76397;lg=-0.18305", "lt=+00.00000;lg=+000.00000"))
    assert Anomaly.ZERO_POSITION in answer.anomalies


def test_closing_list_95_percent_radius_comes_with_its_model():
    position = decode_any(A5).position
    assert radius_95(position) == pytest.approx(23.1, abs=0.05)
    assert conversion(position) == RFC_7459_NORMAL_2D


def test_closing_list_raw_text_and_every_anomaly_are_kept():
    message = changed(";rd", ";x=1;RD") + "@"
    answer = decode_any(message)
    assert answer.raw == message
    assert {Anomaly.UNKNOWN_KEY, Anomaly.KEY_SPELLING, Anomaly.PADDING} <= set(answer.anomalies)
