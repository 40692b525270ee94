"""`vagtcentral districts`, and an atlas file in place of the built-in one."""

import json

import pytest
import typer
from typer.testing import CliRunner

from vagtcentral.console import districts
from vagtcentral.console.locate import locate
from vagtcentral.location.territory import DATA


@pytest.fixture
def run():
    root = typer.Typer()
    root.add_typer(districts.app, name="districts")
    root.command()(locate)
    return lambda *arguments, **more: CliRunner().invoke(root, list(arguments), **more)


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """The built-in polygons as if they were an official file."""
    file = tmp_path_factory.mktemp("official") / "kommuner.geojson"
    file.write_bytes((DATA / "municipalities.geojson").read_bytes())
    return file


def test_info_names_the_geometry_in_use(run):
    document = json.loads(run("districts", "info", "--json").stdout)
    assert (document["official"], document["municipalities"], document["districts"]) == (False, 99, 12)
    assert document["sha256"] in run("districts", "info").stdout


def test_imported_file_takes_the_place_of_the_built_in_atlas(run, official, tmp_path):
    out = tmp_path / "dagi.atlas"
    options = ("--name", "DAGI", "--date", "2026-01-01", "--official", "--json")
    made = run("districts", "import", str(official), "--out", str(out), *options)
    assert made.exit_code == 0, made.stderr
    assert json.loads(made.stdout)["data"]["official"] is True
    where = ("locate", "--lat", "55.6761", "--lon", "12.5683", "--json")
    for answer in (run(*where, "--atlas", str(out)), run(*where, env={"VAGTCENTRAL_ATLAS": str(out)})):
        document = json.loads(answer.stdout)
        assert document["data"]["name"] == "DAGI"
        assert document["districts"][0]["code"] == "1470"
    assert json.loads(run(*where).stdout)["data"]["official"] is False


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["districts", "import", "/no/such/file", "--out", "/tmp/x"], "/no/such/file: No such file"),
        (["districts", "info", "--atlas", "/no/such/file"], "--atlas: /no/such/file: No such file"),
        (
            ["locate", "--lat", "55", "--lon", "12", "--atlas", __file__],
            f"--atlas: {__file__}: it is no atlas",
        ),
        (["districts", "check", __file__], "test_districts_command.py: it is no JSON"),
    ],
)
def test_bad_input_ends_with_status_2_and_one_line(run, arguments, complaint):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"vagtcentral: {complaint}")
    assert result.stderr.count("\n") == 1


def test_check_answers_with_status_1_if_anything_is_odd(run, official):
    result = run("districts", "check", str(official), "--json")
    notes = json.loads(result.stdout)["notes"]
    assert result.exit_code == (1 if notes else 0)


def test_calibrate_prints_coverage_and_curves(run):
    results = json.loads(run("districts", "calibrate", "--calls", "60", "--json").stdout)["results"]
    assert len(results) == 6
    assert all(0 <= one["coverage_95"] <= 1 for one in results)


def test_locate_explains_which_evidence_and_model_the_answer_rests_on(run):
    near = ("--lat", "55.676", "--lon", "12.568", "--radius", "100", "--lat", "55.677", "--lon", "12.568")
    fused = json.loads(run("locate", *near, "--radius", "100", "--fuse", "--json").stdout)
    assert fused["position"]["source"] == "fused"
    assert fused["explanation"]["evidence"] == "inverse-variance"
    assert sum(part["weight"] for part in fused["explanation"]["parts"]) == pytest.approx(1)
    assert "weight 0.50" in run("locate", *near, "--radius", "100", "--fuse").stdout
    best = json.loads(run("locate", *near, "--radius", "100", "--json").stdout)
    assert best["explanation"]["evidence"] == "best"
    assert best["explanation"]["density"] == "uniform"


def test_hold_is_an_answer_for_114_and_never_for_112(run):
    unsure = ("locate", "--lat", "55.70", "--lon", "12.45", "--radius", "3300", "--hold", "5")
    options = (*unsure, "--better-fix", "0.9", "--json")
    held = json.loads(run(*options).stdout)
    assert held["decision"]["action"] == "hold"
    assert held["explanation"]["hold_s"] == 5
    assert json.loads(run(*options, "--service", "112").stdout)["decision"]["action"] == "route"
