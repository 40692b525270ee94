"""Answers of a mobile network's location server (OMA MLP)."""

import pytest

from vagtcentral.location.mlp import read_mlp
from vagtcentral.location.mlp_coordinate import coordinate_of
from vagtcentral.location.position import Source
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.shapes import ArcBand, Circle, Ellipse, Point, Polygon
from vagtcentral.location.xml_oddity import XmlOddity as Odd

AT = 1_768_473_001_000
COORD = "<coord><X>55 40 33.953N</X><Y>12 34 6.013E</Y></coord>"
CIRCLE = f'<CircularArea srsName="www.epsg.org#4326">{COORD}<radius>750</radius></CircularArea>'
SAMPLE = f"""<svc_result ver="3.2.0"><eme_lia ver="3.2.0"><eme_pos><msid type="MSISDN">4520123456</msid>
 <pd><time utc_off="+0000">20260115103001</time><shape>{CIRCLE}</shape></pd></eme_pos></eme_lia>
</svc_result>"""
TOWN = (55.676098, 12.568337)


def changed(old, new):
    assert old in SAMPLE
    return read_mlp(SAMPLE.replace(old, new).encode(), AT)


def only(old, new):
    (position,) = changed(old, new).positions
    return position


def near(shape, kind, *values):
    assert type(shape) is kind
    names = [name for name in kind.__dataclass_fields__ if name not in ("confidence", "pdf", "altitude")]
    assert [getattr(shape, name) for name in names] == pytest.approx(list(values), abs=1e-6)


def test_an_answer_in_degrees_minutes_and_seconds():
    answer = read_mlp(SAMPLE.encode(), AT)
    assert (answer.service, answer.version, answer.result, answer.anomalies) == ("eme_lia", "3.2.0", None, ())
    (position,) = answer.positions
    assert (position.msid, position.msid_type, position.time) == ("4520123456", "MSISDN", AT)
    assert position.anomalies == ()
    near(position.shape, Circle, *TOWN, 750)
    assert position.position.source is Source.CELL
    assert position.position.confidence is None


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("55 40 33.953N", 55.676098),
        ("12 34 6.013E", 12.568337),
        ("S22.984182", -22.984182),
        ("W43.359089", -43.359089),
        ("n55.676098", 55.676098),
        ("55.676098N", 55.676098),
        ("55.676098", 55.676098),
        ("-12.5", -12.5),
        ("55 40.5N", 55.675),
        ("55°40'33.953\"N", 55.676098),
        ("0 0 0.0S", 0.0),
    ],
)
def test_coordinates_as_servers_write_them(text, degrees):
    assert coordinate_of(text, [])[0] == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "NaN",
        "INF",
        "91 0 0N",
        "181 0 0E",
        "55 60 0N",
        "55 40 60N",
        "N55S",
        "-55N",
        "55 40 33 7N",
        "1e2",
    ],
)
def test_what_is_no_coordinate(text):
    assert coordinate_of(text, []) is None


def test_hemisphere_first_decimals_of_a_real_server():
    position = only(COORD, "<coord><X>S22.984182</X><Y>W43.359089</Y></coord>")
    near(position.shape, Circle, -22.984182, -43.359089, 750)
    assert Odd.AXES_SWAPPED not in position.anomalies


@pytest.mark.parametrize(
    ("shape", "kind", "values"),
    [
        (f"<Point>{COORD}</Point>", Point, TOWN),
        (
            f"<EllipticalArea>{COORD}<angle>200</angle><semiMajor>90</semiMajor><semiMinor>40</semiMinor>"
            "<angularUnit>Degrees</angularUnit></EllipticalArea>",
            Ellipse,
            (*TOWN, 90, 40, 20),
        ),
        (
            f"<CircularArcArea>{COORD}<inRadius>0</inRadius><outRadius>71</outRadius><startAngle>266.0"
            "</startAngle><stopAngle>66.0</stopAngle><distanceUnit>meter</distanceUnit></CircularArcArea>",
            ArcBand,
            (*TOWN, 0, 71, 266, 66),
        ),
    ],
)
def test_shapes(shape, kind, values):
    position = only(CIRCLE, shape)
    near(position.shape, kind, *values)
    assert position.anomalies == ()


def test_an_arc_in_radians_is_converted():
    arc = f"<CircularArcArea>{COORD}<inRadius>5</inRadius><outRadius>71</outRadius>"
    arc += "<startAngle>1.5707963</startAngle>"
    position = only(
        CIRCLE, f"{arc}<stopAngle>3.1415927</stopAngle><angularUnit>Radians</angularUnit></CircularArcArea>"
    )
    near(position.shape, ArcBand, *TOWN, 5, 71, pytest.approx(90, abs=1e-4), pytest.approx(180, abs=1e-4))


