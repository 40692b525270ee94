"""Reads the location messages of one call, in whichever form they come, into positions. It never raises."""

import re
from collections.abc import Callable, Sequence

from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.setting import Setting
from vagtcentral.location.aml import HEADER, AmlMessage
from vagtcentral.location.aml_any import PartCollector, decode_any
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.cells_position import Basis, cell_fix
from vagtcentral.location.ddkn import danish_square
from vagtcentral.location.evidence import cell_circle
from vagtcentral.location.gad import decode_gad
from vagtcentral.location.geoloc import read_geoloc
from vagtcentral.location.mlp import MlpPosition, read_mlp
from vagtcentral.location.pidf import PidfLocation, read_pidf
from vagtcentral.location.position import Position, Source
from vagtcentral.location.postcodes import postcode_position
from vagtcentral.location.rescue import RescueTable, rescue_position
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.shape_geometry import position_of
from vagtcentral.location.sip_message import is_sip, read_sip
from vagtcentral.value import value

_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]{0,200}\?>")


@value
class Reading:
    """What one message says: its positions, the one that counts first, and what is odd about it, by name.

    `from_handset` says that the caller's telephone has stated a place, wherever that is. `replaces` is what
    an earlier part of the same message gave, which this reading holds as well.
    """

    positions: tuple[Position, ...]
    anomalies: tuple[str, ...] = ()
    from_handset: bool = False
    replaces: Position | None = None


class LocationReader:
    """Reads message after message of one call; parts of text messages are put together as they come."""

    __slots__ = ("_in_parts", "_parts", "_setting")

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._parts: PartCollector | None = None
        self._in_parts: dict[str, Position | None] = {}  # what each unfinished message has given, by its text

    def read(self, message: LocationReceived) -> Reading:
        """Read a message; one that cannot be read has no positions and says why in `anomalies`."""
        return _READERS[message.form](self, message.content, message.at)

    def _text_message(self, content: str, at: int) -> Reading:
        if content.startswith(HEADER):
            return _aml(decode_any(content, at))
        if self._parts is None:
            self._parts = PartCollector()
        message = self._parts.add(content, at)
        earlier = next((raw for raw in self._in_parts if message.raw.startswith(f"{raw}\n")), None)
        replaces = None if earlier is None else self._in_parts.pop(earlier)
        if Anomaly.PART_MISSING in message.anomalies:
            self._in_parts[message.raw] = message.position
        return _aml(message, replaces)

    def _form(self, content: str, at: int) -> Reading:
        return _aml(decode_any(content, at))

    def _cell_circle(self, content: str, at: int) -> Reading:
        return _one(cell_circle(content, at), "cell-unreadable")

    def _cell(self, content: str, at: int) -> Reading:
        """A cell's identity, with the timing advance after a comma or without."""
        identity, _, advance = content.partition(",")
        steps = int(advance) if advance.isascii() and advance.isdecimal() and len(advance) < 6 else None
        index = self._setting.cells or CellIndex.built_in()
        fix = cell_fix(identity, at, steps, index)
        odd = []
        if self._setting.cells is None:
            odd.append("cells-synthetic")
        if fix.basis in (Basis.AREA, Basis.NONE):
            odd.append("cell-unknown")
        if advance and not fix.timing_advance_used:
            odd.append("timing-advance-unused")
        return Reading(() if fix.position is None else (fix.position,), tuple(odd))

    def _geoloc(self, content: str, at: int) -> Reading:
        geoloc = read_geoloc(content, at)
        odd = tuple([anomaly.value for anomaly in geoloc.anomalies])
        if geoloc.position is None:
            return Reading((), (*odd, geoloc.reason or "geoloc-unreadable"))
        return Reading((geoloc.position,), odd)

    def _pidf(self, content: str, at: int) -> Reading:
        """A document, or the whole request that carried it, with every location that its headers name."""
        octets = content.encode("utf-8", "surrogatepass")
        try:
            found = read_sip(octets, at) if is_sip(octets) else read_pidf(_octets(content), at)
            return _located(found, "pidf-without-position")
        except XmlRefused:
            return Reading((), ("pidf-unreadable",))

    def _mlp(self, content: str, at: int) -> Reading:
        """A location server's answer; of several telephones the first is the caller's."""
        try:
            found = read_mlp(_octets(content), at).positions
        except XmlRefused:
            return Reading((), ("mlp-unreadable",))
        mine = [one for one in found if one.msid == found[0].msid]
        reading = _located(mine, "mlp-without-position")
        others = ("mlp-several-telephones",) if len(mine) < len(found) else ()
        return Reading(reading.positions, (*others, *reading.anomalies))

    def _gad(self, content: str, at: int) -> Reading:
        """An area description tells no time: it counts from its arrival."""
        try:
            return Reading((position_of(decode_gad(bytes.fromhex(content)), at, Source.CELL),))
        except ValueError:
            return Reading((), ("gad-unreadable",))

    def _postcode(self, content: str, at: int) -> Reading:
        return _one(postcode_position(content.strip(), at), "postcode-unknown")

    def _square(self, content: str, at: int) -> Reading:
        return _one(danish_square(content.strip(), at, self._setting.atlas), "square-unknown")

    def _rescue(self, content: str, at: int) -> Reading:
        table = self._setting.rescue_numbers or RescueTable.built_in()
        reading = _one(rescue_position(content, at, table), "rescue-number-unknown")
        synthetic = ("rescue-numbers-synthetic",) if table.synthetic else ()
        return Reading(reading.positions, (*synthetic, *reading.anomalies))


def _one(position: Position | None, otherwise: str) -> Reading:
    """The position, or why there is none."""
    return Reading((), (otherwise,)) if position is None else Reading((position,))


def _aml(message: AmlMessage, replaces: Position | None = None) -> Reading:
    anomalies = tuple([anomaly.value for anomaly in message.anomalies])
    position = message.position
    if position is None:
        return Reading((), anomalies, False, replaces)
    return Reading((position,), anomalies, True, replaces)


def _located(found: Sequence[PidfLocation | MlpPosition], otherwise: str) -> Reading:
    positions = tuple(position for one in found if (position := one.position) is not None)
    anomalies = tuple(dict.fromkeys(anomaly.value for one in found for anomaly in one.anomalies))
    return Reading(positions, anomalies if positions else (*anomalies, otherwise))


def _octets(document: str) -> bytes:
    """An XML document that came as text: whatever encoding it declares, it is in UTF-8 now."""
    return _DECLARATION.sub("", document).encode("utf-8", "surrogatepass")


_READERS: dict[LocationForm, Callable[[LocationReader, str, int], Reading]] = {
    LocationForm.AML_SMS: LocationReader._text_message,
    LocationForm.AML_HTTPS: LocationReader._form,
    LocationForm.GEOLOC: LocationReader._geoloc,
    LocationForm.PIDF: LocationReader._pidf,
    LocationForm.MLP: LocationReader._mlp,
    LocationForm.CELL: LocationReader._cell,
    LocationForm.CELL_CIRCLE: LocationReader._cell_circle,
    LocationForm.GAD: LocationReader._gad,
    LocationForm.POSTCODE: LocationReader._postcode,
    LocationForm.SQUARE: LocationReader._square,
    LocationForm.RESCUE: LocationReader._rescue,
}
