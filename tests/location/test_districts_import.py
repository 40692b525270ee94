"""Official files in place of the built-in geometry: their traps, what is refused, and what comes of them."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from vagtcentral.location.atlas import Atlas, built_in_file, read_geojson
from vagtcentral.location.atlas_file import read_atlas, write_atlas
from vagtcentral.location.bulk import points_inside
from vagtcentral.location.districts_check import findings, misplaced
from vagtcentral.location.districts_import import divided, imported, read_layer
from vagtcentral.location.territory import DATA, built_in_territory

REFERENCE = Path(__file__).parents[3] / "shared" / "geodata"
TERRITORY = built_in_territory()
SQUARE = [[12.0, 55.0], [12.1, 55.0], [12.1, 55.1], [12.0, 55.1], [12.0, 55.0]]


def feature(ring=SQUARE, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def file(*features, **more) -> bytes:
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)}).encode()


def layer(*features, **more):
    return read_layer("x.geojson", file(*features, **more), TERRITORY)


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"POLKR_NR": "1", "POLKR_NAVN": "Nordjyllands Politi"}, "1460"),
        ({"POLKR_NR": 12}, "1471"),
        ({"kode": "1469", "navn": "Københavns Vestegns Politi"}, "1469"),
        ({"POLKR_NR": None, "POLKR_NAVN": "Københavns Vestegns Politi"}, "1469"),
        ({"KOMKODE": "0169", "KOMNAVN": "Høje Taastrup"}, "0169"),
        ({"KOMKODE": 101}, "0101"),
        ({"kode": "0751", "navn": "Århus"}, "0751"),
        ({"KOMKODE": None, "KOMNAVN": "høje-tåstrup kommune"}, "0169"),
        ({"kode": 10, "navn": "Københavns Vestegns Politi"}, "1469"),
        ({"kode": "1471", "navn": "Bornholms Politi"}, "1471"),
    ],
)
def test_codes_of_every_kind_and_missing_ones_are_read(properties, code):
    assert list(layer(feature(**properties)).polygons) == [code]


def test_parts_of_a_district_are_put_together_and_the_third_value_dropped():
    away = [[x + 1, y, -999.0] for x, y in SQUARE]
    here = [[x, y, -999.0] for x, y in SQUARE]
    polygon = layer(feature(here, POLKR_NR="1"), feature(away, POLKR_NR="1")).polygons["1460"]
    assert len(polygon.geoms) == 2
    assert not polygon.has_z


def test_missing_code_is_told():
    notes = layer(feature(POLKR_NR=None, POLKR_NAVN="Københavns Vestegns Politi")).notes
    assert notes == ("x.geojson: 'Københavns Vestegns Politi' has no code; taken as 1469",)


def test_blank_line_in_the_head_and_a_byte_order_mark_do_no_harm():
    text = file(feature(KOMKODE="0101")).replace(b'"features"', b"\n      \n" + b'"features"')
    assert list(read_layer("x", b"\xef\xbb\xbf" + text, TERRITORY).polygons) == ["0101"]


def test_polygon_that_crosses_itself_is_mended_and_told():
    bow = [[12.0, 55.0], [12.1, 55.1], [12.1, 55.0], [12.0, 55.1], [12.0, 55.0]]
    made = layer(feature(bow, KOMKODE="0101"))
    assert shapely.is_valid(made.polygons["0101"])
    assert "was mended" in made.notes[0]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"no json", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "no GeoJSON FeatureCollection"),
        (file(), "no features"),
        (file(feature(KOMKODE="0101"), crs={"properties": {"name": "EPSG:25832"}}), "EPSG:25832"),
        (file(feature(KOMKODE="0101"), crs={"properties": []}), "is \"{'properties': []}\"; WGS84"),
        (file(feature(KOMKODE="0101"), crs="EPSG:25833"), "EPSG:25833"),
        (file(feature(kode=10, navn="Aarhus")), "code 10, name 'Aarhus'"),
        (file(feature([[720000, 6.1e6], [7.3e5, 6.1e6], [7.3e5, 6.2e6], [720000, 6.1e6]], KOMKODE="0101")),
         "is it in metres"),
        (file(feature([[y, x] for x, y in SQUARE], KOMKODE="0101")), "latitude and longitude are swapped"),
        (file(feature([[x - 40, y] for x, y in SQUARE], KOMKODE="0101")), "outside Denmark"),
        (file(feature([[12, 55], [float("nan"), 55], [12, 56], [12, 55]], KOMKODE="0101")), "feature 0"),
        (file(feature(KOMKODE="0999")), "'0999'"),
        (file(feature(KOMKODE="0101", KOMNAVN="Aarhus")), "is not that of 'Aarhus'"),
        (file(feature(KOMKODE="0101"), feature(kode="1460")), "both municipalities and police districts"),
        (file({"type": "Feature", "properties": {"KOMKODE": "0101"}, "geometry": None}), "no polygon"),
        (file({"type": "Feature"}), "no properties"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_the_files_name(content, complaint):
    with pytest.raises(ValueError, match=r"^x\.geojson: ") as refused:
        read_layer("x.geojson", content, TERRITORY)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_municipalities_and_a_second_file_of_a_kind_are_refused():
    one = ("a", file(feature(KOMKODE="0101")))
    with pytest.raises(ValueError, match=r"a: municipalities missing \(97\): 0147"):
        imported([one], "", "", False)
    with pytest.raises(ValueError, match="2 files of municipalities"):
        imported([one, one], "", "", False)


KNOWN = dict(zip(Atlas.built_in().codes, Atlas.built_in().polygons, strict=True))


def moved(east, north):
    """The built-in polygons so many metres away, near enough."""
    step = (east / 62_600, north / 111_300)
    return {code: shapely.transform(shape, lambda corners: corners + step) for code, shape in KNOWN.items()}


def test_polygons_that_lie_where_they_should_are_not_complained_of():
    assert misplaced(KNOWN, KNOWN) == []
    assert misplaced(moved(-40, 100), KNOWN) == []


def test_polygons_of_another_datum_are_told():
    (line,) = misplaced(moved(-87, -220), KNOWN)
    assert line.startswith("the polygons lie 8")
    assert "m west and 2" in line
    assert line.endswith("is it another datum?")


@pytest.mark.parametrize(("of_districts", "east"), [(False, 12_500), (True, 12_500), (False, -1_500)])
def test_file_that_lies_beside_the_country_is_refused_with_how_far(of_districts, east):
    """As a file of one zone of UTM that was taken for the other: all its numbers look like Denmark."""
    shapes = moved(east, 0)
    if of_districts:
        rows = TERRITORY.districts.items()
        shapes = {code: shapely.union_all([shapes[one] for one in row.municipalities]) for code, row in rows}
    features = [
        {"type": "Feature", "properties": {"kode": code}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, shape in shapes.items()
    ]
    with pytest.raises(
        ValueError, match=r"^x\.geojson: its polygons lie [\d,]+ m (east|west) and"
    ) as refused:
        imported([("x.geojson", file(*features))], "", "", False)
    assert str(refused.value).endswith("is it another coordinate system?")


def test_polygons_under_each_others_code_are_told():
    lines = misplaced(KNOWN | {"0101": KNOWN["0751"], "0751": KNOWN["0101"]}, KNOWN)
    assert lines == [
        "0101 lies elsewhere: 0% of it is where the atlas has it",
        "0751 lies elsewhere: 0% of it is where the atlas has it",
    ]


def test_overlaps_gaps_and_a_country_too_small_are_found():
    ring = shapely.box(10, 55, 11, 56).difference(shapely.box(10.4, 55.4, 10.5, 55.5))
    found = findings(("a", "b"), np.array([ring, shapely.box(10.99, 55, 11.5, 56)]))
    assert any("a and b overlap" in line for line in found)
    assert any("1 gaps inland" in line for line in found)
    assert any("of land" in line for line in found)


def test_built_in_geometry_has_neither_overlaps_nor_cracks():
    """The gap is a lagoon of Ærø."""
    atlas = Atlas.built_in()
    assert shapely.coverage_is_valid(atlas.polygons)
    assert findings(atlas.codes, atlas.polygons) == [
        "1 gaps inland, 0.01 km² in all (lakes, or borders that part)"
    ]


def test_districts_are_divided_among_their_municipalities_with_nothing_left_over():
    atlas = Atlas.built_in()
    island = shapely.box(14.5, 54.9, 15.3, 55.4)
    parts = divided({"1471": island}, atlas)
    assert set(parts) == {"0400", "0411"}
    assert shapely.area(list(parts.values())).sum() == pytest.approx(island.area)


def test_atlas_file_gives_back_what_was_written_and_the_same_bytes_each_time():
    atlas = Atlas.built_in()
    stored = built_in_file((DATA / "municipalities.geojson").read_bytes())
    first, second = io.BytesIO(), io.BytesIO()
    write_atlas(stored, first)
    write_atlas(stored, second)
    assert first.getvalue() == second.getvalue() == (DATA / "municipalities.atlas").read_bytes()
    again = read_atlas(first)
    assert shapely.equals_exact(again.polygons, atlas.polygons).all()
    assert (again.raster.label == atlas.raster.label).all()
    assert again.data == atlas.data


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + 18 * b"\0", b"GARBAGE"])
def test_what_is_no_atlas_file_is_refused(content):
    with pytest.raises(ValueError, match="no atlas file"):
        read_atlas(io.BytesIO(content))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kommuner.geojson", "politikredse.geojson"])
def test_imported_public_file_has_every_point_inside_its_polygons_right(name):
    path = REFERENCE / name
    if not path.exists():
        pytest.skip("the public polygons to measure against are not beside the project (../shared/geodata)")
    content = path.read_bytes()
    atlas = Atlas.of(imported([(name, content)], "DAGI 1:500 000", "2014-02-13", True).atlas)
    assert atlas.data.official
    source, dice = read_layer(name, content, TERRITORY), np.random.default_rng(1)
    for code, polygon in source.polygons.items():
        points = points_inside(polygon, 300, dice)
        answered = atlas.locate_many(points[:, 1], points[:, 0]).tolist()
        if source.of_districts:
            answered = [atlas.district_of(one) for one in answered]
        assert set(answered) == {code}


def test_names_in_the_built_in_file_are_those_of_the_table():
    content = (DATA / "municipalities.geojson").read_bytes()
    codes, _ = read_geojson(content)
    names = [one["properties"]["navn"] for one in json.loads(content)["features"]]
    assert names == [TERRITORY.municipalities[code].name for code in codes]
