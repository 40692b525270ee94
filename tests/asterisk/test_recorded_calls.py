"""Every recorded call through a real Asterisk, by real telephones: the same commands as in the simulator."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.conftest import Switch, _end, _launch
from tests.asterisk.real_scene import play_real
from vagtcentral.evaluation.codec import encode_commands
from vagtcentral.ivr.commands import Command, Enqueue, SetTimer, ShowLocation
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import CallPolicy, shipped_setting
from vagtcentral.menus.prompts import PromptStore
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, shipped_scripts

SETTING = replace(shipped_setting(), policy=CallPolicy(call_back_every_ms=6_000))


@pytest.fixture(scope="session")
def prompts() -> Iterator[PromptStore]:
    """All prompts of the shipped menus, spoken."""
    with tempfile.TemporaryDirectory(prefix="vagt-prompts-") as folder:
        store = PromptStore(Path(folder))
        for menu in SETTING.menus.values():
            store.speak_all(menu)
        yield store


@pytest.fixture(scope="session")
def talking_switch(prompts: PromptStore) -> Iterator[Switch]:
    """A switch that can play the prompts."""
    running = _launch(prompt_folders=(prompts.folder,))
    yield running
    _end(running)


def shortened(script: Script) -> Script:
    """The same call with short conversations and short waits for staff: the same commands in less time."""

    def act(given: Any) -> Any:
        talks = None if given.talks_s is None else min(given.talks_s, 2.0)
        return given.model_copy(update={"talks_s": talks, "wraps_up_s": min(given.wraps_up_s, 1.5)})

    def member(given: Any) -> Any:
        ready = given.ready_after_s
        return given.model_copy(update={"ready_after_s": None if ready is None else min(ready, 90.0)})

    operators = tuple(map(act, script.operators))
    return script.model_copy(update={"operators": operators, "staff": tuple(map(member, script.staff))})


def told(turns: list[Turn]) -> list[str]:
    """All commands of a call in order, without the instants in them."""
    return [encode_commands((timeless(command),)) for turn in turns for command in turn.commands]


def timeless(command: Command) -> Command:
    match command:
        case SetTimer():
            return replace(command, due=0)
        case Enqueue():
            return replace(command, since=0)
        case ShowLocation(located=located) if located is not None:
            position = replace(located.position, time=None)
            return replace(command, located=replace(located, position=position))
    return command


@pytest.mark.parametrize("script", shipped_scripts(), ids=lambda script: script.name)
async def test_a_recorded_call_on_asterisk_gives_the_commands_of_the_simulator(
    script: Script, talking_switch: Switch, prompts: PromptStore, tmp_path: Path
) -> None:
    short = shortened(script)
    real = await play_real(short, SETTING, talking_switch, prompts, tmp_path / "phones")
    simulated = list(play_virtual(short, SETTING, prompts.duration_ms))
    assert told(real) == told(simulated)
    assert talking_switch.rx("core show channels concise").strip() == ""
