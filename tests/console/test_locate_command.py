"""`vagtcentral locate`, through the command line parser."""

import json

import pytest
import typer
from typer.testing import CliRunner

from vagtcentral.console.locate import locate

AML = (
    'A"ML=1;lt=+55.67610;lg=+12.56830;rd=14;top=20190304101500;lc=68;pm=G;si=238011234567890;'
    "ei=356708041746734;mcc=238;mnc=01;ml=128"
)
NO_FIX = AML.replace("+55.67610", "+00.00000").replace("+12.56830", "+00.00000").replace("rd=14", "rd=N ")


@pytest.fixture
def run():
    root = typer.Typer()
    root.command()(locate)
    return lambda *arguments, **more: CliRunner().invoke(root, list(arguments), **more)


def answer_of(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_json_has_the_promised_fields(run):
    answer = answer_of(
        run("--lat", "55.70", "--lon", "12.45", "--radius", "2000", "--confidence", "0.68", "--json")
    )
    assert answer["position"]["radius_m"] == 2000
    assert set(answer["municipality"]) >= {"code", "name", "probability"}
    assert [district["code"] for district in answer["districts"]] == ["1469", "1470"]
    assert set(answer["districts"][0]) == {"code", "name", "probability", "distance_m"}
    assert sum(district["probability"] for district in answer["districts"]) == pytest.approx(1)
    assert answer["decision"]["action"] == "ask"
    assert set(answer["decision"]) == {"action", "district", "reason"}
    assert set(answer["data"]) == {"name", "official", "date", "sha256"}
    assert answer["data"]["official"] is False
    assert answer["radius_model"] == "rfc7459-normal-2d"
    assert answer["radius_95_m"] == pytest.approx(3300.8, abs=0.1)


def test_emergency_is_routed_where_114_asks(run):
    options = ("--lat", "55.70", "--lon", "12.45", "--radius", "2000", "--json")
    assert answer_of(run(*options, "--service", "112"))["decision"]["action"] == "route"
    assert answer_of(run(*options))["decision"]["action"] == "ask"


def test_aml_message_is_located_and_its_anomalies_are_told(run):
    answer = answer_of(run("--aml", AML.replace("ml=128", "ml=9"), "--json"))
    assert answer["municipality"]["code"] == "0101"
    assert answer["decision"] == {
        "action": "route",
        "district": "1470",
        "reason": ("Københavns Politi is likeliest with 100 %; to route costs least (route 0.0, ask 20.0)."),
    }
    assert answer["anomalies"] == ["length-mismatch"]


def test_message_without_position_gives_nulls_and_asks(run):
    answer = answer_of(run("--aml", NO_FIX, "--json"))
    assert (answer["position"], answer["municipality"], answer["districts"]) == (None, None, [])
    assert answer["decision"]["action"] == "ask"


def test_several_positions_are_weighed_and_contradictions_told(run):
    answer = answer_of(run("--lat", "56.157", "--lon", "10.21", "--radius", "5000", "--aml", AML, "--json"))
    assert answer["municipality"]["code"] == "0101"
    assert len(answer["disagreements"]) == 1
    assert "km apart" in answer["disagreements"][0]
    twice = run(
        "--lat", "55.7", "--lon", "12.5", "--radius", "9", "--lat", "55.71", "--lon", "12.5", "--radius", "0"
    )
    assert "apart" not in twice.stdout  # the second's radius is unknown, so nothing is contradicted
    assert twice.exit_code == 0


def test_abroad_there_is_no_municipality(run):
    answer = answer_of(run("--lat", "51.5", "--lon", "-0.12", "--json"))
    assert answer["municipality"] is None
    assert answer["districts"] == []
    assert answer["decision"]["district"] is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "no position given"),
        (["--lat", "91", "--lon", "12"], "--lat '91' is not degrees from -90 to 90"),
        (["--lat", "NaN", "--lon", "12"], "--lat 'NaN'"),
        (["--lat", "55", "--lon", "inf"], "--lon 'inf'"),
        (["--lat", "55"], "--lat and --lon belong together: 1 and 0 given"),
        (["--lon", "12"], "--lat and --lon belong together: 0 and 1 given"),
        (["--lat", "55", "--lon", "12", "--radius", "-1"], "--radius '-1'"),
        (["--lat", "55", "--lon", "12", "--radius", "5", "--radius", "6"], "--radius: 2 given for 1"),
        (["--lat", "55", "--lon", "12", "--radius", "5", "--confidence", "68"], "--confidence '68'"),
        (["--lat", "55", "--lon", "12", "--confidence", "0.68"], "--confidence: needs --radius"),
        (["--lat", "55", "--lon", "12", "--service", "113"], "--service: '113'"),
        (["--aml", "hello"], "--aml: 'hello' is no AML message"),
        (["--aml", "-", "--aml", "-"], "--aml: stdin (-) can be read only once"),
        (["--csv", "/no/such/file"], "--csv: /no/such/file: No such file"),
        (["--csv", "-", "--lat", "55", "--lon", "12"], "--csv: takes its positions from the file"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_line(run, arguments, complaint):
    result = run(*arguments, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"vagtcentral: {complaint}")
    assert result.stderr.count("\n") == 1


def test_csv_says_on_stderr_that_the_geometry_is_not_official(run):
    result = run("--csv", "-", input="id,latitude,longitude\na,55.70,12.45\n")
    assert result.stderr.startswith("Not the official geometry: Vagtcentral built-in municipalities")
    assert "sha256" in result.stderr
    assert "official" not in result.stdout


def test_a_place_without_radius_is_looked_up_as_a_point_and_a_message_without_one_is_not(run):
    place = answer_of(run("--lat", "55.705", "--lon", "12.455", "--json"))
    assert (place["radius_95_m"], place["radius_model"]) == (None, "no-radius")
    assert place["districts"][0]["probability"] == 1
    assert place["explanation"]["parts"][0]["reason"] == "a place, looked up as a point"
    aml = AML.replace("+55.67610", "+55.70500").replace("+12.56830", "+12.45500").replace("pm=G", "pm=N")
    for radius in ("rd=0", "rd=N"):
        answer = answer_of(run("--aml", aml.replace("rd=14", radius), "--json"))
        assert (answer["radius_95_m"], answer["radius_model"]) == (10_000, "assumed-for-its-source")
        assert answer["position"]["radius_m"] is None
        assert answer["decision"]["action"] == "ask"
        assert "assumed, as none was sent" in run("--aml", aml.replace("rd=14", radius)).stdout


def test_a_radius_of_0_is_unknown_and_no_point(run):
    answer = answer_of(run("--lat", "55.705", "--lon", "12.455", "--radius", "0", "--json"))
    assert (answer["radius_95_m"], answer["radius_model"]) == (10_000, "assumed-for-its-source")
    assert answer["decision"]["action"] == "ask"
    row = run("--csv", "-", input="a,55.705,12.455,0,\n").stdout.splitlines()[1]
    assert row.endswith(",ask")


def test_csv_rows_are_answered_in_order(run, tmp_path):
    text = "id,latitude,longitude,radius_m,confidence\na,55.6761,12.5683,20,0.68\nb,51.5,0\nc,57.74,10.67,,\n"
    result = run("--csv", "-", input=text)
    lines = result.stdout.splitlines()
    assert lines[0] == "id,municipality,district,probability,distance_m,action"
    assert lines[1] == "a,0101,1470,1.0,0.0,route"
    assert lines[2] == "b,,,,,ask"
    assert lines[3].startswith("c,0813,1460,1.0,")
    file = tmp_path / "callers.csv"
    file.write_text("\ufeff" + text, encoding="utf-8")
    assert run("--csv", str(file)).stdout == result.stdout
    rows = answer_of(run("--csv", str(file), "--json"))["rows"]
    assert rows[0]["district"] == "1470"
    assert rows[1] == {
        "id": "b",
        "municipality": None,
        "district": None,
        "probability": None,
        "distance_m": None,
        "action": "ask",
    }


def test_unreadable_csv_row_is_refused_with_file_and_line_and_nothing_is_answered(run, tmp_path):
    file = tmp_path / "callers.csv"
    file.write_text("a,55.6,12.5\n\nb,55.6,north\n", encoding="utf-8")
    result = run("--csv", str(file))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"vagtcentral: --csv: {file}: line 3: longitude 'north' is not degrees from -180 to 180\n"
    )


@pytest.mark.parametrize("line", [1, 2002])
def test_an_octet_that_is_not_utf_8_is_refused_with_its_own_line(run, tmp_path, line):
    file = tmp_path / "callers.csv"
    octets = b"a,55.6,12.5\n" * (line - 1) + b"r\xf8d,55.6,12.5\n" + b"b,55.6,12.5\n" * 9
    file.write_bytes(octets)
    for name, shown, given in ((str(file), file, None), ("-", "stdin", octets)):
        result = run("--csv", name, input=given)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"vagtcentral: --csv: {shown}: line {line}: octet 0xf8 is not UTF-8\n"


def test_table_says_that_the_atlas_is_not_the_official_geometry(run):
    text = run("--lat", "55.6761", "--lon", "12.5683", "--radius", "20").stdout
    assert "Københavns Politi" in text
    assert "not the official geometry" in " ".join(text.split())
    assert "route: Københavns Politi is likeliest" in text
