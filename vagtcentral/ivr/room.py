"""A control room without any I/O: every live call and the dispatcher, joined.

What drives a room (the asyncio controller, or virtual time) hands in events one at a time, stores the turn
that comes back, then calls `dispatched` and carries out the rest of the commands. The order matters: a turn
is durable before anything follows from it.
"""

from collections.abc import Iterable, Sequence

from vagtcentral.ivr.call import Call
from vagtcentral.ivr.commands import DispatchCommand
from vagtcentral.ivr.dispatch import Dispatch, DispatchPolicy, Offer, Operator
from vagtcentral.ivr.events import Event, OperatorOffered
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import Setting

#: An event for a call, from within the room.
Follow = tuple[str, Event]


class Room:
    """The calls and operators of one control room."""

    def __init__(self, setting: Setting, policy: DispatchPolicy | None = None) -> None:
        self.setting = setting
        self.dispatch = Dispatch(policy or DispatchPolicy(neighbours=setting.atlas.neighbours))
        self._calls: dict[str, Call] = {}

    def handle(self, call_id: str, event: Event) -> Turn:
        """Give one event to its call, which comes into being with its first event."""
        call = self._calls.get(call_id)
        if call is None:
            call = self._calls[call_id] = Call(self.setting)
        commands = call.handle(event)
        call.turns += 1
        return Turn(call_id, call.turns, event, commands)

    def restore(self, turns: Sequence[Turn]) -> None:
        """Rebuild a call from its journal; it then wants a `Resumed` event. Nothing is sent anywhere.

        The turns are those of one call, from the first on. A turn whose commands come out otherwise now, on
        another menu for instance, is taken as it comes.
        """
        call = Call(self.setting)
        for turn in turns:
            call.handle(turn.event)
        call.turns = turns[-1].seq
        self._calls[turns[0].call_id] = call

    def dispatched(self, call_id: str, commands: Iterable[DispatchCommand], at: int) -> list[Follow]:
        """Carry out a turn's commands to the dispatcher; returns the offers as events for their calls."""
        follows: list[Follow] = []
        for command in commands:
            offers = self.dispatch.handle(call_id, command, at)
            if offers:
                follows += self._offered(offers, at)
        return follows

    def wake(self, at: int) -> list[Follow]:
        """Let the dispatcher widen the reach of calls that have waited; see `Dispatch.next_wake`."""
        return self._offered(self.dispatch.wake(at), at)

    def sign_in(self, operator: Operator, at: int, *, ready: bool = True) -> list[Follow]:
        """An operator comes to work, ready unless said otherwise."""
        return self._offered(self.dispatch.sign_in(operator, at, ready=ready), at)

    def ready(self, operator: str, at: int) -> list[Follow]:
        """An operator can take calls (again)."""
        return self._offered(self.dispatch.ready(operator, at), at)

    def sign_out(self, operator: str) -> None:
        """An operator goes home; if he holds a call, when it is over."""
        self.dispatch.sign_out(operator)

    def not_ready(self, operator: str) -> None:
        """An operator takes no further calls; one that he holds goes on."""
        self.dispatch.not_ready(operator)

    def claim(self, operator: str, call_id: str, at: int) -> list[Follow]:
        """An operator asks for a waiting call; nothing follows if he cannot have it."""
        return self._offered(self.dispatch.claim(operator, call_id), at)

    def suspend_offers(self) -> None:
        """Offer no call to anybody while the carrier cannot ring."""
        self.dispatch.suspend()

    def resume_offers(self, at: int) -> list[Follow]:
        """The carrier can ring again."""
        return self._offered(self.dispatch.go_on(at), at)

    def call(self, call_id: str) -> Call | None:
        """A call that the room knows."""
        return self._calls.get(call_id)

    def live(self) -> list[str]:
        """The calls whose record is not closed yet."""
        return [call_id for call_id, call in self._calls.items() if not call.closed]

    def forget(self, call_id: str) -> None:
        """Drop a closed call. A call that is still live is kept."""
        call = self._calls.get(call_id)
        if call is not None and call.closed:
            del self._calls[call_id]

    def _offered(self, offers: list[Offer], at: int) -> list[Follow]:
        return [(offer.call_id, OperatorOffered(at, offer.operator, offer.number)) for offer in offers]
