"""The atlas: which municipality and which police districts a position lies in, each with its probability.

Model: the circle is brought to 95 % (`uncertainty`), the caller is spread over the land in it (`density`),
and the sea in it is ignored. A circle without land belongs to the coast nearest to it. Where an area cannot
be brought to 95 %, its confidence is spread over it and the rest over its surroundings (`area`).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial
from hashlib import sha256
from math import hypot, isfinite
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from vagtcentral.location.area import area_in_metres, surroundings_of
from vagtcentral.location.atlas_file import AtlasFile, read_atlas
from vagtcentral.location.density import Density, density_of, reach_m
from vagtcentral.location.ground import ON_BORDER_M, Ground, to_metres
from vagtcentral.location.located import DistrictChance, GeoData, Located, Municipality
from vagtcentral.location.neighbours import neighbours_of
from vagtcentral.location.outline import Share
from vagtcentral.location.position import Position, Source
from vagtcentral.location.raster import CELL_LATITUDE, CELL_LONGITUDE, STEP_M, WHOLE, Raster
from vagtcentral.location.raster_drawing import drawn
from vagtcentral.location.sea import shares_at_sea, spread_over, spread_over_circle
from vagtcentral.location.shapes import Pdf
from vagtcentral.location.territory import DATA, Territory, built_in_territory
from vagtcentral.location.uncertainty import PDF_OF, growth, radius_95, share_inside

#: A position further than this from Danish land, in metres, is in no district.
FAR_FROM_LAND_M = 50_000.0
#: So many places that needed exact geometry are remembered with their answers, some 50 MB at the most.
REMEMBERED = 50_000
_COME_AGAIN = frozenset({Source.CELL, Source.KEYED})
#: A municipality with less than this share of the land in the circle is rounding noise.
_NOISE = 1e-9
_ROWS_PER_DEGREE = 1 / CELL_LATITUDE
_COLUMNS_PER_DEGREE = 1 / CELL_LONGITUDE
_BUILT_IN = GeoData("Vagtcentral built-in municipalities, not the official geometry", False, "2023-12", "")
#: By how much a normal density reaches beyond its 95 % radius.
_TAILS = reach_m(Density.NORMAL, 1.0)

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_UNKNOWN, _NORMAL, _RECTANGULAR = Pdf.UNKNOWN, Pdf.NORMAL, Pdf.RECTANGULAR


class Atlas:
    """Municipalities and police districts of Denmark, with their geometry."""

    def __init__(
        self,
        codes: Sequence[str],
        polygons: "NDArray[np.object_]",
        territory: Territory,
        data: GeoData,
        raster: Raster | None = None,
    ) -> None:
        """Make an atlas of municipality polygons in degrees (longitude, latitude) and their codes.

        Without a raster one is drawn, which takes some seconds for the whole country.
        """
        unknown = sorted(set(codes) - territory.municipalities.keys())
        if unknown:
            raise ValueError(f"municipality codes {unknown} are not in the table of municipalities")
        self.territory = territory
        self.data = data
        self.codes = tuple(codes)
        self._rows = [territory.municipalities[code] for code in codes]
        self._ground = Ground(polygons)
        self.raster = drawn(self._ground, FAR_FROM_LAND_M) if raster is None else raster
        # Side by side, as most of a certain look-up is waiting for memory.
        self._cells = np.stack([self.raster.label, self.raster.level], axis=-1).tobytes()
        self._south, self._west = self.raster.south, self.raster.west
        self._height, self._width = self.raster.rows, self.raster.columns
        self._reach = 2 * tuple(STEP_M * steps for steps in range(WHOLE))
        self._remembered: dict[object, Located] = {}
        self._certain = [self._answer(i, 0.0) for i in range(len(codes))]

    @staticmethod
    @cache
    def built_in() -> "Atlas":
        """The atlas that comes with Vagtcentral (data/LICENSE.md): good, but not the official geometry.

        Loaded from `municipalities.atlas`; where that does not belong to `municipalities.geojson`, the raster
        is drawn anew, which takes some seconds.
        """
        content = (DATA / "municipalities.geojson").read_bytes()
        prepared = DATA / "municipalities.atlas"
        if prepared.is_file():
            with prepared.open("rb") as file:
                stored = read_atlas(file)
            if stored.data == _built_in_data(content):
                return Atlas.of(stored)
        return Atlas.of(built_in_file(content))

    @staticmethod
    def load(path: str | PathLike[str]) -> "Atlas":
        """The atlas in a file that `districts import` wrote; ValueError or OSError if there is none in it."""
        return Atlas.of(read_atlas(Path(path)))

    @staticmethod
    def of(stored: AtlasFile, territory: Territory | None = None) -> "Atlas":
        """The atlas of what an atlas file holds."""
        territory = built_in_territory() if territory is None else territory
        return Atlas(stored.codes, stored.polygons, territory, stored.data, stored.raster)

    def locate(self, position: Position, density: Density | None = None, wider_m: float = 0.0) -> Located:
        """The districts of a position, most probable first, and the likeliest municipality of the first.

        A position without radius is a point: the district that holds it has probability 1, and districts that
        meet there share equally. With a `shape` (see `area`), that counts and not the circle. Either is taken
        to be wider all round by `wider_m` metres. Further than 50 km from Danish land there are none. The
        density is that of the sender or of the source (`density_of`) unless given.
        Raises ValueError for coordinates outside WGS84's range, a radius that is not a finite length, a
        confidence outside 0..1, or a shape that is no area.
        """
        try:
            row = int((position.latitude - self._south) * _ROWS_PER_DEGREE)
            column = int((position.longitude - self._west) * _COLUMNS_PER_DEGREE)
        except (ValueError, OverflowError):
            row = -1
        # int() rounds -0.5 up to 0: harmless, as the raster's rim is empty.
        holder, around = None, 0.0
        if 0 <= row < self._height and 0 <= column < self._width and position.shape is None:
            cell = 2 * (row * self._width + column)
            label = self._cells[cell]
            if label:
                radius = position.radius_m or 0.0
                if radius:
                    pdf, confidence = position.pdf, position.confidence
                    if pdf is _UNKNOWN:
                        pdf = PDF_OF.get(position.source, _UNKNOWN)
                    if confidence is not None:
                        radius *= growth(confidence, pdf)
                    radius += wider_m
                    if pdf is _NORMAL if density is None else density is Density.NORMAL:
                        radius *= _TAILS
                    elif pdf is _RECTANGULAR and confidence is not None:
                        around = radius
                level = self._cells[cell + 1]
                if 0.0 <= radius + around <= self._reach[level]:
                    if level >= WHOLE:
                        municipality, districts = self._certain[label - 1]
                        return Located(position, municipality, districts, self.data)
                    located = self._on_the_coast(position, label - 1, radius, self._reach[level])
                    if located is not None:
                        return located
                if level >= WHOLE:
                    holder = label - 1
        density = density_of(position) if density is None else density
        return self._locate_exactly(position, density, holder, wider_m)

    def locate_many(
        self, latitudes: ArrayLike, longitudes: ArrayLike, nearest: bool = True
    ) -> NDArray[np.str_]:
        """The municipality code of each point in degrees, as `locate` gives it, "" where there is none.

        Points on a border belong to the municipality with the lower code. With `nearest` false, points in no
        municipality (harbours, the sea) are "" too, and not given to the nearest one within 50 km. Raises
        ValueError for coordinates outside WGS84's range and for arrays of unlike length.
        """
        from vagtcentral.location.bulk import municipalities_of

        index = municipalities_of(self._ground, self.raster, latitudes, longitudes, nearest, FAR_FROM_LAND_M)
        return np.array([*self.codes, ""])[index]

    @property
    def polygons(self) -> "NDArray[np.object_]":
        """The municipality polygons in degrees (longitude, latitude), in the order of `codes`."""
        return self._ground.degrees

    def covers(self, position: Position) -> bool:
        """Whether the position's centre lies within 50 km of Danish land."""
        return self.locate(Position(position.latitude, position.longitude)).municipality is not None

    def has_land(self, position: Position, wider_m: float = 0.0) -> bool:
        """Whether Danish land lies in the position's area, or within `wider_m` metres of it.

        The area is the shape or the circle, brought to 95 % as in `locate`; without either it is a point.
        Raises ValueError as `locate` does.
        """
        _check(position)
        east, north = to_metres(position.longitude, position.latitude)
        if position.shape is not None:
            return self._ground.has_land(area_in_metres(position), wider_m)
        return self._ground.has_land(shapely.Point(east, north), (radius_95(position) or 0.0) + wider_m)

    def district_of(self, municipality: str) -> str:
        """The code of a municipality's police district ("0101" gives "1470"); KeyError if unknown."""
        return self.territory.municipalities[municipality].district

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[str, ...]]:
        """For each district the districts next to it, nearest first (see `neighbours.neighbours_of`)."""
        return neighbours_of(self._ground.planar, [row.district for row in self._rows])

    def municipalities(self, position: Position, density: Density | None = None) -> tuple[Municipality, ...]:
        """Every municipality that the position may be in, most probable first (see `locate`)."""
        shares = self._shares(position, density_of(position) if density is None else density)
        found = [Municipality(self._rows[i].code, self._rows[i].name, part, away) for i, part, away in shares]
        return tuple(sorted(found, key=lambda one: (-one.probability, one.distance_m)))

    def _on_the_coast(self, position: Position, index: int, radius: float, reach: float) -> Located | None:
        """The answer where only one municipality has land within reach; None if the sea leaves a doubt."""
        if self._ground.holds(index, position.longitude, position.latitude):
            municipality, districts = self._certain[index]
            return Located(position, municipality, districts, self.data)
        _, distance = self._ground.nearest(*to_metres(position.longitude, position.latitude))
        if 0 < radius <= distance and distance + 2 * radius > reach:
            return None
        municipality, districts = self._answer(index, distance if distance > ON_BORDER_M else 0.0)
        return Located(position, municipality, districts, self.data)

    def _answer(self, index: int, distance_m: float) -> tuple[Municipality, tuple[DistrictChance, ...]]:
        row = self._rows[index]
        name = self.territory.districts[row.district].name
        chance = DistrictChance(row.district, name, 1.0, distance_m)
        return Municipality(row.code, row.name, 1.0, distance_m), (chance,)

    def _locate_exactly(
        self, position: Position, density: Density, holder: int | None = None, wider_m: float = 0.0
    ) -> Located:
        """The same as `locate`, from the polygons alone; `holder` holds the centre, where that is known."""
        # The same places come again and again: the circles of the network's cells, the middles of postcodes.
        # Where a handset says it is, is nobody else's business, and is not remembered.
        if position.source not in _COME_AGAIN or position.shape is not None or wider_m:
            return self._from_shares(position, self._shares(position, density, holder, wider_m))
        place = (
            *(position.latitude, position.longitude, position.radius_m, position.confidence),
            *(position.source, position.pdf, density),
        )
        known = self._remembered.get(place)
        if known is not None:
            return Located(position, known.municipality, known.districts, self.data)
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        located = self._from_shares(position, self._shares(position, density, holder))
        self._remembered[place] = located
        return located

    def _from_shares(self, position: Position, shares: list[Share]) -> Located:
        if not shares:
            return Located(position, None, (), self.data)
        if len(shares) == 1 and not shares[0][2]:
            municipality, districts = self._certain[shares[0][0]]
            return Located(position, municipality, districts, self.data)
        return self._located(position, shares)

    def _shares(
        self, position: Position, density: Density, holder: int | None = None, wider_m: float = 0.0
    ) -> list[Share]:
        """The probability of each municipality, none if the position is too far from land."""
        shares = self._shares_within(position, density, holder, wider_m)
        if position.confidence is None or density is not Density.UNIFORM or not shares:
            return shares
        inside = share_inside(position)
        if inside == 1.0:
            return shares
        east, north = to_metres(position.longitude, position.latitude)
        if position.shape is not None:
            area = area_in_metres(position, wider_m)
        else:
            area = shapely.Point(east, north).buffer((radius_95(position) or 0.0) + wider_m, quad_segs=64)
        around = self._ground.shares_of(surroundings_of(area), east, north)
        return _mixed(shares, inside, around) if around else shares

    def _shares_within(
        self, position: Position, density: Density, holder: int | None, wider_m: float
    ) -> list[Share]:
        """The same for a caller who is in the area stated."""
        ground, longitude, latitude = self._ground, position.longitude, position.latitude
        if holder is None:  # else it lies on the raster, in Denmark
            _check(position)
        holders = ground.holders(longitude, latitude) if holder is None else [holder]
        east, north = to_metres(longitude, latitude)
        if position.shape is not None:
            return self._shares_of_area(area_in_metres(position, wider_m), east, north, holders)
        radius = radius_95(position)
        if radius is not None:
            radius += wider_m
        if radius is None:
            shares = self._equally(ground.meeting_at(east, north, holders), 0.0)
        else:
            shares = ground.shares(east, north, holders, reach_m(density, radius), density)
        if not shares or (radius is not None and radius > FAR_FROM_LAND_M):
            nearest, distance = ground.nearest(east, north)
            if distance > FAR_FROM_LAND_M and not holders:
                return []
            if not shares and radius is None:
                return self._equally(nearest, distance)
            if not shares and radius is not None:
                points = partial(spread_over_circle, east, north, radius)
                return shares_at_sea(ground, points, east, north, distance, radius)
        return [share for share in shares if share[1] > _NOISE]

    def _equally(self, found: Sequence[int], distance_m: float) -> list[Share]:
        """The same share for each district that meets at a point, however many of its municipalities do."""
        districts = [self._rows[i].district for i in found]
        among = len(set(districts))
        return [
            (i, 1 / (among * districts.count(code)), distance_m)
            for i, code in zip(found, districts, strict=True)
        ]

    def _shares_of_area(self, area: Any, east: float, north: float, holders: Sequence[int]) -> list[Share]:
        shares = self._ground.shares_of(area, east, north)
        if shares and (holders or min(away for _, _, away in shares) <= FAR_FROM_LAND_M):
            return [share for share in shares if share[1] > _NOISE]
        _, distance = self._ground.nearest(east, north)
        if distance > FAR_FROM_LAND_M:
            return []
        reach = float(shapely.hausdorff_distance(shapely.Point(east, north), area))
        points = partial(spread_over, area)
        return shares_at_sea(self._ground, points, east, north, distance, reach)

    def _located(self, position: Position, shares: list[Share]) -> Located:
        rows, names = self._rows, self.territory.districts
        parts: dict[str, float] = {}
        distances: dict[str, float] = {}
        for number, part, away in shares:
            code = rows[number].district
            parts[code] = parts.get(code, 0.0) + part
            distances[code] = min(distances.get(code, away), away)
        whole = sum(parts.values())
        districts = [
            DistrictChance(code, names[code].name, part / whole, distances[code])
            for code, part in parts.items()
        ]
        if len(districts) > 1:
            # Of equal ones the first stays first: on a border it has the municipality that holds the point.
            districts.sort(key=lambda one: (-one.probability, one.distance_m))
            # The municipality that is named lies in the district that is.
            shares = [share for share in shares if rows[share[0]].district == districts[0].code]
        number, probability, distance = min(shares, key=_most_probable_first)
        municipality = Municipality(rows[number].code, rows[number].name, probability, distance)
        return Located(position, municipality, tuple(districts), self.data)


