"""A local index of mobile cells from files in the format of OpenCelliD and Mozilla Location Service.

Columns: `radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal`,
longitude first, an empty field for a missing value, with a header or without one (then in this order). Ours
may carry `azimuth` and `beamwidth` in degrees besides.
"""

import csv
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gzip import GzipFile
from hashlib import sha256
from importlib.resources import as_file
from io import BytesIO, TextIOWrapper
from math import inf, isfinite, nan
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from vagtcentral.location.cells import CellIdentity, Radio, in_range, radio_of
from vagtcentral.location.exchanged import check_not_exchanged
from vagtcentral.location.located import GeoData
from vagtcentral.location.territory import DATA

COLUMNS = [
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
]
_NEEDED = frozenset(("radio", "mcc", "net", "area", "cell", "lon", "lat"))
BUILT_IN = "cells_synthetic.csv"
#: Denmark's mobile country code (ITU-T E.212).
DENMARK = 238
#: Rows that could not be used are told apart up to this many.
_MOST_REFUSALS = 20
_END_OF_TIME_S = 253_402_300_799

_ROW = np.dtype(
    [
        ("group", np.int64),
        ("cell", np.int64),
        ("radio", np.uint8),
        ("exact", np.bool_),
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("range", np.float32),
        ("azimuth", np.float32),
        ("beamwidth", np.float32),
        ("updated", np.int64),
    ]
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `exact`: latitude and longitude are the mast's, not the middle of where it was heard.

    `range_m` is how far it reaches, in metres; azimuth (of the beam's middle, clockwise from north) and
    beamwidth are degrees; None where unknown. `updated` is in seconds since 1970 UTC.
    """

    radio: Radio
    latitude: float
    longitude: float
    range_m: float | None
    exact: bool
    azimuth: float | None
    beamwidth: float | None
    updated: int


class CellIndex:
    """All cells of some files, found by identity or by area."""

    def __init__(self, rows: "NDArray[np.void]", data: GeoData, refused: tuple[int, tuple[str, ...]]) -> None:
        """Take rows of `_ROW` in any order; of two with the same identity the one updated last counts."""
        order = np.lexsort((-rows["updated"], rows["radio"], rows["cell"], rows["group"]))
        rows = rows[order]
        same = np.zeros(len(rows), bool)
        for name in ("group", "cell", "radio"):
            column = rows[name]
            same[1:] = (
                column[1:] == column[:-1] if name == "group" else same[1:] & (column[1:] == column[:-1])
            )
        self.rows = rows[~same]
        self.data = data
        #: How many rows of the file were left out, and what was wrong with the first of them.
        self.refused, self.refusals = refused
        self._groups = np.ascontiguousarray(self.rows["group"])
        self._cells = np.ascontiguousarray(self.rows["cell"])

    def __len__(self) -> int:
        return len(self.rows)

    @staticmethod
    @cache
    def built_in() -> "CellIndex":
        """The synthetic network that comes with Vagtcentral: no real mast is in it (docs/cells.md)."""
        with as_file(DATA / BUILT_IN) as path:
            return CellIndex.read(path)

    @staticmethod
    def read(path: str | Path, mcc: frozenset[int] | None = None, official: bool = False) -> "CellIndex":
        """Read a CSV file, gzip too, or an index written by `save`; only cells of these countries, if given.

        Rows that cannot be used are counted (`refused`), the first of them explained (`refusals`). Raises
        ValueError with the file and what is wrong if it is no such file or no row of it can be used, OSError
        if it cannot be opened.
        """
        path = Path(path)
        content = path.read_bytes()
        digest = sha256(content).hexdigest()
        if content[:4] == b"PK\x03\x04":
            return CellIndex(_load(content, path), GeoData(path.name, official, "", digest), (0, ()))
        refusals: list[str] = []
        try:
            with _text(content) as lines:
                rows, refused = _rows(lines, mcc, refusals)
        except (ValueError, EOFError, OSError, csv.Error, zlib.error) as error:
            raise ValueError(f"{path}: {error}") from None
        newest = int(rows["updated"].max(initial=0))
        date = datetime.fromtimestamp(newest, tz=UTC).date().isoformat() if newest else ""
        return CellIndex(rows, GeoData(path.name, official, date, digest), (refused, tuple(refusals)))

    def save(self, path: str | Path) -> None:
        """Write the index so that `read` has it back in milliseconds, whatever its size."""
        with Path(path).open("wb") as file:
            np.savez(file, cells=self.rows)

    def find(self, identity: CellIdentity) -> list[Cell]:
        """The cells of this identity: one for each radio network that it may be of and that has it."""
        first, last = self._span(identity)
        low = first + int(self._cells[first:last].searchsorted(identity.cell))
        found = []
        while low < last and self._cells[low] == identity.cell:
            cell = _cell(self.rows[low])
            if cell.radio in identity.radios:
                found.append(cell)
            low += 1
        return found

    def area(self, identity: CellIdentity) -> list[Cell]:
        """Every cell with the country, network and area code of this identity, and its radio if stated."""
        first, last = self._span(identity)
        cells = [_cell(row) for row in self.rows[first:last]]
        return [cell for cell in cells if identity.radio in (None, cell.radio)]

    def _span(self, identity: CellIdentity) -> tuple[int, int]:
        group = group_of(int(identity.mcc), int(identity.mnc), identity.area)
        first = int(self._groups.searchsorted(group))
        return first, int(self._groups.searchsorted(group + 1))


def group_of(mcc: int, mnc: int, area: int) -> int:
    """Country, network and area code as one number, by which the index is sorted."""
    return mcc << 34 | mnc << 24 | area


def _cell(row: np.void) -> Cell:
    _, _, radio, exact, latitude, longitude, reach, azimuth, beamwidth, updated = row.item()
    return Cell(
        Radio(radio),
        latitude,
        longitude,
        reach if reach > 0 else None,
        bool(exact),
        azimuth if isfinite(azimuth) else None,
        beamwidth if isfinite(beamwidth) else None,
        updated,
    )


def _load(content: bytes, path: Path) -> "NDArray[np.void]":
    try:
        with np.load(BytesIO(content), allow_pickle=False) as archive:
            rows: NDArray[np.void] = archive["cells"]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(f"{path}: no index of cells: {error}") from None
    if rows.dtype != _ROW:
        raise ValueError(f"{path}: an index of cells of another version; read the CSV file again")
    return rows


@contextmanager
def _text(content: bytes) -> Iterator[IO[str]]:
    octets = BytesIO(content)
    zipped = content[:2] == b"\x1f\x8b"
    with TextIOWrapper(
        GzipFile(fileobj=octets) if zipped else octets, encoding="utf-8-sig", newline=""
    ) as lines:
        yield lines


def _rows(lines: IO[str], mcc: frozenset[int] | None, refusals: list[str]) -> tuple["NDArray[np.void]", int]:
    """The usable rows of a file and how many others there were; comments (`#`) may stand before them."""
    reader = csv.reader(line for line in lines if not line.startswith("#"))
    names: list[str] | None = None
    rows: list[tuple[object, ...]] = []
    refused = 0
    for fields in reader:
        if not fields:
            continue
        if names is None:
            names = _names(fields)
            if fields[0].strip().lower() == "radio":
                continue
        try:
            row = _row(dict(zip(names, fields, strict=False)), mcc)
        except (ValueError, KeyError) as error:
            refused += 1
            if len(refusals) < _MOST_REFUSALS:
                refusals.append(f"row {reader.line_num}: {error}")
            continue
        if row is not None:
            rows.append(row)
    if names is None:
        raise ValueError("no cells in the file")
    if refused and not rows:
        raise ValueError(f"none of its {refused} rows can be used; {refusals[0]}")
    return np.array(rows, _ROW), refused


def _names(first: list[str]) -> list[str]:
    """The columns by the header, or in the usual order where the first row is a cell already."""
    if first[0].strip().lower() != "radio":
        if len(first) < len(_NEEDED) + 1:
            raise ValueError(f"the first row is {','.join(first)[:80]!r}, needed is {','.join(COLUMNS)}")
        return COLUMNS
    names = [name.strip() for name in first]
    missing = sorted(_NEEDED - set(names))
    if missing:
        raise ValueError(f"column {missing[0]!r} is missing; needed are {', '.join(sorted(_NEEDED))}")
    return names


def _row(field: Mapping[str, str], mcc: frozenset[int] | None) -> tuple[object, ...] | None:
    """One row of the index; None for another country. Raises ValueError for what cannot be."""
    country, network = int(field["mcc"]), int(field["net"])
    if mcc is not None and country not in mcc:
        return None
    try:
        radio = radio_of(field["radio"])
    except KeyError:
        raise ValueError(f"radio {field['radio']!r} is none of GSM, UMTS, LTE, NR") from None
    area, cell = int(field["area"]), int(field["cell"])
    if not (0 < country < 1000 and 0 <= network < 1000 and in_range(radio, area, cell)):
        raise ValueError(f"{radio.name}-{country}-{network}-{area}-{cell} is no possible identity")
    latitude, longitude = float(field["lat"]), float(field["lon"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"latitude {latitude}, longitude {longitude} is not in -90..90, -180..180 degrees")
    if country == DENMARK:
        check_not_exchanged(latitude, longitude)
    reach = float(field.get("range") or 0)
    if not 0 <= reach < inf:
        raise ValueError(f"range {reach} is not a finite length of 0 m or more")
    beamwidth = float(field.get("beamwidth") or nan)
    return (
        group_of(country, network, area),
        cell,
        radio.value,
        field.get("changeable", "1").strip() == "0",
        latitude,
        longitude,
        reach,
        float(field.get("azimuth") or nan) % 360,
        beamwidth if 0 < beamwidth <= 360 else nan,
        min(max(0, int(field.get("updated") or 0)), _END_OF_TIME_S),
    )
