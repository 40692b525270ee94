"""Shapes, and the position that stands for each."""

from dataclasses import replace
from math import inf, nan

import pyproj
import pytest
import shapely
from hypothesis import given

from tests.location.shape_strategies import areas, shapes
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import outline, position_of, shape_of
from vagtcentral.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Pdf,
    Point,
    Polygon,
    Prism,
    Sphere,
)

TOWN = (55.6761, 12.5683)
SQUARE = ((55.0, 12.0), (55.0, 12.1), (55.1, 12.1), (55.1, 12.0))


def apart(one, other):
    return pyproj.Geod(ellps="WGS84").inv(one[1], one[0], other[1], other[0])[2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Point(91, 12),
        lambda: Point(55, 181),
        lambda: Point(nan, 12),
        lambda: Point(55, inf),
        lambda: Point(55, 12, nan),
        lambda: Circle(*TOWN, -1),
        lambda: Circle(*TOWN, inf),
        lambda: Circle(*TOWN, 10, 0.0),
        lambda: Circle(*TOWN, 10, 1.0),
        lambda: Ellipse(*TOWN, 10, 20, 0),
        lambda: Ellipse(*TOWN, 20, 10, 180),
        lambda: Ellipse(*TOWN, 20, 10, nan),
        lambda: ArcBand(*TOWN, 20, 20, 0, 120),
        lambda: ArcBand(*TOWN, 10, 20, 360, 120),
        lambda: ArcBand(*TOWN, 10, 20, 0, 0),
        lambda: Polygon(SQUARE[:2]),
        lambda: Polygon((*SQUARE, SQUARE[0])),
        lambda: Sphere(*TOWN, inf, 10),
        lambda: Ellipsoid(*TOWN, 0, 20, 10, -1, 0),
        lambda: Prism(SQUARE, 0, nan),
    ],
)
def test_impossible_values_make_no_shape(make):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        make()


def test_a_point_has_no_radius_and_no_confidence():
    assert position_of(Point(*TOWN, 30.0), 7) == Position(*TOWN, None, None, 7, Source.SIP)


def test_a_circle_is_a_position_as_it_is_and_a_radius_of_0_is_unknown():
    assert position_of(Circle(*TOWN, 14, 0.68)) == Position(*TOWN, 14, 0.68, None, Source.SIP)
    assert position_of(Circle(*TOWN, 0, 0.68)) == Position(*TOWN, None, None, None, Source.SIP)


def test_an_ellipse_counts_with_its_larger_axis():
    position = position_of(Ellipse(*TOWN, 100, 20, 45, 0.95))
    assert (position.latitude, position.longitude, position.radius_m, position.confidence) == (
        *TOWN,
        100,
        0.95,
    )
    east, north = position.shape["coordinates"][0][0]
    assert apart(TOWN, (north, east)) == pytest.approx(100)
    assert north > TOWN[0]
    assert east > TOWN[1]


@pytest.mark.parametrize("shape", [Sphere(*TOWN, 9, 50, 0.95), Ellipsoid(*TOWN, 9, 50, 20, 5, 0, 0.95)])
def test_three_dimensions_become_two_and_the_confidence_rises(shape):
    position = position_of(shape)
    assert position.radius_m == 50
    assert position.confidence == pytest.approx(0.966, abs=5e-4)


def test_an_arc_band_counts_with_its_centroid_and_not_with_its_mast():
    band = ArcBand(*TOWN, 3594, 4148, 270, 120, 0.95)
    position = position_of(band)
    assert 3000 < apart(TOWN, (position.latitude, position.longitude)) < 3594
    assert position.latitude > TOWN[0], "the bisector points to 330 degrees"
    drawn = shapely.Polygon([(east, north) for north, east in outline(band)])
    assert drawn.centroid.y == pytest.approx(position.latitude, abs=1e-4)
    assert drawn.centroid.x == pytest.approx(position.longitude, abs=2e-4)


def test_a_full_ring_counts_with_its_mast_and_is_drawn_with_its_hole():
    position = position_of(ArcBand(*TOWN, 500, 1000, 0, 360, 0.95))
    assert apart(TOWN, (position.latitude, position.longitude)) < 1e-3
    assert position.radius_m == pytest.approx(1000)
    assert len(position.shape["coordinates"]) == 2
    assert not shapely.from_geojson(str(position.shape).replace("'", '"')).contains(
        shapely.Point(*TOWN[::-1])
    )


def test_a_polygon_counts_with_the_centroid_of_its_area():
    with_extra_corners = (*SQUARE, (55.05, 12.0), (55.04, 12.0), (55.03, 12.0))
    position = position_of(Polygon(with_extra_corners, None, 0.9))
    assert (position.latitude, position.longitude) == pytest.approx((55.05, 12.05), abs=2e-4)
    assert position.radius_m == pytest.approx(
        max(apart((55.05, 12.05), corner) for corner in SQUARE), rel=2e-3
    )


def test_a_polygon_that_crosses_itself_counts_with_the_middle_of_both_halves():
    """Their signed areas nearly cancel each other out, which once put the middle far outside."""
    crossed = Polygon(((55.68, 12.56), (55.67, 12.57), (55.67, 12.56), (55.68, 12.57)), None, 0.9)
    position = position_of(crossed)
    assert (position.latitude, position.longitude) == pytest.approx((55.675, 12.565), abs=1e-4)
    assert position.radius_m == pytest.approx(apart((55.675, 12.565), (55.68, 12.57)), rel=0.01)


def test_a_polygon_without_area_is_no_shape_on_the_ground():
    line = Polygon(((55.0, 12.0), (55.1, 12.0), (55.2, 12.0)), None, 0.9)
    position = position_of(line)
    assert position.shape is None
    assert position.radius_m == pytest.approx(11_130, rel=0.01)


@given(areas)
def test_the_circle_of_a_position_holds_every_corner_of_its_shape(shape):
    position = position_of(shape)
    centre = (position.latitude, position.longitude)
    farthest = max(apart(centre, corner) for corner in outline(shape))
    assert farthest <= position.radius_m * 1.001 + 0.01


@given(shapes)
def test_a_shape_survives_being_a_position(shape):
    position = position_of(shape)
    if isinstance(shape, Point):
        assert shape_of(position) == replace(shape, altitude=None)
    elif isinstance(shape, Circle) or position.shape is not None:
        assert shape_of(position) == shape


def test_the_source_tells_the_distribution_of_a_circle():
    assert shape_of(Position(*TOWN, 9, 0.68, None, Source.GNSS)).pdf is Pdf.NORMAL
    assert shape_of(Position(*TOWN, 900, 0.9, None, Source.CELL)).pdf is Pdf.RECTANGULAR
    assert shape_of(Position(*TOWN, 90, 0.68, None, Source.WIFI)).pdf is Pdf.UNKNOWN


def test_any_geojson_polygon_is_a_polygon_and_rubbish_is_a_circle():
    ring = [[east, north] for north, east in (*SQUARE, SQUARE[0])]
    drawn = {"type": "Polygon", "coordinates": [ring]}
    assert shape_of(Position(*TOWN, 9, shape=drawn)) == Polygon(SQUARE)
    for rubbish in ({}, {"type": "Polygon"}, {"figure": {"name": "Ellipse"}}, {"figure": 7}):
        assert shape_of(Position(*TOWN, 9, shape=rubbish)) == Circle(*TOWN, 9)
