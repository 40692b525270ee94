"""The course of a call while its carrier does what it is told: from ring to the last wrap-up.

`Call` (`call.py`) is the whole: it adds what happens when the carrier does not, and closes the record.
"""

from vagtcentral.ivr.better_fix import expected_until, keep_back
from vagtcentral.ivr.commands import (
    Answer,
    CallBack,
    Connect,
    LeaveQueue,
    Outcome,
    ShowAnswer,
    ShowNode,
)
from vagtcentral.ivr.errand import Errand
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHeld,
    CallerHungUp,
    CallerRetrieved,
    CallerUnanswered,
    DigitPressed,
    DigitsCollected,
    LocationReceived,
    OperatorAnswered,
    OperatorHungUp,
    OperatorOffered,
    OperatorUnanswered,
    PlayFinished,
    RecordingStored,
    Registered,
    Timer,
    TimerFired,
    TransferRequested,
    WrapUpFinished,
    WronglyRouted,
)
from vagtcentral.ivr.keyed import FORMS, spelled
from vagtcentral.ivr.legs import OperatorLegs
from vagtcentral.ivr.line import Line
from vagtcentral.ivr.phase import Phase
from vagtcentral.ivr.setting import Setting
from vagtcentral.ivr.waiting import WaitingCaller
from vagtcentral.ivr.whereabouts import Whereabouts
from vagtcentral.menus.model import (
    KEYS,
    BookCallBack,
    DistrictRule,
    Emergency,
    Entry,
    Inform,
    Menu,
    Queue,
)
from vagtcentral.menus.walk import Ask, Leave, Say, Step, Walk

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_NEW, _MENU, _WAITING, _TALKING, _SURVEY, _CLOSING, _AWAY, _CALLED, _GONE = Phase
_DIGITS, _RING, _COMFORT, _CALL_BACK, _WRAP_UP, _BETTER_FIX = Timer
_NUMBER = Entry.NUMBER

#: The phases in which the call stands in the queue, unless a call-back is to be tried again later, or it is
#: kept back for a better position.
QUEUED = (_WAITING, _CLOSING, _AWAY)


