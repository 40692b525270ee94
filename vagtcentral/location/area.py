"""An area that is not a circle, as a polygon in metres.

`Position.shape` is a GeoJSON `Polygon` or `MultiPolygon` (RFC 7946), longitude first. Its member `figure` may
name what it was drawn from (`shape_geometry`): ellipses and spheres grow with their confidence as circles do,
all other areas are taken as they were sent, with the confidence that they came with (`share_inside`).
"""

from collections.abc import Mapping
from math import pi, sqrt
from typing import Any

import numpy as np
import shapely
from shapely.affinity import scale

from vagtcentral.location.ground import shape_in_metres, to_metres
from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import distribution_of, grows, growth

#: No area that says where a caller is has more corners; more is refused.
_MOST_CORNERS = 10_000


def area_in_metres(position: Position, wider_m: float = 0.0) -> Any:
    """The polygon (EPSG:25832) that holds the caller with 95 %, or as `share_inside` says.

    `wider_m` metres are added all round. Raises ValueError if the position's shape is none that encloses an
    area.
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
    if position.confidence is not None and grows(position):
        factor = growth(position.confidence, distribution_of(position))
        area = scale(area, factor, factor, origin=to_metres(position.longitude, position.latitude))
    return shapely.buffer(area, wider_m) if wider_m else area


def surroundings_of(area: Any) -> Any:
    """What lies around an area (EPSG:25832), as far out as the radius of the circle of its size; of a circle
    the ring to twice its radius. Callers outside an area that cannot be enlarged are taken to be there: an
    assumption, as nobody states where they are.
    """
    return shapely.difference(shapely.buffer(area, sqrt(shapely.area(area) / pi)), area)


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
