"""Several positions of one call made into one, each weighing by its uncertainty and its age.

Model `inverse-variance`: each position is a circular normal distribution whose standard deviation follows
from its 95 % radius (RFC 7459, section 5.4.2, two dimensions), grown with age; positions that agree are
averaged with weights of one over the variance. A position that contradicts the most certain one is kept,
named, and does not weigh.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, radians, sqrt
from typing import Any

from vagtcentral.location.evidence import aged_radius_m, preferred
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import EARTH_RADIUS_M, REFERENCE_CONFIDENCE, conversion, distance_m

MODEL = "inverse-variance"
#: Errors of one source have causes in common, so that many positions never shrink the radius below this part
#: of the best one's. An assumption.
LEAST_PART_OF_BEST = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """One position and what it counted for: the weight is 0 for an outlier, which `reason` explains."""

    position: Position
    radius_95_m: float
    radius_model: str
    weight: float
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The part as one JSON object."""
        return {
            "position": self.position.as_json(),
            "radius_95_m": self.radius_95_m,
            "radius_model": self.radius_model,
            "weight": self.weight,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Fused:
    """The fused position and its parts, in the order in which the positions came."""

    position: Position
    parts: tuple[Part, ...]


def fuse(positions: Sequence[Position], at: int) -> Fused:
    """Fuse the positions of one call at the instant `at` (ms since 1970 UTC); at least one is needed.

    The radius of each counts at 95 % and grown with age (`evidence.aged_radius_m`). Positions that do not
    agree with the most certain one (95 % circles apart) are outliers. If only one weighs, it is returned as
    it came; otherwise the result has the source `fused`, a 95 % radius and the time `at`. Positions with a
    shape are weighed by their radius. Raises ValueError for no positions.
    """
    if not positions:
        raise ValueError("no positions to fuse")
    anchor = preferred(positions, at)
    radii = [aged_radius_m(position, at) for position in positions]
    reach = radii[_place_of(anchor, positions)]
    apart = [distance_m(anchor, position) for position in positions]
    agrees = [away <= reach + radius for away, radius in zip(apart, radii, strict=True)]
    inverse = [1 / (radius * radius) if good else 0.0 for radius, good in zip(radii, agrees, strict=True)]
    total = sum(inverse)
    parts = tuple(
        Part(
            position, radius, conversion(position), weight / total, _reason(good, away, anchor, radius, reach)
        )
        for position, radius, weight, good, away in zip(positions, radii, inverse, agrees, apart, strict=True)
    )
    if sum(agrees) == 1:
        return Fused(anchor, parts)
    return Fused(_middle(anchor, parts, reach, at), parts)


def _middle(anchor: Position, parts: Sequence[Part], reach: float, at: int) -> Position:
    """The weighted mean, in a plane around the anchor, and its 95 % radius with the parts' scatter in it."""
    per_degree = radians(1) * EARTH_RADIUS_M
    narrow = cos(radians(anchor.latitude))
    offsets = [
        (
            (part.position.longitude - anchor.longitude) * per_degree * narrow,
            (part.position.latitude - anchor.latitude) * per_degree,
        )
        for part in parts
    ]
    east = sum(part.weight * x for part, (x, _) in zip(parts, offsets, strict=True))
    north = sum(part.weight * y for part, (_, y) in zip(parts, offsets, strict=True))
    scatter = sum(
        part.weight * hypot(x - east, y - north) ** 2 for part, (x, y) in zip(parts, offsets, strict=True)
    )
    variance = 1 / sum(1 / part.radius_95_m**2 for part in parts if part.weight > 0)
    radius = max(sqrt(variance + scatter), LEAST_PART_OF_BEST * reach)
    moved = replace(
        anchor,
        latitude=anchor.latitude + north / per_degree,
        longitude=anchor.longitude + east / per_degree / narrow,
        shape=None,
    )
    return replace(moved, radius_m=radius, confidence=REFERENCE_CONFIDENCE, time=at, source=Source.FUSED)


def _reason(good: bool, away: float, anchor: Position, radius: float, reach: float) -> str:
    if good:
        return "agrees" if away > 0 else "most certain"
    return (
        f"outlier: {away / 1000:.1f} km from the most certain ({anchor.source.value}), "
        f"95 % radii {radius:.0f} m and {reach:.0f} m"
    )


def _place_of(anchor: Position, positions: Sequence[Position]) -> int:
    return next(place for place, position in enumerate(positions) if position is anchor)
