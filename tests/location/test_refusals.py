"""What every reader of a place must refuse, in one table: each reader, each kind of nonsense.

A refusal is a single line that says why, or a name in the record; never a position, an exception of another
kind, or a long wait.
"""

import json
import time

import pytest

from tests.location.test_aml import GOOD
from tests.location.test_aml_https import H1
from tests.location.test_geoloc import CIRCLE
from tests.location.test_lost import FIND, ask, error_of
from tests.location.test_mlp import SAMPLE as MLP
from tests.location.test_pidf import AT, SAMPLE
from vagtcentral.location.aml import Anomaly
from vagtcentral.location.aml_any import decode_any, decode_parts
from vagtcentral.location.cells_index import COLUMNS, CellIndex
from vagtcentral.location.districts_import import read_layer
from vagtcentral.location.geoloc import read_geoloc
from vagtcentral.location.mlp import read_mlp
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.rescue import RescueTable
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.territory import built_in_territory
from vagtcentral.location.written import written_position, written_rows

ROW = "LTE,238,1,1234,29138433,45,{1},{0},1800,57,1,1406204196,1700000000,"


class Refused(Exception):  # noqa: N818 - what the readers below turn every form of refusal into
    """The reason."""


def text_message(latitude, longitude):
    message = GOOD.replace("lt=+54.76397;lg=-0.18305", f"lt={latitude};lg={longitude}")
    decoded = decode_any(message, AT)
    assert decoded.raw == message
    if Anomaly.AXES_SWAPPED in decoded.anomalies or decoded.position is None:
        raise Refused(" ".join(decoded.anomalies))


def posted_form(latitude, longitude):
    body = H1.replace(b"=55.85732", f"={latitude}".encode()).replace(b"=-4.26325", f"={longitude}".encode())
    decoded = decode_any(body, AT)
    assert decoded.raw == body.decode()
    if Anomaly.AXES_SWAPPED in decoded.anomalies or decoded.position is None:
        raise Refused(" ".join(decoded.anomalies))


def pidf(latitude, longitude):
    content = SAMPLE.replace(b"55.67610 12.56834", f"{latitude} {longitude}".encode())
    (location,) = read_pidf(content, AT)
    if location.position is None:
        raise Refused(location.problem)


def mlp(latitude, longitude):
    content = MLP.replace("55 40 33.953N", str(latitude)).replace("12 34 6.013E", str(longitude))
    (position,) = read_mlp(content.encode(), AT).positions
    if position.position is None:
        raise Refused(position.problem)


def lost(latitude, longitude):
    root = ask(FIND.replace("55.67610 12.56834", f"{latitude} {longitude}"))
    if root.tag.endswith("errors"):
        raise Refused(f"{error_of(root)} {root[0].get('message')}")


def geoloc(latitude, longitude):
    answer = read_geoloc(CIRCLE.replace("55.6761 12.5683", f"{latitude} {longitude}"), AT)
    if answer.position is None:
        raise Refused(answer.reason)


def option(latitude, longitude):
    written_position(str(latitude), str(longitude))


def csv_row(latitude, longitude):
    list(written_rows([f"a,{latitude},{longitude}"]))


def cell_file(latitude, longitude, folder):
    file = folder / "cells.csv"
    file.write_text(",".join(COLUMNS) + "\n" + ROW.format(latitude, longitude), encoding="utf-8")
    CellIndex.read(file)


def rescue_file(latitude, longitude, folder):
    file = folder / "signs.csv"
    file.write_text(f"number,latitude,longitude,name,district\nF510,{latitude},{longitude},x,1461\n")
    RescueTable.read(file)


def polygon_file(latitude, longitude):
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"KOMKODE": "0101"},
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[["X", "Y"], [12.6, 55.6], [12.6, 55.7], ["X", "Y"]]],
                    },
                }
            ],
        }
    )
    both = text.replace('"X"', str(longitude)).replace('"Y"', str(latitude))
    if longitude == 55.676:  # every corner is exchanged, as in a file of the wrong axis order
        both = both.replace("12.6, 55.6", "55.6, 12.6").replace("12.6, 55.7", "55.7, 12.6")
    read_layer("x.geojson", both.encode(), built_in_territory())


