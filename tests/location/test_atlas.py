"""The atlas: known places, borders, harbours, islands, and what lies abroad."""

import hashlib
import json
import math
import random
from importlib.resources import files

import pytest
import shapely

from vagtcentral.location.atlas import FAR_FROM_LAND_M, Atlas, read_geojson
from vagtcentral.location.decision import weigh_up
from vagtcentral.location.ground import to_metres
from vagtcentral.location.located import GeoData
from vagtcentral.location.position import Position
from vagtcentral.location.territory import built_in_territory
from vagtcentral.location.uncertainty import radius_95

DATA = files("vagtcentral.location") / "data" / "municipalities.geojson"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.built_in()


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "municipality", "district"),
    [
        ("København, Rådhuspladsen", 55.6761, 12.5683, "0101", "1470"),
        ("Frederiksberg Rådhus", 55.6785, 12.5323, "0147", "1470"),
        ("Kastrup", 55.6352, 12.6430, "0185", "1470"),
        ("Glostrup", 55.6667, 12.4000, "0161", "1469"),
        ("Helsingør", 56.0361, 12.5900, "0217", "1468"),
        ("Roskilde", 55.6415, 12.0803, "0265", "1467"),
        ("Næstved", 55.2290, 11.7600, "0370", "1466"),
        ("Odense", 55.4038, 10.4024, "0461", "1465"),
        ("Esbjerg", 55.4765, 8.4594, "0561", "1464"),
        ("Horsens", 55.8607, 9.8503, "0615", "1463"),
        ("Holstebro", 56.3601, 8.6161, "0661", "1462"),
        ("Aarhus", 56.1572, 10.2107, "0751", "1461"),
        ("Aalborg", 57.0480, 9.9187, "0851", "1460"),
        ("Rønne", 55.1009, 14.7065, "0400", "1471"),
        ("Christiansø", 55.3206, 15.1876, "0411", "1471"),
        ("Aars", 56.8040, 9.5144, "0820", "1460"),
        ("Bogense", 55.5669, 10.0886, "0480", "1465"),
    ],
)
def test_known_place_lies_in_its_municipality_and_district(
    atlas, place, latitude, longitude, municipality, district
):
    located = atlas.locate(Position(latitude, longitude, 20, 0.68))
    assert located.municipality.code == municipality
    assert located.district.code == district
    assert located.district.probability == 1.0


def test_names_have_their_danish_spelling(atlas):
    assert atlas.locate(Position(56.8040, 9.5144)).municipality.name == "Vesthimmerlands"
    assert atlas.locate(Position(55.5669, 10.0886)).municipality.name == "Nordfyns"
    assert atlas.locate(Position(55.6761, 12.5683)).district.name == "Københavns Politi"


def test_territory_has_98_municipalities_and_christianso_in_twelve_districts(atlas):
    territory = atlas.territory
    assert len(territory.municipalities) == 99
    assert list(territory.districts) == [str(code) for code in range(1460, 1472)]
    assert sum(row.population for row in territory.districts.values()) == 5_840_045
    members = [code for row in territory.districts.values() for code in row.municipalities]
    assert sorted(members) == sorted(territory.municipalities)
    assert atlas.district_of("0101") == "1470"
    with pytest.raises(KeyError):
        atlas.district_of("9999")


def test_geometry_says_which_it_is_and_that_it_is_not_official(atlas):
    assert atlas.data.official is False
    assert "not the official geometry" in atlas.data.name
    assert atlas.data.sha256 == hashlib.sha256(DATA.read_bytes()).hexdigest()


def test_circle_across_a_border_is_shared_out_and_sums_to_one(atlas):
    located = atlas.locate(Position(55.70, 12.45, 2000, 0.68))
    assert [district.code for district in located.districts] == ["1469", "1470"]
    assert sum(district.probability for district in located.districts) == pytest.approx(1)
    assert 0.5 < located.districts[0].probability < 0.9
    assert located.districts[0].distance_m == 0
    assert 500 < located.districts[1].distance_m < radius_95(located.position)
    assert located.municipality.probability < located.districts[0].probability


def test_shares_are_those_of_the_land_in_the_circle(atlas):
    """Compared with 40 000 points strewn over the circle, each located on its own as a point."""
    position = Position(55.70, 12.45, 2500)
    dice = random.Random(1)
    counts: dict[str, int] = {}
    metre_north, metre_east = 1 / 111_340, 1 / (111_340 * math.cos(math.radians(55.7)))
    polygons = dict(zip(*read_geojson(DATA.read_bytes()), strict=True))
    near = {c: p for c, p in polygons.items() if p.distance(shapely.Point(12.45, 55.70)) < 0.1}
    points = []
    for _ in range(40_000):
        out, turn = 2500 * math.sqrt(dice.random()), dice.uniform(0, 2 * math.pi)
        points.append((12.45 + out * math.cos(turn) * metre_east, 55.70 + out * math.sin(turn) * metre_north))
    for code, polygon in near.items():
        inside = int(shapely.contains_xy(polygon, points).sum())
        district = atlas.district_of(code)
        counts[district] = counts.get(district, 0) + inside
    total = sum(counts.values())
    for district in atlas.locate(position).districts:
        assert district.probability == pytest.approx(counts[district.code] / total, abs=0.015)


