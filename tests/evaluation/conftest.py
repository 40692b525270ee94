"""Calls told by hand, turn by turn, as the call machine would journal them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vagtcentral.ivr.commands import (
    AcceptOffer,
    Answer,
    CallBack,
    CloseRecord,
    Command,
    Connect,
    DropOperator,
    Enqueue,
    Gather,
    HangUp,
    Hold,
    LeaveQueue,
    Outcome,
    Play,
    ReleaseOperator,
    RingOperator,
    SetTimer,
    ShowAnswer,
    ShowDestination,
    ShowLocation,
    ShowNode,
    StopPlay,
)
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    DigitPressed,
    DigitsCollected,
    Event,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorOffered,
    PlayFinished,
    Timer,
    TimerFired,
    TransferRequested,
    WrapUpFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.located import (
    Action,
    Decision,
    DistrictChance,
    GeoData,
    Located,
    Municipality,
)
from vagtcentral.location.position import Position, Source
from vagtcentral.menus.model import DigitTiming, Spoken

NOON = 1_551_697_200_000  # 2019-03-04 11:00 UTC

WELCOME = Spoken("welcome", "da", "Du har ringet til politiet på 114.")
TIMING = DigitTiming(5_000, 3_000, 20_000)

AARHUS = ShowLocation(
    Located(
        Position(56.1572, 10.2107, 35.0, 0.67, NOON, Source.GNSS),
        Municipality("0751", "Aarhus", 0.999, 0.0),
        (
            DistrictChance("1463", "Østjyllands Politi", 0.999, 0.0),
            DistrictChance("1462", "Midt- og Vestjyllands Politi", 0.001, 21_400.0),
        ),
        GeoData("built-in", False, "2019-01-01", "a" * 64),
    ),
    Decision(Action.ROUTE, "1463", "Østjyllands Politi is 99.9 % probable."),
    ("position is 12 s old",),
)


class Story:
    """Builds the turns of one call; `after(seconds, …)` moves the clock on and adds a turn."""

    def __init__(self, call_id: str = "call-1", caller: str | None = "+4586123456") -> None:
        self.call_id = call_id
        self.caller = caller
        self.at = NOON
        self.turns: list[Turn] = []

    def after(self, seconds: float, event: Callable[[int], Event], *commands: Command) -> "Story":
        self.at += round(seconds * 1000)
        self.turns.append(Turn(self.call_id, len(self.turns) + 1, event(self.at), commands))
        return self

    def arrives(self, service: str = "114") -> "Story":
        arrived = lambda at: CallArrived(at, service, self.caller, "114", "b" * 64, "a" * 64)  # noqa: E731
        gather = Gather(1, (WELCOME,), True, TIMING, 1, None)
        timer = SetTimer(Timer.DIGITS, self.at + 5_000)
        return self.after(0, arrived, Answer(), ShowNode("114", "start", "da"), gather, timer)

    def keys(self, digit: str, *commands: Command) -> "Story":
        return self.after(2, lambda at: DigitPressed(at, digit), *commands)

    def queues(self, digit: str, skill: str, *, onward: str | None = None, service: str = "114") -> "Story":
        self.at += 2_000
        return self.after(
            0,
            lambda at: DigitPressed(at, digit),
            StopPlay(1),
            ShowDestination(service, skill, "1463", skill, onward),
            Enqueue(self.at, 1, skill, "da", "1463"),
            Hold(),
        )

    def offered(self, operator: str, seconds: float = 3) -> "Story":
        event = lambda at: OperatorOffered(at, operator, 1)  # noqa: E731
        return self.after(seconds, event, RingOperator(operator))

    def connected(self, operator: str, seconds: float = 4) -> "Story":
        event = lambda at: OperatorAnswered(at, operator)  # noqa: E731
        return self.offered(operator).after(seconds, event, AcceptOffer(operator), Connect(operator))

    def wrapped_up(self, operator: str, note: str, *commands: Command) -> "Story":
        event = lambda at: WrapUpFinished(at, operator, note)  # noqa: E731
        return self.after(30, event, ReleaseOperator(operator), *commands)


def answered(call_id: str = "call-1") -> Story:
    """Menu, position, queue 7 s, talk 60 s, the caller hangs up, wrap-up."""
    story = Story(call_id).arrives()
    message = 'A"ML=1;lt=+56.15720;lg=+010.21070;rd=35'
    story.after(1, lambda at: LocationReceived(at, LocationForm.AML_SMS, message), AARHUS)
    story.queues("2", "report").connected("anna")
    story.after(60, CallerHungUp, DropOperator("anna"), SetTimer(Timer.WRAP_UP, story.at + 120_000))
    return story.wrapped_up("anna", "stolen bicycle", CloseRecord(Outcome.ANSWERED))


def abandoned_in_menu() -> Story:
    """One key and gone."""
    story = Story("call-menu").arrives().keys("9", StopPlay(1), ShowNode("114", "english", "en"))
    return story.after(3, CallerHungUp, CloseRecord(Outcome.ABANDONED_IN_MENU))


def abandoned_in_queue() -> Story:
    """Waits 90.25 s, in which a late position moves him to the front of another district's queue."""
    story = Story("call-queue").arrives().queues("2", "report")
    again = Enqueue(story.at, 1, "report", "da", "1462")
    story.after(40, lambda at: LocationReceived(at, LocationForm.CELL_CIRCLE, "56.1,10.2,900"), AARHUS, again)
    return story.after(50.25, CallerHungUp, LeaveQueue(), CloseRecord(Outcome.ABANDONED_IN_QUEUE))


