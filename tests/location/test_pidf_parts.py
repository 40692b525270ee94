"""What else a location in a PIDF-LO holds: an address, several shapes, addresses to fetch it from."""

import pytest

from tests.location.test_pidf import AT, SAMPLE, changed
from tests.location.test_pidf_wild import CIRCLE, SQUARE, ring, shaped
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.shapes import Circle, Polygon
from vagtcentral.location.xml_oddity import XmlOddity as Odd

CIVIC = '<ca:civicAddress xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><ca:country>DK</ca:country><ca:FLR>3</ca:FLR></ca:civicAddress>'  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("order", [CIRCLE + CIVIC, CIVIC + CIRCLE])
def test_an_area_with_an_address_keeps_both_in_either_order(order):
    location = shaped(order)
    assert location.shape.radius == 14
    assert location.civic == (("country", "DK"), ("FLR", "3"))
    assert location.anomalies == (Odd.COMPOUND,)


def test_an_address_alone_has_no_position():
    location = shaped(CIVIC)
    assert location.shape is None
    assert location.position is None
    assert location.problem is None
    assert Odd.CIVIC_ONLY in location.anomalies


def test_several_shapes_in_one_location_are_several_locations():
    found = read_pidf(SAMPLE.replace(CIRCLE.encode(), (CIRCLE + ring(*SQUARE, SQUARE[0])).encode()), AT)
    assert [type(one.shape) for one in found] == [Circle, Polygon]
    assert all(Odd.SEVERAL_SHAPES in one.anomalies for one in found)


def test_addresses_to_fetch_from_are_kept():
    held = "<locationURI>https://lis.example/9</locationURI>"
    location = shaped(held)
    assert location.references == ("https://lis.example/9",)
    assert location.shape is None
    assert Odd.BY_REFERENCE in location.anomalies
    provided = '<gp:provided-by><EmergencyCallDataReference ref="https://a.example/p"/></gp:provided-by>'
    assert changed("<gp:usage-rules/>", provided).additional_data == ("https://a.example/p",)


def test_an_empty_location_and_an_unknown_shape_are_named():
    assert Odd.NO_LOCATION in shaped("").anomalies
    location = shaped("<gml:Curve/>")
    assert Odd.UNKNOWN_SHAPE in location.anomalies
    assert "Curve" in location.problem
