"""PIDF-LO as it is malformed in the wild: survived, and every oddity named."""

import pytest

from tests.location.test_pidf import AT, SAMPLE, changed, only
from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Ellipsoid, Point, Prism, Sphere
from vagtcentral.location.xml_oddity import XmlOddity as Odd

CIRCLE = """<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.67610 12.56834</gml:pos>
     <gs:radius uom="urn:ogc:def:uom:EPSG::9001">14</gs:radius></gs:Circle>"""
TOWN = (55.6761, 12.56834)
M = 'uom="urn:ogc:def:uom:EPSG::9001"'
D = 'uom="urn:ogc:def:uom:EPSG::9102"'


def shaped(xml):
    """The document with another shape and no confidence."""
    return changed(CIRCLE, xml)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("urn:ogc:def:crs:EPSG::4326", set()),
        ("urn:ogc:def::crs:EPSG::4326", {Odd.CRS_SPELLING}),
        ("urn:ogc:def:crs:EPSG:4326", {Odd.CRS_SPELLING}),
        ("urn:ogc:def:crs:EPSG:6.6:4326", {Odd.CRS_SPELLING}),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", {Odd.CRS_SPELLING}),
        ("urn:ogc:def:crs:EPSG::4258", {Odd.CRS_SPELLING, Odd.CRS_ETRS89}),
        ("", {Odd.CRS_MISSING}),
    ],
)
def test_the_reference_system_is_compared_by_its_code_alone(name, odd):
    location = changed("urn:ogc:def:crs:EPSG::4326", name)
    assert location.shape.latitude == 55.6761
    assert set(location.anomalies) == odd


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::25832", "urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84"])
def test_another_reference_system_is_refused(name):
    location = changed("urn:ogc:def:crs:EPSG::4326", name)
    assert location.shape is None
    assert Odd.CRS_UNKNOWN in location.anomalies
    assert name in location.problem


@pytest.mark.parametrize(
    ("pos", "odd"),
    [
        ("55.67610, 12.56834", {Odd.COMMA_SEPARATED}),
        ("55.67610,12.56834", {Odd.COMMA_SEPARATED}),
        ("55,67610 12,56834", {Odd.DECIMAL_COMMA}),
        ("\n      55.67610\n      12.56834\n   ", set()),
        ("+55.67610 +012.56834", set()),
        ("5.567610e1 1.256834E+01", set()),
        ("55.67610 12.56834 30", {Odd.DIMENSION_MISMATCH}),
    ],
)
def test_positions_are_read_as_they_are_written(pos, odd):
    location = changed("55.67610 12.56834", pos)
    assert location.shape == Circle(*TOWN, 14.0, 0.68, location.shape.pdf)
    assert set(location.anomalies) == odd


@pytest.mark.parametrize(
    "pos",
    ["NaN 12.5", "55.6 INF", "-INF 12.5", "inf nan", "91 12.5", "55.6 181", "1e400 12.5", "55.6", "",
     "1 2 3 4", "N55.6 E12.5", "55°40' 12°34'", "٥٥ ١٢", "5_5 12", "0x37 0x0C"],
)  # fmt: skip
def test_coordinates_without_meaning_are_refused(pos):
    location = changed("55.67610 12.56834", pos)
    assert location.shape is None
    assert location.position is None
    assert Odd.BAD_COORDINATE in location.anomalies
    assert "\n" not in location.problem


def test_exchanged_axes_are_named_and_neither_exchanged_nor_used():
    location = changed("55.67610 12.56834", "12.56834 55.67610")
    assert location.shape is None
    assert Odd.AXES_SWAPPED in location.anomalies
    assert "12.56834" in location.problem


def test_a_place_far_away_is_not_suspected():
    assert changed("55.67610 12.56834", "-33.9 18.4").shape.latitude == -33.9


def test_a_circle_in_the_namespace_of_gml_is_a_circle():
    wrong = CIRCLE.replace("gs:", "gml:")
    location = shaped(wrong)
    assert location.shape.radius == 14
    assert Odd.WRONG_NAMESPACE in location.anomalies


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('xmlns:gml="http://www.opengis.net/gml"', 'xmlns:gml="http://www.opengis.net/"'),
        ('xmlns:gml="http://www.opengis.net/gml"', 'xmlns:gml="http://www.opengis.net/gml/3.2"'),
        ('xmlns="urn:ietf:params:xml:ns:pidf"', 'xmlns="urn:other"'),
        (
            'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"',
            'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv"',
        ),
        ('xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"', 'xmlns:dm="urn:ietf:params:xml:ns:pidf"'),
    ],
)
def test_wrong_namespaces_are_tolerated(right, wrong):
    location = changed(right, wrong)
    assert location.shape.radius == 14
    assert location.shape.confidence == 0.68
    assert Odd.WRONG_NAMESPACE in location.anomalies


