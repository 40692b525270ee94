"""The journal that a call writes, as the call side sees it; `vagtcentral.evaluation` implements it."""

from collections.abc import Sequence
from typing import Protocol

from vagtcentral.ivr.commands import Command
from vagtcentral.ivr.events import Event
from vagtcentral.value import value


@value
class Turn:
    """One event of one call and the commands that followed from it; `seq` counts 1, 2, 3 … without gaps."""

    call_id: str
    seq: int
    event: Event
    commands: tuple[Command, ...]


class Journal(Protocol):
    """Where turns are kept. A turn's commands are carried out only after `append` has returned."""

    async def append(self, turns: Sequence[Turn]) -> None:
        """Store the turns; returns once they are durable, raises if any of them is not."""
        ...

    async def append_late(self, call_id: str, event: Event) -> bool:
        """Store what became known of a closed call, as a turn without commands; False where there is none."""
        ...
