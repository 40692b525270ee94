"""SIP requests with one `Geolocation` header, several, or none that fits."""

import pytest

from tests.location.test_pidf import AT, SAMPLE
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.location_reader import LocationReader
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.sip_message import read_sip
from vagtcentral.location.xml_oddity import XmlOddity as Odd

COARSE = SAMPLE.replace(b"55.67610", b"55.68000").replace(b">14<", b">900<")


def request(
    *headers: str, parts: tuple[tuple[str, bytes], ...] = (("one@x", SAMPLE), ("two@x", COARSE))
) -> bytes:
    body = b"--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
    for identity, document in parts:
        body += b"--b1\r\nContent-Type: application/pidf+xml\r\nContent-ID: <%s>\r\n\r\n" % identity.encode()
        body += document + b"\r\n"
    lines = [
        "INVITE urn:service:sos SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1",
        *headers,
        'Content-Type: multipart/mixed; boundary="b1"',
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"--b1--\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        ("Geolocation: <cid:two@x>", "Geolocation: <cid:one@x>;loc-src=lis.example"),
        ("geolocation: <cid:two@x>, <CID:one@x>",),
        ("Geolocation: <cid:two@x>,", " <cid:one%40x>", "Geolocation-Routing: no"),
        ("Geolocation: <https://lis.example/9>", "Geolocation: <cid:two@x>", "Geolocation: <cid:one@x>"),
    ],
)
def test_all_locations_by_value_are_read_in_the_order_of_the_headers(headers):
    found = read_sip(request(*headers), AT)
    assert [one.shape.latitude for one in found if one.shape] == [55.68, 55.6761]
    assert all(Odd.SEVERAL_GEOLOCATIONS in one.anomalies for one in found)


@pytest.mark.parametrize("name", [b"c", b"C"])
def test_the_compact_name_of_the_content_type_counts_in_the_request_and_in_its_parts(name):
    compact = request("Geolocation: <cid:one@x>").replace(b"Content-Type:", name + b":")
    assert [one.shape.latitude for one in read_sip(compact, AT) if one.shape] == [55.6761, 55.68]
    alone = b"INVITE urn:service:sos SIP/2.0\r\n%s: application/pidf+xml\r\n\r\n%s" % (name, SAMPLE)
    assert [one.shape.latitude for one in read_sip(alone, AT)] == [55.6761]


def test_addresses_come_last_and_are_kept_and_not_fetched():
    *_, last = read_sip(request("Geolocation: <https://lis.example/9>, <cid:one@x>"), AT)
    assert last.references == ("https://lis.example/9",)
    assert {Odd.BY_REFERENCE, Odd.SEVERAL_GEOLOCATIONS} <= set(last.anomalies)


def test_one_header_is_nothing_odd_and_a_document_that_none_names_is_read_too():
    named, unnamed = read_sip(request("Geolocation: <cid:one@x>"), AT)
    assert Odd.SEVERAL_GEOLOCATIONS not in named.anomalies
    assert Odd.MISPLACED not in named.anomalies
    assert unnamed.shape.latitude == 55.68
    assert Odd.MISPLACED in unnamed.anomalies


def test_a_part_that_is_missing_or_damaged_does_not_take_the_other_with_it():
    parts = (("one@x", SAMPLE), ("two@x", SAMPLE[:300]))
    headers = ("Geolocation: <cid:gone@x>", "Geolocation: <cid:two@x>", "Geolocation: <cid:one@x>")
    gone, damaged, good = read_sip(request(*headers, parts=parts), AT)
    assert Odd.LOCATION_PART_MISSING in gone.anomalies
    assert damaged.shape is None
    assert damaged.problem
    assert good.shape.latitude == 55.6761


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        SAMPLE,
        request(parts=()),
        b"INVITE sip:a SIP/2.0\r\n",
        b"INVITE a SIP/2.0\r\n" + b"x" * 70_000,
    ],
)
def test_what_has_no_location_is_refused_in_one_line(content):
    with pytest.raises(XmlRefused) as caught:
        read_sip(content, AT)
    assert "\n" not in str(caught.value)


def test_a_call_takes_every_location_of_a_request():
    headers = ("Geolocation: <cid:two@x>", "Geolocation: <cid:one@x>")
    message = LocationReceived(AT, LocationForm.PIDF, request(*headers).decode())
    reading = LocationReader(shipped_setting()).read(message)
    assert [one.radius_m for one in reading.positions] == [900, 14]
    assert "several-geolocations" in reading.anomalies
