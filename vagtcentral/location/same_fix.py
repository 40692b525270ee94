"""Two messages with one fix: a handset often sends the same position by text message and by HTTPS."""

from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import distance_m, radius_95

#: Closer than this, two fixes are one: text messages cut the time to seconds and the place to five decimals,
#: which is 1.1 m from north to south.
SAME_WITHIN_MS, SAME_WITHIN_M = 1_000, 2.0
#: Radii that differ by no more than this factor are one: text messages round radius and confidence.
SAME_RADIUS_WITHIN = 1.25

#: Where the two ways may name one fix differently.
OF_A_HANDSET = {Source.GNSS, Source.WIFI, Source.FUSED, Source.UNKNOWN}


def same_fix(one: Position, other: Position) -> bool:
    """Whether two positions are one fix: less than a second and two metres apart. Unknown times are not.

    What the network says of a cell, or what was keyed, is no fix of the handset, wherever it lies.
    """
    if one.source is not other.source and not {one.source, other.source} <= OF_A_HANDSET:
        return False
    if one.time is None or other.time is None or abs(one.time - other.time) >= SAME_WITHIN_MS:
        return False
    return distance_m(one, other) < SAME_WITHIN_M


def distinct(positions: list[Position]) -> list[Position]:
    """The positions without repetitions of a fix: of each the surest, and of equals that with more decimals.

    Nothing is lost by that but the repetition: the order of the first of each stays.
    """
    found: list[Position] = []
    for position in positions:
        nth = next((nth for nth, there in enumerate(found) if same_fix(there, position)), None)
        if nth is None:
            found.append(position)
        elif _is_better(position, found[nth]):
            found[nth] = position
    return found


def _is_better(one: Position, other: Position) -> bool:
    """Whether this one says more of the fix: a radius, a smaller one, or the same to more decimals."""
    radius, than = radius_95(one), radius_95(other)
    if radius is None or than is None:
        return than is None and (radius is not None or _detail(one) > _detail(other))
    if max(radius, than) > SAME_RADIUS_WITHIN * min(radius, than):
        return radius < than
    return _detail(one) > _detail(other)


def _detail(position: Position) -> int:
    """How many characters the coordinates and the radius take: more decimals are nearer to the fix."""
    return sum(len(repr(value)) for value in (position.latitude, position.longitude, position.radius_m or 0))
