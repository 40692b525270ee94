"""`vagtcentral locate` on every kind of evidence, and on several pieces of it together."""

import json
import re

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.aml_decode import forms
from tests.location.test_pidf import SAMPLE as PIDF
from vagtcentral.console.locate import locate
from vagtcentral.location.sms_write import deliver

AML = (
    'A"ML=1;lt=+55.67610;lg=+12.56830;rd=14;top=20190304101500;lc=68;pm=G;si=238011234567890;'
    "ei=356708041746734;mcc=238;mnc=01;ml=128"
)
CELL = "LTE-238-01-1011-257"
MODEL = "VAGTCENTRAL_RADIUS_MODEL"
#: A circle of 3GPP TS 23.032 around København's town hall, uncertainty code 20 (57 m).
GAD = "104f307708effb14"
ELLIPSE = """\
<gs:Ellipse srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>55.67610 12.56834</gml:pos>
 <gs:semiMajorAxis uom="urn:ogc:def:uom:EPSG::9001">1000</gs:semiMajorAxis>
 <gs:semiMinorAxis uom="urn:ogc:def:uom:EPSG::9001">500</gs:semiMinorAxis>
 <gs:orientation uom="urn:ogc:def:uom:EPSG::9102">20</gs:orientation></gs:Ellipse>"""
MLP = """\
<svc_result ver="3.2.0"><eme_lia ver="3.2.0"><eme_pos>
 <msid type="MSISDN">4520304050</msid>
 <pd><time utc_off="+0100">20190304111500</time>
  <shape><CircularArea srsName="www.epsg.org#4326">
   <coord><X>55 40 34.00N</X><Y>12 34 06.00E</Y></coord><radius>250</radius>
  </CircularArea></shape></pd>
</eme_pos></eme_lia></svc_result>"""


@pytest.fixture
def run(monkeypatch):
    for name in ("VAGTCENTRAL_CELLS", "VAGTCENTRAL_RESCUE_NUMBERS", "VAGTCENTRAL_ATLAS", MODEL):
        monkeypatch.delenv(name, raising=False)
    root = typer.Typer()
    root.command()(locate)
    return lambda *arguments, **more: CliRunner().invoke(root, list(arguments), **more)


@pytest.fixture
def answer(run):
    def asked(*arguments, **more):
        result = run(*arguments, "--json", **more)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return asked


def parts_of(answer):
    return answer["explanation"]["parts"]


# --- one piece of evidence ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, message in forms().items() if isinstance(message, str)])
def test_a_handsets_message_is_located_in_every_written_form(answer, name):
    found = answer("--aml", forms()[name])
    assert found["municipality"]["code"] == "0101"
    assert found["position"]["source"] == "gnss"


def test_octets_of_a_message_come_from_stdin(answer):
    assert answer("--aml", "-", input=forms()["data, octets"])["municipality"]["code"] == "0101"


def test_parts_of_a_message_given_one_by_one_are_put_together(answer, run):
    first, second = forms()["two parts, 7-bit"].split("\n")
    assert answer("--aml", second, "--aml", first)["position"]["latitude"] == 55.6761
    assert "part-missing" in answer("--aml", first)["anomalies"]


def test_a_cell_is_located_by_its_sector_and_says_that_its_network_is_invented(answer):
    found = answer("--cell", CELL)
    assert found["position"]["source"] == "cell"
    assert found["position"]["time"] is None
    assert found["position"]["shape"]["type"] == "Polygon"
    assert found["districts"][0]["code"] == "1470"
    assert found["anomalies"] == ["cells-synthetic"]
    (part,) = parts_of(found)
    assert part["from"] == f"--cell {CELL}"
    assert part["data"] == "cells_synthetic.csv"
    assert "beam of its mast" in part["note"]


def test_a_cells_timing_advance_makes_its_sector_a_ring(answer):
    ring = answer("--cell", f"{CELL},3")
    assert "by timing advance 3" in parts_of(ring)[0]["note"]
    assert ring["position"]["radius_m"] < answer("--cell", CELL)["position"]["radius_m"]


def test_an_unknown_cell_gives_no_position_and_the_reason(answer):
    found = answer("--cell", "238-01-60000-1")
    assert found["position"] is None
    assert found["decision"]["action"] == "ask"
    assert parts_of(found)[0]["note"] == "Neither cell 238-01-60000-1 nor its area is in cells_synthetic.csv."