def test_sea_in_the_circle_is_ignored(atlas):
    """A kilometre off Skagen most of the circle is sea, and the caller is in Nordjylland all the same."""
    located = atlas.locate(Position(57.735, 10.63, 5000, 0.95))
    assert [(d.code, d.probability) for d in located.districts] == [("1460", 1.0)]
    assert located.municipality.code == "0813"


def test_harbour_outside_all_polygons_gives_the_nearest_district_and_its_distance(atlas):
    for radius in (None, 25):
        located = atlas.locate(Position(57.7400, 10.6700, radius, 0.68))
        assert located.district.code == "1460"
        assert 0 < located.district.distance_m < 5_000
        assert located.municipality.distance_m == located.district.distance_m


def test_circle_at_sea_between_two_coasts_names_both(atlas):
    """Mid-way in the Great Belt, south of Sprogø."""
    located = atlas.locate(Position(55.27, 10.94, 3000, 0.95))
    assert {district.code for district in located.districts} == {"1465", "1466"}
    assert sum(district.probability for district in located.districts) == pytest.approx(1)
    assert all(district.distance_m > 3000 for district in located.districts)


def test_circle_at_sea_names_every_district_that_is_nearest_to_a_point_in_it(atlas):
    dice, seen = random.Random(5), 0
    while seen < 150:
        position = Position(dice.uniform(54.6, 57.9), dice.uniform(8.0, 13.0), dice.choice([50, 500, 4000]))
        located = atlas.locate(position)
        if not located.districts or located.districts[0].distance_m <= position.radius_m:
            continue
        seen += 1
        answered = {district.code: district.probability for district in located.districts}
        assert sum(answered.values()) == pytest.approx(1)
        counts: dict[str, int] = {}
        for step in range(40):
            out, turn = position.radius_m * math.sqrt((step + 0.5) / 40) * 0.99, step * 2.39996
            latitude = position.latitude + out * math.cos(turn) / 111_340
            longitude = position.longitude + out * math.sin(turn) / 111_340 / math.cos(math.radians(latitude))
            held = atlas.locate(Position(latitude, longitude)).district
            counts[held.code] = counts.get(held.code, 0) + 1
        for code, count in counts.items():
            assert answered.get(code, 0) == pytest.approx(count / 40, abs=0.1)


def test_point_on_a_border_belongs_equally_to_all_that_meet_there(atlas):
    """A corner that polygons of two districts share, taken from the geometry itself."""
    corners: dict[tuple[float, float], set[str]] = {}
    codes, polygons = read_geojson(DATA.read_bytes())
    for code, polygon in zip(codes, polygons, strict=True):
        for corner in map(tuple, shapely.get_coordinates(polygon)):
            corners.setdefault(corner, set()).add(atlas.district_of(code))
    longitude, latitude = next(corner for corner, found in corners.items() if len(found) == 2)
    located = atlas.locate(Position(latitude, longitude))
    assert {district.code for district in located.districts} == corners[longitude, latitude]
    assert [district.distance_m for district in located.districts] == [0, 0]
    assert sum(district.probability for district in located.districts) == pytest.approx(1)


def test_districts_share_equally_however_many_municipalities_meet(atlas):
    """The corner of København (1470) with Hvidovre and Rødovre (both 1469)."""
    corner = Position(55.66609, 12.47748)
    located = atlas.locate(corner)
    assert [(one.code, one.probability) for one in located.districts] == [("1470", 0.5), ("1469", 0.5)]
    assert weigh_up(located, "114").tied == ("1470", "1469")
    shares = {one.code: one.probability for one in atlas.municipalities(corner)}
    assert shares == {"0101": 0.5, "0167": 0.25, "0175": 0.25}


def test_districts_share_equally_where_their_corner_is_the_nearest_coast(atlas, monkeypatch):
    """The same three municipalities, as if the place lay at sea and all of them were equally near."""
    three = [atlas.codes.index(code) for code in ("0101", "0167", "0175")]
    monkeypatch.setattr(atlas._ground, "nearest", lambda east, north: (three, 300.0))
    shares = {one.code: one.probability for one in atlas.municipalities(Position(56.1, 11.2))}
    assert shares == {"0101": 0.5, "0167": 0.25, "0175": 0.25}


