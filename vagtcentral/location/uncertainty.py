"""How sure a position is: the 95 % radius by a named model, and distances between positions on the globe."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import asin, cos, inf, log1p, radians, sin, sqrt
from statistics import NormalDist

from vagtcentral.location.position import Position, Source
from vagtcentral.location.shapes import Pdf

#: Every comparison and every overlap is made at this confidence (RFC 7459, section 5.5).
REFERENCE_CONFIDENCE = 0.95

#: The default: RFC 7459, section 5.4.2, n = 2, `erfinv(C ** 0.5)`. Both axes hold the same share, which makes
#: a square; for a circle that errs to the safe side (docs/calibration.md).
RFC_7459_NORMAL_2D = "rfc7459-normal-2d"
#: The exact circular normal distribution; one axis alone, as Google scales ELS radii; and an even density,
#: which only ever shrinks (RFC 7459, section 5.4.1).
RAYLEIGH, NORMAL_1D, RECTANGULAR = "rayleigh", "normal-1d", "rfc7459-rectangular"
#: The confidence was unknown, or nothing is known by which the area could be changed: it is used as it came.
AS_SENT = "as-sent"
#: There was no radius: the position is a point whose error nobody knows.
NO_RADIUS = "no-radius"

#: How errors are distributed, by source (RFC 7459, section 4.1): satellites normally, a cell evenly.
PDF_OF = {Source.GNSS: Pdf.NORMAL, Source.CELL: Pdf.RECTANGULAR}
#: The shapes that grow and shrink about their centre as circles do (see `shape_geometry`); all others stay.
GROWING = frozenset({"Ellipse", "Ellipsoid", "Sphere"})
#: Of a confidence below this an area is not taken for all there is.
_NEARLY = REFERENCE_CONFIDENCE - 1e-9

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_UNKNOWN, _RECTANGULAR = Pdf.UNKNOWN, Pdf.RECTANGULAR

#: Mean radius of the earth in metres (IUGG R1); great-circle distances are within 0.4 % of the ellipsoid's.
EARTH_RADIUS_M = 6_371_008.8


def sigmas_holding(share: float) -> float:
    """Radius, in sigmas, of the circle that holds a share (0..1) of a circular normal distribution."""
    return sqrt(-2 * log1p(-share))


def _on_axes(share: float) -> float:
    """Half the side in sigmas of the square that holds a share of it."""
    return NormalDist().inv_cdf((1 + sqrt(share)) / 2)


def _on_axis(share: float) -> float:
    """Half the length in sigmas of the stretch that holds a share of one axis."""
    return NormalDist().inv_cdf((1 + share) / 2)


def _evenly(share: float) -> float:
    """Radius of the circle that holds a share of an even density, in radii of all of it."""
    return sqrt(share)


#: The models by name: each gives the size of what holds a share (0..1 exclusive), in a unit of its own.
MODELS: Mapping[str, Callable[[float], float]] = {
    RFC_7459_NORMAL_2D: _on_axes,
    RAYLEIGH: sigmas_holding,
    NORMAL_1D: _on_axis,
    RECTANGULAR: _evenly,
}


def converted(radius_m: float, confidence: float, wanted: float, model: str = RFC_7459_NORMAL_2D) -> float:
    """A radius in metres brought from one confidence to another (both 0..1 exclusive) by a model's name.

    With an even density nothing is gained by a larger circle, so that radius only ever shrinks. Raises
    ValueError for other models and confidences.
    """
    for share in (confidence, wanted):
        if not 0.0 < share < 1.0:
            raise ValueError(f"confidence {share} is not between 0 and 1 exclusive")
    if model not in MODELS:
        raise ValueError(f"model {model!r} is none of {', '.join(MODELS)}")
    if model == RECTANGULAR:
        wanted = min(confidence, wanted)
    return radius_m * (MODELS[model](wanted) / MODELS[model](confidence))


@lru_cache(maxsize=1024)
def factor_to_95(confidence: float, model: str = RFC_7459_NORMAL_2D) -> float:
    """What to multiply a radius of this confidence (0..1 exclusive) with to get the 95 % radius.

    0.68 gives 1.650 by RFC 7459. Raises ValueError as `converted` does.
    """
    return converted(1.0, confidence, REFERENCE_CONFIDENCE, model)


def distribution_of(position: Position) -> Pdf:
    """How the caller is distributed over the area: as the sender says, else as the source's errors are."""
    stated = position.pdf
    return PDF_OF.get(position.source, _UNKNOWN) if stated is _UNKNOWN else stated


def grows(position: Position) -> bool:
    """Whether the area is of a kind that can be enlarged: a circle or an ellipse, and no other shape."""
    if position.shape is None:
        return True
    figure = position.shape.get("figure")
    return isinstance(figure, Mapping) and figure.get("name") in GROWING


@lru_cache(maxsize=4096)
def growth(confidence: float, pdf: Pdf, model: str = RFC_7459_NORMAL_2D) -> float:
    """What to multiply a radius of this confidence (0..1 exclusive) with, by distribution (RFC 7459, 5.4).

    A normal one is brought to 95 % by the model. An even one only ever shrinks: outside nothing is known. An
    unknown one never shrinks, and is enlarged as a normal one would be, which is on the safe side and no
    promise.
    """
    if pdf is _RECTANGULAR:
        return factor_to_95(confidence, RECTANGULAR)
    factor = factor_to_95(confidence, model)
    return max(1.0, factor) if pdf is _UNKNOWN else factor


def share_inside(position: Position) -> float:
    """With which probability the caller is inside the area that `growth` leaves: 1 where that is all.

    An area brought to 95 % counts as all, and so does one whose confidence is unknown. One that cannot be
    enlarged keeps its confidence: the rest of the callers are somewhere around it.
    """
    confidence = position.confidence
    if confidence is None or confidence >= _NEARLY or not (position.radius_m or position.shape):
        return 1.0
    if grows(position) and distribution_of(position) is not _RECTANGULAR:
        return 1.0
    return confidence


def radius_95(position: Position, model: str = RFC_7459_NORMAL_2D) -> float | None:
    """The radius in metres of the circle that holds the caller with 95 %, None where no radius is known.

    A radius of 0 counts as unknown, as senders mean it. With unknown confidence the radius is taken as it is,
    and so is that of an area that cannot be enlarged (`growth`, `share_inside`: 95 % are not known to be in
    it). Raises ValueError for a negative, infinite or not-a-number radius, or an unknown model.
    """
    radius = position.radius_m
    if radius is None or radius == 0:
        return None
    if not 0.0 < radius < inf:
        raise ValueError(f"radius {radius} m is not a finite length of 0 or more")
    if position.confidence is None or not grows(position):
        return radius
    return radius * growth(position.confidence, distribution_of(position), model)


def conversion(position: Position, model: str = RFC_7459_NORMAL_2D) -> str:
    """The name of what `radius_95` does with this position: the model, or why there is nothing to convert."""
    if not position.radius_m:
        return NO_RADIUS
    if position.confidence is None or not grows(position):
        return AS_SENT
    pdf = distribution_of(position)
    if pdf is _RECTANGULAR:
        return RECTANGULAR
    return AS_SENT if pdf is _UNKNOWN and position.confidence > REFERENCE_CONFIDENCE else model


def distance_m(one: Position, other: Position) -> float:
    """Great-circle distance between two centres in metres (haversine formula on a sphere)."""
    north = sin(radians(other.latitude - one.latitude) / 2) ** 2
    east = sin(radians(other.longitude - one.longitude) / 2) ** 2
    chord = north + cos(radians(one.latitude)) * cos(radians(other.latitude)) * east
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
