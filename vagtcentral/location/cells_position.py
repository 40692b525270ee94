"""Where a caller is, told by the mobile cell that carries the call, and by its timing advance.

A cell whose mast and beam are known gives a sector: an arc band (RFC 5491, section 5.2.5), drawn in the
position's `shape`. An unknown cell gives its area; an unknown area nothing. Every answer says which it was.
"""

from dataclasses import dataclass
from enum import StrEnum

from vagtcentral.location.cells import Radio, parse_cell
from vagtcentral.location.cells_index import Cell, CellIndex
from vagtcentral.location.located import GeoData
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.shapes import ArcBand, Circle, Pdf
from vagtcentral.location.uncertainty import distance_m

#: How likely the caller is in the area stated for his cell or its area code. An assumption: for network
#: positions before AML, 80 % was what British operators planned with.
CELL_CONFIDENCE = 0.8
#: How far a cell reaches in metres where the file does not say. Assumptions.
ASSUMED_RANGE_M = {Radio.GSM: 10_000.0, Radio.UMTS: 3_000.0, Radio.LTE: 3_000.0, Radio.NR: 1_500.0}
#: A cell known only from where it was heard is never smaller than this, none is larger (as in ichnaea).
SMALLEST_ESTIMATE_M, LARGEST_RANGE_M = 1_000.0, 100_000.0
#: An area known from some of its cells only is taken to be at least this large. An assumption.
SMALLEST_AREA_M = 5_000.0
#: A mast may be this share of the range off the middle of where its cell was heard. An assumption.
MAST_OFFSET = 0.5
#: Echoes make a way longer, never shorter, so a ring is widened by more inwards than outwards, in metres.
ECHO_M, NOISE_M = 100.0, 50.0

#: Metres one way for one step, and the greatest value. GSM: 48/13 us (TS 45.010, 5.8), 219 with extended
#: range; LTE: 16 Ts (TS 36.213, 4.2.3); NR: 16 * 64 Tc / 2^mu (TS 38.213, 4.2), here for 15 kHz (mu 0).
STEP_M = {Radio.GSM: 553.46, Radio.LTE: 78.07, Radio.NR: 78.07}
LARGEST_ADVANCE = {Radio.GSM: 219, Radio.LTE: 1282, Radio.NR: 3846}
#: NR's subcarrier spacing is 15 * 2^mu kHz; below 6 GHz mu is 0 or 1 (2 in few networks).
_LOWEST_MU, _HIGHEST_MU = 0, 1
#: A beam whose width is not stated is that of a site with three sectors, in degrees. An assumption.
_ASSUMED_BEAM = 120.0


class Basis(StrEnum):
    """What the position of a cell rests on."""

    SECTOR = "sector"  #: the beam of a known mast
    CELL = "cell"  #: a circle around the cell
    AREA = "area"  #: the cell is unknown: all known cells with its area code
    NONE = "none"  #: neither is known


@dataclass(frozen=True, slots=True)
class CellFix:
    """The position told by a cell, None if there is none; what it rests on; why, in one sentence; which data.

    `timing_advance_used` says whether the timing advance made the area a ring.
    """

    position: Position | None
    basis: Basis
    timing_advance_used: bool
    reason: str
    data: GeoData


def cell_position(
    text: str, at: int, timing_advance: int | None = None, index: CellIndex | None = None
) -> Position | None:
    """The position of a cell `MCC-MNC-AREA-CELL` at the instant `at` (ms since 1970 UTC), None if unknown.

    `cell_fix` says why. `index` is the synthetic network where none is given.
    """
    return cell_fix(text, at, timing_advance, index).position


def cell_fix(
    text: str,
    at: int,
    timing_advance: int | None = None,
    index: CellIndex | None = None,
    numerology: int | None = None,
) -> CellFix:
    """The position of the cell written `[RADIO-]MCC-MNC-AREA-CELL` at `at` (ms since 1970 UTC), explained.

    `timing_advance` is in the radio network's own steps; `numerology` is NR's mu (0 to 4), 0 or 1 where it is
    not known. A text that is no cell gives no position, with the reason.
    """
    index = CellIndex.built_in() if index is None else index
    try:
        identity = parse_cell(text)
    except ValueError as error:
        return CellFix(None, Basis.NONE, False, f"{error}.", index.data)
    cells = index.find(identity)
    if cells:
        return _fix(cells, at, timing_advance, numerology, index.data)
    area = index.area(identity)
    if area:
        return _area_fix(str(identity), area, at, timing_advance, index.data)
    reason = f"Neither cell {identity} nor its area is in {index.data.name}."
    return CellFix(None, Basis.NONE, False, reason, index.data)


