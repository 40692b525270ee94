"""Rescue numbers of beaches, told or keyed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Source
from vagtcentral.location.rescue import (
    RESCUE_CONFIDENCE,
    RESCUE_RADIUS_M,
    RescueTable,
    rescue_keys,
    rescue_number,
    rescue_position,
)

HEADER = "number,latitude,longitude,name,district\n"


@pytest.mark.parametrize("told", ["F510", "f510", "F 510", "f-510", " F510 ", "333510"])
def test_number_is_understood_as_written_and_as_keyed(told):
    assert rescue_number(told) == "F510"


@given(st.sampled_from(string.ascii_uppercase), st.integers(0, 999))
def test_keys_of_every_number_lead_back_to_it(letter, number):
    assert rescue_number(rescue_keys(f"{letter}{number:03d}")) == f"{letter}{number:03d}"


@pytest.mark.parametrize(
    "told", ["", "510", "0510", "1510", "2222510", "23510", "F51", "F5100", "Æ510", "F５１０"]
)
def test_what_is_no_number_is_none(told):
    assert rescue_number(told) is None
    with pytest.raises(ValueError, match="a letter and three digits"):
        rescue_keys(told)


def test_sign_is_a_small_circle_around_it():
    position = rescue_position("N001", 7)
    assert position == rescue_position(rescue_keys("N001"), 7)
    assert (position.radius_m, position.confidence) == (RESCUE_RADIUS_M, RESCUE_CONFIDENCE)
    assert (position.source, position.time) == (Source.KEYED, 7)


def test_shipped_signs_are_invented_and_say_so():
    table = RescueTable.built_in()
    assert table.synthetic
    assert len(table.signs) > 300
    assert all(sign.name.startswith("Syntetisk") for sign in table.signs.values())
    assert all(number[0] >= "N" for number in table.signs)
    assert rescue_position("F510", 0) is None


def test_shipped_signs_lie_in_the_district_they_state():
    atlas = Atlas.built_in()
    signs = RescueTable.built_in().signs.values()
    right = sum(
        atlas.locate(rescue_position(sign.number, 0)).district.code == sign.district for sign in signs
    )
    assert right / len(signs) > 0.98
    assert {sign.district for sign in signs} == set(map(str, range(1460, 1472)))


def test_table_can_be_loaded(tmp_path):
    file = tmp_path / "signs.csv"
    file.write_text("# ours\n" + HEADER + "f510,55.86,10.27,Saksild Strand,1461\n", encoding="utf-8")
    table = RescueTable.read(file)
    assert not table.synthetic
    position = rescue_position("333510", 0, table)
    assert (position.latitude, position.longitude) == (55.86, 10.27)
    assert rescue_position("N001", 0, table) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the header is not"),
        ("number,lat\n", "the header is not"),
        (HEADER + "510,55,10,x,1461\n", "line 2: number '510' is not a letter"),
        (HEADER + "F510,95,10,x,1461\n", "line 2: latitude, longitude '95', '10'"),
        (HEADER + "F510,nan,10,x,1461\n", "line 2: latitude"),
        (HEADER + "F510,10.2,55.8,x,1461\n", "line 2: latitude 10.2, longitude 55.8 would be in Denmark if"),
        ("# c\n" + HEADER + "F510,55,10,x,1461\nF510,55,10,x,1461\n", "line 4: number F510 is there twice"),
        (HEADER + "F510\n", "line 2: latitude"),
    ],
)
def test_unusable_table_is_refused_with_its_line(tmp_path, content, said):
    file = tmp_path / "signs.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"signs\.csv") as refusal:
        RescueTable.read(file)
    assert said in str(refusal.value)


def test_table_that_is_no_utf_8_is_refused_by_name(tmp_path):
    file = tmp_path / "signs.csv"
    file.write_bytes((HEADER + "F510,55,10,Saksild Strand Ø,1461\n").encode("latin-1"))
    with pytest.raises(ValueError, match=r"signs\.csv: octet 66 is not UTF-8"):
        RescueTable.read(file)
