"""Every form that carries AML, through the one entry that tells them apart."""

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.aml_decode import FORM, RECEIVED, SENDER, SENT, V1, V2, forms, kept, mutilated
from vagtcentral.location import gsm7
from vagtcentral.location.aml import AmlMessage, decode
from vagtcentral.location.aml_any import PartCollector, decode_any, decode_parts
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.sms_pdu import Alphabet
from vagtcentral.location.sms_write import deliver, deliver_parts, part_header, ports_header

SEPTETS = gsm7.septets_of(V1)
PACKED = gsm7.packed(SEPTETS)
LEGACY = gsm7.packed(SEPTETS, msb=True)
PORTS = ports_header(5555)
PARTS = [part.hex() for part in deliver_parts(V1, SENDER, SENT, reference=9, room=50)]
PLACE = (55.6761, 12.56834, 14.0)


def place(message: AmlMessage) -> tuple[float, float, float | None]:
    return message.position.latitude, message.position.longitude, message.position.radius_m


def to_64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@pytest.mark.parametrize(
    ("message", "form", "layers"),
    [
        (V1, "sms-v1", ()),
        (V1.encode(), "sms-v1", ()),
        (V2, "sms-v2", ()),
        (PACKED, "data-sms-v1", ("septets",)),
        (LEGACY, "data-sms-v1", ("septets-msb",)),
        (V1.encode().hex(), "data-sms-v1", ("hex", "octets")),
        (to_64(V1.encode()), "data-sms-v1", ("base64", "octets")),
        (V1.encode("utf-16-be"), "data-sms-v1", ("ucs-2",)),
        (V1.encode("utf-16-le"), "data-sms-v1", ("ucs-2-little",)),
        (PACKED.hex(), "data-sms-v1", ("hex", "septets")),
        (PACKED.hex(" ").upper(), "data-sms-v1", ("hex", "septets")),
        ("0x" + PACKED.hex(), "data-sms-v1", ("hex", "septets")),
        (PACKED.hex().encode(), "data-sms-v1", ("hex", "septets")),
        (PACKED.decode("latin-1"), "data-sms-v1", ("septets",)),
        (to_64(PACKED), "data-sms-v1", ("base64", "septets")),
        (to_64(PACKED).rstrip("="), "data-sms-v1", ("base64", "septets")),
        (base64.encodebytes(PACKED).decode(), "data-sms-v1", ("base64", "septets")),
        (base64.urlsafe_b64encode(LEGACY).decode(), "data-sms-v1", ("base64", "septets-msb")),
        (PORTS + PACKED, "data-sms-v1", ("header", "septets")),
        ((PORTS + LEGACY).hex(), "data-sms-v1", ("hex", "header", "septets-msb")),
        (to_64(PORTS + PACKED), "data-sms-v1", ("base64", "header", "septets")),
        (gsm7.packed(gsm7.septets_of(V2)).hex(), "data-sms-v2", ("hex", "septets")),
        (deliver(V1, SENDER, SENT), "deliver-v1", ("deliver",)),
        (deliver(V1, SENDER, SENT, centre="+4540").hex(), "deliver-v1", ("hex", "centre", "deliver")),
        (deliver(V2, SENDER, SENT).hex(), "deliver-v2", ("hex", "deliver")),
        (
            deliver(PACKED, SENDER, SENT, alphabet=Alphabet.OCTETS, header=PORTS).hex(),
            "deliver-v1",
            ("hex", "deliver", "header", "septets"),
        ),
        (
            deliver(LEGACY, SENDER, SENT, alphabet=Alphabet.OCTETS).hex(),
            "deliver-v1",
            ("hex", "deliver", "septets-msb"),
        ),
        (
            deliver(V1.encode(), SENDER, SENT, alphabet=Alphabet.OCTETS).hex(),
            "deliver-v1",
            ("hex", "deliver", "octets"),
        ),
        ("\n".join(PARTS), "deliver-v1", ("hex", "deliver", "header", "parts")),
        (FORM, "https", ()),
        (FORM.encode(), "https", ()),
    ],
)
def test_form_is_recognised_and_says_the_same(message, form, layers):
    answer = decode_any(message, RECEIVED)
    assert (answer.form, answer.layers) == (form, layers)
    assert place(answer)[:2] == PLACE[:2]
    assert kept(message, answer)
    assert answer.imei in ("356708041746734", "358239059042542")
    assert answer.network == "238-01"
    assert set(answer.anomalies) <= {Anomaly.HEADER_LEFT_ON, Anomaly.LEGACY_PACKING, Anomaly.IMSI_TRUNCATED}
    assert list(answer.as_json()) == ["form", "position", "caller", "anomalies", "raw", "fields"]


