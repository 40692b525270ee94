"""What is stated comes true, as far as the assumptions do."""

import pytest

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.calibration import KINDS, calibrate


@pytest.fixture(scope="module")
def results():
    return {(one.errors, one.density): one for one in calibrate(Atlas.built_in(), 3000, 7)}


def test_stated_probabilities_come_true_when_the_density_is_the_right_one(results):
    for kind, density in ((KINDS[0], "normal"), (KINDS[1], "uniform")):
        for part in results[kind.name, density].bins:
            if part.count >= 100:
                assert part.came_true == pytest.approx(part.stated, abs=0.12)


def test_95_percent_circle_of_rfc_7459_holds_91_8_percent_of_normal_errors(results):
    """Its radius is that of a square's half side: 1 - exp(-2.2365 ** 2 / 2) = 0.918."""
    assert results[KINDS[0].name, "normal"].coverage_95 == pytest.approx(0.918, abs=0.015)


def test_radius_that_is_understated_shows(results):
    assert results[KINDS[2].name, "normal"].coverage_95 < 0.55
    assert results[KINDS[2].name, "normal"].brier > results[KINDS[0].name, "normal"].brier


def test_same_seed_gives_the_same_result():
    one, other = (calibrate(Atlas.built_in(), 50, 3) for _ in range(2))
    assert one == other
