"""The switch's words for a position in the signalling."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.geoloc import geoloc_position, read_geoloc
from vagtcentral.location.position import Position, Source

AT = 1_700_000_000_000
CIRCLE = 'shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"'


def place(radius=None, confidence=None):
    return Position(55.6761, 12.5683, radius, confidence, AT, Source.SIP)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CIRCLE, place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal",value="68"', place(30.0, 0.68)),
        (CIRCLE + '\npdf="unknown",value="95"', place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal"', place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal",value="unknown"', place(30.0)),
        (CIRCLE + ',pdf="normal",value="100"', place(30.0)),
        (CIRCLE + ',pdf="normal",value="0"', place(30.0)),
        (CIRCLE.replace("2d", "unknown"), place(30.0, 0.95)),
        ('shape=Circle, crs=2d, pos="55.6761 12.5683", radius=30', place(30.0, 0.95)),
        ("shape=Circle,pos=55.6761 12.5683,radius=30", place(30.0, 0.95)),
        (CIRCLE.replace("55.6761 12.5683", "\n  55.6761\n  12.5683 "), place(30.0, 0.95)),
        (CIRCLE.replace("55.6761 12.5683", "55.6761, 12.5683"), place(30.0, 0.95)),
        (CIRCLE.replace("Circle", "circle"), place(30.0, 0.95)),
        ('shape="Point",crs="2d",pos="55.6761 12.5683"', place()),
        ('shape="Point",crs="3d",pos="55.6761 12.5683 12.0"', place()),
        ('shape="Point",pos="55.6761 12.5683",radius="30",value="66"', place()),
        ('shape="Sphere",crs="3d",pos="55.6761 12.5683 26.3",radius="850.24"', place(850.24, 0.95)),
        (
            'shape="Ellipse",crs="2d",pos="55.6761 12.5683",semiMajorAxis="50",semiMinorAxis="20",'
            'orientation="43.2"',
            place(50.0, 0.95),
        ),
        (
            'shape="Ellipse",crs="2d",pos="55.6761 12.5683",semiMajorAxis="20",semiMinorAxis="50",'
            'orientation="0"',
            place(50.0, 0.95),
        ),
        (
            'shape="Ellipsoid",crs="3d",pos="55.6761 12.5683 1",semiMajorAxis="7.7156",semiMinorAxis="3.31",'
            'verticalAxis="28.7",orientation="90"',
            place(7.7156, 0.95),
        ),
        (CIRCLE.replace("30", "0"), place()),
        (CIRCLE.replace("30", "-5"), place()),
        (CIRCLE.replace("30", "NaN"), place()),
        (CIRCLE.replace(',radius="30"', ""), place()),
    ],
)
def test_a_shape_becomes_a_circle(text, expected):
    assert geoloc_position(text, AT) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "geoloc-empty"),
        ("  \n", "geoloc-empty"),
        ("garbage", "geoloc-unreadable"),
        ('pos="55.6761 12.5683"', "geoloc-unreadable"),
        ('URI="https://lis.example.dk/abc"', "geoloc-by-reference"),
        ('shape="Polygon",crs="2d",pos="55 12",pos="56 12",pos="56 13",pos="55 12"', "geoloc-shape-unknown"),
        ('shape="ArcBand",crs="2d",pos="55 12",innerRadius="1"', "geoloc-shape-unknown"),
        (CIRCLE.replace("55.6761 12.5683", "55.6761"), "geoloc-unreadable"),
        (CIRCLE.replace("55.6761 12.5683", "55.6761 12.5683 1 2"), "geoloc-unreadable"),
        (CIRCLE.replace("55.6761", "nan"), "geoloc-unreadable"),
        (CIRCLE.replace("55.6761", "1e1"), "geoloc-unreadable"),
        (CIRCLE.replace("55.6761", "95.6761"), "geoloc-out-of-range"),
        (CIRCLE.replace("12.5683", "-512.5683"), "geoloc-out-of-range"),
        (CIRCLE.replace("30", "1000001"), "geoloc-out-of-range"),
        ('shape="Circle', "geoloc-shape-unknown"),
    ],
)
def test_what_is_no_usable_place_has_a_reason(text, reason):
    answer = read_geoloc(text, AT)
    assert (answer.position, answer.reason) == (None, reason)


@given(
    st.lists(
        st.sampled_from(
            [
                "shape",
                "pos",
                "radius",
                "value",
                "=",
                '"',
                ",",
                " ",
                "Circle",
                "55.6 12.5",
                "9" * 400,
                "nan",
                "inf",
                "\0",
            ]
        )
        | st.text(max_size=8),
        max_size=30,
    ).map("".join)
)
def test_any_text_is_read(text):
    answer = read_geoloc(text, AT)
    assert (answer.position is None) == (answer.reason is not None)
    if answer.position is not None:
        assert answer.position.radius_m is None or 0 < answer.position.radius_m <= 1_000_000


def test_a_very_long_text_takes_no_time():
    began = time.perf_counter()
    for text in ("a" * 200_000, 'a="' * 70_000, "a =" * 70_000, "a" + " " * 200_000):
        assert read_geoloc(text, AT).position is None
    assert time.perf_counter() - began < 0.5
