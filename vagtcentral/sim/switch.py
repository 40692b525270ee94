"""The simulated switch: takes the commands a real one takes, and plays them to scripted people.

It is of the kind that is told each step and reports each key at once. It decides nothing: it plays prompts
for as long as they take to speak, passes keys on, rings phones, and joins and parts the ends of a call.
"""

from collections.abc import Callable
from functools import partial

from vagtcentral.ivr.carrier import Report
from vagtcentral.ivr.clock import Alarm
from vagtcentral.ivr.commands import (
    Answer,
    CallBack,
    CarrierCommand,
    Connect,
    DropOperator,
    Gather,
    HangUp,
    Hold,
    Play,
    RingOperator,
    StopPlay,
    StopRinging,
)
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    DigitPressed,
    Event,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorUnanswered,
    PlayFinished,
    TransferRequested,
    WrapUpFinished,
)
from vagtcentral.menus.model import Spoken
from vagtcentral.sim.agenda import Agenda
from vagtcentral.sim.people import ScriptedCaller, ScriptedOperators
from vagtcentral.sim.script import OperatorAct, Script

#: Speech at fifteen characters a second, with a breath after each prompt: an assumption.
SPEECH_MS_PER_CHARACTER = 1000 / 15
BREATH_MS = 300

#: How long a phone rings that nobody answers, on a call-back.
RING_OUT_MS = 25_000


def spoken_ms(prompt: Spoken) -> int:
    """How long the prompt takes to speak, in milliseconds."""
    return round(len(prompt.text) * SPEECH_MS_PER_CHARACTER) + BREATH_MS


