"""The LoST server: every answer fits the grammar, and the right district comes first."""

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.lost import answer
from vagtcentral.location.lost_directory import (
    Boundaries,
    LostDirectory,
    LostService,
    police_directory,
)
from vagtcentral.location.lost_write import write_error

AT = 1_768_473_005_000
UPDATED = 1_767_225_600_000
LOST = "{urn:ietf:params:xml:ns:lost1}"
OURS = "{urn:vagtcentral:lost}"
GML = "{http://www.opengis.net/gml}"
CIRCLE = """<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.67610 12.56834</gml:pos>
  <gs:radius uom="urn:ogc:def:uom:EPSG::9001">23</gs:radius></gs:Circle>"""
FIND = f"""<?xml version="1.0" encoding="UTF-8"?>
<findService xmlns="urn:ietf:params:xml:ns:lost1" xmlns:gml="http://www.opengis.net/gml"
 xmlns:gs="http://www.opengis.net/pidflo/1.0" serviceBoundary="reference" recursive="true">
 <location id="aml-1" profile="geodetic-2d">{CIRCLE}</location><service>urn:service:sos.police</service>
</findService>"""


@cache
def grammar():
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("lost.rng")))


@cache
def directory():
    return police_directory(Atlas.built_in(), boundaries=Boundaries.built_in(), updated=UPDATED)


def ask(request, known=None):
    """The answer's root element, held against the grammar."""
    content = request if isinstance(request, bytes) else request.encode()
    root = etree.fromstring(answer(content, Atlas.built_in(), known or directory(), AT))
    assert grammar().validate(root), grammar().error_log
    return root


def changed(old, new):
    assert old in FIND
    return ask(FIND.replace(old, new))


def error_of(root):
    assert root.tag == f"{LOST}errors", etree.tostring(root)
    (error,) = root
    return etree.QName(error).localname


def texts(root, name):
    return [element.text for element in root.iter(LOST + name)]


def warnings_of(root):
    return {
        etree.QName(one).localname: one.get("message")
        for group in root.iter(f"{LOST}warnings")
        for one in group
    }


def test_the_grammar_refuses_what_is_no_answer():
    for wrong in (
        "<findServiceResponse/>",
        "<errors source='lost.example'/>",
        "<errors source='lost'><loop/></errors>",
    ):
        root = etree.fromstring(wrong.replace(" ", f' xmlns="{LOST[1:-1]}" ', 1) if " " in wrong else wrong)
        assert not grammar().validate(root)


def test_the_district_with_all_that_rfc_5222_asks_for():
    root = ask(FIND)
    (mapping,) = root.iter(f"{LOST}mapping")
    assert dict(mapping.attrib) == {
        "expires": "2026-01-16T10:30:05Z",
        "lastUpdated": "2026-01-01T00:00:00Z",
        "source": "lost.police.example",
        "sourceId": "sos.police.1470",
    }
    assert texts(root, "displayName") == ["Københavns Politi", "Copenhagen Police"]
    assert texts(root, "service") == ["urn:service:sos.police"]
    assert texts(root, "uri") == ["sip:1470@police.example"]
    assert texts(root, "serviceNumber") == ["112"]
    assert [via.get("source") for via in root.iter(f"{LOST}via")] == ["lost.police.example"]
    assert root.find(f"{LOST}locationUsed").get("id") == "aml-1"
    assert list(warnings_of(root)) == ["geometryNotOfficial"]


