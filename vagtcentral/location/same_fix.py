"""Two messages with one fix: a handset often sends the same position by text message and by HTTPS."""

from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import distance_m

#: Closer than this, two fixes are one: text messages cut the time to seconds and the place to five decimals,
#: which is 1.1 m from north to south.
SAME_WITHIN_MS, SAME_WITHIN_M = 1_000, 2.0


def same_fix(one: Position, other: Position) -> bool:
    """Whether two positions are one fix: less than a second and two metres apart. Unknown times are not."""
    if one.time is None or other.time is None or abs(one.time - other.time) >= SAME_WITHIN_MS:
        return False
    return distance_m(one, other) < SAME_WITHIN_M


def distinct(positions: list[Position]) -> list[Position]:
    """The positions without repetitions of a fix; of each, the one written with more decimals.

    Nothing is lost by that but the repetition: the order of the first of each stays.
    """
    found: list[Position] = []
    for position in positions:
        nth = next((nth for nth, there in enumerate(found) if same_fix(there, position)), None)
        if nth is None:
            found.append(position)
        elif _detail(position) > _detail(found[nth]):
            found[nth] = position
    return found


def _detail(position: Position) -> int:
    """How many characters the coordinates and the radius take: more decimals are nearer to the fix."""
    return sum(len(repr(value)) for value in (position.latitude, position.longitude, position.radius_m or 0))
