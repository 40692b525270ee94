"""What maps are drawn of: coarse borders, views, names of places that do not lie over each other."""

from itertools import combinations

import pytest
import shapely

from vagtcentral.console.pages.map_shapes import (
    NAME_HIGH,
    NAME_WIDE,
    districts,
    label_point,
    municipalities,
    reach,
    towns_around,
)
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Position

ATLAS = Atlas.built_in()
PLACES = [Position(55.658, 12.502, 9.0), Position(57.05, 9.92, 2_000.0), Position(55.1, 14.9, 400.0)]


def test_every_district_and_municipality_is_drawn_under_its_code() -> None:
    drawn = [feature["properties"]["code"] for feature in districts(ATLAS)["features"]]
    assert drawn == [str(code) for code in range(1460, 1472)]
    assert {one["properties"]["code"] for one in municipalities(ATLAS)["features"]} == set(ATLAS.codes)


@pytest.mark.parametrize("code", [str(code) for code in range(1460, 1472)])
def test_a_name_stands_inside_its_district(code: str) -> None:
    latitude, longitude = label_point(ATLAS, code)
    feature = next(one for one in districts(ATLAS)["features"] if one["properties"]["code"] == code)
    assert shapely.geometry.shape(feature["geometry"]).covers(shapely.Point(longitude, latitude))


@pytest.mark.parametrize("position", PLACES)
def test_the_view_holds_the_whole_uncertainty(position: Position) -> None:
    (south, west), (north, east) = reach(position)
    assert south < position.latitude < north
    assert west < position.longitude < east
    assert (north - south) * 111_320 > 2 * (position.radius_m or 0)


@pytest.mark.parametrize("position", PLACES)
def test_names_of_places_do_not_lie_over_each_other(position: Position) -> None:
    (south, west), (north, east) = reach(position)
    named = towns_around(position)
    assert named
    for one, other in combinations(named, 2):
        high = abs(one.latitude - other.latitude) >= NAME_HIGH * (north - south)
        assert high or abs(one.longitude - other.longitude) >= NAME_WIDE * (east - west)
