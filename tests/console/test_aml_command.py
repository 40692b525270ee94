"""`vagtcentral aml decode`, through the command line parser."""

import json

import pytest
import typer
from typer.testing import CliRunner

from vagtcentral.console.aml import app

GOOD = (
    'A"ML=1;lt=+55.67610;lg=+12.56830;rd=14;top=20190304101500;lc=68;pm=G;si=238011234567890;'
    "ei=356708041746734;mcc=238;mnc=01;ml=128"
)


@pytest.fixture
def run():
    root = typer.Typer()
    root.add_typer(app, name="aml")
    return lambda *arguments, **more: CliRunner().invoke(root, ["aml", "decode", *arguments], **more)


def test_json_has_the_promised_fields(run):
    result = run(GOOD, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert list(answer) == ["form", "position", "caller", "anomalies", "raw", "fields"]
    assert answer["position"] == {
        "latitude": 55.6761,
        "longitude": 12.5683,
        "radius_m": 14.0,
        "confidence": 0.68,
        "time": "2019-03-04T10:15:00Z",
        "source": "gnss",
        "shape": None,
    }
    assert answer["caller"] == {
        "msisdn": None,
        "imsi": "238011234567890",
        "imei": "356708041746734",
        "network": "238-01",
    }
    assert answer["anomalies"] == []
    assert answer["raw"] == GOOD
    assert answer["fields"] == dict(part.split("=") for part in GOOD.split(";")[1:])


def test_message_comes_from_stdin_without_its_line_end(run):
    answer = json.loads(run("-", "--json", input=GOOD + "\r\n").stdout)
    assert answer["raw"] == GOOD
    assert answer["anomalies"] == []


def test_octets_that_are_no_utf_8_are_kept(run):
    answer = json.loads(run("-", "--json", input=b'A"ML=1;lt=\xff').stdout)
    assert answer["raw"] == 'A"ML=1;lt=ÿ'


def test_damaged_message_is_fine_as_long_as_it_is_aml(run):
    result = run('A"ML=1;lt=', "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["position"] is None


@pytest.mark.parametrize("message", ["hello", "", "x" * 500, "two\nlines"])
def test_what_is_no_aml_is_refused_in_one_line(run, message):
    result = run(message, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("vagtcentral: MESSAGE: ")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 200


def test_time_of_receipt_tells_a_stale_fix(run):
    assert json.loads(run(GOOD, "--json", "--received", "2019-03-04T10:15:20Z").stdout)["anomalies"] == []
    late = run(GOOD, "--json", "--received", "2019-03-04T12:15:20+01:00")
    assert json.loads(late.stdout)["anomalies"] == ["stale-fix"]
    bad = run(GOOD, "--received", "yesterday")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert "--received" in bad.stderr


def test_table_shows_position_radius_and_what_is_odd(run):
    text = run(GOOD.replace("ml=128", "ml=5")).stdout
    assert "55.676100, 12.568300 (gnss)" in text
    assert "23 m at 95 % (rfc7459-normal-2d)" in text
    assert "length-mismatch" in text


def test_message_of_10_mb_is_refused_in_one_line(run):
    result = run("-", input=GOOD + ";" * 10_000_000)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("vagtcentral: MESSAGE: ")
    assert result.stderr.endswith(" has more than 65536 characters: it is no AML message\n")
    assert result.stderr.count("\n") == 1