def test_a_tuple_in_the_data_model_is_a_tuple():
    content = SAMPLE.replace(b"dm:device ", b"dm:tuple ").replace(b"</dm:device>", b"</dm:tuple>")
    location = only(content)
    assert location.element == "tuple"
    assert Odd.WRONG_NAMESPACE in location.anomalies


def test_a_tuple_holds_its_location_in_its_status():
    content = SAMPLE.replace(b'<dm:device id="ue1">', b'<tuple id="t"><status>')
    content = content.replace(b"</gp:geopriv>", b"</gp:geopriv></status>").replace(
        b"</dm:device>", b"</tuple>"
    )
    location = only(content.replace(b"dm:timestamp", b"timestamp"))
    assert (location.element, location.id, location.time) == ("tuple", "t", AT)
    assert location.anomalies == ()


def test_a_location_right_under_presence_is_read():
    content = SAMPLE.replace(b'<dm:device id="ue1">', b"").split(b"<dm:deviceID>")[0] + b"</presence>"
    location = only(content)
    assert location.shape.radius == 14
    assert {Odd.NO_TUPLE, Odd.TIME_MISSING} <= set(location.anomalies)


def test_a_shape_without_location_info_is_read():
    location = only(SAMPLE.replace(b"<gp:location-info>", b"").replace(b"</gp:location-info>", b""))
    assert location.shape.radius == 14
    assert Odd.MISPLACED in location.anomalies


RING = "<gml:Polygon {}><gml:exterior><gml:LinearRing>{}</gml:LinearRing></gml:exterior></gml:Polygon>"
SQUARE = ((55.0, 12.0), (55.0, 12.1), (55.1, 12.1), (55.1, 12.0))


def ring(*corners, crs='srsName="urn:ogc:def:crs:EPSG::4326"'):
    inner = "".join(f"<gml:pos>{' '.join(map(str, corner))}</gml:pos>" for corner in corners)
    return RING.format(crs, inner)


def test_an_unclosed_ring_is_closed_and_named():
    closed, open_ring = shaped(ring(*SQUARE, SQUARE[0])), shaped(ring(*SQUARE))
    assert closed.shape.corners == open_ring.shape.corners == SQUARE
    assert Odd.RING_UNCLOSED in open_ring.anomalies
    assert Odd.RING_UNCLOSED not in closed.anomalies


def test_a_list_of_positions_is_a_ring():
    listed = "".join(f"{north} {east} " for north, east in (*SQUARE, SQUARE[0]))
    crs = 'srsName="urn:ogc:def:crs:EPSG::4326"'
    location = shaped(RING.format(crs, f"<gml:posList>{listed}</gml:posList>"))
    assert location.shape.corners == SQUARE


def test_rings_that_cross_themselves_or_have_holes_are_named():
    crossed = shaped(ring(SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]))
    assert {Odd.RING_CROSSES_ITSELF, Odd.RING_UNCLOSED} <= set(crossed.anomalies)
    hole = "</gml:exterior><gml:interior><gml:LinearRing/></gml:interior>"
    holed = shaped(ring(*SQUARE, SQUARE[0]).replace("</gml:exterior>", hole))
    assert Odd.RING_HOLE in holed.anomalies
    assert holed.shape.corners == SQUARE


@pytest.mark.parametrize("corners", [(), SQUARE[:2], (SQUARE[0],) * 4])
def test_too_few_corners_are_refused(corners):
    location = shaped(ring(*corners))
    assert location.shape is None
    assert Odd.BAD_COORDINATE in location.anomalies


def test_too_many_corners_are_refused():
    crs = 'srsName="urn:ogc:def:crs:EPSG::4326"'
    location = shaped(RING.format(crs, f"<gml:posList>{'55 12 ' * 5_001}</gml:posList>"))
    assert location.shape is None
    assert "5001 positions" in location.problem


def test_three_dimensions():
    crs = 'srsName="urn:ogc:def:crs:EPSG::4979"'
    pos = "<gml:pos>55.6761 12.56834 30</gml:pos>"
    sphere = shaped(f"<gs:Sphere {crs}>{pos}<gs:radius {M}>9</gs:radius></gs:Sphere>")
    assert sphere.shape == Sphere(*TOWN, 30.0, 9.0, 0.68, sphere.shape.pdf)
    axes = f"<gs:semiMajorAxis {M}>9</gs:semiMajorAxis><gs:semiMinorAxis {M}>8</gs:semiMinorAxis>"
    body = f"<gs:Ellipsoid {crs}>{pos}{axes}<gs:verticalAxis {M}>7</gs:verticalAxis>"
    ellipsoid = shaped(f"{body}<gs:orientation {D}>350</gs:orientation></gs:Ellipsoid>")
    assert ellipsoid.shape == Ellipsoid(*TOWN, 30.0, 9.0, 8.0, 7.0, 170.0, 0.68, ellipsoid.shape.pdf)
    base = ring(*((*corner, 3) for corner in (*SQUARE, SQUARE[0])), crs="")
    prism = shaped(f"<gs:Prism {crs}><gs:base>{base}</gs:base><gs:height {M}>2.4</gs:height></gs:Prism>")
    assert prism.shape == Prism(SQUARE, 3.0, 2.4, 0.68, prism.shape.pdf)
    assert sphere.anomalies == ellipsoid.anomalies == prism.anomalies == ()


