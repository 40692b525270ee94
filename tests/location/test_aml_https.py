"""The HTTPS form: the published examples, every oddity by name, and anything at all."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.aml_https import HASHES, KEYS, decode_form, fits
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.form_anomaly import FormAnomaly
from vagtcentral.location.position import Position, Source

H1 = (
    b"v=1&device_number=%2B447477593102&location_latitude=55.85732&location_longitude=-4.26325"
    b"&location_time=1476189444435&location_accuracy=10.4&location_source=GPS&location_certainty=83"
    b"&location_altitude=0.0&location_floor=5&device_model=ABC+ABC+Detente+530&device_imei=354773072099116"
    b"&device_imsi=234159176307582&device_os=AOS&cell_carrier=&cell_home_mcc=234&cell_home_mnc=15"
    b"&cell_network_mcc=234&cell_network_mnc=15&cell_id=0213454321"
)
H2 = (
    b"v=1&device_number=%2B33611223344&location_latitude=0.85732&location_longitude=-4.26325"
    b"&location_time=1604912121000&location_accuracy=10.4&location_source=GPS&location_certainty=83"
    b"&hmac=f64c70eb238bb239e00e8ac8c023bf2b5d3c41dd"
)
TAKEN = 1476189444435  # 2016-10-11T12:37:24.435Z, the time in H1


def read(body, *, key=None, received_at=TAKEN + 1_000, **options):
    return decode_form(body, key=key, received_at=received_at, **options)


def changed(before, after):
    assert before in H1
    return H1.replace(before, after)


def signed(body, key=b"AML", name="sha1"):
    return body + b"&hmac=" + hmac.new(key, body, name).hexdigest().encode()


def test_the_published_example_is_read():
    form = read(H1)
    assert form.position == Position(55.85732, -4.26325, 10.4, 0.83, TAKEN, Source.GNSS)
    assert (form.msisdn, form.imsi, form.imei) == ("+447477593102", "234159176307582", "354773072099116")
    assert (form.network, form.floor, form.emergency_number) == ("234-15", "5", None)
    assert (form.authentic, form.anomalies, form.raw) == (None, (), H1.decode())


def test_the_form_is_shown_as_the_command_line_promises():
    shown = read(H1).as_json()
    assert shown.pop("fields")["device_model"] == "ABC ABC Detente 530"
    assert shown == {
        "form": "https",
        "position": {
            "latitude": 55.85732,
            "longitude": -4.26325,
            "radius_m": 10.4,
            "confidence": 0.83,
            "time": "2016-10-11T12:37:24.435Z",
            "source": "gnss",
            "shape": None,
        },
        "caller": {
            "msisdn": "+447477593102",
            "imsi": "234159176307582",
            "imei": "354773072099116",
            "network": "234-15",
        },
        "anomalies": [],
        "raw": H1.decode(),
    }


def test_the_published_hmac_fits_its_key_and_no_other():
    assert read(H2, key=b"AML").authentic is True
    assert FormAnomaly.HMAC_INVALID not in read(H2, key=b"AML").anomalies
    assert read(H2, key=b"aml").authentic is False
    assert FormAnomaly.HMAC_INVALID in read(H2, key=b"aml").anomalies
    assert read(H2).authentic is None


@pytest.mark.parametrize(
    "body",
    [
        H1,
        b"",
        H2.replace(b"&hmac=", b"&hmac=0"),
        H2[:-1],
        H2 + b"&v=1",
        H2.replace(b"%2B", b"+"),
        H2.replace(b"f64c", b"F64D"),
        b"hmac=" + hmac.new(b"AML", b"", "sha1").hexdigest().encode(),
        hmac.new(b"AML", b"", "sha1").hexdigest().encode(),
        H1 + "&hmac=æøå".encode(),
        H1 + b"&hmac=\xff\xfe",
    ],
)
def test_a_missing_or_wrong_hmac_is_named_and_the_form_is_read_all_the_same(body):
    form = read(body, key=b"AML")
    assert form.authentic is False
    assert form.anomalies[0] is FormAnomaly.HMAC_INVALID
    assert form.position == read(body).position


def test_the_hmac_is_over_the_raw_bytes_before_the_last_one():
    assert fits(signed(b"v=1&x=%7e&hmac=00&y=+"), b"AML")
    assert fits(signed(b"\xff\x00&"), b"AML")
    upper = signed(H1)[:-40] + signed(H1)[-40:].upper() + b"\r\n"
    assert fits(upper, b"AML")


@pytest.mark.parametrize("name", HASHES)
def test_the_hash_can_be_chosen(name):
    assert read(signed(H1, name=name), key=b"AML", hash_name=name).authentic is True
    assert hashlib.new(name).digest_size * 2 == len(signed(b"", name=name)) - len(b"&hmac=")


def test_a_hash_that_is_not_allowed_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="none of sha1, sha256, sha512"):
        read(H1, key=b"AML", hash_name="md5")


@pytest.mark.parametrize(
    ("body", "anomaly"),
    [
        (b"", FormAnomaly.NOT_A_FORM),
        (b"hello", FormAnomaly.NOT_A_FORM),
        (b'{"from": "+4520304050"}', FormAnomaly.NOT_A_FORM),
        (changed(b"ABC+ABC", b"\xe6BC"), FormAnomaly.NOT_UTF8),
        (changed(b"v=1", b"v=9"), FormAnomaly.VERSION_UNFAMILIAR),
        (changed(b"%2B447477593102", b"+447477593102"), FormAnomaly.PLUS_LOST),
        (changed(b"device_number=%2B447477593102", b"device_number="), FormAnomaly.NUMBER_MISSING),
        (changed(b"location_certainty=83", b"location_confidence=83"), FormAnomaly.CONFIDENCE_PERCENT),
        (changed(b"=1476189444435", b"=1476189444"), FormAnomaly.TIME_IN_SECONDS),
        (changed(b"location_certainty=83", b"location_certainty=0.83"), Anomaly.CONFIDENCE_FRACTION),
        (changed(b"location_certainty=83", b"location_certainty=100"), Anomaly.BAD_CONFIDENCE),
        (changed(b"location_certainty=83", b"location_confidence=1"), Anomaly.BAD_CONFIDENCE),
        (changed(b"=1476189444435", b"=yesterday"), Anomaly.BAD_TIME),
        (changed(b"=1476189444435", b"=1476189000000"), Anomaly.STALE_FIX),
        (changed(b"=1476189444435", b"=1476189999000"), Anomaly.FUTURE_FIX),
        (changed(b"=55.85732", b"=155.85732"), Anomaly.BAD_COORDINATE),
        (changed(b"=55.85732", b"=NaN"), Anomaly.BAD_COORDINATE),
        (changed(b"&location_latitude=55.85732", b""), Anomaly.NO_POSITION),
        (changed(b"=55.85732", b"=0").replace(b"-4.26325", b"0.0"), Anomaly.ZERO_POSITION),
        (changed(b"=55.85732", b"=12.568").replace(b"-4.26325", b"55.676"), Anomaly.AXES_SWAPPED),
        (changed(b"=55.85732", b"=55%2C85732"), Anomaly.DECIMAL_COMMA),
        (changed(b"accuracy=10.4", b"accuracy=0"), Anomaly.RADIUS_UNKNOWN),
        (changed(b"accuracy=10.4", b"accuracy=-1"), Anomaly.BAD_RADIUS),
        (changed(b"accuracy=10.4", b"accuracy=2000000"), Anomaly.RADIUS_OUT_OF_RANGE),
        (changed(b"source=GPS", b"source=psychic"), Anomaly.UNKNOWN_METHOD),
        (changed(b"&location_floor", b"&&location_floor"), Anomaly.EMPTY_FIELD),
        (changed(b"&location_floor", b"&x&location_floor"), Anomaly.MALFORMED_FIELD),
        (changed(b"&location_floor", b"&x=1&location_floor"), Anomaly.UNKNOWN_KEY),
        (changed(b"&location_floor", b"&Location_Floor"), Anomaly.KEY_SPELLING),
        (changed(b"&location_floor", b"&location_floor=3&location_floor"), Anomaly.DUPLICATE_KEY),
        (changed(b"=234159176307582", b"=234159000000000"), Anomaly.IMSI_TRUNCATED),
        (changed(b"=354773072099116", b"=35477307"), Anomaly.IMEI_MALFORMED),
        (changed(b"network_mnc=15", b"network_mnc=1"), Anomaly.NETWORK_UNKNOWN),
    ],
)
def test_each_oddity_is_named_and_alone_where_nothing_else_is_odd(body, anomaly):
    form = read(body)
    assert anomaly in form.anomalies
    assert form.raw.encode() == body or FormAnomaly.NOT_UTF8 in form.anomalies


def test_every_form_oddity_of_this_transport_has_a_meaning():
    assert all(anomaly.meaning.endswith(".") for anomaly in FormAnomaly)
    assert not {anomaly.value for anomaly in FormAnomaly} & {anomaly.value for anomaly in Anomaly}


def test_a_lost_plus_is_put_back():
    assert read(changed(b"%2B447477593102", b"+447477593102")).msisdn == "+447477593102"
    assert read(changed(b"%2B447477593102", b"447477593102")).msisdn == "447477593102"
    assert read(b"emergency_number=+112").emergency_number == "+112"


def test_of_a_repeated_field_the_last_value_that_is_not_empty_counts():
    assert read(H1 + b"&location_floor=7").floor == "7"
    assert read(H1 + b"&location_floor=").floor == "5"


def test_a_fraction_is_how_confidence_comes_and_goes_before_certainty():
    form = read(H1 + b"&location_confidence=0.6827")
    assert form.position.confidence == 0.6827
    assert form.anomalies == ()


@pytest.mark.parametrize("unusable", [b"0", b"100", b"1", b"x"])
def test_an_unusable_confidence_gives_way_to_the_certainty_and_is_named(unusable):
    form = read(H1 + b"&location_confidence=" + unusable)
    assert form.position.confidence == 0.83
    assert form.anomalies == (Anomaly.BAD_CONFIDENCE,)


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("gps", Source.GNSS),
        ("GPS", Source.GNSS),
        ("Wifi", Source.WIFI),
        ("cell", Source.CELL),
        ("FUSED", Source.FUSED),
        ("unknown", Source.UNKNOWN),
        ("", Source.UNKNOWN),
    ],
)
def test_the_source_is_read_in_any_case(word, source):
    form = read(changed(b"source=GPS", f"source={word}".encode()))
    assert form.position.source is source
    assert form.anomalies == ()


def test_seconds_are_taken_for_milliseconds_only_where_they_must_be():
    assert read(changed(b"=1476189444435", b"=1476189444")).position.time == 1476189444000
    assert read(H1 + b"&time=1476189440000").called_at == 1476189440000


def test_a_form_without_location_is_no_position_and_keeps_the_caller():
    form = read(b"v=2&emergency_number=112&source=CALL&time=1476189444435&device_number=%2B4520304050")
    assert form.position is None
    assert form.anomalies == (Anomaly.NO_POSITION,)
    assert (form.msisdn, form.emergency_number) == ("+4520304050", "112")


def test_zeros_without_accuracy_are_no_position():
    form = read(b"location_latitude=0&location_longitude=0&device_number=1")
    assert (form.position, form.anomalies) == (None, (Anomaly.NO_POSITION,))


def test_ground_truth_of_a_test_is_never_a_position():
    form = read(b"gt_location_latitude=55.7&gt_location_longitude=12.5&device_number=1")
    assert form.position is None


def test_personal_data_are_not_in_the_representation():
    shown = repr(read(H1))
    for secret in ("447477593102", "234159176307582", "354773072099116", "55.85", "4.263"):
        assert secret not in shown


@given(st.binary(max_size=300), st.sampled_from([None, b"AML"]), st.integers(-(10**15), 10**15))
def test_any_bytes_are_read(body, key, received_at):
    check(decode_form(body, key=key, received_at=received_at))


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(KEYS)), st.text(max_size=20) | st.floats().map(str)), max_size=12
    )
)
def test_any_values_are_read(pairs):
    body = "&".join(f"{key}={value}" for key, value in pairs).encode("utf-8", "surrogatepass")
    check(decode_form(body, key=b"AML", received_at=TAKEN))


def check(form):
    assert (form.position is None) == (Anomaly.NO_POSITION in form.anomalies)
    form.as_json()
    form.raw.encode()
    if form.position is not None:
        assert -90 <= form.position.latitude <= 90
        assert -180 <= form.position.longitude <= 180
        assert form.position.radius_m is None or form.position.radius_m > 0
        assert form.position.confidence is None or 0 < form.position.confidence < 1
