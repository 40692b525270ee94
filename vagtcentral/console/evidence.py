"""The evidence that `vagtcentral locate` is given, read from its options into positions."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from vagtcentral.console.aml import read_message, read_octets, refuse_unless_aml, shortened
from vagtcentral.console.output import refuse
from vagtcentral.location.aml_any import decode_parts
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.by_model import at_95
from vagtcentral.location.cells import parse_cell
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.cells_position import cell_fix
from vagtcentral.location.ddkn import NEAR_LAND_M, danish_square
from vagtcentral.location.evidence import ASSUMED
from vagtcentral.location.fusion import Part
from vagtcentral.location.gad import GadRefused, decode_gad
from vagtcentral.location.mlp import read_mlp
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.position import Position, Source
from vagtcentral.location.postcodes import postcode_position
from vagtcentral.location.rescue import RescueTable, rescue_number, rescue_position
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.uncertainty import NO_RADIUS, RFC_7459_NORMAL_2D, conversion
from vagtcentral.location.written import written_position

#: The option by which coordinates come.
COORDINATES = "--lat, --lon"
#: Without a clock nothing can be called old or early.
_AGED = ("stale-fix", "future-fix")

Table = TypeVar("Table")


@dataclass(frozen=True, slots=True)
class Given:
    """One piece of evidence: the option it came by, the position it gives, if any, and what is odd about it.

    `note` explains the position, or why there is none, in a sentence; `data` is the table it was found in.
    `sent_at` is when it was sent, in milliseconds since 1970 UTC, where its carrier says so.
    """

    option: str
    position: Position | None
    anomalies: tuple[str, ...] = ()
    note: str | None = None
    data: str | None = None
    sent_at: int | None = None

    @property
    def is_place(self) -> bool:
        """Whether a place was given, and no position that somebody measured: coordinates without radius.

        A radius of 0 is one: unknown.
        """
        return self.option == COORDINATES and self.position is not None and self.position.radius_m is None

    def by_model(self, model: str) -> "Given":
        """The same with the radius brought to 95 % by this model; by the default one that is done later."""
        if self.position is None or model == RFC_7459_NORMAL_2D:
            return self
        return replace(self, position=at_95(self.position, model))

    def explained(self, part: Part | None, model: str) -> dict[str, object]:
        """The evidence and what it counted for, as one JSON object; without a part it counted for nothing.

        `model` is what has brought, or will bring, its radius to 95 %.
        """
        counted = self._uncounted() if part is None else part.as_json()
        if part is not None and part.radius_model not in (ASSUMED, NO_RADIUS):
            counted["radius_model"] = conversion(part.position, model)
        return {"from": self.option, **counted, "note": self.note, "data": self.data}

    def _uncounted(self) -> dict[str, object]:
        position = None if self.position is None else self.position.as_json()
        reason = "no position" if position is None else "a fix that was given already"
        return {
            "position": position,
            "radius_95_m": None,
            "radius_model": None,
            "age_s": None,
            "weight": 0.0,
            "reason": reason,
        }


def refuse_stdin_twice(options: Iterable[tuple[str, Sequence[str]]]) -> None:
    """End with one line if more than one value of these options is to be read from stdin."""
    named = [option for option, values in options for value in values if value == "-"]
    if len(named) > 1:
        refuse(f"{named[-1]}: stdin (-) can be read only once")


def from_aml(messages: Sequence[str]) -> list[Given]:
    """Handset messages in any form; those that are parts of one message are put together."""
    read = [read_octets() if message == "-" else read_message(message) for message in messages]
    answers = decode_parts(read)
    for answer in answers:
        refuse_unless_aml("--aml", answer)
    return [
        Given(
            f"--aml ({answer.form})",
            answer.position,
            tuple(one.value for one in answer.anomalies),
            sent_at=answer.sent_at,
        )
        for answer in answers
    ]


def from_coordinates(
    latitudes: Sequence[str], longitudes: Sequence[str], radii: Sequence[str], confidences: Sequence[str]
) -> list[Given]:
    """Coordinates, each pair with its radius and confidence where those are given."""
    count = len(latitudes)
    if len(longitudes) != count:
        refuse(f"--lat and --lon belong together: {count} and {len(longitudes)} given")
    for option, values in (("--radius", radii), ("--confidence", confidences)):
        if values and len(values) != count:
            refuse(f"{option}: {len(values)} given for {count} of --lat and --lon; give none or one for each")
    unknown = [""] * count
    names = ("--lat", "--lon", "--radius", "--confidence")
    try:
        return [
            Given(COORDINATES, written_position(*texts, names))
            for texts in zip(latitudes, longitudes, radii or unknown, confidences or unknown, strict=True)
        ]
    except ValueError as error:
        refuse(str(error))


def from_pidf(files: Sequence[str]) -> list[Given]:
    """The locations of PIDF-LO documents, all of them."""
    given = []
    for file in files:
        shown, locations = _document("--pidf", file, lambda content: read_pidf(content, 0))
        if not locations:
            why = "The document holds no location."
            given.append(Given(f"--pidf {shown}", None, ("pidf-without-position",), why))
        for location in locations:
            odd = tuple(one.value for one in location.anomalies if one.value not in _AGED)
            given.append(Given(f"--pidf {shown}", location.position, odd, location.problem))
    return given


def from_mlp(files: Sequence[str]) -> list[Given]:
    """The positions in answers of a mobile network's location server; of several telephones the first's."""
    given = []
    for file in files:
        shown, answer = _document("--mlp", file, lambda content: read_mlp(content, 0))
        if not answer.positions:
            why = "no position" if answer.result is None else " ".join(answer.result)
            given.append(Given(f"--mlp {shown}", None, (), f"The answer holds no position: {why}."))
        mine = [one for one in answer.positions if one.msid == answer.positions[0].msid]
        others = ("mlp-several-telephones",) if len(mine) < len(answer.positions) else ()
        for one in mine:
            odd = tuple(each.value for each in (*answer.anomalies, *one.anomalies) if each.value not in _AGED)
            odd = (*others, *odd)
            given.append(Given(f"--mlp {shown}", one.position, odd, one.problem))
    return given


def from_gad(descriptions: Sequence[str], at: int | None) -> list[Given]:
    """Area descriptions of 3GPP TS 23.032, their octets in hexadecimal; they tell no time."""
    given = []
    for text in descriptions:
        try:
            shape = decode_gad(bytes.fromhex(text))
            position = position_of(shape, at, Source.CELL)
        except GadRefused as error:
            refuse(f"--gad: {shortened(text)}: {error}")
        except ValueError as error:
            refuse(f"--gad: {shortened(text)} is not octets in hexadecimal: {error}")
        given.append(Given(f"--gad {shortened(text)}", position))
    return given


def from_cells(cells: Sequence[str], at: int | None, index: CellIndex | None) -> list[Given]:
    """Cells by their identity, `MCC-MNC-AREA-CELL[,TIMING-ADVANCE]`, in the index or the invented network."""
    given = []
    for cell in cells:
        identity, comma, advance = cell.partition(",")
        try:
            parse_cell(identity)
        except ValueError as error:
            refuse(f"--cell: {error}")
        if comma and not (advance.isascii() and advance.isdecimal() and len(advance) < 6):
            refuse(f"--cell: timing advance {shortened(advance)} is not a whole number of steps")
        fix = cell_fix(identity, at or 0, int(advance) if comma else None, index)
        odd = ("cells-synthetic",) if index is None else ()
        given.append(Given(f"--cell {cell}", _timed(fix.position, at), odd, fix.reason, fix.data.name))
    return given


def from_postcodes(codes: Sequence[str], at: int | None) -> list[Given]:
    """Postcodes as a caller keys them."""
    allowed = "a Danish postcode with a place"
    return [_told("--postcode", code, postcode_position, at, allowed) for code in codes]


def from_squares(squares: Sequence[str], at: int | None, atlas: Atlas) -> list[Given]:
    """Squares of the Danish grid with land in or near them, by their digits or names."""
    near = f"within {NEAR_LAND_M / 1000:g} km of Danish land"
    allowed = f"a square {near}: 5, 7 or 9 digits, or a name such as 1km_6223_576"
    locate = partial(danish_square, atlas=atlas)
    return [_told("--square", square, locate, at, allowed) for square in squares]


def from_rescue_numbers(numbers: Sequence[str], at: int | None, table: RescueTable | None) -> list[Given]:
    """Rescue numbers, as on the sign or as keyed; one that is not in the table gives no position."""
    given = []
    used = table or RescueTable.built_in()
    for number in numbers:
        if rescue_number(number) is None:
            refuse(f"--rescue: {shortened(number)} is not a letter and three digits, e.g. F510")
        position = rescue_position(number, at or 0, used)
        odd = ("rescue-numbers-synthetic",) if used.synthetic else ()
        note = None if position is not None else f"The number is not in {used.name}."
        given.append(Given(f"--rescue {number}", _timed(position, at), odd, note, used.name))
    return given


def table_of(option: str, file: Path | None, read: Callable[[Path], Table]) -> Table | None:
    """A table from the file of an option, None where none is given; ends with one line if it is none."""
    try:
        return None if file is None else read(file)
    except OSError as error:
        refuse(f"{option}: {file}: {error.strerror}")
    except ValueError as error:
        refuse(f"{option}: {error}")


def _document(option: str, file: str, read: Callable[[bytes], Table]) -> tuple[str, Table]:
    """What an option's file or stdin holds, and what that is called; ends with one line if it is no use."""
    shown = "stdin" if file == "-" else file
    try:
        return shown, read(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (XmlRefused, OSError) as error:
        refuse(f"{option}: {shown}: {error.strerror if isinstance(error, OSError) else error}")


def _told(
    option: str, text: str, locate: Callable[[str, int], Position | None], at: int | None, allowed: str
) -> Given:
    position = locate(text.strip(), at or 0)
    if position is None:
        refuse(f"{option}: {shortened(text)} is not {allowed}")
    return Given(f"{option} {text.strip()}", _timed(position, at))


def _timed(position: Position | None, at: int | None) -> Position | None:
    """The position as it is; without a clock and any other position's time, at a time that nobody knows."""
    return position if position is None or at is not None else replace(position, time=None)
