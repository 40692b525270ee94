"""The operators' end of one call: who is being rung, who is talking, who is registering the call."""

from vagtcentral.ivr.commands import (
    AcceptOffer,
    DropOperator,
    HoldOperator,
    RefuseOffer,
    ReleaseOperator,
    RingOperator,
    StopRinging,
)
from vagtcentral.ivr.events import OperatorOffered, Timer
from vagtcentral.ivr.line import Line
from vagtcentral.ivr.setting import CallPolicy

# Looked up once: reading a member off its class costs ten times as much as reading a name.
_DIGITS, _RING, _COMFORT, _CALL_BACK, _WRAP_UP, _BETTER_FIX = Timer


class OperatorLegs:
    """At most one operator is `ringing` and at most one is `talking`; any number may be wrapping up.

    Every operator whom the call holds is told to the dispatcher again, one way or another, when the call lets
    go of him: refused, accepted and later released.
    """

    __slots__ = ("_last_offer", "_line", "_policy", "_registered", "_wrapping", "ringing", "talking")

    def __init__(self, line: Line, policy: CallPolicy) -> None:
        self._line = line
        self._policy = policy
        self._last_offer = 0
        self._wrapping: dict[str, int] = {}
        self._registered = False  # the talking operator has registered the call already
        self.ringing: str | None = None
        self.talking: str | None = None

    def empty(self) -> bool:
        """Whether the call holds no operator."""
        return self.ringing is None and self.talking is None and not self._wrapping

    def held(self) -> frozenset[str]:
        """Every operator whom this call holds."""
        held = {self.ringing, self.talking, *self._wrapping}
        return frozenset(operator for operator in held if operator is not None)

    def offered(self, event: OperatorOffered, *, wanted: bool) -> None:
        """Ring the operator if the call wants one; a duplicate of an earlier offer has been dealt with."""
        if event.offer <= self._last_offer:
            return
        self._last_offer = event.offer
        if not wanted or self.ringing is not None or event.operator in self._wrapping:
            self._line.add(RefuseOffer(event.operator, True, "not waiting"))
            return
        self.ringing = event.operator
        self._line.add(RingOperator(event.operator))
        self._line.set(_RING, event.at + self._policy.ring_ms)

    def answered(self, operator: str) -> bool:
        """The operator took the call; False if he was rung too late and is let go."""
        if operator != self.ringing:
            if operator != self.talking:
                self._line.add(DropOperator(operator))  # not to be left on a dead line
            return False
        self.ringing = None
        self.talking = operator
        self._line.cancel(_RING)
        self._line.add(AcceptOffer(operator))
        return True

    def pass_over(self, reason: str, *, blameless: bool = False) -> None:
        """The rung operator did not take the call: he is set not ready, and the call offered to another.

        If that was no fault of his he stays ready, and is offered nothing for a moment only: a carrier that
        rings nobody must neither send everybody away nor be asked without pause.
        """
        assert self.ringing is not None
        rest_ms = self._policy.rest_ms if blameless else 0
        self._line.add(RefuseOffer(self.ringing, blameless, reason, rest_ms))
        self.ringing = None
        self._line.cancel(_RING)

    def rang_out(self) -> None:
        """The operator was rung long enough."""
        assert self.ringing is not None
        self._line.add(StopRinging(self.ringing))
        self.pass_over("no answer")

    def caller_left(self) -> None:
        """Nobody is needed any more: the rung operator stays ready."""
        if self.ringing is not None:
            self._line.add(StopRinging(self.ringing))
            self._line.add(RefuseOffer(self.ringing, True, "caller left"))
            self.ringing = None
            self._line.cancel(_RING)

    def resume(self) -> None:
        """Tell a new dispatcher whom the call holds; who was being rung will be offered the call again."""
        if self.ringing is not None:
            self._line.add(StopRinging(self.ringing))
            self.ringing = None
        for operator in (self.talking, *self._wrapping):
            if operator is not None:
                self._line.add(HoldOperator(operator))
        if self._wrapping:
            self._line.set(_WRAP_UP, min(self._wrapping.values()))
        self._last_offer = 0

    def drop(self) -> None:
        """Hang up the talking operator's leg; he is still held."""
        assert self.talking is not None
        self._line.add(DropOperator(self.talking))

    def wrap_up(self, at: int) -> None:
        """The operator is done talking and registers the call; he is not free yet."""
        assert self.talking is not None
        operator = self.talking
        if self._registered:
            self._registered = False
            self.talking = None
            self._line.add(ReleaseOperator(operator))
            return
        self._hold_until(at + self._policy.wrap_up_ms)

    def rest(self, at: int) -> None:
        """The operator could not be connected: he is let go, and for a moment offered nothing.

        Others are offered the call at once; but a switch that connects nobody must not keep phones ringing.
        """
        self.drop()
        self._registered = False
        self._hold_until(at + self._policy.rest_ms)

    def _hold_until(self, due: int) -> None:
        assert self.talking is not None
        self._wrapping[self.talking] = due
        self.talking = None
        self._line.set(_WRAP_UP, min(self._wrapping.values()))

    def let_go(self) -> None:
        """The talking operator has nobody to talk with, and nothing to register: he is free at once."""
        assert self.talking is not None
        self.drop()
        self._line.add(ReleaseOperator(self.talking))
        self.talking = None
        self._registered = False

    def registered(self, operator: str) -> None:
        """The operator has registered the call: he is free, or will be as soon as he has done talking."""
        if operator == self.talking:
            self._registered = True
        if operator not in self._wrapping:
            return
        del self._wrapping[operator]
        self._line.add(ReleaseOperator(operator))
        if self._wrapping:
            self._line.set(_WRAP_UP, min(self._wrapping.values()))
        else:
            self._line.cancel(_WRAP_UP)

    def wrap_up_over(self, due: int) -> None:
        """The time for registering has run out."""
        for operator in [name for name, until in self._wrapping.items() if until <= due]:
            self.registered(operator)