def test_sender_and_time_come_from_the_delivered_message():
    answer = decode_any(deliver(V1, SENDER, SENT).hex(), RECEIVED)
    assert (answer.msisdn, answer.sent_at) == (SENDER, SENT)
    assert decode_any(deliver(V1, "114", SENT).hex()).msisdn == "114"


def test_fix_is_judged_against_the_service_centres_time_and_delay_is_named():
    old = deliver(V1, SENDER, SENT + 600_000)
    assert Anomaly.STALE_FIX in decode_any(old).anomalies
    late = decode_any(deliver(V1, SENDER, SENT), SENT + 3_600_000)
    assert Anomaly.LATE_MESSAGE in late.anomalies
    assert Anomaly.STALE_FIX not in late.anomalies
    ahead = decode_any(deliver(V1, SENDER, SENT + 86_400_000), RECEIVED)
    assert Anomaly.BAD_SENT_TIME in ahead.anomalies
    assert Anomaly.STALE_FIX not in ahead.anomalies


@pytest.mark.parametrize(
    ("message", "anomaly"),
    [
        (LEGACY, Anomaly.LEGACY_PACKING),
        (PORTS + PACKED, Anomaly.HEADER_LEFT_ON),
        (b"\x44" + deliver(V1, SENDER, SENT)[1:], Anomaly.BAD_HEADER),
        (PACKED.hex() + "g", Anomaly.ENCODING_BROKEN),
        (PACKED.hex() + "!" + PACKED.hex(), Anomaly.ENCODING_BROKEN),
        (to_64(PACKED) + "!", Anomaly.ENCODING_BROKEN),
        (deliver(V1, SENDER, SENT)[:-20], Anomaly.PDU_TRUNCATED),
        (deliver(V1, SENDER, SENT) + b"\0\0", Anomaly.PDU_TRAILING),
        (deliver(V1, "+", SENT), Anomaly.SENDER_UNREADABLE),
        (b"\x01\x02\x03" + PACKED, Anomaly.PADDING),
        (PARTS[0], Anomaly.PART_MISSING),
        ("\n".join((*PARTS, PARTS[1])), Anomaly.PART_DUPLICATE),
        ("\n".join((*PARTS, PARTS[1][:-4] + "0000")), Anomaly.PART_CONFLICT),
        (
            "\n".join((*PARTS, deliver_parts(V1, SENDER, SENT, reference=10)[0].hex(), PARTS[0])),
            Anomaly.PART_DUPLICATE,
        ),
    ],
)
def test_what_is_odd_about_the_carriage_is_named_and_the_position_read(message, anomaly):
    answer = decode_any(message, RECEIVED)
    assert anomaly in answer.anomalies
    assert place(answer) == PLACE
    assert kept(message, answer)


def test_lines_of_two_messages_are_told_from_each_other():
    other = deliver_parts(V1.replace("55.6", "54.6"), SENDER, SENT, reference=10, room=50)
    answer = decode_any("\n".join((*PARTS, other[0].hex())), RECEIVED)
    assert Anomaly.PARTS_MIXED in answer.anomalies
    assert place(answer) == PLACE


@pytest.mark.parametrize("alphabet", [Alphabet.SEPTETS, Alphabet.UCS2, Alphabet.OCTETS])
@pytest.mark.parametrize("bits", [8, 16])
def test_parts_come_in_any_order(alphabet, bits):
    content = PACKED if alphabet is Alphabet.OCTETS else V1
    parts = deliver_parts(content, SENDER, SENT, reference=200, alphabet=alphabet, bits=bits, room=33)
    random.Random(bits).shuffle(parts)
    (answer,) = decode_parts(parts, RECEIVED)
    assert place(answer) == PLACE
    assert Anomaly.PART_MISSING not in answer.anomalies
    assert Anomaly.LENGTH_MISMATCH not in answer.anomalies
    assert answer.raw == "\n".join(part.hex() for part in parts)


def test_parts_whose_septets_begin_anew_are_read_too():
    pieces = [gsm7.packed(SEPTETS[start : start + 45]) for start in range(0, len(SEPTETS), 45)]
    parts = [
        deliver(piece, SENDER, SENT, alphabet=Alphabet.OCTETS, header=part_header(1, len(pieces), number))
        for number, piece in enumerate(pieces, start=1)
    ]
    (answer,) = decode_parts(parts, RECEIVED)
    assert place(answer) == PLACE


