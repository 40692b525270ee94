"""What a waiting caller hears, and the call-back that is offered to him meanwhile."""

from vagtcentral.ivr.events import Timer
from vagtcentral.ivr.line import Line
from vagtcentral.menus.model import DigitTiming, Menu

#: For carriers that time keys themselves: how long they listen for the call-back key after the prompt.
_COMFORT_TIMING = DigitTiming(first_ms=3_000, inter_ms=3_000, overall_ms=3_000)

_COMFORT = Timer.COMFORT


class WaitingCaller:
    """Waiting music, and every now and then a word of comfort, as the menu file has it.

    `menu` is the caller's own, `rules` the menu whose way of waiting counts: after a hand-over that of 112.
    """

    __slots__ = ("_call_back_offered", "_line", "_menu", "rules")

    def __init__(self, line: Line, menu: Menu) -> None:
        self._line = line
        self._menu = menu
        self._call_back_offered = False
        self.rules = menu

    def begin(self, prompt: str | None, language: str, at: int) -> None:
        """Say the prompt, if any, as the first thing of the waiting."""
        self._call_back_offered = False
        self._say(prompt, language, at)

    def go_on(self, at: int) -> None:
        """Play the waiting music until it is time for comfort."""
        self._line.hold()
        if self.rules.waiting.every_ms:
            self._line.set(_COMFORT, at + self.rules.waiting.every_ms)

    def comfort(self, language: str, emergency: bool) -> None:
        """Speak to the waiting caller, and offer the call-back where the menu has one."""
        waiting = self.rules.waiting
        comfort = self.rules.spoken(waiting.comfort, language)
        if waiting.call_back_key is None or emergency:
            self._line.say(comfort)
        else:
            self._call_back_offered = True
            self._line.gather((comfort,), True, _COMFORT_TIMING, 1, None)

    def books_call_back(self, key: str) -> bool:
        """Whether a key books the call-back. Keys typed ahead, in the menu and into the queue, do not."""
        return self._call_back_offered and bool(key) and key == self.rules.waiting.call_back_key

    def refuse_call_back(self, language: str, at: int) -> None:
        """A caller without a number cannot be called back: say so, and let him keep waiting."""
        self._say(self._menu.waiting.no_number_prompt, language, at)

    def _say(self, prompt: str | None, language: str, at: int) -> None:
        if prompt is None:
            self.go_on(at)
        else:
            self._line.say(self._menu.spoken(prompt, language))
