"""What a LoST server of the Danish police knows: services, the address of each district, and boundaries."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import shapely

from vagtcentral.location.atlas import Atlas, read_geojson
from vagtcentral.location.territory import DATA

#: The service that police districts answer (RFC 5031; IANA registry of service labels). 114 has no such name.
POLICE = "urn:service:sos.police"
#: How long a client may keep an answer, in milliseconds. An assumption: districts change once in years.
VALID_MS = 24 * 3600 * 1000
#: A district with less than this share of the area is not among the answers.
LEAST_SHARE = 0.01
#: How far inside the true border the short boundary is drawn, in degrees, and by how much it may come nearer
#: when corners are left out. What remains is 189 m north to south and at least 100 m across.
INSIDE_DEGREES, SIMPLER_DEGREES = 0.003, 0.0013

#: Our own translations; the Danish names come from the table of districts.
ENGLISH_NAMES = MappingProxyType(
    {
        "1460": "North Jutland Police",
        "1461": "East Jutland Police",
        "1462": "Central and West Jutland Police",
        "1463": "South-East Jutland Police",
        "1464": "South and Southern Jutland Police",
        "1465": "Funen Police",
        "1466": "South Zealand and Lolland-Falster Police",
        "1467": "Central and West Zealand Police",
        "1468": "North Zealand Police",
        "1469": "Western Copenhagen Police",
        "1470": "Copenhagen Police",
        "1471": "Bornholm Police",
    }
)

_SOURCE = re.compile(r"([a-zA-Z0-9\-]+\.)+[a-zA-Z0-9]+", re.ASCII)
_NUMBER = re.compile(r"[0-9*#]+", re.ASCII)

Ring = tuple[tuple[float, float], ...]


def is_source(name: str) -> bool:
    """Whether a name may stand for a LoST server: dotted, as `lost.police.example` (RFC 5222, section 15)."""
    return _SOURCE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class LostService:
    """A service and, for each district code, the addresses (URIs) that answer it, best first.

    `number` is what one dials for it. Raises ValueError for what RFC 5222 (section 15) does not allow.
    """

    urn: str
    addresses: Mapping[str, tuple[str, ...]]
    number: str | None = "112"

    def __post_init__(self) -> None:
        if not self.urn.startswith("urn:service:"):
            raise ValueError(f"service {self.urn!r} does not begin with urn:service:")
        if self.number is not None and not _NUMBER.fullmatch(self.number):
            raise ValueError(f"service number {self.number!r} is not made of digits, * and #")


@dataclass(frozen=True, slots=True)
class LostDirectory:
    """All that the answers are made of, beside the atlas. `source` is the server's own name.

    `updated` is when the mappings last changed, in milliseconds since 1970 UTC. Without `boundaries` answers
    have none. Raises ValueError for a name that is not dotted, or for services without any address.
    """

    services: tuple[LostService, ...]
    updated: int
    source: str = "lost.police.example"
    boundaries: "Boundaries | None" = None
    valid_ms: int = VALID_MS
    least_share: float = LEAST_SHARE
    english_names: Mapping[str, str] = field(default_factory=lambda: ENGLISH_NAMES)

    def __post_init__(self) -> None:
        if not is_source(self.source):
            raise ValueError(f"source {self.source!r} is not a dotted name such as lost.police.example")
        if not self.services:
            raise ValueError("a LoST server needs at least one service")

    def offered(self, urn: str) -> LostService | None:
        """The service of this name, or of the nearest more general name; None if there is neither."""
        wanted = urn.lower()
        while wanted:
            for service in self.services:
                if service.urn.lower() == wanted:
                    return service
            wanted = wanted.rpartition(".")[0]
        return None


@dataclass(frozen=True, slots=True)
class Boundary:
    """One connected piece of a district, as rings of (latitude, longitude): the outer one, then the holes."""

    key: str
    rings: tuple[Ring, ...]


class Boundaries:
    """The boundaries of all districts. A boundary is one connected piece, never an island group.

    A geodetic boundary can hold several shapes only as alternatives, not as a sum (RFC 5222, section 12.2).
    So a caller gets the piece around him, and far inside it a piece with few corners that lies wholly within.
    """

    def __init__(self, codes: Sequence[str], polygons: Any, atlas: Atlas) -> None:
        """Take municipality codes and their polygons in degrees (longitude, latitude)."""
        members: dict[str, list[Any]] = {}
        for code, polygon in zip(codes, polygons, strict=True):
            members.setdefault(atlas.district_of(code), []).append(polygon)
        self._members = members
        # A client may keep what it got by a key, so another boundary has another.
        drawn_by = f"{INSIDE_DEGREES} {SIMPLER_DEGREES}".encode()
        self._mark = sha256(drawn_by + b"".join(map(shapely.to_wkb, polygons))).hexdigest()[:8]
        self._pieces: dict[str, list[tuple[Any, Any]]] = {}

    @staticmethod
    @cache
    def built_in() -> "Boundaries":
        """The boundaries of the built-in atlas."""
        return Boundaries(*read_geojson((DATA / "municipalities.geojson").read_bytes()), Atlas.built_in())

    def around(self, district: str, latitude: float, longitude: float) -> Boundary | None:
        """The piece of a district that holds a place, None if no piece does."""
        place = shapely.Point(longitude, latitude)
        for number, (inside, whole) in enumerate(self._of(district)):
            for kind, piece in (("inside", inside), ("whole", whole)):
                if piece.contains(place):
                    return _boundary(f"{district}.{number}.{kind}.{self._mark}", piece)
        return None

    def by_key(self, key: str) -> Boundary | None:
        """The boundary of a key that `around` gave for the same geometry, None for any other key."""
        district, _, rest = key.partition(".")
        for number, (inside, whole) in enumerate(self._of(district)):
            for kind, piece in (("inside", inside), ("whole", whole)):
                if rest == f"{number}.{kind}.{self._mark}" and not piece.is_empty:
                    return _boundary(key, piece)
        return None

    def _of(self, district: str) -> list[tuple[Any, Any]]:
        """For each piece, largest first: one with few corners wholly inside it (or nothing), and itself."""
        if district not in self._members:
            return []
        if district not in self._pieces:
            whole = shapely.get_parts(shapely.union_all(self._members[district]))
            ordered = sorted(whole, key=lambda piece: -piece.area)
            self._pieces[district] = [(_inside(piece), piece) for piece in ordered]
        return self._pieces[district]


def police_directory(
    atlas: Atlas,
    addresses: Mapping[str, tuple[str, ...]] | None = None,
    *,
    domain: str = "police.example",
    boundaries: Boundaries | None = None,
    updated: int = 0,
) -> LostDirectory:
    """The directory of `urn:service:sos.police`: each district at `sip:<code>@<domain>` by default."""
    named = {code: (f"sip:{code}@{domain}",) for code in atlas.territory.districts}
    service = LostService(POLICE, MappingProxyType({**named, **(addresses or {})}))
    return LostDirectory((service,), updated, f"lost.{domain}", boundaries)


def _inside(piece: Any) -> Any:
    """The largest part of the piece that keeps its distance from the border, with few corners."""
    parts = shapely.get_parts(piece.buffer(-INSIDE_DEGREES).simplify(SIMPLER_DEGREES))
    kept = [part for part in parts if part.is_valid and piece.contains(part)]
    largest = max(kept, key=lambda part: part.area, default=shapely.Polygon())
    simpler = shapely.get_num_coordinates(largest) < shapely.get_num_coordinates(piece)
    return largest if simpler else shapely.Polygon()


def _boundary(key: str, piece: Any) -> Boundary:
    rings = (piece.exterior, *piece.interiors)
    corners = ([(north, east) for east, north, *_ in ring.coords[:-1]] for ring in rings)
    return Boundary(key, tuple(tuple((round(n, 6), round(e, 6)) for n, e in ring) for ring in corners))