CRS = 'srsName="urn:ogc:def:crs:EPSG::4326"'
SHAPES = {
    "point": f"<gml:Point {CRS}><gml:pos>55.676 12.568</gml:pos></gml:Point>",
    "ellipse": f"<gs:Ellipse {CRS}><gml:pos>55.676 12.568</gml:pos><gs:semiMajorAxis "
    'uom="urn:ogc:def:uom:EPSG::9001">90</gs:semiMajorAxis>'
    '<gs:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">40'
    '</gs:semiMinorAxis><gs:orientation uom="urn:ogc:def:uom:EPSG::9102">20</gs:orientation></gs:Ellipse>',
    "polygon": f"<gml:Polygon {CRS}><gml:exterior><gml:LinearRing><gml:pos>55.67 12.56"
    "</gml:pos><gml:pos>55.67 12.57</gml:pos><gml:pos>55.68 12.57</gml:pos><gml:pos>55.67 12.56</gml:pos>"
    "</gml:LinearRing></gml:exterior></gml:Polygon>",
    "sloppy arc": f'<gml:ArcBand id="a" {CRS}><gml:pos>55.676, 12.568</gml:pos>'
    '<gml:innerRadius uom="urn:ogc:def:uom:EPSG::9001">\n 123.12\n </gml:innerRadius><gml:outerRadius '
    'uom="urn:ogc:def:uom:EPSG::9001">900</gml:outerRadius>'
    '<gml:startAngle uom="urn:ogc:def:uom:EPSG::9002">20'
    '</gml:startAngle><gml:openingAngle uom="urn:ogc:def:uom:EPSG::9002">20</gml:openingAngle></gml:ArcBand>',
    "sloppy ellipse": f'<gml:Ellipse id="e" {CRS}><gml:pos>55.676, 12.568</gml:pos>'
    '<gml:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9001">\n 123\n </gml:semiMajorAxis>'
    '<gml:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">\n 200\n </gml:semiMinorAxis>'
    '<gml:orientation uom="urn:ogc:def:uom:EPSG::9002">40</gml:orientation></gml:Ellipse>',
    "crossing polygon": f'<gml:Polygon id="p" {CRS}><gml:exterior><gml:LinearRing>'
    "<gml:pos>55.68, 12.56</gml:pos><gml:pos>55.67, 12.57</gml:pos><gml:pos>55.67, 12.56</gml:pos>"
    "<gml:pos>55.68, 12.57</gml:pos></gml:LinearRing></gml:exterior></gml:Polygon>",
    "sloppy circle": CIRCLE.replace("gs:", "gml:").replace("55.67610 12", "55.67610, 12"),
    "open polygon": '<gml:Polygon srsName="urn:ogc:def::crs:EPSG::4326"><gml:exterior><gml:LinearRing>'
    "<gml:pos>55.67, 12.56</gml:pos><gml:pos>55.67, 12.57</gml:pos><gml:pos>55.68, 12.57</gml:pos>"
    "</gml:LinearRing></gml:exterior>"
    "</gml:Polygon>",
}


@pytest.mark.parametrize("name", SHAPES)
def test_vector_l1_every_shape_of_the_profile_however_sloppy(name):
    root = changed(CIRCLE, SHAPES[name])
    assert texts(root, "uri")[0] == "sip:1470@police.example"
    assert ("oddities" in warnings_of(root)) == (name not in ("point", "ellipse", "polygon"))


def test_several_districts_come_in_the_order_of_their_share():
    root = ask(FIND.replace("55.67610 12.56834", "55.70 12.45").replace(">23<", ">3000<"))
    assert texts(root, "uri")[:2] == ["sip:1469@police.example", "sip:1470@police.example"]
    said = warnings_of(root)["areaOverlapsDistricts"]
    assert said.index("Københavns Vestegns Politi") < said.index("Københavns Politi")
    assert "%" in said


def test_a_ferry_gets_the_nearest_district_and_is_told_so():
    root = changed("55.67610 12.56834", "56.1 11.2")
    assert len(texts(root, "uri")) >= 1
    assert "km away" in warnings_of(root)["defaultMappingReturned"]


def ellipse(orientation):
    """5 km by 100 m, in Storebælt, 2.5 km east of Sprogø."""
    return f"""<gs:Ellipse srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.34 11.03</gml:pos>
      <gs:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9001">5000</gs:semiMajorAxis>
      <gs:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">100</gs:semiMinorAxis>
      <gs:orientation uom="urn:ogc:def:uom:EPSG::9102">{orientation}</gs:orientation></gs:Ellipse>"""


def rectangle(south, north):
    """From 11.00 to 11.06 east in Storebælt; Sprogø lies west of that."""
    corners = [(south, 11.0), (south, 11.06), (north, 11.06), (north, 11.0), (south, 11.0)]
    ring = "".join(f"<gml:pos>{latitude} {longitude}</gml:pos>" for latitude, longitude in corners)
    return f"""<gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326"><gml:exterior><gml:LinearRing>{ring}
      </gml:LinearRing></gml:exterior></gml:Polygon>"""