def transferred() -> Story:
    """Two operators: 7 s to the first, who sends him on to where the menu should have, 17 s to the second."""
    story = Story("call-transfer").arrives().queues("1", "general", onward="passport").connected("anna")
    event = lambda at: TransferRequested(at, "anna", "passport", "1463")  # noqa: E731
    sent_on = ShowDestination("114", "passport", "1463", "transfer")
    queued = Enqueue(NOON + 2_000, 1, "passport", "da", "1463", "anna")
    story.after(20, event, DropOperator("anna"), sent_on, queued, Hold())
    story.connected("bo", 14)
    story.wrapped_up("anna", "wrong desk")
    story.after(15, lambda at: OperatorHungUp(at, "bo"), HangUp())
    return story.wrapped_up("bo", "passport lost", CloseRecord(Outcome.ANSWERED))


def called_back() -> Story:
    """Keeps his place after 30 s, is not reached at first, is connected 15 minutes after he queued."""
    story = Story("call-back").arrives().queues("2", "report")
    story.after(30, lambda at: DigitPressed(at, "5"), Play(2, (WELCOME,)))
    story.after(5, lambda at: PlayFinished(at, 2), HangUp()).after(0.5, CallerHungUp)
    story.after(200, lambda at: OperatorOffered(at, "anna", 1), RingOperator("anna"))
    story.after(4, lambda at: OperatorAnswered(at, "anna"), AcceptOffer("anna"), CallBack("+4586123456"))
    retry = SetTimer(Timer.CALL_BACK, story.at + 600_000)
    story.after(25, CallerUnanswered, DropOperator("anna"), ReleaseOperator("anna"), retry)
    fired = lambda at: TimerFired(at, Timer.CALL_BACK, at)  # noqa: E731
    story.after(600, fired, Enqueue(NOON + 2_000, 1, "report", "da", "1463")).offered("bo", 20.5)
    story.after(5, lambda at: OperatorAnswered(at, "bo"), AcceptOffer("bo"), CallBack("+4586123456"))
    story.after(10, CallerAnswered, Connect("bo"))
    story.after(33.3, CallerHungUp, DropOperator("bo"))
    return story.wrapped_up("bo", "burglary", CloseRecord(Outcome.CALLED_BACK))


def surveyed() -> Story:
    """Keys while talking and answers the survey after the operator has hung up."""
    story = Story("call-survey").arrives().queues("2", "report").connected("anna")
    story.keys("7").after(
        8, lambda at: OperatorHungUp(at, "anna"), Gather(3, (WELCOME,), True, TIMING, 1, None)
    )
    story.after(4, lambda at: DigitsCollected(at, 3, "4"), ShowAnswer("satisfied", "4"), HangUp())
    return story.wrapped_up("anna", "noise", CloseRecord(Outcome.ANSWERED))


STORIES = {
    make.__name__: make
    for make in (answered, abandoned_in_menu, abandoned_in_queue, transferred, called_back, surveyed)
}


@pytest.fixture
def story() -> type[Story]:
    return Story


@pytest.fixture
def told() -> Callable[..., list[Turn]]:
    """`told("answered")`: the turns of one of the stories."""
    return lambda name, *arguments: STORIES[name](*arguments).turns


@pytest.fixture(params=STORIES)
def any_story(request: pytest.FixtureRequest) -> list[Turn]:
    return STORIES[request.param]().turns


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite"
