"""Every recorded call through a real Asterisk, by real telephones: the same turns as in the simulator."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.conftest import cannot
from tests.asterisk.real_scene import Stage, play_by_the_clock, play_step_by_step
from tests.asterisk.switch import Switch
from tests.asterisk.tones import Tones
from vagtcentral.ivr.commands import (
    Command,
    Connect,
    Enqueue,
    RefuseOffer,
    RingOperator,
    SetTimer,
    ShowLocation,
)
from vagtcentral.ivr.events import (
    CallerHungUp,
    CallerUnanswered,
    Event,
    OperatorUnanswered,
    RecordingStored,
    TimerFired,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, shipped_scripts
from vagtcentral.sim.switch import spoken_ms

SCRIPTS = shipped_scripts()

#: How long each prompt is on the switch when the scene's clock waits for it. What happens in a scene before a
#: prompt ends must be done in this time: at most a key (0.2 s), or a telephone that is rung and answered.
PROMPT_MS = 1_500

#: Calls that are played with the time running, too: those in which no two things happen in the same second.
BY_THE_CLOCK = ("112-pocket-call", "114-hang-up-in-prompt", "114-self-service")
SPEED = 2.0
#: How much too early an instant may be then, in milliseconds: the end of a prompt is told when it was sent.
EARLY_MS = 100


@pytest.fixture(autouse=True)
def telephones() -> None:
    """Real ones are needed."""
    if shutil.which("baresip") is None:
        cannot("no baresip: apt-get install baresip-core")


def operators_of(turns: list[Turn]) -> list[str]:
    """The operators who are rung, each once."""
    commands = [command for turn in turns for command in turn.commands]
    return list(dict.fromkeys(each.operator for each in commands if isinstance(each, RingOperator)))


def in_our_words(turn: Turn) -> tuple[Event, tuple[Command, ...]]:
    """A turn without the words in which a network says why a leg has ended."""
    match turn.event:
        case CallerHungUp() as event:
            return replace(event, cause=""), turn.commands
        case CallerUnanswered() as event:
            return replace(event, reason=""), turn.commands
        case OperatorUnanswered() as event:
            return replace(event, reason=""), tuple(map(without_reason, turn.commands))
        case event:
            return event, turn.commands


def without_reason(command: Command) -> Command:
    return replace(command, reason="") if isinstance(command, RefuseOffer) else command


def timeless(event: Event, commands: tuple[Command, ...]) -> tuple[Event, tuple[Command, ...]]:
    """A turn without the instants in it."""
    due: dict[str, Any] = {"due": 0} if isinstance(event, TimerFired) else {}
    return replace(event, at=0, **due), tuple(map(timeless_command, commands))


def timeless_command(command: Command) -> Command:
    match command:
        case SetTimer():
            return replace(command, due=0)
        case Enqueue():
            return replace(command, since=0)
        case ShowLocation(located=located) if located is not None:
            timeless = replace(located, position=replace(located.position, time=None))
            # How old a fix is, and with that how far the caller may have gone since, is a matter of time too.
            return replace(command, located=timeless, age_s=0.0, radius_95_m=0.0)
    return command


def told(turns: list[Turn]) -> list[tuple[Event, tuple[Command, ...]]]:
    """What the simulator has of a call too: all but the recordings, which it does not make."""
    return [in_our_words(turn) for turn in turns if not isinstance(turn.event, RecordingStored)]


def recordings_asked(turns: list[Turn]) -> list[str]:
    commands = [command for turn in turns for command in turn.commands]
    return [each.record for each in commands if isinstance(each, Connect) and each.record is not None]


def recordings_stored(turns: list[Turn]) -> list[str]:
    """The names of the recordings that are there."""
    events = [turn.event for turn in turns]
    return [each.name for each in events if isinstance(each, RecordingStored) and Path(each.path).is_file()]


async def nobody_left_on(switch: Switch) -> bool:
    """Whether all channels and bridges have ended; the last may take a moment."""
    for _ in range(100):
        channels = await asyncio.to_thread(switch.rx, "core show channels concise")
        bridges = (await asyncio.to_thread(switch.rx, "bridge show all")).splitlines()[1:]
        if not channels.strip() and not bridges:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_a_recorded_call_on_asterisk_gives_the_turns_of_the_simulator(
    script: Script, switch: Switch, tmp_path: Path
) -> None:
    setting = shipped_setting()
    simulated = list(play_virtual(script, setting))
    tones = Tones(switch.written.folder / "tones", lambda _: PROMPT_MS)
    stage = Stage(setting, switch, tones.media, tmp_path)
    real = await play_step_by_step(script, stage, operators_of(simulated))
    assert told(real) == told(simulated)
    assert recordings_stored(real) == recordings_asked(simulated)
    assert await nobody_left_on(switch)


@pytest.mark.parametrize("name", BY_THE_CLOCK)
async def test_a_recorded_call_on_asterisk_gives_the_same_turns_while_the_time_runs(
    name: str, switch: Switch, tmp_path: Path
) -> None:
    script = next(each for each in SCRIPTS if each.name == name)
    setting = shipped_setting()
    simulated = list(play_virtual(script, setting))
    tones = Tones(switch.written.folder / "tones", lambda spoken: round(spoken_ms(spoken) / SPEED))
    stage = Stage(setting, switch, tones.media, tmp_path)
    real = await play_by_the_clock(script, stage, operators_of(simulated), SPEED)
    pairs = list(zip(told(real), told(simulated), strict=True))
    assert [timeless(*ours) for ours, _ in pairs] == [timeless(*theirs) for _, theirs in pairs]
    late = [ours[0].at - theirs[0].at for ours, theirs in pairs]
    assert min(late) > -EARLY_MS  # how late is the machine's affair
    assert await nobody_left_on(switch)
