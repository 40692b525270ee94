"""Write `municipalities.atlas`, which the program loads, from `municipalities.geojson`.

It needs nothing but the program:

    .venv/bin/python scripts/build_atlas/prepare.py
"""

from pathlib import Path

from vagtcentral.location.atlas import built_in_file
from vagtcentral.location.atlas_file import write_atlas

DATA = Path(__file__).parents[2] / "vagtcentral" / "location" / "data"

if __name__ == "__main__":
    target = DATA / "municipalities.atlas"
    write_atlas(built_in_file((DATA / "municipalities.geojson").read_bytes()), target)
    print(f"{target.stat().st_size} bytes written to {target}")