def test_cells_come_from_the_file_that_is_named(answer, tmp_path):
    file = tmp_path / "cells.csv"
    file.write_text(
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
        "LTE,238,1,1011,257,1,10.2039,56.1629,900,1,0,0,0,\n",
        encoding="utf-8",
    )
    found = answer("--cell", CELL, "--cells", str(file))
    assert found["municipality"]["code"] == "0751"
    assert found["anomalies"] == []
    assert parts_of(found)[0]["data"] == "cells.csv"


def test_a_pidf_document_is_located_from_a_file_and_from_stdin(answer, tmp_path):
    file = tmp_path / "call.xml"
    file.write_bytes(PIDF)
    found = answer("--pidf", str(file))
    assert (found["position"]["latitude"], found["position"]["source"]) == (55.6761, "gnss")
    assert found["anomalies"] == []  # no clock is read, so that nothing is called old
    assert parts_of(found)[0]["from"] == f"--pidf {file}"
    assert answer("--pidf", "-", input=PIDF)["position"] == found["position"]


def test_a_pidf_location_that_is_refused_is_told_with_its_reason(answer, tmp_path):
    file = tmp_path / "call.xml"
    file.write_bytes(PIDF.replace(b"55.67610 12.56834", b"12.56834 55.67610"))
    found = answer("--pidf", str(file))
    assert found["position"] is None
    assert "axes-swapped" in found["anomalies"]
    assert "exchanged" in parts_of(found)[0]["note"]


@pytest.mark.parametrize(
    ("option", "told", "district"),
    [
        ("--postcode", "8000", "1461"),
        ("--square", "1km_6223_576", "1461"),
        ("--square", "6223576", "1461"),
        ("--rescue", "N001", "1460"),
        ("--rescue", "66001", "1460"),
    ],
)
def test_what_a_caller_told_is_located(answer, option, told, district):
    found = answer(option, told)
    assert found["districts"][0]["code"] == district
    assert found["position"]["source"] == "keyed"
    assert found["position"]["time"] is None


def test_invented_rescue_numbers_say_so_and_an_unknown_one_gives_no_position(answer):
    assert answer("--rescue", "N001")["anomalies"] == ["rescue-numbers-synthetic"]
    found = answer("--rescue", "F510")
    assert found["position"] is None
    assert parts_of(found)[0]["note"] == "The number is not in rescue_numbers.csv."


# --- several pieces -------------------------------------------------------------------------------


def test_evidence_that_agrees_is_fused_and_the_answer_says_what_each_counted_for(answer):
    found = answer(
        *("--lat", "55.676", "--lon", "12.568", "--radius", "100", "--confidence", "0.95"),
        *("--lat", "55.677", "--lon", "12.568", "--radius", "100", "--confidence", "0.95"),
    )
    assert found["position"]["source"] == "fused"
    assert found["position"]["latitude"] == pytest.approx(55.6765)
    assert found["explanation"]["evidence"] == "inverse-variance"
    assert [part["weight"] for part in parts_of(found)] == pytest.approx([0.5, 0.5])
    assert [part["from"] for part in parts_of(found)] == ["--lat, --lon"] * 2
    assert found["data"]["official"] is False


def test_an_outlier_is_named_and_does_not_move_the_answer(answer):
    found = answer("--aml", AML, "--postcode", "8000")
    assert found["position"]["latitude"] == 55.6761
    by_option = {part["from"].split()[0]: part for part in parts_of(found)}
    assert by_option["--postcode"]["reason"].startswith("outlier: keyed and gnss 156.6 km apart")
    assert by_option["--postcode"]["weight"] == 0
    assert by_option["--aml"]["reason"] == "most certain"
    assert found["disagreements"] == [by_option["--postcode"]["reason"].removeprefix("outlier: ")]


def test_the_same_fix_by_two_ways_counts_once(answer):
    form = (
        "location_latitude=55.676100&location_longitude=12.568300&location_accuracy=14&"
        "location_confidence=0.68&location_time=1551694500000&location_source=gps"
    )
    found = answer("--aml", AML, "--aml", form)
    assert found["position"]["source"] == "gnss"
    assert sorted((part["weight"], part["reason"]) for part in parts_of(found)) == [
        (0.0, "a fix that was given already"),
        (1.0, "most certain"),
    ]


def test_an_ellipse_is_brought_to_95_percent_by_the_model_that_is_named(answer, tmp_path):
    file = tmp_path / "ellipse.xml"
    ellipse = re.sub(r"<gs:Circle.*</gs:Circle>", ELLIPSE, PIDF.decode(), flags=re.DOTALL)
    file.write_text(ellipse)
    for model, radius in (("rayleigh", 1621.5), ("normal-1d", 1970.9)):
        found = answer("--pidf", str(file), "--model", model)
        assert found["radius_95_m"] == pytest.approx(radius, abs=0.1)
        assert found["radius_model"] == model
        assert parts_of(found)[0]["radius_model"] == model


