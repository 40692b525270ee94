"""Build `vagtcentral/location/data/rescue_numbers.csv`: invented rescue signs along the coast of Denmark.

    python scripts/build_rescue_numbers.py vagtcentral/location/data/rescue_numbers.csv

No sign in it is real, and the letters begin with N, so that the number on a real sign is more likely unknown
than wrong. A sign stands every fifteen kilometres of the built-in coast. The same atlas gives the same bytes.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyproj
import shapely

from vagtcentral.location.territory import DATA, built_in_territory

APART_M = 15_000
#: Islands with a shorter coast than this have no sign.
SHORTEST_COAST_M = 6_000
#: One letter for each district in the order of their codes; O looks like a zero.
LETTERS = "NPQRSTUVWXYZ"
NOTE = "# Synthetic: no sign is real. Made by scripts/build_rescue_numbers.py on the built-in coast (ODbL)."


def municipalities() -> tuple[list[str], "np.ndarray[tuple[int], np.dtype[np.object_]]"]:
    """The police district of each municipality and its polygon in metres (EPSG:25832)."""
    content = (DATA / "municipalities.geojson").read_text(encoding="utf-8")
    table = built_in_territory().municipalities
    districts = [table[one["properties"]["kode"]].district for one in json.loads(content)["features"]]
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    polygons = shapely.get_parts(shapely.from_geojson(content))
    return districts, shapely.transform(polygons, to_metres.transform, interleaved=False)


def coast(polygons: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> list[shapely.LinearRing]:
    """The outer edge of each piece of land, longest first."""
    # Slivers between municipalities are no coast: closed by a buffer there and back.
    land = shapely.union_all(shapely.buffer(polygons, 200)).buffer(-200)
    rings = [shapely.get_exterior_ring(part) for part in shapely.get_parts(land)]
    return sorted((ring for ring in rings if ring.length > SHORTEST_COAST_M), key=lambda ring: -ring.length)


def main(target: str) -> None:
    """Write the table."""
    districts, polygons = municipalities()
    letters = dict(zip(sorted(set(districts)), LETTERS, strict=True))
    to_degrees = pyproj.Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True)
    count: Counter[str] = Counter()
    rows = []
    for ring in coast(polygons):
        for nth in range(max(1, int(ring.length // APART_M))):
            place = shapely.line_interpolate_point(ring, (nth + 0.5) * APART_M)
            longitude, latitude = to_degrees.transform(place.x, place.y)
            code = districts[int(np.argmin(shapely.distance(polygons, place)))]
            count[code] += 1
            number = f"{letters[code]}{count[code]:03d}"
            name = f"Syntetisk strand {number}"
            rows.append([number, f"{latitude:.5f}", f"{longitude:.5f}", name, code])
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        file.write(NOTE + "\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["number", "latitude", "longitude", "name", "district"])
        writer.writerows(sorted(rows))
    print(f"{len(rows)} signs written to {target}: {dict(sorted(count.items()))}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
