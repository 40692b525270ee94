"""How a sender says that the caller is distributed over his area, and what follows (RFC 7459, section 5)."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest
import shapely

from vagtcentral.location.aml_any import decode_any
from vagtcentral.location.area import area_in_metres, surroundings_of
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.cells_position import CELL_CONFIDENCE, cell_position
from vagtcentral.location.density import Density, density_of
from vagtcentral.location.geoloc import read_geoloc
from vagtcentral.location.ground import shape_in_metres, to_metres
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.shapes import ArcBand, Ellipse, Pdf, Polygon
from vagtcentral.location.uncertainty import (
    AS_SENT,
    RECTANGULAR,
    RFC_7459_NORMAL_2D,
    conversion,
    radius_95,
    share_inside,
)

#: On the border of Vestegnen (1469) and København (1470).
BORDER = (55.705, 12.455)


def sip(pdf: Pdf, confidence: float = 0.68, radius: float = 800) -> Position:
    words = f'shape="Circle",crs="2d",pos="{BORDER[0]} {BORDER[1]}",radius="{radius}"'
    position = read_geoloc(f'{words},pdf="{pdf}",value="{confidence * 100:g}"', 0).position
    assert position is not None
    return position


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.built_in()


def chances(atlas: Atlas, position: Position) -> dict[str, float]:
    return {one.code: one.probability for one in atlas.locate(position).districts}


# --- circles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pdf", "radius", "model", "density", "inside"),
    [
        (Pdf.NORMAL, 1320, RFC_7459_NORMAL_2D, Density.NORMAL, 1),
        (Pdf.UNKNOWN, 1320, RFC_7459_NORMAL_2D, Density.UNIFORM, 1),
        (Pdf.RECTANGULAR, 800, RECTANGULAR, Density.UNIFORM, 0.68),
    ],
)
def test_a_circle_of_68_percent_grows_unless_it_is_even(pdf, radius, model, density, inside):
    position = sip(pdf)
    assert radius_95(position) == pytest.approx(radius, abs=1)
    assert (conversion(position), density_of(position)) == (model, density)
    assert share_inside(position) == inside


@pytest.mark.parametrize(
    ("pdf", "radius", "model"),
    [
        (Pdf.NORMAL, 637.6, RFC_7459_NORMAL_2D),
        (Pdf.UNKNOWN, 800, AS_SENT),
        (Pdf.RECTANGULAR, 800 * (0.95 / 0.99) ** 0.5, RECTANGULAR),
    ],
)
def test_a_circle_of_99_percent_shrinks_unless_its_distribution_is_unknown(pdf, radius, model):
    position = sip(pdf, 0.99)
    assert radius_95(position) == pytest.approx(radius, abs=0.1)
    assert conversion(position) == model
    assert share_inside(position) == 1


def test_the_three_distributions_of_one_circle_give_three_answers(atlas):
    answers = [chances(atlas, sip(pdf))["1470"] for pdf in Pdf]
    assert len({round(one, 3) for one in answers}) == 3


@pytest.mark.parametrize(("method", "radius"), [("G", 79.7), ("W", 100), ("N", 100), ("C", 98.0)])
def test_only_what_is_known_of_the_source_shrinks_a_handsets_radius(method, radius):
    message = f'A"ML=1;lt=55.7;lg=12.4;rd=100;top=20190304101500;lc=99;pm={method};si=;ei=;mcc=;mnc=;ml=1'
    assert radius_95(decode_any(message).position) == pytest.approx(radius, abs=0.1)


def test_what_a_document_says_counts_before_what_its_source_is_like():
    document = b"""<presence xmlns="urn:ietf:params:xml:ns:pidf"><dm:device id="a"
     xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"><gp:geopriv
     xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"><gp:location-info>
     <gs:Circle xmlns:gs="http://www.opengis.net/pidflo/1.0" srsName="urn:ogc:def:crs:EPSG::4326">
     <gml:pos xmlns:gml="http://www.opengis.net/gml">55.7 12.4</gml:pos><gs:radius
     uom="urn:ogc:def:uom:EPSG::9001">100</gs:radius></gs:Circle>
     <con:confidence xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" pdf="rectangular">68</con:confidence>
     </gp:location-info><gp:method>GPS</gp:method></gp:geopriv></dm:device></presence>"""
    position = read_pidf(document, 0)[0].position
    assert position.source is Source.GNSS
    assert (radius_95(position), density_of(position)) == (100, Density.UNIFORM)


# --- the rest of the callers ------------------------------------------------------------------------


def by_hand(atlas: Atlas, area, share: float) -> dict[str, float]:
    """So much of the callers evenly over the land in an area, the rest over that around it."""
    planar = shape_in_metres(atlas.polygons)
    around = shapely.difference(shapely.buffer(area, (shapely.area(area) / pi) ** 0.5), area)
    found: dict[str, float] = {}
    for piece, weight in ((area, share), (around, 1 - share)):
        land = shapely.area(shapely.intersection(planar, piece))
        for code, part in zip(atlas.codes, (weight * land / land.sum()).tolist(), strict=True):
            found[atlas.district_of(code)] = found.get(atlas.district_of(code), 0.0) + part
    return {code: part for code, part in found.items() if part > 1e-9}


@pytest.mark.parametrize("confidence", [0.3, 0.68, 0.8, 0.94])
def test_an_even_circle_below_95_percent_leaves_the_rest_of_the_callers_around_it(atlas, confidence):
    position = Position(*BORDER, 900, confidence, None, Source.CELL)
    circle = shapely.Point(to_metres(BORDER[1], BORDER[0])).buffer(900, quad_segs=512)
    wanted = by_hand(atlas, circle, confidence)
    assert chances(atlas, position) == pytest.approx(wanted, abs=2e-4)


@pytest.mark.parametrize(
    "shape",
    [
        ArcBand(*BORDER, 0.0, 1500.0, 30.0, 120.0, 0.8, Pdf.RECTANGULAR),
        ArcBand(*BORDER, 600.0, 900.0, 0.0, 360.0, 0.8),
        Polygon(((55.70, 12.45), (55.71, 12.45), (55.71, 12.47), (55.70, 12.47)), None, 0.7, Pdf.NORMAL),
        Ellipse(*BORDER, 900.0, 300.0, 60.0, 0.7, Pdf.RECTANGULAR),
    ],
)
def test_an_area_that_cannot_grow_keeps_its_confidence(atlas, shape):
    position = position_of(shape)
    wanted = by_hand(atlas, area_in_metres(position), shape.confidence)
    assert len(wanted) > 1
    assert chances(atlas, position) == pytest.approx(wanted, abs=1e-6)
    assert radius_95(position) == position.radius_m
    assert share_inside(position) == shape.confidence
    certain = atlas.locate(replace(position, confidence=0.95))
    assert {one.code: one.probability for one in certain.districts} != pytest.approx(wanted, abs=1e-3)


def test_an_ellipse_with_normal_errors_grows_as_before(atlas):
    ellipse = position_of(Ellipse(*BORDER, 900.0, 300.0, 60.0, 0.68, Pdf.NORMAL))
    assert shapely.area(area_in_metres(ellipse)) == pytest.approx(pi * 900 * 300 * 1.65**2, rel=0.01)
    assert share_inside(ellipse) == 1


def test_the_sector_of_a_cell_is_not_certain_up_to_its_edge(atlas):
    """All of the sector is in district 1466, and some of what is around it in another."""
    sector = cell_position("LTE-238-01-3301-32770", 0)
    assert sector.confidence == CELL_CONFIDENCE
    assert share_inside(sector) == CELL_CONFIDENCE
    assert radius_95(sector) == sector.radius_m
    inside = chances(atlas, replace(sector, confidence=0.95))
    mixed = chances(atlas, sector)
    assert inside == {"1466": 1.0}
    assert mixed == pytest.approx({"1466": 0.85, "1465": 0.15}, abs=0.01)


def test_around_a_circle_is_a_ring_to_twice_its_radius():
    ring = surroundings_of(shapely.Point(0, 0).buffer(100, quad_segs=512))
    assert shapely.area(ring) == pytest.approx(3 * pi * 100**2, rel=1e-3)
    assert np.abs(shapely.bounds(ring)) == pytest.approx([200] * 4, abs=0.1)
    assert not shapely.contains(ring, shapely.Point(0, 99))


def test_where_there_is_no_land_around_the_area_has_all(atlas):
    """Anholt: a circle over the island, and nothing but the Kattegat around it."""
    island = atlas.locate(Position(56.705, 11.57, 8_000, 0.5, None, Source.CELL))
    assert [one.probability for one in island.districts] == [1.0]
