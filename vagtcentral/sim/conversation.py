"""What a simulated caller and whoever takes the call say to each other, line by line."""

from collections.abc import Callable
from dataclasses import dataclass

from vagtcentral.sim.personas import Persona, Question, question_words


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words said at the instant `at` (ms since 1970 UTC), by the caller or by the operator."""

    at: int
    by_caller: bool
    words: str
    language: str


#: Takes a conversation that is over and was to be recorded: the call, the recording's name, and the lines.
Recorded = Callable[[str, str, tuple[Utterance, ...]], None]


class NobodyListensError(Exception):
    """A question was asked while the caller was not connected to an operator."""


class Conversation:
    """One caller's conversations, one for each operator and one more after each hold. Pure: time is given."""

    def __init__(self, persona: Persona) -> None:
        self.persona = persona
        self.lines: list[Utterance] = []
        self._operator: str | None = None  # with whom the caller talks
        self._opened: str | None = None  # to whom the caller has told the errand
        self._record: str | None = None
        self._since = 0

    def begin(self, operator: str, record: str | None, at: int) -> None:
        """The caller hears this operator, and says what it is about, unless that was said to him before."""
        if operator == self._operator:
            return
        self._operator, self._record, self._since = operator, record, len(self.lines)
        if operator != self._opened:
            self._opened = operator
            self._add(at, self.persona.opening, by_caller=True)

    def ask(self, question: Question, at: int) -> str:
        """Ask a standard question; the caller's words. `NobodyListensError` where he is not connected."""
        if self._operator is None:
            raise NobodyListensError
        self._add(at, question_words(question, self.persona.language), by_caller=False)
        answer = self.persona.answer(question)
        self._add(at, answer, by_caller=True)
        return answer

    def end(self) -> tuple[str, str | None, tuple[Utterance, ...]] | None:
        """They do not hear each other any more: who talked, the recording's name, and what was said."""
        if self._operator is None:
            return None
        said = (self._operator, self._record, tuple(self.lines[self._since :]))
        self._operator = self._record = None
        return said

    def _add(self, at: int, words: str, *, by_caller: bool) -> None:
        self.lines.append(Utterance(at, by_caller, words, self.persona.language))
