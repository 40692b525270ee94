"""Several positions of one call made into one."""

import pytest

from vagtcentral.location.fusion import fuse
from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import converted, distance_m, factor_to_95

NOW = 1_700_000_000_000
HERE = (55.6761, 12.5683)


def at(north_m=0.0, radius=100.0, source=Source.GNSS, ago_s=0.0):
    return Position(HERE[0] + north_m / 111_195, HERE[1], radius, 0.95, int(NOW - ago_s * 1000), source)


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
    fresh, old = fuse([at(), at(ago_s=60)], NOW).parts
    assert old.radius_95_m == pytest.approx(100 + 60 * 5)
    assert old.weight < fresh.weight / 10


def test_outlier_is_kept_and_named_and_does_not_weigh():
    fused = fuse([at(), at(20_000, 500, Source.CELL)], NOW)
    assert fused.position == at()
    assert fused.parts[1].weight == 0
    assert fused.parts[1].reason == (
        "outlier: 20.0 km from the most certain (gnss), 95 % radii 500 m and 100 m"
    )


def test_many_positions_never_shrink_the_radius_below_half_of_the_best():
    assert fuse([at()] * 40, NOW).position.radius_m == pytest.approx(50)


def test_single_position_comes_back_as_it_was():
    assert fuse([at()], NOW).position == at()


def test_no_position_is_refused():
    with pytest.raises(ValueError, match="no positions"):
        fuse([], NOW)


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
