"""The 7-bit alphabet and both packings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.gsm7 import ALPHABET, EXTENSION, packed, septets_from, septets_of, text_of

ANY = st.binary(max_size=600).map(lambda octets: bytes(octet & 127 for octet in octets))


def test_alphabet_has_a_letter_for_each_of_128_codes_and_none_twice():
    assert len(ALPHABET) == len(set(ALPHABET)) == 128
    assert (ALPHABET[0], ALPHABET[0x11], ALPHABET[0x20], ALPHABET[0x41], ALPHABET[0x7F]) == tuple("@_ Aà")


def test_published_octets_come_out_in_both_packings():
    septets = septets_of('A"ML=1;')
    assert packed(septets)[:6] == bytes.fromhex("415193d98bed")
    assert packed(septets, msb=True)[:6] == bytes.fromhex("828a6cc7ac5d")
    assert packed(septets_of("hellohello")) == bytes.fromhex("e8329bfd4697d9ec37")


@given(ANY, st.integers(0, 6), st.booleans())
def test_packing_and_unpacking_give_the_same_septets(septets, fill, msb):
    assert septets_from(packed(septets, fill, msb=msb), len(septets), fill, msb=msb) == septets


@pytest.mark.parametrize("msb", [False, True])
def test_seven_bits_of_padding_make_no_septet(msb):
    septets = b"\x41" * 127
    octets = packed(septets, msb=msb)
    assert len(octets) == 112
    assert septets_from(octets, msb=msb) == septets
    assert septets_from(octets, 128, msb=msb) == septets + b"\0"


def test_octets_that_end_early_give_what_there_is():
    assert septets_from(packed(b"\x41" * 20)[:7], 20) == b"\x41" * 8
    assert septets_from(b"", 5) == b""


@given(st.text(st.sampled_from([*ALPHABET.replace("\x1b", ""), *EXTENSION.values()]), max_size=200))
def test_every_letter_comes_back(text):
    assert text_of(septets_of(text)) == text


def test_unknown_letter_is_refused_by_name_and_lone_escape_is_read():
    with pytest.raises(ValueError, match="'ć'"):
        septets_of("ć")
    assert text_of(b"\x41\x1b") == "A"
    assert text_of(b"\x1b\x1b\x1b\x41") == " A"
