"""When a scripted caller does what, known before he calls: from the script and the length of the prompts."""

from dataclasses import replace
from pathlib import Path

import pytest

from vagtcentral.ivr.plan import CallPlan
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.moving import moved
from vagtcentral.sim.rehearsal import rehearse
from vagtcentral.sim.script import ScriptError, find_script, load_script, shipped_scripts

SECOND = 1_000


def plan_of(name: str, prompt_ms: int = SECOND) -> CallPlan:
    return rehearse(find_script(name), shipped_setting(), lambda spoken: prompt_ms)


def test_keys_come_after_the_prompts_before_them() -> None:
    """`recorded`, `welcome`, and 4 s into `main` a 7; `wrong-key`, and 5 s into `main` a 6, and so on."""
    plan = plan_of("114-wrong-keys", 6 * SECOND)
    assert plan.keys == ((16_000, "7"), (27_000, "6"), (42_000, "4"))
    assert (plan.service, plan.number, plan.leaves_at) == ("114", "+4510114008", None)


def test_longer_prompts_make_keys_come_later() -> None:
    short, long = plan_of("114-keyed-postcode", SECOND), plan_of("114-keyed-postcode", 2 * SECOND)
    assert [key for _, key in short.keys] == [key for _, key in long.keys] == list("200005000")
    assert all(early < late for (early, _), (late, _) in zip(short.keys, long.keys, strict=True))


def test_a_caller_who_hangs_up_himself_leaves_when_he_does() -> None:
    plan = plan_of("114-hang-up-in-prompt")
    assert plan.leaves_at == plan.over_at > 0


def test_a_caller_who_is_hung_up_on_waits_for_it() -> None:
    plan = plan_of("114-self-service")
    assert plan.leaves_at is None
    assert plan.over_at > plan.keys[-1][0]


def test_a_caller_whose_script_has_him_lose_patience_leaves_when_he_does(tmp_path: Path) -> None:
    """Nobody who could take it is at work, and that is how the call is meant to end."""
    file = tmp_path / "impatient.yaml"
    text = (
        "{title: t, about: a, at: 2019-03-04T11:05:20Z, service: '112',"
        " caller: {number: '+4510112001', patience_s: 90}, staff: [{name: bo, skills: [theft]}]}"
    )
    file.write_text(text)
    plan = rehearse(load_script(file), shipped_setting(), lambda spoken: SECOND)
    assert plan.leaves_at == plan.over_at >= 90 * SECOND


@pytest.mark.parametrize("script", shipped_scripts(), ids=lambda script: script.name)
def test_every_recorded_call_can_be_rehearsed(script) -> None:
    plan = rehearse(script, shipped_setting(), lambda spoken: 3 * SECOND)
    instants = [at for at, _ in plan.keys]
    assert instants == sorted(instants)
    assert plan.over_at >= max(instants, default=0)


def test_a_call_that_never_ends_is_refused(tmp_path: Path) -> None:
    """Nobody who could take it is at work, and the caller is patient."""
    file = tmp_path / "patient.yaml"
    text = (
        "{title: t, about: a, at: 2019-03-04T11:05:20Z, service: '112', caller: {number: '+4510112001'},"
        " staff: [{name: bo, skills: [theft]}]}"
    )
    file.write_text(text)
    with pytest.raises(ScriptError, match=r"patient: the call does not end in 24 hours; let the caller hang"):
        rehearse(load_script(file), shipped_setting(), lambda spoken: SECOND)


def test_a_menu_that_is_not_there_is_refused() -> None:
    setting = shipped_setting()
    without = replace(setting, menus={"112": setting.menus["112"]})
    with pytest.raises(ScriptError, match="known menus are: 112"):
        rehearse(find_script("114-wrong-keys"), without, lambda spoken: SECOND)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("rd=9;top=20190304081458;lc=68", "rd=9;top=20190304081603;lc=68"),
        ("top=20191231235900", "top=20200101000005"),
        ("stop=20190304081458", "stop=20190304081458"),
        ("top=20191399999999", "top=20191399999999"),
        ("top=99991231235959", "top=99991231235959"),
        ("top=2019030408145", "top=2019030408145"),
        ("no time at all", "no time at all"),
    ],
)
def test_a_message_is_moved_with_its_call(text: str, later: str) -> None:
    assert moved(text, 65 * SECOND) == later