class ScriptedLine:
    """One scripted call on the simulated switch: the caller's line and the operators' ends of it.

    `speech` says how long a prompt takes, in milliseconds.
    """

    def __init__(
        self,
        call_id: str,
        script: Script,
        agenda: Agenda,
        report: Report,
        speech: Callable[[Spoken], int] = spoken_ms,
    ) -> None:
        self._call_id = call_id
        self._script = script
        self._agenda = agenda
        self._report = report
        self._speech = speech
        self._caller = ScriptedCaller(script.caller, agenda, self._caller_acts)
        self._operators = ScriptedOperators(script.operators)
        self._heard: list[Alarm] = []  # what is still to be heard of the prompts being played
        self._playing: int | None = None
        self._acts: dict[str, OperatorAct] = {}
        self._plans: dict[str, list[Alarm]] = {}  # what each operator is going to do
        self._ringing: Alarm | None = None
        self._off_hook = True

    # --- what happens -------------------------------------------------------------------------

    def ring(self, arrived: CallArrived) -> None:
        """The call arrives, and its location messages are on their way."""
        self._tell(arrived)
        self.begin()

    def begin(self) -> None:
        """The caller hears that it rings, and location messages are on their way; the call was told of."""
        for message in self._script.location:
            self._later(message.after_s, partial(self._location, message.form, message.told[1]))
        self._caller.perceives("arrives")

    def _location(self, form: LocationForm, content: str) -> None:
        self._tell(LocationReceived(self._agenda.now(), form, content))

    def _caller_acts(self, key: str | None) -> None:
        if not self._off_hook:
            return
        if key is None:
            self._hang_up()
            self._tell(CallerHungUp(self._agenda.now()))
        else:
            self._tell(DigitPressed(self._agenda.now(), key))

    def _hang_up(self) -> None:
        self._off_hook = False
        self._silence()
        self._caller.leaves()

    # --- what is told -------------------------------------------------------------------------

    def perform(self, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the carrier commands of one turn."""
        for command in commands:
            self._perform(command)

    def _perform(self, command: CarrierCommand) -> None:
        match command:
            case Answer():
                pass
            case Play(play, prompts) | Gather(play, prompts):
                self._play(play, prompts)
            case StopPlay(play):
                if play == self._playing:
                    self._silence()
            case Hold():
                self._silence()
                self._caller.perceives("hold")
            case RingOperator(operator):
                self._ring_operator(operator)
            case StopRinging(operator):
                self._forget_plans(operator)
            case Connect(operator):
                self._connect(operator)
            case DropOperator(operator):
                self._drop_operator(operator)
            case CallBack():
                self._ring_caller()
            case HangUp():
                if self._ringing is not None:
                    self._ringing.cancel()
                    self._ringing = None
                if self._off_hook:
                    self._off_hook = False
                    self._silence()

    # --- prompts ------------------------------------------------------------------------------

    def _play(self, play: int, prompts: tuple[Spoken, ...]) -> None:
        self._silence()
        self._playing = play
        due = self._agenda.now()
        for prompt in prompts:
            self._heard.append(self._agenda.at(due, partial(self._caller.perceives, f"hears {prompt.name}")))
            due += self._speech(prompt)
        self._heard.append(self._agenda.at(due, partial(self._played, play)))

    def _played(self, play: int) -> None:
        self._heard.clear()
        self._playing = None
        self._tell(PlayFinished(self._agenda.now(), play))

    def _silence(self) -> None:
        for alarm in self._heard:
            alarm.cancel()
        self._heard.clear()
        self._playing = None

    # --- operators ----------------------------------------------------------------------------

    def _ring_operator(self, operator: str) -> None:
        act = self._acts[operator] = self._operators.next_act()
        if act.declines:
            self._plan(operator, act.answers_after_s or 0.0, self._declines)
        elif act.answers_after_s is not None:
            self._plan(operator, act.answers_after_s, self._answers)

    def _declines(self, operator: str) -> None:
        self._tell(OperatorUnanswered(self._agenda.now(), operator))

    def _answers(self, operator: str) -> None:
        self._tell(OperatorAnswered(self._agenda.now(), operator))

    def _connect(self, operator: str) -> None:
        self._silence()
        act = self._acts[operator]
        if act.talks_s is not None:
            self._plan(operator, act.talks_s, self._transfers if act.transfer else self._hangs_up)
        self._caller.perceives("connected")

    def _transfers(self, operator: str) -> None:
        transfer = self._acts[operator].transfer
        assert transfer is not None
        now = self._agenda.now()
        self._tell(TransferRequested(now, operator, transfer.skill, transfer.district))

    def _hangs_up(self, operator: str) -> None:
        self._register(operator)
        self._tell(OperatorHungUp(self._agenda.now(), operator))

    def _drop_operator(self, operator: str) -> None:
        self._forget_plans(operator)
        self._register(operator)

    def _register(self, operator: str) -> None:
        """The operator's line is free, and he registers the call."""
        act = self._acts.get(operator)
        if act is not None:
            self._plan(operator, act.wraps_up_s, self._registered)

    def _registered(self, operator: str) -> None:
        self._tell(WrapUpFinished(self._agenda.now(), operator, self._acts[operator].note))

    def _plan(self, operator: str, after_s: float, action: Callable[[str], None]) -> None:
        alarm = self._later(after_s, partial(action, operator))
        self._plans.setdefault(operator, []).append(alarm)

    def _forget_plans(self, operator: str) -> None:
        for alarm in self._plans.pop(operator, ()):
            alarm.cancel()

    # --- call-back ----------------------------------------------------------------------------

    def _ring_caller(self) -> None:
        after = self._caller.answers_call_back_after()
        now = self._agenda.now()
        if after is None:
            self._ringing = self._agenda.at(now + RING_OUT_MS, self._call_back_unanswered)
        else:
            self._ringing = self._agenda.at(now + after, self._call_back_answered)

    def _call_back_answered(self) -> None:
        self._ringing = None
        self._off_hook = True
        self._tell(CallerAnswered(self._agenda.now()))

    def _call_back_unanswered(self) -> None:
        self._ringing = None
        self._tell(CallerUnanswered(self._agenda.now()))

    # ------------------------------------------------------------------------------------------

    def _later(self, after_s: float, action: Callable[[], None]) -> Alarm:
        return self._agenda.at(self._agenda.now() + round(after_s * 1000), action)

    def _tell(self, event: Event) -> None:
        self._report(self._call_id, event)
