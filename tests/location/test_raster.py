"""The quick look-up: it may only ever answer what the exact geometry answers."""

import math
import random

import numpy as np
import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.density import Density, density_of
from vagtcentral.location.position import Position, Source
from vagtcentral.location.postcodes import _table
from vagtcentral.location.raster import CELL_LATITUDE, CELL_LONGITUDE, WHOLE
from vagtcentral.location.shapes import Pdf


class Exact(Atlas):
    """An atlas that counts how often the polygons were asked, and never remembers an answer."""

    asked = 0

    def _locate_exactly(self, position, density, holder=None, wider_m=0.0):
        self.asked += 1
        return self._from_shares(position, self._shares(position, density, holder, wider_m))


@pytest.fixture(scope="module")
def atlas() -> Exact:
    exact = object.__new__(Exact)
    exact.__dict__.update(Atlas.built_in().__dict__)
    return exact


def exactly(atlas: Atlas, position: Position, wider_m: float = 0.0):
    return atlas._from_shares(position, atlas._shares(position, density_of(position), None, wider_m))


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
        source = dice.choice([Source.CELL, Source.GNSS])
        pdf = dice.choice([Pdf.UNKNOWN, Pdf.UNKNOWN, *Pdf])
        confidence = dice.choice([None, 0.68, 0.9, 0.99])
        yield Position(latitude, longitude, radius, confidence, None, source, None, pdf)


def test_quick_answers_are_the_exact_ones_on_land_at_the_coast_and_at_sea(atlas):
    """Whatever their distribution and confidence, and however much wider age has made them."""
    on_land = off_shore = 0
    for nth, position in enumerate(strewn(random.Random(2), 8000)):
        wider_m = (0.0, 0.0, 300.0)[nth % 3]
        before = atlas.asked
        located = atlas.locate(position, None, wider_m)
        if atlas.asked != before:
            continue
        exact = exactly(atlas, position, wider_m)
        assert [d.code for d in exact.districts] == [located.district.code]
        assert exact.district.probability == pytest.approx(1)
        assert exact.district.distance_m == pytest.approx(located.district.distance_m, abs=0.11)
        assert exact.municipality.code == located.municipality.code
        assert exact.municipality.probability == pytest.approx(1)
        on_land += located.district.distance_m == 0
        off_shore += located.district.distance_m > 0
    assert on_land > 2000
    assert off_shore > 500


def test_quick_answers_are_exact_at_the_very_edge_of_their_reach(atlas):
    """Corners of random certain cells, with the largest radius that the cell answers for."""
    dice = random.Random(3)
    level = atlas.raster.level
    for row, column in dice.sample(np.argwhere(level >= WHOLE).tolist(), 1500):
        up, across = dice.choice([1e-7, 1 - 1e-7]), dice.choice([1e-7, 1 - 1e-7])
        latitude = atlas._south + (row + up) * CELL_LATITUDE
        longitude = atlas._west + (column + across) * CELL_LONGITUDE
        exact = exactly(atlas, Position(latitude, longitude, atlas._reach[level[row, column]]))
        assert exact.municipality.code == atlas._certain[atlas.raster.label[row, column] - 1][0].code
        assert exact.municipality.probability == pytest.approx(1)
        assert exact.municipality.distance_m == 0


def test_most_handset_positions_in_towns_and_villages_need_no_polygons(atlas):
    before, middles = atlas.asked, list(_table().values())
    for latitude, longitude, _ in middles:
        atlas.locate(Position(latitude, longitude, 30, 0.68))
    assert (atlas.asked - before) / len(middles) < 0.15


def test_positions_around_the_raster_are_left_to_the_polygons(atlas):
    for latitude, longitude in ((54.3, 10.0), (58.2, 10.0), (56.0, 7.0), (56.0, 16.0), (atlas._south, 10.0)):
        before = atlas.asked
        atlas.locate(Position(latitude - math.ulp(latitude), longitude))
        assert atlas.asked == before + 1


def test_density_given_counts_instead_of_the_sources(atlas):
    """A normal density reaches further than the 95 % circle: 700 m from a border it is no longer certain."""
    position = Position(55.70, 12.45, 700, 0.95, None, Source.CELL)
    even = atlas.locate(position).districts
    normal = atlas.locate(position, Density.NORMAL).districts
    assert len(even) == 1
    assert len(normal) == 2
    assert normal[1].probability < 0.05
    assert atlas.locate(Position(55.70, 12.45, 700, 0.95, None, Source.GNSS)).districts == normal
