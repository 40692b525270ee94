"""The collector is off during a run and as it was afterwards, and a run leaves it nothing to do."""

import gc

import pytest

from vagtcentral.ivr.call import Call
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.collector import quiet_collector
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import shipped_scripts


def test_the_collector_is_off_inside_and_as_before_outside() -> None:
    assert gc.isenabled()
    with quiet_collector():
        assert not gc.isenabled()
        with quiet_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_run_that_fails_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(KeyError), quiet_collector():
        raise KeyError
    assert gc.isenabled()


def test_calls_that_are_over_are_freed_without_the_collector() -> None:
    """Were there cycles, a long run with the collector off would fill the memory."""
    setting = shipped_setting()
    events = [[turn.event for turn in play_virtual(script, setting)] for script in shipped_scripts()]
    gc.collect()
    with quiet_collector():
        for call_events in events:
            call = Call(setting)
            for event in call_events:
                call.handle(event)
            del call
        assert gc.collect() == 0