PACKINGS = {
    "septets": PACKED,
    "septets-msb": LEGACY,
    "octets": V1.encode(),
    "ucs-2": V1.encode("utf-16-be"),
    "ucs-2-little": V1.encode("utf-16-le"),
}


def left_on(pieces: list[bytes], ports: bool = True) -> list[bytes]:
    """Pieces of a data message with the user data header left on, with ports and without."""
    whole = len(pieces)
    headers = [part_header(9, whole, number) for number in range(1, whole + 1)]
    if ports:
        headers = [bytes((len(PORTS) + len(one) - 2,)) + PORTS[1:] + one[1:] for one in headers]
    return [header + piece for header, piece in zip(headers, pieces, strict=True)]


def cut(octets: bytes, room: int) -> list[bytes]:
    return [octets[start : start + room] for start in range(0, len(octets), room)]


@pytest.mark.parametrize("room", [2, 7, 16, 20, 37, 60, 98, 105, 111, 120, 128])
@pytest.mark.parametrize("packing", PACKINGS)
def test_parts_with_their_header_left_on_are_joined_wherever_they_were_cut(packing, room):
    parts = [part.hex() for part in left_on(cut(PACKINGS[packing], room), ports=room % 2 == 0)]
    random.Random(room).shuffle(parts)
    (joined,) = decode_parts(parts, RECEIVED)
    for answer in (joined, decode_any("\n".join(parts), RECEIVED)):
        assert (answer.form, place(answer), answer.fields) == ("data-sms-v1", PLACE, decode(V1).fields)
        assert answer.layers == ("hex", "header", *(("parts",) if len(parts) > 1 else ()), packing)
        odd = {Anomaly.HEADER_LEFT_ON, Anomaly.LEGACY_PACKING, *decode(V1).anomalies}
        assert set(answer.anomalies) <= odd


@pytest.mark.parametrize("letters", [15, 16, 23, 42, 63, 64, 100])
@pytest.mark.parametrize("msb", [False, True])
def test_parts_with_their_header_left_on_may_each_begin_their_septets_anew(letters, msb):
    parts = left_on([gsm7.packed(piece, msb=msb) for piece in cut(SEPTETS, letters)])
    (answer,) = decode_parts(parts, RECEIVED)
    assert (place(answer), answer.fields) == (PLACE, decode(V1).fields)


@pytest.mark.parametrize("room", [9, 20, 37, 47, 60])
@pytest.mark.parametrize("packing", PACKINGS)
def test_a_missing_part_never_makes_a_wrong_value_wherever_the_others_were_cut(packing, room):
    parts = left_on(cut(PACKINGS[packing], room))
    whole = decode(V1)
    for missing in range(len(parts)):
        (answer,) = decode_parts(parts[:missing] + parts[missing + 1 :], RECEIVED)
        assert Anomaly.PART_MISSING in answer.anomalies
        assert answer.fields.items() & whole.fields.items() == {
            (key, value) for key, value in answer.fields.items() if key in whole.fields
        }


@pytest.mark.parametrize(
    "octets",
    [
        part_header(9, 2, 1) + bytes(range(128, 180)),  # not the letters of AML in any packing
        part_header(9, 1, 1) + b"hello there",  # a message in one piece
        b"\x05\x00\x03\x09\x02\x03" + V1[70:].encode()[:20],  # part 3 of 2
        PORTS + b"hello there",
        b"\x05\x00\x04\x09\x02\x01" + b"hello there",
    ],
)
def test_octets_that_are_no_part_are_kept_and_wait_for_nothing(octets):
    for message in (octets, octets.hex()):
        answers = decode_parts([message, *PARTS], RECEIVED)
        assert [answer.form for answer in answers] == ["unknown", "deliver-v1"]
        assert {Anomaly.NOT_AML, Anomaly.NO_POSITION} <= set(answers[0].anomalies)
        assert not {Anomaly.PART_MISSING, Anomaly.HEADER_LEFT_ON} & set(answers[0].anomalies)
        assert kept(message, answers[0])


