"""Coordinates as location servers write them: `55 40 33.953N`, `N55.676098`, `55.676098`."""

import re
from enum import Enum

from vagtcentral.location.gml_read import note
from vagtcentral.location.xml_oddity import XmlOddity as Odd


class Hemisphere(Enum):
    """Which axis the letter of a coordinate shows it to belong to."""

    NORTH_SOUTH = "NS"
    EAST_WEST = "EW"
    UNSAID = ""


_COORDINATE = re.compile(
    r"""(?P<before>[NSEW])?\s*
        (?P<sign>[+-])?(?P<degrees>\d{1,3}(?:[.,]\d+)?)
        (?:[\s:°]+(?P<minutes>\d{1,2}(?:[.,]\d+)?))?
        (?:[\s:']+(?P<seconds>\d{1,2}(?:[.,]\d+)?))?
        [\s'"]*(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def coordinate_of(text: str | None, odd: list[Odd]) -> tuple[float, Hemisphere] | None:
    """Degrees and what the letter says, or None for what is no coordinate within -180..180.

    Degrees, minutes and seconds with the hemisphere behind are the standard's (OMA MLP, element `X`);
    decimals with the hemisphere before or a sign come from real servers. Minutes and seconds are below 60.
    """
    found = _COORDINATE.fullmatch(text.strip()) if text is not None else None
    if found is None or (found["before"] and found["after"]):
        return None
    parts = [found["degrees"], found["minutes"], found["seconds"]]
    numbers = [float((part or "0").replace(",", ".")) for part in parts]
    note(odd, Odd.DECIMAL_COMMA, any("," in (part or "") for part in parts))
    if numbers[1] >= 60 or numbers[2] >= 60:
        return None
    letter = (found["before"] or found["after"] or "").upper()
    if letter and found["sign"]:
        return None
    value = numbers[0] + numbers[1] / 60 + numbers[2] / 3600
    limit = 90 if letter and letter in "NS" else 180
    if value > limit:
        return None
    negative = letter in ("S", "W") or found["sign"] == "-"
    axis = Hemisphere.UNSAID
    if letter:
        axis = Hemisphere.NORTH_SOUTH if letter in "NS" else Hemisphere.EAST_WEST
    return (-value if negative else value), axis
