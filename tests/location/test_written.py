"""Positions written as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.position import Position
from vagtcentral.location.written import written_position, written_rows


def test_rows_with_and_without_a_header_are_read():
    plain = ["a,55.5,12.5,20,0.68\n", "\n", "b, 56 ,10\n"]
    expected = [("a", Position(55.5, 12.5, 20, 0.68)), ("b", Position(56, 10))]
    assert list(written_rows(plain)) == expected
    assert list(written_rows(["id,latitude,longitude,radius_m,confidence\n", *plain])) == expected
    assert list(written_rows(["longitude,latitude,id\n", "12.5,55.5,a\n"])) == [("a", Position(55.5, 12.5))]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("x,91,12", "line 2: latitude '91' is not degrees from -90 to 90"),
        ("x,55,nan", "line 2: longitude 'nan' is not degrees from -180 to 180"),
        ("x,12.5,55.6", "line 2: latitude '12.5', longitude '55.6' would be in Denmark if exchanged"),
        ("x,55", "line 2: 2 fields seen, 3 to 5 allowed"),
        ("x,55,12,-1", "line 2: radius_m '-1' is not metres"),
        ("x,55,12,5,68", "line 2: confidence '68' is not a number between 0 and 1"),
        ("x,55,12,,0.9", "line 2: confidence: needs radius_m"),
        ('x,"55,5",12', "line 2: latitude '55,5' is not degrees"),
        ('x,"55', "line 2: unexpected end of data"),
    ],
)
def test_bad_row_is_refused_with_its_line(row, complaint):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        list(written_rows(["a,55,12\n", row + "\n"]))
    assert str(caught.value).startswith(complaint)


def test_header_with_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="the header is"):
        list(written_rows(["id,latitude,longitude,altitude\n"]))


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=9), st.text(max_size=9))
def test_text_is_a_position_or_refused_in_one_line(latitude, longitude, radius, confidence):
    try:
        written_position(latitude, longitude, radius, confidence)
    except ValueError as error:
        complaint = str(error)
    else:
        return
    assert "is not" in complaint or "if exchanged" in complaint
    assert "\n" not in complaint
