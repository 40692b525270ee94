"""Several positions of one call made into one."""

from dataclasses import replace
from math import cos, radians, sin, sqrt, tau
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.location.density import SIGMAS_IN_95
from vagtcentral.location.fusion import fuse
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import converted, distance_m, factor_to_95

NOW = 1_700_000_000_000
HERE = (55.6761, 12.5683)
LONDON = Position(51.5, -0.12, 5, 0.95, NOW, Source.GNSS)


def at(north_m=0.0, radius=100.0, source=Source.GNSS, ago_s=0.0, confidence=0.95):
    return Position(HERE[0] + north_m / 111_195, HERE[1], radius, confidence, int(NOW - ago_s * 1000), source)


# --- averaging ------------------------------------------------------------------------------------


def test_two_equal_positions_meet_in_the_middle_and_are_surer_together():
    fused = fuse([at(), at(100)], NOW)
    assert fused.position.source is Source.FUSED
    assert distance_m(at(50), fused.position) < 0.1
    assert fused.position.radius_m < 100
    assert fused.position.confidence == 0.95
    assert [part.weight for part in fused.parts] == pytest.approx([0.5, 0.5])


def test_weight_is_one_over_the_square_of_the_radius():
    weights = [part.weight for part in fuse([at(), at(radius=300)], NOW).parts]
    assert weights[0] / weights[1] == pytest.approx(9)


def test_older_position_weighs_less():
    fresh, old = fuse([at(), at(ago_s=40)], NOW).parts
    assert old.radius_95_m == pytest.approx(100 + 40 * 5)
    assert old.weight == pytest.approx(fresh.weight / 9)


def test_outlier_is_kept_and_named_and_does_not_weigh():
    fused = fuse([at(), at(20_000, 500, Source.CELL)], NOW)
    assert fused.position == at()
    assert fused.parts[1].weight == 0
    assert fused.parts[1].reason == "outlier: cell and gnss 20.0 km apart, 95 % radii 500 m and 100 m"
    assert fused.disagreements == ("cell and gnss 20.0 km apart, 95 % radii 500 m and 100 m",)
    assert fuse([at(), at(20_000, 30_000, Source.CELL)], NOW).disagreements == ()


def test_many_positions_never_shrink_the_radius_below_half_of_the_best():
    assert fuse([at()] * 40, NOW).position.radius_m == pytest.approx(50)


def test_single_position_comes_back_as_it_was():
    assert fuse([at()], NOW).position == at()
    assert str(fuse([at()], NOW).parts[0]) == "gnss 100 m at 95 %, weight 1.00: most certain"


def test_no_position_is_refused():
    with pytest.raises(ValueError, match="no positions"):
        fuse([], NOW)


def drawn(random, radius, even):
    """A position whose circle holds HERE with 95 %, or if it is even, always."""
    if even:
        away, turn = radius * sqrt(random.random()), random.uniform(0, tau)
        north, east = away * cos(turn), away * sin(turn)
    else:
        north, east = random.gauss(0, radius / SIGMAS_IN_95), random.gauss(0, radius / SIGMAS_IN_95)
    latitude, longitude = HERE[0] + north / 111_195, HERE[1] + east / 111_195 / cos(radians(HERE[0]))
    source = Source.CELL if even else Source.GNSS
    return Position(latitude, longitude, radius, None if even else 0.95, NOW, source)


@pytest.mark.parametrize(
    ("radii", "even", "least"),
    [
        ((3000, 3000), True, 0.89),
        ((3000, 3000, 3000), True, 0.93),
        ((2000, 3500, 5000), True, 0.95),
        ((50, 50), False, 0.94),
        ((30, 60, 90), False, 0.96),
    ],
)
def test_the_circle_of_an_average_holds_the_caller_about_as_often_as_it_says(radii, even, least):
    random = Random(5)
    held = averaged = 0
    for _ in range(2_000):
        position = fuse([drawn(random, radius, even) for radius in radii], NOW).position
        if position.source is Source.FUSED:
            averaged += 1
            held += distance_m(Position(*HERE), position) <= position.radius_m
    assert averaged > 1_900
    assert held / averaged > least


# --- counting alone -------------------------------------------------------------------------------


def test_a_fix_keeps_its_source_and_time_beside_a_cell_too_coarse_to_move_it():
    fused = fuse([at(800, 3000, Source.CELL), at()], NOW)
    assert fused.position == at()
    assert [part.weight for part in fused.parts] == [0, 1]
    assert "too coarse" in fused.parts[0].reason
    assert fused.disagreements == ()


def test_what_a_caller_told_is_not_averaged_with_what_was_measured():
    cell, told = at(500, 3000, Source.CELL), at(0, 2000, Source.KEYED)
    fused = fuse([cell, told], NOW)
    assert fused.position is told
    assert [part.weight for part in fused.parts] == [0, 1]
    assert "what a caller told" in fused.parts[0].reason
    surer = fuse([at(500, 1500, Source.CELL), told], NOW)
    assert surer.position.source is Source.CELL
    assert "what a caller told" in surer.parts[1].reason


# --- who is outvoted --------------------------------------------------------------------------------


