"""What a mobile network tells of a caller's place: the names of its forms, in posts and in scripts alike."""

import re

from vagtcentral.ivr.events import LocationForm

#: A cell's identity, as against the circle around it: it has its country code before the first hyphen.
_IDENTITY = re.compile(r"\s*(?:[A-Za-z]+[-:])?[0-9]{3}-")
_FORMS = {"mlp": LocationForm.MLP, "gad": LocationForm.GAD, "pidf": LocationForm.PIDF}
#: All forms that come so.
NETWORK_FORMS = frozenset({LocationForm.CELL, LocationForm.CELL_CIRCLE, *_FORMS.values()})
#: The names by which a network gives a position: a cell, a location server's answer, an area, a document.
FIELDS = ("cell", *_FORMS)


def network_form(field: str, content: str) -> LocationForm:
    """The form of what is given under one of `FIELDS`; a `cell` is its identity, or the circle around it."""
    if field == "cell":
        return LocationForm.CELL if _IDENTITY.match(content) else LocationForm.CELL_CIRCLE
    return _FORMS[field]
