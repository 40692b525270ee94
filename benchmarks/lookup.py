"""Which municipality is this point in? The atlas beside a prepared STRtree, in the same run.

The baseline is a loop over points, each a query of a tree of the prepared municipality polygons. Points are
drawn evenly over Danish land. Time is processor time; both sides take turns, and the ratio is the median of
the pairs. The run also holds that every answer is that of exact point-in-polygon, with points on borders.
"""

import time
from collections.abc import Callable
from itertools import starmap
from statistics import median

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.result import Figure, Result
from vagtcentral.location.atlas import Atlas, read_geojson
from vagtcentral.location.position import Position
from vagtcentral.location.territory import DATA

#: How many times as fast as the loop over the tree: one at a time, in bulk.
TARGET_SINGLE, TARGET_BULK = 5.0, 50.0
#: The built-in geometry is to be loaded within this time, in milliseconds, imports of libraries not counted.
TARGET_LOAD_MS = 150.0
EXACT_POINTS = 200_000
SEED = 114

_LOAD = (
    "import time, json, numpy, shapely, pyproj; from vagtcentral.location.atlas import Atlas; "
    "before = time.perf_counter(); Atlas.built_in(); print((time.perf_counter() - before) * 1000)"
)


def run(points: int = 20_000, repetitions: int = 7, exact_points: int = EXACT_POINTS) -> Result:
    """Measure both ways on the same points, and compare answers with the polygons'."""
    atlas = Atlas.built_in()
    polygons = _polygons()
    tree = shapely.STRtree(polygons)
    degrees = on_land(polygons, points, np.random.default_rng(SEED))
    certain = _certain(atlas, degrees)
    single = _ratios(repetitions, lambda: _each_in_tree(tree, certain), lambda: _each(atlas, certain))
    bulk = _ratios(repetitions, lambda: _each_in_tree(tree, degrees), lambda: _at_once(atlas, degrees))
    wrong, checked, on_border = differences(atlas, polygons, exact_points)
    loads = [float(_printed(_LOAD)) for _ in range(repetitions)]
    per_point = 1e6 / len(degrees)
    figures = [
        Figure("certain, one at a time", single[0], "", f"at least {TARGET_SINGLE:g} times is wanted"),
        Figure("  ours", single[2] * 1e6 / len(certain), "µs"),
        Figure("  STRtree", single[1] * 1e6 / len(certain), "µs"),
        Figure("  certain", 100 * len(certain) / len(degrees), "%", "of points on land"),
        Figure("in bulk", bulk[0], "", f"at least {TARGET_BULK:g} times is wanted"),
        Figure("  ours", bulk[2] * per_point, "µs"),
        Figure("  STRtree", bulk[1] * per_point, "µs"),
        Figure("unlike point-in-polygon", wrong, "points", f"of {checked:,}, {on_border:,} on borders"),
        Figure(
            "loading the geometry", min(loads), "ms", f"median {median(loads):.0f}; below {TARGET_LOAD_MS:g}"
        ),
    ]
    met = single[0] >= TARGET_SINGLE and bulk[0] >= TARGET_BULK and min(loads) < TARGET_LOAD_MS and not wrong
    about = f"{len(degrees):,} points on land; processor time, median of {repetitions} pairs"
    return Result("lookup", about, figures, met, {"agreement": wrong == 0})


def differences(atlas: Atlas, polygons: "NDArray[np.object_]", count: int) -> tuple[int, int, int]:
    """How many points get another answer than exact point-in-polygon, of how many, how many on borders.

    Every point is asked for in bulk and one at a time.

    Points are drawn over land, over the whole country with its sea, and on corners and edges of polygons.
    """
    dice = np.random.default_rng(SEED + 1)
    borders = on_borders(polygons, count // 10, dice)
    west, south, east, north = shapely.total_bounds(polygons)
    anywhere = dice.uniform((west, south), (east, north), (count // 2, 2))
    land = on_land(polygons, count - len(anywhere) - len(borders), dice)
    degrees = np.concatenate([land, anywhere, borders])
    points, held = shapely.STRtree(polygons).query(shapely.points(degrees), predicate="intersects")
    truth = np.full(len(degrees), len(polygons))
    np.minimum.at(truth, points, held)
    expected = np.array([*atlas.codes, ""])[truth]
    strict = atlas.locate_many(degrees[:, 1], degrees[:, 0], nearest=False)
    usual = atlas.locate_many(degrees[:, 1], degrees[:, 0])
    wrong = int((strict != expected).sum()) + int(((usual != expected) & (expected != "")).sum())
    for (longitude, latitude), code in zip(degrees.tolist(), usual.tolist(), strict=True):
        municipality = atlas.locate(Position(latitude, longitude)).municipality
        wrong += (municipality.code if municipality else "") != code
    return wrong, len(degrees), len(borders)


def on_land(polygons: "NDArray[np.object_]", count: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Points (longitude, latitude) drawn evenly over land."""
    whole = shapely.union_all(polygons)
    shapely.prepare(whole)
    west, south, east, north = shapely.bounds(whole)
    found = np.empty((0, 2))
    while len(found) < count:
        tries = dice.uniform(
            (west, np.sin(np.radians(south))), (east, np.sin(np.radians(north))), (4 * count, 2)
        )
        tries[:, 1] = np.degrees(np.arcsin(tries[:, 1]))
        found = np.concatenate([found, tries[shapely.contains_xy(whole, tries[:, 0], tries[:, 1])]])
    return found[:count]


def on_borders(polygons: "NDArray[np.object_]", count: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Corners of polygons, and points on their edges to the last bit that a double has."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    starts = dice.choice(np.flatnonzero(ring[:-1] == ring[1:]), count)
    along = np.where(dice.random(count) < 0.5, 0.0, dice.random(count))[:, None]
    placed: NDArray[np.float64] = corners[starts] + along * (corners[starts + 1] - corners[starts])
    return placed


def _polygons() -> "NDArray[np.object_]":
    _, polygons = read_geojson((DATA / "municipalities.geojson").read_bytes())
    shapely.prepare(polygons)
    return polygons


def _certain(atlas: Atlas, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    kept: NDArray[np.float64] = degrees[
        atlas.raster.labels_at(degrees[:, 1], degrees[:, 0], whole_only=True) > 0
    ]
    return kept


def _each_in_tree(tree: shapely.STRtree, degrees: NDArray[np.float64]) -> float:
    rows = [tuple(row) for row in degrees.tolist()]
    before = time.process_time()
    for longitude, latitude in rows:
        tree.query(shapely.Point(longitude, latitude), predicate="intersects")
    return time.process_time() - before


def _each(atlas: Atlas, degrees: NDArray[np.float64]) -> float:
    positions = list(starmap(Position, degrees[:, ::-1].tolist()))
    before = time.process_time()
    for position in positions:
        atlas.locate(position)
    return time.process_time() - before


def _at_once(atlas: Atlas, degrees: NDArray[np.float64]) -> float:
    latitudes, longitudes = np.ascontiguousarray(degrees[:, 1]), np.ascontiguousarray(degrees[:, 0])
    before = time.process_time()
    atlas.locate_many(latitudes, longitudes)
    return time.process_time() - before


def _ratios(
    repetitions: int, theirs: Callable[[], float], ours: Callable[[], float]
) -> tuple[float, float, float]:
    """The median ratio of the pairs, and the best seconds of each side, after one run to warm up."""
    theirs(), ours()
    pairs = [(theirs(), ours()) for _ in range(repetitions)]
    return median(one / other for one, other in pairs), min(p[0] for p in pairs), min(p[1] for p in pairs)


def _printed(code: str) -> str:
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