def test_of_several_telephones_the_first_is_the_callers_as_in_a_call(answer, tmp_path):
    start, _, rest = MLP.partition("<eme_pos>")
    entry, _, end = rest.partition("</eme_pos>")
    other = entry.replace("4520304050", "4529999999").replace("55 40", "57 03")
    file = tmp_path / "two.xml"
    file.write_text(f"{start}<eme_pos>{entry}</eme_pos><eme_pos>{other}</eme_pos>{end}")
    found = answer("--mlp", str(file))
    assert found["position"] == answer("--mlp", "-", input=MLP)["position"]
    assert "mlp-several-telephones" in found["anomalies"]


def test_a_document_without_a_place_says_so(answer):
    empty = re.sub(rb"<dm:device.*</dm:device>", b"", PIDF, flags=re.DOTALL)
    found = answer("--pidf", "-", input=empty)
    assert found["position"] is None
    assert found["anomalies"] == ["pidf-without-position"]
    assert parts_of(found)[0]["reason"] == "no position"


def test_the_age_of_a_fix_counts_from_when_its_message_was_sent(answer):
    message = deliver(AML, "4520304050", 1_551_694_500_000 + 3_600_000).hex()
    found = answer("--aml", message)
    assert found["age_s"] == pytest.approx(3600)
    assert found["radius_95_m"] == pytest.approx(23.1 + 5 * 3600, abs=0.5)


def test_an_assumed_radius_says_so_among_others(answer):
    found = answer("--aml", AML.replace("rd=14", "rd=N"), "--aml", AML.replace("+12.56830", "+09.92000"))
    assert {part["radius_model"] for part in parts_of(found)} == {
        "assumed-for-its-source",
        "rfc7459-normal-2d",
    }


def test_the_table_has_a_line_for_each_piece_of_evidence(run):
    text = run("--aml", AML, "--cell", CELL, "--postcode", "1550").stdout
    assert re.search(r"evidence: --aml \(sms-v1\): gnss 23 m at 95 %, weight 1\.00: most certain", text)
    assert re.search(
        r"evidence: --cell LTE\S+: cell \d+ m at 80 %, weight 0\.00: outlier: .*\(The LTE .*\)", text
    )
    assert re.search(r"evidence: --postcode 1550: keyed \d+ m at 95 %, weight 0\.00: agrees, but", text)
    assert "note: cells-synthetic" in text


# --- costs ----------------------------------------------------------------------------------------

UNSURE = ("--lat", "55.70", "--lon", "12.45", "--radius", "2000", "--confidence", "0.68")


def test_costs_decide(answer):
    assert answer(*UNSURE)["decision"]["action"] == "ask"
    assert answer(*UNSURE, "--cost", "ask=40")["decision"]["action"] == "route"
    held = answer(*UNSURE, "--hold", "10", "--better-fix", "0.9")
    assert held["decision"]["action"] == "hold"
    assert held["explanation"]["hold_s"] == 10
    assert set(held["explanation"]["expected_cost"]) == {"route", "ask", "hold"}
    assert answer(*UNSURE, "--hold", "10", "--service", "112")["decision"]["action"] == "route"


def test_costs_count_for_the_rows_of_a_file_too(run):
    row = "a,55.70,12.45,2000,0.68\n"
    assert run("--csv", "-", input=row).stdout.endswith(",ask\n")
    assert run("--csv", "-", "--cost", "ask=40", input=row).stdout.endswith(",route\n")


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--cell", "238-01"], "--cell: cell '238-01' is not MCC-MNC-AREA-CELL"),
        (["--cell", "238-01-1-1,x"], "--cell: timing advance 'x' is not a whole number of steps"),
        (["--cell", CELL, "--cells", "/no/such"], "--cells: /no/such: No such file"),
        (["--cell", CELL, "--cells", __file__], f"--cells: {__file__}: "),
        (["--pidf", "/no/such"], "--pidf: /no/such: No such file"),
        (["--pidf", __file__], f"--pidf: {__file__}: "),
        (["--pidf", "-", "--aml", "-"], "--pidf: stdin (-) can be read only once"),
        (["--postcode", "0001"], "--postcode: '0001' is not a Danish postcode with a place"),
        (["--square", "123"], "--square: '123' is not a square within 10 km of Danish land: 5, 7 or"),
        (["--square", "10km_603_44"], "--square: '10km_603_44' is not a square within 10 km of Danish"),
        (["--square", "1km_6100_435"], "--square: '1km_6100_435' is not a square within 10 km of Danish"),
        (["--rescue", "12"], "--rescue: '12' is not a letter and three digits, e.g. F510"),
        (["--rescue", "N001", "--rescue-numbers", "/no/such"], "--rescue-numbers: /no/such: No such file"),
        ([*UNSURE, "--cost", "ask"], "--cost: 'ask' is not NAME=NUMBER"),
        ([*UNSURE, "--cost", "asking=1"], "--cost: 'asking' is none of wrong_district, ask,"),
        ([*UNSURE, "--hold", "90"], "--hold: hold_s 90.0 is not a number from 0 to 60"),
        ([*UNSURE, "--better-fix", "often"], "--better-fix: better_fix 'often' is not a number"),
    ],
)
def test_bad_evidence_ends_with_status_2_and_one_line(run, arguments, complaint):
    result = run(*arguments, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"vagtcentral: {complaint}")
    assert result.stderr.count("\n") == 1


