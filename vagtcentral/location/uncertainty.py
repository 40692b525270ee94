"""How sure a position is: the 95 % radius, and distances between positions on the globe."""

from functools import lru_cache
from math import asin, cos, inf, log1p, radians, sin, sqrt
from statistics import NormalDist

from vagtcentral.location.position import Position

#: Every comparison and every overlap is made at this confidence (RFC 7459, section 5.5).
REFERENCE_CONFIDENCE = 0.95

#: The model by which a radius is brought to 95 %; named in every result that shows such a radius.
RFC_7459_NORMAL_2D = "rfc7459-normal-2d"
#: The other models that `converted` knows: the exact circular normal distribution (Rayleigh), one axis alone
#: (as Google scales ELS radii), and an even density, which only ever shrinks (RFC 7459, section 5.4.1).
RAYLEIGH, NORMAL_1D, RECTANGULAR = "rayleigh", "normal-1d", "rfc7459-rectangular"
#: The confidence was unknown: the radius is used as it was sent.
AS_SENT = "as-sent"
#: There was no radius: the position is a point whose error nobody knows.
NO_RADIUS = "no-radius"

MODELS = (RFC_7459_NORMAL_2D, RAYLEIGH, NORMAL_1D, RECTANGULAR)

#: Mean radius of the earth in metres (IUGG R1); great-circle distances are within 0.4 % of the ellipsoid's.
EARTH_RADIUS_M = 6_371_008.8


@lru_cache(maxsize=1024)
def factor_to_95(confidence: float) -> float:
    """What to multiply a radius of this confidence with (0..1 exclusive) to get the 95 % radius.

    RFC 7459, section 5.4.2 with n = 2: `erfinv(0.95 ** 0.5) / erfinv(C ** 0.5)`, a normal distribution with
    independent axes. 0.68 gives 1.650. Raises ValueError outside 0..1.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence {confidence} is not between 0 and 1 exclusive")
    # erfinv(x) = inv_cdf((1 + x) / 2) / sqrt(2); the sqrt(2) cancels out.
    normal = NormalDist()
    return normal.inv_cdf((1 + sqrt(REFERENCE_CONFIDENCE)) / 2) / normal.inv_cdf((1 + sqrt(confidence)) / 2)


def converted(radius_m: float, confidence: float, wanted: float, model: str = RFC_7459_NORMAL_2D) -> float:
    """A radius in metres brought from one confidence to another (both 0..1 exclusive) by a named model.

    With an even density nothing is gained by a larger circle, so that radius only ever shrinks. Raises
    ValueError for other models and confidences.
    """
    if not (0.0 < confidence < 1.0 and 0.0 < wanted < 1.0):
        raise ValueError(f"confidences {confidence} and {wanted} are not between 0 and 1 exclusive")
    normal = NormalDist()
    match model:
        case "rfc7459-normal-2d":
            sizes = [normal.inv_cdf((1 + sqrt(share)) / 2) for share in (confidence, wanted)]
        case "rayleigh":
            sizes = [sqrt(-log1p(-share)) for share in (confidence, wanted)]
        case "normal-1d":
            sizes = [normal.inv_cdf((1 + share) / 2) for share in (confidence, wanted)]
        case "rfc7459-rectangular":
            sizes = [sqrt(confidence), sqrt(min(confidence, wanted))]
        case _:
            raise ValueError(f"model {model!r} is none of {', '.join(MODELS)}")
    return radius_m * sizes[1] / sizes[0]


def radius_95(position: Position) -> float | None:
    """The radius in metres of the circle that holds the caller with 95 %, None where no radius is known.

    A radius of 0 counts as unknown, as senders mean it. With unknown confidence the radius is taken as it is.
    Raises ValueError for a negative, infinite or not-a-number radius.
    """
    radius = position.radius_m
    if radius is None or radius == 0:
        return None
    if not 0.0 < radius < inf:
        raise ValueError(f"radius {radius} m is not a finite length of 0 or more")
    if position.confidence is None:
        return radius
    return radius * factor_to_95(position.confidence)


def conversion(position: Position) -> str:
    """The name of the model by which `radius_95` treats this position."""
    if not position.radius_m:
        return NO_RADIUS
    return AS_SENT if position.confidence is None else RFC_7459_NORMAL_2D


def distance_m(one: Position, other: Position) -> float:
    """Great-circle distance between two centres in metres (haversine formula on a sphere)."""
    north = sin(radians(other.latitude - one.latitude) / 2) ** 2
    east = sin(radians(other.longitude - one.longitude) / 2) ** 2
    chord = north + cos(radians(one.latitude)) * cos(radians(other.latitude)) * east
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