@pytest.mark.parametrize("room", range(20, 60, 3))
@pytest.mark.parametrize("alphabet", Alphabet)
def test_any_missing_part_never_makes_a_wrong_value(room, alphabet):
    """Whatever is read with a part missing is what the whole message says, or it is not there."""
    content = PACKED if alphabet is Alphabet.OCTETS else V1
    parts = deliver_parts(content, SENDER, SENT, reference=1, alphabet=alphabet, room=room - room % 7 or room)
    whole = decode(V1)
    for missing in range(len(parts)):
        (answer,) = decode_parts(parts[:missing] + parts[missing + 1 :], RECEIVED)
        assert Anomaly.PART_MISSING in answer.anomalies
        if answer.position is not None:
            assert place(answer)[:2] == PLACE[:2]
            assert answer.position.radius_m in (None, 14.0)
            assert answer.position.confidence in (None, 0.68)
            assert answer.position.time in (None, whole.position.time)
        assert answer.imsi in (None, whole.imsi)
        assert answer.imei in (None, whole.imei)
        assert answer.network in (None, whole.network)


def test_rest_of_a_cut_field_is_left_out_and_a_whole_field_after_a_gap_is_read():
    cut = V1.index("38011000000000")
    for start, imsi in ((cut, None), (V1.index(";si=") + 1, "238011000000000")):
        header = part_header(5, 2, 2)
        (answer,) = decode_parts([deliver(V1[start:], SENDER, SENT, header=header)], RECEIVED)
        assert (answer.imsi, answer.imei) == (imsi, "356708041746734")
        assert not {Anomaly.MALFORMED_FIELD, Anomaly.UNKNOWN_KEY} & set(answer.anomalies)


@pytest.mark.parametrize("room", range(14, 77, 7))
def test_any_missing_part_of_version_2_never_makes_a_wrong_place(room):
    parts = deliver_parts(V2, SENDER, SENT, reference=1, room=room)
    for missing in range(len(parts)):
        (answer,) = decode_parts(parts[:missing] + parts[missing + 1 :], RECEIVED)
        assert answer.position is None or place(answer)[:2] == PLACE[:2]


def test_messages_of_several_callers_are_kept_apart_and_none_is_left_out():
    other = deliver_parts(V1.replace("55.6", "54.6"), "+4530405060", SENT, reference=9, room=50)
    mixed = [PARTS[2], other[1].hex(), V2, PARTS[0], other[0].hex(), "hello", PARTS[1], other[2].hex()]
    answers = decode_parts(mixed, RECEIVED)
    assert [answer.form for answer in answers] == ["deliver-v1", "deliver-v1", "sms-v2", "unknown"]
    assert place(answers[0]) == PLACE
    assert answers[1].position.latitude == 54.6761
    assert sorted("\n".join(answer.raw for answer in answers).split("\n")) == sorted(mixed)


def test_collector_answers_at_once_and_better_when_the_rest_comes():
    collector = PartCollector()
    first = collector.add(PARTS[0], RECEIVED)
    assert Anomaly.PART_MISSING in first.anomalies
    assert place(first) == PLACE
    collector.add(PARTS[1], RECEIVED + 1)
    last = collector.add(PARTS[2], RECEIVED + 2)
    assert Anomaly.PART_MISSING not in last.anomalies
    assert last.imei == "356708041746734"
    assert collector.add(V1, RECEIVED) == decode(V1, RECEIVED)


def test_collector_forgets_what_is_old_or_too_much():
    collector = PartCollector(keep_ms=1_000, most=2)
    collector.add(PARTS[0], RECEIVED)
    assert collector.add(PARTS[1], RECEIVED + 1_001).raw == PARTS[1]
    for reference in range(20, 25):
        collector.add(deliver_parts(V1, SENDER, SENT, reference=reference, room=50)[0], RECEIVED + 1_002)
    assert collector.add(PARTS[2], RECEIVED + 1_003).raw == PARTS[2]


AARHUS = V1.replace("+55.67610", "+56.15720").replace("+012.56834", "+010.21070")


def parts_of(text: str, sent: int, room: int = 70) -> list[str]:
    return [part.hex() for part in deliver_parts(text, SENDER, sent, reference=9, room=room)]


def test_a_newer_message_with_the_same_reference_is_read_on_its_own():
    collector = PartCollector()
    for part in parts_of(V1, SENT):
        older = collector.add(part, RECEIVED)
    answers = [collector.add(part, RECEIVED + 25_000) for part in parts_of(AARHUS, SENT + 25_000)]
    assert place(older) == PLACE
    assert place(answers[-1])[:2] == (56.1572, 10.2107)
    assert answers[-1].anomalies == older.anomalies
    again = decode_parts([*parts_of(V1, SENT), *parts_of(AARHUS, SENT + 25_000)], RECEIVED)
    assert [place(one)[0] for one in again] == [55.6761, 56.1572]


