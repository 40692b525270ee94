"""Several positions of one call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.evidence import best, cell_circle
from vagtcentral.location.position import Position, Source

NOW = 1_700_000_000_000
TOWN = (55.6761, 12.5683)
LONDON = Position(51.5, -0.12, 5, 0.95, NOW, Source.GNSS)


def gnss(radius: float | None = 15, ago_s: float = 5) -> Position:
    return Position(*TOWN, radius, 0.68, int(NOW - ago_s * 1000), Source.GNSS)


def cell(radius: float = 3000, latitude: float = 55.6761) -> Position:
    return Position(latitude, 12.5683, radius, None, NOW, Source.CELL)


def test_single_position_is_the_answer():
    assert best([cell()], NOW).position == cell()
    assert best([LONDON], NOW) == best([LONDON], NOW)
    assert best([LONDON], NOW).position == LONDON


def test_no_position_is_refused():
    with pytest.raises(ValueError, match="no positions"):
        best([], NOW)


def test_precise_handset_fix_beats_the_cell_in_either_order():
    assert best([cell(), gnss()], NOW).position == gnss()
    assert best([gnss(), cell()], NOW).position == gnss()


def test_fix_that_has_grown_old_gives_way_to_the_cell():
    hour_old = gnss(ago_s=3600)
    assert best([hour_old, cell()], NOW).position == cell()
    assert best([hour_old, cell()], hour_old.time).position == hour_old


def test_newer_of_two_equal_fixes_counts():
    old, new = gnss(ago_s=20), gnss(ago_s=2)
    assert best([old, new], NOW).position is new
    assert best([new, old], NOW).position is new


def test_confidence_is_evened_out_before_radii_are_compared():
    wide = Position(*TOWN, 20, 0.95, NOW, Source.GNSS)
    narrow_but_unsure = Position(*TOWN, 15, 0.5, NOW, Source.GNSS)
    assert best([narrow_but_unsure, wide], NOW).position is wide


def test_unknown_radius_never_counts_as_exact():
    assert best([gnss(radius=None), gnss(radius=60)], NOW).position.radius_m == 60


def test_fix_from_the_future_does_not_count_as_fresh():
    future = Position(*TOWN, 15, 0.68, NOW + 3_600_000, Source.GNSS)
    assert best([future, gnss(radius=100)], NOW).position.radius_m == 100


def test_keyed_postcode_does_not_age():
    keyed = Position(*TOWN, 1000, 0.9, NOW - 3_600_000, Source.KEYED)
    assert best([keyed, cell()], NOW).position is keyed


def test_position_abroad_is_passed_over_only_if_there_is_another_and_is_named():
    evidence = best([LONDON, cell()], NOW)
    assert evidence.position == cell()
    assert len(evidence.disagreements) == 1
    zeros = Position(0.0, 0.0, 50, 0.68, NOW, Source.GNSS)
    assert best([LONDON, zeros], NOW).position is LONDON


def test_own_predicate_decides_what_is_passed_over():
    assert best([LONDON, cell()], NOW, lambda position: position is LONDON).position is LONDON


def test_circles_apart_are_named_with_their_distance_and_radii():
    north = 55.6761 + 12 / 111.2
    assert best([gnss(), cell(latitude=north)], NOW).disagreements == (
        "gnss and cell 12.0 km apart, 95 % radii 25 m and 3000 m",
    )
    assert best([gnss(), cell(latitude=north, radius=12_000)], NOW).disagreements == ()


def test_cell_circle_is_read():
    assert cell_circle("55.70,12.45,2500", NOW) == Position(55.70, 12.45, 2500, None, NOW, Source.CELL)
    assert cell_circle(" 55.70, 12.45, 2500.5\n", NOW).radius_m == 2500.5


@pytest.mark.parametrize(
    "text",
    ["", "55.7,12.4", "55.7,12.4,0", "55.7,12.4,-5", "91,12,5", "55,181,5", "a,b,c", "55.7,12.4,nan",
     "1,2,3,4", "55.7,12.4,1e3", "55.7,12.4,9999999999"],
)  # fmt: skip
def test_what_is_no_cell_circle_gives_nothing(text):
    assert cell_circle(text, NOW) is None


@given(st.text())
def test_cell_circle_never_raises(text):
    cell_circle(text, NOW)
