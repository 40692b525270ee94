"""An area that is not a circle, as a polygon in metres.

`Position.shape` is a GeoJSON `Polygon` or `MultiPolygon` (RFC 7946), longitude first. Its member `figure` may
name what it was drawn from (`shape_geometry`): ellipses and spheres grow with their confidence as circles do,
all other areas are taken as they were sent.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from shapely.affinity import scale

from vagtcentral.location.ground import shape_in_metres, to_metres
from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import factor_to_95

#: No area that says where a caller is has more corners; more is refused.
_MOST_CORNERS = 10_000
#: Figures whose error is a normal distribution, cut off at the confidence stated.
_GROWING = ("Ellipse", "Ellipsoid", "Sphere")


def area_in_metres(position: Position) -> Any:
    """The polygon (EPSG:25832) that holds the caller with 95 %, as far as the shape tells.

    Raises ValueError if the position's shape is none that encloses an area.
    """
    shape: Mapping[str, Any] = position.shape or {}
    kind = shape.get("type")
    try:
        area = shape_in_metres(_in_degrees(kind, shape))
        # Corners on the other side of the globe have no place in EPSG:25832, which GEOS only notices here.
        if not shapely.is_valid(area):
            area = shapely.make_valid(area)
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(f"shape {kind!r} is incomplete: {error!r}") from None
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise ValueError(f"shape {kind!r} is not an area: {error}") from None
    if not shapely.area(area) > 0:
        raise ValueError(f"shape {kind!r} is not an area: it encloses nothing")
    figure = shape.get("figure")
    if isinstance(figure, Mapping) and figure.get("name") in _GROWING and position.confidence is not None:
        factor = factor_to_95(position.confidence)
        area = scale(area, factor, factor, origin=to_metres(position.longitude, position.latitude))
    return area


def _in_degrees(kind: object, shape: Mapping[str, Any]) -> Any:
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError("allowed are Polygon and MultiPolygon")
    groups = [shape["coordinates"]] if kind == "Polygon" else shape["coordinates"]
    polygons = []
    for group in groups:
        rings = [np.array([corner[:2] for corner in ring], dtype=float).reshape(-1, 2) for ring in group]
        if sum(map(len, rings)) > _MOST_CORNERS:
            raise ValueError(f"it has more than {_MOST_CORNERS} corners")
        if not all((np.abs(ring) <= (180, 90)).all() for ring in rings):
            raise ValueError("a corner is not longitude -180..180, latitude -90..90")
        polygons.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
    return shapely.union_all(polygons) if len(polygons) > 1 else polygons[0]
