"""Probabilities along borders, against other ways to the same number."""

import math

import numpy as np
import pytest
import shapely
import shapely.affinity

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.density import Density, density_of, reach_m
from vagtcentral.location.ground import Ground, shape_in_metres, to_metres
from vagtcentral.location.outline import Outline
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shapes import Pdf
from vagtcentral.location.territory import read_rows


def square(west, south, east, north):
    return shapely.box(west, south, east, north)


@pytest.fixture(scope="module")
def halves():
    """Two municipalities that meet along the line east = 0."""
    return Outline(np.array([square(-9e5, -9e5, 0, 9e5), square(0, -9e5, 9e5, 9e5)]))


def parts(outline, east, north, reach, density=Density.UNIFORM):
    return {number: part for number, part, _ in outline.parts(east, north, reach, density)}


@pytest.mark.parametrize("away", [0.001, 1, 30, 95, 200, 380])
def test_normal_density_beside_a_straight_border_is_the_normal_distribution(halves, away):
    sigma = 100.0
    left, right = halves.parts(away, 5.0, 6 * sigma, Density.NORMAL)
    beyond = 0.5 * math.erfc(away / sigma / math.sqrt(2))
    assert left == (0, pytest.approx(beyond, abs=2e-8), pytest.approx(away))
    assert right == (1, pytest.approx(1 - beyond, abs=2e-8), pytest.approx(away))


@pytest.mark.parametrize("away", [0.001, 1, 30, 95, 99.9])
def test_even_density_beside_a_straight_border_is_the_circle_segment(halves, away):
    shares = parts(halves, away, 5.0, 100.0)
    h = away / 100
    segment = (math.acos(h) - h * math.sqrt(1 - h * h)) / math.pi
    assert shares[0] == pytest.approx(segment, abs=1e-12)
    assert shares[1] == pytest.approx(1 - segment, abs=1e-12)


def test_hole_and_island_wholly_inside_the_circle():
    lake = shapely.Polygon(square(-5e5, -5e5, 5e5, 5e5).exterior, [square(-10, -10, 10, 10).exterior])
    outline = Outline(np.array([lake, square(-10, -10, 10, 10)]))
    shares = parts(outline, 1.0, 2.0, 100.0)
    inner = 400 / (math.pi * 100**2)
    assert shares[1] == pytest.approx(inner)
    assert shares[0] == pytest.approx(1 - inner)


@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("more", [0, 1e-12, 1e-10, 1e-6])
def test_border_that_only_grazes_the_circle_takes_nothing_of_it(density, more):
    outline = Outline(np.array([square(0, 0, 100, 100), square(0, -100, 100, 0)]))
    found = parts(outline, 50, -20, 20 + more, density)
    assert found.get(0, 0.0) == pytest.approx(0, abs=1e-9)
    assert found.get(1, 1.0) == pytest.approx(1, abs=1e-9)


def test_sliver_of_a_municipality_leaves_nearly_all_of_the_circle_to_the_other():
    outline = Outline(np.array([square(-5e5, -5e5, 5e5, 0), square(-5e5, 0, 5e5, 5e5)]))
    found = parts(outline, 0, 20 - 1e-7, 20)
    assert found[0] == pytest.approx(0, abs=1e-11)
    assert found[1] == pytest.approx(1, abs=1e-11)


@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("radius", [3e6, 2e7, 1e200])
def test_circle_larger_than_the_country_is_shared_out_by_land(density, radius):
    """However small each municipality is in the circle; Christiansø has 3e-10 of the largest."""
    atlas = Atlas.built_in()
    land = shapely.area(shape_in_metres(atlas.polygons))
    expected = dict(zip(atlas.codes, (land / land.sum()).tolist(), strict=True))
    found = atlas.municipalities(Position(55.7, 12.45, radius), density)
    assert len(found) == 99
    spread = 0.02 if density is Density.NORMAL else 1e-6  # a normal density falls off within the country
    for one in found:
        assert one.probability == pytest.approx(expected[one.code], rel=spread)


