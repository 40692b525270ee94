"""Shapes on the ground: outlines, and the position that stands for a shape and back (RFC 7459, section 5).

Distances are geodesics on the WGS84 ellipsoid. An outline that crosses the 180th meridian or a pole is of no
use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import atan2, cos, degrees, hypot, isclose, pi, radians, sin
from typing import Any

import pyproj
import shapely

from vagtcentral.location.position import Position, Source
from vagtcentral.location.shapes import (
    ArcBand,
    Area,
    Circle,
    Ellipse,
    Ellipsoid,
    Pdf,
    Point,
    Polygon,
    Prism,
    Shape,
    Sphere,
)
from vagtcentral.location.uncertainty import distribution_of

Corners = tuple[tuple[float, float], ...]

#: Corners of the polygon that stands for an ellipse: its area is 0.2 % short of the ellipse's.
_ELLIPSE_CORNERS = 64
#: An arc is drawn with a corner at least every so many degrees.
_ARC_STEP = 5.0
#: The shapes that a position's `shape` may hold in its member `figure`.
_FIGURES = {kind.__name__: kind for kind in (Ellipse, ArcBand, Polygon, Sphere, Ellipsoid, Prism)}


def position_of(shape: Shape, time: int | None = None, source: Source = Source.SIP) -> Position:
    """The position that stands for a shape: its centroid and the radius of the circle around all of it.

    Three dimensions become two: the altitude is dropped and the confidence C becomes at least C^(2/3) (RFC
    7459, section 5.3). An ellipse counts with its semi-major axis (section 5.2), a polygon with its farthest
    corner, an arc band with its centroid, which is not its mast. A radius of 0 is unknown. `time` is in
    milliseconds since 1970 UTC. `Position.shape` holds a GeoJSON polygon (longitude first) with the shape
    itself as `figure`.
    """
    match shape:
        case Point():
            return Position(shape.latitude, shape.longitude, None, None, time, source)
        case Circle() | Sphere():
            return _position(shape, (shape.latitude, shape.longitude), shape.radius, time, source)
        case Ellipse() | Ellipsoid():
            return _position(shape, (shape.latitude, shape.longitude), shape.semi_major, time, source)
        case ArcBand():
            return _position(shape, *_arc_circle(shape), time, source)
        case Polygon() | Prism():
            return _position(shape, *_polygon_circle(shape.corners), time, source)


def enlarged(position: Position, factor: float) -> Position:
    """The position with an area so many times as wide; its shape must be an ellipse, ellipsoid or sphere."""
    figure = None if position.shape is None else _figure(position.shape)
    match figure:
        case Sphere():
            wider: Shape = replace(figure, radius=factor * figure.radius)
        case Ellipse() | Ellipsoid():
            major, minor = factor * figure.semi_major, factor * figure.semi_minor
            wider = replace(figure, semi_major=major, semi_minor=minor)
        case _:
            raise ValueError(f"{type(figure).__name__} cannot be enlarged")
    drawn = position_of(wider)
    return replace(position, radius_m=drawn.radius_m, shape=drawn.shape)


def shape_of(position: Position) -> Shape:
    """The shape that a position stands for, the inverse of `position_of` as far as the position kept it.

    A position without radius is a point, one without `shape` a circle, one with any GeoJSON polygon that
    polygon. A circle's distribution is that stated, else that of the source.
    """
    if position.shape is not None:
        figure = _figure(position.shape)
        if figure is not None:
            return figure
    if not position.radius_m:
        return Point(position.latitude, position.longitude)
    place = position.latitude, position.longitude
    return Circle(*place, position.radius_m, position.confidence, distribution_of(position))


def outline(shape: Shape) -> Corners:
    """The corners (latitude, longitude) of a polygon that stands for the shape seen from above; () for a
    point.

    The first corner is not repeated. A full ring is drawn without its hole.
    """
    match shape:
        case Point():
            return ()
        case Polygon() | Prism():
            return shape.corners
        case Circle() | Sphere():
            return _ellipse(shape.latitude, shape.longitude, shape.radius, shape.radius, 0.0)
        case Ellipse() | Ellipsoid():
            return _ellipse(
                shape.latitude, shape.longitude, shape.semi_major, shape.semi_minor, shape.orientation
            )
        case ArcBand():
            return _band(shape)


def destination(latitude: float, longitude: float, azimuth: float, distance: float) -> tuple[float, float]:
    """Where one gets by going `distance` metres from a place at `azimuth` degrees clockwise from north."""
    east, north, _ = _globe().fwd(longitude, latitude, azimuth, distance)
    return float(north), float(east)


@cache
def _globe() -> Any:
    return pyproj.Geod(ellps="WGS84")


def _position(
    shape: Shape, centre: tuple[float, float], radius: float, time: int | None, source: Source
) -> Position:
    if isinstance(shape, Point) or not radius:
        return Position(*centre, None, None, time, source)
    confidence = shape.confidence
    if confidence is not None and isinstance(shape, Sphere | Ellipsoid | Prism):
        confidence = confidence ** (2 / 3)
    drawn = None if isinstance(shape, Circle) else _geojson(shape)
    return Position(*centre, radius, confidence, time, source, drawn, shape.pdf)


def _geojson(shape: Area) -> dict[str, Any] | None:
    """The shape drawn as a polygon with itself as `figure`; None if that encloses nothing."""
    rings = [[[longitude, latitude] for latitude, longitude in outline(shape)]]
    if isinstance(shape, ArcBand) and shape.inner_radius and _is_ring(shape):
        rings.append([[east, north] for north, east in reversed(_arc(shape, shape.inner_radius))])
    drawn = shapely.Polygon(rings[0], rings[1:])
    if not drawn.is_valid and not (isinstance(shape, Polygon | Prism) and shapely.make_valid(drawn).area > 0):
        return None
    members = {name: getattr(shape, name) for name in shape.__dataclass_fields__}
    members["pdf"] = str(members["pdf"])
    if "corners" in members:
        members["corners"] = [list(corner) for corner in members["corners"]]
    return {
        "type": "Polygon",
        "coordinates": [[*ring, ring[0]] for ring in rings],
        "figure": {"name": type(shape).__name__, **members},
    }


def _figure(drawn: Mapping[str, Any]) -> Shape | None:
    """The shape in a GeoJSON-like object, or None if there is none that can be made."""
    try:
        members = dict(drawn.get("figure") or {})
        kind = _FIGURES.get(members.pop("name", ""))
        if kind is not None:
            members["pdf"] = Pdf(members["pdf"])
            if "corners" in members:
                members["corners"] = tuple((north, east) for north, east in members["corners"])
            made: Shape = kind(**members)
            return made
        if drawn.get("type") == "Polygon":
            ring = [(north, east) for east, north, *_ in drawn["coordinates"][0]]
            return Polygon(tuple(ring[:-1] if ring[0] == ring[-1] else ring))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        pass
    return None


def _ellipse(latitude: float, longitude: float, major: float, minor: float, orientation: float) -> Corners:
    corners = []
    for step in range(_ELLIPSE_CORNERS):
        turn = 2 * pi * step / _ELLIPSE_CORNERS
        along, across = major * cos(turn), minor * sin(turn)
        azimuth = orientation + degrees(atan2(across, along))
        corners.append(destination(latitude, longitude, azimuth, hypot(along, across)))
    return tuple(corners)


def _band(band: ArcBand) -> Corners:
    outer = _arc(band, band.outer_radius)
    if _is_ring(band):
        return outer
    if not band.inner_radius:
        return ((band.latitude, band.longitude), *outer)
    return (*outer, *reversed(_arc(band, band.inner_radius)))


def _is_ring(band: ArcBand) -> bool:
    return isclose(band.opening_angle, 360.0)


def _arc(band: ArcBand, radius: float) -> Corners:
    """The arc of this radius in metres, clockwise."""
    steps = max(2, int(band.opening_angle / _ARC_STEP) + 1)
    count = steps if _is_ring(band) else steps + 1
    azimuths = (band.start_angle + band.opening_angle * n / steps for n in range(count))
    return tuple(destination(band.latitude, band.longitude, azimuth, radius) for azimuth in azimuths)


def _arc_circle(band: ArcBand) -> tuple[tuple[float, float], float]:
    """Centroid of an arc band, on its bisector, and the distance from there to its farthest point, metres."""
    inner, outer = band.inner_radius, band.outer_radius
    half = radians(band.opening_angle) / 2
    away = 2 * sin(half) * (outer**3 - inner**3) / (3 * half * (outer**2 - inner**2))
    away = max(0.0, away)
    corners = [(r**2 + away**2 - 2 * r * away * cos(half)) ** 0.5 for r in (inner, outer)]
    bisector = band.start_angle + band.opening_angle / 2
    return destination(band.latitude, band.longitude, bisector, away), max(corners)


def _polygon_circle(corners: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    """Centroid of a polygon, or of its edge if it has no area, and metres to its farthest corner."""
    origin = corners[0]
    flat = []
    for north, east in corners:
        azimuth, _, distance = _globe().inv(origin[1], origin[0], east, north)
        flat.append((distance * sin(radians(azimuth)), distance * cos(radians(azimuth))))
    # The halves of a polygon that crosses itself would cancel each other out, so it is made valid first.
    middle = shapely.centroid(shapely.make_valid(shapely.Polygon(flat)))
    x, y = middle.x, middle.y
    centre = destination(*origin, degrees(atan2(x, y)), hypot(x, y))
    return centre, max(_globe().inv(centre[1], centre[0], east, north)[2] for north, east in corners)