def test_polygons_may_be_closed_or_not():
    corners = ("<coord><X>55 0 0N</X><Y>12 0 0E</Y></coord>", "<coord><X>55 0 0N</X><Y>12 6 0E</Y></coord>",
               "<coord><X>55 6 0N</X><Y>12 6 0E</Y></coord>")  # fmt: skip
    for ring, odd in ((corners, (Odd.RING_UNCLOSED,)), ((*corners, corners[0]), ())):
        linear = f"<LinearRing>{''.join(ring)}</LinearRing>"
        position = only(CIRCLE, f"<Polygon><outerBoundaryIs>{linear}</outerBoundaryIs></Polygon>")
        assert position.shape == Polygon(((55.0, 12.0), (55.0, 12.1), (55.1, 12.1)))
        assert position.anomalies == odd


@pytest.mark.parametrize(
    ("clock", "time", "odd"),
    [
        ('<time utc_off="+0100">20260115113001</time>', AT, set()),
        ('<time utc_off="-0700">20260115033001</time>', AT, set()),
        ("<time>20260115103001</time>", AT, {Odd.TIME_WITHOUT_ZONE}),
        ('<time utc_off="CET">20260115103001</time>', AT, {Odd.TIME_WITHOUT_ZONE}),
        ('<time utc_off="+9959">20260115103001</time>', None, {Odd.BAD_TIME}),
        ('<time utc_off="+0000">20261315103001</time>', None, {Odd.BAD_TIME}),
        ('<time utc_off="+0000">2026-01-15</time>', None, {Odd.BAD_TIME}),
        ('<time utc_off="+0000"/>', None, {Odd.TIME_MISSING}),
        ("", None, {Odd.TIME_MISSING}),
        ('<time utc_off="+0000">20260115102501</time>', AT - 300_000, {Odd.STALE_FIX}),
        ('<time utc_off="+0000">20260115103501</time>', AT + 300_000, {Odd.FUTURE_FIX}),
    ],
)
def test_times_are_brought_to_utc(clock, time, odd):
    position = only('<time utc_off="+0000">20260115103001</time>', clock)
    assert position.time == time
    assert set(position.anomalies) == odd
    assert position.shape is not None


def test_a_bare_document_type_as_servers_send_it_is_skipped_and_named():
    head = '<?xml version="1.0"?><!DOCTYPE svc_result SYSTEM "MLP_SVC_RESULT_320.DTD">'
    answer = read_mlp((head + SAMPLE).encode(), AT)
    assert answer.anomalies == (Odd.DOCTYPE,)
    assert len(answer.positions) == 1


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svc_result [<!ENTITY a "b">]><svc_result><eme_lia/></svc_result>',
        b"<presence/>",
        b"<svc_init><eme_lir/></svc_init>",
        b"",
        SAMPLE[:-40].encode(),
        b"x" * 100_000,
    ],
)
def test_only_what_is_no_answer_is_refused(content):
    with pytest.raises(XmlRefused, match=r"^[^\n]+$"):
        read_mlp(content, AT)


@pytest.mark.parametrize(
    ("old", "new", "odd"),
    [
        ("55 40 33.953N", "NaN", Odd.BAD_COORDINATE),
        ("55 40 33.953N", "91 0 0N", Odd.BAD_COORDINATE),
        ("<X>55 40 33.953N</X>", "", Odd.BAD_COORDINATE),
        (COORD, "", Odd.BAD_COORDINATE),
        (COORD, "<coord><X>12.56834</X><Y>55.67610</Y></coord>", Odd.AXES_SWAPPED),
        (CIRCLE, "<Banana/>", Odd.UNKNOWN_SHAPE),
        (CIRCLE, "", Odd.UNKNOWN_SHAPE),
        ("#4326", "#25832", Odd.CRS_UNKNOWN),
        (CIRCLE, f"<CircularArcArea>{COORD}<inRadius>9</inRadius><outRadius>2</outRadius>"
         "<startAngle>1</startAngle><stopAngle>60</stopAngle></CircularArcArea>", Odd.BAD_LENGTH),
        (CIRCLE, f"<Polygon>{COORD}{COORD}</Polygon>", Odd.BAD_COORDINATE),
    ],
)  # fmt: skip
def test_a_shape_without_meaning_is_refused_and_the_rest_kept(old, new, odd):
    position = only(old, new)
    assert position.shape is None
    assert position.position is None
    assert odd in position.anomalies
    assert position.msid == "4520123456"
    assert position.problem
    assert "\n" not in position.problem