@pytest.mark.parametrize(
    ("position", "municipality", "district"),
    [
        (Position(55.6365, 12.50664), "0101", "1470"),  # on the border with Hvidovre (1469)
        (Position(55.66609, 12.47748), "0101", "1470"),  # at the corner with Hvidovre and Rødovre
        (Position(55.68, 12.47, 3_000.0), "0175", "1469"),  # of all municipalities, København is likeliest
    ],
)
def test_the_municipality_that_is_named_lies_in_the_most_probable_district(
    atlas, position, municipality, district
):
    located = atlas.locate(position)
    assert (located.municipality.code, located.district.code) == (municipality, district)
    assert atlas.municipalities(position)[0].code == "0101"
    assert located.municipality in atlas.municipalities(position)


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [("London", 51.5074, -0.1278), ("zeros", 0.0, 0.0), ("pole", 90.0, 0.0), ("date line", -10.0, 180.0)],
)
@pytest.mark.parametrize("radius", [None, 100, 80_000])
def test_far_abroad_there_is_no_district(atlas, place, latitude, longitude, radius):
    located = atlas.locate(Position(latitude, longitude, radius))
    assert located.municipality is None
    assert located.districts == ()
    assert located.district is None


def test_fifty_kilometres_from_land_is_where_denmark_ends(atlas):
    """Due west of Blåvandshuk, over the North Sea."""
    answers = [atlas.locate(Position(55.55, 8.0 - step / 100)) for step in range(0, 100, 2)]
    distances = [located.district.distance_m for located in answers if located.district]
    assert distances == sorted(distances)
    assert FAR_FROM_LAND_M - 2_000 < distances[-1] <= FAR_FROM_LAND_M
    assert not answers[-1].districts
    for located in answers:
        assert atlas.covers(located.position) == bool(located.districts)


def test_bornholm_is_found_from_the_sea_around_it(atlas):
    located = atlas.locate(Position(55.05, 14.60, 500, 0.9))
    assert located.district.code == "1471"
    assert located.district.name == "Bornholms Politi"


def test_unknown_confidence_leaves_the_radius_as_sent(atlas):
    as_sent = atlas.locate(Position(55.70, 12.45, 2000))
    scaled = atlas.locate(Position(55.70, 12.45, 2000, 0.95))
    assert as_sent.districts == scaled.districts


@pytest.mark.parametrize(
    "position",
    [
        Position(91, 12),
        Position(55, 181),
        Position(math.nan, 12),
        Position(55, math.nan),
        Position(math.inf, 12),
        Position(55.7, 12.3, -1),
        Position(55.7, 12.3, math.nan),
        Position(55.7, 12.3, math.inf),
        Position(55.7, 12.3, 50, 1.0),
    ],
)
def test_what_is_no_position_is_refused(atlas, position):
    with pytest.raises(ValueError, match="is not"):
        atlas.locate(position)


def test_neighbours_are_those_of_the_map(atlas):
    neighbours = atlas.neighbours
    assert set(neighbours) == set(atlas.territory.districts)
    assert set(neighbours["1470"][:2]) == {"1468", "1469"}
    assert neighbours["1471"][0] == "1470"
    assert set(neighbours["1464"]) >= {"1463", "1462"}
    assert "1463" in neighbours["1465"]  # Fyn and Jutland, across the Little Belt
    assert "1471" not in neighbours["1470"]
    for code, others in neighbours.items():
        assert code not in others
        assert len(others) >= 3
        assert len(set(others)) == len(others)


def test_atlas_refuses_codes_that_the_tables_do_not_know():
    codes, polygons = read_geojson(DATA.read_bytes())
    with pytest.raises(ValueError, match="9999"):
        Atlas(("9999",), polygons[:1], built_in_territory(), GeoData("x", False, "", ""))
    assert len(codes) == len(set(codes)) == 99


def test_projection_gives_metres_of_utm_zone_32():
    """Central meridian 9 degrees east: easting 500 km exactly, scale 0.9996."""
    east, north = to_metres(9.0, 56.0)
    assert east == pytest.approx(500_000, abs=0.001)
    assert north == pytest.approx(6_206_079, abs=2)


def test_geometry_agrees_with_the_official_one_of_2014_on_random_land(atlas):
    """Measured against DAGI 1:500 000 where a copy lies beside the project; nothing of it is shipped."""
    reference = _reference()
    dice = random.Random(12)
    right = seen = 0
    while seen < 4000:
        longitude, latitude = dice.uniform(8.0, 15.2), dice.uniform(54.5, 57.8)
        held = reference(longitude, latitude)
        if held is not None:
            seen += 1
            right += atlas.locate(Position(latitude, longitude)).municipality.code == held
    assert right / seen > 0.95


def _reference():
    from pathlib import Path

    file = Path(__file__).parents[3] / "shared" / "geodata" / "kommuner.geojson"
    if not file.exists():
        pytest.skip("the reference geometry to measure against is not on this machine")
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    polygons = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    codes = [str(feature["properties"]["KOMKODE"]).zfill(4) for feature in features]
    tree = shapely.STRtree(polygons)

    def held(longitude: float, latitude: float) -> str | None:
        found = tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        return codes[found[0]] if len(found) else None

    return held