@pytest.mark.parametrize(
    ("shape", "at_sea"),
    [
        (ellipse(0), True),
        (ellipse(75), False),  # its end lies on Sprogø
        (rectangle(55.339, 55.341), True),
        (rectangle(55.28, 55.40), True),
        (rectangle(55.28, 55.68), False),  # Asnæs
        (CIRCLE.replace("55.67610 12.56834", "55.34 11.03").replace(">23<", ">2400<"), True),
        (CIRCLE.replace("55.67610 12.56834", "55.34 11.03").replace(">23<", ">2600<"), False),
    ],
)
def test_an_area_of_any_shape_is_at_sea_if_no_land_lies_in_it(shape, at_sea):
    warned = warnings_of(changed(CIRCLE, shape))
    assert ("defaultMappingReturned" in warned) is at_sea
    if at_sea:
        assert "km away" in warned["defaultMappingReturned"]


def listing(inner="", kind="listServices"):
    return ask(f'<{kind} xmlns="{LOST[1:-1]}" xmlns:gml="http://www.opengis.net/gml">{inner}</{kind}>')


@pytest.mark.parametrize(
    ("service", "listed"),
    [
        ("", "urn:service:sos.police"),
        ("<service>urn:service:sos</service>", "urn:service:sos.police"),
        ("<service>urn:service:sos.police</service>", None),
        ("<service>urn:service:counseling</service>", None),
    ],
)
def test_the_services_below_the_one_asked_for(service, listed):
    assert (texts(listing(service), "serviceList")[0] or None) == listed


def test_the_services_at_a_place():
    place = f'<location id="p" profile="geodetic-2d">{SHAPES["point"]}</location>'
    root = listing(f"{place}<service>urn:service:sos</service>", "listServicesByLocation")
    assert texts(root, "serviceList") == ["urn:service:sos.police"]
    assert root.find(f"{LOST}locationUsed").get("id") == "p"
    assert error_of(listing("", "listServicesByLocation")) == "badRequest"


def test_a_finer_service_is_substituted_and_said_so():
    root = changed("sos.police<", "sos.police.traffic<")
    assert texts(root, "service") == ["urn:service:sos.police"]
    assert "serviceSubstitution" in warnings_of(root)


LOCATION = FIND[FIND.index("<location") : FIND.index("<service>")]
SERVICE = "<service>urn:service:sos.police</service>"
ERRORS = [
    (FIND[1:], "badRequest"),
    (FIND.replace("<findService", "findService"), "badRequest"),
    (FIND[:-20], "badRequest"),
    ("", "badRequest"),
    (FIND.replace("findService", "findServiceResponse"), "badRequest"),
    (FIND.replace("findService", "deleteService"), "badRequest"),
    (FIND.replace("urn:ietf:params:xml:ns:lost1", "urn:other"), "badRequest"),
    (FIND.replace("?>", "?><!DOCTYPE a>", 1), "badRequest"),
    (FIND.replace("UTF-8", "UTF-7"), "badRequest"),
    (FIND.replace(LOCATION, ""), "badRequest"),
    (FIND.replace(LOCATION, LOCATION * 2), "badRequest"),
    (FIND.replace(SERVICE, ""), "badRequest"),
    (FIND.replace(' id="aml-1"', ""), "badRequest"),
    (FIND.replace(CIRCLE, ""), "badRequest"),
    (FIND.replace('"reference"', '"maybe"'), "badRequest"),
    (FIND.replace('recursive="true"', 'recursive="perhaps"'), "badRequest"),
    (FIND.replace("</service>", "</service><path><via source='x'/></path>"), "badRequest"),
    (FIND.replace("</service>", "</service><asOf>2035-08-21T32:58:03.01-05:00</asOf>"), "badRequest"),
    (
        FIND.replace(">23<", ">23</gs:radius></gs:Circle></location><a b='" + "x" * 70_000 + "'/><!--<"),
        "badRequest",
    ),
    (FIND.replace("sos.police", "sos"), "serviceNotImplemented"),
    (FIND.replace("urn:service:sos.police", "urn:emergency:service:sos.psap"), "serviceNotImplemented"),
    (FIND.replace("geodetic-2d", "civic"), "locationProfileUnrecognized"),
    (FIND.replace("geodetic-2d", ""), "locationProfileUnrecognized"),
    (FIND.replace("geodetic-2d", "55,5 geodetic&amp;2d"), "locationProfileUnrecognized"),
    (FIND.replace("55.67610", "NaN"), "locationInvalid"),
    (FIND.replace("55.67610", "INF"), "locationInvalid"),
    (FIND.replace("55.67610", "91"), "locationInvalid"),
    (FIND.replace("55.67610 12.56834", "12.56834 55.67610"), "locationInvalid"),
    (FIND.replace("55.67610 12.56834", "55.67610"), "locationInvalid"),
    (FIND.replace("gs:Circle", "gs:Sphere"), "locationInvalid"),
    (FIND.replace("gs:Circle", "gs:Banana"), "locationInvalid"),
    (FIND.replace("EPSG::4326", "EPSG::25832"), "SRSInvalid"),
    (FIND.replace("EPSG::4326", "EPSG::4979"), "SRSInvalid"),
    (FIND.replace("55.67610 12.56834", "40.837048 -73.865433"), "notFound"),
    (FIND.replace("55.67610 12.56834", "-90 0"), "notFound"),
    (FIND.replace("</service>", "</service><path><via source='LOST.police.example'/></path>"), "loop"),
    (
        '<getServiceBoundary xmlns="urn:ietf:params:xml:ns:lost1" key="7214148E0433AFE2FA2D48003D31172E"/>',
        "notFound",
    ),
    ('<getServiceBoundary xmlns="urn:ietf:params:xml:ns:lost1"/>', "badRequest"),
]


