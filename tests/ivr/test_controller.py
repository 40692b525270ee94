"""The asyncio controller: order, durability before action, and what it does when the world fails it."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from vagtcentral.ivr import controller, scribe
from vagtcentral.ivr.clock import WallClock
from vagtcentral.ivr.commands import Answer, CarrierCommand, CloseRecord, Connect, Play, RingOperator
from vagtcentral.ivr.controller import LINGER_MS, Controller
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import (
    CallArrived,
    CallerHungUp,
    CommandFailed,
    DigitPressed,
    Event,
    LocationForm,
    LocationReceived,
    OperatorAnswered,
    PlayFinished,
    RecordingStored,
    Registered,
    WrapUpFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.agenda import VirtualAgenda


class Journal:
    """A journal that notes when it was written, and can be told to be slow or to fail."""

    def __init__(self, log: list[str]) -> None:
        self.turns: list[Turn] = []
        self.log = log
        self.late: list[tuple[str, Event]] = []
        self.failing = False
        self.delay = 0.0
        self.answers = asyncio.Event()  # while it is not set, whoever appends gets no answer
        self.answers.set()
        self.refused: set[str] = set()  # calls of which nothing can be written
        self.asked: list[int] = []  # how many turns were handed over, each time

    async def append(self, turns: Sequence[Turn]) -> None:
        self.asked.append(len(turns))
        await asyncio.sleep(self.delay)
        await self.answers.wait()
        if self.failing or turns[0].call_id in self.refused:
            raise OSError("disk full")
        self.turns += turns
        self.log += [f"kept {turn.call_id} {turn.seq}" for turn in turns]

    async def append_late(self, call_id: str, event: Event) -> bool:
        if self.failing:
            raise OSError("disk full")
        if known := call_id in {turn.call_id for turn in self.turns}:
            self.late.append((call_id, event))
            self.log.append(f"kept {call_id} late")
        return known


class Carrier:
    """A carrier that notes what it was told."""

    def __init__(self, log: list[str]) -> None:
        self.told: list[tuple[str, tuple[CarrierCommand, ...]]] = []
        self.log = log
        self.broken = False
        self.answers = asyncio.Event()  # while it is not set, the switch answers no request
        self.answers.set()

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        self.told.append((call_id, commands))
        self.log.append(f"acted {call_id} {len([c for c, _ in self.told if c == call_id])}")
        await self.answers.wait()
        if self.broken:
            raise ConnectionError("switch gone")


class Bench:
    """A controller with everything around it in the test's hands."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.closed: list[str] = []
        self.agenda = VirtualAgenda(0)
        self.journal = Journal(self.log)
        self.carrier = Carrier(self.log)
        self.room = Room(shipped_setting())
        self.controller = Controller(self.room, self.carrier, self.journal, self.agenda, self.closed.append)

    async def report(self, call_id: str, *events: Event) -> None:
        for event in events:
            self.controller.report(call_id, event)
        await self.controller.settled()

    def commands(self, call_id: str) -> list[CarrierCommand]:
        return [command for known, turn in self.carrier.told if known == call_id for command in turn]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def arrival(at: int = 0, service: str = "112") -> CallArrived:
    return CallArrived(at, service, "+4510112001", service, "", "")


async def test_a_turn_is_kept_before_its_commands_go_out(bench: Bench) -> None:
    bench.journal.delay = 0.001
    await bench.report("a", arrival(), PlayFinished(5000, 1))
    assert bench.log == ["kept a 1", "acted a 1", "kept a 2", "acted a 2"]


async def test_events_of_one_call_are_handled_in_the_order_of_their_report(bench: Bench) -> None:
    bench.journal.delay = 0.001
    digits = [DigitPressed(1000 + n, str(n)) for n in range(10)]
    await bench.report("a", arrival(), *digits)
    assert [turn.event for turn in bench.journal.turns[1:]] == digits