def timing_band(radio: Radio, advance: int, numerology: int | None = None) -> tuple[float, float]:
    """Least and greatest distance from the mast in metres: half a step to either side (RFC 5491, 5.2.5).

    GSM with 7 is 3597 to 4151 m. Raises ValueError for a network without timing advance (UMTS) or a value out
    of its range.
    """
    if radio not in STEP_M:
        raise ValueError(f"{radio.name} has no timing advance")
    if not 0 <= advance <= LARGEST_ADVANCE[radio]:
        raise ValueError(f"timing advance {advance} is not in 0..{LARGEST_ADVANCE[radio]} of {radio.name}")
    longest = shortest = STEP_M[radio]
    if radio is Radio.NR:
        longest /= 2 ** (_LOWEST_MU if numerology is None else numerology)
        shortest /= 2 ** (_HIGHEST_MU if numerology is None else numerology)
    return max(0.0, (advance - 0.5) * shortest), (advance + 0.5) * longest


def _fix(cells: list[Cell], at: int, advance: int | None, numerology: int | None, data: GeoData) -> CellFix:
    """The position of a known cell; of several networks with the same identity, the farthest reaching."""
    cell = max(cells, key=_range)
    notes = []
    if len(cells) > 1:
        names = " and ".join(one.radio.name for one in cells)
        notes.append(f"the identity is in {names}, and the larger cell was taken")
    if cell.range_m is None:
        notes.append(f"its range is not known and was taken to be {_range(cell):.0f} m")
    band = None
    if advance is not None:
        try:
            band = _widened(cell, timing_band(cell.radio, advance, numerology))
        except ValueError as error:
            notes.append(f"{error}, so it was not used")
    position = _position(cell, band, at)
    basis = Basis.CELL if cell.azimuth is None or not cell.exact else Basis.SECTOR
    where = "beam of its mast" if basis is Basis.SECTOR else "surroundings of the cell"
    ring = "" if band is None else f", {band[0]:.0f} to {band[1]:.0f} m away by timing advance {advance}"
    reason = "; ".join((f"The {cell.radio.name} cell is known: {where}{ring}", *notes)) + "."
    return CellFix(position, basis, band is not None, reason, data)


def _widened(cell: Cell, band: tuple[float, float]) -> tuple[float, float]:
    """The ring with room for echoes and noise, and for a mast that is not quite known."""
    unsure = 0.0 if cell.exact else MAST_OFFSET * _range(cell)
    return max(0.0, band[0] - ECHO_M - unsure), band[1] + NOISE_M + unsure


def _position(cell: Cell, band: tuple[float, float] | None, at: int) -> Position:
    reach = _range(cell)
    # Where a cell was heard says nothing of where its beam points.
    beam = None if cell.azimuth is None or not cell.exact else cell.beamwidth or _ASSUMED_BEAM
    place = cell.latitude, cell.longitude
    if band is None and (beam is None or beam >= 360):
        return position_of(Circle(*place, reach, CELL_CONFIDENCE, Pdf.RECTANGULAR), at, Source.CELL)
    inner, outer = (0.0, reach) if band is None else band
    opening = 360.0 if beam is None else min(beam, 360.0)
    start = 0.0 if cell.azimuth is None or beam is None else (cell.azimuth - opening / 2) % 360
    if opening >= 360 and inner == 0:
        return position_of(Circle(*place, outer, CELL_CONFIDENCE, Pdf.RECTANGULAR), at, Source.CELL)
    sector = ArcBand(*place, inner, outer, start, opening, CELL_CONFIDENCE, Pdf.RECTANGULAR)
    return position_of(sector, at, Source.CELL)


def _range(cell: Cell) -> float:
    reach = cell.range_m or ASSUMED_RANGE_M[cell.radio]
    return min(LARGEST_RANGE_M, reach if cell.exact else max(SMALLEST_ESTIMATE_M, reach))


def _area_fix(name: str, cells: list[Cell], at: int, advance: int | None, data: GeoData) -> CellFix:
    """The circle around all known cells of an area, each with its range."""
    middle = _middle(cells)
    away = max(distance_m(middle, Position(one.latitude, one.longitude)) + _range(one) for one in cells)
    radius = min(max(SMALLEST_AREA_M, away), 5 * LARGEST_RANGE_M)
    position = Position(middle.latitude, middle.longitude, radius, CELL_CONFIDENCE, at, Source.CELL)
    unused = "" if advance is None else "; without the mast, the timing advance says nothing"
    reason = f"Cell {name} is not known; this is its area, from {len(cells)} cells{unused}."
    return CellFix(position, Basis.AREA, False, reason, data)


def _middle(cells: list[Cell]) -> Position:
    """The middle of the box around some cells, which needs the smallest circle of any simple choice."""
    north = [cell.latitude for cell in cells]
    east = [cell.longitude for cell in cells]
    return Position((min(north) + max(north)) / 2, (min(east) + max(east)) / 2)
