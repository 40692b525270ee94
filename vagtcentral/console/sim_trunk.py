"""Calls from the simulated switch."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from functools import partial

from vagtcentral.console.settings import Settings, SettingsError, variable
from vagtcentral.ivr.carrier import Arrived, Carrier, Report
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.events import RecordingStored
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.atlas import Atlas
from vagtcentral.menus.audio import AudioError
from vagtcentral.menus.espeak import SpeechError
from vagtcentral.sim.conversation import Utterance
from vagtcentral.sim.live import LiveSwitch
from vagtcentral.sim.personas import Cast
from vagtcentral.sim.script import Script, shipped_scripts
from vagtcentral.sim.speech import Voices

log = logging.getLogger(__name__)

#: The setting's value for callers with a story of their own, whom one can talk with.
PERSONAS = "personas"


def sim_scripts(settings: Settings) -> tuple[Script, ...]:
    """The recorded calls that may ring; `SettingsError` for a name that there is not."""
    there = {script.name: script for script in shipped_scripts() if script.menu == script.service}
    if settings.sim_calls in (PERSONAS, "all"):
        return tuple(there.values())
    names = [name.strip() for name in settings.sim_calls.split(",")]
    unknown = [name for name in names if name not in there]
    if unknown:
        allowed = ", ".join((PERSONAS, "all", *there))
        line = f"{variable('sim_calls')}: no call {', '.join(unknown)}; there are: {allowed}"
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
        settings: Settings,
        atlas: Atlas,
    ) -> None:
        """`SettingsError` where the settings name a recorded call that there is not."""
        scripts = sim_scripts(settings)
        cast = Cast(atlas) if settings.sim_calls == PERSONAS else None
        self.switch = LiveSwitch(
            scripts,
            clock,
            report,
            arrived,
            manned,
            random.Random(),
            settings.sim_every_s,
            cast,
            self._record,
        )
        self.voices = Voices(settings.voices, settings.voice_rate)
        self._folder = settings.recordings
        self._clock = clock
        self._report = report
        self._writing: set[asyncio.Task[None]] = set()
        self._resume = resume
        self._closed = asyncio.Event()
        self.connected = False

    @property
    def carrier(self) -> Carrier:
        """What carries out the calls' commands."""
        return self.switch

    @property
    def rings_in_page(self) -> bool:
        """True: there are no telephones."""
        return True

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
        """Let nobody ring any more, and finish the recordings."""
        self.connected = False
        self.switch.stop()
        await asyncio.gather(*self._writing)
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

    def _record(self, call_id: str, name: str, lines: tuple[Utterance, ...]) -> None:
        """Write what was said as sound, beside everything else: speaking takes a while."""
        task = asyncio.create_task(self._write(call_id, name, lines))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, call_id: str, name: str, lines: tuple[Utterance, ...]) -> None:
        file = self._folder / f"{call_id}-{name}.wav"
        try:
            seconds = await asyncio.to_thread(partial(self.voices.record, lines, file))
        except (SpeechError, AudioError, OSError) as error:
            log.warning("call %s: no recording: %s", call_id, error)
            return
        self._report(call_id, RecordingStored(self._clock.now(), name, str(file), seconds))