def built_in_file(content: bytes) -> AtlasFile:
    """What `municipalities.atlas` holds: the polygons of `municipalities.geojson` and their raster."""
    codes, polygons = read_geojson(content)
    return AtlasFile(codes, polygons, drawn(Ground(polygons), FAR_FROM_LAND_M), _built_in_data(content))


def _built_in_data(content: bytes) -> GeoData:
    return GeoData(_BUILT_IN.name, _BUILT_IN.official, _BUILT_IN.date, sha256(content).hexdigest())


def read_geojson(content: bytes) -> tuple[tuple[str, ...], "NDArray[np.object_]"]:
    """Codes and polygons (degrees) of a FeatureCollection whose features carry a property `kode`."""
    features = json.loads(content)["features"]
    codes = tuple(feature["properties"]["kode"] for feature in features)
    collection = shapely.from_geojson(content.decode())
    return codes, shapely.get_parts(collection)


def _mixed(shares: list[Share], weight: float, others: list[Share]) -> list[Share]:
    """Shares of two areas as one, of which the first weighs so much (0..1) of all."""
    parts: dict[int, tuple[float, float]] = {}
    for whole, found in ((weight, shares), (1 - weight, others)):
        for number, part, away in found:
            before, distance = parts.get(number, (0.0, away))
            parts[number] = before + whole * part, min(distance, away)
    return [(number, part, away) for number, (part, away) in parts.items()]


def _most_probable_first(share: Share) -> tuple[float, float]:
    return -share[1], share[2]


def _check(position: Position) -> None:
    latitude, longitude = position.latitude, position.longitude
    if not (isfinite(hypot(latitude, longitude)) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(f"latitude {latitude}, longitude {longitude} is not in -90..90, -180..180 degrees")
