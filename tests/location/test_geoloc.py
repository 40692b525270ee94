"""The switch's words for a position in the signalling."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.geoloc import read_geoloc
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import position_of, shape_of
from vagtcentral.location.shapes import ArcBand, Ellipse, Ellipsoid, Pdf, Polygon, Prism, Sphere
from vagtcentral.location.xml_oddity import XmlOddity as Odd

AT = 1_700_000_000_000
CIRCLE = 'shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"'
TOWN = (55.6761, 12.5683)


def place(radius=None, confidence=None, pdf=Pdf.UNKNOWN):
    return Position(55.6761, 12.5683, radius, confidence, AT, Source.SIP, None, pdf)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CIRCLE, place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal",value="68"', place(30.0, 0.68, Pdf.NORMAL)),
        (CIRCLE + '\npdf="unknown",value="95"', place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal"', place(30.0, 0.95)),
        (CIRCLE + ',pdf="normal",value="unknown"', place(30.0, None, Pdf.NORMAL)),
        (CIRCLE + ',pdf="normal",value="100"', place(30.0, None, Pdf.NORMAL)),
        (CIRCLE + ',pdf="normal",value="0"', place(30.0, None, Pdf.NORMAL)),
        (CIRCLE.replace("2d", "unknown"), place(30.0, 0.95)),
        ('shape=Circle, crs=2d, pos="55.6761 12.5683", radius=30', place(30.0, 0.95)),
        ("shape=Circle,pos=55.6761 12.5683,radius=30", place(30.0, 0.95)),
        (CIRCLE.replace("55.6761 12.5683", "\n  55.6761\n  12.5683 "), place(30.0, 0.95)),
        (CIRCLE.replace("55.6761 12.5683", "55.6761, 12.5683"), place(30.0, 0.95)),
        (CIRCLE.replace("Circle", "circle"), place(30.0, 0.95)),
        ('shape="Point",crs="2d",pos="55.6761 12.5683"', place()),
        ('shape="Point",crs="3d",pos="55.6761 12.5683 12.0"', place()),
        ('shape="Point",pos="55.6761 12.5683",radius="30",value="66"', place()),
        (CIRCLE.replace("30", "0"), place()),
        (CIRCLE.replace("30", "-5"), place()),
        (CIRCLE.replace("30", "NaN"), place()),
        (CIRCLE.replace(',radius="30"', ""), place()),
    ],
)
def test_a_circle_or_a_point_is_a_position(text, expected):
    assert read_geoloc(text, AT).position == expected


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (
            'shape="Sphere",crs="3d",pos="55.6761 12.5683 26.3",radius="850.24"',
            Sphere(*TOWN, 26.3, 850.24, 0.95),
        ),
        (
            'shape="Ellipse",crs="2d",pos="55.6761 12.5683",semiMajorAxis="50",semiMinorAxis="20",'
            'orientation="43.2 degrees"',
            Ellipse(*TOWN, 50.0, 20.0, 43.2, 0.95),
        ),
        (
            'shape="Ellipse",crs="2d",pos="55.6761 12.5683",semiMajorAxis="20",semiMinorAxis="50",'
            'orientation="10"',
            Ellipse(*TOWN, 50.0, 20.0, 100.0, 0.95),
        ),
        (
            'shape="Ellipsoid",crs="3d",pos="55.6761 12.5683 1",semiMajorAxis="7.7156",semiMinorAxis="3.31",'
            'verticalAxis="28.7",orientation="90 degrees"',
            Ellipsoid(*TOWN, 1.0, 7.7156, 3.31, 28.7, 90.0, 0.95),
        ),
        (
            'shape="ArcBand",crs="2d",pos="55.6761 12.5683",innerRadius="3594",outerRadius="4148",'
            'startAngle="20 degrees",openingAngle="120 degrees",pdf="rectangular",value="80"',
            ArcBand(*TOWN, 3594.0, 4148.0, 20.0, 120.0, 0.8, Pdf.RECTANGULAR),
        ),
        (
            'shape="Polygon",crs="2d",pos="55 12",pos="55 12.1",pos="55.1 12.1",pos="55 12"',
            Polygon(((55.0, 12.0), (55.0, 12.1), (55.1, 12.1)), None, 0.95),
        ),
        (
            'shape="Prism",crs="3d",pos="55 12 3",pos="55 12.1 3",pos="55.1 12.1 3",pos="55 12 3",'
            'height="2.4"',
            Prism(((55.0, 12.0), (55.0, 12.1), (55.1, 12.1)), 3.0, 2.4, 0.95),
        ),
    ],
)
def test_every_other_shape_is_the_same_as_in_the_document_that_the_switch_read(text, shape):
    position = read_geoloc(text, AT).position
    assert position == position_of(shape, AT, Source.SIP)
    assert shape_of(position) == shape


@pytest.mark.parametrize(
    ("angle", "turn", "odd"),
    [
        ("1.5707963267948966 radians", 90.0, False),
        ("90 degrees", 90.0, False),
        ("90", 90.0, False),
        ("90 radians", 90.0, True),  # Asterisk before 22.8.0, of a document that says degrees
    ],
)
def test_angles_come_with_their_unit_and_more_than_a_turn_of_radians_is_degrees(angle, turn, odd):
    text = 'shape="Ellipse",crs="2d",pos="55.6761 12.5683",semiMajorAxis="50",semiMinorAxis="20",'
    answer = read_geoloc(f'{text}orientation="{angle}"', AT)
    assert shape_of(answer.position).orientation == pytest.approx(turn)
    assert (Odd.WRONG_UNIT in answer.anomalies) == odd


def test_what_is_odd_is_named_as_in_a_document():
    assert read_geoloc(CIRCLE + ',pdf="normal",value="68"', AT).anomalies == ()
    odd = read_geoloc('shape="Circle",crs="unknown",pos="55.6761, 12.5683",radius="0"', AT).anomalies
    assert set(odd) == {Odd.CRS_MISSING, Odd.COMMA_SEPARATED, Odd.RADIUS_UNKNOWN}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "geoloc-empty"),
        ("  \n", "geoloc-empty"),
        ("garbage", "geoloc-unreadable"),
        ('pos="55.6761 12.5683"', "geoloc-unreadable"),
        ('URI="https://lis.example.dk/abc"', "geoloc-by-reference"),
        ('shape="Banana",crs="2d",pos="55 12"', "geoloc-unknown-shape"),
        ('shape="Circle', "geoloc-unknown-shape"),
        ('shape="ArcBand",crs="2d",pos="55 12",innerRadius="1"', "geoloc-bad-length"),
        (
            'shape="Ellipse",crs="2d",pos="55 12",semiMajorAxis="5",semiMinorAxis="2",orientation="north"',
            "geoloc-bad-angle",
        ),
        ('shape="Polygon",crs="2d",pos="55 12",pos="56 12",pos="55 12"', "geoloc-bad-coordinate"),
        ('shape="Circle",crs="2d",radius="30"', "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761 12.5683", "55.6761"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761 12.5683", "55.6761 12.5683 1 2"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761", "nan"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761", "inf"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761", "91"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("12.5683", "-512.5683"), "geoloc-bad-coordinate"),
        (CIRCLE.replace("55.6761 12.5683", "12.5683 55.6761"), "geoloc-axes-swapped"),
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
        assert answer.position.radius_m is None or 0 < answer.position.radius_m < math.inf


def test_a_very_long_text_takes_no_time():
    began = time.perf_counter()
    for text in ("a" * 200_000, 'a="' * 70_000, "a =" * 70_000, "a" + " " * 200_000):
        assert read_geoloc(text, AT).position is None
    assert time.perf_counter() - began < 0.5
