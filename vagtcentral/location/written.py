"""Positions written as text by people and programs: options of a command, rows of a CSV file."""

import csv
import re
from collections.abc import Iterable, Iterator

from vagtcentral.location.aml_fields import number
from vagtcentral.location.exchanged import are_exchanged
from vagtcentral.location.position import Position

#: No circle on earth is larger than this, in metres; it also bounds what a row may ask of the geometry.
LARGEST_RADIUS_M = 10_000_000.0
COLUMNS = ("id", "latitude", "longitude", "radius_m", "confidence")
#: What the error handler `surrogateescape` makes of an octet that is not UTF-8.
_ESCAPED = re.compile(r"[\udc80-\udcff]")


def written_position(
    latitude: str,
    longitude: str,
    radius_m: str = "",
    confidence: str = "",
    names: tuple[str, str, str, str] = ("latitude", "longitude", "radius_m", "confidence"),
) -> Position:
    """A position of decimal numbers as text: degrees, metres, 0 to 1; empty radius or confidence: none.

    A radius of 0 stays: it says that the accuracy is unknown, where none says nothing of it. Raises
    ValueError with the name (from `names`), the text seen and what is allowed.
    """
    metres = share = None
    north = _number(latitude, -90.0, 90.0, names[0], "degrees from -90 to 90")
    east = _number(longitude, -180.0, 180.0, names[1], "degrees from -180 to 180")
    if are_exchanged(north, east):
        seen = f"{names[0]} {latitude!r}, {names[1]} {longitude!r}"
        raise ValueError(f"{seen} would be in Denmark if exchanged")
    if radius_m:
        allowed = f"metres from 0 (unknown) to {LARGEST_RADIUS_M:.0f}"
        metres = _number(radius_m, 0.0, LARGEST_RADIUS_M, names[2], allowed)
    if confidence:
        allowed = "a number between 0 and 1, neither included"
        share = _number(confidence, 1e-6, 1 - 1e-6, names[3], allowed)
    if confidence and not radius_m:
        raise ValueError(f"{names[3]}: needs {names[2]}, as it says how sure the radius is")
    return Position(north, east, metres, share)


def written_rows(lines: Iterable[str]) -> Iterator[tuple[str, Position]]:
    """Id and position of each CSV row `id,latitude,longitude[,radius_m,confidence]`, no blank lines.

    A first line that names `id` and `latitude` is a header; the columns may then come in any order. Raises
    ValueError that begins with the number of the line. For octets that are not UTF-8 the lines must have been
    decoded with `surrogateescape`, as a file is decoded many lines ahead.
    """
    rows = csv.reader(lines, strict=True)
    order: list[int] | None = None
    try:
        for row in rows:
            _check_letters(row)
            if not any(row):
                continue
            if order is None:
                order, is_header = _order(row)
                if is_header:
                    continue
            yield _row(row, order)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {rows.line_num}: {error}") from None


def _check_letters(row: list[str]) -> None:
    """Raises ValueError with the first octet that was no UTF-8."""
    escaped = _ESCAPED.search("".join(row))
    if escaped is not None:
        raise ValueError(f"octet 0x{ord(escaped[0]) - 0xDC00:02x} is not UTF-8")


def _order(first: list[str]) -> tuple[list[int], bool]:
    """Where each of `COLUMNS` is in a row (-1: absent), and whether the first row is a header."""
    names = [name.strip().lower().removeprefix("\N{BYTE ORDER MARK}") for name in first]
    if "id" not in names or "latitude" not in names:
        return list(range(len(COLUMNS))), False
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "longitude" not in names or len(set(names)) != len(names):
        raise ValueError(f"the header is {','.join(first)[:80]!r}, allowed is {','.join(COLUMNS)}")
    return [names.index(name) if name in names else -1 for name in COLUMNS], True


def _row(row: list[str], order: list[int]) -> tuple[str, Position]:
    if not 3 <= len(row) <= len(COLUMNS):
        raise ValueError(f"{len(row)} fields seen, 3 to {len(COLUMNS)} allowed: {','.join(COLUMNS)}")
    fields = [row[place].strip() if 0 <= place < len(row) else "" for place in order]
    return fields[0], written_position(fields[1], fields[2], fields[3], fields[4])


def _number(text: str, least: float, most: float, name: str, allowed: str) -> float:
    # A decimal comma is not accepted here: in a row it would be two fields, and nobody could tell.
    value = None if "," in text else number(text, [])
    if value is None or not least <= value <= most:
        seen = text if len(text) <= 40 else text[:37] + "..."
        raise ValueError(f"{name} {seen!r} is not {allowed}")
    return value
