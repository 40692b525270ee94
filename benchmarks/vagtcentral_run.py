"""The plans acted out before Vagtcentral: the production room in virtual time, on a light switch.

Included: every call through `VirtualRoom` and `VirtualAgenda`, so the call machine, the menu walk, the digit
timers, location (each AML message decoded, each position located, each decision made), dispatch with skills,
districts, languages, priorities and overflow, ringing, wrap-up and the after-call survey; every turn is kept
in a journal in memory, and a closed call is forgotten.
The switch here plays prompts for as long as they take to speak and lets caller and operators do what the plan
says; it decides nothing.

Left out: writing the journal to a store, the event loop, any real carrier.
"""

from collections.abc import Callable, Sequence

from benchmarks.plan import Message, Mind, Plan, prompt_lengths
from vagtcentral.ivr.commands import (
    CarrierCommand,
    CloseRecord,
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
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import (
    CallArrived,
    CallerHungUp,
    DigitPressed,
    Event,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    PlayFinished,
    WrapUpFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting
from vagtcentral.sim.agenda import Entry, VirtualAgenda
from vagtcentral.sim.collector import quiet_collector
from vagtcentral.sim.virtual import VirtualRoom


def act_out(plans: Sequence[Plan], staff: Sequence[Operator], setting: Setting) -> list[Turn]:
    """Play every plan to its end, the collector kept quiet as for any run; returns the journal."""
    with quiet_collector():
        return _act_out(plans, staff, setting)


def _act_out(plans: Sequence[Plan], staff: Sequence[Operator], setting: Setting) -> list[Turn]:
    agenda = VirtualAgenda(plans[0].at)
    room = Room(setting)
    virtual = VirtualRoom(room, agenda)
    switch = _Switch(agenda, virtual.report, setting, plans)
    for operator in staff:
        virtual.sign_in(operator)
    switch.next_arrival()
    journal: list[Turn] = []
    over: str | None = None
    for turn in virtual.run(switch.perform):
        if over is not None:  # the turn that closed its record has been carried out by now
            room.forget(over)
            switch.forget(over)
            over = None
        journal.append(turn)
        if turn.commands and type(turn.commands[-1]) is CloseRecord:
            over = turn.call_id
    return journal


class _Line:
    """One call on the switch: what is being heard, and what its people are about to do."""

    __slots__ = ("act", "heard", "impatience", "mind", "operator", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.mind = Mind(plan)
        self.heard: Entry | None = None
        self.act: Entry | None = None
        self.impatience: Entry | None = None
        self.operator: Entry | None = None

    def silence(self) -> None:
        """Nothing is heard any more, and an answer to it is not given."""
        if self.heard is not None:
            self.heard.cancel()
            self.heard = None
        if self.act is not None:
            self.act.cancel()
            self.act = None


class _Switch:
    """Acts out the plans: plays, rings, connects, and reports what the plans' people do."""

    def __init__(
        self,
        agenda: VirtualAgenda,
        report: Callable[[str, Event], None],
        setting: Setting,
        plans: Sequence[Plan],
    ) -> None:
        self._agenda = agenda
        self._report = report
        self._setting = setting
        self._arrivals = iter(plans)
        self._lines: dict[str, _Line] = {}
        self._lengths = prompt_lengths(setting.menus)
        self._performs: dict[type, Callable[[_Line, CarrierCommand], None]] = {
            Play: self._play,  # type: ignore[dict-item]
            Gather: self._play,  # type: ignore[dict-item]
            StopPlay: self._stop_play,
            Hold: self._hold,
            RingOperator: self._ring_operator,  # type: ignore[dict-item]
            StopRinging: self._stop_ringing,
            Connect: self._connect,  # type: ignore[dict-item]
            DropOperator: self._drop_operator,  # type: ignore[dict-item]
            HangUp: self._hang_up,
        }

    # --- arriving -----------------------------------------------------------------------------

    def next_arrival(self) -> None:
        """Put the next plan's arrival on the agenda."""
        plan = next(self._arrivals, None)
        if plan is not None:
            self._agenda.at(plan.at, self._arrives, plan)

    def _arrives(self, plan: Plan) -> None:
        self.next_arrival()
        self._lines[plan.call_id] = _Line(plan)
        sha256 = self._setting.menus[plan.service].sha256
        atlas = self._setting.atlas.data.sha256
        self._report(
            plan.call_id, CallArrived(plan.at, plan.service, plan.caller, plan.service, sha256, atlas)
        )
        for message in plan.messages:
            self._agenda.at(plan.at + message.after_ms, self._located, plan.call_id, message)

    def _located(self, call_id: str, message: Message) -> None:
        if call_id in self._lines:
            self._report(call_id, LocationReceived(self._agenda.now(), message.form, message.content))

    def forget(self, call_id: str) -> None:
        """Drop a call that is long over."""
        del self._lines[call_id]

    # --- what the caller hears ----------------------------------------------------------------

    def perform(self, call_id: str, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the carrier commands of one turn."""
        line = self._lines[call_id]
        for command in commands:
            perform = self._performs.get(type(command))
            if perform is not None:
                perform(line, command)

    def _play(self, line: _Line, command: Play | Gather) -> None:
        line.silence()
        now = self._agenda.now()
        length = sum([self._lengths[prompt.name, prompt.language] for prompt in command.prompts])
        if type(command) is Gather:
            reply = line.mind.reply_to(command.prompts[-1].name)
            if reply is not None:
                due = now + reply.after_ms
                line.act = self._agenda.at(due, self._press, line, reply.keys, reply.gap_ms)
                if reply.after_ms < length and command.barge_in:
                    return  # the prompts will not be heard to their end
        line.heard = self._agenda.at(now + length, self._heard, line, command.play)

    def _heard(self, line: _Line, play: int) -> None:
        line.heard = None
        self._report(line.plan.call_id, PlayFinished(self._agenda.now(), play))

    def _press(self, line: _Line, keys: str, gap_ms: int) -> None:
        now = self._agenda.now()
        line.act = None
        if not keys:
            self._caller_leaves(line)
            return
        if len(keys) > 1:
            line.act = self._agenda.at(now + gap_ms, self._press, line, keys[1:], gap_ms)
        self._report(line.plan.call_id, DigitPressed(now, keys[0]))

    def _stop_play(self, line: _Line, _: CarrierCommand) -> None:
        if line.heard is not None:
            line.heard.cancel()
            line.heard = None

    def _hold(self, line: _Line, _: CarrierCommand) -> None:
        line.silence()
        if line.impatience is None:
            due = self._agenda.now() + line.plan.patience_ms
            line.impatience = self._agenda.at(due, self._caller_leaves, line)

    def _caller_leaves(self, line: _Line) -> None:
        line.silence()
        if line.impatience is not None:
            line.impatience.cancel()
        self._report(line.plan.call_id, CallerHungUp(self._agenda.now()))

    def _hang_up(self, line: _Line, _: CarrierCommand) -> None:
        line.silence()

    # --- operators ----------------------------------------------------------------------------

    def _ring_operator(self, line: _Line, command: RingOperator) -> None:
        due = self._agenda.now() + line.plan.picks_up_ms
        line.operator = self._agenda.at(due, self._picks_up, line, command.operator)

    def _picks_up(self, line: _Line, operator: str) -> None:
        self._report(line.plan.call_id, OperatorAnswered(self._agenda.now(), operator))

    def _stop_ringing(self, line: _Line, _: CarrierCommand) -> None:
        if line.operator is not None:
            line.operator.cancel()

    def _connect(self, line: _Line, command: Connect) -> None:
        line.silence()
        if line.impatience is not None:
            line.impatience.cancel()
        due = self._agenda.now() + line.plan.talk_ms
        self._agenda.at(due, self._talk_ends, line, command.operator)

    def _talk_ends(self, line: _Line, operator: str) -> None:
        """Who takes the survey stays on; on 112 the operator hangs up; any other caller does so himself."""
        if line.plan.survey or line.plan.service == "112":
            self._registers(line, operator)
            self._report(line.plan.call_id, OperatorHungUp(self._agenda.now(), operator))
        else:
            self._caller_leaves(line)

    def _drop_operator(self, line: _Line, command: DropOperator) -> None:
        self._registers(line, command.operator)

    def _registers(self, line: _Line, operator: str) -> None:
        due = self._agenda.now() + line.plan.wrap_up_ms
        self._agenda.at(due, self._registered, line, operator)

    def _registered(self, line: _Line, operator: str) -> None:
        self._report(line.plan.call_id, WrapUpFinished(self._agenda.now(), operator))