@pytest.mark.parametrize(("x", "y"), [("55.67610N", "12.56834N"), ("55 40 33E", "12 34 6E")])
def test_letters_of_one_axis_for_both_coordinates_are_named(x, y):
    position = only(COORD, f"<coord><X>{x}</X><Y>{y}</Y></coord>")
    assert position.shape.latitude == pytest.approx(55.676, abs=1e-3)
    assert Odd.AXIS_LETTERS_ALIKE in position.anomalies
    assert Odd.AXIS_LETTERS_ALIKE not in only(COORD, COORD).anomalies


def test_letters_that_show_the_axes_to_be_exchanged_are_followed():
    position = only(COORD, "<coord><X>12 34 6.013E</X><Y>55 40 33.953N</Y></coord>")
    near(position.shape, Circle, *TOWN, 750)
    assert position.anomalies == (Odd.AXES_NAMED_OTHERWISE,)


@pytest.mark.parametrize("radius", ["0", "-5", "NaN", "", "far"])
def test_a_circle_without_a_usable_radius_is_a_point(radius):
    position = only("<radius>750</radius>", f"<radius>{radius}</radius>")
    near(position.shape, Point, *TOWN)
    assert set(position.anomalies) & {Odd.BAD_LENGTH, Odd.RADIUS_UNKNOWN}


def test_a_level_of_confidence_is_a_fraction():
    assert only("</shape>", "</shape><lev_conf>67</lev_conf>").shape.confidence == 0.67
    position = only("</shape>", "</shape><lev_conf>100</lev_conf>")
    assert position.shape.confidence is None
    assert Odd.BAD_CONFIDENCE in position.anomalies


def test_a_quality_that_was_missed_is_named():
    position = only("<pd>", "<pd><qos_not_met/>")
    assert position.shape is not None
    assert position.anomalies == (Odd.QUALITY_NOT_MET,)


def test_a_reason_instead_of_a_position():
    start, end = SAMPLE.index("<pd>"), SAMPLE.index("</pd>") + len("</pd>")
    error = '<poserr><result resid="5">ABSENT SUBSCRIBER</result><add_info>off</add_info></poserr>'
    position = only(SAMPLE[start:end], error)
    assert position.problem == "5 ABSENT SUBSCRIBER off"
    assert Odd.POSITION_ERROR in position.anomalies


def test_a_result_and_a_later_answer():
    refused = read_mlp(
        b'<svc_result><eme_lia><result resid="110">INVALID</result></eme_lia></svc_result>', AT
    )
    assert refused.result == ("110", "INVALID")
    assert refused.positions == ()
    assert read_mlp(b"<svc_result><eme_lia><req_id>25</req_id></eme_lia></svc_result>", AT).req_id == "25"
    gem = read_mlp(b'<svc_result><gem><result resid="2">UNAUTHORIZED</result></gem></svc_result>', AT)
    assert (gem.service, gem.result) == ("gem", ("2", "UNAUTHORIZED"))


def test_an_emergency_report_tells_its_event():
    report = SAMPLE.replace("eme_lia", "emerep").replace(
        "<eme_pos>", '<eme_event eme_trigger="EME_ORG"/><eme_pos>'
    )
    answer = read_mlp(report.encode(), AT)
    assert (answer.service, answer.event) == ("emerep", "EME_ORG")
    assert len(answer.positions) == 1


def test_several_stations_and_words_in_small_letters():
    start, end = SAMPLE.index("<eme_pos>"), SAMPLE.index("</eme_pos>") + len("</eme_pos>")
    one = SAMPLE[start:end]
    other = one.replace('type="MSISDN"', 'type="imsi"').replace("4520123456", "238010000000001")
    answer = read_mlp(
        SAMPLE.replace(one, one + other).replace("<eme_lia", '<eme_lia res_type="sync"').encode(), AT
    )
    assert [position.msid_type for position in answer.positions] == ["MSISDN", "IMSI"]
    assert answer.res_type == "SYNC"
    assert answer.anomalies == (Odd.LETTER_CASE,)
    assert Odd.LETTER_CASE in answer.positions[1].anomalies


def test_a_position_that_does_not_say_whose_it_is_is_kept():
    position = only('<msid type="MSISDN">4520123456</msid>', "")
    assert position.msid is None
    assert position.shape is not None
    assert Odd.MSID_MISSING in position.anomalies
