"""The simulated switch behind the live system: callers ring by themselves, and colleagues take calls.

People at a desk take calls too: who is `manned` is rung, and does what is done at the desk.
"""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count, islice

from vagtcentral.ivr.carrier import Arrived, Report
from vagtcentral.ivr.clock import Alarm, Clock
from vagtcentral.ivr.commands import CarrierCommand, Connect, DropOperator, Gather, HangUp, Hold, Play
from vagtcentral.ivr.events import CallArrived, Event, OperatorAnswered, OperatorHungUp, OperatorUnanswered
from vagtcentral.ivr.journal import Turn
from vagtcentral.sim.agenda import LiveAgenda
from vagtcentral.sim.conversation import Conversation, NobodyListensError, Recorded
from vagtcentral.sim.personas import Cast, Persona, Question, Truth, script_for
from vagtcentral.sim.script import Caller, OperatorAct, Script
from vagtcentral.sim.switch import ScriptedLine

#: What is true of so many calls is remembered for the summary of a shift.
TRUTHS_KEPT = 20_000

#: From so many lines on, those on which the caller has hung up are let go, the oldest first.
LINES_KEPT = 2_000

#: What a manned desk does by itself: nothing.
_BY_HAND = OperatorAct(answers_after_s=None, talks_s=None)


def as_of(script: Script, now: int) -> Script:
    """The same call at the instant `now`: its location messages were fixed as long ago as they were then."""
    by_ms = now - script.start
    at = datetime.fromtimestamp(now / 1000, UTC)
    location = tuple(message.later(by_ms) for message in script.location)
    return script.model_copy(update={"at": at, "location": location})


class LiveLine(ScriptedLine):
    """One call of a simulated caller in the live system; with a `persona` one can talk with him."""

    def __init__(
        self,
        call_id: str,
        script: Script,
        clock: Clock,
        report: Report,
        manned: Callable[[str], bool],
        persona: Persona | None = None,
        recorded: Recorded | None = None,
    ) -> None:
        super().__init__(call_id, script, LiveAgenda(clock), report)
        self.script = script
        self.conversation = None if persona is None else Conversation(persona)
        self._manned = manned
        self._recorded = recorded
        self._rung: set[str] = set()

    @property
    def caller_is_there(self) -> bool:
        """Whether the caller has not hung up."""
        return self._off_hook

    @property
    def call_id(self) -> str:
        """The id of the call."""
        return self._call_id

    def say(self, question: Question) -> str:
        """Ask the caller; his words. `NobodyListensError` where he is not connected, or has no story."""
        if self.conversation is None:
            raise NobodyListensError
        return self.conversation.ask(question, self._agenda.now())

    def pick_up(self, operator: str) -> None:
        """The operator at the desk takes the call."""
        self._rung.discard(operator)
        self._tell(OperatorAnswered(self._agenda.now(), operator))

    def put_down(self, operator: str) -> None:
        """The operator at the desk declines the ringing call, or hangs up."""
        now = self._agenda.now()
        if operator in self._rung:
            self._rung.discard(operator)
            self._tell(OperatorUnanswered(now, operator))
        else:
            self._tell(OperatorHungUp(now, operator))

    def _perform(self, command: CarrierCommand) -> None:
        if isinstance(command, Connect) and self.conversation is not None:
            self.conversation.begin(command.operator, command.record, self._agenda.now())
        elif isinstance(command, DropOperator | Gather | HangUp | Hold | Play):
            self._conversation_ends()
        super()._perform(command)

    def _hang_up(self) -> None:
        self._conversation_ends()
        super()._hang_up()

    def _conversation_ends(self) -> None:
        """Colleagues' conversations are not recorded: nobody has asked anything in them."""
        said = None if self.conversation is None else self.conversation.end()
        if said is None or self._recorded is None:
            return
        operator, record, lines = said
        if record is not None and self._manned(operator):
            self._recorded(self._call_id, record, lines)

    def _ring_operator(self, operator: str) -> None:
        if self._manned(operator):
            self._acts[operator] = _BY_HAND
            self._rung.add(operator)
        else:
            super()._ring_operator(operator)

    def _connect(self, operator: str) -> None:
        # After a restart somebody is connected whom this line has not rung.
        self._acts.setdefault(operator, _BY_HAND if self._manned(operator) else OperatorAct())
        super()._connect(operator)

    def _register(self, operator: str) -> None:
        if not self._manned(operator):
            super()._register(operator)


