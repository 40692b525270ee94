"""What the LoST endpoint of the live system answers with: its own name, addresses, when they last changed."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vagtcentral.console.settings import Settings
    from vagtcentral.location.atlas import Atlas
    from vagtcentral.location.lost_directory import LostDirectory


def live_directory(settings: "Settings", atlas: "Atlas", now: int) -> "LostDirectory":
    """The directory of `urn:service:sos.police` with the boundaries of the atlas in use.

    A district without an address of its own has `sip:CODE@DOMAIN`. The mappings last changed at the setting's
    instant, else at the date of the geometry; where neither is known, at `now` (ms since 1970 UTC), the start
    of the program.
    """
    from dataclasses import replace

    from vagtcentral.location.lost_directory import Boundaries, police_directory

    addresses = {code: tuple(text.split()) for code, text in (settings.lost_addresses or {}).items()}
    updated = instant_of_date(settings.lost_updated or atlas.data.date)
    directory = police_directory(
        atlas,
        addresses,
        domain=settings.lost_domain,
        boundaries=Boundaries(atlas.codes, atlas.polygons, atlas),
        updated=now if updated is None else updated,
    )
    return replace(directory, source=settings.lost_source)


def instant_of_date(text: str) -> int | None:
    """The beginning of `2023-12` or `2026-03-01`, or `2026-03-01T08:00Z`, in ms since 1970 UTC, else None.

    A time without a zone is UTC.
    """
    try:
        if len(text) == len("2023-12"):
            text = f"{text}-01"
        if len(text) == len("2026-03-01"):
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    instant = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    return instant if instant >= 0 else None
