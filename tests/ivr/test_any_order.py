"""Arbitrary orders of events: duplicate, late, after the end. Nobody is forgotten, nobody has two calls.

`test_one_call_...` gives a single call anything at all; `RoomMachine` drives a whole room as a carrier would,
but repeats and delays events at will, and lets operators come and go.
"""

import os
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from vagtcentral.ivr.call import Call
from vagtcentral.ivr.carrier import carrier_commands, dispatch_commands
from vagtcentral.ivr.commands import (
    CallBack,
    CancelTimer,
    CloseRecord,
    Command,
    Connect,
    Gather,
    HangUp,
    Hold,
    Play,
    RingOperator,
    SetTimer,
)
from vagtcentral.ivr.dispatch import Operator, Status
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CallerUnanswered,
    CarrierGap,
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
    RecordingStored,
    Resumed,
    Timer,
    TimerFired,
    TransferRequested,
    WrapUpFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase
from vagtcentral.ivr.room import Room
from vagtcentral.ivr.setting import Setting, shipped_setting
from vagtcentral.location.decision import Costs

SEARCH = int(os.environ.get("VAGTCENTRAL_SEARCH", "1"))
HEAR = (Play, Gather, Hold, Connect, CallBack, HangUp)
SKILLS = (
    "emergency",
    "general",
    "switchboard",
    "theft",
    "tips",
    "fraud",
    "crime",
    "case",
    "licence",
    "local",
)
NAMES = ("alfa", "bravo", "charlie")
AML = 'A"ML=1;lt=+55.67890;lg=+012.59000;rd=14;top=20190304080214;lc=68;pm=G;si=;ei=;mcc=238;mnc=02;ml=99'

#: The border of two districts, so that calls are kept back for a better position where that is allowed.
BORDER = "55.70,12.45,3300"

instants = st.integers(0, 900_000)
operators = st.sampled_from(NAMES)
keys = st.sampled_from("0123456789*#A")


def setting(keeps_back: bool) -> Setting:
    """The shipped setting; with `keeps_back`, calls may wait for a better position until 60 s are over."""
    return replace(shipped_setting(), costs=Costs(hold_s=60.0 if keeps_back else 0.0, per_second_held=0.1))


def arrived(at: int, menu: str, caller: str | None) -> CallArrived:
    return CallArrived(at, menu[:3], caller, menu, "", "")


def anything(at: st.SearchStrategy[int]) -> st.SearchStrategy[Event]:
    """Any event at all, but for the arrival."""
    contents = st.sampled_from([AML, "", "55.4,10.4,900", BORDER, "nonsense", 'A"ML=1;;;;lt=', "nan,nan,nan"])
    commands = st.sampled_from(
        ["answer", "play", "gather", "ring_operator", "connect", "call_back", "hold", "hang_up", "unheard_of"]
    )
    return st.one_of(
        st.builds(DigitPressed, at, keys),
        st.builds(DigitsCollected, at, st.integers(0, 12), st.text("0123456789*#", max_size=6)),
        st.builds(PlayFinished, at, st.integers(0, 12)),
        st.builds(CallerHungUp, at),
        st.builds(CallerAnswered, at),
        st.builds(CallerUnanswered, at),
        st.builds(OperatorOffered, at, operators, st.integers(0, 9)),
        st.builds(OperatorAnswered, at, operators),
        st.builds(OperatorUnanswered, at, operators),
        st.builds(OperatorHungUp, at, operators),
        st.builds(TransferRequested, at, operators, st.sampled_from(["theft", "tips"])),
        st.builds(WrapUpFinished, at, operators),
        st.builds(LocationReceived, at, st.sampled_from(LocationForm), contents),
        st.builds(TimerFired, at, st.sampled_from(Timer), instants),
        st.builds(RecordingStored, at, st.just("1"), st.just("1.wav"), st.just(9.5)),
        st.builds(CarrierGap, at, st.integers(0, 9_000)),
        st.builds(Resumed, at),
        st.builds(CommandFailed, at, commands, st.just("lost")),
    )


def check_turn(commands: tuple[Command, ...]) -> None:
    """One thing to hear at the most, and it is the last of the carrier's commands."""
    for_carrier = carrier_commands(commands)
    heard = [command for command in for_carrier if isinstance(command, HEAR)]
    assert len(heard) <= 1
    assert not heard or for_carrier[-1] is heard[0]


