"""How long to wait before the next attempt."""

from collections.abc import Callable


class Backoff:
    """Seconds to wait: none at first, then from `first_s` doubling up to `longest_s`, each drawn by `chance`.

    `chance` gives a number from 0 to 1; each wait is between half and all of its length, so that many
    clients do not come back at the same moment.
    """

    def __init__(self, first_s: float, longest_s: float, chance: Callable[[], float]) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._chance = chance
        self.attempts = 0

    def next(self) -> float:
        """The wait before the attempt that follows, which is counted."""
        self.attempts += 1
        if self.attempts == 1:
            return 0.0
        length = min(self._longest_s, self._first_s * 2.0 ** min(self.attempts - 2, 30))
        return length * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """All is well: the next attempt is a first one."""
        self.attempts = 0
