"""The collector is quiet during a run and as it was afterwards, also when the run fails."""

import gc

import pytest

from vagtcentral.sim.collector import THRESHOLDS, quiet_collector


def test_the_collector_is_quiet_inside_and_as_before_outside() -> None:
    before = gc.get_threshold()
    with quiet_collector():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_run_that_fails_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), quiet_collector():
        raise KeyError
    assert gc.get_threshold() == before
