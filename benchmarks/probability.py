"""How likely is each municipality? Circles on the atlas beside plain `intersection().area`, in the same run.

Places are drawn by population, callers scattered some kilometre around them, radii from 50 m to 5 km with
every size as likely (logarithmically even). The plain way has its polygons and their tree ready, finds those
that meet the circle, cuts each with a circle of 128 corners (twice what shapely takes by itself), and divides
areas; it gives no names, no distances and no districts, which ours does. Its numbers are off for want of
corners, so it is timed a second time with as many as bring it to 1e-6. Time is processor time; each ratio is
the median of pairs that take turns.

Ours is exact for a true circle. It is compared with the plain way for a circle of 8192 corners, whose own
area is 1e-7 short. Every pair of runs has circles of its own, so that no answer comes from the atlas' memory
of places that it was asked for before.
"""

import time
from functools import partial
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
#: Corners in a quarter of the circle: the plain way, the same as exact as is wanted, what is compared with.
PLAIN_CORNERS, EXACT_CORNERS, FINE_CORNERS = 32, 1280, 2048
SEED = 114


def run(circles: int = 2_000, repetitions: int = 7) -> Result:
    """Measure both ways on the same circles, and compare their numbers."""
    atlas = Atlas.built_in()
    plain = Plain(atlas)
    dice = np.random.default_rng(SEED)
    exact = partial(plain.shares, quarter_corners=EXACT_CORNERS)
    times = []
    for _ in range(repetitions + 1):
        positions = callers(circles, dice)  # never seen before: the atlas remembers places it was asked for
        some = positions[::5]
        plainly, ours = _seconds(plain.shares, positions), _seconds(atlas.locate, positions)
        times.append((plainly, ours, _seconds(exact, some) * circles / len(some)))
    times = times[1:]
    ratio = median(plainly / ours for plainly, ours, _ in times)
    compared = np.array([differences(atlas, plain, position) for position in positions])
    worst, worst_plain, worst_exact = compared.max(axis=0).tolist()
    several = sum(len(plain.shares(position)) > 1 for position in positions)
    per_circle = 1e6 / circles
    plain_note = f"{4 * PLAIN_CORNERS} corners, off by up to {worst_plain:.0e}"
    exact_note = f"{4 * EXACT_CORNERS:,} corners, off by up to {worst_exact:.0e}"
    figures = [
        Figure("ratio", ratio, "", f"at least {TARGET:g} times is wanted"),
        Figure("  ours", min(one for _, one, _ in times) * per_circle, "µs"),
        Figure("  plain", min(one for one, _, _ in times) * per_circle, "µs", plain_note),
        Figure("ratio, plain as exact", median(one / ours for _, ours, one in times), "", exact_note),
        Figure("largest difference", worst, "", f"at most {SAME:g} is wanted"),
        Figure("circles with several municipalities", 100 * several / circles, "%"),
    ]
    about = f"{circles:,} circles of 50 m to 5 km where people live; processor time, median of {repetitions}"
    agreement = {"agreement": worst <= SAME}
    return Result("probability", about, figures, ratio >= TARGET and worst <= SAME, agreement)


class Plain:
    """The plain way: a tree of polygons in metres, intersections, areas."""

    def __init__(self, atlas: Atlas) -> None:
        self.planar = shape_in_metres(atlas.polygons)
        self.tree = shapely.STRtree(self.planar)

    def shares(self, position: Position, quarter_corners: int = PLAIN_CORNERS) -> dict[int, float]:
        """Each municipality's share of the land in the circle, by its index; none where all is sea."""
        centre = shapely.Point(to_metres(position.longitude, position.latitude))
        circle = centre.buffer(position.radius_m, quad_segs=quarter_corners)
        hit = self.tree.query(circle, predicate="intersects")
        land = shapely.area(shapely.intersection(self.planar[hit], circle))
        total = land.sum()
        return {i: part / total for i, part in zip(hit.tolist(), land.tolist(), strict=True) if part}


def differences(atlas: Atlas, plain: Plain, position: Position) -> tuple[float, float, float]:
    """The largest difference of any probability from the finest circle's: ours, plain, plain as exact.

    0 at sea, where the plain way has no answer.
    """
    fine = plain.shares(position, FINE_CORNERS)
    if not fine:
        return 0.0, 0.0, 0.0
    index = {code: i for i, code in enumerate(atlas.codes)}
    ours = {index[one.code]: one.probability for one in atlas.municipalities(position, Density.UNIFORM)}
    quick = atlas.locate(position).municipality
    top = abs(quick.probability - fine.get(index[quick.code], 0.0)) if quick else 1.0
    plainly, exactly = (plain.shares(position, corners) for corners in (PLAIN_CORNERS, EXACT_CORNERS))
    return max(top, _apart(ours, fine)), _apart(plainly, fine), _apart(exactly, fine)


def _apart(one: dict[int, float], other: dict[int, float]) -> float:
    return max(abs(one.get(i, 0.0) - other.get(i, 0.0)) for i in {*one, *other})


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
