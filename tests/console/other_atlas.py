"""An atlas of one's own, as `districts import` writes it: København and Bornholm have changed places."""

from dataclasses import replace
from pathlib import Path

from vagtcentral.location.atlas_file import read_atlas, write_atlas
from vagtcentral.location.located import GeoData
from vagtcentral.location.territory import DATA

DATE = "2026-01-01"
DATA_OF_IT = GeoData("Exchanged", True, DATE, "ab" * 32)
_OTHER = {"0101": "0400", "0400": "0101"}


def other_atlas(folder: Path) -> Path:
    """Write it into a folder; who stands in København is on Bornholm there, in district 1471."""
    with (DATA / "municipalities.atlas").open("rb") as file:
        built_in = read_atlas(file)
    codes = tuple(_OTHER.get(code, code) for code in built_in.codes)
    path = folder / "other.atlas"
    write_atlas(replace(built_in, codes=codes, data=DATA_OF_IT), path)
    return path
