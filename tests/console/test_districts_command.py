"""`vagtcentral districts`, and an atlas file in place of the built-in one."""

import json
import sys
from xml.etree import ElementTree

import pytest
import shapely
import typer
from typer.testing import CliRunner

from vagtcentral.console import districts
from vagtcentral.console.locate import locate
from vagtcentral.location import districts_import
from vagtcentral.location.atlas import Atlas
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
        (
            ["districts", "import", __file__, "--out", "/tmp/x", "--date", "13.2.2014"],
            "--date: '13.2.2014' is no date, e.g. 2014-02-13",
        ),
        (["districts", "info", "--atlas", "/no/such/file"], "--atlas: /no/such/file: No such file"),
        (
            ["locate", "--lat", "55", "--lon", "12", "--atlas", __file__],
            f"--atlas: {__file__}: it is no atlas",
        ),
        (["districts", "check", __file__], "test_districts_command.py: it is no JSON"),
        (["districts", "compare", __file__], "test_districts_command.py: it is no JSON"),
        (["districts", "compare", "/no/such/file"], "/no/such/file: No such file"),
        (
            ["districts", "calibrate", "--model", "guess"],
            "--model: 'guess' is none of rfc7459-normal-2d, ray",
        ),
        (
            ["districts", "calibrate", "--calls", "5", "--plot", "/no/such/x.svg"],
            "--plot: /no/such/x.svg: No such",
        ),
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


def districts_file(tmp_path, grown=0.0):
    """The built-in police districts as if they were an official file, each grown by so many degrees."""
    atlas = Atlas.built_in()
    land = shapely.get_parts(shapely.union_all(atlas.polygons))
    lagoons = [shapely.Polygon(ring) for part in land for ring in part.interiors]
    members = {"1465": lagoons}  # the only one is on Ærø
    for code, polygon in zip(atlas.codes, atlas.polygons, strict=True):
        members.setdefault(atlas.district_of(code), []).append(polygon)
    features = []
    for code, polygons in members.items():
        whole = shapely.union_all(polygons)
        shape = shapely.buffer(whole, grown) if grown else whole
        geometry = json.loads(shapely.to_geojson(shape))
        features.append({"type": "Feature", "properties": {"POLKR_NR": code}, "geometry": geometry})
    file = tmp_path / "politikredse.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(file)


@pytest.fixture
def quickly(monkeypatch):
    """No raster is drawn, which nobody looks at here."""
    monkeypatch.setattr(districts_import, "drawn", lambda *_: Atlas.built_in().raster)


INNER_BORDERS = "municipal borders inside each district are those of the built-in atlas"


def test_sound_police_districts_are_fine_though_their_inner_borders_are_remarked_on(run, tmp_path, quickly):
    file = districts_file(tmp_path)
    shown = run("districts", "check", file)
    assert (shown.exit_code, shown.stdout) == (0, "nothing odd\n")
    assert shown.stderr == f"note: {INNER_BORDERS}\n"
    document = json.loads(run("districts", "check", file, "--json").stdout)
    assert (document["notes"], document["remarks"]) == ([], [INNER_BORDERS])
    made = run("districts", "import", file, "--out", str(tmp_path / "x.atlas"))
    assert (made.exit_code, made.stderr) == (0, f"note: {INNER_BORDERS}\n")


def test_police_districts_that_overlap_are_odd(run, tmp_path, quickly):
    result = run("districts", "check", districts_file(tmp_path, grown=0.001), "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert any("overlap" in line for line in document["notes"])
    assert document["remarks"] == [INNER_BORDERS]


def test_compare_tells_the_share_that_is_right_by_area_and_by_population(run, official):
    shown = run("districts", "compare", str(official), "--points", "500")
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines == [
        f"by {kind}, 500 positions: 100.00% in the right municipality, 100.00% in the right district"
        for kind in ("area", "population")
    ]
    document = json.loads(run("districts", "compare", str(official), "--points", "50", "--json").stdout)
    assert document["population"] == {"points": 50, "municipality": 1.0, "district": 1.0}
    assert (document["file"]["file"], document["data"]["official"]) == ("kommuner.geojson", False)


def test_calibrate_prints_coverage_and_curves_and_names_the_model(run):
    default = json.loads(run("districts", "calibrate", "--calls", "60", "--json").stdout)
    exact = json.loads(run("districts", "calibrate", "--calls", "60", "--model", "rayleigh", "--json").stdout)
    assert len(default["results"]) == len(exact["results"]) == 8
    assert all(0 <= one["coverage_95"] <= 1 for one in default["results"])
    assert {one["model"] for one in default["results"]} == {default["model"]} == {"rfc7459-normal-2d"}
    assert {one["model"] for one in exact["results"]} == {exact["model"]} == {"rayleigh"}
    shown = run("districts", "calibrate", "--calls", "60", "--model", "rayleigh").stdout
    assert shown.count("radius by rayleigh") == 8


def test_calibrate_draws_an_svg_with_a_curve_for_each_kind_and_density(run, tmp_path):
    pytest.importorskip("matplotlib", reason="the extra [report] is not installed")
    file = tmp_path / "curves.svg"
    assert run("districts", "calibrate", "--calls", "300", "--plot", str(file)).exit_code == 0
    root = ElementTree.parse(file).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    curves = {one.get("id") for one in root.iter() if (one.get("id") or "").startswith("panel-")}
    assert curves == {f"panel-{n}-{density}" for n in range(1, 5) for density in ("uniform", "normal")}


def test_without_matplotlib_the_plot_is_refused_before_anything_is_simulated(run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    file = tmp_path / "curves.svg"
    result = run("districts", "calibrate", "--calls", str(10**12), "--plot", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "vagtcentral: --plot: needs matplotlib; install vagtcentral[report]\n"
    assert not file.exists()


def test_hold_is_an_answer_for_114_and_never_for_112(run):
    unsure = ("locate", "--lat", "55.70", "--lon", "12.45", "--radius", "3300", "--hold", "5")
    options = (*unsure, "--better-fix", "0.9", "--json")
    held = json.loads(run(*options).stdout)
    assert held["decision"]["action"] == "hold"
    assert held["explanation"]["hold_s"] == 5
    assert json.loads(run(*options, "--service", "112").stdout)["decision"]["action"] == "route"
