"""The atlas measured against the public polygons of 2014, which are no part of the project."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.territory import read_rows

REFERENCE = Path(__file__).parents[3] / "shared" / "geodata"


@pytest.fixture(scope="module")
def truth():
    """Codes and prepared polygons in degrees of the reference's municipalities."""
    file = REFERENCE / "kommuner.geojson"
    if not file.exists():
        pytest.skip("the public polygons to measure against are not beside the project (../shared/geodata)")
    parts: dict[str, list] = {}
    for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(feature["geometry"])))
        parts.setdefault(str(feature["properties"]["KOMKODE"]).zfill(4), []).append(shape)
    codes = sorted(parts)
    polygons = np.array([shapely.union_all(shapely.make_valid(parts[code])) for code in codes])
    shapely.prepare(polygons)
    return np.array(codes), polygons


def on_land(polygons, count, seed):
    """Points spread evenly over land, with the index of the polygon that holds each."""
    dice = np.random.default_rng(seed)
    tree = shapely.STRtree(polygons)
    west, south, east, north = shapely.total_bounds(polygons)
    places, owners = [], []
    while sum(map(len, owners)) < count:
        longitude = dice.uniform(west, east, 4 * count)
        sine = dice.uniform(np.sin(np.radians(south)), np.sin(np.radians(north)), 4 * count)
        degrees = np.column_stack([longitude, np.degrees(np.arcsin(sine))])
        points, held = tree.query(shapely.points(degrees), predicate="intersects")
        points, first = np.unique(points, return_index=True)
        places.append(degrees[points])
        owners.append(held[first])
    return np.concatenate(places)[:count], np.concatenate(owners)[:count]


def test_at_least_96_5_percent_of_land_is_in_the_right_municipality_and_99_2_in_the_right_district(truth):
    codes, polygons = truth
    degrees, held = on_land(polygons, 50_000, 12)
    atlas = Atlas.built_in()
    answered = atlas.locate_many(degrees[:, 1], degrees[:, 0])
    right = float((answered == codes[held]).mean())
    districts = np.array([atlas.district_of(code) if code else "" for code in answered.tolist()])
    expected = np.array([atlas.district_of(code) for code in codes.tolist()])[held]
    assert right >= 0.965
    assert float((districts == expected).mean()) >= 0.992


def test_nearly_everybody_in_towns_is_in_the_right_municipality_and_district(truth):
    """The towns of places.csv, weighted by population; the reference says where each lies."""
    codes, polygons = truth
    rows = read_rows("places.csv")
    degrees = np.array([[float(row["longitude"]), float(row["latitude"])] for row in rows])
    people = np.array([float(row["population"]) for row in rows])
    points, held = shapely.STRtree(polygons).query_nearest(shapely.points(degrees), all_matches=False)
    expected = codes[held[np.argsort(points)]]
    atlas = Atlas.built_in()
    answered = atlas.locate_many(degrees[:, 1], degrees[:, 0])
    assert float(people[answered == expected].sum() / people.sum()) > 0.999
    districts = [
        (atlas.district_of(one), atlas.district_of(other))
        for one, other in zip(answered, expected, strict=True)
    ]
    assert sum(n for n, (one, other) in zip(people, districts, strict=True) if one == other) == people.sum()


def test_places_have_the_municipality_that_the_table_knows():
    codes = set(Atlas.built_in().codes)
    rows = read_rows("places.csv")
    assert len(rows) == 511
    assert {row["municipality"] for row in rows} == codes
    assert list(csv.DictReader([",".join(rows[0])]).fieldnames or []) == [
        "name",
        "municipality",
        "population",
        "latitude",
        "longitude",
    ]
