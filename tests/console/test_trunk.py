"""How the settings have a real switch used."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vagtcentral.console.settings import Settings
from vagtcentral.console.trunk import AsteriskTrunk, asterisk_plan
from vagtcentral.ivr.asterisk.ari_settings import Transport
from vagtcentral.ivr.clock import WallClock

PROMPTS: Any = SimpleNamespace(media=lambda spoken: f"sound:{spoken.name}")


def test_by_default_phones_show_114_and_call_backs_go_out_through_the_network() -> None:
    plan = asterisk_plan(Settings(), PROMPTS, {"anna": "PJSIP/anna"})
    assert (plan.caller_id, plan.call_back("+4520304050")) == ("114", "PJSIP/+4520304050@network")
    assert plan.endpoints == {"anna": "PJSIP/anna"}


def test_number_shown_trunk_and_recordings_are_those_of_the_settings() -> None:
    settings = Settings(caller_id="+4533148888", trunk="tdc", recordings=Path("/srv/vagt/recordings"))
    plan = asterisk_plan(settings, PROMPTS, {})
    assert plan.caller_id == "+4533148888"
    assert plan.call_back("20304050") == "PJSIP/20304050@tdc"
    assert plan.recordings == "/srv/vagt/recordings"


@pytest.mark.parametrize("ring_s", [3, 15, 120])
def test_the_switch_never_ends_ringing_before_the_call_machine_does(ring_s: int) -> None:
    assert asterisk_plan(Settings(ring_s=ring_s), PROMPTS, {}).ring_s > ring_s


@pytest.mark.parametrize("name", ["http", "socket"])
async def test_requests_reach_the_switch_as_the_setting_says(name: str) -> None:
    def nothing(*_: object) -> Any:
        return None

    parts = (PROMPTS, {}, WallClock(), nothing, nothing, nothing, nothing, nothing)
    trunk = AsteriskTrunk(Settings(ari_transport=name), *parts)
    assert trunk.client._transport is Transport(name)
    await trunk.close()
