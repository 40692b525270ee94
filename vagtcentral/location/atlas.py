"""The atlas: which municipality and which police districts a position lies in, each with its probability.

Model: the circle is brought to 95 % (`uncertainty`), the caller is equally likely anywhere on the land in it,
and the sea in it is ignored. A circle without land belongs to the coast nearest to it.
"""

import json
from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import sha256
from math import hypot, isfinite

import numpy as np
import shapely
from numpy.typing import NDArray

from vagtcentral.location.ground import Ground, to_metres
from vagtcentral.location.located import DistrictChance, GeoData, Located, Municipality
from vagtcentral.location.neighbours import neighbours_of
from vagtcentral.location.position import Position
from vagtcentral.location.raster import CELL_LATITUDE, CELL_LONGITUDE, Raster
from vagtcentral.location.territory import DATA, Territory, built_in_territory
from vagtcentral.location.uncertainty import factor_to_95, radius_95

#: A position further than this from Danish land, in metres, is in no district.
FAR_FROM_LAND_M = 50_000.0
#: A municipality with less than this share of the land in the circle is rounding noise.
_NOISE = 1e-9
_ROWS_PER_DEGREE = 1 / CELL_LATITUDE
_COLUMNS_PER_DEGREE = 1 / CELL_LONGITUDE
_BUILT_IN = GeoData("Vagtcentral built-in municipalities, not the official geometry", False, "2023-12", "")

_Districts = tuple[DistrictChance, ...]


class Atlas:
    """Municipalities and police districts of Denmark, with their geometry."""

    def __init__(
        self, codes: tuple[str, ...], polygons: "NDArray[np.object_]", territory: Territory, data: GeoData
    ) -> None:
        """Make an atlas of municipality polygons in degrees (longitude, latitude) and their codes."""
        unknown = sorted(set(codes) - territory.municipalities.keys())
        if unknown:
            raise ValueError(f"municipality codes {unknown} are not in the table of municipalities")
        self.territory = territory
        self.data = data
        self._rows = [territory.municipalities[code] for code in codes]
        self._ground = Ground(polygons)
        raster = Raster(polygons)
        self._sole, self._level, self._reach = raster.sole, raster.level, raster.reach_m
        self._south, self._west = raster.south, raster.west
        self._height, self._width = raster.rows, raster.columns
        self._certain: list[tuple[Municipality, _Districts]] = [
            (
                Municipality(row.code, row.name, 1.0, 0.0),
                (DistrictChance(row.district, territory.districts[row.district].name, 1.0, 0.0),),
            )
            for row in self._rows
        ]

    @staticmethod
    @cache
    def built_in() -> "Atlas":
        """The atlas that comes with Vagtcentral (data/LICENSE.md): good, but not the official geometry."""
        content = (DATA / "municipalities.geojson").read_bytes()
        codes, polygons = read_geojson(content)
        data = GeoData(_BUILT_IN.name, _BUILT_IN.official, _BUILT_IN.date, sha256(content).hexdigest())
        return Atlas(codes, polygons, built_in_territory(), data)

    def locate(self, position: Position) -> Located:
        """The municipality and the districts of a position, most probable first.

        A position without radius is a point: the district that holds it has probability 1, and districts that
        meet there share equally. Further than 50 km from Danish land there are none. `position.shape` is not
        looked at. Raises ValueError for coordinates outside WGS84's range, a radius that is not a finite
        length, or a confidence outside 0..1.
        """
        try:
            row = int((position.latitude - self._south) * _ROWS_PER_DEGREE)
            column = int((position.longitude - self._west) * _COLUMNS_PER_DEGREE)
        except (ValueError, OverflowError):
            row = -1
        # int() rounds -0.5 up to 0: harmless, as the raster's rim is empty.
        if 0 <= row < self._height and 0 <= column < self._width:
            cell = row * self._width + column
            sole = self._sole[cell]
            if sole:
                radius = position.radius_m or 0.0
                if position.confidence is not None and radius:
                    radius *= factor_to_95(position.confidence)
                if 0.0 <= radius <= self._reach[self._level[cell]]:
                    municipality, districts = self._certain[sole - 1]
                    return Located(position, municipality, districts, self.data)
        return self._locate_exactly(position)

    def covers(self, position: Position) -> bool:
        """Whether the position's centre lies within 50 km of Danish land."""
        return self.locate(Position(position.latitude, position.longitude)).municipality is not None

    def district_of(self, municipality: str) -> str:
        """The code of a municipality's police district ("0101" gives "1470"); KeyError if unknown."""
        return self.territory.municipalities[municipality].district

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[str, ...]]:
        """For each district the districts next to it, nearest first (see `neighbours.neighbours_of`)."""
        return neighbours_of(self._ground.planar, [row.district for row in self._rows])

    def _locate_exactly(self, position: Position) -> Located:
        """The same as `locate`, from the polygons alone."""
        _check(position)
        east, north = to_metres(position.longitude, position.latitude)
        radius = radius_95(position)
        if radius is None:
            held = self._ground.touching(east, north)
            shares = [(i, 1 / len(held), 0.0) for i in held]
        else:
            shares = self._ground.overlap(east, north, radius)
        if not shares or (radius or 0.0) > FAR_FROM_LAND_M:
            nearest, distance = self._ground.nearest(east, north)
            if distance > FAR_FROM_LAND_M:
                return Located(position, None, (), self.data)
            if not shares and radius is None:
                shares = [(i, 1 / len(nearest), distance) for i in nearest]
            elif not shares and radius is not None:
                shares = self._ground.share_of_nearest(east, north, radius, distance)
        return self._located(position, [share for share in shares if share[1] > _NOISE])

    def _located(self, position: Position, shares: list[tuple[int, float, float]]) -> Located:
        index, probability, distance = min(shares, key=lambda one: (-one[1], one[2], one[0]))
        likeliest = self._rows[index]
        by_district: dict[str, tuple[float, float]] = {}
        for i, share, away in shares:
            code = self._rows[i].district
            so_far, nearest = by_district.get(code, (0.0, away))
            by_district[code] = (so_far + share, min(nearest, away))
        whole = sum(share for share, _ in by_district.values())
        districts = [
            DistrictChance(code, self.territory.districts[code].name, share / whole, away)
            for code, (share, away) in by_district.items()
        ]
        districts.sort(key=lambda one: (-one.probability, one.distance_m, one.code))
        municipality = Municipality(likeliest.code, likeliest.name, probability, distance)
        return Located(position, municipality, tuple(districts), self.data)


def read_geojson(content: bytes) -> tuple[tuple[str, ...], "NDArray[np.object_]"]:
    """Codes and polygons (degrees) of a FeatureCollection whose features carry a property `kode`."""
    features = json.loads(content)["features"]
    codes = tuple(feature["properties"]["kode"] for feature in features)
    collection = shapely.from_geojson(content.decode())
    return codes, shapely.get_parts(collection)


def _check(position: Position) -> None:
    latitude, longitude = position.latitude, position.longitude
    if not (isfinite(hypot(latitude, longitude)) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"latitude {latitude}, longitude {longitude} is not in -90..90, -180..180 degrees")
