"""Cells: identities, files, and the positions that follow from them."""

import csv
import gzip
import random
from math import cos, radians, sin

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.cells import CellIdentity, Radio, parse_cell
from vagtcentral.location.cells_index import BUILT_IN, COLUMNS, CellIndex
from vagtcentral.location.cells_position import (
    CELL_CONFIDENCE,
    ECHO_M,
    NOISE_M,
    Basis,
    cell_fix,
    cell_position,
    timing_band,
)
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import destination
from vagtcentral.location.territory import DATA
from vagtcentral.location.uncertainty import distance_m

HEADER = ",".join(COLUMNS)
ROW = "LTE,238,1,1234,29138433,45,12.568337,55.676098,1800,57,1,1406204196,1700000000,"
MASTS = (
    HEADER
    + """,azimuth,beamwidth
LTE,238,1,1234,257,1,12.5,55.7,3000,1,0,1,1,,90,120
GSM,238,1,1234,258,1,12.5,55.7,9000,1,0,1,1,,,
UMTS,238,1,1234,259,1,12.6,55.8,2000,1,0,1,1,,,
NR,238,66,70000,68719476735,1,12.5,55.7,800,1,0,1,1,,10,60
GSM,238,2,7,9,1,12.5,55.7,,1,1,1,1,,,
LTE,238,2,7,9,1,12.5,55.7,4000,1,0,1,1,,,
"""
)


@pytest.fixture
def read(tmp_path):
    def read(content, name="cells.csv", **more):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CellIndex.read(file, **more)

    return read


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("238-01-1234-56789", CellIdentity("238", "01", 1234, 56789)),
        (" 238-001-1-1 ", CellIdentity("238", "001", 1, 1)),
        ("lte-238-20-1-0", CellIdentity("238", "20", 1, 0, Radio.LTE)),
        ("WCDMA:238-06-1-268435455", CellIdentity("238", "06", 1, 268435455, Radio.UMTS)),
        ("NR-238-66-16777213-68719476735", CellIdentity("238", "66", 16777213, 68719476735, Radio.NR)),
    ],
)
def test_identity_is_read_with_the_leading_zero_of_its_network(text, identity):
    assert parse_cell(text) == identity
    assert parse_cell(str(identity)) == identity


@pytest.mark.parametrize(
    "text",
    [
        "", "238", "238-1-1-1", "238-01-1", "238-01-0-1", "238-01-x-1", "23-01-1-1", "238-01-1-68719476736",
        "GSM-238-01-1-65536", "LTE-238-01-1-268435456", "GSM-238-01-65534-1", "５-01-1-1", "238-01--1-1",
    ],
)  # fmt: skip
def test_impossible_identity_is_refused_with_the_text_seen(text):
    with pytest.raises(ValueError, match="cell"):
        parse_cell(text)


