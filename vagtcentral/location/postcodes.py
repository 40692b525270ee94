"""Danish postcodes as positions: what a caller means who keys his four digits."""

from functools import cache

from vagtcentral.location.position import Position, Source
from vagtcentral.location.territory import read_rows

#: Confidence that a caller who keys a postcode is within its radius. An assumption (see data/README.md).
POSTCODE_CONFIDENCE = 0.9


def is_postcode(code: str) -> bool:
    """Whether these digits are a Danish postcode that has a place."""
    return code in _table()


def postcode_position(code: str, at: int) -> Position | None:
    """The middle of a postcode's area and its radius in metres, keyed at `at` (ms since 1970 UTC).

    None for a code that is unknown or has no place of its own (large receivers, post boxes).
    """
    row = _table().get(code)
    if row is None:
        return None
    latitude, longitude, radius_m = row
    return Position(latitude, longitude, radius_m, POSTCODE_CONFIDENCE, at, Source.KEYED)


@cache
def _table() -> dict[str, tuple[float, float, float]]:
    return {
        row["code"]: (float(row["latitude"]), float(row["longitude"]), float(row["radius_m"]))
        for row in read_rows("postcodes.csv")
    }