async def test_a_slow_call_does_not_hold_up_another(bench: Bench) -> None:
    """Each call has a queue of its own; a turn that waits for the disk stops nobody else's."""
    release = asyncio.Event()
    append = bench.journal.append

    async def slow_for_a(turns: Sequence[Turn]) -> None:
        if turns[0].call_id == "a":
            await release.wait()
        await append(turns)

    bench.journal.append = slow_for_a  # type: ignore[method-assign]
    bench.controller.report("a", arrival())
    bench.controller.report("b", arrival())
    for _ in range(20):
        await asyncio.sleep(0)
    assert bench.log == ["kept b 1", "acted b 1"]
    release.set()
    await bench.controller.settled()
    assert "acted a 1" in bench.log


async def test_when_the_journal_fails_the_caller_is_served_and_the_turns_are_kept_later(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.journal.failing = True
    with caplog.at_level(logging.ERROR):
        await bench.report("a", arrival())
    assert any(isinstance(command, Answer) for command in bench.commands("a"))
    assert "the journal failed" in caplog.text
    bench.journal.failing = False
    await bench.report("a", CallerHungUp(1000))
    assert bench.agenda.step()
    await bench.controller.settled()
    assert [turn.seq for turn in bench.journal.turns] == [1, 2]
    assert bench.controller.journal_well


async def test_the_journal_is_tried_again_by_itself(bench: Bench) -> None:
    bench.journal.failing = True
    await bench.report("a", arrival())
    bench.journal.failing = False
    assert bench.agenda.step()
    await bench.controller.settled()
    assert [turn.seq for turn in bench.journal.turns] == [1]


async def test_a_journal_that_goes_on_failing_is_tried_less_and_less_often(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A turn that can never be written must not fill the log for as long as the program runs."""
    bench.journal.failing = True
    await bench.report("a", arrival())
    tried = []
    while bench.agenda.now() < 300_000 and bench.agenda.step():
        await bench.controller.settled()
        tried.append(bench.agenda.now())
    assert tried[:7] == [1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000]
    bench.journal.failing = False
    assert bench.agenda.step()
    await bench.controller.settled()
    assert [turn.seq for turn in bench.journal.turns] == [1]


async def test_turns_that_the_journal_refused_are_written_when_the_controller_closes(bench: Bench) -> None:
    """The last turn of a call has no next turn to be written with."""
    bench.journal.failing = True
    await bench.report("a", arrival())
    bench.journal.failing = False
    await bench.controller.close()
    assert [turn.seq for turn in bench.journal.turns] == [1]


async def acted(bench: Bench, times: int) -> None:
    """Wait until the carrier was told so many turns, without waiting for the journal."""
    async with asyncio.timeout(5):
        while len(bench.carrier.told) < times:  # noqa: ASYNC110 - settled() would wait for the journal too
            await asyncio.sleep(0.001)


async def test_a_journal_that_does_not_answer_holds_up_one_turn_and_no_further_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two callers to 112 once heard nothing for 35 s, because another program had locked the store."""
    monkeypatch.setattr(scribe, "PATIENCE_S", 0.05)
    bench.journal.answers.clear()
    bench.controller.report("a", arrival())
    await acted(bench, 1)
    assert not bench.controller.journal_well
    monkeypatch.setattr(scribe, "PATIENCE_S", 3600)
    bench.controller.report("a", PlayFinished(5000, 1))
    bench.controller.report("b", arrival())
    await acted(bench, 3)
    assert bench.journal.turns == []


async def test_that_the_journal_does_not_answer_is_logged_once_for_all_who_wait(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scribe, "PATIENCE_S", 0.05)
    bench.journal.answers.clear()
    for number in range(20):
        bench.controller.report(f"call-{number}", arrival())
    await acted(bench, 20)
    assert caplog.text.count("does not answer") == 1


async def test_a_journal_that_answers_late_has_every_turn_once_and_is_waited_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe, "PATIENCE_S", 0.05)
    bench.journal.answers.clear()
    for event in (arrival(), PlayFinished(5000, 1), DigitPressed(6000, "1")):
        bench.controller.report("a", event)
    await acted(bench, 3)
    bench.journal.answers.set()
    await bench.controller.settled()
    assert [turn.seq for turn in bench.journal.turns] == [1, 2, 3]
    assert bench.controller.journal_well
    bench.journal.delay = 0.01
    await bench.report("a", CallerHungUp(7000))
    assert bench.log[-2:] == ["kept a 4", "acted a 4"]


async def test_however_many_turns_are_unwritten_the_journal_is_tried_once_for_each_call(bench: Bench) -> None:
    """Each failure once began tries of its own: 818 a minute, with nothing new to write."""
    bench.journal.failing = True
    for call_id in ("a", "b"):
        await bench.report(call_id, arrival(), *[DigitPressed(1000, "9")] * 40)
    assert bench.journal.asked == [1, 1]
    while bench.agenda.now() < 300_000 and bench.agenda.step():
        await bench.controller.settled()
    tries = len(bench.journal.asked) // 2 - 1
    assert bench.journal.asked == [1, 1, *[41, 41] * tries]
    assert 5 < tries < 12


async def test_something_new_of_a_call_brings_the_next_try_to_within_a_second(bench: Bench) -> None:
    bench.journal.failing = True
    await bench.report("a", arrival())
    while bench.agenda.now() < 63_000 and bench.agenda.step():
        await bench.controller.settled()
    bench.journal.failing = False
    await bench.report("a", PlayFinished(63_000, 1))
    assert bench.agenda.step()
    await bench.controller.settled()
    assert [turn.seq for turn in bench.journal.turns] == [1, 2]
    assert bench.agenda.now() == 64_000


async def test_a_try_that_gets_no_answer_does_not_hold_up_the_call(bench: Bench) -> None:
    bench.journal.failing = True
    await bench.report("a", arrival())
    bench.journal.answers.clear()
    assert bench.agenda.step()
    bench.controller.report("a", PlayFinished(5000, 1))
    await acted(bench, 2)


async def test_a_call_that_cannot_be_written_leaves_the_turns_of_others_durable_first(bench: Bench) -> None:
    bench.journal.refused = {"a"}
    await bench.report("a", arrival())
    bench.journal.delay = 0.001
    await bench.report("b", arrival(), PlayFinished(5000, 1))
    assert bench.log == ["acted a 1", "kept b 1", "acted b 1", "kept b 2", "acted b 2"]
    assert bench.journal.asked == [1, 1, 1, 1]  # a was tried again once, when b had been written
    assert not bench.controller.journal_well


async def test_when_one_call_is_written_again_the_others_are_so_at_once(bench: Bench) -> None:
    bench.journal.failing = True
    await bench.report("a", arrival())
    bench.journal.failing = False
    await bench.report("b", arrival())
    assert sorted(turn.call_id for turn in bench.journal.turns) == ["a", "b"]
    assert bench.agenda.now() == 0


async def test_the_end_of_the_program_waits_so_long_for_a_journal_and_no_longer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scribe, "PATIENCE_S", 0.01)
    monkeypatch.setattr(scribe, "LAST_TRY_S", 0.01)
    bench.journal.answers.clear()
    bench.controller.report("a", arrival())
    async with asyncio.timeout(5):
        await bench.controller.close()
    assert "the journal does not have the last turns of 1 calls" in caplog.text


