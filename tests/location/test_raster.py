"""The quick look-up: it may only ever answer what the exact geometry answers."""

import math
import random

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Position
from vagtcentral.location.postcodes import _table
from vagtcentral.location.raster import CELL_LATITUDE, CELL_LONGITUDE


class Exact(Atlas):
    """An atlas that counts how often the polygons were asked."""

    asked = 0

    def _locate_exactly(self, position):
        self.asked += 1
        return super()._locate_exactly(position)


@pytest.fixture(scope="module")
def atlas() -> Exact:
    exact = object.__new__(Exact)
    exact.__dict__.update(Atlas.built_in().__dict__)
    return exact


def strewn(dice: random.Random, count: int):
    """Positions over all of Denmark, half of them near towns, with radii from nothing to 20 km."""
    middles = [(latitude, longitude) for latitude, longitude, _ in _table().values()]
    for _ in range(count):
        if dice.random() < 0.5:
            latitude, longitude = dice.uniform(54.5, 57.8), dice.uniform(8.0, 15.3)
        else:
            latitude, longitude = dice.choice(middles)
            latitude, longitude = latitude + dice.gauss(0, 0.03), longitude + dice.gauss(0, 0.05)
        radius = dice.choice([None, 0, 5, 30, 120, 10 ** dice.uniform(1, 4.3)])
        yield Position(latitude, longitude, radius, dice.choice([None, 0.68, 0.9, 0.99]))


def test_quick_answers_are_the_exact_ones(atlas):
    quick = 0
    for position in strewn(random.Random(2), 6000):
        before = atlas.asked
        located = atlas.locate(position)
        if atlas.asked != before:
            continue
        quick += 1
        exact = Atlas._locate_exactly(atlas, position)
        assert [(d.code, d.distance_m) for d in exact.districts] == [(located.district.code, 0.0)]
        assert exact.districts[0].probability == pytest.approx(1)
        assert exact.municipality.code == located.municipality.code
        assert exact.municipality.probability == pytest.approx(1)
    assert quick > 2000


def test_quick_answers_are_exact_at_the_very_edge_of_their_reach(atlas):
    """Corners of random certain cells, with the largest radius that the cell answers for."""
    dice = random.Random(3)
    certain = [cell for cell in range(len(atlas._sole)) if atlas._sole[cell]]
    for cell in dice.sample(certain, 1500):
        row, column = divmod(cell, atlas._width)
        up, across = dice.choice([1e-7, 1 - 1e-7]), dice.choice([1e-7, 1 - 1e-7])
        reach = atlas._reach[atlas._level[cell]]
        position = Position(
            atlas._south + (row + up) * CELL_LATITUDE, atlas._west + (column + across) * CELL_LONGITUDE, reach
        )
        exact = Atlas._locate_exactly(atlas, position)
        assert exact.municipality.code == atlas._certain[atlas._sole[cell] - 1][0].code
        assert exact.municipality.probability == pytest.approx(1)
        assert exact.municipality.distance_m == 0


def test_most_handset_positions_in_towns_and_villages_need_no_polygons(atlas):
    before, middles = atlas.asked, list(_table().values())
    for latitude, longitude, _ in middles:
        atlas.locate(Position(latitude, longitude, 30, 0.68))
    assert (atlas.asked - before) / len(middles) < 0.25


def test_positions_around_the_raster_are_left_to_the_polygons(atlas):
    for latitude, longitude in ((54.3, 10.0), (58.2, 10.0), (56.0, 7.0), (56.0, 16.0), (atlas._south, 10.0)):
        before = atlas.asked
        atlas.locate(Position(latitude - math.ulp(latitude), longitude))
        assert atlas.asked == before + 1
