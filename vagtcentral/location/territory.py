"""The division of Denmark into municipalities and police districts, as tables without geometry."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

DATA = files("vagtcentral.location") / "data"


@dataclass(frozen=True, slots=True)
class MunicipalityRow:
    """A municipality (kommune): four-digit code, name, police district, people on 1 January 2021."""

    code: str
    name: str
    district: str
    population: int


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """A police district (politikreds): DAGI code 1460 to 1471, name, the codes of its municipalities."""

    code: str
    name: str
    municipalities: tuple[str, ...]
    population: int


@dataclass(frozen=True, slots=True)
class Territory:
    """All municipalities and districts by code. A district is the union of its municipalities."""

    municipalities: Mapping[str, MunicipalityRow]
    districts: Mapping[str, DistrictRow]


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one shipped CSV file (UTF-8 with a header line), each by column name."""
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


@cache
def built_in_territory() -> Territory:
    """The 98 municipalities, Christiansø (0411) and the 12 police districts as they are since 2007."""
    municipalities = {
        row["code"]: MunicipalityRow(row["code"], row["name"], row["district"], int(row["population_2021"]))
        for row in read_rows("municipalities.csv")
    }
    districts = {}
    for row in read_rows("districts.csv"):
        members = [one for one in municipalities.values() if one.district == row["code"]]
        districts[row["code"]] = DistrictRow(
            row["code"],
            row["name"],
            tuple(one.code for one in members),
            sum(one.population for one in members),
        )
    return Territory(MappingProxyType(municipalities), MappingProxyType(districts))