class Course:
    """The phases of one call and what each event does in them. `Call` adds what goes wrong, and the end."""

    __slots__ = (
        "_announced",
        "_attempts",
        "_before_connect",
        "_caller",
        "_conversations",
        "_errand",
        "_greeting",
        "_held",
        "_language",
        "_legs",
        "_line",
        "_menu",
        "_outcome",
        "_phase",
        "_promise",
        "_service",
        "_setting",
        "_waiting",
        "_walk",
        "_whereabouts",
        "closed",
        "turns",
    )

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._line = Line()
        self._legs = OperatorLegs(self._line, setting.policy)
        self._phase = _NEW
        self._outcome: Outcome | None = None
        self._before_connect: Outcome | None = None
        self._service = ""
        self._caller: str | None = None
        self._menu: Menu
        self._walk: Walk
        self._language = ""
        self._whereabouts: Whereabouts
        self._errand: Errand
        self._attempts = 0
        self._greeting = False  # hearing the announcement of the recording, before anything else
        self._announced = False
        self._held = False  # the operator lets the caller wait for a moment
        self._conversations = 0
        self._promise: str | None = None
        self.closed = False
        self.turns = 0  # how many events have been handled; kept by the room

    @property
    def phase(self) -> Phase:
        """Where the caller is now."""
        return self._phase

    @property
    def service(self) -> str:
        """The number that was dialled, `112` or `114`; empty before the call has arrived."""
        return self._service

    def operators(self) -> frozenset[str]:
        """Every operator whom this call holds: rung, talking, or wrapping up."""
        return self._legs.held()

    # --- arriving and the menu ----------------------------------------------------------------

    def _call_arrived(self, event: CallArrived) -> None:
        if self._phase is not _NEW:
            return
        self._service = event.service
        self._caller = event.caller
        self._menu = self._setting.menus[event.menu]
        expected = expected_until(event, self._setting.costs)
        self._whereabouts = Whereabouts(self._setting, event.service, expected)
        self._errand = Errand(event.service)
        self._phase = _MENU
        self._line.add(Answer())
        self._walk = Walk(self._menu, None, self._setting.knows_place)
        self._language = self._walk.language
        self._waiting = WaitingCaller(self._line, self._menu)
        self._greet(event.at)

    def _greet(self, at: int) -> None:
        """Say that the conversation will be recorded, before anything else, where the menu asks for that."""
        recording = self._menu.recording
        if recording is None or recording.announcement is None:
            self._announced = True
            self._follow(self._walk.start(), at)
        else:
            self._greeting = True
            self._line.say(self._menu.spoken(recording.announcement, self._language))

    def _follow(self, step: Step | None, at: int) -> None:
        """Carry out what the walk says next, and keep the digit timer as it wants it."""
        walk = self._walk
        if walk.entered is not None:
            self._entered(walk, at)
        self._language = walk.language
        if isinstance(step, Ask):
            self._show_node(walk)
            self._line.gather(step.prompts, step.barge_in, step.timing, step.max_digits, step.terminator)
        elif isinstance(step, Say):
            self._show_node(walk)
            self._line.say(*step.prompts)
        elif isinstance(step, Leave):
            self._leave_walk(step.node, at)
        deadline = walk.deadline
        if deadline is not None and (self._phase is _MENU or self._phase is _SURVEY):
            self._line.set(_DIGITS, deadline)
        else:
            self._line.cancel(_DIGITS)

    def _entered(self, walk: Walk, at: int) -> None:
        entered = walk.entered
        assert entered is not None
        walk.entered = None
        self._line.add(ShowAnswer(entered.name, spelled(entered.entry, entered.value)))
        if entered.entry is not _NUMBER:
            self._line.add(self._whereabouts.keyed(FORMS[entered.entry], entered.value, at))
            walk.located = self._whereabouts.spared

    def _reconsider(self, at: int) -> None:
        """While a better position may come, time alone may change whether the caller is asked where he is."""
        if self._whereabouts.fix_until and self._phase is _MENU:
            self._whereabouts.decide(at)
            self._walk.located = self._whereabouts.spared

    def _leave_walk(self, node: Queue | BookCallBack | Emergency | Inform | None, at: int) -> None:
        if self._phase is _SURVEY:
            self._hang_up_caller()
            return
        self._whereabouts.leave_menu()
        match node:
            case Inform(solved=solved):
                self._outcome = Outcome.SELF_SERVICE if solved else Outcome.NO_INPUT
                self._hang_up_caller()
            case Emergency(name=name, prompt=prompt, skill=skill):
                self._becomes_an_emergency()
                self._aim(skill, DistrictRule.CALLER, name)
                self._wait(prompt, at)
            case Queue(name=name, prompt=prompt, skill=skill, district=district, onward=onward):
                self._aim(skill, district, name, onward)
                self._wait(prompt, at, may_keep_back=True)
            case BookCallBack(name=name, prompt=prompt, skill=skill, district=district):
                self._aim(skill, district, name)
                self._book_call_back(prompt, at)
            case None:
                skill = self._setting.policy.fallback_skill.get(self._service, "general")
                self._aim(skill, DistrictRule.CALLER, self._walk.node)
                self._wait(None, at, may_keep_back=True)

    def _digit_pressed(self, event: DigitPressed) -> None:
        if event.digit not in KEYS:
            return
        if self._phase is _WAITING:
            self._key_while_waiting(event.digit, event.at)
        elif (self._phase is _MENU and not self._greeting) or self._phase is _SURVEY:
            if self._line.playing is not None and not self._may_barge_in():
                return
            self._reconsider(event.at)
            step = self._walk.press(event.digit, event.at)
            if step is None and self._walk.keying:
                self._line.barged_in()
            self._follow(step, event.at)

    def _may_barge_in(self) -> bool:
        node = self._walk.menu.nodes[self._walk.node]
        return bool(getattr(node, "barge_in", False))

    def _digits_collected(self, event: DigitsCollected) -> None:
        if event.play != self._line.gathering:
            return
        self._line.playing = None
        if self._phase in (_MENU, _SURVEY):
            self._reconsider(event.at)
            self._follow(self._walk.collected(event.digits, event.at), event.at)
        elif self._phase is _WAITING and not self._key_while_waiting(event.digits[:1], event.at):
            self._waiting.go_on(event.at)

    def _play_finished(self, event: PlayFinished) -> None:
        if event.play != self._line.playing:
            return
        self._line.playing = None
        phase = self._phase
        if phase is _MENU and self._greeting:
            self._greeting = False
            self._announced = True
            self._follow(self._walk.start(), event.at)
        elif phase is _MENU or phase is _SURVEY:
            self._reconsider(event.at)
            self._follow(self._walk.prompt_finished(event.at), event.at)
        elif phase is _WAITING:
            self._waiting.go_on(event.at)
        elif phase is _CLOSING:
            self._line.hang_up()
            self._phase = _AWAY

    # --- waiting ------------------------------------------------------------------------------

    def _aim(self, skill: str, district: DistrictRule | str, node: str, onward: str | None = None) -> None:
        """Set where the call is to go, and show it."""
        self._errand.aim(skill, district)
        self._line.add(self._errand.destination(self._whereabouts.district, node, onward))

    def _wait(self, prompt: str | None, at: int, may_keep_back: bool = False) -> None:
        """Join the queue; the caller hears the prompt, if any, as the first thing of his waiting."""
        self._phase = _WAITING
        if not (may_keep_back and keep_back(self._line, self._whereabouts, self._errand, at)):
            self._enqueue(at)
        self._waiting.begin(prompt, self._language, at)

    def _becomes_an_emergency(self) -> None:
        """From here on the caller waits as on 112: first priority, and nobody offers to call him back."""
        self._errand.becomes_an_emergency()
        self._waiting.rules = self._setting.menus.get("112", self._menu)

    def _enqueue(self, at: int) -> None:
        """Ask for an operator, or change what was asked for; the place in the queue is kept."""
        self._line.cancel(_BETTER_FIX)
        self._line.add(self._errand.request(at, self._language, self._whereabouts.district))

    def _key_while_waiting(self, key: str, at: int) -> bool:
        """Book the call-back if the key means that. Returns whether the key meant anything."""
        if not self._waiting.books_call_back(key):
            return False
        self._line.cancel(_COMFORT)
        if self._caller is None:
            self._waiting.refuse_call_back(self._language, at)
            return True
        if self._line.running(_BETTER_FIX):
            self._enqueue(at)
        self._promise_call_back(self._waiting.rules.waiting.call_back_prompt, at)
        return True

    def _book_call_back(self, prompt: str, at: int) -> None:
        self._phase = _WAITING
        self._enqueue(at)
        if self._caller is None:
            self._waiting.refuse_call_back(self._language, at)
        else:
            self._promise_call_back(prompt, at)

    def _promise_call_back(self, prompt: str | None, at: int) -> None:
        self._promise = prompt
        if prompt is None:
            self._line.hang_up()
            self._phase = _AWAY
            return
        self._phase = _CLOSING
        self._line.say(self._menu.spoken(prompt, self._language))

    # --- operators ----------------------------------------------------------------------------

    def _operator_offered(self, event: OperatorOffered) -> None:
        queued = self._phase in QUEUED and not self._line.running(_BETTER_FIX)
        self._legs.offered(event, wanted=queued)

    def _operator_answered(self, event: OperatorAnswered) -> None:
        if not self._legs.answered(event.operator):
            return
        self._line.cancel(_COMFORT)
        if self._phase is _AWAY:
            assert self._caller is not None
            self._phase = _CALLED
            self._attempts += 1
            self._line.hear(CallBack(self._caller))
        else:
            self._connect(event.operator, Outcome.ANSWERED)

    def _connect(self, operator: str, outcome: Outcome) -> None:
        self._phase = _TALKING
        self._held = False
        self._before_connect = self._outcome
        self._outcome = self._outcome or outcome
        self._conversations += 1
        self._line.hear(Connect(operator, self._record_name()))

    def _record_name(self) -> str | None:
        """The name of the recording of this conversation: the first is 1."""
        recorded = self._menu.recording is not None and self._announced
        return str(self._conversations) if recorded else None

    def _operator_unanswered(self, event: OperatorUnanswered) -> None:
        if event.operator == self._legs.ringing:
            self._legs.pass_over(event.reason, blameless=event.out_of_reach)

    def _operator_hung_up(self, event: OperatorHungUp) -> None:
        if event.operator == self._legs.ringing:
            self._legs.pass_over("hung up")
        elif event.operator == self._legs.talking and self._phase is _TALKING:
            self._legs.wrap_up(event.at)
            self._survey_or_hang_up(event.at)
        elif event.operator == self._legs.talking and self._phase is _CALLED:
            # The operator gave up while the caller's phone rang: the place is kept for another.
            self._legs.wrap_up(event.at)
            self._line.hang_up()
            self._phase = _AWAY
            self._enqueue(event.at)

    def _transfer_requested(self, event: TransferRequested) -> None:
        if event.operator != self._legs.talking or self._phase is not _TALKING:
            return
        self._legs.drop()
        self._legs.wrap_up(event.at)
        self._errand.not_operator = event.operator
        if event.skill == self._setting.policy.fallback_skill.get("112"):
            self._becomes_an_emergency()
        self._aim(event.skill, event.district or DistrictRule.CALLER, "transfer")
        self._wait(None, event.at)

    def _caller_held(self, event: CallerHeld) -> None:
        if event.operator == self._legs.talking and self._phase is _TALKING and not self._held:
            self._held = True
            self._line.hold()

    def _caller_retrieved(self, event: CallerRetrieved) -> None:
        """Connect again what was held; what is said from here on is a recording of its own."""
        if event.operator == self._legs.talking and self._phase is _TALKING and self._held:
            self._held = False
            self._before_connect = self._outcome
            self._conversations += 1
            self._line.hear(Connect(event.operator, self._record_name()))

    def _wrap_up_finished(self, event: WrapUpFinished) -> None:
        self._legs.registered(event.operator)

    # --- the caller's end ---------------------------------------------------------------------

    def _survey_or_hang_up(self, at: int) -> None:
        survey = self._setting.menus.get(self._menu.survey) if self._menu.survey else None
        if survey is None:
            self._hang_up_caller()
            return
        self._phase = _SURVEY
        self._walk = Walk(survey, self._language, self._setting.knows_place)
        self._follow(self._walk.start(), at)

    def _hang_up_caller(self) -> None:
        self._line.hang_up()
        self._phase = _GONE

    def _caller_hung_up(self, event: CallerHungUp) -> None:
        self._line.playing = None
        self._line.cancel(_DIGITS)
        phase = self._phase
        if phase is _MENU:
            self._outcome = self._outcome or (Outcome.FAILED if event.lost else self._outcome_in_menu())
        elif phase is _WAITING:
            unheard = Outcome.FAILED if event.lost else Outcome.ABANDONED_IN_QUEUE
            self._outcome = Outcome.LOST_IN_TRANSFER if self._outcome else unheard
            self._leave_queue()
        elif phase is _TALKING:
            self._legs.drop()
            self._legs.wrap_up(event.at)
        elif phase is _CLOSING:
            self._phase = _AWAY
            return
        elif phase in (_AWAY, _CALLED, _GONE):
            return
        self._phase = _GONE

    def _outcome_in_menu(self) -> Outcome:
        """A caller who hangs up while hearing the answer he came for has been served."""
        node = self._menu.nodes[self._walk.node]
        if isinstance(node, Inform):
            return Outcome.SELF_SERVICE if node.solved else Outcome.NO_INPUT
        return Outcome.ABANDONED_IN_MENU

    def _leave_queue(self) -> None:
        self._line.add(LeaveQueue())
        self._line.cancel(_COMFORT)
        self._line.cancel(_BETTER_FIX)
        self._legs.caller_left()

    def _caller_answered(self, event: CallerAnswered) -> None:
        if self._phase is _CALLED:
            assert self._legs.talking is not None
            self._connect(self._legs.talking, Outcome.CALLED_BACK)

    def _caller_unanswered(self, event: CallerUnanswered) -> None:
        if self._phase is not _CALLED:
            return
        self._legs.let_go()
        if self._attempts < self._setting.policy.call_back_attempts:
            self._phase = _AWAY
            self._line.set(_CALL_BACK, event.at + self._setting.policy.call_back_every_ms)
        else:
            self._outcome = Outcome.LOST_IN_TRANSFER if self._outcome else Outcome.CALL_BACK_FAILED
            self._phase = _GONE

    # --- location, timers, failures -----------------------------------------------------------

    def _location_received(self, event: LocationReceived) -> None:
        asked_for = self._errand.district(self._whereabouts.district)
        self._line.add(self._whereabouts.received(event))
        self._walk.located = self._whereabouts.spared
        if self._line.running(_BETTER_FIX):
            if not self._whereabouts.hold:
                self._enqueue(event.at)
            return
        moved = self._errand.district(self._whereabouts.district) != asked_for
        if moved and self._phase in QUEUED and not self._line.running(_CALL_BACK):
            self._enqueue(event.at)

    def _timer_fired(self, event: TimerFired) -> None:
        if not self._line.take(event):
            return
        timer = event.timer
        if timer is _DIGITS:
            self._reconsider(event.at)
            self._follow(self._walk.expire(), event.at)
        elif timer is _COMFORT:
            self._waiting.comfort(self._language, self._errand.emergency)
        elif timer is _RING:
            self._legs.rang_out()
        elif timer is _CALL_BACK:
            self._enqueue(event.at)
        elif timer is _BETTER_FIX:
            self._whereabouts.decide(event.at)
            self._line.add(self._whereabouts.shown())
            self._enqueue(event.at)
        else:
            self._legs.wrap_up_over(event.due)

    def _nothing(self, event: RecordingStored | Registered | WronglyRouted) -> None:
        """Noted in the journal, and nothing follows from it."""

    def _show_node(self, walk: Walk) -> None:
        self._line.add(ShowNode(walk.menu.name, walk.node, walk.language))
