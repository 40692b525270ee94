"""Squares of the Danish grid as callers key them."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.ddkn import (
    DDKN_CONFIDENCE,
    NEAR_LAND_M,
    SIZES_M,
    danish_square,
    ddkn_digits,
    ddkn_position,
)
from vagtcentral.location.ground import shape_in_metres, to_metres
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import distance_m

ROUND_TOWER = Position(55.68135, 12.57571)
HAMMERSHUS = Position(55.27130, 14.75570)  # on Bornholm


@pytest.mark.parametrize(
    ("digits", "name", "radius"),
    [
        ("62257", "10km_622_57", 7073.0),
        ("6223576", "1km_6223_576", 707.3),
        ("622375756", "100m_62237_5756", 70.7),
    ],
)
def test_square_is_found_by_its_digits_and_by_its_published_name(digits, name, radius):
    square = ddkn_position(digits, 5)
    assert square == ddkn_position(name, 5)
    assert square.radius_m == pytest.approx(radius, rel=1e-3)
    assert (square.source, square.time, square.confidence) == (Source.KEYED, 5, DDKN_CONFIDENCE)
    assert square.shape["type"] == "Polygon"
    assert len(square.shape["coordinates"][0]) == 5


def test_square_lies_north_and_east_of_its_corner():
    square = ddkn_position("6223576", 0)
    corners = [to_metres(*corner) for corner in square.shape["coordinates"][0]]
    assert min(east for east, _ in corners) == pytest.approx(576_000, abs=0.01)
    assert min(north for _, north in corners) == pytest.approx(6_223_000, abs=0.01)
    assert max(north for _, north in corners) == pytest.approx(6_224_000, abs=0.01)


@pytest.mark.parametrize("place", [ROUND_TOWER, HAMMERSHUS])
@pytest.mark.parametrize("size", SIZES_M.values())
def test_digits_of_a_place_lead_back_to_it(place, size):
    square = ddkn_position(ddkn_digits(place, size), 0)
    assert distance_m(square, place) <= square.radius_m * 1.004
    assert ddkn_digits(square, size) == ddkn_digits(place, size)


@given(st.integers(6_040, 6_400), st.integers(440, 900))
def test_circle_holds_the_whole_square(north, east):
    square = ddkn_position(f"{north}{east}", 0)
    for longitude, latitude in square.shape["coordinates"][0]:
        assert distance_m(square, Position(latitude, longitude)) <= square.radius_m * 1.004


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "1",
        "622",
        "62235768",
        "0000000",
        "9999999",
        "6223100",
        "６２２３５７６",
        "1km_62237_5756",
        "10km_6223_576",
        "+223576",
    ],
)
def test_what_is_no_square_in_denmark_gives_nothing(digits):
    assert ddkn_position(digits, 0) is None


@pytest.mark.parametrize(
    ("digits", "near"),
    [
        ("6223576", True),
        ("61057", True),  # Fyn and the sea around it
        ("621707250", True),  # in the Sound, off Helsingør
        ("10km_603_44", False),  # the German Bight
        ("6100435", False),  # there too, 30 km from Rømø
        ("622057600", False),  # Scania
    ],
)
def test_only_squares_with_land_in_them_or_near_them_are_danish(digits, near):
    square = danish_square(digits, 5, Atlas.built_in())
    assert square == (ddkn_position(digits, 5) if near else None)


def test_a_square_is_danish_up_to_ten_kilometres_from_land():
    """West of Blåvandshuk, square by square out into the North Sea."""
    atlas = Atlas.built_in()
    coast = shapely.union_all(shape_in_metres(atlas.polygons))
    for east in range(430, 447):
        square = shapely.box(east * 1000, 6_156_000, east * 1000 + 1000, 6_157_000)
        danish = danish_square(f"6156{east}", 0, atlas) is not None
        assert danish == (square.distance(coast) <= NEAR_LAND_M)


def test_places_abroad_and_other_sizes_have_no_digits():
    assert ddkn_digits(Position(51.5, -0.1)) is None
    with pytest.raises(ValueError, match="250 m is none of 100, 1000, 10000"):
        ddkn_digits(ROUND_TOWER, 250)