class LiveSwitch:
    """Carries out the commands of the live system's calls, and lets callers ring: a call every `every_s`.

    Callers are drawn from the `cast`; without one, the scripts ring.
    """

    def __init__(
        self,
        scripts: tuple[Script, ...],
        clock: Clock,
        report: Report,
        arrived: Arrived,
        manned: Callable[[str], bool],
        chance: random.Random,
        every_s: float,
        cast: Cast | None = None,
        recorded: Recorded | None = None,
    ) -> None:
        self._scripts = scripts
        self._clock = clock
        self._report = report
        self._arrived = arrived
        self._manned = manned
        self._chance = chance
        self._every_s = every_s
        self._cast = cast
        self._recorded = recorded
        self._numbers = count(1)
        self._next: Alarm | None = None
        self.lines: dict[str, LiveLine] = {}
        self.truths: dict[str, Truth] = {}  # of the latest calls of callers with a story

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the commands of one turn."""
        line = self.lines.get(call_id)
        if line is not None:
            line.perform(commands)

    # --- callers ------------------------------------------------------------------------------

    def start(self) -> None:
        """Let callers ring from now on, as many as come on average, at random."""
        if self._next is None:
            self._plan_next()

    def stop(self) -> None:
        """Let nobody ring any more; calls that are live go on."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def place(self, script: Script, persona: Persona | None = None) -> str:
        """Let this caller ring now; the id of the call."""
        script = as_of(script, self._clock.now())
        call_id = f"sim-{self._clock.now()}-{next(self._numbers)}"
        line = self.lines[call_id] = LiveLine(
            call_id, script, self._clock, self._report, self._manned, persona, self._recorded
        )
        if persona is not None:
            self._remember(call_id, persona.truth)
        self._tidy_up()
        self._arrived(call_id, script.caller.number, script.service)
        line.begin()
        return call_id

    def restore(self, turns: Sequence[Turn]) -> None:
        """Put the caller of a call back on the line that was live when the program ended."""
        arrived = turns[0].event
        if isinstance(arrived, CallArrived):
            caller = Caller(number=arrived.caller)
            about = "A caller who was on the line when the program started again."
            script = self._scripts[0].model_copy(
                update={"service": arrived.service, "caller": caller, "location": (), "about": about}
            )
            call_id = turns[0].call_id
            self.lines[call_id] = LiveLine(call_id, script, self._clock, self._report, self._manned)

    def _plan_next(self) -> None:
        wait_ms = round(self._chance.expovariate(1 / self._every_s) * 1000)
        self._next = self._clock.call_at(self._clock.now() + wait_ms, self._ring_one)

    def _tidy_up(self) -> None:
        surplus = len(self.lines) - LINES_KEPT
        if surplus > 0:
            over = (call_id for call_id, line in self.lines.items() if not line.caller_is_there)
            for call_id in list(islice(over, surplus)):
                del self.lines[call_id]

    def _remember(self, call_id: str, truth: Truth) -> None:
        self.truths[call_id] = truth
        if len(self.truths) > TRUTHS_KEPT:
            del self.truths[next(iter(self.truths))]

    def _ring_one(self) -> None:
        if self._cast is None:
            self._ring_script()
        else:
            persona = self._cast.draw(self._chance)
            self.place(script_for(persona, self._chance, self._clock.now()), persona)
        self._plan_next()

    def _ring_script(self) -> None:
        script = self._chance.choice(self._scripts)
        number = (
            None if script.caller.number is None else f"+45{self._chance.randrange(20_000_000, 32_000_000)}"
        )
        caller = script.caller.model_copy(update={"number": number})
        self.place(script.model_copy(update={"caller": caller}))
