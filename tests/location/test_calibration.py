"""What is stated comes true, as far as the assumptions do."""

import re
from math import exp, log, sqrt

import pytest
from lxml import etree

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.calibration import KINDS, Bin, Calibration, calibrate
from vagtcentral.location.density import SIGMAS_IN_95
from vagtcentral.location.uncertainty import (
    NORMAL_1D,
    RAYLEIGH,
    RECTANGULAR,
    RFC_7459_NORMAL_2D,
    factor_to_95,
)

AS_STATED, SCALED, ONE_AXIS, EVEN = (kind.name for kind in KINDS)
SVG = "{http://www.w3.org/2000/svg}"


def measured(model=RFC_7459_NORMAL_2D, calls=3000, kinds=KINDS):
    results = calibrate(Atlas.built_in(), calls, 7, model, kinds)
    return {(one.errors, one.density): one for one in results}


@pytest.fixture(scope="module")
def results():
    return measured()


def held_by(radius: float) -> float:
    """The share of a circular normal distribution within so many standard deviations."""
    return 1 - exp(-(radius**2) / 2)


def far_from_true(calibration):
    """The bins in which chances came true more or less often than three standard errors allow."""
    return [
        part
        for part in calibration.bins
        if abs(part.came_true - part.stated) > 3 * sqrt(part.stated * (1 - part.stated) / part.count)
    ]


def test_stated_probabilities_come_true_when_the_assumptions_are_right_and_else_do_not(results):
    exact = measured(RAYLEIGH, 6000, KINDS[:1])
    assert far_from_true(exact[AS_STATED, "normal"]) == []
    assert exact[AS_STATED, "normal"].mean_gap < 0.02
    assert far_from_true(results[EVEN, "uniform"]) == []
    assert far_from_true(results[ONE_AXIS, "normal"])


def test_the_95_percent_circle_of_the_density_that_is_integrated_holds_95_percent():
    assert held_by(SIGMAS_IN_95) == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("model", "share"),
    [(RFC_7459_NORMAL_2D, 0.9551), (RAYLEIGH, 0.95), (NORMAL_1D, 0.9880), (RECTANGULAR, 0.68)],
)
def test_share_of_normal_errors_that_each_model_holds_if_the_68_percent_are_true(model, share):
    """By the formula, and as simulated: RFC 7459 errs to the safe side, Rayleigh's is exact."""
    sigmas_in_68 = (-2 * log(0.32)) ** 0.5
    assert held_by(sigmas_in_68 * factor_to_95(0.68, model)) == pytest.approx(share, abs=0.0001)
    result = measured(model, 3000, KINDS[:1])[AS_STATED, "normal"]
    assert result.coverage_95 == pytest.approx(share, abs=0.02)
    assert result.model == model


def test_radius_that_means_something_else_shows(results):
    """One standard deviation of one axis, stated as 68 %: its circle holds 39 %, its 95 % circle 74 %."""
    assert results[ONE_AXIS, "normal"].coverage_95 == pytest.approx(0.744, abs=0.03)
    assert results[ONE_AXIS, "normal"].brier > results[AS_STATED, "normal"].brier
    assert results[SCALED, "normal"].coverage_95 == pytest.approx(0.988, abs=0.01)
    assert results[EVEN, "uniform"].coverage_95 == 1


def test_wrong_density_leaves_a_wider_gap_between_what_is_stated_and_what_comes_true(results):
    assert results[AS_STATED, "normal"].mean_gap < results[AS_STATED, "uniform"].mean_gap
    assert results[AS_STATED, "normal"].brier < results[AS_STATED, "uniform"].brier
    assert results[EVEN, "uniform"].brier < results[EVEN, "normal"].brier


def test_callers_of_a_seed_are_the_same_whatever_the_model():
    one, other = (measured(model, 200, KINDS[3:])[EVEN, "uniform"] for model in (RAYLEIGH, NORMAL_1D))
    assert (one.brier, one.bins) == (other.brier, other.bins)  # nothing is stated that could be converted
    assert (one.model, other.model) == (RAYLEIGH, NORMAL_1D)


def test_same_seed_gives_the_same_result():
    one, other = (calibrate(Atlas.built_in(), 50, 3) for _ in range(2))
    assert one == other


def test_unknown_model_is_refused():
    with pytest.raises(ValueError, match="model 'guess' is none of rfc7459-normal-2d"):
        calibrate(Atlas.built_in(), 1, 1, "guess")


def calibration(kind, density, *bins):
    return Calibration(kind, density, RAYLEIGH, 100, 0.95, 0.02, 0.01, bins)


CURVE = (Bin(0.1, 0.2, 10, 0.15, 0.1), Bin(0.4, 0.5, 10, 0.45, 0.6), Bin(0.9, 1.0, 10, 0.95, 0.9))
OTHER = (Bin(0.0, 0.1, 10, 0.05, 0.2), Bin(0.8, 0.9, 10, 0.85, 0.7))


@pytest.fixture
def drawn(tmp_path):
    """A drawing of two panels, one of them with two curves, and its root element."""
    plot = pytest.importorskip("vagtcentral.location.calibration_plot", reason="the extra report is missing")
    results = [calibration("a", "normal", *CURVE), calibration("a", "uniform", *OTHER)]
    plot.draw([*results, calibration("b", "normal", *OTHER)], tmp_path / "one.svg")
    plot.draw([*results, calibration("b", "normal", *OTHER)], tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    return etree.parse(tmp_path / "one.svg").getroot()


def points(root, name):
    (curve,) = root.iterfind(f".//{SVG}g[@id='{name}']")
    numbers = re.findall(r"[-\d.]+", curve.find(f"{SVG}path").get("d"))
    return [(float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


@pytest.mark.parametrize(
    ("name", "bins"), [("panel-1-normal", CURVE), ("panel-1-uniform", OTHER), ("panel-2-normal", OTHER)]
)
def test_drawing_has_each_curve_where_its_bins_say(drawn, name, bins):
    """From the first point of a curve to any other, both axes have one and the same scale."""
    (x, y), *others = points(drawn, name)
    assert len(others) == len(bins) - 1
    scales = []
    for (across, down), one in zip(others, bins[1:], strict=True):
        scales += [
            (across - x) / (one.stated - bins[0].stated),
            (y - down) / (one.came_true - bins[0].came_true),
        ]
    assert scales == pytest.approx([scales[0]] * len(scales), rel=0.001)
    assert scales[0] > 0


def test_drawing_names_its_panels_and_axes_as_text(drawn):
    said = {text.text for text in drawn.iter(f"{SVG}text")}
    assert {"a", "b", "probability stated", "share that came true", "answered as uniform"} <= said
