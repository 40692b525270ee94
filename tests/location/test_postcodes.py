"""Postcodes that callers key."""

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Source
from vagtcentral.location.postcodes import POSTCODE_CONFIDENCE, is_postcode, postcode_position
from vagtcentral.location.territory import read_rows


@pytest.mark.parametrize(
    ("code", "district"),
    [
        ("2100", "1470"),
        ("8000", "1461"),
        ("9000", "1460"),
        ("5000", "1465"),
        ("3700", "1471"),
        ("6700", "1464"),
    ],
)
def test_postcode_lies_in_its_district(code, district):
    position = postcode_position(code, 5)
    assert is_postcode(code)
    assert Atlas.built_in().locate(position).district.code == district
    assert (position.source, position.time) == (Source.KEYED, 5)
    assert position.confidence == POSTCODE_CONFIDENCE
    assert 200 <= position.radius_m <= 15_000


@pytest.mark.parametrize("code", ["", "0000", "1000", "12", "21000", "abcd", "9999", " 2100", "２１００"])
def test_what_is_no_postcode_gives_nothing(code):
    assert not is_postcode(code)
    assert postcode_position(code, 0) is None


def test_postcodes_lie_in_the_municipality_they_state():
    atlas, rows = Atlas.built_in(), read_rows("postcodes.csv")
    right = sum(
        atlas.locate(postcode_position(row["code"], 0)).district.code
        == atlas.district_of(row["municipality"])
        for row in rows
    )
    assert len(rows) > 1000
    assert right / len(rows) > 0.98


def test_towns_have_smaller_circles_than_the_country():
    assert postcode_position("2200", 0).radius_m < postcode_position("7100", 0).radius_m
    assert postcode_position("2200", 0).radius_m < postcode_position("6990", 0).radius_m
