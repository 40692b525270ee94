"""The end of each recording reaches its call, whether the switch tells it or not."""

import asyncio

from vagtcentral.ivr.asterisk.calls import AsteriskCalls
from vagtcentral.ivr.asterisk.line import AsteriskLine
from vagtcentral.ivr.asterisk.recordings import recording_path, seconds_of
from vagtcentral.ivr.clock import Clock
from vagtcentral.ivr.events import CommandFailed, RecordingStored

#: How long the switch may take to tell that a recording has ended, in seconds; an assumption.
RECORDED_S = 2.0


class RecordingEnds:
    """Recordings, in `folder`, are named after their call: one that ends late still finds it."""

    def __init__(self, calls: AsteriskCalls, clock: Clock, folder: str) -> None:
        self._calls = calls
        self._clock = clock
        self._folder = folder
        self._untold: set[str] = set()
        self._waiting: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Wait for the ends that are still expected."""
        if self._waiting:
            await asyncio.wait(self._waiting)

    def ending(self, name: str) -> None:
        """The recording is about to end."""
        self._untold.add(name)

    def expect(self, call_id: str, name: str) -> None:
        """It has been ended: tell of it even if the switch does not.

        It may say nothing where the bridge ends in the same moment (Asterisk 22, busy machine: 3 in 1050).
        """
        task = asyncio.get_running_loop().create_task(self._wait_for(call_id, name))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _wait_for(self, call_id: str, name: str) -> None:
        await asyncio.sleep(RECORDED_S)
        if name in self._untold:
            self._untold.discard(name)
            self.unseen(call_id, name)

    def stored(self, name: str, audio_format: str, seconds: int | None) -> None:
        """The switch tells that it has ended, and its length in whole seconds: the file says it better."""
        self._untold.discard(name)
        line = self._line_of(name)
        if line is not None:
            line.recording = None if line.recording == name else line.recording
            path = recording_path(self._folder, name, audio_format)
            short = name.removeprefix(f"{line.call_id}-")
            length = seconds_of(path) or float(seconds or 0)
            self._calls.tell(line, RecordingStored(self._clock.now(), short, path, length))

    def failed(self, name: str, cause: str) -> None:
        """The switch tells that there is none."""
        self._untold.discard(name)
        line = self._line_of(name)
        if line is not None:
            self._calls.tell(line, CommandFailed(self._clock.now(), "record", cause or "failed"))

    def unseen(self, call_id: str, name: str) -> None:
        """It ended while nobody was told: the file says how long it is, or that it was lost."""
        path = recording_path(self._folder, name)
        seconds = seconds_of(path)
        now = self._clock.now()
        if seconds is None:
            lost = CommandFailed(now, "record", "the recording was lost with the switch")
            self._calls.report(call_id, lost)
        else:
            short = name.removeprefix(f"{call_id}-")
            self._calls.report(call_id, RecordingStored(now, short, path, seconds))

    def _line_of(self, name: str) -> AsteriskLine | None:
        call_id = name.rpartition("-")[0]
        return self._calls.lines.get(call_id) or (AsteriskLine(call_id, None) if call_id else None)
