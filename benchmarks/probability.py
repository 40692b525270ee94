"""How likely is each municipality? Circles on the atlas beside plain `intersection().area`, in the same run.

Places are drawn by population, callers scattered some kilometre around them, radii from 50 m to 5 km with
every size as likely (logarithmically even). The plain way finds the municipalities whose polygon meets the
circle with a tree, cuts each with a circle of 128 corners, and divides areas; it gives no names, no distances
and no districts, which ours does. Time is processor time; the ratio is the median of the pairs.

Ours is exact for a true circle. It is compared with the plain way for a circle of 8192 corners, whose own
area is 1e-7 short. Every pair of runs has circles of its own, so that no answer comes from the atlas' memory
of places that it was asked for before.
"""

import time
from statistics import median

import numpy as np
import shapely

from benchmarks.result import Figure, Result
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.density import Density
from vagtcentral.location.ground import shape_in_metres, to_metres
from vagtcentral.location.position import Position
from vagtcentral.location.territory import read_rows

#: How many times as fast as the plain way.
TARGET = 10.0
#: How near to the plain way's numbers.
SAME = 1e-6
PLAIN_QUARTER_CORNERS = 32
FINE_QUARTER_CORNERS = 2048
SEED = 114


def run(circles: int = 2_000, repetitions: int = 7) -> Result:
    """Measure both ways on the same circles, and compare their numbers."""
    atlas = Atlas.built_in()
    plain = Plain(atlas)
    dice = np.random.default_rng(SEED)
    pairs = []
    for _ in range(repetitions + 1):
        positions = callers(circles, dice)  # never seen before: the atlas remembers places it was asked for
        pairs.append((_seconds(plain.shares, positions), _seconds(atlas.locate, positions)))
    pairs = pairs[1:]
    ratio = median(one / other for one, other in pairs)
    worst = max(difference(atlas, plain, position) for position in positions)
    several = sum(len(plain.shares(position)) > 1 for position in positions)
    figures = [
        Figure("ratio", ratio, "", f"at least {TARGET:g} times is wanted"),
        Figure("  ours", min(pair[1] for pair in pairs) * 1e6 / circles, "µs"),
        Figure("  plain", min(pair[0] for pair in pairs) * 1e6 / circles, "µs"),
        Figure("largest difference", worst, "", f"at most {SAME:g} is wanted"),
        Figure("circles with several municipalities", 100 * several / circles, "%"),
    ]
    about = f"{circles:,} circles of 50 m to 5 km where people live; processor time, median of {repetitions}"
    return Result(
        "probability", about, figures, ratio >= TARGET and worst <= SAME, {"agreement": worst <= SAME}
    )


class Plain:
    """The plain way: a tree of polygons in metres, intersections, areas."""

    def __init__(self, atlas: Atlas) -> None:
        self.planar = shape_in_metres(atlas.polygons)
        self.tree = shapely.STRtree(self.planar)

    def shares(self, position: Position, quarter_corners: int = PLAIN_QUARTER_CORNERS) -> dict[int, float]:
        """Each municipality's share of the land in the circle, by its index; none where all is sea."""
        centre = shapely.Point(to_metres(position.longitude, position.latitude))
        circle = centre.buffer(position.radius_m, quad_segs=quarter_corners)
        hit = self.tree.query(circle, predicate="intersects")
        land = shapely.area(shapely.intersection(self.planar[hit], circle))
        total = land.sum()
        return {i: part / total for i, part in zip(hit.tolist(), land.tolist(), strict=True) if part}


def difference(atlas: Atlas, plain: Plain, position: Position) -> float:
    """The largest difference of any probability; 0 at sea, where the plain way has no answer."""
    expected = plain.shares(position, FINE_QUARTER_CORNERS)
    if not expected:
        return 0.0
    answered = {one.code: one.probability for one in atlas.municipalities(position, Density.UNIFORM)}
    codes = {atlas.codes[i]: part for i, part in expected.items()}
    quick = atlas.locate(position).municipality
    top = abs((quick.probability if quick else 0.0) - max(codes.values()))
    return max(top, *(abs(answered.get(code, 0.0) - codes.get(code, 0.0)) for code in {*answered, *codes}))


def callers(count: int, dice: np.random.Generator) -> list[Position]:
    """Circles around places drawn by population."""
    rows = read_rows("places.csv")
    people = np.array([float(row["population"]) for row in rows])
    chosen = dice.choice(len(rows), count, p=people / people.sum())
    radii = np.exp(dice.uniform(np.log(50), np.log(5_000), count))
    scatter = dice.normal(0, (0.01, 0.018), (count, 2))
    return [
        Position(float(rows[i]["latitude"]) + north, float(rows[i]["longitude"]) + east, radius)
        for i, radius, (north, east) in zip(chosen.tolist(), radii.tolist(), scatter.tolist(), strict=True)
    ]


def _seconds(answer: object, positions: list[Position]) -> float:
    assert callable(answer)
    before = time.process_time()
    for position in positions:
        answer(position)
    return time.process_time() - before
