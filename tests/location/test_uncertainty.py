"""Radii at 95 % and distances."""

import pytest

from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import (
    AS_SENT,
    NO_RADIUS,
    RFC_7459_NORMAL_2D,
    conversion,
    distance_m,
    factor_to_95,
    radius_95,
)


@pytest.mark.parametrize(
    ("confidence", "factor"),
    [
        (0.38, 2.567),
        (0.5, 2.126),
        (0.67, 1.674),
        (0.68, 1.650),
        (0.83, 1.315),
        (0.9, 1.148),
        (0.95, 1),
        (0.99, 0.797),
    ],
)
def test_factors_are_those_of_rfc_7459_in_two_dimensions(confidence, factor):
    assert factor_to_95(confidence) == pytest.approx(factor, abs=0.0006)


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
