"""A position with its uncertainty, as every location source reports it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from vagtcentral.location.shapes import Pdf
from vagtcentral.value import value


class Source(StrEnum):
    """What a position was worked out from."""

    GNSS = "gnss"  #: satellites (GPS, Galileo) in the handset
    WIFI = "wifi"  #: known wireless networks near the handset
    CELL = "cell"  #: the serving mobile cell
    FUSED = "fused"  #: several of these, combined by the handset or by us
    KEYED = "keyed"  #: the caller keyed it: a postcode
    SIP = "sip"  #: carried by the call's own signalling
    UNKNOWN = "unknown"  #: the sender did not say


@value
class Position:
    """Where somebody is, in WGS84, with the circle that holds him with the stated confidence.

    `radius_m` is None where the sender gave no (usable) uncertainty: that is *unknown*, never *exact*.
    `confidence` lies in 0..1 exclusive, None where unknown. `time` is when the position was taken, in
    milliseconds since 1970-01-01 UTC. `shape` is a GeoJSON-like object where the area is not a circle. `pdf`
    is how the sender says that the caller is distributed over the area; unknown, the source decides
    (`uncertainty.distribution_of`).
    """

    latitude: float
    longitude: float
    radius_m: float | None = None
    confidence: float | None = None
    time: int | None = None
    source: Source = Source.UNKNOWN
    shape: dict[str, Any] | None = None
    pdf: Pdf = Pdf.UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """The position with the field names that the command line and the API promise."""
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "radius_m": self.radius_m,
            "confidence": self.confidence,
            "time": None if self.time is None else iso_utc(self.time),
            "source": self.source.value,
            "shape": self.shape,
        }


def iso_utc(instant: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, e.g. `2019-03-04T10:15:00.250Z`."""
    moment = datetime.fromtimestamp(instant // 1000, tz=UTC)
    fraction = f".{instant % 1000:03d}" if instant % 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