async def test_what_the_carrier_cannot_do_comes_back_as_a_failed_command(bench: Bench) -> None:
    bench.carrier.broken = True
    bench.controller.report("a", arrival())
    while not bench.carrier.told:  # noqa: ASYNC110 - one turn of the loop at a time is the point
        await asyncio.sleep(0)
    bench.carrier.broken = False
    await bench.controller.settled()
    failed = [turn.event for turn in bench.journal.turns if isinstance(turn.event, CommandFailed)]
    assert [event.command for event in failed] == ["answer", "play"]
    assert all("switch gone" in event.reason for event in failed)


async def test_a_call_that_could_not_be_answered_closes_as_failed(bench: Bench) -> None:
    await bench.report("a", arrival(), CommandFailed(10, "answer", "gone"))
    assert bench.closed == ["a"]
    last = bench.journal.turns[-1].commands[-1]
    assert isinstance(last, CloseRecord)
    assert last.outcome == "failed"


async def test_an_offer_rings_the_operator_and_his_answer_connects(bench: Bench) -> None:
    bench.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    await bench.report("a", arrival(), PlayFinished(5000, 1))
    assert RingOperator("alfa") in bench.commands("a")
    await bench.report("a", OperatorAnswered(7000, "alfa"))
    assert bench.commands("a")[-1] == Connect("alfa", record="1")


