"""What a position counts for: the radius assumed where none was sent, and what age does to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import decide
from vagtcentral.location.evidence import (
    ASSUMED,
    ASSUMED_RADIUS_M,
    Counted,
    aged_radius_m,
    cell_circle,
    counted,
    counted_radius_m,
    locate_counted,
)
from vagtcentral.location.located import Action
from vagtcentral.location.position import Position, Source

NOW = 1_700_000_000_000
TOWN = (55.6761, 12.5683)


def gnss(radius: float | None = 15, ago_s: float = 0) -> Position:
    return Position(*TOWN, radius, 0.95, int(NOW - ago_s * 1000), Source.GNSS)


def test_radius_grows_with_age_at_the_drift_of_a_caller():
    assert aged_radius_m(gnss(15, ago_s=0), NOW) == 15
    assert aged_radius_m(gnss(15, ago_s=60), NOW) == 15 + 60 * 5


def test_unknown_time_and_a_time_from_the_future_count_as_two_minutes_old():
    undated = Position(*TOWN, 15, 0.95, None, Source.GNSS)
    assert aged_radius_m(undated, NOW) == aged_radius_m(gnss(15, ago_s=-3_600), NOW) == 15 + 120 * 5
    assert aged_radius_m(gnss(15, ago_s=-20), NOW) == 15  # a clock that is a little ahead


def test_what_was_keyed_does_not_age():
    assert aged_radius_m(Position(*TOWN, 1000, 0.95, NOW - 3_600_000, Source.KEYED), NOW) == 1000


@pytest.mark.parametrize("source", list(Source))
def test_missing_radius_counts_as_assumed_for_its_source_and_never_as_exact(source):
    for radius in (None, 0):
        assert counted_radius_m(Position(*TOWN, radius, None, NOW, source)) == ASSUMED_RADIUS_M[source] >= 100


# --- where a position is, as it counts --------------------------------------------------------------

#: Near the border of Vestegnen (1469) and København (1470).
NEAR_BORDER = (55.705, 12.455)


def near_border(radius: float | None, source: Source = Source.GNSS, ago_s: float = 0) -> Position:
    return Position(*NEAR_BORDER, radius, 0.68, int(NOW - ago_s * 1000), source)


def likeliest(position: Position, at: int | None = NOW) -> float:
    located = locate_counted(Atlas.built_in(), position, at)
    assert located.position is position  # the answer has it as it came
    return located.district.probability


@pytest.mark.parametrize("radius", [None, 0])
def test_unknown_accuracy_is_never_certain_near_a_border(radius):
    for source in (Source.UNKNOWN, Source.CELL, Source.SIP, Source.FUSED):
        assert likeliest(near_border(radius, source)) < 0.9
    located = locate_counted(Atlas.built_in(), near_border(radius, Source.UNKNOWN), NOW)
    decision = decide(located, "114")
    assert decision.action is Action.ASK
    assert "accuracy is unknown" in decision.reason
    assert counted(near_border(radius, Source.UNKNOWN), NOW) == Counted(10_000, ASSUMED, 0)


def test_an_old_fix_is_never_as_certain_as_a_fresh_one():
    chances = [likeliest(near_border(10, ago_s=ago_s)) for ago_s in (0, 60, 600, 7_200)]
    assert chances[0] == 1
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.6
    assert counted(near_border(10, ago_s=600), NOW).radius_95_m == pytest.approx(16.5 + 3_000, abs=0.1)
    assert counted(near_border(10, ago_s=600), NOW).age_s == 600
    assert likeliest(near_border(10, ago_s=7_200), None) == 1  # without a clock nothing is old


def test_age_widens_an_area_that_is_no_circle_too():
    ring = [[12.452, 55.704], [12.458, 55.704], [12.458, 55.706], [12.452, 55.706], [12.452, 55.704]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    fresh, old = (
        Position(*NEAR_BORDER, 220, 0.95, NOW - ago_s * 1000, Source.SIP, shape) for ago_s in (0, 600)
    )
    assert likeliest(fresh) == 1
    assert likeliest(old) < 0.9


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