def follow_timers(timers: dict[Timer, int], commands: tuple[Command, ...]) -> None:
    for command in commands:
        if isinstance(command, SetTimer):
            timers[command.timer] = command.due
        elif isinstance(command, CancelTimer):
            timers.pop(command.timer, None)


@settings(max_examples=400 * SEARCH, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    menu=st.sampled_from(["112", "114", "114-before"]),
    caller=st.sampled_from(["+4510114001", None]),
    events=st.lists(anything(instants), max_size=60),
    repeat=st.booleans(),
    timers_run=st.booleans(),
    keeps_back=st.booleans(),
)
def test_one_call_survives_any_events_and_ends_when_everybody_leaves(
    menu: str, caller: str | None, events: list[Event], repeat: bool, timers_run: bool, keeps_back: bool
) -> None:
    call = Call(setting(keeps_back))
    timers: dict[Timer, int] = {}
    closed = 0

    def give(event: Event) -> None:
        nonlocal closed
        if isinstance(event, TimerFired) and timers.get(event.timer) == event.due:
            del timers[event.timer]
        commands = call.handle(event)
        check_turn(commands)
        follow_timers(timers, commands)
        closed += sum(isinstance(command, CloseRecord) for command in commands)

    give(arrived(0, menu, caller))
    for event in events:
        give(event)
        if repeat:
            give(event)
        if timers_run and timers:
            timer, due = min(timers.items(), key=lambda item: item[1])
            give(TimerFired(due, timer, due))
    # Everybody leaves: the caller, then every operator; what is still rung for a call-back rings out.
    now = 10_000_000
    for _ in range(20):
        now += 1_000_000
        give(CallerHungUp(now))
        give(CallerUnanswered(now))
        for name in call.operators():
            give(OperatorUnanswered(now, name))
            give(OperatorHungUp(now, name))
            give(WrapUpFinished(now, name))
        for timer, due in list(timers.items()):
            give(TimerFired(max(now, due), timer, due))
        if call.phase is Phase.AWAY and call.operators() == frozenset():
            give(OperatorOffered(now, "zulu", now))
            give(OperatorAnswered(now, "zulu"))
    assert call.closed
    assert closed == 1
    assert not timers
    assert call.operators() == frozenset()


