"""One division of the land from several layers of municipalities, decided on a raster of 100 m."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio.features
import shapely
from numpy.typing import NDArray
from rasterio.transform import Affine, from_origin
from scipy.ndimage import distance_transform_edt
from shapes import Layer, in_metres, polygons_only

#: Side of a cell in metres.
CELL_M = 100.0
#: How far around a municipality, in metres, land may fall to it.
_PAD_M = 12_000.0
#: The drawn borders win outside Region Hovedstaden unless the region's own are this much nearer, in metres.
_BIAS_M = 800.0
#: Islands that would fall to the wrong municipality: longitude, latitude, code. Facts of geography.
ISLANDS = (
    (11.706, 56.196, "0260"),  # Hesselø
    (10.969, 55.334, "0330"),  # Sprogø
    (10.464, 55.471, "0480"),  # Vigelsø
    (10.505, 54.931, "0492"),  # Birkholm
    (10.544, 54.906, "0482"),  # Strynø Kalv
    (10.687, 54.955, "0482"),  # Siø
    (9.694, 55.486, "0410"),  # Fænø
    (8.539, 56.700, "0787"),  # an islet in the Limfjord
    (9.195, 56.724, "0779"),  # another
    (15.189, 55.320, "0411"),  # Christiansø
)
_ISLAND_NEAR_M, _LARGEST_ISLAND_M2 = 300.0, 60e6


@dataclass(frozen=True, slots=True)
class Grid:
    """The raster: its north-west corner in metres and its size in cells."""

    west: float
    north: float
    rows: int
    columns: int

    @property
    def transform(self) -> Affine:
        """From cells to metres."""
        return from_origin(self.west, self.north, CELL_M, CELL_M)

    def window(self, bounds: NDArray[np.float64]) -> tuple[slice, slice]:
        """The rows and columns that some bounds and `_PAD_M` around them cover."""
        west, south, east, north = bounds
        left, right = (int((x - self.west) / CELL_M) for x in (west - _PAD_M, east + _PAD_M))
        top, bottom = (int((self.north - y) / CELL_M) for y in (north + _PAD_M, south - _PAD_M))
        return slice(max(0, top), min(self.rows, bottom + 1)), slice(
            max(0, left), min(self.columns, right + 1)
        )

    def mask(self, shape: Any, rows: slice, columns: slice) -> NDArray[np.bool_]:
        """The cells of a window whose middle a shape covers."""
        transform = self.transform * Affine.translation(columns.start, rows.start)
        size = (rows.stop - rows.start, columns.stop - columns.start)
        drawn = rasterio.features.rasterize([(shape, 1)], out_shape=size, transform=transform, dtype="uint8")
        return drawn.astype(bool)


def divided(coast: Any, drawn: list[Layer], region: Layer) -> Layer:
    """The land of the coast, divided: by the region's borders inside it, by the drawn layers elsewhere."""
    grid = _grid(coast)
    order = sorted(drawn[0])
    ours, our_reach = _nearest(grid, order, [region], set(region))
    theirs, their_reach = _nearest(grid, order, drawn, set(order) - set(region))
    whole = shapely.union_all(list(region.values())).buffer(250).buffer(-250)
    inside = grid.mask(whole, slice(0, grid.rows), slice(0, grid.columns))
    drawn_wins = (theirs >= 0) & (their_reach + _BIAS_M > our_reach)
    labels = np.where(inside, ours, np.where(drawn_wins, theirs, ours)).astype(np.int16)
    layer = _traced(grid, labels, order)
    clipped = {code: polygons_only(shape.intersection(coast)) for code, shape in layer.items()}
    return _with_islands(clipped, coast)


def _grid(coast: Any) -> Grid:
    west, south, east, north = shapely.bounds(coast)
    left = float(np.floor((west - _PAD_M) / CELL_M) * CELL_M)
    top = float(np.ceil((north + _PAD_M) / CELL_M) * CELL_M)
    columns = int((east + _PAD_M - left) / CELL_M) + 1
    rows = int((top - south + _PAD_M) / CELL_M) + 1
    return Grid(left, top, rows, columns)


def _nearest(
    grid: Grid, order: list[str], layers: list[Layer], used: set[str]
) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """For each cell the municipality it lies deepest in, or nearest to, and how deep in metres.

    The depth is the mean over the layers of the signed distance to the border; -1 and far where none is near.
    """
    best = np.full((grid.rows, grid.columns), -1e9, np.float32)
    label = np.full(best.shape, -1, np.int16)
    for number, code in enumerate(order):
        shapes = [layer[code] for layer in layers if code in layer] if code in used else []
        if not shapes:
            continue
        rows, columns = grid.window(shapely.bounds(shapely.union_all(shapes)))
        depth = sum(_depth(grid.mask(shape, rows, columns)) for shape in shapes) / len(shapes)
        deeper = depth > best[rows, columns]
        best[rows, columns][deeper] = depth[deeper]
        label[rows, columns][deeper] = number
    return label, best


def _depth(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    inside: NDArray[np.float64] = distance_transform_edt(mask)
    outside: NDArray[np.float64] = distance_transform_edt(~mask)
    return np.where(mask, inside, -outside) * CELL_M


def _traced(grid: Grid, labels: NDArray[np.int16], order: list[str]) -> Layer:
    """The cells of each municipality as a polygon, with the steps along shared borders smoothed away."""
    cells: dict[str, list[Any]] = {}
    for shape, value in rasterio.features.shapes(labels, mask=labels >= 0, transform=grid.transform):
        polygon = shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:])
        cells.setdefault(order[int(value)], []).append(polygon)
    found = sorted(cells)
    smooth = shapely.coverage_simplify([shapely.union_all(cells[code]) for code in found], CELL_M * 0.8)
    return dict(zip(found, smooth, strict=True))


def _with_islands(layer: Layer, coast: Any) -> Layer:
    """The layer with each of `ISLANDS` given whole to its municipality."""
    for longitude, latitude, owner in ISLANDS:
        place = in_metres(shapely.Point(longitude, latitude))
        near = [
            part
            for part in shapely.get_parts(coast)
            if part.area < _LARGEST_ISLAND_M2 and part.distance(place) < _ISLAND_NEAR_M
        ]
        if not near:
            raise ValueError(f"no island at longitude {longitude}, latitude {latitude}")
        layer = {code: polygons_only(shape.difference(near[0])) for code, shape in layer.items()}
        mine = [layer[owner]] if owner in layer else []
        layer[owner] = polygons_only(shapely.union_all([*mine, near[0]]))
    return layer