async def test_an_operator_who_gets_ready_is_offered_the_waiting_call(bench: Bench) -> None:
    await bench.report("a", arrival(), PlayFinished(5000, 1))
    assert not [command for command in bench.commands("a") if isinstance(command, RingOperator)]
    bench.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    await bench.controller.settled()
    assert RingOperator("alfa") in bench.commands("a")


async def test_an_operator_who_lets_it_ring_is_passed_over_by_the_clock(bench: Bench) -> None:
    bench.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    bench.controller.sign_in(Operator("bravo", frozenset({"emergency"})))
    await bench.report("a", arrival(), PlayFinished(0, 1))
    while not [c for c in bench.commands("a") if c == RingOperator("bravo")]:
        assert bench.agenda.step()
        await bench.controller.settled()
    assert bench.agenda.now() == shipped_setting().policy.ring_ms


async def test_a_call_reaches_neighbouring_operators_when_its_time_has_come(bench: Bench) -> None:
    foreign = Operator("alfa", frozenset({"emergency"}), frozenset({"en"}))
    bench.controller.sign_in(foreign)
    await bench.report("a", arrival(), PlayFinished(0, 1))
    while not [c for c in bench.commands("a") if isinstance(c, RingOperator)]:
        assert bench.agenda.step()
        await bench.controller.settled()
    assert bench.agenda.now() == 6_000


async def restarted(bench: Bench) -> Bench:
    """The bench after a restart in which alfa talked on call a, while b waited."""
    bench.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    await bench.report("a", arrival(), PlayFinished(5000, 1), OperatorAnswered(7000, "alfa"))
    await bench.report("b", arrival(), PlayFinished(5000, 1))
    again = Bench()
    for call_id in ("a", "b"):
        again.controller.rebuild([turn for turn in bench.journal.turns if turn.call_id == call_id])
    return again


async def test_operators_wait_until_it_is_known_who_holds_a_call_and_not_for_the_switch(
    bench: Bench,
) -> None:
    """One request without an answer once kept the operators from all other callers for 18 s."""
    again = await restarted(bench)
    again.journal.delay = 0.001
    again.carrier.answers.clear()
    again.controller.resume("a")
    again.controller.resume("b")
    async with asyncio.timeout(2):
        await again.controller.resumed()
    again.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    assert again.room.dispatch.held_by("alfa") == "a"
    again.controller.sign_in(Operator("bravo", frozenset({"emergency"})))
    assert again.room.dispatch.held_by("bravo") == "b"


async def test_operators_wait_no_longer_for_a_call_that_cannot_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(controller, "RESUMED_WITHIN_S", 0.02)
    again = await restarted(bench)
    again.journal.answers.clear()
    again.controller.resume("a")
    async with asyncio.timeout(2):
        await again.controller.resumed()
    assert "before it is known whether one of them has call a" in caplog.text


async def test_without_calls_to_resume_operators_wait_for_nothing(bench: Bench) -> None:
    async with asyncio.timeout(0.5):
        await bench.controller.resumed()


