"""Does what is stated come true? Simulated callers whose place is known, located, and counted.

Two questions: how often does the stated 95 % area hold the caller, and of the districts given a probability
of, say, 70 %, are seven in ten right? The truth follows from assumptions that are stated with the result, so
this measures the arithmetic and the effect of wrong assumptions, not real handsets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import Any

import numpy as np

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.density import SIGMAS_IN_95, Density
from vagtcentral.location.ground import to_metres
from vagtcentral.location.position import Position
from vagtcentral.location.territory import read_rows
from vagtcentral.location.uncertainty import radius_95

_METRES_PER_DEGREE = 111_195.0
#: Spread of callers around the middle of their place in metres per square root of its inhabitants.
_SPREAD_M = 12.0
BINS = 10


@dataclass(frozen=True, slots=True)
class Errors:
    """How a simulated sender errs: true spread, and what it states of it.

    `normal` errors are circular normal, else even over the circle. The stated radius (at 68 %) is
    `understated` times too small.
    """

    name: str
    normal: bool
    understated: float = 1.0


KINDS = (
    Errors("normal errors, radius right", True),
    Errors("even errors, radius right", False),
    Errors("normal errors, radius half of the truth", True, 2.0),
)


@dataclass(frozen=True, slots=True)
class Bin:
    """Stated probabilities from `low` to `high`: how many, their mean, and how many came true."""

    low: float
    high: float
    count: int
    stated: float
    came_true: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result for one kind of error and one density assumed in the answer."""

    errors: str
    density: str
    calls: int
    coverage_95: float
    brier: float
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """The result as one JSON object."""
        bins = [
            {"low": b.low, "high": b.high, "count": b.count, "stated": b.stated, "came_true": b.came_true}
            for b in self.bins
        ]
        return {
            "errors": self.errors,
            "density": self.density,
            "calls": self.calls,
            "coverage_95": self.coverage_95,
            "brier": self.brier,
            "bins": bins,
        }


def calibrate(atlas: Atlas, calls: int, seed: int, kinds: Sequence[Errors] = KINDS) -> list[Calibration]:
    """Simulate `calls` callers for each kind of error and answer each with both densities."""
    results = []
    for kind in kinds:
        drawn = _calls(atlas, kind, calls, Random(seed))
        results += [_measured(atlas, kind, density, drawn) for density in Density]
    return results


def _calls(atlas: Atlas, kind: Errors, count: int, dice: Random) -> list[tuple[str, Position, float]]:
    """District where each caller truly is, the position sent, and the distance between in metres."""
    rows = read_rows("places.csv")
    people = [int(row["population"]) for row in rows]
    drawn: list[tuple[str, Position, float]] = []
    while len(drawn) < count:
        row = dice.choices(rows, people)[0]
        scatter = _SPREAD_M * sqrt(int(row["population"]))
        home = _moved(
            float(row["latitude"]), float(row["longitude"]), dice.gauss(0, scatter), dice.gauss(0, scatter)
        )
        truth = atlas.locate(Position(*home))
        if truth.district is None or truth.district.distance_m > 0:
            continue  # callers are on land
        true_68 = 10 ** dice.uniform(1.5, 3.7)
        east, north = _error(kind, true_68, dice)
        sent = Position(*_moved(*home, north, east), true_68 / kind.understated, 0.68)
        there, here = to_metres(sent.longitude, sent.latitude), to_metres(home[1], home[0])
        drawn.append((truth.district.code, sent, float(np.hypot(there[0] - here[0], there[1] - here[1]))))
    return drawn


def _error(kind: Errors, true_68: float, dice: Random) -> tuple[float, float]:
    """An error east and north in metres, whose 95 % radius follows from the 68 % one as RFC 7459 has it."""
    radius = radius_95(Position(0.0, 0.0, true_68, 0.68)) or 0.0
    if kind.normal:
        sigma = radius / SIGMAS_IN_95
        return dice.gauss(0, sigma), dice.gauss(0, sigma)
    away, turn = radius * sqrt(dice.random()), dice.uniform(0, 2 * np.pi)
    return float(away * np.cos(turn)), float(away * np.sin(turn))


def _measured(
    atlas: Atlas, kind: Errors, density: Density, drawn: Sequence[tuple[str, Position, float]]
) -> Calibration:
    stated: list[float] = []
    came_true: list[float] = []
    held, squares = 0, 0.0
    for truth, position, away in drawn:
        held += away <= (radius_95(position) or 0.0)
        chances = {one.code: one.probability for one in atlas.locate(position, density).districts}
        squares += sum((p - (code == truth)) ** 2 for code, p in chances.items()) + (truth not in chances)
        if len(chances) > 1:  # what is certain says nothing of how chances come true
            stated += chances.values()
            came_true += [float(code == truth) for code in chances]
    bins = _bins(np.array(stated), np.array(came_true))
    return Calibration(kind.name, density.value, len(drawn), held / len(drawn), squares / len(drawn), bins)


def _bins(stated: "np.typing.NDArray[np.float64]", true: "np.typing.NDArray[np.float64]") -> tuple[Bin, ...]:
    place = np.minimum((stated * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            low, high = number / BINS, (number + 1) / BINS
            mean, right = float(stated[inside].mean()), float(true[inside].mean())
            found.append(Bin(low, high, int(inside.sum()), mean, right))
    return tuple(found)


def _moved(latitude: float, longitude: float, north: float, east: float) -> tuple[float, float]:
    narrow = float(np.cos(np.radians(latitude)))
    return latitude + north / _METRES_PER_DEGREE, longitude + east / _METRES_PER_DEGREE / narrow