@pytest.mark.parametrize(
    ("area", "cell", "radios"),
    [
        (1, 1, (Radio.GSM, Radio.UMTS, Radio.LTE, Radio.NR)),
        (1, 0, (Radio.LTE, Radio.NR)),
        (1, 65536, (Radio.UMTS, Radio.LTE, Radio.NR)),
        (65534, 1, (Radio.NR,)),
        (1, 1 << 28, (Radio.NR,)),
    ],
)
def test_ranges_tell_which_networks_an_identity_can_be_of(area, cell, radios):
    assert CellIdentity("238", "01", area, cell).radios == radios


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("header", [f"{HEADER}\r\n", ""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_published_row_is_read_with_or_without_header_and_gzip(read, zipped, header, mark):
    content = mark + f"{header}{ROW}\r\n".encode()
    index = read(gzip.compress(content) if zipped else content)
    (cell,) = index.find(parse_cell("238-01-1234-29138433"))
    assert (cell.radio, cell.latitude, cell.longitude, cell.range_m) == (
        Radio.LTE,
        55.676098,
        12.568337,
        1800,
    )
    assert (cell.exact, cell.azimuth, cell.updated) == (False, None, 1_700_000_000)
    assert (index.data.name, index.data.official, index.data.date) == ("cells.csv", False, "2023-11-14")


def test_rows_that_cannot_be_used_are_counted_and_explained(read):
    bad = [
        ROW.replace("LTE", "CDMA"),
        ROW.replace("29138433", "999999999999"),
        ROW.replace("55.676098", "95"),
        ROW.replace("55.676098", "nan"),
        ROW.replace("12.568337", ""),
        ROW.replace("1234", "0"),
        ROW.replace("1800", "inf"),
        ROW.replace("1800", "-1"),
        ROW.replace("12.568337,55.676098", "55.676098,12.568337"),
        "LTE,238",
    ]
    index = read("\n".join([HEADER, *bad, ROW]))
    assert (len(index), index.refused) == (1, len(bad))
    assert index.refusals[0] == "row 2: radio 'CDMA' is none of GSM, UMTS, LTE, NR"


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", b"radio,mcc\n", b"\x1f\x8bxx", b"\xff\xfe\xff", b"PK\x03\x04xx", b"PK\x03\x04"],
)
def test_file_of_another_kind_is_refused_by_name(read, content):
    with pytest.raises(ValueError, match=r"cells\.csv"):
        read(content)


def test_file_without_any_usable_row_is_refused_and_says_what_is_wrong_with_the_first(read):
    exchanged = ROW.replace("12.568337,55.676098", "55.676098,12.568337")
    with pytest.raises(
        ValueError, match=r"cells\.csv: none of its 2 rows can be used; row 2: latitude 12.568337, "
    ):
        read("\n".join((HEADER, exchanged, exchanged)))
    elsewhere = exchanged.replace("238", "421")  # a real cell of Yemen may well stand there
    assert len(read("\n".join((HEADER, elsewhere)))) == 1


def test_newest_row_of_an_identity_counts(read):
    older = ROW.replace("1700000000", "1600000000").replace("1800", "99")
    for rows in ((ROW, older), (older, ROW)):
        index = read("\n".join((HEADER, *rows)))
        assert [cell.range_m for cell in index.find(parse_cell("238-01-1234-29138433"))] == [1800]


def test_only_the_countries_asked_for_are_kept(read):
    content = "\n".join((HEADER, ROW, ROW.replace("238", "240")))
    assert (len(read(content)), len(read(content, mcc=frozenset((238,))))) == (2, 1)


def test_saved_index_is_the_same(read, tmp_path):
    index = read(MASTS)
    index.save(tmp_path / "cells.npz")
    again = CellIndex.read(tmp_path / "cells.npz")
    assert index.rows.tobytes() == again.rows.tobytes()
    assert cell_position("238-01-1234-257", 0, 7, again) == cell_position("238-01-1234-257", 0, 7, index)


def test_index_finds_what_a_plain_search_finds():
    index = CellIndex.built_in()
    with (DATA / BUILT_IN).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == len(index) > 3000
    for row in random.Random(4).sample(rows, 200):
        text = f"{row['radio']}-{row['mcc']}-{int(row['net']):02d}-{row['area']}-{row['cell']}"
        (cell,) = index.find(parse_cell(text))
        assert (cell.latitude, cell.longitude) == (float(row["lat"]), float(row["lon"]))
        same = [
            one for one in rows if all(one[name] == row[name] for name in ("radio", "mcc", "net", "area"))
        ]
        assert len(index.area(parse_cell(text))) == len(same)


def test_sector_holds_its_cell_and_its_circle_holds_the_sector(read):
    fix = cell_fix("238-01-1234-257", 5, index=read(MASTS))
    position = fix.position
    assert (fix.basis, position.source, position.time) == (Basis.SECTOR, Source.CELL, 5)
    assert position.confidence == CELL_CONFIDENCE
    assert position.longitude > 12.51  # the beam points east
    assert position.radius_m < 3000
    figure = position.shape["figure"]
    assert (figure["name"], figure["start_angle"], figure["opening_angle"]) == ("ArcBand", 30, 120)
    for azimuth in range(30, 151, 5):
        for distance in (1, 1500, 3000):
            place = Position(*destination(55.7, 12.5, azimuth, distance))
            assert distance_m(position, place) <= position.radius_m * 1.005


@pytest.mark.parametrize(
    ("radio", "advance", "band"),
    [
        (Radio.GSM, 0, (0, 276.7)),
        (Radio.GSM, 7, (3597.5, 4151.0)),
        (Radio.GSM, 63, (34591.3, 35144.7)),
        (Radio.LTE, 1, (39.0, 117.1)),
        (Radio.LTE, 1282, (100046.7, 100124.8)),
        (Radio.NR, 10, (370.8, 819.7)),
    ],
)
def test_timing_advance_is_a_ring_half_a_step_to_either_side(radio, advance, band):
    assert timing_band(radio, advance) == pytest.approx(band, abs=0.1)


def test_nr_steps_halve_with_each_numerology():
    for mu, step in enumerate((78.07, 39.035, 19.5175, 9.75875)):
        inner, outer = timing_band(Radio.NR, 10, mu)
        assert (inner, outer) == pytest.approx((9.5 * step, 10.5 * step))


@pytest.mark.parametrize(
    ("radio", "advance"), [(Radio.UMTS, 1), (Radio.GSM, 220), (Radio.LTE, -1), (Radio.NR, 3847)]
)
def test_impossible_timing_advance_is_refused(radio, advance):
    with pytest.raises(ValueError, match="timing advance"):
        timing_band(radio, advance)


def test_timing_advance_narrows_the_sector_to_a_ring_widened_more_inwards(read):
    fix = cell_fix("238-01-1234-257", 0, 20, read(MASTS))
    inner, outer = timing_band(Radio.LTE, 20)
    figure = fix.position.shape["figure"]
    assert fix.timing_advance_used
    assert figure["inner_radius"] == pytest.approx(inner - ECHO_M)
    assert figure["outer_radius"] == pytest.approx(outer + NOISE_M)
    assert "timing advance 20" in fix.reason
    mast = Position(55.7, 12.5)
    assert distance_m(fix.position, mast) > 500  # the middle of the band, not the mast


def test_callers_drawn_in_the_ring_are_in_the_shape_that_is_drawn(read):
    import shapely

    position = cell_position("238-01-1234-257", 0, 20, read(MASTS))
    drawn = shapely.Polygon(position.shape["coordinates"][0])
    dice = random.Random(114)
    for _ in range(300):
        azimuth, distance = dice.uniform(31, 149), dice.uniform(19.6, 20.4) * 78.07
        latitude, longitude = destination(55.7, 12.5, azimuth, distance)
        assert drawn.contains(shapely.Point(longitude, latitude))
        assert distance_m(position, Position(latitude, longitude)) <= position.radius_m


def test_cell_without_a_beam_is_a_circle_and_with_timing_advance_a_ring(read):
    index = read(MASTS)
    circle = cell_fix("GSM-238-01-1234-258", 0, index=index)
    assert (circle.basis, circle.position.radius_m, circle.position.shape) == (Basis.CELL, 9000, None)
    ring = cell_fix("GSM-238-01-1234-258", 0, 7, index).position
    assert ring.shape["figure"]["opening_angle"] == 360
    assert ring.radius_m == pytest.approx(4151 + NOISE_M, abs=1)
    assert (ring.latitude, ring.longitude) == pytest.approx((55.7, 12.5))


def test_umts_timing_advance_is_not_used_and_the_reason_says_so(read):
    fix = cell_fix("UMTS-238-01-1234-259", 0, 7, read(MASTS))
    assert not fix.timing_advance_used
    assert "UMTS has no timing advance, so it was not used" in fix.reason
    assert fix.position.radius_m == 2000


def test_cell_known_from_where_it_was_heard_is_never_tiny_and_its_ring_is_wide(read):
    index = read("\n".join((HEADER, ROW.replace("1800", "40"))))
    assert cell_position("238-01-1234-29138433", 0, index=index).radius_m == 1000
    ring = cell_position("238-01-1234-29138433", 0, 100, index).shape["figure"]
    inner, outer = timing_band(Radio.LTE, 100)
    assert ring["outer_radius"] - ring["inner_radius"] == pytest.approx(
        outer - inner + 1000 + ECHO_M + NOISE_M
    )


def test_identity_of_two_networks_is_the_larger_cell_and_says_so(read):
    fix = cell_fix("238-02-7-9", 0, index=read(MASTS))
    assert fix.position.radius_m == 10_000
    assert "GSM and LTE" in fix.reason
    assert "taken to be 10000 m" in fix.reason
    assert cell_position("LTE-238-02-7-9", 0, index=read(MASTS)).radius_m == 4000


def test_unknown_cell_gives_the_area_that_holds_all_its_cells(read):
    index = read(MASTS)
    fix = cell_fix("238-01-1234-777", 0, 5, index)
    assert (fix.basis, fix.timing_advance_used) == (Basis.AREA, False)
    assert "not known; this is its area, from 3 cells" in fix.reason
    for cell in index.area(parse_cell("238-01-1234-777")):
        apart = distance_m(fix.position, Position(cell.latitude, cell.longitude))
        assert apart + cell.range_m <= fix.position.radius_m + 0.01
    assert "from 1 cells" in cell_fix("UMTS-238-01-1234-777", 0, index=index).reason


@pytest.mark.parametrize("text", ["238-01-4321-1", "240-01-1234-257", "238-10-1234-257", "nonsense", ""])
def test_unknown_area_or_nonsense_gives_no_position_but_a_reason(read, text):
    fix = cell_fix(text, 0, index=read(MASTS))
    assert (fix.position, fix.basis) == (None, Basis.NONE)
    assert fix.reason.endswith(".")
    assert cell_position(text, 0, index=read(MASTS)) is None


def test_greatest_identity_of_nr_is_found(read):
    assert cell_fix("238-66-70000-68719476735", 0, index=read(MASTS)).basis is Basis.SECTOR


def test_shipped_network_is_synthetic_small_and_says_so():
    content = (DATA / BUILT_IN).read_bytes()
    assert content.startswith(b"# Synthetic: no mast is real.")
    assert len(gzip.compress(content)) < 300_000
    index = CellIndex.built_in()
    assert "synthetic" in index.data.name
    assert not index.data.official
    assert index.refused == 0
    assert set(index.rows["radio"].tolist()) == {radio.value for radio in Radio}


def test_shipped_masts_stand_in_denmark_and_their_sectors_cover_all_directions():
    index, atlas = CellIndex.built_in(), Atlas.built_in()
    for row in index.rows[::40]:
        _, _, _, _, latitude, longitude, *_ = row.item()
        assert atlas.covers(Position(latitude, longitude))
    beams = index.rows["azimuth"][:3]
    assert sum(cos(radians(beam)) for beam in beams) == pytest.approx(0, abs=1e-6)
    assert sum(sin(radians(beam)) for beam in beams) == pytest.approx(0, abs=1e-6)