def test_corners_of_different_altitude_count_with_the_lowest():
    corners = [(*corner, altitude) for corner, altitude in zip(SQUARE, (9, 3, 5, 7), strict=True)]
    location = shaped(ring(*corners, corners[0], crs='srsName="urn:ogc:def:crs:EPSG::4979"'))
    assert location.shape.altitude == 3
    assert location.anomalies == (Odd.ALTITUDE_VARIES,)


@pytest.mark.parametrize("angle", ["NaN", "INF", "north", ""])
def test_an_arc_without_a_usable_angle_is_refused(angle):
    start = "<gs:ArcBand srsName='urn:ogc:def:crs:EPSG::4326'><gml:pos>55.6761 12.56834</gml:pos>"
    radii = f"<gs:innerRadius {M}>0</gs:innerRadius><gs:outerRadius {M}>900</gs:outerRadius>"
    location = shaped(f"{start}{radii}<gs:startAngle {D}>{angle}</gs:startAngle></gs:ArcBand>")
    assert location.shape is None
    assert Odd.BAD_ANGLE in location.anomalies


def test_radians_are_converted_and_unfit_units_named():
    """GML's 9101 is the radian; test suites in use give 9002, the foot, for an angle."""
    start = "<gs:ArcBand srsName='urn:ogc:def:crs:EPSG::4326'><gml:pos>55.6761 12.56834</gml:pos>"
    radii = f"<gs:innerRadius {M}>\n 3594 \n</gs:innerRadius><gs:outerRadius {M}>4148</gs:outerRadius>"
    turns = '<gs:startAngle uom="{0}">{1}</gs:startAngle><gs:openingAngle uom="{0}">{2}</gs:openingAngle>'
    for urn, begin, opening, odd in (
        ("urn:ogc:def:uom:EPSG::9102", 266, 120, set()),
        ("urn:ogc:def:uom:EPSG::9102", -94, 120, set()),
        ("urn:ogc:def:uom:EPSG::9101", 4.642575810304916, 2.0943951023931953, set()),
        ("urn:ogc:def:uom:EPSG::9002", 266, 120, {Odd.WRONG_UNIT}),
        ("", 266, 120, {Odd.UNIT_MISSING}),
    ):
        location = shaped(start + radii + turns.format(urn, begin, opening) + "</gs:ArcBand>")
        assert isinstance(location.shape, ArcBand)
        assert (location.shape.start_angle, location.shape.opening_angle) == pytest.approx((266, 120))
        assert location.shape.inner_radius == 3594
        assert set(location.anomalies) == odd


@pytest.mark.parametrize("radius", ["NaN", "INF", "-14", "fourteen", "", "1e300"])
def test_a_circle_without_a_usable_radius_is_a_point(radius):
    location = changed(">14<", f">{radius}<")
    assert location.shape == Point(*TOWN)
    assert Odd.BAD_LENGTH in location.anomalies


def test_a_radius_of_0_is_unknown_and_never_exact():
    location = changed(">14<", ">0<")
    assert location.position.radius_m is None
    assert Odd.RADIUS_UNKNOWN in location.anomalies


def test_a_minor_axis_that_is_the_longer_one_is_exchanged_and_named():
    axes = f"<gs:semiMajorAxis {M}>20</gs:semiMajorAxis><gs:semiMinorAxis {M}>50</gs:semiMinorAxis>"
    start = "<gs:Ellipse srsName='urn:ogc:def:crs:EPSG::4326'><gml:pos>55.6761 12.56834</gml:pos>"
    location = shaped(f"{start}{axes}<gs:orientation {D}>100</gs:orientation></gs:Ellipse>")
    assert location.shape == Ellipse(*TOWN, 50.0, 20.0, 10.0, 0.68, location.shape.pdf)
    assert location.anomalies == (Odd.AXES_EXCHANGED,)


def test_a_confidence_on_a_point_is_left_out_and_named():
    """Asterisk's own test document has one, which RFC 7459, section 4.1, forbids."""
    point = '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.6761 12.56834</gml:pos></gml:Point>'
    location = shaped(point)
    assert location.shape == Point(*TOWN)
    assert location.anomalies == (Odd.CONFIDENCE_ON_POINT,)
