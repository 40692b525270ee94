"""Several positions of one call made into one, each weighing by its uncertainty and its age.

Model `inverse-variance`: each position is a circular normal distribution whose standard deviation follows
from its 95 % radius (RFC 7459, section 5.4.2, two dimensions), grown with age; positions that agree are
averaged with weights of one over the variance. Kept and named, but of no weight, are positions that
contradict the most certain one, that are too coarse to add to it, and what a caller told beside what was
measured: he may well have told another place than the one he calls from. Where positions contradict each
other, the most certain one is that of the group with the most votes (`votes_of`): a single wrong fix, however
precise, does not stand against several that agree.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import cos, hypot, radians, sqrt
from typing import Any

from vagtcentral.location.evidence import ASSUMED, DIRECTNESS, counted
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shapes import Pdf
from vagtcentral.location.uncertainty import (
    EARTH_RADIUS_M,
    NO_RADIUS,
    REFERENCE_CONFIDENCE,
    distance_m,
    share_inside,
)
from vagtcentral.value import value

MODEL = "inverse-variance"
#: Errors of one source have causes in common, so that many positions never shrink the radius below this part
#: of the best one's. An assumption.
LEAST_PART_OF_BEST = 0.5
#: No position is surer than this, whatever its sender says, in metres. An assumption.
SUREST_M = 1.0
#: A position that would weigh at least this much counts alone and as it came. The others would hardly move
#: it, and it would lose its source, its shape and its time to the average. An assumption.
COUNTS_ALONE = 0.95

#: Fixes of one source within so many seconds are of one place. An assumption.
AT_ONCE_S = 5.0

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_KEYED = Source.KEYED
_COARSE = "agrees, but is too coarse to add to the most certain"
_ABROAD = "too far from Denmark to be averaged with what is not"
_TOLD = "agrees, but what a caller told is not averaged with what was measured"


@value
class Part:
    """One position and what it counted for: where the weight is 0, `reason` says why.

    Radius, model and age are those of `evidence.Counted`.
    """

    position: Position
    radius_95_m: float
    radius_model: str
    age_s: float
    weight: float
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The part as one JSON object."""
        return {
            "position": self.position.as_json(),
            "radius_95_m": self.radius_95_m,
            "radius_model": self.radius_model,
            "age_s": self.age_s,
            "weight": self.weight,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """The part in a few words, e.g. `gnss 23 m at 95 %, weight 1.00: most certain`."""
        return f"{said(self)}, weight {self.weight:.2f}: {self.reason}"


@value
class Fused:
    """The fused position and its parts, in the order in which the positions came.

    `disagreements` has a sentence for each outlier.
    """

    position: Position
    parts: tuple[Part, ...]
    disagreements: tuple[str, ...]


def said(one: Part) -> str:
    """A position's source, radius and age in a few words: `gnss 48 m at 95 %, 5 s old`."""
    if one.radius_model == NO_RADIUS:
        return f"{one.position.source.value} without radius"
    radius = f"{one.position.source.value} {one.radius_95_m:.0f} m"
    level = "assumed, as none was sent"
    if one.radius_model != ASSUMED:
        inside = share_inside(one.position)
        level = f"at {95 if inside == 1 else 100 * inside:.0f} %"
    return f"{radius} {level}" + (f", {one.age_s:.0f} s old" if one.age_s >= 1 else "")


def looked_up(place: Position) -> Fused:
    """A place without radius that somebody asks about and nobody measured: it counts as the point it is."""
    part = Part(place, 0.0, NO_RADIUS, 0.0, 1.0, "a place, looked up as a point")
    return Fused(place, (part,), ())


def fuse(
    positions: Sequence[Position], at: int | None, covers: Callable[[Position], bool] | None = None
) -> Fused:
    """Fuse the positions of one call at the instant `at` (ms since 1970 UTC); at least one is needed.

    The radius of each counts at 95 % and grown with age (`evidence.aged_radius_m`), without age if `at` is
    None. The smallest is the most certain position, in the group with the most votes; of equal ones the more
    direct observation, then the newest. Those that `covers` refuses count only if it refuses all. Positions
    whose 95 % circles do not meet that of the most
    certain are outliers. If it counts alone, it is returned as it came; otherwise the result has the source
    `fused`, a 95 % radius and the time `at`. Positions with a shape are weighed by their radius. Raises
    ValueError for no positions.
    """
    if not positions:
        raise ValueError("no positions to fuse")
    known = [counted(position, at) for position in positions]
    radii = [max(SUREST_M, one.radius_95_m) for one in known]
    ranked = _by_certainty(positions, radii, covers)
    chosen, abroad = ranked[0], set(range(len(positions))) - set(ranked)
    if len(positions) > 2:
        votes = votes_of(positions, radii, [one.age_s for one in known])
        chosen = _agreed(positions, radii, ranked, votes)
    anchor, reach = positions[chosen], radii[chosen]
    told = anchor.source is _KEYED
    weights, reasons, disagreements = [], [], []
    for place, (position, radius) in enumerate(zip(positions, radii, strict=True)):
        weight, reason = 0.0, _TOLD
        if place == chosen:
            weight, reason = 1 / (radius * radius), "most certain"
        elif (away := distance_m(anchor, position)) > reach + radius:
            disagreements.append(_disagreement(position, radius, anchor, reach, away))
            reason = f"outlier: {disagreements[-1]}"
        elif place in abroad:
            reason = _ABROAD
        elif (position.source is _KEYED) is told:
            weight, reason = 1 / (radius * radius), "agrees"
        weights.append(weight)
        reasons.append(reason)
    total = sum(weights)
    alone = weights[chosen] >= COUNTS_ALONE * total
    if alone:
        reasons = [_COARSE if reason == "agrees" else reason for reason in reasons]
        weights = [0.0] * len(weights)
        weights[chosen] = total = 1.0
    parts = tuple(
        [
            Part(position, radius, one.radius_model, one.age_s, weight / total, reason)
            for position, radius, one, weight, reason in zip(
                positions, radii, known, weights, reasons, strict=True
            )
        ]
    )
    position = anchor if alone else _middle(anchor, parts, at)
    return Fused(position, parts, tuple(dict.fromkeys(disagreements)))


def _by_certainty(
    positions: Sequence[Position], radii: Sequence[float], covers: Callable[[Position], bool] | None
) -> list[int]:
    """The places of the positions that the others may be measured against, the most certain first."""

    def rank(place: int) -> tuple[float, int, int, int]:
        position = positions[place]
        return radii[place], DIRECTNESS[position.source], -(position.time or 0), -place

    ranked = sorted(range(len(positions)), key=rank)
    if covers is None:
        return ranked
    return [place for place in ranked if covers(positions[place])] or ranked


def votes_of(positions: Sequence[Position], radii: Sequence[float], ages_s: Sequence[float]) -> list[float]:
    """What each position's word counts for where positions contradict each other: one over the root of its
    radius in metres.

    So three fixes of 50 m outvote one of 10 m, and any number of cells that a call gets does not outvote a
    fix. Of one source only the newest has a vote and what is at most `AT_ONCE_S` older: the caller may have
    moved since. These rules are assumptions.
    """
    newest: dict[Source, float] = {}
    for position, age in zip(positions, ages_s, strict=True):
        newest[position.source] = min(newest.get(position.source, age), age)
    return [
        1 / sqrt(radius) if age - newest[position.source] <= AT_ONCE_S else 0.0
        for position, radius, age in zip(positions, radii, ages_s, strict=True)
    ]


def _agreed(
    positions: Sequence[Position], radii: Sequence[float], ranked: Sequence[int], votes: Sequence[float]
) -> int:
    """The most certain position of the group with the most votes, all of whose members agree."""
    best, most = ranked[0], 0.0
    for first in ranked:
        group = [first]
        for place in ranked:
            if place != first and all(_meet(positions, radii, place, other) for other in group):
                group.append(place)
        if first == ranked[0] and len(group) == len(ranked):
            return first
        total = sum(votes[place] for place in group)
        if total > most * (1 + 1e-9):
            best, most = min(group, key=ranked.index), total
    return best


def _meet(positions: Sequence[Position], radii: Sequence[float], one: int, other: int) -> bool:
    return distance_m(positions[one], positions[other]) <= radii[one] + radii[other]


def _disagreement(position: Position, radius: float, anchor: Position, reach: float, away: float) -> str:
    return (
        f"{position.source.value} and {anchor.source.value} {away / 1000:.1f} km apart, "
        f"95 % radii {radius:.0f} m and {reach:.0f} m"
    )


def _middle(anchor: Position, parts: Sequence[Part], at: int | None) -> Position:
    """The weighted mean, in a plane around the anchor, and its 95 % radius with the parts' scatter in it."""
    per_degree = radians(1) * EARTH_RADIUS_M
    narrow = cos(radians(anchor.latitude))
    weighing = [part for part in parts if part.weight > 0]
    offsets = [
        (
            _around(part.position.longitude - anchor.longitude) * per_degree * narrow,
            (part.position.latitude - anchor.latitude) * per_degree,
        )
        for part in weighing
    ]
    east = sum(part.weight * x for part, (x, _) in zip(weighing, offsets, strict=True))
    north = sum(part.weight * y for part, (_, y) in zip(weighing, offsets, strict=True))
    scatter = sum(
        part.weight * hypot(x - east, y - north) ** 2 for part, (x, y) in zip(weighing, offsets, strict=True)
    )
    variance = 1 / sum(1 / part.radius_95_m**2 for part in weighing)
    best = min(part.radius_95_m for part in weighing)
    radius = max(sqrt(variance + scatter), LEAST_PART_OF_BEST * best)
    return replace(
        anchor,
        latitude=max(-90.0, min(90.0, anchor.latitude + north / per_degree)),
        longitude=_around(anchor.longitude + east / per_degree / narrow),
        shape=None,
        radius_m=radius,
        confidence=REFERENCE_CONFIDENCE,
        time=at,
        source=Source.FUSED,
        pdf=Pdf.UNKNOWN,
    )


def _around(degrees: float) -> float:
    """A longitude, or a difference of two, brought into -180..180."""
    return (degrees + 180) % 360 - 180