def test_corners_that_lie_exactly_on_the_circle_count_once():
    """3-4-5: every corner of the inner square and of its neighbour's hole is 5 m from the centre."""
    inner = shapely.Polygon([(3, 4), (-4, 3), (-3, -4), (4, -3)])
    outer = shapely.Polygon(square(-50, -50, 50, 50).exterior, [inner.exterior])
    for east, north in ((0, 0), (6e5, 6e6)):
        moved = np.array([shapely.affinity.translate(one, east, north) for one in (inner, outer)])
        found = parts(Outline(moved), east, north, 5.0)
        assert found[0] == pytest.approx(50 / (25 * math.pi), abs=1e-9)
        assert found[1] == pytest.approx(1 - 50 / (25 * math.pi), abs=1e-9)


def stars(dice):
    """Three polygons with many corners that overlap each other, each with a hole."""
    for _ in range(3):
        turns = np.sort(dice.uniform(0, 2 * np.pi, dice.integers(4, 60)))
        arms = dice.uniform(20, 300, len(turns)) * np.exp(1j * turns) + complex(*dice.normal(0, 60, 2))
        star = shapely.make_valid(shapely.Polygon(np.column_stack([arms.real, arms.imag])))
        yield shapely.difference(
            star, shapely.Point(*dice.normal(0, 60, 2)).buffer(dice.uniform(1, 40), quad_segs=3)
        )


def test_any_circle_over_any_polygons_has_the_areas_that_geos_finds():
    """Beside a circle of 16 384 corners, and as far from the origin as Denmark is."""
    dice, compared = np.random.default_rng(7), 0
    while compared < 100:
        polygons = np.array(list(stars(dice)))
        reach = float(10 ** dice.uniform(0.5, 2.5))
        circle = shapely.Point(0, 0).buffer(reach, quad_segs=4096)
        wanted = (shapely.area(shapely.intersection(polygons, circle)) / (math.pi * reach**2)).tolist()
        outline = Outline(np.array([shapely.affinity.translate(one, 6e5, 6.2e6) for one in polygons]))
        found = parts(outline, 6e5, 6.2e6, reach)
        if len(found) < 2:  # given as 1, whatever its part is
            continue
        for number, part in found.items():
            assert part == pytest.approx(wanted[number], abs=1e-6)
        for number in {0, 1, 2} - found.keys():  # no border in the circle: all of it, or nothing
            assert min(wanted[number], 1 - wanted[number]) == pytest.approx(0, abs=1e-6)
        compared += 1


def test_the_nearest_among_the_near_is_the_nearest_of_all():
    outline, dice = Atlas.built_in()._ground.outline, np.random.default_rng(9)
    for longitude, latitude in ((10.94, 55.27), (11.6, 56.6), (12.72, 55.75)):
        east, north = to_metres(longitude, latitude)
        points = np.array([east, north]) + dice.uniform(-2e3, 2e3, (50, 2))
        _, distance = outline.nearest(east, north)
        near = outline.near(east, north, distance + 2 * 3e3)
        assert (outline.nearest_of(points, among=near) == outline.nearest_of(points)).all()


def test_circles_where_people_live_have_the_numbers_of_plain_intersections():
    """Circle of 8192 corners, cut by whole polygons: the plain way, which ours must match to 1e-6."""
    atlas, dice = Atlas.built_in(), np.random.default_rng(3)
    planar, rows = shape_in_metres(atlas.polygons), read_rows("places.csv")
    tree, several = shapely.STRtree(planar), 0
    for _ in range(300):
        row = rows[dice.integers(len(rows))]
        radius = float(np.exp(dice.uniform(np.log(50), np.log(5000))))
        latitude = float(row["latitude"]) + dice.normal(0, 0.02)
        position = Position(latitude, float(row["longitude"]) + dice.normal(0, 0.03), radius)
        circle = shapely.Point(to_metres(position.longitude, latitude)).buffer(radius, quad_segs=2048)
        hit = tree.query(circle, predicate="intersects")
        land = shapely.area(shapely.intersection(planar[hit], circle))
        if not land.sum():
            continue
        answered = {one.code: one.probability for one in atlas.municipalities(position, Density.UNIFORM)}
        for i, part in zip(hit.tolist(), (land / land.sum()).tolist(), strict=True):
            assert answered.get(atlas.codes[i], 0.0) == pytest.approx(part, abs=1e-6)
        several += len(answered) > 1
    assert several > 30


