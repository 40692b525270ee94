"""Mobile cells by their global identity: what `238-01-1234-56789` names (3GPP TS 23.003, 4 and 19)."""

import re
from dataclasses import dataclass
from enum import IntEnum

_WRITTEN = re.compile(
    r"(?:(GSM|UMTS|WCDMA|LTE|NR)[-:])?([0-9]{3})-([0-9]{2,3})-([0-9]{1,8})-([0-9]{1,11})", re.IGNORECASE
)
_ALLOWED = "MCC-MNC-AREA-CELL, e.g. 238-01-1234-56789, with GSM-, UMTS-, LTE- or NR- before it or without"


class Radio(IntEnum):
    """The radio network that a cell belongs to."""

    GSM = 0
    UMTS = 1
    LTE = 2
    NR = 3


#: Least and greatest area code: 0 and 65534, 65535 are reserved for "no area" (TS 23.003, 4.1 and 19.4.2.3).
AREAS = {
    Radio.GSM: (1, 0xFFFD),
    Radio.UMTS: (1, 0xFFFD),
    Radio.LTE: (1, 0xFFFD),
    Radio.NR: (1, 0xFFFFFD),
}
#: Least and greatest cell number: 16 bits, 28 bits, 28 bits, 36 bits.
CELLS = {
    Radio.GSM: (1, 0xFFFF),
    Radio.UMTS: (1, 0xFFF_FFFF),
    Radio.LTE: (0, 0xFFF_FFFF),
    Radio.NR: (0, 0xF_FFFF_FFFF),
}


@dataclass(frozen=True, slots=True)
class CellIdentity:
    """A cell's global identity. Country and network code are strings: `01` is not `1` (ITU-T E.212).

    `area` is the location or tracking area code. `cell` is the cell identity, in UMTS with the controller's
    number in its upper 16 bits, in LTE and NR with the base station's. `radio` is None where it was not said.
    """

    mcc: str
    mnc: str
    area: int
    cell: int
    radio: Radio | None = None

    @property
    def radios(self) -> tuple[Radio, ...]:
        """The networks that such an identity can be of: the one stated, or all in whose ranges it lies."""
        if self.radio is not None:
            return (self.radio,)
        return tuple(radio for radio in Radio if in_range(radio, self.area, self.cell))

    def __str__(self) -> str:
        prefix = "" if self.radio is None else f"{self.radio.name}-"
        return f"{prefix}{self.mcc}-{self.mnc}-{self.area}-{self.cell}"


def in_range(radio: Radio, area: int, cell: int) -> bool:
    """Whether area code and cell number are possible in this network."""
    return AREAS[radio][0] <= area <= AREAS[radio][1] and CELLS[radio][0] <= cell <= CELLS[radio][1]


def radio_of(name: str) -> Radio:
    """The network of this name; WCDMA is UMTS. Raises KeyError for another, e.g. CDMA."""
    upper = name.strip().upper()
    return Radio["UMTS" if upper == "WCDMA" else upper]


def parse_cell(text: str) -> CellIdentity:
    """The identity written as `MCC-MNC-AREA-CELL`, decimal, e.g. `238-01-1234-56789` or `LTE-238-01-1-256`.

    Raises ValueError with the text seen and what is allowed.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        seen = text if len(text) <= 40 else text[:37] + "..."
        raise ValueError(f"cell {seen!r} is not {_ALLOWED}")
    name, mcc, mnc, area, cell = found.groups()
    identity = CellIdentity(mcc, mnc, int(area), int(cell), radio_of(name) if name else None)
    if not any(in_range(radio, identity.area, identity.cell) for radio in identity.radios):
        kind = "any network" if identity.radio is None else identity.radio.name
        raise ValueError(
            f"cell {text.strip()!r}: area {area} and cell {cell} are not in the ranges of {kind}"
        )
    return identity
