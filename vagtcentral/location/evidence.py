"""Several positions of one call: which one counts, and where they contradict each other."""

from collections.abc import Callable, Sequence
from itertools import combinations

from vagtcentral.location.aml_fields import coordinate, number
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import distance_m, radius_95
from vagtcentral.value import value

#: 95 % radius in metres that a position counts with when it came without one. Assumptions, by source.
ASSUMED_RADIUS_M = {
    Source.GNSS: 100.0,
    Source.WIFI: 200.0,
    Source.FUSED: 500.0,
    Source.SIP: 2_000.0,
    Source.KEYED: 5_000.0,
    Source.CELL: 10_000.0,
    Source.UNKNOWN: 10_000.0,
}
#: How fast a caller is taken to move, in metres per second: between walking and driving. An assumption.
DRIFT_M_PER_S = 5.0
#: The age in milliseconds that a position counts with when its time is unknown or ahead. An assumption.
ASSUMED_AGE_MS = 120_000
#: A handset's clock may be this far ahead before its time is not believed, in milliseconds.
CLOCK_AHEAD_MS = 30_000

#: At equal radius and age, the more direct observation counts.
_PREFERENCE = {
    source: rank
    for rank, source in enumerate(
        (Source.GNSS, Source.WIFI, Source.FUSED, Source.SIP, Source.CELL, Source.KEYED, Source.UNKNOWN)
    )
}


@value
class Evidence:
    """The position that counts, and one sentence for each pair of positions that contradict each other."""

    position: Position
    disagreements: tuple[str, ...]


def best(
    positions: Sequence[Position], at: int, covers: Callable[[Position], bool] | None = None
) -> Evidence:
    """Choose among the positions of one call at the instant `at` (ms since 1970 UTC); at least one is needed.

    The smallest 95 % radius wins after each has grown by its age times `DRIFT_M_PER_S`; a missing radius or
    time counts as assumed above, and a keyed postcode does not age. Positions that `covers` refuses (by
    default those further than 50 km from Danish land) count only if there is no other. Of equal ones the
    newest counts.
    Raises ValueError for no positions.
    """
    if not positions:
        raise ValueError("no positions to choose from")
    if len(positions) == 1:
        return Evidence(positions[0], ())
    if covers is None:
        from vagtcentral.location.atlas import Atlas

        covers = Atlas.built_in().covers
    candidates = [position for position in positions if covers(position)] or list(positions)
    return Evidence(preferred(candidates, at), disagreements(positions))


def preferred(positions: Sequence[Position], at: int) -> Position:
    """The most certain of these positions at the instant `at`, as `best` ranks them."""
    return min(reversed(positions), key=lambda position: _rank(position, at))


def disagreements(positions: Sequence[Position]) -> tuple[str, ...]:
    """One sentence for each pair whose 95 % circles do not overlap, e.g. `gnss and cell 12.0 km apart, …`."""
    found = []
    for one, other in combinations(positions, 2):
        apart = distance_m(one, other)
        radius, another = counted_radius_m(one), counted_radius_m(other)
        if apart > radius + another:
            found.append(
                f"{one.source.value} and {other.source.value} {apart / 1000:.1f} km apart, "
                f"95 % radii {radius:.0f} m and {another:.0f} m"
            )
    return tuple(dict.fromkeys(found))


def counted_radius_m(position: Position) -> float:
    """The 95 % radius in metres, or the one assumed for its source where none was sent."""
    radius = radius_95(position)
    return ASSUMED_RADIUS_M[position.source] if radius is None else radius


def cell_circle(content: str, at: int) -> Position | None:
    """The network's cell circle `latitude,longitude,radius_m`, known at the instant `at`; None for all else.

    The network states no confidence, so the radius is used as it is.
    """
    parts = content.strip().split(",")
    if len(parts) != 3:
        return None
    latitude, longitude = coordinate(parts[0], 90.0, []), coordinate(parts[1], 180.0, [])
    radius = number(parts[2], [])
    if latitude is None or longitude is None or radius is None or not 0 < radius <= 1_000_000:
        return None
    return Position(latitude, longitude, radius, None, at, Source.CELL)


def aged_radius_m(position: Position, at: int) -> float:
    """The 95 % radius in metres, as `counted_radius_m`, grown by the position's age at the instant `at`."""
    if position.source is Source.KEYED:
        age = 0
    elif position.time is None or position.time - at > CLOCK_AHEAD_MS:
        age = ASSUMED_AGE_MS
    else:
        age = max(0, at - position.time)
    return counted_radius_m(position) + age / 1000 * DRIFT_M_PER_S


def _rank(position: Position, at: int) -> tuple[float, int, int]:
    return aged_radius_m(position, at), _PREFERENCE[position.source], -(position.time or 0)