def test_one_wrong_fix_however_precise_is_outvoted_by_three_that_agree():
    wrong = at(3_000, 10)
    good = [at(0, 50), at(20, 50, Source.WIFI), at(-20, 55, Source.FUSED)]
    cell = at(1_500, 3_000, Source.CELL)  # agrees with all of them, and says nothing for either
    for order in ([wrong, *good, cell], [cell, *good, wrong], [good[0], wrong, cell, *good[1:]]):
        fused = fuse(order, NOW)
        assert distance_m(at(), fused.position) < 30
        assert [part.position for part in fused.parts if "outlier" in part.reason] == [wrong]
        assert len(fused.disagreements) == 1


def test_two_coarser_ones_or_any_number_of_cells_do_not_outvote_a_fix():
    fix = at(5_000, 10)
    assert fuse([fix, at(0, 50), at(20, 50)], NOW).position is fix
    assert fuse([fix, *(at(north, 2_000, Source.CELL) for north in range(8))], NOW).position is fix


def test_a_moving_callers_older_fixes_do_not_outvote_the_newest():
    older = [at(100 * nth, 20, ago_s=40 - 10 * nth) for nth in range(4)]
    newest = at(1_000, 20)
    assert fuse([*older, newest], NOW).position is newest


# --- which is the most certain ---------------------------------------------------------------------


def most_certain(*positions, covers=None):
    parts = fuse(positions, NOW, covers).parts
    return next(part.position for part in parts if part.reason == "most certain")


def test_precise_fix_beats_the_cell_in_either_order_until_it_has_grown_old():
    cell, fix = at(0, 3000, Source.CELL), at(0, 15, ago_s=5)
    assert most_certain(cell, fix) is most_certain(fix, cell) is fix
    assert most_certain(at(0, 15, ago_s=3600), cell) is cell


def test_newer_of_two_equal_fixes_counts_and_of_two_as_new_the_more_direct():
    old, new = at(radius=100, ago_s=20), at(radius=195, ago_s=1)
    assert most_certain(old, new) is most_certain(new, old) is new
    wifi, gnss = at(source=Source.WIFI), at()
    assert most_certain(wifi, gnss) is most_certain(gnss, wifi) is gnss


def test_a_fix_abroad_adds_nothing_to_a_position_in_denmark():
    near, abroad = at(radius=9_000), at(108_000, 33)
    fused = fuse([near, abroad], NOW, lambda position: position is near)
    assert fused.position == near
    fused = fuse([near, replace(abroad, radius_m=150_000)], NOW, lambda position: position is near)
    assert fused.position == near
    assert fused.parts[1].reason == "too far from Denmark to be averaged with what is not"
    assert fuse([near, abroad], NOW, lambda position: False).position == abroad


def test_confidence_is_evened_out_before_radii_are_compared():
    wide, narrow_but_unsure = at(radius=20), at(radius=15, confidence=0.5)
    assert most_certain(narrow_but_unsure, wide) is wide


def test_position_abroad_counts_only_if_there_is_no_other_and_is_named():
    def denmark(position):
        return position.latitude > 54

    cell = at(0, 3000, Source.CELL)
    fused = fuse([LONDON, cell], NOW, denmark)
    assert fused.position is cell
    assert len(fused.disagreements) == 1
    assert fuse([LONDON, cell], NOW).position is LONDON
    zeros = Position(0.0, 0.0, 50, 0.68, NOW, Source.GNSS)
    assert fuse([LONDON, zeros], NOW, denmark).position is LONDON


@given(
    st.lists(
        st.builds(
            Position,
            st.floats(-90, 90),
            st.floats(-180, 180),
            st.none() | st.floats(0, 1e7),
            st.none() | st.floats(0.01, 0.99),
            st.none() | st.integers(0, 2 * NOW),
            st.sampled_from(Source),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_positions_give_one_on_the_globe_with_weights_that_add_up(positions):
    fused = fuse(positions, NOW)
    assert abs(fused.position.latitude) <= 90
    assert abs(fused.position.longitude) <= 180
    assert fused.position.radius_m is None or fused.position.radius_m >= 0
    assert sum(part.weight for part in fused.parts) == pytest.approx(1)
    assert [part.position for part in fused.parts] == positions


@pytest.mark.parametrize("radius", [5e-324, 1e-200])
def test_a_radius_next_to_nothing_weighs_as_a_metre(radius):
    assert fuse([at(radius=radius), at(100)], NOW).parts[0].radius_95_m == 1


def test_two_positions_on_either_side_of_the_date_line_meet_on_it():
    pair = [Position(10.0, 179.999, 500.0, 0.95, NOW), Position(10.0, -179.999, 500.0, 0.95, NOW)]
    assert abs(fuse(pair, NOW).position.longitude) == pytest.approx(180)


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "factor"), [("rfc7459-normal-2d", 1.650), ("rayleigh", 1.6215), ("normal-1d", 1.971)]
)
def test_radius_is_converted_by_the_model_named(model, factor):
    assert converted(1.0, 0.68, 0.95, model) == pytest.approx(factor, abs=0.0006)
    if model == "rfc7459-normal-2d":
        assert converted(1.0, 0.68, 0.95, model) == pytest.approx(factor_to_95(0.68))


def test_even_density_only_shrinks_and_other_models_are_refused():
    assert converted(100, 0.95, 0.68, "rfc7459-rectangular") == pytest.approx(84.6, abs=0.1)
    assert converted(100, 0.68, 0.95, "rfc7459-rectangular") == 100
    with pytest.raises(ValueError, match="none of"):
        converted(100, 0.68, 0.95, "guess")
    with pytest.raises(ValueError, match="not between"):
        converted(100, 1.0, 0.95)
