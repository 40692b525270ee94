"""How often an atlas is right, measured on files for which the answer is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.districts_compare import compared, over_land, where_people_live
from vagtcentral.location.districts_import import Layer, imported, read_layer
from vagtcentral.location.ground import shape_in_metres

ATLAS = Atlas.built_in()
KNOWN = dict(zip(ATLAS.codes, ATLAS.polygons, strict=True))
LAYER = Layer("x.geojson", False, KNOWN, (), {})
#: København and Aalborg under each other's code: large, populous, and in different districts.
EXCHANGED = replace(LAYER, polygons=KNOWN | {"0101": KNOWN["0851"], "0851": KNOWN["0101"]})


def test_atlas_is_always_right_about_its_own_polygons():
    result = compared(ATLAS, LAYER, 4_000, 1)
    for share in (result.area, result.population):
        assert (share.points, share.municipality, share.district) == (4_000, 1.0, 1.0)


def test_two_municipalities_under_each_others_code_cost_their_part_of_the_area_and_of_the_people():
    result = compared(ATLAS, EXCHANGED, 40_000, 1)
    areas = dict(zip(ATLAS.codes, shapely.area(shape_in_metres(ATLAS.polygons)), strict=True))
    wrong = (areas["0101"] + areas["0851"]) / sum(areas.values())
    assert result.area.municipality == result.area.district == pytest.approx(1 - wrong, abs=0.005)
    assert result.population.district < result.area.district - 0.05  # many people live there


def test_file_of_police_districts_says_nothing_of_municipalities():
    members = {code: row.municipalities for code, row in ATLAS.territory.districts.items()}
    whole = {code: shapely.union_all([KNOWN[one] for one in own]) for code, own in members.items()}
    result = compared(ATLAS, Layer("x.geojson", True, whole, (), {}), 2_000, 1)
    assert result.area.municipality is None
    # Where two polygons of the built-in atlas overlap by a metre, either may hold the point.
    assert result.area.district >= 0.999


def test_same_seed_gives_the_same_result():
    assert compared(ATLAS, EXCHANGED, 500, 3) == compared(ATLAS, EXCHANGED, 500, 3)
    assert compared(ATLAS, EXCHANGED, 500, 3) != compared(ATLAS, EXCHANGED, 500, 4)


def test_positions_by_area_are_even_on_the_sphere():
    box = np.array([shapely.box(8, 54, 12, 58)])
    degrees = over_land(box, 100_000, np.random.default_rng(2))
    middle = np.degrees(np.arcsin((np.sin(np.radians(54)) + np.sin(np.radians(58))) / 2))
    assert (degrees[:, 1] < middle).mean() == pytest.approx(0.5, abs=0.01)
    assert (degrees[:, 0] < 10).mean() == pytest.approx(0.5, abs=0.01)


def test_positions_by_population_are_where_people_live():
    degrees = where_people_live(None, 20_000, np.random.default_rng(2))
    answered = ATLAS.locate_many(degrees[:, 1], degrees[:, 0])
    districts = np.array([ATLAS.district_of(code) if code else "" for code in answered.tolist()])
    rows = ATLAS.territory.districts.values()
    everybody = sum(row.population for row in rows)
    for row in rows:
        assert (districts == row.code).mean() == pytest.approx(row.population / everybody, abs=0.05)


@pytest.fixture(scope="module")
def public():
    """The public municipalities of 2014, which are no part of the project: file and content."""
    path = Path(__file__).parents[3] / "shared" / "geodata" / "kommuner.geojson"
    if not path.exists():
        pytest.skip("the public polygons to measure against are not beside the project (../shared/geodata)")
    return path.name, path.read_bytes()


def test_built_in_atlas_on_the_public_polygons_by_area_and_by_population(public):
    result = compared(ATLAS, read_layer(*public, ATLAS.territory), 50_000, 114)
    assert result.area.municipality >= 0.965
    assert result.area.district >= 0.992
    assert result.population.municipality >= 0.98
    assert result.population.district >= 0.995


@pytest.mark.slow
def test_imported_file_is_right_about_every_position(public):
    atlas = Atlas.of(imported([public], "DAGI 1:500 000", "2014-02-13", True).atlas)
    result = compared(atlas, read_layer(*public, ATLAS.territory), 200_000, 114)
    for share in (result.area, result.population):
        assert (share.municipality, share.district) == (1.0, 1.0)
