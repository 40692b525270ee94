"""Radii at 95 % and distances."""

import pytest

from vagtcentral.location.position import Position, Source
from vagtcentral.location.uncertainty import (
    AS_SENT,
    MODELS,
    NO_RADIUS,
    NORMAL_1D,
    RAYLEIGH,
    RECTANGULAR,
    RFC_7459_NORMAL_2D,
    conversion,
    converted,
    distance_m,
    factor_to_95,
    radius_95,
    sigmas_holding,
)

FIX = Position(55.6, 12.5, 100, 0.68, 7, Source.GNSS)


#: What a radius is multiplied with to have 95 %: by RFC 7459, and on the exact circle and the exact axis.
FACTORS = {
    0.38: (2.567, 2.503, 3.953),
    0.3935: (2.509, 2.4477, 3.805),
    0.5: (2.126, 2.079, 2.906),
    0.67: (1.674, 1.644, 2.012),
    0.68: (1.650, 1.6215, 1.971),
    0.6827: (1.644, 1.6155, 1.960),
    0.83: (1.315, 1.300, 1.428),
    0.9: (1.148, 1.141, 1.192),
    0.95: (1, 1, 1),
    0.99: (0.797, 0.807, 0.761),
}


@pytest.mark.parametrize(("confidence", "factors"), FACTORS.items())
def test_factors_to_95_percent_by_model(confidence, factors):
    for model, factor in zip((RFC_7459_NORMAL_2D, RAYLEIGH, NORMAL_1D), factors, strict=True):
        assert factor_to_95(confidence, model) == pytest.approx(factor, abs=0.0006)


def test_even_density_shrinks_and_never_grows():
    assert factor_to_95(0.68, RECTANGULAR) == 1
    assert converted(100, 0.95, 0.68, RECTANGULAR) == pytest.approx(100 * (0.68 / 0.95) ** 0.5)


@pytest.mark.parametrize("model", [name for name in MODELS if name != RECTANGULAR])
def test_conversion_there_and_back_changes_nothing(model):
    assert converted(converted(100, 0.68, 0.95, model), 0.95, 0.68, model) == pytest.approx(100)


def test_default_is_the_model_of_the_rfc_and_another_is_chosen_by_its_name():
    assert factor_to_95(0.68) == factor_to_95(0.68, "rfc7459-normal-2d")
    assert radius_95(FIX, "rayleigh") == pytest.approx(162.15, abs=0.01)
    assert conversion(FIX, "rayleigh") == "rayleigh"
    with pytest.raises(ValueError, match="model 'guess' is none of rfc7459-normal-2d, rayleigh, normal-1d"):
        radius_95(FIX, "guess")


def test_circle_of_one_standard_deviation_holds_39_percent():
    assert sigmas_holding(0.393469) == pytest.approx(1, abs=1e-5)


def test_example_of_rfc_7459_figure_11():
    assert radius_95(Position(0, 0, 850.24, 0.67)) == pytest.approx(1423, abs=1)


def test_model_is_named():
    assert conversion(Position(55, 12, 14, 0.68)) == RFC_7459_NORMAL_2D
    assert conversion(Position(55, 12, 14)) == AS_SENT
    assert conversion(Position(55, 12)) == conversion(Position(55, 12, 0, 0.68)) == NO_RADIUS


def test_no_radius_and_radius_zero_are_unknown():
    assert radius_95(Position(55, 12)) is None
    assert radius_95(Position(55, 12, 0, 0.68)) is None
    assert radius_95(Position(55, 12, 14)) == 14


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 68, float("nan")])
def test_confidence_outside_its_range_is_refused(confidence):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        radius_95(Position(55, 12, 14, confidence))


def test_distance_copenhagen_to_aarhus():
    """157 km by the usual tables (Rådhuspladsen to Aarhus Domkirke, WGS84 geodesic 156.8 km)."""
    there = distance_m(Position(55.6761, 12.5683), Position(56.1570, 10.2107))
    assert there == pytest.approx(156_800, rel=0.005)
