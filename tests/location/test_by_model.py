"""Areas brought to 95 % by a model that somebody has chosen."""

from dataclasses import replace
from math import sqrt

import pytest

from vagtcentral.location.by_model import at_95
from vagtcentral.location.position import Position, Source
from vagtcentral.location.shape_geometry import position_of, shape_of
from vagtcentral.location.shapes import Ellipse, Pdf, Sphere
from vagtcentral.location.uncertainty import (
    NORMAL_1D,
    RAYLEIGH,
    RECTANGULAR,
    conversion,
    factor_to_95,
    radius_95,
    share_inside,
)

FIX = Position(55.6, 12.5, 100, 0.68, 7, Source.GNSS)
ELLIPSE = Ellipse(55.6, 12.5, 1000.0, 500.0, 30.0, 0.68, Pdf.NORMAL)


def test_position_is_converted_once_and_keeps_the_rest():
    assert at_95(FIX, RAYLEIGH) == replace(FIX, radius_m=radius_95(FIX, RAYLEIGH), confidence=0.95)
    assert radius_95(at_95(FIX, RAYLEIGH)) == radius_95(FIX, RAYLEIGH)


@pytest.mark.parametrize(
    "position",
    [
        replace(FIX, radius_m=None),
        replace(FIX, radius_m=0),
        replace(FIX, confidence=None),
        replace(FIX, shape={"type": "Polygon"}),
        replace(FIX, source=Source.CELL),
        replace(FIX, source=Source.UNKNOWN, confidence=0.99),
    ],
)
def test_what_has_nothing_to_convert_stays_as_it_is(position):
    assert at_95(position, RAYLEIGH) is position


@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_an_even_density_gains_nothing_by_being_taken_for_95_percent(confidence):
    known = replace(FIX, confidence=confidence)
    even = at_95(known, RECTANGULAR)
    assert (even.radius_m, even.confidence, share_inside(even)) == (100, confidence, confidence)


def test_an_even_density_shrinks_from_above_95_percent():
    even = at_95(replace(FIX, confidence=0.99), RECTANGULAR)
    assert radius_95(even) == pytest.approx(100 * sqrt(0.95 / 0.99))


@pytest.mark.parametrize("model", [RAYLEIGH, NORMAL_1D])
def test_an_ellipse_grows_by_the_model_about_its_centre(model):
    factor = factor_to_95(0.68, model)
    position = at_95(position_of(ELLIPSE, 7), model)
    assert radius_95(position) == pytest.approx(1000 * factor)
    assert (position.latitude, position.longitude, position.time) == (55.6, 12.5, 7)
    grown = shape_of(position)
    assert (grown.semi_major, grown.semi_minor) == pytest.approx((1000 * factor, 500 * factor))
    assert conversion(position, model) == model


def test_a_sphere_grows_as_a_circle_does():
    sphere = position_of(Sphere(55.6, 12.5, 40.0, 100.0, 0.68, Pdf.NORMAL))
    circle = replace(sphere, shape=None)
    assert at_95(sphere, RAYLEIGH).radius_m == pytest.approx(at_95(circle, RAYLEIGH).radius_m)