# --- the mobile network's own forms ---------------------------------------------------------------


def test_an_answer_of_a_location_server_is_located(answer, tmp_path):
    (tmp_path / "answer.xml").write_text(MLP, encoding="utf-8")
    found = answer("--mlp", str(tmp_path / "answer.xml"))
    assert found["municipality"]["code"] == "0101"
    assert found["position"]["radius_m"] == 250
    assert found["position"]["time"] == "2019-03-04T10:15:00Z"
    assert answer("--mlp", "-", input=MLP)["districts"] == found["districts"]


def test_an_answer_without_a_position_says_why(answer):
    refusal = '<svc_result><eme_lia><result resid="4">UNKNOWN SUBSCRIBER</result></eme_lia></svc_result>'
    found = answer("--mlp", "-", input=refusal)
    assert found["position"] is None
    assert "UNKNOWN SUBSCRIBER" in parts_of(found)[0]["note"]


def test_an_area_description_is_located(answer):
    found = answer("--gad", GAD)
    assert found["municipality"]["code"] == "0101"
    assert found["position"]["source"] == "cell"
    assert found["position"]["radius_m"] == pytest.approx(57.3, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (("--gad", "10zz"), "--gad: '10zz' is not octets in hexadecimal: "),
        (("--gad", "10"), "--gad: '10': shape type 1 has 8 octets, not 1"),
        (("--gad", "f0"), "--gad: 'f0': shape type 15 is none of "),
        (("--mlp", "/nowhere.xml"), "--mlp: /nowhere.xml: No such file"),
        (("--mlp", "-"), "--mlp: stdin: "),
        (("--gad", GAD, "--model", "best"), "--model: 'best' is none of rfc7459-normal-2d, rayleigh"),
    ],
)
def test_what_is_none_of_them_is_one_line(run, arguments, seen):
    result = run(*arguments, input="<a/>")
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"vagtcentral: {seen}")


# --- the model that brings radii to 95 % ----------------------------------------------------------

ONE = ("--lat", "55.6761", "--lon", "12.5683", "--radius", "100", "--confidence", "0.68")


@pytest.mark.parametrize(
    ("model", "radius"),
    [("rfc7459-normal-2d", 165.0), ("rayleigh", 162.1), ("normal-1d", 197.1), ("rfc7459-rectangular", 100.0)],
)
def test_the_model_is_an_option_and_a_setting_and_named_in_the_answer(answer, monkeypatch, model, radius):
    given = answer(*ONE, "--model", model)
    assert given["radius_model"] == model
    assert given["radius_95_m"] == pytest.approx(radius, abs=0.1)
    assert parts_of(given)[0]["radius_model"] == model
    assert parts_of(given)[0]["radius_95_m"] == pytest.approx(radius, abs=0.1)
    monkeypatch.setenv(MODEL, model)
    assert answer(*ONE) == given


def test_the_model_is_named_without_json_and_for_many_callers_at_once(run, answer):
    assert "162 m (rayleigh)" in run(*ONE, "--model", "rayleigh").stdout
    rows = "id,latitude,longitude,radius_m,confidence\na,55.70,12.45,900,0.68\n"
    wide = answer("--csv", "-", "--model", "normal-1d", input=rows)
    assert wide["radius_model"] == "normal-1d"
    assert wide["rows"][0]["probability"] != answer("--csv", "-", input=rows)["rows"][0]["probability"]


def test_a_radius_whose_confidence_nobody_stated_is_used_as_it_was_sent(answer):
    assert answer("--gad", GAD, "--model", "rayleigh")["radius_model"] == "as-sent"
