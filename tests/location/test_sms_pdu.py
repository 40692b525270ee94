"""SMS-DELIVER and the user data header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.sms_pdu import Alphabet, alphabet_of, instant_of, read_deliver, read_header
from vagtcentral.location.sms_write import deliver, deliver_parts, part_header, ports_header

SENT = 1_768_473_005_000  # 2026-01-15T10:30:05Z
SENDER = "+4520123456"


def test_widely_published_message_is_read():
    octets = bytes.fromhex("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07")
    read = read_deliver(octets)
    assert (read.text, read.sender, read.with_centre) == ("How are you?", "+31641600986", True)
    assert read.sent_at == 1_030_390_661_000  # 2002-08-26T19:37:41 +00:00
    assert read.anomalies == ()
    assert read_deliver(octets[8:]).text == "How are you?"


@pytest.mark.parametrize("centre", [None, "+4540390999", "4540390"])
@pytest.mark.parametrize("header", [b"", ports_header(5555), part_header(7, 3, 2), part_header(7, 3, 2, 16)])
@pytest.mark.parametrize("alphabet", Alphabet)
def test_what_was_written_is_read(alphabet, header, centre):
    content = b"\x01\x02\xff" * 9 if alphabet is Alphabet.OCTETS else 'A"ML=1;lt=+55.676'
    read = read_deliver(deliver(content, SENDER, SENT, alphabet=alphabet, header=header, centre=centre))
    assert (read.octets if alphabet is Alphabet.OCTETS else read.text) == content
    assert (read.sender, read.sent_at, read.anomalies) == (SENDER, SENT, ())
    assert read.with_centre is (centre is not None)
    assert (read.header is None) is (header == b"")


@given(st.text(st.sampled_from('ABC 09;="+-.@Åé'), max_size=150), st.integers(0, 7), st.integers(-48, 56))
def test_septets_after_a_header_of_any_length_and_in_any_zone_are_read(text, extra, zone):
    header = bytes((2 + extra, 0x70, extra)) + bytes(extra)
    read = read_deliver(deliver(text, SENDER, SENT, header=header, zone=zone))
    assert (read.text, read.sent_at) == (text, SENT)


@pytest.mark.parametrize("bits", [8, 16])
def test_part_says_which_it_is(bits):
    parts = deliver_parts("x" * 300, SENDER, SENT, reference=200, bits=bits)
    told = [read_deliver(part).header.concatenation for part in parts]
    assert [(one.reference, one.bits, one.total, one.number) for one in told] == [
        (200, bits, 2, 1),
        (200, bits, 2, 2),
    ]


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x02", b"\x05\x00\x03\x01\x02", b"\x05\x00\x04\x01\x02\x01", b"\x06\x00\x03\x01\x02\x01\x01"],
)
def test_header_that_does_not_add_up_is_none(octets):
    assert read_header(octets) is None


@pytest.mark.parametrize("numbers", [(0, 1), (2, 0), (2, 3)])
def test_impossible_part_number_makes_no_part(numbers):
    assert read_header(part_header(7, *numbers)[:-2] + bytes(numbers) + b"x").concatenation is None


def test_ports_are_read():
    assert read_header(ports_header(5555) + b"x").to_port == 5555


@pytest.mark.parametrize(
    ("coding", "alphabet"),
    [
        (0x00, Alphabet.SEPTETS),
        (0x04, Alphabet.OCTETS),
        (0x08, Alphabet.UCS2),
        (0x10, Alphabet.SEPTETS),
        (0x15, Alphabet.OCTETS),
        (0x20, None),
        (0xC8, Alphabet.SEPTETS),
        (0xE0, Alphabet.UCS2),
        (0xF1, Alphabet.SEPTETS),
        (0xF5, Alphabet.OCTETS),
    ],
)
def test_data_coding_scheme_names_the_alphabet(coding, alphabet):
    assert alphabet_of(coding) is alphabet


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("62105101035000", SENT),
        ("62105111035040", SENT),  # one hour east
        ("62105190035048", SENT),  # one hour west
        ("62315101035000", None),
        ("621051010350a0", None),
        ("621051010350", None),
    ],
)
def test_time_stamp_is_brought_to_utc(stamp, instant):
    assert instant_of(bytes.fromhex(stamp)) == instant


@pytest.mark.parametrize(
    ("octets", "anomaly"),
    [
        (deliver("A" * 40, SENDER, SENT)[:-5], Anomaly.PDU_TRUNCATED),
        (deliver("A" * 40, SENDER, SENT) + b"\x01\x02", Anomaly.PDU_TRAILING),
        (deliver("A" * 40, "+", SENT), Anomaly.SENDER_UNREADABLE),
        (
            deliver("A" * 40, SENDER, SENT).replace(bytes.fromhex("62105101"), b"\xff" * 4),
            Anomaly.BAD_SENT_TIME,
        ),
        (b"\x44" + deliver("A" * 40, SENDER, SENT)[1:], Anomaly.BAD_HEADER),
    ],
)
def test_damage_is_named_and_the_rest_is_read(octets, anomaly):
    read = read_deliver(octets)
    assert read.anomalies == (anomaly,)
    assert read.text.startswith("A" * 30)


def test_alphanumeric_sender_is_read():
    octets = bytes.fromhex("040ED0") + bytes.fromhex("D637396C7EBBCB") + deliver("A", "+45", SENT)[4:]
    assert read_deliver(octets).sender == "Vodafone"


@given(st.binary(max_size=200))
def test_any_octets_are_survived(octets):
    read_deliver(octets)
    read_header(octets)