class RoomMachine(RuleBasedStateMachine):
    """A whole room: calls arrive, operators come and go, events are repeated and delayed."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.setting = setting(keeps_back=False)
        self.room = Room(self.setting)
        self.now = 0
        self.count = 0
        self.timers: dict[str, dict[Timer, int]] = {}
        self.past: list[tuple[str, Event]] = []
        self.ringing: list[tuple[str, str]] = []
        self.turns: dict[str, list[Turn]] = {}

    @initialize(keeps_back=st.sampled_from([True, True, False]))
    def operators_come_to_work(self, keeps_back: bool) -> None:
        self.setting = setting(keeps_back)
        self.room = Room(self.setting)
        self.sign_in("alfa", ["emergency", "general", "tips"], ["da"], "1470")
        self.sign_in("bravo", ["tips", "general", "switchboard", "theft"], ["da", "en"], None)

    def sign_in(self, name: str, skills: list[str], languages: list[str], district: str | None) -> None:
        operator = Operator(name, frozenset(skills), frozenset(languages), district)
        for follow in self.room.sign_in(operator, self.now):
            self.give(*follow)

    def give(self, call_id: str, event: Event) -> None:
        """One event and everything that follows from it within the room, for calls that the room knows."""
        if self.room.call(call_id) is None and not isinstance(event, CallArrived):
            return
        turn = self.room.handle(call_id, event)
        check_turn(turn.commands)
        self.turns.setdefault(call_id, []).append(turn)
        timers = self.timers.setdefault(call_id, {})
        follow_timers(timers, turn.commands)
        self.past.append((call_id, event))
        self.ringing += [(call_id, c.operator) for c in turn.commands if isinstance(c, RingOperator)]
        for follow in self.room.dispatched(call_id, dispatch_commands(turn.commands), event.at):
            self.give(*follow)

    @rule(
        target=calls,
        menu=st.sampled_from(["112", "114", "114-before"]),
        caller=st.sampled_from(["+4510114001", None]),
    )
    def a_call_arrives(self, menu: str, caller: str | None) -> str:
        self.count += 1
        call_id = f"call-{self.count}"
        self.give(call_id, arrived(self.now, menu, caller))
        return call_id

    @rule(call_id=calls, event=anything(st.just(0)))
    def something_happens(self, call_id: str, event: Event) -> None:
        # These come from within the room; everything else may come from anywhere at any time.
        if isinstance(event, OperatorOffered | TimerFired | Resumed):
            return
        self.give(call_id, event_at(event, self.now))

    @rule(call_id=calls)
    def the_prompts_end(self, call_id: str) -> None:
        for play in range(1, 9):
            self.give(call_id, PlayFinished(self.now, play))

    @rule(call_id=calls, keyed=st.sampled_from(["4", "0", "8", "12", "1111"]))
    def the_caller_keys(self, call_id: str, keyed: str) -> None:
        for key in keyed:
            self.give(call_id, DigitPressed(self.now, key))

    @precondition(lambda self: self.ringing)
    @rule(data=st.data())
    def a_rung_operator_answers(self, data: st.DataObject) -> None:
        call_id, operator = data.draw(st.sampled_from(self.ringing))
        self.give(call_id, OperatorAnswered(self.now, operator))

    @rule(target=calls)
    def a_call_comes_to_the_queue_of_an_unsure_district(self) -> str:
        """Through the menu at once: where the setting allows it, the call is kept back from the queue."""
        call_id = self.a_call_arrives("114", "+4510114001")
        self.give(call_id, LocationReceived(self.now, LocationForm.CELL_CIRCLE, BORDER))
        for play in range(1, 4):
            self.give(call_id, PlayFinished(self.now, play))
        self.give(call_id, DigitPressed(self.now, "2"))
        return call_id

    def kept_back(self) -> list[str]:
        return [call_id for call_id, timers in self.timers.items() if Timer.BETTER_FIX in timers]

    @precondition(lambda self: self.kept_back())
    @rule(data=st.data(), message=st.sampled_from([AML, BORDER, "nonsense", None]))
    def a_call_that_is_kept_back_is_located_or_ends(self, data: st.DataObject, message: str | None) -> None:
        call_id = data.draw(st.sampled_from(self.kept_back()))
        if message is None:
            self.give(call_id, CallerHungUp(self.now))
            return
        form = LocationForm.CELL_CIRCLE if message is BORDER else LocationForm.AML_SMS
        self.give(call_id, LocationReceived(self.now, form, message))

    @precondition(lambda self: self.kept_back())
    @rule()
    def the_controller_is_started_again_while_a_call_is_kept_back(self) -> None:
        self.the_controller_is_started_again(everyone=True)

    @rule(call_id=calls)
    def the_caller_hangs_up(self, call_id: str) -> None:
        self.give(call_id, CallerHungUp(self.now))

    @rule(call_id=calls)
    def the_operator_hangs_up_or_passes_the_caller_on(self, call_id: str) -> None:
        call = self.room.call(call_id)
        for name in sorted(call.operators()) if call is not None else ():
            self.give(call_id, TransferRequested(self.now, name, "theft"))
            self.give(call_id, OperatorUnanswered(self.now, name))

    @rule(call_id=calls)
    def every_offer_of_a_call_comes_again(self, call_id: str) -> None:
        for known, event in list(self.past):
            if known == call_id and isinstance(event, OperatorOffered):
                self.give(call_id, event)

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def an_old_event_comes_again(self, data: st.DataObject) -> None:
        call_id, event = data.draw(st.sampled_from(self.past))
        if not isinstance(event, TimerFired | Resumed):
            self.give(call_id, event)

    @rule(seconds=st.integers(0, 200))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * 1000
        for call_id, timers in list(self.timers.items()):
            for timer, due in sorted(timers.items(), key=lambda item: item[1]):
                if due <= self.now and timers.get(timer) == due:
                    del timers[timer]
                    self.give(call_id, TimerFired(self.now, timer, due))
        for follow in self.room.wake(self.now):
            self.give(*follow)

    @rule(everyone=st.booleans())
    def the_controller_is_started_again(self, everyone: bool) -> None:
        """Every live call is rebuilt from its turns; then the operators sign in again, or only some do."""
        live = self.room.live()
        self.room = Room(self.setting)
        for call_id in live:
            self.room.restore(self.turns[call_id])
            self.timers[call_id] = {}
        for call_id in live:
            self.give(call_id, Resumed(self.now))
        # Offers are made within the process: those of the one that ended do not come again.
        self.past = [
            (known, event)
            for known, event in self.past
            if known in live and not isinstance(event, OperatorOffered)
        ]
        self.ringing = [(known, name) for known, name in self.ringing if known in live]
        for name in NAMES if everyone else NAMES[:1]:
            self.sign_in(name, ["emergency", "tips", "theft", "general"], ["da"], None)

    @rule(call_id=calls)
    def the_carrier_was_out_of_reach(self, call_id: str) -> None:
        self.give(call_id, CarrierGap(self.now, 5_000))

    @rule(name=st.sampled_from(NAMES), district=st.sampled_from(["1470", "1471", None]))
    def an_operator_signs_in(self, name: str, district: str | None) -> None:
        self.sign_in(name, ["emergency", "tips", "theft"], ["da"], district)

    @rule(name=operators)
    def an_operator_is_ready(self, name: str) -> None:
        for follow in self.room.ready(name, self.now):
            self.give(*follow)

    @rule(name=operators)
    def an_operator_takes_a_pause(self, name: str) -> None:
        self.room.dispatch.not_ready(name)

    @rule(name=operators)
    def an_operator_signs_out(self, name: str) -> None:
        self.room.dispatch.sign_out(name)

    @rule(call_id=consumes(calls))
    def a_closed_call_is_forgotten(self, call_id: str) -> None:
        self.room.forget(call_id)
        if self.room.call(call_id) is None:
            self.past = [(known, event) for known, event in self.past if known != call_id]
            self.ringing = [(known, name) for known, name in self.ringing if known != call_id]
            self.timers.pop(call_id, None)

    # --- what always holds --------------------------------------------------------------------

    @invariant()
    def an_operator_never_has_two_calls(self) -> None:
        held = [
            name
            for call_id in self.room.live()
            if (call := self.room.call(call_id)) is not None
            for name in call.operators()
        ]
        assert len(held) == len(set(held)), held

    @invariant()
    def the_call_and_the_dispatcher_agree_who_holds_whom(self) -> None:
        for call_id in self.room.live():
            call = self.room.call(call_id)
            assert call is not None
            for name in call.operators():
                # After a restart an operator may hold a call and not have signed in again yet.
                if self.room.dispatch.status(name) is not None:
                    assert self.room.dispatch.held_by(name) == call_id
                    assert self.room.dispatch.status(name) in (Status.OFFERED, Status.BUSY)
        for name in NAMES:
            holds = self.room.dispatch.held_by(name)
            if holds is not None:
                call = self.room.call(holds)
                assert call is not None
                assert name in call.operators()

    @invariant()
    def no_waiting_caller_is_forgotten(self) -> None:
        waiting = set(self.room.dispatch.waiting())
        for call_id in self.room.live():
            call = self.room.call(call_id)
            assert call is not None
            queued = call.phase in (Phase.WAITING, Phase.CLOSING, Phase.AWAY)
            timers = self.timers.get(call_id, {})
            comes_later = Timer.CALL_BACK in timers or Timer.BETTER_FIX in timers
            assert (call_id in waiting) == (queued and not comes_later), (call_id, call.phase)

    @invariant()
    def only_a_waiting_caller_is_kept_back_and_never_one_of_112(self) -> None:
        for call_id in self.room.live():
            call = self.room.call(call_id)
            assert call is not None
            if Timer.BETTER_FIX in self.timers.get(call_id, {}):
                assert call.phase is Phase.WAITING
                assert call.service == "114"
                assert self.setting.costs.hold_s > 0

    @invariant()
    def a_ready_operator_and_a_call_for_him_do_not_wait_for_each_other(self) -> None:
        dispatch = self.room.dispatch
        for call_id in dispatch.waiting():
            assert dispatch.candidates(call_id) == []

    def teardown(self) -> None:
        """Everybody hangs up, every operator registers: all records close and all operators are free."""
        for _ in range(100):
            if not self.room.live():
                break
            self.time_passes(200)
            for skill in SKILLS:
                self.sign_in(f"relief-{skill}", [skill], ["da", "en"], None)
                for follow in self.room.ready(f"relief-{skill}", self.now):
                    self.give(*follow)
            for call_id in self.room.live():
                self.give(call_id, CallerHungUp(self.now))
                call = self.room.call(call_id)
                assert call is not None
                for name in call.operators():
                    self.give(call_id, OperatorAnswered(self.now, name))
                    self.give(call_id, CallerUnanswered(self.now))
                    self.give(call_id, OperatorHungUp(self.now, name))
                    self.give(call_id, WrapUpFinished(self.now, name))
        assert self.room.live() == []
        assert self.room.dispatch.waiting() == []


def event_at(event: Event, at: int) -> Event:
    """The same event at another instant."""
    return replace(event, at=at)


RoomMachine.TestCase.settings = settings(
    max_examples=500 * SEARCH,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestRoom = RoomMachine.TestCase
