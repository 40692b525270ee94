"""PIDF-LO in and out: each shape, the order of locations, confidence, time and method."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.location.shape_strategies import shapes
from vagtcentral.location.pidf import read_pidf, source_of
from vagtcentral.location.pidf_write import METHODS, write_pidf
from vagtcentral.location.position import Source
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.shapes import Circle, Ellipse, Pdf, Point, Polygon, Prism
from vagtcentral.location.uncertainty import radius_95
from vagtcentral.location.xml_oddity import XmlOddity as Odd

AT = 1_768_473_005_000
SAMPLE = b"""<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml"
 xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:con="urn:ietf:params:xml:ns:geopriv:conf"
 entity="pres:4520123456@sim.example">
 <dm:device id="ue1"><gp:geopriv><gp:location-info>
   <gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.67610 12.56834</gml:pos>
     <gs:radius uom="urn:ogc:def:uom:EPSG::9001">14</gs:radius></gs:Circle>
   <con:confidence pdf="normal">68</con:confidence></gp:location-info>
  <gp:usage-rules/><gp:method>GPS</gp:method></gp:geopriv>
  <dm:deviceID>urn:sim:ue1</dm:deviceID><dm:timestamp>2026-01-15T10:30:05Z</dm:timestamp></dm:device></presence>"""


def only(content, at=AT):
    (location,) = read_pidf(content, at)
    return location


def changed(old, new):
    assert old.encode() in SAMPLE
    return only(SAMPLE.replace(old.encode(), new.encode()))


def test_a_flawless_document_has_no_oddity():
    location = only(SAMPLE)
    assert location.shape == Circle(55.6761, 12.56834, 14.0, 0.68, Pdf.NORMAL)
    assert (location.element, location.id, location.method, location.time) == ("device", "ue1", "GPS", AT)
    assert location.anomalies == ()
    assert location.problem is None
    assert location.position.source is Source.GNSS
    assert location.position.time == AT


def ring_of(shape):
    """A polygon turned to begin at its smallest corner and run one way round."""
    if not isinstance(shape, Polygon | Prism):
        return shape
    start = shape.corners.index(min(shape.corners))
    turned = shape.corners[start:] + shape.corners[:start]
    return replace(shape, corners=min(turned, (turned[0], *turned[:0:-1])))


@given(shapes, st.none() | st.integers(0, 4_000_000_000_000), st.sampled_from([None, *METHODS.values()]))
def test_every_shape_survives_being_written_and_read(shape, time, method):
    location = only(write_pidf(shape, "pres:caller@police.example", time, method=method))
    assert ring_of(location.shape) == ring_of(shape)
    assert location.time == time
    assert location.method == method
    allowed = {
        Odd.CONFIDENCE_UNKNOWN,
        Odd.TIME_MISSING,
        Odd.STALE_FIX,
        Odd.FUTURE_FIX,
        Odd.RING_CROSSES_ITSELF,
    }
    assert set(location.anomalies) <= allowed


def test_a_civic_address_is_written_after_the_shape_and_read_back():
    civic = (("country", "DK"), ("A3", "København"), ("RD", "Polititorvet"), ("HNO", "14"))
    content = write_pidf(Point(55.67, 12.57), "sip:a@police.example", civic=civic)
    assert content.index(b"Point") < content.index(b"civicAddress")
    location = only(content)
    assert location.civic == civic
    assert Odd.COMPOUND in location.anomalies


def test_written_documents_hold_what_rfc_5491_asks_for():
    text = write_pidf(Ellipse(55.6, 12.5, 30, 20, 45, 0.95), "pres:a@b.example", AT, method="GPS").decode()
    assert 'srsName="urn:ogc:def:crs:EPSG::4326"' in text
    assert 'uom="urn:ogc:def:uom:EPSG::9001"' in text
    assert 'uom="urn:ogc:def:uom:EPSG::9102"' in text
    assert text.index("location-info") < text.index("usage-rules") < text.index("method>GPS")
    assert text.index("deviceID") < text.index("2026-01-15T10:30:05Z")
    closed = write_pidf(Polygon(((55.0, 12.0), (55.1, 12.0), (55.0, 12.1))), "pres:a@b.example").decode()
    assert closed.count("<gml:pos>55 12</gml:pos>") == 2
    assert closed.index("55 12.1") < closed.index("55.1 12"), "anticlockwise"


def test_a_point_is_written_without_confidence():
    assert b"confidence" not in write_pidf(Point(55.6, 12.5), "pres:a@b.example").split(b"location-info>")[1]


def test_a_confidence_of_a_percent_or_less_is_written_as_unknown():
    """A number up to 1 is read as a fraction, as many senders mean it, so it cannot be written as percent."""
    assert only(write_pidf(Circle(55.6, 12.5, 9, 0.005), "pres:a@b.example")).shape.confidence is None


def test_characters_that_xml_has_no_place_for_are_refused():
    with pytest.raises(ValueError, match="XML"):
        write_pidf(Point(55.6, 12.5), "pres:\0@b.example")


PART = '<{0} id="{0}"><gp:geopriv><gp:location-info><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{1}</gml:pos></gml:Point></gp:location-info></gp:geopriv></{0}>'  # fmt: skip  # noqa: E501


def test_devices_count_before_tuples_and_persons_last():
    """RFC 5491, section 3, rule 8."""
    parts = [
        ("dm:person", "55.1 12"),
        ("tuple", "55.2 12"),
        ("dm:device", "55.3 12"),
        ("dm:device", "55.4 12"),
    ]
    inner = "".join(PART.format(name, pos) for name, pos in parts).replace("<tuple", "<tuple")
    content = SAMPLE.split(b"<dm:device")[0] + inner.encode() + b"</presence>"
    found = read_pidf(content, AT)
    assert [(one.element, one.shape.latitude) for one in found] == [
        ("device", 55.3),
        ("device", 55.4),
        ("tuple", 55.2),
        ("person", 55.1),
    ]


def test_one_refused_location_does_not_take_the_others_with_it():
    inner = PART.format("dm:device", "91 12") + PART.format("tuple", "55.2 12")
    found = read_pidf(SAMPLE.split(b"<dm:device")[0] + inner.encode() + b"</presence>", AT)
    assert [one.shape for one in found] == [None, Point(55.2, 12.0)]
    assert "latitude 91" in found[0].problem
    assert found[0].position is None


@pytest.mark.parametrize(
    ("stated", "confidence", "pdf", "odd"),
    [
        ("", 0.95, Pdf.UNKNOWN, {Odd.CONFIDENCE_DEFAULT}),
        ("<con:confidence>90</con:confidence>", 0.9, Pdf.UNKNOWN, set()),
        ('<con:confidence pdf="rectangular">67</con:confidence>', 0.67, Pdf.RECTANGULAR, set()),
        ('<con:confidence pdf="normal">unknown</con:confidence>', None, Pdf.NORMAL, {Odd.CONFIDENCE_UNKNOWN}),
        ("<con:confidence>0.68</con:confidence>", 0.68, Pdf.UNKNOWN, {Odd.CONFIDENCE_FRACTION}),
        ("<con:confidence>100</con:confidence>", None, Pdf.UNKNOWN, {Odd.BAD_CONFIDENCE}),
        ("<con:confidence>0</con:confidence>", None, Pdf.UNKNOWN, {Odd.BAD_CONFIDENCE}),
        ("<con:confidence>NaN</con:confidence>", None, Pdf.UNKNOWN, {Odd.BAD_CONFIDENCE}),
        ('<con:confidence pdf="gauss">90</con:confidence>', 0.9, Pdf.UNKNOWN, {Odd.BAD_PDF}),
        ("<gp:confidence>90</gp:confidence>", 0.9, Pdf.UNKNOWN, {Odd.WRONG_NAMESPACE}),
    ],
)
def test_confidence_is_a_fraction_or_unknown(stated, confidence, pdf, odd):
    location = changed('<con:confidence pdf="normal">68</con:confidence>', stated)
    assert (location.shape.confidence, location.shape.pdf) == (confidence, pdf)
    assert set(location.anomalies) == odd


STATED = '<con:confidence pdf="normal">68</con:confidence>'


@pytest.mark.parametrize("place", ["<gs:Circle", "</gs:Circle>", "<gp:usage-rules/>"])
def test_confidence_is_found_wherever_it_stands(place):
    without = SAMPLE.replace(STATED.encode(), b"")
    location = only(without.replace(place.encode(), (STATED + place).encode()))
    assert location.shape.confidence == 0.68
    assert (Odd.MISPLACED in location.anomalies) == (place != "<gs:Circle")


def test_vector_p1_scales_from_67_to_95_percent():
    """RFC 7459, figure 11: 850.24 m at 67 % are 1423 m at 95 %."""
    location = changed(">14<", ">850.24<").shape
    circle = replace(location, confidence=0.67)
    content = write_pidf(circle, "pres:a@b.example")
    assert radius_95(only(content).position) == pytest.approx(1423, abs=1)


@pytest.mark.parametrize(
    ("token", "source"),
    [
        ("GPS", Source.GNSS),
        ("a-gps", Source.GNSS),
        ("802.11", Source.WIFI),
        ("Cell", Source.CELL),
        ("hybridAGPS_AFLT", Source.FUSED),
        ("Manual", Source.SIP),
        ("Wiremap", Source.SIP),
        ("crystal ball", Source.SIP),
        (None, Source.SIP),
    ],
)
def test_the_method_tells_the_source(token, source):
    assert source_of(token) is source


def test_an_unknown_method_is_kept_and_named():
    location = changed("GPS", "Quantum")
    assert location.method == "Quantum"
    assert Odd.UNKNOWN_METHOD in location.anomalies


@pytest.mark.parametrize(
    ("text", "time", "odd"),
    [
        ("2026-01-15T11:30:05+01:00", AT, None),
        ("2026-01-15T10:30:05.03", AT + 30, Odd.TIME_WITHOUT_ZONE),
        ("2026-01-15T32:58:03.01-05:00", None, Odd.BAD_TIME),
        ("15/01/2026", None, Odd.BAD_TIME),
        ("9999-12-31T23:59:59-14:00", None, Odd.BAD_TIME),
        ("2026-01-15T10:27:05Z", AT - 180_000, Odd.STALE_FIX),
        ("2026-01-15T10:31:05Z", AT + 60_000, Odd.FUTURE_FIX),
    ],
)
def test_times_are_utc_and_their_age_is_named(text, time, odd):
    location = changed("2026-01-15T10:30:05Z", text)
    assert location.time == time
    assert location.anomalies == (() if odd is None else (odd,))


def test_a_held_answer_gives_its_documents_and_its_addresses():
    uris = b"<locationUriSet><locationURI>https://lis.example/7</locationURI></locationUriSet>"
    found = read_pidf(b"<locationResponse>" + uris + SAMPLE + b"</locationResponse>", AT)
    assert [one.element for one in found] == ["device", "held"]
    assert found[1].references == ("https://lis.example/7",)
    assert found[1].shape is None
    assert Odd.BY_REFERENCE in found[1].anomalies


@pytest.mark.parametrize(
    "content", [b"<html/>", b"<locationUriSet/>", b"", b"<presence", b"<!DOCTYPE a><a/>"]
)
def test_what_is_no_pidf_is_refused_in_one_line(content):
    with pytest.raises(XmlRefused, match=r"^[^\n]+$"):
        read_pidf(content, AT)


def test_a_presence_without_location_holds_none():
    assert read_pidf(b'<presence xmlns="urn:ietf:params:xml:ns:pidf"/>', AT) == []