async def test_an_event_for_an_unknown_call_is_logged_and_makes_no_call(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await bench.report("ghost", DigitPressed(0, "1"))
    assert "ghost" in caplog.text
    assert bench.journal.turns == []


async def test_a_closed_call_answers_late_events_for_a_minute_and_is_then_forgotten(bench: Bench) -> None:
    await bench.report("a", arrival(), CallerHungUp(1000))
    assert bench.closed == ["a"]
    await bench.report("a", DigitPressed(2000, "1"))
    assert bench.journal.turns[-1].commands == ()
    assert bench.agenda.step()
    assert bench.agenda.now() == LINGER_MS
    assert bench.room.call("a") is None


async def test_what_still_says_something_of_a_forgotten_call_goes_to_its_journal_without_commands(
    bench: Bench,
) -> None:
    await bench.report("a", arrival(), CallerHungUp(1000))
    assert bench.agenda.step()
    late = [
        LocationReceived(100_000, LocationForm.AML_SMS, "text"),
        RecordingStored(100_001, "1", "/recordings/a-1.wav", 3.0),
        WrapUpFinished(100_002, "alfa", "note"),
    ]
    turns = len(bench.journal.turns)
    await bench.report("a", *late, DigitPressed(100_003, "1"))
    assert bench.journal.late == [("a", event) for event in late]
    assert (len(bench.journal.turns), bench.room.call("a")) == (turns, None)


async def test_what_comes_late_for_no_call_at_all_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await bench.report("ghost", LocationReceived(0, LocationForm.AML_SMS, "text"))
    assert "call ghost: location_received for a call that is not known, ignored" in caplog.text
    assert bench.controller.journal_well


@pytest.mark.parametrize(
    "late",
    [Registered(200_000, "alfa", "theft", (), ""), RecordingStored(200_000, "1", "/recordings/a-1.wav", 3.0)],
)
async def test_what_comes_late_while_the_journal_fails_is_kept_and_written_later(
    bench: Bench, late: Event
) -> None:
    await bench.report("a", arrival(), CallerHungUp(1000))
    assert bench.agenda.step()
    bench.journal.failing = True
    await bench.report("a", late)
    assert not bench.controller.journal_well
    bench.journal.failing = False
    assert bench.agenda.step()
    await bench.controller.settled()
    assert bench.journal.late == [("a", late)]
    assert bench.controller.journal_well


async def test_what_comes_late_is_written_after_the_turns_that_the_journal_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.journal.failing = True
    await bench.report("a", arrival(), CallerHungUp(1000))
    while bench.room.call("a") is not None:
        assert bench.agenda.step()
        await bench.controller.settled()
    late = Registered(70_000, "alfa", "theft", (), "")
    await bench.report("a", late)
    bench.journal.failing = False
    await bench.controller.close()
    assert [turn.seq for turn in bench.journal.turns] == [1, 2]
    assert bench.log[-1] == "kept a late"
    assert "ignored" not in caplog.text


async def test_a_fault_in_handling_one_event_does_not_end_the_call(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        await bench.report("a", CallArrived(0, "112", None, "no such menu", "", ""), arrival())
    assert "could not be handled" in caplog.text
    assert any(isinstance(command, Play) for command in bench.commands("a"))


async def test_a_thousand_calls_leave_no_task_timer_or_call_behind(bench: Bench) -> None:
    bench.controller.sign_in(Operator("alfa", frozenset({"emergency"})))
    for number in range(1000):
        call_id = f"call-{number}"
        await bench.report(call_id, arrival(), PlayFinished(0, 1), OperatorAnswered(1, "alfa"))
        await bench.report(call_id, CallerHungUp(2), WrapUpFinished(3, "alfa"))
    while bench.agenda.step():
        await bench.controller.settled()
    assert len(bench.closed) == 1000
    assert bench.room.live() == []
    assert bench.room.call("call-999") is None
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_the_wall_clock_runs_as_fast_as_it_is_told() -> None:
    clock = WallClock(start=1_000_000, speed=100)
    rang = asyncio.Event()
    clock.call_at(1_002_000, rang.set)
    async with asyncio.timeout(5):
        await rang.wait()
    assert clock.now() >= 1_002_000


def test_a_clock_that_stands_still_or_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        WallClock(speed=0)


async def test_a_registration_after_a_call_is_forgotten_is_kept_all_the_same(bench: Bench) -> None:
    late = Registered(200_000, "alfa", "theft", (), "")
    await bench.report("a", arrival(), CallerHungUp(1000))
    assert bench.agenda.step()
    await bench.report("a", late)
    assert bench.journal.late == [("a", late)]


async def test_who_signs_in_not_ready_is_offered_nothing_until_he_is(bench: Bench) -> None:
    await bench.report("a", arrival(), PlayFinished(5000, 1))
    alfa = Operator("alfa", frozenset({"emergency"}))
    bench.controller.sign_in(alfa, ready=False)
    await bench.controller.settled()
    assert RingOperator("alfa") not in bench.commands("a")
    bench.controller.ready("alfa")
    await bench.controller.settled()
    assert RingOperator("alfa") in bench.commands("a")
