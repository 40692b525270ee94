"""What a carrier owes the controller, and the sorting of a turn's commands by who carries them out."""

from collections.abc import Callable
from typing import Protocol

from vagtcentral.ivr.commands import ADDRESSEE, Addressee, CarrierCommand, Command, DispatchCommand
from vagtcentral.ivr.events import Event

#: How a carrier tells the controller what happened: call and event.
Report = Callable[[str, Event], None]
#: How a carrier tells of a new call: its id, the caller's number (None: hidden), what was dialled.
Arrived = Callable[[str, str | None, str], None]


def carrier_commands(commands: tuple[Command, ...]) -> tuple[CarrierCommand, ...]:
    """The commands of a turn that are for the carrier, in their order."""
    return tuple([command for command in commands if ADDRESSEE[type(command)] is Addressee.CARRIER])  # type: ignore[misc]


def dispatch_commands(commands: tuple[Command, ...]) -> tuple[DispatchCommand, ...]:
    """The commands of a turn that are for the dispatcher, in their order."""
    return tuple([command for command in commands if ADDRESSEE[type(command)] is Addressee.DISPATCH])  # type: ignore[misc]


class Carrier(Protocol):
    """A telephone network, real or simulated, that turns what happens into events and carries out commands.

    A carrier contains no policy. It reports through the `Report` that it was made with, in the order in
    which things happened on each call. It reports `CallerHungUp` when the caller left, not when we hung up;
    when the caller cannot be reached on a call-back it reports `CallerUnanswered`.
    """

    async def perform(self, call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        """Carry out the commands of one turn, in order.

        Called once for every event of the call, in order, with no commands too: a webhook carrier answers the
        request that brought `event` with them. What cannot be carried out is reported as `CommandFailed`.
        """
        ...
