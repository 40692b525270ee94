"""Does what is stated come true? Simulated callers whose place is known, located, and counted.

Two questions: how often does the stated 95 % area hold the caller, and of the districts given a probability
of, say, 70 %, are seven in ten right? The truth follows from assumptions that are stated with the result, so
this measures the arithmetic and the effect of wrong assumptions, not real handsets. No truth is drawn with
the model that is measured: that would only agree with itself.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from math import log1p, sqrt
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.by_model import at_95
from vagtcentral.location.density import Density
from vagtcentral.location.position import Position
from vagtcentral.location.shape_geometry import destination
from vagtcentral.location.territory import read_rows
from vagtcentral.location.uncertainty import (
    NORMAL_1D,
    RFC_7459_NORMAL_2D,
    converted,
    radius_95,
    sigmas_holding,
)

#: Spread of callers around the middle of their place in metres per square root of its inhabitants.
SPREAD_M = 12.0
BINS = 10


@dataclass(frozen=True, slots=True)
class Errors:
    """How a simulated sender errs, and what it states of it.

    `normal` errors are circular normal, else even over a circle. The stated radius is `reach` true standard
    deviations, or `reach` true radii; `confidence` is what is stated with it, None for none.
    """

    name: str
    normal: bool
    confidence: float | None
    reach: float


_TRUE_68 = sigmas_holding(0.68)
KINDS = (
    Errors("normal, 68 % as stated", True, 0.68, _TRUE_68),
    Errors("normal, 68 % scaled to 95 % on one axis", True, 0.95, converted(_TRUE_68, 0.68, 0.95, NORMAL_1D)),
    Errors("normal, 68 % meant on one axis", True, 0.68, 1.0),
    Errors("even over a circle, no confidence", False, None, 1.0),
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
    """The result for one kind of error, one density assumed in the answer, and one model of the radius.

    `brier` is the mean over callers of the squared differences of all districts' probabilities from what was
    so; `mean_gap` how far stated probabilities below certainty were, on average, from how often they came
    true, by bins.
    """

    errors: str
    density: str
    model: str
    calls: int
    coverage_95: float
    brier: float
    mean_gap: float
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """The result as one JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Caller:
    """The district where a caller truly is, the position sent, and the distance between in metres."""

    district: str
    sent: Position
    away_m: float


def calibrate(
    atlas: Atlas,
    calls: int,
    seed: int,
    model: str = RFC_7459_NORMAL_2D,
    kinds: Sequence[Errors] = KINDS,
) -> list[Calibration]:
    """Simulate `calls` callers for each kind of error and answer each with both densities.

    `model` is a name of `uncertainty.MODELS`, by which radii are brought to 95 %; ValueError for another. The
    callers of a seed are the same whatever the model.
    """
    results = []
    for kind in kinds:
        callers = _callers(atlas, kind, calls, Random(seed))
        results += [_measured(atlas, kind, density, model, callers) for density in Density]
    return results


def _callers(atlas: Atlas, kind: Errors, count: int, dice: Random) -> list[_Caller]:
    rows = read_rows("places.csv")
    people = list(accumulate(int(row["population"]) for row in rows))
    drawn: list[_Caller] = []
    while len(drawn) < count:
        row = dice.choices(rows, cum_weights=people)[0]
        scatter = SPREAD_M * sqrt(int(row["population"]))
        middle = float(row["latitude"]), float(row["longitude"])
        home = destination(*middle, dice.uniform(0, 360), _normal_distance(scatter, dice))
        truth = atlas.locate(Position(*home))
        if truth.district is None or truth.district.distance_m > 0:
            continue  # callers are on land
        radius = 10 ** dice.uniform(1.5, 3.7)
        true = radius / kind.reach
        away = _normal_distance(true, dice) if kind.normal else true * sqrt(dice.random())
        sent = Position(*destination(*home, dice.uniform(0, 360), away), radius, kind.confidence)
        drawn.append(_Caller(truth.district.code, sent, away))
    return drawn


def _normal_distance(sigma: float, dice: Random) -> float:
    """How far from the middle of a circular normal distribution one is: a distance of Rayleigh's."""
    return sigma * sqrt(-2 * log1p(-dice.random()))


def _measured(
    atlas: Atlas, kind: Errors, density: Density, model: str, callers: Sequence[_Caller]
) -> Calibration:
    stated: list[float] = []
    came_true: list[float] = []
    held, squares = 0, 0.0
    for caller in callers:
        held += caller.away_m <= (radius_95(caller.sent, model) or 0.0)
        located = atlas.locate(at_95(caller.sent, model), density)
        chances = {one.code: one.probability for one in located.districts}
        squares += sum((p - (code == caller.district)) ** 2 for code, p in chances.items())
        squares += caller.district not in chances
        if len(chances) > 1:  # what is certain says nothing of how chances come true
            stated += chances.values()
            came_true += [float(code == caller.district) for code in chances]
    calls = len(callers)
    bins = _bins(np.array(stated), np.array(came_true))
    gap = sum(one.count * abs(one.stated - one.came_true) for one in bins) / max(1, len(stated))
    return Calibration(kind.name, density.value, model, calls, held / calls, squares / calls, gap, bins)


def _bins(stated: NDArray[np.float64], true: NDArray[np.float64]) -> tuple[Bin, ...]:
    place = np.minimum((stated * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            low, high = number / BINS, (number + 1) / BINS
            mean, right = float(stated[inside].mean()), float(true[inside].mean())
            found.append(Bin(low, high, int(inside.sum()), mean, right))
    return tuple(found)