def test_normal_density_agrees_with_callers_strewn_over_a_border_with_corners():
    atlas, dice = Atlas.built_in(), np.random.default_rng(8)
    position = Position(55.70, 12.45, 1500, 0.68, None, Source.GNSS)
    answered = {one.code: one.probability for one in atlas.locate(position).districts}
    sigma = reach_m(Density.NORMAL, 1500 * 1.6504) / 6
    metres = np.array(to_metres(12.45, 55.70)) + dice.normal(0, sigma, (40_000, 2))
    planar = shape_in_metres(atlas.polygons)
    points, held = shapely.STRtree(planar).query(shapely.points(metres), predicate="intersects")
    codes = np.array([atlas.district_of(code) for code in atlas.codes])[held]
    for code, probability in answered.items():
        assert probability == pytest.approx((codes == code).sum() / len(points), abs=0.01)


def test_density_follows_the_source_and_areas_are_even():
    assert density_of(Position(55, 12, 5, 0.68, None, Source.GNSS)) is Density.NORMAL
    assert density_of(Position(55, 12, 5, 0.68, None, Source.CELL)) is Density.UNIFORM
    assert density_of(Position(55, 12, 5, 0.68, None, Source.SIP, None, Pdf.NORMAL)) is Density.NORMAL
    assert density_of(Position(55, 12, 5, 0.68, None, Source.GNSS, None, Pdf.RECTANGULAR)) is Density.UNIFORM
    assert density_of(Position(55, 12, 5, 0.68, None, Source.GNSS, {"type": "Polygon"})) is Density.UNIFORM


def test_bulk_answers_are_exact_point_in_polygon_with_border_points():
    from benchmarks.lookup import differences

    atlas = Atlas.built_in()
    wrong, checked, on_borders = differences(atlas, atlas.polygons, 20_000)
    assert wrong == 0
    assert (checked, on_borders) == (20_000, 2_000)


@pytest.mark.parametrize(("latitudes", "longitudes"), [([91.0], [12.0]), ([math.nan], [12.0]), ([55.0], [])])
def test_bulk_refuses_what_is_no_position(latitudes, longitudes):
    with pytest.raises(ValueError, match=r"is not in|are not two rows"):
        Atlas.built_in().locate_many(latitudes, longitudes)


def test_bulk_of_nothing_is_nothing():
    assert len(Atlas.built_in().locate_many([], [])) == 0


def test_area_of_a_polygon_is_shared_out_and_its_radius_ignored():
    atlas = Atlas.built_in()
    ring = [[12.40, 55.68], [12.50, 55.68], [12.50, 55.72], [12.40, 55.72], [12.40, 55.68]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    located = atlas.locate(Position(55.70, 12.45, 9, 0.95, None, Source.SIP, shape))
    area = shape_in_metres(shapely.Polygon(ring))
    planar = shape_in_metres(atlas.polygons)
    land = shapely.area(shapely.intersection(planar, area))
    parts: dict[str, float] = {}
    for code, part in zip(atlas.codes, (land / land.sum()).tolist(), strict=True):
        parts[atlas.district_of(code)] = parts.get(atlas.district_of(code), 0) + part
    assert len(located.districts) >= 2
    for one in located.districts:
        assert one.probability == pytest.approx(parts[one.code], abs=1e-6)


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"type": "Point", "coordinates": [12, 55]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[12, 55], [12.1, 55], [12, 55]]]},
        {"type": "Polygon", "coordinates": [[[12, 955], [13, 55], [12, 56], [12, 955]]]},
        {"type": "Polygon", "coordinates": [[[math.nan, 55], [13, 55], [12, 56], [12, 55]]]},
        {"type": "Polygon", "coordinates": "no"},
    ],
)
def test_shape_that_is_no_area_is_refused(shape):
    with pytest.raises(ValueError, match="shape"):
        Atlas.built_in().locate(Position(55.70, 12.45, 9, 0.95, None, Source.SIP, shape))


def test_ground_holds_its_own_corners():
    ground = Ground(np.array([square(10, 55, 10.1, 55.1)]))
    assert ground.holders(10.0, 55.0) == [0]
    assert ground.holders(9.99, 55.0) == []
