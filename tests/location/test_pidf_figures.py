"""The shapes that RFC 5491 draws (figures 4 to 13 and 15), and published documents that bend the rules."""

import pytest

from tests.location.test_pidf import SAMPLE
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.position import Source
from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Ellipsoid, Point, Polygon, Sphere
from vagtcentral.location.xml_oddity import XmlOddity as Odd

AT = 1_182_545_849_000  # 2007-06-22T20:57:29Z, the time of the figures
TIME = "<timestamp>2007-06-22T20:57:29Z</timestamp>"
HEAD = SAMPLE.decode().split("<dm:device")[0]


def metres(name: str, length: float) -> str:
    """A length on a line of its own, as the RFC sets it."""
    return f'<gs:{name} uom="urn:ogc:def:uom:EPSG::9001">\n  {length}\n</gs:{name}>'


def degrees(name: str, angle: float) -> str:
    return f'<gs:{name} uom="urn:ogc:def:uom:EPSG::9102">\n  {angle}\n</gs:{name}>'


def shape(kind: str, pos: str, *rest: str, axes: int = 4326) -> str:
    inner = f"<gml:pos>{pos}</gml:pos>{''.join(rest)}"
    return f'<{kind} srsName="urn:ogc:def:crs:EPSG::{axes}">{inner}</{kind}>'


def document(inner: str, method: str, time: str = TIME) -> str:
    info = f"<gp:location-info>{inner}</gp:location-info><gp:usage-rules/><gp:method>{method}</gp:method>"
    geopriv = f"<status><gp:geopriv>{info}</gp:geopriv></status>"
    return f'{HEAD}<tuple id="t">{geopriv}{time}</tuple></presence>'


HEXAGON = ((43.311, -73.422), (43.111, -73.322), (43.111, -73.222), (43.311, -73.122), (43.411, -73.222),
           (43.411, -73.322))  # fmt: skip
RING = [f"{north} {east}" for north, east in (*HEXAGON, HEXAGON[0])]
POLYGON = (
    '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326"><gml:exterior><gml:LinearRing>{}'
    "</gml:LinearRing></gml:exterior></gml:Polygon>"
)
TOWN = (42.5463, -73.2512)
FIGURES = {
    4: (document(shape("gml:Point", "-34.407 150.883"), "Wiremap"), Point(-34.407, 150.883), Source.SIP),
    5: (
        document(shape("gml:Point", "-34.407 150.883 24.8", axes=4979), "Wiremap"),
        Point(-34.407, 150.883, 24.8),
        Source.SIP,
    ),
    7: (
        document(POLYGON.format("".join(f"<gml:pos>{pos}</gml:pos> <!--A-->" for pos in RING)), "Wiremap"),
        Polygon(HEXAGON, None, 0.95),
        Source.SIP,
    ),
    8: (
        document(POLYGON.format(f"<gml:posList>\n {chr(10).join(RING)}\n</gml:posList>"), "Wiremap"),
        Polygon(HEXAGON, None, 0.95),
        Source.SIP,
    ),
    9: (
        document(shape("gs:Circle", "42.5463 -73.2512", metres("radius", 850.24)), "OTDOA", ""),
        Circle(*TOWN, 850.24, 0.95),
        Source.CELL,
    ),
    10: (
        document(
            shape(
                "gs:Ellipse",
                "42.5463 -73.2512",
                metres("semiMajorAxis", 1275),
                metres("semiMinorAxis", 670),
                degrees("orientation", 43.2),
            ),
            "Device-Assisted_A-GPS",
        ),
        Ellipse(*TOWN, 1275.0, 670.0, 43.2, 0.95),
        Source.GNSS,
    ),
    12: (
        document(
            shape(
                "gs:ArcBand",
                "-43.5723 153.21760",
                metres("innerRadius", 3594),
                metres("outerRadius", 4148),
                degrees("startAngle", 20),
                degrees("openingAngle", 20),  # so in the figure, although the text says 120
            ),
            "TA-NMR",
        ),
        ArcBand(-43.5723, 153.2176, 3594.0, 4148.0, 20.0, 20.0, 0.95),
        Source.CELL,
    ),
    13: (
        document(
            shape("gs:Sphere", "42.5463 -73.2512 26.3", metres("radius", 850.24), axes=4979),
            "Device-Based_A-GPS",
            "",
        ),
        Sphere(*TOWN, 26.3, 850.24, 0.95),
        Source.GNSS,
    ),
    15: (
        document(
            shape(
                "gs:Ellipsoid",
                "42.5463 -73.2512 26.3",
                metres("semiMajorAxis", 7.7156),
                metres("semiMinorAxis", 3.31),
                metres("verticalAxis", 28.7),
                degrees("orientation", 90),
                axes=4979,
            ),
            "Hybrid_A-GPS",
        ),
        Ellipsoid(*TOWN, 26.3, 7.7156, 3.31, 28.7, 90.0, 0.95),
        Source.FUSED,
    ),
}


@pytest.mark.parametrize("number", FIGURES)
def test_vector_p1_figure_of_rfc_5491(number):
    content, expected, source = FIGURES[number]
    (location,) = read_pidf(content.encode(), AT)
    assert location.shape == expected
    assert location.position.source is source
    assert set(location.anomalies) <= {Odd.CONFIDENCE_DEFAULT, Odd.TIME_MISSING}
    assert location.time == (AT if TIME in content else None)


def test_vector_p1_asterisks_own_test_document():
    """A point with a confidence, and a device id where RFC 4479 has none."""
    point = shape("gml:Point", "-34.410649 150.87651")
    content = document(f'{point}<con:confidence pdf="normal">66</con:confidence>', "Manual")
    content = content.replace("</tuple>", "<dm:deviceID>mac:112233445566</dm:deviceID></tuple>")
    (location,) = read_pidf(content.encode(), AT)
    assert location.shape == Point(-34.410649, 150.87651)
    assert location.anomalies == (Odd.CONFIDENCE_ON_POINT,)


@pytest.mark.parametrize("confidence", ["0.68", "87"])
def test_vector_p1_answer_of_a_location_server_with_the_handsets_message_in_it(confidence):
    """A circle in Vienna, as a HELD server in use gives it: beside the location an element of its own."""
    circle = shape("gs:Circle", "48.2082 16.3738", metres("radius", 19))
    own = f'<aml xmlns="urn:vendor"><confidenceLevel>{confidence}</confidenceLevel></aml>'
    content = document(circle, "GPS").replace("</tuple>", f"{own}</tuple>")
    wrapped = f'<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">{content}</locationResponse>'
    (location,) = read_pidf(wrapped.encode(), AT)
    assert location.shape == Circle(48.2082, 16.3738, 19.0, 0.95)
    assert location.position.source is Source.GNSS
