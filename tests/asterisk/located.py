"""Callers who send their position in the INVITE: SDP and PIDF-LO in one multipart body (RFC 6442)."""

from collections.abc import Mapping
from pathlib import Path

from tests.asterisk.ports import free_port, media_port
from tests.asterisk.rtp import write_capture
from tests.asterisk.sipp import SCENARIOS
from tests.asterisk.test_switch_starts import sipp

_BODY = "Content-Type: application/sdp\n"
_SDP_BEGINS, _SDP_ENDS = "v=0\no=caller", "a=ptime:20\n"

_DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
 xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:gml="http://www.opengis.net/gml"
 xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 entity="pres:caller@example.dk">
<dm:device id="d1"><gp:geopriv><gp:location-info>{shape}</gp:location-info><gp:usage-rules/>
<gp:method>GPS</gp:method></gp:geopriv></dm:device>
</presence>"""

_CIRCLE = """\
<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{place}</gml:pos>
<gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius}</gs:radius></gs:Circle>"""


def document(shape: str) -> str:
    """A PIDF-LO document about the caller's telephone, with this as its place."""
    return _DOCUMENT.format(shape=shape)


def circle(place: str, radius: str, confidence: str = "") -> str:
    """A circle around `latitude longitude`, in metres, with a confidence in percent or without."""
    stated = f'<con:confidence pdf="normal">{confidence}</con:confidence>' if confidence else ""
    return document(_CIRCLE.format(place=place, radius=radius) + stated)


async def call_with_position(
    switch: str,
    service: str,
    number: str,
    position: str,
    *,
    stay_ms: int,
    folder: Path,
    keys: Mapping[int, str] | None = None,
    content_type: str = "application/pidf+xml",
) -> None:
    """Call a service at `switch` (`host:port`) with a document in the INVITE; hang up after `stay_ms`.

    `keys` are pressed by milliseconds since the answer. Fails if the switch does not take the call so far.
    """
    _write_scenario(folder, position, content_type)
    write_capture(folder / "keys.pcap", keys or {}, stay_ms)
    (folder / "caller.csv").write_text(f"SEQUENTIAL\n{number};{stay_ms};\n")
    arguments = ("-sf", "located.xml", "-s", service, "-inf", "caller.csv", "-m", 1)
    ports = ("-p", free_port(), "-mp", media_port())
    async with sipp(switch, *arguments, *ports, folder=folder) as process:
        assert await process.wait() == 0, _complaints(folder)


def _write_scenario(folder: Path, position: str, content_type: str) -> None:
    """The usual caller, with the document beside his SDP."""
    folder.mkdir(parents=True)
    head = "Geolocation: <cid:place@example.dk>\nContent-Type: multipart/mixed;boundary=part\n"
    place = f"--part\nContent-Type: {content_type}\nContent-ID: <place@example.dk>\n\n{position}\n--part--\n"
    scenario = (SCENARIOS / "caller.xml").read_text()
    for old, new in (
        (_BODY, head),
        (_SDP_BEGINS, f"--part\n{_BODY}\n{_SDP_BEGINS}"),
        (_SDP_ENDS, f"{_SDP_ENDS}{place}"),
    ):
        assert scenario.count(old) == 1, f"{old!r} is not once in caller.xml"
        scenario = scenario.replace(old, new)
    (folder / "located.xml").write_text(scenario)


def _complaints(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.glob("*errors.log"))[:2000]