@pytest.mark.parametrize(("request_xml", "name"), ERRORS)
def test_a_request_without_answer_gets_the_error_of_section_13(request_xml, name):
    assert error_of(ask(request_xml)) == name


@pytest.mark.parametrize("name", ["forbidden", "internalError", "serverTimeout", "serverError"])
def test_the_other_errors_of_section_13_fit_the_grammar(name):
    root = etree.fromstring(write_error("lost.police.example", name, "said why"))
    assert grammar().validate(root)


def test_the_first_location_of_a_known_profile_counts():
    civic = '<location id="home" profile="civic"><a xmlns="urn:x"/></location>'
    root = changed(LOCATION, civic + LOCATION)
    assert root.find(f"{LOST}locationUsed").get("id") == "aml-1"


def test_servers_that_were_asked_before_stand_first_in_the_path():
    root = changed("</service>", "</service><path><via source='resolver.example'/></path>")
    assert [via.get("source") for via in root.iter(f"{LOST}via")] == [
        "resolver.example",
        "lost.police.example",
    ]


def test_an_as_of_that_is_a_time_is_answered_with_a_warning():
    root = changed("</service>", "</service><asOf>2035-08-21T02:58:03.01-05:00</asOf>")
    assert "asOfNotFollowed" in warnings_of(root)


def test_validation_is_asked_for_in_vain():
    root = changed('recursive="true"', 'validateLocation="true"')
    assert "locationValidationUnavailable" in warnings_of(root)


def test_elements_of_other_namespaces_are_passed_over():
    extra = '<n:callId xmlns:n="urn:emergency:xml:ns:lostExt:Ids" callId="7"/>'
    assert texts(changed("</findService>", f"{extra}</findService>"), "uri")


def test_addresses_are_configurable_and_districts_without_one_are_left_out():
    desk = police_directory(Atlas.built_in(), {"1470": ("sip:desk@kbh.example", "tel:+4533141448")})
    assert texts(ask(FIND, desk), "uri") == ["sip:desk@kbh.example", "tel:+4533141448"]
    none = police_directory(Atlas.built_in(), {"1470": ()})
    assert error_of(ask(FIND, none)) == "notFound"


@pytest.mark.parametrize(
    "make",
    [
        lambda: LostService("police", {}),
        lambda: LostService("urn:service:sos.police", {}, "one-one-two"),
        lambda: LostDirectory((), 0),
        lambda: LostDirectory((LostService("urn:service:sos.police", {}),), 0, "localhost"),
    ],
)
def test_a_directory_that_breaks_the_rfc_cannot_be_made(make):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        make()
