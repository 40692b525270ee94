"""Small menus with one of everything, and one call that can be spoken to in few words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from vagtcentral.ivr.call import Call
from vagtcentral.ivr.carrier import carrier_commands
from vagtcentral.ivr.commands import (
    CallBack,
    CancelTimer,
    CloseRecord,
    Command,
    Connect,
    Gather,
    HangUp,
    Hold,
    Outcome,
    Play,
    SetTimer,
)
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    CommandFailed,
    DigitPressed,
    DigitsCollected,
    Event,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorOffered,
    OperatorUnanswered,
    PlayFinished,
    Timer,
    TimerFired,
    TransferRequested,
    WrapUpFinished,
)
from vagtcentral.ivr.phase import Phase
from vagtcentral.ivr.setting import CallPolicy, Setting
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.decision import Costs
from vagtcentral.menus.model import (
    Announce,
    BookCallBack,
    Choose,
    DigitTiming,
    DistrictRule,
    Emergency,
    Enter,
    Entry,
    Fallback,
    Inform,
    Menu,
    Node,
    Option,
    Queue,
    Spoken,
    Waiting,
)

HEARD = (Play, Gather, Hold, Connect, CallBack, HangUp)

START = 1_551_686_530_000  # 2019-03-04 08:02:10 UTC
TIMING = DigitTiming(first_ms=5_000, inter_ms=3_000, overall_ms=10_000)
PROMPTS = [
    *("main", "where", "permits", "hold", "danger", "promise", "still", "call-back", "no-number", "wrong"),
    *("silent", "goodbye", "alarm", "question", "thanks"),
]
WAITING = Waiting("still", 30_000, "1", "call-back", "no-number")


def _menu(name: str, *nodes: Node, waiting: Waiting = WAITING, survey: str | None = None) -> Menu:
    prompts = {
        prompt: {language: Spoken(prompt, language, prompt) for language in ("da", "en")}
        for prompt in PROMPTS
    }
    return Menu(
        name=name,
        service="112" if name == "112" else "114",
        synthetic=True,
        languages=("da", "en"),
        start=nodes[0].name,
        nodes={node.name: node for node in nodes},
        prompts=prompts,
        waiting=waiting,
        survey=survey,
        max_nodes=12,
        sha256="",
    )


def _enter(name: str, entry: Entry, following: str, then: str, skip: bool = False) -> Enter:
    postcode = entry is Entry.POSTCODE
    return Enter(
        name=name,
        prompt=name,
        entry=entry,
        min_digits=4 if postcode else 1,
        max_digits=4 if postcode else 1,
        terminator=None,
        low=None if postcode else 1,
        high=None if postcode else 4,
        skip_when_located=skip,
        next=following,
        timing=TIMING,
        barge_in=True,
        wrong_key=Fallback("wrong", 1, then),
        silence=Fallback("silent", 0, then),
    )


MAIN = Choose(
    name="main",
    prompt="main",
    options={
        "0": Option("0", to="danger"),
        "1": Option("1", to="theft"),
        "2": Option("2", to="tips"),
        "3": Option("3", to="permits"),
        "5": Option("5", to="where"),
        "8": Option("8", to="promise"),
        "9": Option("9", to="main", language="en"),
        "44": Option("44", to="aalborg"),
    },
    timing=TIMING,
    barge_in=True,
    wrong_key=Fallback("wrong", 2, "tips"),
    silence=Fallback("silent", 1, "goodbye"),
)

#: With one of everything. `theft` has a prompt and asks for the caller's district, `tips` has neither.
SERVICE = _menu(
    "114",
    MAIN,
    _enter("where", Entry.POSTCODE, "theft", "theft", skip=True),
    Inform("permits", "permits"),
    Inform("goodbye", "goodbye", solved=False),
    Queue("theft", "hold", "theft", DistrictRule.CALLER, onward="crime"),
    Queue("tips", None, "tips", DistrictRule.ANY),
    Queue("aalborg", None, "local", "1460"),
    BookCallBack("promise", "promise", "general", DistrictRule.ANY),
    Emergency("danger", "danger", "emergency"),
    survey="survey",
)

#: The same without barge-in, without a survey, and with nothing for the waiting caller but a comfort prompt.
PLAIN = replace(
    SERVICE,
    name="plain",
    nodes={**SERVICE.nodes, "main": replace(MAIN, barge_in=False)},
    waiting=Waiting("still", 30_000, None, None, None),
    survey=None,
)

ALARM = _menu(
    "112",
    Announce("alarm", "alarm", "operators"),
    Queue("operators", None, "emergency", DistrictRule.CALLER),
    waiting=Waiting("still", 20_000, None, None, None),
)

SURVEY = _menu(
    "survey",
    _enter("question", Entry.NUMBER, "thanks", "goodbye"),
    Inform("thanks", "thanks"),
    Inform("goodbye", "goodbye"),
)


class OneCall:
    """One call, each event of which is one short method; instants are milliseconds after its arrival.

    Every turn is checked: one thing to hear at the most, as the last of the carrier's commands.
    """

    def __init__(self, menu: Menu, caller: str | None, policy: CallPolicy, costs: Costs) -> None:
        menus = {each.name: each for each in (SERVICE, PLAIN, ALARM, SURVEY, menu)}
        self.menu = menu
        self.caller = caller
        self.call = Call(Setting(menus, Atlas.built_in(), policy, costs))
        self.timers: dict[Timer, int] = {}
        self.play = 0
        self._offers = 0

    @property
    def phase(self) -> Phase:
        return self.call.phase

    def give(self, event: Event) -> tuple[Command, ...]:
        """Give any event, whose `at` is already an instant."""
        if isinstance(event, TimerFired) and self.timers.get(event.timer) == event.due:
            del self.timers[event.timer]
        commands = self.call.handle(event)
        for_carrier = carrier_commands(commands)
        heard = [command for command in for_carrier if isinstance(command, HEARD)]
        assert len(heard) <= 1
        assert not heard or for_carrier[-1] is heard[0]
        for command in commands:
            if isinstance(command, SetTimer):
                self.timers[command.timer] = command.due
            elif isinstance(command, CancelTimer):
                del self.timers[command.timer]  # only what runs is cancelled
            elif isinstance(command, Play | Gather):
                self.play = command.play
        return commands

    # --- the caller's end ---

    def arrives(self, at: int = 0) -> tuple[Command, ...]:
        service = self.menu.service
        return self.give(CallArrived(START + at, service, self.caller, self.menu.name, "", ""))

    def presses(self, keys: str, at: int = 0) -> tuple[Command, ...]:
        """Press keys at one instant; gives the commands of the last."""
        commands: tuple[Command, ...] = ()
        for key in keys:
            commands = self.give(DigitPressed(START + at, key))
        return commands

    def collects(self, keys: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(DigitsCollected(START + at, self.play, keys))

    def hears_to_the_end(self, at: int = 0) -> tuple[Command, ...]:
        return self.give(PlayFinished(START + at, self.play))

    def hangs_up(self, at: int = 0) -> tuple[Command, ...]:
        return self.give(CallerHungUp(START + at))

    def takes_the_call_back(self, at: int = 0) -> tuple[Command, ...]:
        return self.give(CallerAnswered(START + at))

    def misses_the_call_back(self, at: int = 0) -> tuple[Command, ...]:
        return self.give(CallerUnanswered(START + at))

    def is_located(self, cell: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(LocationReceived(START + at, LocationForm.CELL_CIRCLE, cell))

    # --- the operators' end ---

    def is_offered_to(self, operator: str, at: int = 0) -> tuple[Command, ...]:
        self._offers += 1
        return self.give(OperatorOffered(START + at, operator, self._offers))

    def is_answered_by(self, operator: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(OperatorAnswered(START + at, operator))

    def is_declined_by(self, operator: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(OperatorUnanswered(START + at, operator))

    def is_left_by(self, operator: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(OperatorHungUp(START + at, operator))

    def is_sent_on_by(
        self, operator: str, skill: str, district: str | None = None, at: int = 0
    ) -> tuple[Command, ...]:
        return self.give(TransferRequested(START + at, operator, skill, district))

    def is_registered_by(self, operator: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(WrapUpFinished(START + at, operator))

    # --- the rest ---

    def runs_out(self, timer: Timer) -> tuple[Command, ...]:
        """Let a timer that is running fire at its instant."""
        due = self.timers[timer]
        return self.give(TimerFired(due, timer, due))

    def fails(self, command: str, at: int = 0) -> tuple[Command, ...]:
        return self.give(CommandFailed(START + at, command, "lost"))

    def due(self, timer: Timer) -> int | None:
        """When a timer fires, in milliseconds after the arrival; None if it does not run."""
        due = self.timers.get(timer)
        return None if due is None else due - START

    # --- the way there ---

    def waits(self, keys: str = "2", at: int = 0) -> "OneCall":
        """Arrive and press the keys that lead to a queue."""
        self.arrives()
        self.presses(keys, at)
        assert self.phase in (Phase.WAITING, Phase.CLOSING)
        return self

    def talks(self, operator: str = "alfa", at: int = 0) -> "OneCall":
        """Be offered to an operator who answers; arrives and waits before if that has not been."""
        if self.phase is Phase.NEW:
            self.waits()
        self.is_offered_to(operator, at)
        self.is_answered_by(operator, at)
        assert self.phase is Phase.TALKING
        return self


def kept(commands: tuple[Command, ...], *kinds: type) -> list[Command]:
    """The commands of these kinds, in order."""
    return [command for command in commands if isinstance(command, kinds)]


def outcome(commands: tuple[Command, ...]) -> Outcome | None:
    """With which outcome the record closes in this turn; it has to be the last command."""
    for place, command in enumerate(commands):
        if isinstance(command, CloseRecord):
            assert place == len(commands) - 1
            return command.outcome
    return None


@pytest.fixture
def one_call() -> Callable[..., OneCall]:
    """Makes a call that has not arrived yet; `menu` is `service`, `plain`, `alarm`, or a menu."""
    named = {"service": SERVICE, "plain": PLAIN, "alarm": ALARM}

    def make(
        menu: str | Menu = "service",
        caller: str | None = "+4510114001",
        policy: CallPolicy | None = None,
        costs: Costs | None = None,
    ) -> OneCall:
        chosen = named[menu] if isinstance(menu, str) else menu
        return OneCall(chosen, caller, policy or CallPolicy(), costs or Costs())

    return make
