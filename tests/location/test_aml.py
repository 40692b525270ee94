"""AML messages: every published example, every named oddity, and anything at all."""

import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.aml import FUTURE_AFTER_MS, STALE_AFTER_MS, Anomaly, decode
from vagtcentral.location.position import Source

VECTORS = json.loads(Path(__file__).with_name("aml_vectors.json").read_text(encoding="utf-8"))
MESSAGES = {vector["name"]: vector["message"] for vector in VECTORS}
GOOD = MESSAGES["A1"]
BETA = MESSAGES["A9"]
TAKEN = 1374070775000  # 2013-07-17T14:19:35Z, the time in GOOD
#: What can be wrong with octets, headers and parts: test_aml_any.py reaches each of them.
OF_CARRIAGE = {
    Anomaly.LEGACY_PACKING,
    Anomaly.HEADER_LEFT_ON,
    Anomaly.BAD_HEADER,
    Anomaly.ENCODING_BROKEN,
    Anomaly.PDU_TRUNCATED,
    Anomaly.PDU_TRAILING,
    Anomaly.SENDER_UNREADABLE,
    Anomaly.BAD_SENT_TIME,
    Anomaly.LATE_MESSAGE,
    Anomaly.PART_MISSING,
    Anomaly.PART_DUPLICATE,
    Anomaly.PART_CONFLICT,
    Anomaly.PARTS_MIXED,
}


def changed(before: str, after: str, message: str = GOOD) -> str:
    assert before in message
    return message.replace(before, after)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_example_is_read_as_its_source_says(vector):
    answer = decode(vector["message"]).as_json()
    fields = answer.pop("fields")
    assert all(f"{key}={value}" in vector["message"] for key, value in fields.items())
    assert fields.keys() >= ({"en", "lo"} if vector["form"] == "sms-v2" else {"lg", "ei", "mcc"})
    expected = vector["position"] and {**vector["position"], "shape": None}
    assert answer == {
        "form": vector["form"],
        "position": expected,
        "caller": vector["caller"],
        "anomalies": vector["anomalies"],
        "raw": vector["message"],
    }


@pytest.mark.parametrize(
    ("message", "anomaly"),
    [
        ("hello", Anomaly.NOT_AML),
        ("", Anomaly.NOT_AML),
        (GOOD + " " * 70_000, Anomaly.OVERLONG),
        (changed('A"ML=1;', ""), Anomaly.HEADER_MISSING),
        (changed('A"ML', "A”ML"), Anomaly.HEADER_VARIANT),
        (changed('A"ML=1', 'A"ML=3'), Anomaly.UNKNOWN_VERSION),
        (changed('A"ML=1', 'A"ML=10'), Anomaly.UNKNOWN_VERSION),
        (GOOD + "@", Anomaly.PADDING),
        ("\x06\x05\x04" + GOOD, Anomaly.PADDING),
        (changed("ml=128", "ml=129"), Anomaly.LENGTH_MISMATCH),
        (changed("ml=128", "ml="), Anomaly.LENGTH_MISMATCH),
        (changed(";rd", ";;rd"), Anomaly.EMPTY_FIELD),
        (changed(";rd", ";x;rd"), Anomaly.MALFORMED_FIELD),
        (changed(";rd", ";RD"), Anomaly.KEY_SPELLING),
        (changed(";rd", ";x=1;rd"), Anomaly.UNKNOWN_KEY),
        (changed(";rd", ";rd=40;rd"), Anomaly.DUPLICATE_KEY),
        (changed(";mnc=30", ""), Anomaly.MISSING_FIELD),
        (changed("lt=+54.76397;", ""), Anomaly.NO_POSITION),
        (changed("+54.76397", "+94.76397"), Anomaly.BAD_COORDINATE),
        (changed("+54.76397", "5_4.76397"), Anomaly.BAD_COORDINATE),
        (changed("+54.76397", "nan"), Anomaly.BAD_COORDINATE),
        (changed("+54.76397", "٥٤"), Anomaly.BAD_COORDINATE),
        (changed("lt=+54.76397;lg=-0.18305", "lt=+00.00000;lg=+000.00000"), Anomaly.ZERO_POSITION),
        (changed("lt=+54.76397;lg=-0.18305", "lt=+12.56800;lg=+55.67600"), Anomaly.AXES_SWAPPED),
        (changed("rd=50", "rd=0"), Anomaly.RADIUS_UNKNOWN),
        (changed("rd=50", "rd=N"), Anomaly.RADIUS_UNKNOWN),
        (changed("rd=50", "rd=-5"), Anomaly.BAD_RADIUS),
        (changed("rd=50", "rd=many"), Anomaly.BAD_RADIUS),
        (changed("rd=50", "rd=100000"), Anomaly.RADIUS_OUT_OF_RANGE),
        (changed("lc=90", "lc=0"), Anomaly.BAD_CONFIDENCE),
        (changed("lc=90", "lc=100"), Anomaly.BAD_CONFIDENCE),
        (changed("lc=90", "lc=x"), Anomaly.BAD_CONFIDENCE),
        (changed("lc=90", "lc=0.68"), Anomaly.CONFIDENCE_FRACTION),
        (changed("top=20130717141935", "top=20130732141935"), Anomaly.BAD_TIME),
        (changed("top=20130717141935", "top=20130717241935"), Anomaly.BAD_TIME),
        (changed("pm=W", "pm=Z"), Anomaly.UNKNOWN_METHOD),
        (changed("pm=W", "pm=N"), Anomaly.METHOD_UNSTATED),
        (changed("+54.76397", "+54,76397"), Anomaly.DECIMAL_COMMA),
        (changed("-0.18305", "−0.18305"), Anomaly.ODD_MINUS),
        (changed("si=123456789012345", "si="), Anomaly.IMSI_EMPTY),
        (changed("si=123456789012345", "si=000000000000000"), Anomaly.IMSI_ZEROED),
        (changed("si=123456789012345", "si=238015000000000"), Anomaly.IMSI_TRUNCATED),
        (changed("si=123456789012345", "si=12x"), Anomaly.IMSI_MALFORMED),
        (changed("ei=1234567890123456", "ei="), Anomaly.IMEI_EMPTY),
        (changed("ei=1234567890123456", "ei=1234567800000000"), Anomaly.IMEI_ZEROED),
        (changed("ei=1234567890123456", "ei=12"), Anomaly.IMEI_MALFORMED),
        (changed("mcc=234", "mcc="), Anomaly.NETWORK_UNKNOWN),
        (changed("mcc=234", "mcc=000"), Anomaly.NETWORK_UNKNOWN),
        (GOOD[:25], Anomaly.CUT_OFF),
        (BETA[:58], Anomaly.CUT_OFF),
    ],
)
def test_oddity_is_named(message, anomaly):
    assert anomaly in decode(message).anomalies
    assert anomaly not in decode(GOOD).anomalies


