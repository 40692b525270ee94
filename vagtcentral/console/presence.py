"""Who sits at which desk, as the open pages tell: when an operator's last one has gone, nobody sits there."""

import asyncio
from collections import Counter
from collections.abc import Callable

from vagtcentral.console.floor import Floor

#: A page that is loaded again, or a network that fails for a moment, is no leaving: so long is waited, in
#: seconds, after the server has given a page up.
GRACE_S = 15.0

#: Why an operator is not ready whose pages have gone; the words are `reason_…`.
LEFT, SIGNED_OUT = "left", "signed_out"


class Presence:
    """Counts the open pages of each desk, and tells the floor when the last has gone."""

    def __init__(self, floor: Floor, grace_s: float = GRACE_S) -> None:
        self._floor = floor
        self._grace_s = grace_s
        self._pages: Counter[str] = Counter()
        self._leaving: dict[str, asyncio.TimerHandle] = {}

    def opened(self, operator: str) -> Callable[[], None]:
        """A page of this desk is open from now on, until what is returned is called."""
        self._pages[operator] += 1
        self._stays(operator)
        still_open = True

        def closed() -> None:
            nonlocal still_open
            if still_open:
                still_open = False
                self._closed(operator)

        return closed

    def signed_out(self, operator: str) -> None:
        """He says himself that he goes: no grace, and the shift is over, unless he sits elsewhere too."""
        if not self._pages[operator]:
            self._stays(operator)
            self._floor.leave(operator, SIGNED_OUT, for_good=True)

    def _closed(self, operator: str) -> None:
        self._pages[operator] -= 1
        if not self._pages[operator]:
            loop = asyncio.get_running_loop()
            self._leaving[operator] = loop.call_later(self._grace_s, self._gone, operator)

    def _gone(self, operator: str) -> None:
        del self._leaving[operator]
        self._floor.leave(operator, LEFT)

    def _stays(self, operator: str) -> None:
        leaving = self._leaving.pop(operator, None)
        if leaving is not None:
            leaving.cancel()
