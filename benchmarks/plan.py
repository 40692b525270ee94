"""The plan of one call: everything that chance decides about it, drawn before the models act it out."""

from collections.abc import Mapping
from dataclasses import dataclass

from vagtcentral.ivr.events import LocationForm
from vagtcentral.menus.model import Menu
from vagtcentral.sim.switch import spoken_ms

#: An instant later than any.
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Reply:
    """The caller's answer to a question: keys, the first one `after_ms` from the start of what is played.

    With no keys he hangs up instead.
    """

    question: str
    after_ms: int
    keys: str
    gap_ms: int = 350


@dataclass(frozen=True, slots=True)
class Message:
    """A location message, `after_ms` from the call's arrival."""

    after_ms: int
    form: LocationForm
    content: str


@dataclass(frozen=True, slots=True)
class Place:
    """The district that the call is in, as known at some point, and whether that needs no asking."""

    district: str | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that chance decides about one call. `patience_ms` runs from the first waiting music.

    `places` gives what is to be known of the district after that many location messages, without and with the
    keyed postcode: worked out beforehand, for the model that has no location of its own.
    """

    call_id: str
    at: int
    service: str
    caller: str
    replies: tuple[Reply, ...]
    messages: tuple[Message, ...]
    patience_ms: int
    picks_up_ms: int
    talk_ms: int
    wrap_up_ms: int
    survey: bool
    places: Mapping[tuple[int, bool], Place]


class Mind:
    """The caller during the call: which of his replies comes next."""

    __slots__ = ("_next", "_replies")

    def __init__(self, plan: Plan) -> None:
        self._replies = plan.replies
        self._next = 0

    def reply_to(self, question: str) -> Reply | None:
        """The next reply to this question, passing over those to questions not asked; None: he is silent."""
        replies = self._replies
        for index in range(self._next, len(replies)):
            if replies[index].question == question:
                self._next = index + 1
                return replies[index]
        return None


def prompt_lengths(menus: Mapping[str, Menu]) -> dict[tuple[str, str], int]:
    """Milliseconds that each prompt of the menus used here takes to speak, by prompt and language."""
    return {
        (spoken.name, spoken.language): spoken_ms(spoken)
        for name in ("112", "114", "survey")
        for translations in menus[name].prompts.values()
        for spoken in translations.values()
    }
