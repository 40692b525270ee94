"""Rescue numbers (redningsnumre): green signs at beaches, lakes and harbours, one letter and three digits.

On a keypad a letter is keyed as on a mobile telephone, by pressing its key once, twice, three or four times,
and the three digits follow at once: F510 is `333510`. That needs no question first, and is never ambiguous,
because the last three digits are always the number.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from vagtcentral.location.aml_fields import coordinate
from vagtcentral.location.exchanged import check_not_exchanged
from vagtcentral.location.located import GeoData
from vagtcentral.location.position import Position, Source
from vagtcentral.location.territory import DATA

#: Radius in metres around a sign, and how likely a caller is in it who tells the number. Assumptions: callers
#: stand near the sign, or say "200 metres south of it".
RESCUE_RADIUS_M, RESCUE_CONFIDENCE = 250.0, 0.9
COLUMNS = ("number", "latitude", "longitude", "name", "district")
BUILT_IN = "rescue_numbers.csv"
#: The letters on the keys (ITU-T E.161).
KEYS = {
    "2": "ABC",
    "3": "DEF",
    "4": "GHI",
    "5": "JKL",
    "6": "MNO",
    "7": "PQRS",
    "8": "TUV",
    "9": "WXYZ",
}

_NUMBER = re.compile(r"([A-Za-z])[ -]?([0-9]{3})")
_KEYED = re.compile(r"(([2-9])\2{0,3})([0-9]{3})")
_WHAT = "a letter and three digits, e.g. F510"


@dataclass(frozen=True, slots=True)
class RescueSign:
    """One sign: where it stands (WGS84 degrees), its name, its police district's DAGI code."""

    number: str
    latitude: float
    longitude: float
    name: str
    district: str


@dataclass(frozen=True, slots=True)
class RescueTable:
    """All signs by number. `synthetic` is True for the shipped table, whose signs are invented.

    `sha256` is that of the file's text, "" where the table is from no file.
    """

    signs: Mapping[str, RescueSign]
    name: str
    synthetic: bool
    sha256: str = ""

    @property
    def data(self) -> GeoData:
        """Which table this is, for records. No date is known, and nobody has said that it is official."""
        return GeoData(self.name, False, "", self.sha256)

    @staticmethod
    @cache
    def built_in() -> "RescueTable":
        """The invented signs that come with Vagtcentral, with letters from N on (docs/cells.md)."""
        text = (DATA / BUILT_IN).read_text(encoding="utf-8")
        return RescueTable(_signs(text, BUILT_IN), BUILT_IN, True, _hash(text))

    @staticmethod
    def read(path: str | Path) -> "RescueTable":
        """Read a CSV file (UTF-8) `number,latitude,longitude,name,district`, comments (`#`) before it.

        Raises ValueError with file, line, the value seen and what is allowed; OSError if it cannot be opened.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: octet {error.start} is not UTF-8") from None
        return RescueTable(_signs(text, str(path)), path.name, False, _hash(text))


def rescue_number(text_or_digits: str) -> str | None:
    """The number that is meant, e.g. `F510` by `F510`, `f 510`, `F-510` or the keys `333510`; else None."""
    text = text_or_digits.strip()
    written = _NUMBER.fullmatch(text)
    if written is not None:
        return written[1].upper() + written[2]
    keyed = _KEYED.fullmatch(text)
    if keyed is None or len(keyed[1]) > len(KEYS[keyed[2]]):
        return None
    return KEYS[keyed[2]][len(keyed[1]) - 1] + keyed[3]


def rescue_keys(number: str) -> str:
    """The keys to press for a number: `333510` for F510. Raises ValueError for what is no number."""
    plain = rescue_number(number)
    if plain is None:
        raise ValueError(f"rescue number {number[:40]!r} is not {_WHAT}")
    key, letters = next((key, letters) for key, letters in KEYS.items() if plain[0] in letters)
    return key * (letters.index(plain[0]) + 1) + plain[1:]


def rescue_position(text_or_digits: str, at: int, table: RescueTable | None = None) -> Position | None:
    """Where the sign of this number stands, told at `at` (ms since 1970 UTC); None if it is not in the table.

    Without a `table` these are the shipped signs, which are invented.
    """
    number = rescue_number(text_or_digits)
    sign = (table or RescueTable.built_in()).signs.get(number or "")
    if sign is None:
        return None
    return Position(sign.latitude, sign.longitude, RESCUE_RADIUS_M, RESCUE_CONFIDENCE, at, Source.KEYED)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _signs(text: str, name: str) -> dict[str, RescueSign]:
    lines = text.splitlines()
    comments = 0
    while comments < len(lines) and lines[comments].startswith("#"):
        comments += 1
    reader = csv.DictReader(lines[comments:], strict=True)
    if reader.fieldnames is None or not set(COLUMNS) <= set(reader.fieldnames):
        raise ValueError(f"{name}: the header is not {','.join(COLUMNS)}")
    signs: dict[str, RescueSign] = {}
    try:
        for row in reader:
            sign = _sign(row)
            if sign.number in signs:
                raise ValueError(f"number {sign.number} is there twice")
            signs[sign.number] = sign
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{name}: line {reader.line_num + comments}: {error}") from None
    return signs


def _sign(row: Mapping[str, str | None]) -> RescueSign:
    texts = {column: (row.get(column) or "").strip() for column in COLUMNS}
    written = _NUMBER.fullmatch(texts["number"])
    if written is None:
        raise ValueError(f"number {texts['number'][:40]!r} is not {_WHAT}")
    latitude = coordinate(texts["latitude"], 90.0, [])
    longitude = coordinate(texts["longitude"], 180.0, [])
    if latitude is None or longitude is None:
        seen = f"{texts['latitude'][:40]!r}, {texts['longitude'][:40]!r}"
        raise ValueError(f"latitude, longitude {seen} are not degrees within -90..90 and -180..180")
    check_not_exchanged(latitude, longitude)
    number = written[1].upper() + written[2]
    return RescueSign(number, latitude, longitude, texts["name"], texts["district"])
