"""Boundaries in LoST answers: one piece that holds the place and lies in its district."""

import pytest
import shapely

from tests.location.test_lost import FIND, GML, LOST, ask, changed, error_of
from vagtcentral.location import lost_directory
from vagtcentral.location.atlas import Atlas, read_geojson
from vagtcentral.location.ground import shape_in_metres
from vagtcentral.location.lost_directory import Boundaries, police_directory
from vagtcentral.location.position import Position
from vagtcentral.location.territory import DATA


def test_a_boundary_by_value_holds_the_place_and_lies_in_the_district():
    root = changed('"reference"', '"value"')
    (boundary,) = root.iter(f"{LOST}serviceBoundary")
    (outer,) = boundary.iter(f"{GML}exterior")
    corners = [tuple(map(float, pos.text.split())) for pos in outer.iter(f"{GML}pos")]
    assert corners[0] == corners[-1]
    drawn = shapely.Polygon([(east, north) for north, east in corners])
    assert drawn.contains(shapely.Point(12.56834, 55.6761))
    at_the_corners = [Atlas.built_in().locate(Position(*corner)).district.code for corner in corners]
    assert set(at_the_corners) == {"1470"}


@pytest.mark.parametrize(
    "place", ["55.67610 12.56834", "55.7000 12.5790", "56.15 10.21", "57.05 9.92", "55.10 14.80"]
)
def test_a_boundary_by_reference_can_be_fetched(place):
    reference = next(changed("55.67610 12.56834", place).iter(f"{LOST}serviceBoundaryReference"))
    fetched = ask(f'<getServiceBoundary xmlns="{LOST[1:-1]}" key="{reference.get("key")}"/>')
    assert fetched.tag == f"{LOST}getServiceBoundaryResponse"
    by_value = ask(FIND.replace('"reference"', '"value"').replace("55.67610 12.56834", place))
    assert [pos.text for pos in fetched.iter(f"{GML}pos")] == [pos.text for pos in by_value.iter(f"{GML}pos")]


def test_without_boundaries_there_are_none():
    root = ask(FIND, police_directory(Atlas.built_in()))
    assert not list(root.iter(f"{LOST}serviceBoundaryReference"))
    assert error_of(ask(f'<getServiceBoundary xmlns="{LOST[1:-1]}" key="1470.0.whole.x"/>')) == "notFound"


def drawn(boundary):
    rings = [[(east, north) for north, east in ring] for ring in boundary.rings]
    return shapely.Polygon(rings[0], rings[1:])


@pytest.mark.parametrize("district", sorted(Atlas.built_in().territory.districts))
def test_the_piece_with_few_corners_lies_a_hundred_metres_inside_its_district(district):
    boundaries, inside = Boundaries.built_in(), 0
    number = 0
    mark = boundaries.around("1470", 55.6761, 12.56834).key.rpartition(".")[2]
    while (whole := boundaries.by_key(f"{district}.{number}.whole.{mark}")) is not None:
        short = boundaries.by_key(f"{district}.{number}.inside.{mark}")
        if short is not None:
            inside += 1
            assert drawn(whole).buffer(1e-5).contains(drawn(short))
            borders = [shape_in_metres(drawn(one)).boundary for one in (short, whole)]
            assert shapely.distance(*borders) >= 100
            assert sum(map(len, short.rings)) < sum(map(len, whole.rings))
        number += 1
    assert inside >= 1


@pytest.mark.parametrize("key", ["", "1470", "1470.0.whole", "1470.0.whole.0", "99.0.whole.x"])
def test_a_key_of_other_geometry_is_unknown(key):
    assert Boundaries.built_in().by_key(key) is None


def test_a_boundary_that_is_drawn_otherwise_has_another_key(monkeypatch):
    boundaries, place = Boundaries.built_in(), ("1470", 55.6761, 12.56834)
    monkeypatch.setattr(lost_directory, "SIMPLER_DEGREES", 0.0012)
    other = Boundaries(*read_geojson((DATA / "municipalities.geojson").read_bytes()), Atlas.built_in())
    assert other.around(*place).key != boundaries.around(*place).key


def test_a_place_in_another_district_has_no_boundary():
    assert Boundaries.built_in().around("1471", 55.6761, 12.56834) is None
