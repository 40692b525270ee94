"""Every form of location message is read, and whatever is in it, nothing is raised."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.aml_decode import forms
from tests.location.test_pidf import SAMPLE as PIDF
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.location_reader import LocationReader, Reading
from vagtcentral.ivr.setting import Setting, shipped_setting
from vagtcentral.ivr.whereabouts import Whereabouts
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.position import Source
from vagtcentral.location.rescue import RescueTable
from vagtcentral.location.sms_write import part_header

NOW = 1_768_473_010_000
CELL = "LTE-238-01-1011-257"
MLP = """<?xml version="1.0" encoding="UTF-8"?><svc_result><eme_lia ver="3.2.0"><eme_pos>
<msid type="MSISDN">{}</msid><pd><time utc_off="+0000">20260115103005</time><shape>
<CircularArea srsName="www.epsg.org#4326"><coord><X>55.6761</X><Y>12.5683</Y></coord><radius>300</radius>
</CircularArea></shape></pd></eme_pos>{}</eme_lia></svc_result>"""


def read(form: LocationForm, content: str, setting: Setting | None = None) -> Reading:
    return LocationReader(setting or shipped_setting()).read(LocationReceived(NOW, form, content))


EXAMPLES = {
    LocationForm.AML_SMS: (forms()["data, hexadecimal"], Source.GNSS),
    LocationForm.AML_HTTPS: (forms()["HTTPS form"], Source.GNSS),
    LocationForm.GEOLOC: ('shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"', Source.SIP),
    LocationForm.PIDF: (PIDF.decode(), Source.GNSS),
    LocationForm.MLP: (MLP.format("4520123456", ""), Source.CELL),
    LocationForm.CELL: (CELL, Source.CELL),
    LocationForm.CELL_CIRCLE: ("55.6761,12.5683,900", Source.CELL),
    LocationForm.GAD: ("104f307708effb14", Source.CELL),
    LocationForm.POSTCODE: ("2100", Source.KEYED),
    LocationForm.SQUARE: ("6175724", Source.KEYED),
    LocationForm.RESCUE: ("n 001", Source.KEYED),
}


@pytest.mark.parametrize("form", list(LocationForm))
def test_every_form_is_read_to_a_position(form: LocationForm) -> None:
    content, source = EXAMPLES[form]
    (position,) = read(form, content).positions
    assert position.source is source


@pytest.mark.parametrize("form", list(LocationForm))
def test_what_cannot_be_read_says_why_by_name(form: LocationForm) -> None:
    for content in ("", "nonsense", "<x/>"):
        reading = read(form, content)
        assert reading.positions == ()
        assert reading.anomalies
        assert not reading.from_handset


def test_a_square_far_from_danish_land_is_unknown() -> None:
    assert read(LocationForm.SQUARE, "60344") == Reading((), ("square-unknown",))


@pytest.mark.parametrize("name", [name for name, message in forms().items() if isinstance(message, str)])
def test_every_written_form_of_a_short_message_is_a_position_of_the_handset(name: str) -> None:
    reading = read(LocationForm.AML_SMS, forms()[name])
    assert reading.positions[0].latitude == 55.6761
    assert reading.from_handset


def test_only_a_handset_that_says_where_it_is_has_spoken() -> None:
    nowhere = forms()["text, version 1"].replace("lt=+55.67610;lg=+012.56834;rd=14", "lt=0;lg=0;rd=N")
    assert not read(LocationForm.AML_SMS, nowhere).from_handset
    assert not read(LocationForm.CELL_CIRCLE, "55.6761,12.5683,900").from_handset


@given(st.sampled_from([0, 1, 3, 5, 8, 9, 10]), st.binary(min_size=6, max_size=40))
def test_no_area_description_raises_and_one_without_a_position_says_so(kind: int, octets: bytes) -> None:
    """A call cannot be made to fall by what a network posts."""
    where = Whereabouts(shipped_setting(), "112")
    content = f"{kind << 4 | (len(octets) // 6 & 15):02x}{octets.hex()}"
    reading = read(LocationForm.GAD, content)
    assert reading.positions or reading.anomalies == ("gad-unreadable",)
    assert where.received(LocationReceived(NOW, LocationForm.GAD, content)).decision.reason


# --- parts ----------------------------------------------------------------------------------------


def test_parts_are_put_together_and_the_whole_takes_the_place_of_what_was_known_of_it() -> None:
    reader = LocationReader(shipped_setting())
    for order in (1, -1):
        first, second = forms()["two parts, 7-bit"].split("\n")[::order]
        early = reader.read(LocationReceived(NOW, LocationForm.AML_SMS, first))
        assert "part-missing" in early.anomalies
        whole = reader.read(LocationReceived(NOW + 1_000, LocationForm.AML_SMS, second))
        assert "part-missing" not in whole.anomalies
        assert whole.positions[0].latitude == 55.6761
        assert whole.replaces is (early.positions[0] if early.positions else None)
        reader = LocationReader(shipped_setting())


def test_a_part_that_gives_a_position_already_is_not_counted_beside_the_whole() -> None:
    first, second = forms()["two parts, UCS-2"].split("\n")
    where = Whereabouts(shipped_setting(), "112")
    early = where.received(LocationReceived(NOW, LocationForm.AML_SMS, first))
    assert early.located is not None
    shown = where.received(LocationReceived(NOW + 1_000, LocationForm.AML_SMS, second))
    assert shown.located is not None
    assert shown.located.position.source is Source.GNSS
    assert shown.evidence == ()


# --- documents ------------------------------------------------------------------------------------


def test_a_document_that_came_as_text_is_read_whatever_encoding_it_declares() -> None:
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + PIDF.decode()
    assert read(LocationForm.PIDF, declared).positions == read(LocationForm.PIDF, PIDF.decode()).positions


def test_the_first_telephone_of_a_location_servers_answer_is_the_callers() -> None:
    other = MLP.format("4599999999", "").partition('<eme_lia ver="3.2.0">')[2].partition("</eme_lia>")[0]
    reading = read(LocationForm.MLP, MLP.format("4520123456", other))
    assert len(reading.positions) == 1
    assert "mlp-several-telephones" in reading.anomalies


# --- tables ---------------------------------------------------------------------------------------


def test_invented_tables_say_so_and_loaded_ones_do_not() -> None:
    assert read(LocationForm.CELL, CELL).anomalies == ("cells-synthetic",)
    assert read(LocationForm.RESCUE, "N001").anomalies == ("rescue-numbers-synthetic",)
    table = replace(RescueTable.built_in(), synthetic=False)
    loaded = replace(shipped_setting(), cells=CellIndex.built_in(), rescue_numbers=table)
    assert read(LocationForm.CELL, CELL, loaded).anomalies == ()
    assert read(LocationForm.RESCUE, "N001", loaded).anomalies == ()


def test_a_cells_timing_advance_narrows_it_and_one_that_cannot_be_used_is_named() -> None:
    (sector,) = read(LocationForm.CELL, CELL).positions
    (ring,) = read(LocationForm.CELL, f"{CELL},3").positions
    assert (ring.radius_m or 0) < (sector.radius_m or 0)
    for advance in ("x", "99999", "123456", "-1"):
        reading = read(LocationForm.CELL, f"{CELL},{advance}")
        assert "timing-advance-unused" in reading.anomalies
        assert reading.positions == (sector,)


def test_a_cell_that_is_not_known_gives_its_area_and_says_so() -> None:
    reading = read(LocationForm.CELL, "LTE-238-01-1011-260")
    assert len(reading.positions) == 1
    assert "cell-unknown" in reading.anomalies


# --- whatever comes -------------------------------------------------------------------------------


def polygon_of(corners: str) -> str:
    """The sample document with a polygon in place of its circle."""
    ring = (
        f"<gml:exterior><gml:LinearRing><gml:posList>{corners}</gml:posList></gml:LinearRing></gml:exterior>"
    )
    polygon = PIDF.decode().replace("gs:Circle", "gml:Polygon")
    return polygon.replace("<gml:pos>55.67610 12.56834</gml:pos>", f"<gml:exterior>{ring}</gml:exterior>")


contents = st.one_of(
    st.text(max_size=80),
    st.text("0123456789abcdef", max_size=120),
    st.sampled_from([content for content, _ in EXAMPLES.values()]).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.text(max_size=3)).map(
            lambda cut: text[: cut[0]] + cut[1] + text[cut[0] + 1 :]
        )
    ),
    st.builds(
        lambda latitude, longitude, radius: f"{latitude},{longitude},{radius}",
        st.integers(-90, 90),
        st.integers(-180, 180),
        st.integers(1, 1_000_000),
    ),
    st.builds(
        polygon_of,
        st.lists(
            st.builds(lambda y, x: f"{y} {x}", st.integers(-90, 90), st.integers(-180, 180)),
            min_size=3,
            max_size=7,
        ).map(" ".join),
    ),
)


@given(
    st.lists(st.tuples(st.sampled_from(LocationForm), contents), max_size=4), st.sampled_from(["112", "114"])
)
def test_whatever_comes_in_whatever_form_nothing_is_raised(
    messages: list[tuple[LocationForm, str]], service: str
) -> None:
    where = Whereabouts(shipped_setting(), service)
    for nth, (form, content) in enumerate(messages):
        shown = where.received(LocationReceived(NOW + nth, form, content))
        assert shown.located is not None or shown.anomalies or where.located is None


def test_an_area_without_a_place_on_our_map_counts_by_its_circle_and_is_named() -> None:
    where = Whereabouts(shipped_setting(), "112")
    shown = where.received(LocationReceived(NOW, LocationForm.PIDF, polygon_of("0 0 0 -72 1 0")))
    assert "shape-unusable" in shown.anomalies
    assert shown.located is not None
    assert shown.located.position.shape is None


def test_an_area_whose_middle_has_no_place_on_our_map_is_far_away() -> None:
    where = Whereabouts(shipped_setting(), "112")
    shown = where.received(LocationReceived(NOW, LocationForm.PIDF, polygon_of("0 -118 -43 0 52 0")))
    assert shown.located is not None
    assert shown.located.districts == ()


def test_a_circle_anywhere_on_the_globe_is_taken_and_has_a_district_only_in_or_near_denmark() -> None:
    found = set()
    for latitude in range(-90, 91, 3):
        for longitude in range(-180, 181, 3):
            where = Whereabouts(shipped_setting(), "114")
            circle = f"{latitude},{longitude},900"
            shown = where.received(LocationReceived(NOW, LocationForm.CELL_CIRCLE, circle))
            assert shown.located is not None
            if shown.decision.district is not None:
                found.add((latitude, longitude))
    assert found == {(57, 9), (57, 12)}  # the second is the coast across the Kattegat, see docs/location.md


@given(st.sampled_from(LocationForm), st.text(st.characters(codec=None), max_size=30))
def test_half_characters_are_read_like_any_other(form: LocationForm, content: str) -> None:
    read(form, content + "\udce6")


def test_parts_of_a_data_message_with_their_header_left_on_give_a_position_when_all_have_come() -> None:
    octets = bytes.fromhex(forms()["data, hexadecimal"])
    pieces = [octets[start : start + 20] for start in range(0, len(octets), 20)]
    reader = LocationReader(shipped_setting())
    for number, piece in enumerate(pieces, start=1):
        part = part_header(9, len(pieces), number) + piece
        reading = reader.read(LocationReceived(NOW, LocationForm.AML_SMS, part.hex()))
    (position,) = reading.positions
    assert (position.latitude, position.longitude, position.radius_m) == (55.6761, 12.56834, 14.0)
    assert "part-missing" not in reading.anomalies