def test_every_anomaly_explains_itself_in_one_sentence_and_can_be_reached():
    reached = set()
    for anomaly in Anomaly:
        assert anomaly.meaning.endswith(".")
        assert anomaly == anomaly.value
        assert anomaly.value == anomaly.name.lower().replace("_", "-")
    for mark in test_oddity_is_named.pytestmark:
        reached |= {anomaly for _, anomaly in mark.args[1]}
    assert set(Anomaly) - reached == {
        *(Anomaly.STALE_FIX, Anomaly.FUTURE_FIX, Anomaly.STALE_EVENT),
        *OF_CARRIAGE,
    }


@pytest.mark.parametrize(
    ("later_ms", "expected"),
    [
        (0, ()),
        (STALE_AFTER_MS, ()),
        (STALE_AFTER_MS + 1, (Anomaly.STALE_FIX,)),
        (-FUTURE_AFTER_MS, ()),
        (-FUTURE_AFTER_MS - 1, (Anomaly.FUTURE_FIX,)),
    ],
)
def test_age_is_judged_against_the_time_of_receipt(later_ms, expected):
    message = decode(GOOD, TAKEN + later_ms)
    assert message.anomalies == expected
    assert message.position.time == TAKEN


def test_half_a_number_at_the_end_of_a_cut_message_is_not_taken_for_a_whole_one():
    cut, separated, more = GOOD[:25], GOOD[:32], GOOD[:36]
    assert (cut[-6:], separated[-9:], more[-4:]) == (";lg=-0", "-0.18305;", "rd=5")
    assert decode(cut).position is None
    assert decode(cut).raw == cut
    assert decode(BETA[:58]).position is None
    assert decode(separated).position.longitude == -0.18305
    assert decode(more).position.longitude == -0.18305
    assert decode(more).position.radius_m is None
    assert decode(f"{more}0;").position.radius_m == 50


def test_personal_data_stay_out_of_repr():
    assert "123456789" not in repr(decode(GOOD))
    assert "54.76" not in repr(decode(GOOD))


def test_radius_of_zero_or_n_is_unknown_and_the_position_stays():
    for value in ("0", "N"):
        position = decode(changed("rd=50", f"rd={value}")).position
        assert (position.latitude, position.longitude) == (54.76397, -0.18305)
        assert position.radius_m is None


