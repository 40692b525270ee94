"""The drawn map of react-denmark-map (MIT): finer borders than the gazetteer's, but without coordinates.

It is placed by a cubic polynomial that takes the middles of its municipalities to those of a layer that has
coordinates. Bornholm is drawn in a box of its own and only shifted.
"""

import re
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import svg_path
from numpy.typing import NDArray
from shapes import BORNHOLM, Layer, polygons_only

_SOURCE = "package/dist/esm/index.js"
_SHAPE = re.compile(r'display_name:"[^"]*",code:"(\d+)",d:"([^"]*)"')
#: Half the width of the drawing, to keep powers of coordinates small.
_SCALE = 7000.0

Points = NDArray[np.float64]


def placed(package: Path, reference: Layer) -> Layer:
    """The municipalities of the drawing in the coordinates of the reference."""
    drawn = _drawn(package)
    common = [code for code in drawn if code in reference and code != BORNHOLM]
    here, there = _middles(drawn, common), _middles(reference, common)
    cubic = np.linalg.lstsq(_powers(here), there, rcond=None)[0]
    linear = np.linalg.lstsq(_with_one(here), there, rcond=None)[0]
    shift = _middles(reference, [BORNHOLM]) - _with_one(_middles(drawn, [BORNHOLM])) @ linear

    def on_the_map(code: str, shape: Any) -> Any:
        if code == BORNHOLM:
            return shapely.transform(shape, lambda points: _with_one(points) @ linear + shift)
        return shapely.transform(shape, lambda points: _powers(points) @ cubic)

    return {code: polygons_only(on_the_map(code, shape)) for code, shape in drawn.items()}


def _drawn(package: Path) -> Layer:
    with tarfile.open(package) as archive:
        file = archive.extractfile(_SOURCE)
        if file is None:
            raise ValueError(f"{package}: no file {_SOURCE} in it")
        text = file.read().decode()
    # Codes of more than three digits are regions.
    return {code.zfill(4): _shape(path) for code, path in _SHAPE.findall(text) if len(code) <= 3}


def _shape(path: str) -> Any:
    whole = shapely.Polygon()
    for ring in svg_path.rings(path):  # a ring inside another is a hole
        whole = whole.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return polygons_only(whole)


def _middles(layer: Layer, wanted: list[str]) -> Points:
    return shapely.get_coordinates(shapely.centroid([layer[code] for code in wanted]))


def _with_one(points: Points) -> Points:
    return np.column_stack([points, np.ones(len(points))])


def _powers(points: Points) -> Points:
    x, y = ((points - _SCALE) / _SCALE).T
    return np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3])
