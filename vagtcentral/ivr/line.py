"""One caller's line as the call machine writes to it: the commands of a turn, the prompts, the timers."""

from vagtcentral.ivr.commands import CancelTimer, Command, Gather, HangUp, Hold, Play, SetTimer, StopPlay
from vagtcentral.ivr.events import Timer, TimerFired
from vagtcentral.menus.model import DigitTiming, Spoken


class Line:
    """Gathers the commands of one turn, so that at most one says what the caller hears and it comes last.

    `playing` is the number of the `Play` or `Gather` whose prompts are still being heard, else None; `latest`
    is the number of the newest one, heard to the end or not; `gathering` that number if it takes keys.
    """

    __slots__ = ("_hear", "_out", "_timers", "gathering", "latest", "playing")

    def __init__(self) -> None:
        self._out: list[Command] = []
        self._hear: Command | None = None
        self._timers: dict[Timer, int] = {}
        self.latest = 0
        self.playing: int | None = None
        self.gathering: int | None = None

    def end_turn(self) -> tuple[Command, ...]:
        """Give all commands of the turn, what the caller hears last, and begin the next one with none."""
        out = self._out
        if self._hear is not None:
            out.append(self._hear)
            self._hear = None
        elif not out:
            return ()
        self._out = []
        return tuple(out)

    def add(self, command: Command) -> None:
        """Add a command that does not change what the caller hears."""
        self._out.append(command)

    def hear(self, command: Command) -> None:
        """Let this be what the caller hears next, in place of whatever this turn said before."""
        self.playing = self.gathering = None
        self._hear = command

    def say(self, *prompts: Spoken) -> None:
        """Play prompts to their end."""
        self.latest += 1
        self.hear(Play(self.latest, prompts))
        self.playing = self.latest

    def gather(
        self,
        prompts: tuple[Spoken, ...],
        barge_in: bool,
        timing: DigitTiming,
        max_digits: int,
        terminator: str | None,
    ) -> None:
        """Play prompts and take keys."""
        self.latest += 1
        self.hear(Gather(self.latest, prompts, barge_in, timing, max_digits, terminator))
        self.playing = self.gathering = self.latest

    def hold(self) -> None:
        """Let the caller hear the waiting music."""
        self.hear(Hold())

    def hang_up(self) -> None:
        """Hang up the caller's leg."""
        self.hear(HangUp())

    def barged_in(self) -> None:
        """Stop the prompts that are being heard, if any: the caller has begun to key."""
        if self.playing is not None:
            self._out.append(StopPlay(self.playing))
            self.playing = None

    def set(self, timer: Timer, due: int) -> None:
        """Wake the call at `due`."""
        if self._timers.get(timer) != due:
            self._timers[timer] = due
            self._out.append(SetTimer(timer, due))

    def cancel(self, timer: Timer) -> None:
        """Do not wake the call for this any more."""
        if self._timers.pop(timer, None) is not None:
            self._out.append(CancelTimer(timer))

    def cancel_all(self) -> None:
        """Do not wake the call any more."""
        for timer in list(self._timers):
            self.cancel(timer)

    def resume(self) -> None:
        """Forget the timers, which a controller that was started again does not know, and what is heard."""
        self._timers.clear()
        self.playing = None

    def due(self, timer: Timer) -> int | None:
        """When the timer runs out, None if it is not set."""
        return self._timers.get(timer)

    def running(self, timer: Timer) -> bool:
        """Whether the timer is set."""
        return timer in self._timers

    def take(self, event: TimerFired) -> bool:
        """Count the timer as run out; False if it is a stale one that was cancelled or set anew meanwhile."""
        if self._timers.get(event.timer) != event.due:
            return False
        del self._timers[event.timer]
        return True