def test_last_value_of_a_repeated_key_counts_unless_it_is_empty():
    assert decode(changed(";rd=50", ";rd=40;rd=50")).position.radius_m == 50
    assert decode(changed(";rd=50", ";rd=40;rd=")).position.radius_m == 40


def test_message_without_its_header_is_still_read_but_its_form_is_unknown():
    message = decode(changed('A"ML=1;', ""))
    assert message.form == "unknown"
    assert message.position.latitude == 54.76397


def test_unknown_version_is_not_read_because_keys_change_their_meaning():
    message = decode(changed('A"ML=1', 'A"ML=3'))
    assert message.form == "unknown"
    assert message.position is None
    assert message.imsi is None


def test_phantom_septet_at_the_end_does_not_spoil_the_length():
    assert decode(MESSAGES["A2"] + "\0").anomalies == (Anomaly.PADDING,)


def test_network_code_keeps_its_leading_zero():
    assert decode(changed("mcc=234;mnc=30", "mcc=238;mnc=01")).network == "238-01"


def test_beta_accuracy_of_zero_is_unknown():
    message = decode(changed("2000.1", "0.0", BETA))
    assert message.position.radius_m is None
    assert Anomaly.RADIUS_UNKNOWN in message.anomalies


def test_beta_with_decimal_commas_throughout_is_read():
    message = decode(changed("-37.42175,-122.08461,2000.1", "55,67600,12,56800,20,5", BETA))
    assert message.position.latitude == 55.676
    assert message.position.longitude == 12.568
    assert message.position.radius_m == 20.5
    assert Anomaly.DECIMAL_COMMA in message.anomalies


def test_beta_without_call_time_has_a_position_without_time():
    message = decode(changed("et=1593187189;", "", BETA))
    assert message.position.time is None
    assert {Anomaly.MISSING_FIELD, Anomaly.BAD_TIME} <= set(message.anomalies)


def test_beta_method_fused_is_known():
    assert decode(changed("ls=G", "ls=F", BETA)).position.source is Source.FUSED


def holds_together(text: str) -> None:
    message = decode(text, TAKEN)
    assert message.raw == text
    assert (message.position is None) == (Anomaly.NO_POSITION in message.anomalies)
    assert len(set(message.anomalies)) == len(message.anomalies)
    json.dumps(message.as_json(), allow_nan=False)
    if message.position is not None:
        assert -90 <= message.position.latitude <= 90
        assert -180 <= message.position.longitude <= 180
        assert message.position.radius_m is None or message.position.radius_m > 0
        assert message.position.confidence is None or 0 < message.position.confidence < 1


def test_two_thousand_mutilated_messages_are_all_read_and_kept():
    """The published messages with characters lost, changed and doubled, cut off or joined (seed 114)."""
    dice = random.Random(114)
    letters = string.printable + 'æøå\0−“”٣,;="@'
    for _ in range(2000):
        text = list(dice.choice(list(MESSAGES.values())))
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(text) + 1)
            match dice.randrange(6):
                case 0:
                    del text[place : place + dice.randint(1, 12)]
                case 1:
                    text.insert(place, dice.choice(letters))
                case 2:
                    text[place : place + 1] = dice.choice(letters)
                case 3:
                    text[place:place] = text[: dice.randint(0, 30)]
                case 4:
                    text = text[:place] or [";"]
                case _:
                    text[place:place] = dice.choice([";lt=1e9", ";rd=1e400", ";lo=,,", ";ml=9" * 9, "=", ";"])
        holds_together("".join(text))


@given(st.text())
def test_any_text_is_kept(text):
    holds_together(text)


@given(
    st.dictionaries(
        st.sampled_from(["lt", "lg", "rd", "top", "lc", "pm", "si", "ei", "ml", "lo", "et", "nc"]),
        st.text(st.sampled_from("0123456789+-.,NeE_ GW"), max_size=16),
    ),
    st.sampled_from("12"),
)
def test_any_values_are_kept(values, version):
    holds_together(f'A"ML={version};' + ";".join(f"{key}={value}" for key, value in values.items()))


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 99_999))
def test_a_written_position_comes_back(latitude, longitude, radius):
    text = f'A"ML=1;lt={latitude:+.5f};lg={longitude:+.5f};rd={radius};top=20130717141935;lc=68;pm=G'
    position = decode(text).position
    assert position.latitude == float(f"{latitude:.5f}")
    assert position.longitude == float(f"{longitude:.5f}")
    assert position.radius_m == radius
