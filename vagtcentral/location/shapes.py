"""The shapes in which signalling tells an area of uncertainty (RFC 5491, section 5.2), all in WGS84.

Latitude, longitude and angles are degrees, lengths and altitudes metres; angles run clockwise from north.
`confidence` lies in 0..1 exclusive, None where unknown, and tells with which probability the caller is
inside; a point has none (RFC 7459, section 4.1). Making a shape raises ValueError for values that are not
finite or out of range, in one line that names the value.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite


class Pdf(StrEnum):
    """How the caller's position is distributed within the shape (RFC 7459, section 3)."""

    UNKNOWN = "unknown"  #: nobody said
    NORMAL = "normal"  #: a normal distribution around the centre
    RECTANGULAR = "rectangular"  #: equally likely everywhere inside


@dataclass(frozen=True, slots=True)
class Point:
    """A place without any area: how far off the caller may be is unknown."""

    latitude: float
    longitude: float
    altitude: float | None = None

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, self.altitude)


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle; a radius of 0 means unknown."""

    latitude: float
    longitude: float
    radius: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude)
        _check_length("radius", self.radius)
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse; `orientation` is that of the semi-major axis, 0 to below 180 degrees from north."""

    latitude: float
    longitude: float
    semi_major: float
    semi_minor: float
    orientation: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude)
        _check_axes(self.semi_major, self.semi_minor)
        _check_angle("orientation", self.orientation, 180.0)
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class ArcBand:
    """A part of a ring around a mast: from `start_angle` clockwise through `opening_angle` degrees.

    The mast (latitude, longitude) itself lies outside the band unless `inner_radius` is 0.
    """

    latitude: float
    longitude: float
    inner_radius: float
    outer_radius: float
    start_angle: float
    opening_angle: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude)
        _check_length("inner radius", self.inner_radius)
        _check_length("outer radius", self.outer_radius)
        if not self.inner_radius < self.outer_radius:
            raise ValueError(
                f"inner radius {self.inner_radius} m is not below the outer {self.outer_radius} m"
            )
        _check_angle("start angle", self.start_angle, 360.0)
        if not 0 < self.opening_angle <= 360:
            raise ValueError(f"opening angle {self.opening_angle} is not above 0 and at most 360 degrees")
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A polygon of at least three (latitude, longitude) corners; the first is not repeated at the end."""

    corners: tuple[tuple[float, float], ...]
    altitude: float | None = None
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        _check_corners(self.corners, self.altitude)
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Sphere:
    """A sphere around a place in the air or on the ground."""

    latitude: float
    longitude: float
    altitude: float
    radius: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, self.altitude)
        _check_length("radius", self.radius)
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid with two horizontal semi-axes and a vertical one; `orientation` as for an ellipse."""

    latitude: float
    longitude: float
    altitude: float
    semi_major: float
    semi_minor: float
    vertical: float
    orientation: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, self.altitude)
        _check_axes(self.semi_major, self.semi_minor)
        _check_length("vertical axis", self.vertical)
        _check_angle("orientation", self.orientation, 180.0)
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True)
class Prism:
    """A polygon at `altitude` extended upwards by `height`: a floor of a building."""

    corners: tuple[tuple[float, float], ...]
    altitude: float
    height: float
    confidence: float | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def __post_init__(self) -> None:
        _check_corners(self.corners, self.altitude)
        _check_length("height", self.height)
        _check_confidence(self.confidence)


#: A shape with an area or a volume, and so with a confidence.
Area = Circle | Ellipse | ArcBand | Polygon | Sphere | Ellipsoid | Prism
Shape = Point | Area


def check_place(latitude: float, longitude: float, altitude: float | None = None) -> None:
    """Raise ValueError unless the degrees lie in -90..90 and -180..180 and the altitude is finite."""
    if not (isfinite(latitude) and abs(latitude) <= 90):
        raise ValueError(f"latitude {latitude} is not in -90..90 degrees")
    if not (isfinite(longitude) and abs(longitude) <= 180):
        raise ValueError(f"longitude {longitude} is not in -180..180 degrees")
    if altitude is not None and not isfinite(altitude):
        raise ValueError(f"altitude {altitude} is not a finite number of metres")


def _check_corners(corners: tuple[tuple[float, float], ...], altitude: float | None) -> None:
    for latitude, longitude in corners:
        check_place(latitude, longitude, altitude)
    if len(set(corners)) < 3:
        raise ValueError(f"a polygon needs three different corners, not {len(set(corners))}")
    if corners[0] == corners[-1]:
        raise ValueError("the first corner of a polygon is not repeated at the end")


def _check_axes(semi_major: float, semi_minor: float) -> None:
    _check_length("semi-major axis", semi_major)
    _check_length("semi-minor axis", semi_minor)
    if semi_minor > semi_major:
        raise ValueError(f"semi-minor axis {semi_minor} m is longer than the semi-major {semi_major} m")


def _check_length(name: str, length: float) -> None:
    if not (isfinite(length) and length >= 0):
        raise ValueError(f"{name} {length} is not a finite length of 0 m or more")


def _check_angle(name: str, angle: float, below: float) -> None:
    if not (isfinite(angle) and 0 <= angle < below):
        raise ValueError(f"{name} {angle} is not in 0 to below {below:g} degrees")


def _check_confidence(confidence: float | None) -> None:
    if confidence is not None and not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1 exclusive")
