"""What the positions of one call count for: radii assumed where none was sent, and age.

The same holds where a position is weighed against others and where it is located: an old position is widened
by its age, and one without radius is never taken for exact.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from vagtcentral.location.aml_fields import coordinate, number
from vagtcentral.location.located import Located
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import NO_RADIUS, RFC_7459_NORMAL_2D, conversion, radius_95
from vagtcentral.value import value

if TYPE_CHECKING:
    from vagtcentral.location.atlas import Atlas

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
#: The name of the model where the radius is one of these.
ASSUMED = "assumed-for-its-source"
#: How fast a caller is taken to move, in metres per second: between walking and driving. An assumption.
DRIFT_M_PER_S = 5.0
_DRIFT_M_PER_MS = DRIFT_M_PER_S / 1000
#: The age in milliseconds that a position counts with when its time is unknown or ahead. An assumption.
ASSUMED_AGE_MS = 120_000
#: A handset's clock may be this far ahead before its time is not believed, in milliseconds.
CLOCK_AHEAD_MS = 30_000

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_KEYED = Source.KEYED

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


def age_ms(position: Position, at: int | None) -> int:
    """How old a position counts at the instant `at` (ms since 1970 UTC); 0 without an instant.

    What was keyed does not age. One without a time, or with one that is ahead, counts `ASSUMED_AGE_MS`.
    """
    if at is None or position.source is _KEYED:
        return 0
    if position.time is None or position.time - at > CLOCK_AHEAD_MS:
        return ASSUMED_AGE_MS
    return max(0, at - position.time)


def aged_radius_m(position: Position, at: int | None) -> float:
    """The 95 % radius in metres, as `counted_radius_m`, grown by the position's age at the instant `at`."""
    return counted_radius_m(position) + age_ms(position, at) * _DRIFT_M_PER_MS


@value
class Counted:
    """What a position counts for: its radius in metres, by which model (or `ASSUMED`), its age in seconds.

    The radius is that of 95 %, or as `uncertainty.radius_95` says where none is known, with the age in it.
    """

    radius_95_m: float
    radius_model: str
    age_s: float


def counted(position: Position, at: int | None, model: str = RFC_7459_NORMAL_2D) -> Counted:
    """What a position counts for at an instant, as it is located by `locate_counted`.

    `model` is what has brought, or brings, radii to 95 %.
    """
    model = conversion(position, model)
    if model is NO_RADIUS:
        model = ASSUMED
    age = age_ms(position, at)
    return Counted(counted_radius_m(position) + age * _DRIFT_M_PER_MS, model, age / 1000)


def locate_counted(atlas: "Atlas", position: Position, at: int | None) -> Located:
    """Where a position of a call is at an instant, located as it counts; the answer has it as it came.

    Raises ValueError as `Atlas.locate` does.
    """
    wider_m = age_ms(position, at) * _DRIFT_M_PER_MS
    if position.radius_m or position.shape is not None:
        return atlas.locate(position, None, wider_m)
    assumed = replace(position, radius_m=ASSUMED_RADIUS_M[position.source], confidence=None)
    return replace(atlas.locate(assumed, None, wider_m), position=position)
