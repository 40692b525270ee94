"""The shipped geography: each file explained and licensed, and made by a script that gives the same bytes."""

import runpy
from pathlib import Path

import pytest

from vagtcentral.location.territory import DATA, read_rows

ROOT = Path(__file__).parents[2]
FILES = sorted(file.name for file in DATA.iterdir() if not file.name.endswith(".md"))
README = (DATA / "README.md").read_text(encoding="utf-8")
LICENCES = (DATA / "LICENSE.md").read_text(encoding="utf-8")
ODBL, CC_BY = "Open Database License (ODbL) 1.0", "Attribution 4.0"
#: By which licence each file that is no plain fact comes.
LICENCE_OF = {
    "municipalities.geojson": ODBL,
    "municipalities.atlas": ODBL,
    "rescue_numbers.csv": ODBL,
    "cells_synthetic.csv": CC_BY,
    "places.csv": CC_BY,
    "postcodes.csv": CC_BY,
    "municipalities.csv": "facts",
    "districts.csv": "facts",
}
SYNTHETIC = {"cells_synthetic.csv": "build_cells.py", "rescue_numbers.csv": "build_rescue_numbers.py"}


def section(name: str) -> str:
    """What LICENSE.md says under the heading that names a file."""
    parts = ("\n" + LICENCES).split("\n## ")
    (found,) = (part for part in parts[1:] if name in part.splitlines()[0])
    return " ".join(found.split())


def test_the_licences_known_here_are_of_the_files_that_there_are():
    assert set(FILES) == set(LICENCE_OF)


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_explained_and_licensed(name):
    assert f"| `{name}` |" in README
    assert LICENCE_OF[name] in section(name)


@pytest.mark.parametrize("name", [name for name, licence in LICENCE_OF.items() if licence is ODBL])
def test_what_comes_of_openstreetmap_names_its_contributors(name):
    assert "© OpenStreetMap contributors" in section(name)


@pytest.mark.parametrize("name", [name for name, licence in LICENCE_OF.items() if licence is CC_BY])
def test_what_comes_of_geonames_names_it_and_what_was_changed(name):
    assert "© GeoNames" in section(name)
    assert "Changes:" in section(name)


@pytest.mark.parametrize(("name", "script"), SYNTHETIC.items())
def test_synthetic_file_says_so_in_its_first_line_and_in_the_manual(name, script):
    assert (DATA / name).read_text(encoding="utf-8").startswith("# Synthetic: no ")
    (line,) = (line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    assert "**synthetic**" in line
    assert script in line


@pytest.mark.parametrize(("name", "script"), SYNTHETIC.items())
def test_script_makes_the_same_bytes_again(name, script, tmp_path):
    runpy.run_path(str(ROOT / "scripts" / script))["main"](str(tmp_path / name))
    assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_places_go_by_their_danish_names():
    names = {row["name"] for row in read_rows("places.csv")}
    assert {"København", "Aarhus", "Helsingør", "Køge"} <= names
    assert not {"Copenhagen", "Elsinore", "Århus"} & names