def test_a_newer_message_is_told_by_its_content_where_no_service_centre_gives_the_time():
    def data_parts(text):
        pieces = [text[:70].encode(), text[70:].encode()]
        return [part_header(9, 2, number) + piece for number, piece in enumerate(pieces, start=1)]

    older, newer = decode_parts([*data_parts(V1), *data_parts(AARHUS)], RECEIVED)
    assert (place(older), place(newer)[:2]) == (PLACE, (56.1572, 10.2107))
    assert Anomaly.PART_CONFLICT in newer.anomalies


@pytest.mark.parametrize("which", [(0, 1), (1, 0)])
@pytest.mark.parametrize("apart", [25_000, 500_000])
def test_parts_of_two_messages_that_both_lost_one_are_never_spliced(which, apart):
    """The cut goes through the coordinates: spliced, they would be a place where nobody is."""
    first, second = which
    found = [parts_of(V1, SENT, room=28)[first], parts_of(AARHUS, SENT + apart, room=28)[second]]
    answers = decode_parts(found, RECEIVED)
    assert [answer.raw for answer in answers] == found
    assert all(Anomaly.PART_MISSING in answer.anomalies for answer in answers)


def test_a_part_that_comes_again_after_the_message_was_whole_changes_nothing():
    parts = parts_of(V1, SENT)
    (answer,) = decode_parts([*parts, parts[0]], RECEIVED)
    assert place(answer) == PLACE
    assert Anomaly.PART_DUPLICATE in answer.anomalies
    assert Anomaly.PART_MISSING not in answer.anomalies


def test_lines_of_two_messages_with_one_reference_are_not_spliced():
    lines = [parts_of(V1, SENT)[0], *parts_of(AARHUS, SENT)]
    answer = decode_any("\n".join(lines), RECEIVED)
    assert place(answer)[:2] == (56.1572, 10.2107)
    assert {Anomaly.PARTS_MIXED, Anomaly.PART_CONFLICT} <= set(answer.anomalies)


def test_posted_form_is_judged_only_when_the_receipt_is_known_and_checked_only_with_a_key():
    assert decode_any(FORM).anomalies == decode_any(FORM, RECEIVED).anomalies
    assert Anomaly.STALE_FIX in decode_any(FORM, RECEIVED + 3_600_000).anomalies
    assert "hmac-invalid" in [str(one) for one in decode_any(FORM, RECEIVED, key=b"AML").anomalies]
    assert decode_any(FORM, RECEIVED).msisdn == SENDER


@pytest.mark.parametrize(
    ("text", "form", "anomaly"),
    [
        ("\n" + V1, "sms-v1", Anomaly.PADDING),
        ("\N{BYTE ORDER MARK}" + V1 + "\r\n", "sms-v1", Anomaly.PADDING),
        (V1.replace('"', "'"), "sms-v1", Anomaly.HEADER_VARIANT),
        (V1.replace('"', "”"), "sms-v1", Anomaly.HEADER_VARIANT),
        (V2.replace('"', "“"), "sms-v2", Anomaly.HEADER_VARIANT),
        (V1.partition(";")[2], "unknown", Anomaly.HEADER_MISSING),
    ],
)
def test_text_in_octets_is_text_and_says_what_it_says_as_text(text, form, anomaly):
    answer = decode_any(text.encode(), RECEIVED)
    assert (answer.form, answer.raw, answer.layers) == (form, text, ())
    assert anomaly in answer.anomalies
    assert answer == decode_any(text, RECEIVED)


@pytest.mark.parametrize(
    "message", ["", "hello", "deadbeef" * 4, b"", b"\xff" * 30, "æøå", "\ud800", "=", ";"]
)
def test_what_is_no_aml_is_kept(message):
    answer = decode_any(message, RECEIVED)
    assert answer.form == "unknown"
    assert Anomaly.NOT_AML in answer.anomalies
    assert kept(message, answer)


def test_twenty_thousand_mutilated_messages_are_all_read_and_kept():
    for message in mutilated(20_000):
        answer = decode_any(message, RECEIVED)
        assert kept(message, answer), message
        json.dumps(answer.as_json(), allow_nan=False)


@given(st.one_of(st.text(), st.binary(), st.from_regex(r"[0-9a-fA-F]{0,300}", fullmatch=True)))
def test_anything_at_all_is_read_and_kept(message):
    assert kept(message, decode_any(message, RECEIVED))
    for answer in decode_parts([message, *PARTS, message], RECEIVED):
        assert (answer.position is None) == (Anomaly.NO_POSITION in answer.anomalies)


def test_every_form_of_the_benchmark_tells_the_same_place():
    for message in forms().values():
        assert place(decode_any(message, RECEIVED))[:2] == PLACE[:2]
