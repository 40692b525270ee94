"""3GPP TS 23.032: area descriptions both ways."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.location.shape_strategies import (
    arc_bands,
    circles,
    ellipses,
    ellipsoids,
    latitudes,
    longitudes,
    points,
    polygons,
)
from vagtcentral.location.gad import GadRefused, decode_gad, encode_gad, radius_of_code
from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Ellipsoid, Point, Polygon, Prism, Sphere

#: Size of a coordinate's step in degrees.
NORTH, EAST = 90 / 2**23, 360 / 2**24

K_TABLE = {0: 0, 1: 1.0, 5: 6.1, 10: 15.9, 15: 31.8, 20: 57.3, 25: 98.3, 26: 109.2, 30: 164.5, 40: 442.6,
           50: 1163.9, 60: 3034.8, 80: 20_474, 127: 1_806_628}  # fmt: skip


def test_vector_g1_of_osmocom_decodes_and_encodes():
    octets = bytes.fromhex("1020b60c1dddde28")
    circle = decode_gad(octets)
    assert isinstance(circle, Circle)
    assert circle.latitude == pytest.approx(23.000006, abs=1e-6)
    assert circle.longitude == pytest.approx(42.000002, abs=1e-6)
    assert circle.radius == pytest.approx(442.592, abs=1e-3)
    assert circle.confidence is None
    assert encode_gad(circle) == octets


def test_vector_g1_of_copenhagen_encodes():
    assert encode_gad(Circle(55.676098, 12.568337, 109.0)) == bytes.fromhex("104f2f0c08effe1a")


@pytest.mark.parametrize(("code", "metres"), K_TABLE.items())
def test_uncertainty_codes(code, metres):
    assert radius_of_code(code) == pytest.approx(metres, abs=1 if metres > 10_000 else 0.06)


def test_altitude_uncertainty_ends_at_990_m():
    assert radius_of_code(127, 45.0, 0.025) == pytest.approx(990, abs=1)


@pytest.mark.parametrize(
    ("octets", "shape"),
    [
        ("00a0b60cdddde2", Point(-23.000006, -48.0)),
        ("8020b60c1dddde800a", Point(23.000006, 42.000002, -10.0)),
        ("3020b60c1dddde2814 2d 44", Ellipse(23.000006, 42.000002, 442.59, 57.27, 90, 0.68)),
        ("9020b60c1dddde0064 28 14 2d 0a 5f", Ellipsoid(23.0, 42.0, 100, 442.59, 57.27, 12.6, 90, 0.95)),
        ("a020b60c1dddde 02ce 32 1e 3b 5f", ArcBand(23.0, 42.0, 3590, 3590 + 1163.9, 60, 120, 0.95)),
        (
            "53 20b60c1dddde 20b70c1dddde 20b70c1ddede",
            Polygon(((23.0, 42.0), (23.003, 42.0), (23.003, 42.006))),
        ),
    ],
)
def test_each_type_decodes_and_encodes_back(octets, shape):
    raw = bytes.fromhex(octets)
    decoded = decode_gad(raw)
    assert type(decoded) is type(shape)
    for name in shape.__dataclass_fields__:
        if name == "corners":
            assert [value for corner in decoded.corners for value in corner] == pytest.approx(
                [value for corner in shape.corners for value in corner], abs=1e-3
            )
        elif isinstance(getattr(shape, name), int | float):
            assert getattr(decoded, name) == pytest.approx(getattr(shape, name), rel=1e-3), name
        else:
            assert getattr(decoded, name) == getattr(shape, name), name
    assert encode_gad(decoded) == raw


@pytest.mark.parametrize("code", [0, 100, 101, 127])
def test_confidence_that_says_nothing_is_unknown(code):
    octets = bytes.fromhex("3020b60c1dddde28142d") + bytes([code])
    assert decode_gad(octets).confidence is None


def test_west_of_greenwich_keeps_its_sign():
    assert decode_gad(encode_gad(Point(55.86, -4.25))).longitude == pytest.approx(-4.25, abs=EAST)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("", "no octets"),
        ("10", "8 octets, not 1"),
        ("1020b60c1dddde2800", "8 octets, not 9"),
        ("0120b60c1dddde28", "7 octets, not 8"),
        ("b020b60c1dddde28", "13 octets, not 8"),
        ("d020b60c1dddde28", "shape type 13 is none of"),
        ("5220b60c1dddde20b70c1dddde", "three different corners"),
        ("50", "three different corners"),
        ("a020b60c1dddde02ce32b43b5f", "angle codes 180"),
        ("a020b60c1dddde02ce001e3b5f", "inner radius"),
    ],
)
def test_damaged_octets_are_refused_in_one_line(octets, reason):
    with pytest.raises(GadRefused, match=reason):
        decode_gad(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "shape",
    [
        Prism(((55.0, 12.0), (55.0, 12.1), (55.1, 12.1)), 0.0, 3.0),
        Polygon(tuple((55 + n / 100, 12.0 + n % 2) for n in range(16))),
        Polygon(((55.0, 12.0), (55.0, 12.1), (55.1, 12.1)), 3.0),
        Circle(55, 12, 2_000_000),
        Ellipsoid(55, 12, 0, 9, 9, 1000, 0),
        Point(55, 12, 40_000.0),
        ArcBand(55, 12, 400_000, 500_000, 0, 120),
    ],
)
def test_what_the_format_cannot_say_is_refused(shape):
    with pytest.raises(GadRefused):
        encode_gad(shape)


def check_place(decoded, shape):
    assert 0 <= shape.latitude - decoded.latitude < NORTH + 1e-9
    assert 0 <= shape.longitude - decoded.longitude < EAST + 1e-9


def grown(decoded, original):
    """A length never shrinks, and grows by at most one step."""
    return original * (1 - 1e-9) - 1e-6 <= decoded <= original * 1.1 + 1.01


@given(circles)
def test_circles_round_trip_within_a_step(circle):
    decoded = decode_gad(encode_gad(circle))
    check_place(decoded, circle)
    assert grown(decoded.radius, circle.radius)


@given(points)
def test_points_round_trip_within_a_step(point):
    decoded = decode_gad(encode_gad(point))
    check_place(decoded, point)
    if point.altitude is not None:
        assert abs(point.altitude - decoded.altitude) < 1 + 1e-5


def drawn(ellipse):
    """Points on an ellipse, in metres east and north of its centre."""
    turn = math.radians(ellipse.orientation)
    for nth in range(72):
        along = ellipse.semi_major * math.cos(nth * math.tau / 72)
        across = ellipse.semi_minor * math.sin(nth * math.tau / 72)
        yield (
            along * math.sin(turn) + across * math.cos(turn),
            along * math.cos(turn) - across * math.sin(turn),
        )


def check_held(decoded, ellipse):
    """The decoded ellipse holds the one given, is turned by a degree at the most, and not much larger."""
    turn = math.radians(decoded.orientation)
    for east, north in drawn(ellipse):
        along = east * math.sin(turn) + north * math.cos(turn)
        across = east * math.cos(turn) - north * math.sin(turn)
        within = 1 + 1e-6
        if decoded.semi_minor and decoded.semi_major:
            assert (along / decoded.semi_major) ** 2 + (across / decoded.semi_minor) ** 2 <= within
    off = (ellipse.orientation - decoded.orientation + 90) % 180 - 90
    if decoded.semi_major > decoded.semi_minor:
        assert abs(off) <= 1 + 1e-6
    broad = max(ellipse.semi_minor, ellipse.semi_major * math.sin(math.radians(1)))
    assert decoded.semi_major <= ellipse.semi_major * 1.5 + 5
    assert decoded.semi_minor <= broad * 4 + 5


@given(ellipses())
def test_ellipses_round_trip_and_never_shrink(ellipse):
    decoded = decode_gad(encode_gad(ellipse))
    check_place(decoded, ellipse)
    check_held(decoded, ellipse)
    assert decoded.confidence == ellipse.confidence


def test_an_ellipse_that_rounding_turns_grows_until_it_holds_the_one_given():
    thin = Ellipse(55.0, 12.0, 442.0, 20.0, 46.9, 0.9)
    decoded = decode_gad(encode_gad(thin))
    assert decoded.orientation == 46
    check_held(decoded, thin)
    with pytest.raises(AssertionError):  # its axes rounded up alone are not enough
        check_held(Ellipse(55.0, 12.0, 442.6, 21.4, 46.0), thin)


#: Lengths that types 11 and 12 hold.
SMALL = st.floats(0.05, 30)


@given(latitudes, longitudes, SMALL, SMALL, st.floats(0, 179.9), st.none() | st.integers(1, 99))
def test_ellipses_with_high_accuracy_round_trip_and_never_shrink(north, east, one, other, turn, percent):
    confidence = None if percent is None else percent / 100
    ellipse = Ellipse(north, east, max(one, other), min(one, other), turn, confidence)
    octets = encode_gad(ellipse, high_accuracy=True)
    decoded = decode_gad(octets)
    assert (octets[0] >> 4, len(octets)) == (11, 13)
    assert 0 <= north - decoded.latitude < 90 / 2**31 + 1e-12
    assert 0 <= east - decoded.longitude < 180 / 2**31 + 1e-12
    check_held(decoded, ellipse)
    assert decoded.confidence == confidence


@given(latitudes, longitudes, st.floats(-400, 9_000), SMALL, SMALL, SMALL, st.none() | st.floats(0.1, 0.99))
def test_ellipsoids_with_high_accuracy_round_trip_and_never_shrink(
    north, east, altitude, one, other, vertical, confidence
):
    axes = max(one, other), min(one, other), vertical
    body = Ellipsoid(north, east, altitude, *axes, 30.0, confidence)
    octets = encode_gad(body, high_accuracy=True)
    decoded = decode_gad(octets)
    assert (octets[0] >> 4, len(octets)) == (12, 18)
    assert -1e-6 <= altitude - decoded.altitude < 1 / 128 + 1e-6
    assert vertical * (1 - 1e-9) <= decoded.vertical <= vertical * 1.02 + 0.01
    check_held(decoded, body)
    if confidence is None:
        assert decoded.confidence is None
    else:
        assert confidence - 0.03 <= decoded.confidence <= confidence + 1e-9


def test_high_accuracy_codes_end_at_46_m_and_say_more_of_a_circle():
    assert radius_of_code(255, 0.3, 0.02) == pytest.approx(46.5, abs=0.05)
    decoded = decode_gad(encode_gad(Circle(55.676098, 12.568337, 5.0, 0.9), high_accuracy=True))
    assert isinstance(decoded, Ellipse)
    assert decoded.latitude == pytest.approx(55.676098, abs=1e-7)
    assert 5.0 <= decoded.semi_major <= 5.11
    assert decoded.confidence == 0.9
    sphere = decode_gad(encode_gad(Sphere(-55.0, -12.0, -3.5, 4.0), high_accuracy=True))
    assert (sphere.latitude, sphere.altitude) == (pytest.approx(-55, abs=1e-7), -3.5)
    for wrong in (Circle(55, 12, 50.0), Point(55, 12), Ellipsoid(55, 12, 20_000, 1, 1, 1, 0)):
        with pytest.raises(GadRefused):
            encode_gad(wrong, high_accuracy=True)


def test_the_confidence_of_circles_and_polygons_is_lost():
    corners = ((55.0, 12.0), (55.0, 12.1), (55.1, 12.1))
    for shape in (Circle(55, 12, 100.0, 0.9), Polygon(corners, None, 0.9)):
        assert decode_gad(encode_gad(shape)).confidence is None


@given(ellipsoids())
def test_ellipsoids_round_trip_within_a_step(body):
    decoded = decode_gad(encode_gad(body))
    check_place(decoded, body)
    check_held(decoded, body)
    assert body.vertical - 1e-6 <= decoded.vertical <= body.vertical * 1.025 + 1.2
    assert abs(body.altitude - decoded.altitude) < 1 + 1e-5
    assert decoded.confidence == body.confidence


def apart(polygon):
    """Whether no two corners fall into one step: rounding would make them one."""
    places = {(math.floor(n / NORTH), math.floor(e / EAST)) for n, e in polygon.corners}
    return len(places) == len(polygon.corners)


@given(polygons.filter(apart))
def test_polygons_round_trip_within_a_step(polygon):
    flat = Polygon(polygon.corners)
    decoded = decode_gad(encode_gad(flat))
    assert len(decoded.corners) == len(flat.corners)
    for (north, east), corner in zip(decoded.corners, flat.corners, strict=True):
        assert 0 <= corner[0] - north < NORTH + 1e-9
        assert 0 <= corner[1] - east < EAST + 1e-9


@given(arc_bands().filter(lambda band: band.inner_radius < 300_000))
def test_arcs_round_trip_and_never_shrink(band):
    decoded = decode_gad(encode_gad(band))
    check_place(decoded, band)
    assert 0 <= band.inner_radius - decoded.inner_radius < 5 + 1e-6
    assert band.outer_radius - 1e-3 <= decoded.outer_radius
    assert decoded.outer_radius <= band.outer_radius + (band.outer_radius - decoded.inner_radius) * 0.1 + 1.01
    assert 0 <= band.start_angle - decoded.start_angle < 2 + 1e-6
    end, decoded_end = band.start_angle + band.opening_angle, decoded.start_angle + decoded.opening_angle
    assert decoded.opening_angle == 360 or end - 1e-6 <= decoded_end < end + 2 + 1e-6


@given(latitudes, longitudes)
def test_what_was_decoded_encodes_to_the_same_octets(latitude, longitude):
    octets = encode_gad(Point(latitude, longitude))
    assert encode_gad(decode_gad(octets)) == octets


@given(st.binary(max_size=100))
def test_any_octets_give_a_shape_or_a_refusal(octets):
    reason = ""
    try:
        decode_gad(octets)
    except GadRefused as refusal:
        reason = str(refusal)
    assert "\n" not in reason


def test_a_sphere_is_written_as_an_ellipsoid():
    decoded = decode_gad(encode_gad(Sphere(55.0, 12.0, 20.0, 100.0, 0.9)))
    assert isinstance(decoded, Ellipsoid)
    assert decoded.semi_major == decoded.semi_minor >= 100
