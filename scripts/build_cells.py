"""Build `vagtcentral/location/data/cells_synthetic.csv`: an invented mobile network of Denmark.

    python scripts/build_cells.py vagtcentral/location/data/cells_synthetic.csv

No mast in it is real. Sites stand in the middles of postcodes (`postcodes.csv`), thinned out to a kilometre
apart; large municipalities (`municipalities.csv`) get 5G as well. Country and network codes are real,
identities are not. The same tables give the same bytes.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, hypot, radians
from pathlib import Path

from vagtcentral.location.territory import read_rows

MCC = 238
#: Network codes: TDC NET, Telenor, 3, Telia, and the network that Telenor and Telia share.
TDC, TELENOR, THREE, TELIA, SHARED = 1, 2, 6, 20, 66
CLOSEST_M = 1_000.0
METRES_PER_DEGREE = 111_195.0
#: A municipality of so many people has 5G.
LARGE_TOWN = 90_000
SECTORS = 3
BEAM = 120
CREATED = 1_700_000_000
NOTE = "# Synthetic: no mast is real. Made by scripts/build_cells.py on postcodes (GeoNames, CC BY 4.0)."
HEADER = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal,"
    "azimuth,beamwidth"
)


@dataclass(frozen=True, slots=True)
class Site:
    """A place for masts: number, where, municipality and its people, radius of the postcode there (m)."""

    number: int
    latitude: float
    longitude: float
    municipality: int
    people: int
    radius_m: float


def sites() -> list[Site]:
    """A site for each postcode that is a kilometre from all sites before it."""
    people = {row["code"]: int(row["population_2021"]) for row in read_rows("municipalities.csv")}
    found: list[Site] = []
    for row in read_rows("postcodes.csv"):
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        if all(_apart(latitude, longitude, site) >= CLOSEST_M for site in found):
            code = row["municipality"]
            radius = float(row["radius_m"])
            found.append(Site(len(found) + 1, latitude, longitude, int(code), people[code], radius))
    return found


def _apart(latitude: float, longitude: float, site: Site) -> float:
    east = (longitude - site.longitude) * cos(radians(latitude))
    return hypot(latitude - site.latitude, east) * METRES_PER_DEGREE


def rows(site: Site) -> Iterator[list[object]]:
    """The cells of a site: LTE everywhere; GSM, UMTS or another LTE in turn; NR in large towns."""
    yield from _sectors(site, "LTE", TDC, 1, (site.number << 8) + 1, 1.3)
    match site.number % 3:
        case 0:
            gsm = _row(site, "GSM", TELENOR, 2, site.number, 2.5)
            yield [*gsm, "", ""]
        case 1:
            yield from _sectors(site, "UMTS", THREE, 3, (site.municipality << 16) + site.number * 10 + 1, 1.5)
        case _:
            yield from _sectors(site, "LTE", TELIA, 4, (site.number << 8) + 1, 1.3)
    if site.people >= LARGE_TOWN:
        yield from _sectors(site, "NR", SHARED, 5, (site.number << 12) + 1, 0.8)


def _sectors(
    site: Site, radio: str, network: int, plan: int, first: int, reach: float
) -> Iterator[list[object]]:
    turn = site.number * 37 % BEAM
    for sector in range(SECTORS):
        row = _row(site, radio, network, plan, first + sector, reach)
        yield [*row, turn + sector * BEAM, BEAM]


def _row(site: Site, radio: str, network: int, plan: int, cell: int, reach: float) -> list[object]:
    """Area codes are the municipality's number times ten plus a digit for the network."""
    metres = round(min(15_000.0, max(400.0, reach * site.radius_m)), -1)
    place = [f"{site.longitude:.5f}", f"{site.latitude:.5f}", int(metres)]
    unit = site.number % 500
    return [
        radio,
        MCC,
        network,
        site.municipality * 10 + plan,
        cell,
        unit,
        *place,
        1,
        0,
        CREATED,
        CREATED,
        "",
    ]


def main(target: str) -> None:
    """Write the table."""
    everything = [row for site in sites() for row in rows(site)]
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        file.write(f"{NOTE}\n{HEADER}\n")
        csv.writer(file, lineterminator="\n").writerows(everything)
    print(f"{len(everything)} cells written to {target}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
