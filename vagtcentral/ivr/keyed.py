"""What a caller keys of where he is, as evidence and as the record shows it."""

from vagtcentral.ivr.events import LocationForm
from vagtcentral.location.rescue import rescue_number
from vagtcentral.menus.model import Entry

#: In which form the digits of an entry that tells a place are read.
FORMS = {
    Entry.POSTCODE: LocationForm.POSTCODE,
    Entry.SQUARE: LocationForm.SQUARE,
    Entry.RESCUE: LocationForm.RESCUE,
}
_RESCUE = Entry.RESCUE


def spelled(entry: Entry, keyed: str) -> str:
    """What the keys mean, as people write it: the keys `333510` of a rescue number are F510."""
    return keyed if entry is not _RESCUE else rescue_number(keyed) or keyed