READERS = (
    *(text_message, posted_form, pidf, mlp, lost, geoloc, option, csv_row),
    *(cell_file, rescue_file, polygon_file),
)
WRONG = {
    "no number": ("NaN", 12.568),
    "infinite": ("Infinity", 12.568),
    "inf": (55.676, "inf"),
    "beyond the pole": (91, 12.568),
    "once around and more": (55.676, 372.568),
    "exchanged": (12.568, 55.676),
    "in metres": (6_175_000, 724_000),
}


def asked(reader, latitude, longitude, folder):
    """Ask a reader; every form in which it may refuse comes out as `Refused`."""
    needs_folder = reader in (cell_file, rescue_file)
    try:
        reader(latitude, longitude, *((folder,) if needs_folder else ()))
    except (XmlRefused, ValueError) as refusal:
        raise Refused(str(refusal)) from None


@pytest.mark.parametrize("reader", READERS)
def test_good_coordinates_are_read_by_every_reader(reader, tmp_path):
    asked(reader, 55.676, 12.568, tmp_path)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("latitude", "longitude"), WRONG.values(), ids=WRONG)
def test_coordinates_without_sense_are_refused_by_every_reader_in_one_line(
    reader, latitude, longitude, tmp_path
):
    with pytest.raises(Refused, match=r"^[^\n]{5,300}$"):
        asked(reader, latitude, longitude, tmp_path)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>'
XML_READERS = {"pidf": (read_pidf, SAMPLE), "mlp": (read_mlp, MLP.encode())}


@pytest.mark.parametrize("name", XML_READERS)
@pytest.mark.parametrize("kind", ["bomb", "outside", "long", "deep"])
def test_hostile_xml_is_refused_at_once_and_in_one_line(name, kind):
    read, whole = XML_READERS[name]
    start = whole.index(b"<")
    content = {
        "bomb": BOMB.encode() + whole.replace(b">", b">&l9;", 1),
        "outside": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]>' + whole.replace(b">", b">&x;", 1),
        "long": whole[:start] + b"<!--" + b"x" * 10_000_000 + b"-->" + whole[start:],
        "deep": b"<a>" * 100_000 + whole + b"</a>" * 100_000,
    }[kind]
    began = time.perf_counter()
    with pytest.raises(XmlRefused, match=r"^[^\n]{5,160}$"):
        read(content, AT)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("head", [BOMB, "<!--" + "x" * 10_000_000 + "-->"])
def test_hostile_requests_get_the_bad_request_of_lost(head):
    declaration, rest = FIND.split("?>", 1)
    assert error_of(ask(f"{declaration}?>{head}{rest}")) == "badRequest"


@pytest.mark.parametrize(
    "message",
    [
        "x" * 10_000_000,
        GOOD + ";" * 10_000_000,
        "00\n" * 3_000_000,
        b"\xff" * 10_000_000,
        H1 + b"&" * 10_000_000,
        b"0040" * 2_500_000,
    ],
    ids=["letters", "separators", "lines", "octets", "form", "hexadecimal"],
)
def test_message_of_10_mb_is_kept_and_not_read(message):
    began = time.perf_counter()
    decoded = decode_any(message, AT)
    assert decode_parts([message], AT) == (decoded,)
    assert time.perf_counter() - began < 2
    assert decoded.position is None
    assert {Anomaly.OVERLONG, Anomaly.NOT_AML, Anomaly.NO_POSITION} == set(decoded.anomalies)
    octets = message.encode() if isinstance(message, str) else message
    assert decoded.raw == (octets.decode() if octets.isascii() else octets.hex())


def test_longest_message_that_is_read_has_64_kib():
    padded = GOOD + " " * (64 * 1024 - len(GOOD))
    assert decode_any(padded).position is not None
    assert decode_any(padded + " ").position is None
