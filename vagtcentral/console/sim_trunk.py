"""Calls from the simulated switch."""

import asyncio
import random
from collections.abc import Callable, Sequence

from vagtcentral.console.settings import Settings, SettingsError, variable
from vagtcentral.console.trunk import Arrived
from vagtcentral.ivr.carrier import Carrier, Report
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.journal import Turn
from vagtcentral.sim.live import LiveSwitch
from vagtcentral.sim.script import Script, shipped_scripts


def sim_scripts(settings: Settings) -> tuple[Script, ...]:
    """The recorded calls that ring; `SettingsError` for a name that there is not."""
    there = {script.name: script for script in shipped_scripts() if script.menu == script.service}
    if settings.sim_calls == "all":
        return tuple(there.values())
    names = [name.strip() for name in settings.sim_calls.split(",")]
    unknown = [name for name in names if name not in there]
    if unknown:
        line = f"{variable('sim_calls')}: no call {', '.join(unknown)}; there are: {', '.join(there)}"
        raise SettingsError([line])
    return tuple(there[name] for name in names)


class SimTrunk:
    """Simulated callers, and colleagues at every desk at which nobody sits."""

    def __init__(
        self,
        clock: Clock,
        report: Report,
        arrived: Arrived,
        resume: Callable[[], None],
        manned: Callable[[str], bool],
        scripts: tuple[Script, ...],
        every_s: float,
    ) -> None:
        self.switch = LiveSwitch(scripts, clock, report, arrived, manned, random.Random(), every_s)
        self._resume = resume
        self._closed = asyncio.Event()
        self.connected = False

    @property
    def carrier(self) -> Carrier:
        """What carries out the calls' commands."""
        return self.switch

    def restore(self, turns: Sequence[Turn]) -> None:
        """The caller stays on the line, patient, as a caller on a real switch would."""
        self.switch.restore(turns)

    async def start(self) -> None:
        """Let the restored calls go on, and callers ring."""
        self.connected = True
        self._resume()
        self.switch.start()

    async def until_ended(self) -> None:
        """Return when closed."""
        await self._closed.wait()

    async def close(self) -> None:
        """Let nobody ring any more."""
        self.connected = False
        self.switch.stop()
        self._closed.set()

    def pick_up(self, call_id: str, operator: str) -> bool:
        """The operator takes the call."""
        line = self.switch.lines.get(call_id)
        if line is not None:
            line.pick_up(operator)
        return True

    def put_down(self, call_id: str, operator: str) -> None:
        """The operator declines the call, or hangs up."""
        line = self.switch.lines.get(call_id)
        if line is not None:
            line.put_down(operator)
