"""What the positions of one call count for: radii assumed where none was sent, and age."""

from vagtcentral.location.aml_fields import coordinate, number
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import radius_95

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

#: At equal radius, the more direct observation (the lower number) counts.
DIRECTNESS = {
    source: rank
    for rank, source in enumerate(
        (Source.GNSS, Source.WIFI, Source.FUSED, Source.SIP, Source.CELL, Source.KEYED, Source.UNKNOWN)
    )
}


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
