"""Plays all scenes of a programme into one journal, in virtual time or at a given speed."""

import asyncio
from collections.abc import Sequence

from vagtcentral.ivr.clock import WallClock
from vagtcentral.ivr.journal import Journal
from vagtcentral.ivr.setting import Setting
from vagtcentral.sim.scene import Witness, play_live, play_virtual
from vagtcentral.sim.script import Script


async def play_all_virtual(scripts: Sequence[Script], setting: Setting, journal: Journal) -> None:
    """Play every scene in virtual time; each turn is durable before anything follows from it."""
    await asyncio.gather(*(_play_virtual(script, setting, journal) for script in scripts))


async def _play_virtual(script: Script, setting: Setting, journal: Journal) -> None:
    for turn in play_virtual(script, setting):
        await journal.append((turn,))


async def play_all_live(
    scripts: Sequence[Script],
    setting: Setting,
    journal: Journal,
    speed: float,
    witness: Witness = lambda call_id, event, commands: None,
) -> None:
    """Play every scene behind the asyncio controller, all beginning now, at `speed` times real time."""
    await asyncio.gather(
        *(play_live(script, setting, journal, WallClock(script.start, speed), witness) for script in scripts)
    )
