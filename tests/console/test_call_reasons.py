"""The reasons of a replay: each step has one, in both languages, and they are the rules that decided."""

from dataclasses import replace
from functools import cache

import pytest

from vagtcentral.console.live import live_staff
from vagtcentral.console.pages.call_reasons import Reasoner
from vagtcentral.console.pages.call_replay import changed_since, play_again
from vagtcentral.console.settings import Settings
from vagtcentral.console.words import LANGUAGES, say_in
from vagtcentral.ivr.call import Call
from vagtcentral.ivr.inside import state_of
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script, shipped_scripts

SETTING = shipped_setting()
NAMES = {row.code: row.name for row in SETTING.atlas.territory.districts.values()}
STAFF = [member.operator for member in live_staff(Settings())]


@cache
def played(name: str) -> list[Turn]:
    return list(play_virtual(find_script(name), SETTING))


def reasons(turns: list[Turn], language: str = "en", staff=STAFF) -> list[list[str]]:
    return Reasoner(say_in(language), SETTING, staff, NAMES).all_reasons(turns)


def everything(name: str) -> str:
    return "\n".join(line for step in reasons(played(name)) for line in step)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", [script.name for script in shipped_scripts()])
def test_every_step_of_every_recorded_call_has_a_reason(script: str, language: str) -> None:
    told = reasons(played(script), language)
    assert len(told) == len(played(script))
    for step in told:
        assert step
        assert all(line.strip() and "{" not in line for line in step)


def test_why_a_node_a_queue_and_an_operator_are_told_from_the_values_of_the_call() -> None:
    told = everything("114-transfer")
    assert "Key 1 at main leads to reports." in told
    assert "Key 2 at taken leads to switchboard-theft." in told
    assert "omstilling-1 asked for a transfer to Theft and burglary" in told
    assert "omstilling-1 has just sent the caller on, and does not get him again." in told
    assert "oestjylland-service has the skill Theft and burglary" in told
    assert "The place in the queue is that of" in told
    assert "(15 s): so long the telephone of an operator rings." in told
    assert (
        "Nothing was keyed at waiting_time, which has asked 0 times again: then it leads to goodbye." in told
    )


def test_an_operator_of_the_callers_district_is_told_apart_from_a_neighbour() -> None:
    turns = played("112-aml-late")
    assert any("His district is that of the call." in step for step in reasons(turns))
    near = SETTING.atlas.neighbours["1469"][0]
    moved = [replace(one, district=near) if one.name == "vestegnen-vagt" else one for one in STAFF]
    told = [line for step in reasons(turns, staff=moved) for line in step]
    assert "His district is a neighbour of the call's: after 3 s neighbours count too." in told
    assert any("he took the call out of turn himself" in line for line in told)
    gone = [one for one in STAFF if one.name != "vestegnen-vagt"]
    assert any(
        "not on the staff as it is now" in line for step in reasons(turns, staff=gone) for line in step
    )


def test_the_whole_state_is_shown_and_is_that_of_the_machine() -> None:
    turns = played("114-transfer")
    states = play_again(turns, SETTING).states
    assert len(states) == len(turns)
    rung = states[6]
    assert (rung["phase"], rung["legs.ringing"], rung["errand.skill"]) == (
        "waiting",
        "omstilling-1",
        "switchboard",
    )
    assert rung["line.timers.ring"] == turns[6].event.at + 15_000
    assert states[-1]["closed"] is True
    call = Call(SETTING)
    assert state_of(call)["phase"] == "new"  # before anything has happened, too
    parts = {name.split(".")[0] for name in rung}
    slots = {slot.lstrip("_") for slot in Call.__slots__} - {"setting", "turns"}
    assert parts == slots, "a variable of the machine that is not shown"


def test_what_has_changed_since_the_call_is_told() -> None:
    turns = played("112-aml-late")
    assert changed_since(turns, SETTING) == ()
    first = replace(turns[0], event=replace(turns[0].event, menu_sha256="0" * 64, atlas_sha256="0" * 64))
    assert changed_since([first, *turns[1:]], SETTING) == ("menu", "geometry")
