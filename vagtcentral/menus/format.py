"""The menu file format, version 1, as pydantic models: what may be written, with what limits.

Seconds in the file, because authors think in seconds. Everything is strict: a field that is not known, a
number where text is meant, and a boolean where a key is meant are refused.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"
KEYS = r"^[0-9*#]{1,8}$"
ONE_KEY = r"^[0-9*#]$"
TERMINATOR = r"^[*#]$"
LANGUAGE = r"^[a-z]{2,3}$"
SPOKEN = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"
DISTRICT = r"^(caller|any|146[0-9]|147[01])$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
Keys = Annotated[str, StringConstraints(pattern=KEYS)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
District = Annotated[str, StringConstraints(pattern=DISTRICT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=SPOKEN)]
Seconds = Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=20)]
Retries = Annotated[int, Field(ge=0, le=5)]


#: What tells a place has digits of its own.
PLACES = {
    "postcode": "a postcode always has four digits",
    "square": "a square of the Danish grid always has 5, 7 or 9 digits",
    "rescue": "a rescue number is always 4 to 7 keys, e.g. 333510 for F510",
}


class Format(BaseModel):
    """What all parts of the format share: strict types, no unknown fields, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _refusal(seen: str, allowed: str) -> PydanticCustomError:
    """An error that two fields make together."""
    return PydanticCustomError("menu", "{seen}; {allowed}", {"seen": seen, "allowed": allowed})


class TimingFormat(Format):
    """The three digit timers in seconds. On a node, what is not written is taken from the top of the file."""

    first_digit_s: Seconds | None = None
    inter_digit_s: Seconds | None = None
    overall_s: Seconds | None = None


class FallbackFormat(Format):
    """What follows wrong keys or silence. On a node, what is not written is taken from the top."""

    prompt: Name | None = None
    retries: Retries | None = None
    then: Name | None = None


class OptionFormat(Format):
    """What a key selects: a node (`to`) or an effect (`do`); `language` switches to that language as well."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["to"]}, {"required": ["do"]}]})

    to: Name | None = None
    do: Literal["repeat", "back"] | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "OptionFormat":
        if (self.to is None) == (self.do is None):
            seen = "neither to nor do" if self.to is None else "both to and do"
            raise _refusal(seen, "exactly one of them")
        return self


def _option_form(value: Any) -> str:
    return "name" if isinstance(value, str) else "option"


Option = Annotated[
    Annotated[Name, Tag("name")] | Annotated[OptionFormat, Tag("option")],
    Discriminator(_option_form),
]


class DigitsFormat(Format):
    """How many digits an entry has."""

    min: Count
    max: Count

    @model_validator(mode="after")
    def _ordered(self) -> "DigitsFormat":
        if self.min > self.max:
            raise _refusal(f"min {self.min} is more than max {self.max}", "min is at most max")
        return self


class AnnounceFormat(Format):
    """Says something to its end, keys or not, and goes on to `next`."""

    kind: Literal["announce"]
    prompt: Name
    next: Name


class InformFormat(Format):
    """Says something and ends the call."""

    kind: Literal["inform"]
    prompt: Name
    solved: bool = True


class ChooseFormat(Format):
    """Lets the caller choose by key or key sequence."""

    kind: Literal["choose"]
    prompt: Name
    options: Annotated[dict[Keys, Option], Field(min_length=1, max_length=100)]
    barge_in: bool = True
    timing: TimingFormat = TimingFormat()
    wrong_key: FallbackFormat = FallbackFormat()
    silence: FallbackFormat = FallbackFormat()


class EnterFormat(Format):
    """Lets the caller key a number."""

    kind: Literal["enter"]
    prompt: Name
    entry: Literal["postcode", "square", "rescue", "number"]
    digits: DigitsFormat | None = None
    terminator: Annotated[str, StringConstraints(pattern=TERMINATOR)] | None = "#"
    range: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)] | None = None
    skip_when_located: bool = False
    next: Name
    barge_in: bool = True
    timing: TimingFormat = TimingFormat()
    wrong_key: FallbackFormat = FallbackFormat()
    silence: FallbackFormat = FallbackFormat()

    @model_validator(mode="after")
    def _fits(self) -> "EnterFormat":
        if self.entry != "number":
            if self.digits is not None or self.range is not None:
                raise _refusal(f"{self.entry} with digits or range", PLACES[self.entry])
            return self
        if self.digits is None:
            raise _refusal("number without digits", "digits: {min, max}")
        if self.range is not None and not self.range[0] <= self.range[1] < 10**self.digits.max:
            allowed = f"[low, high] with low at most high and high of at most {self.digits.max} digits"
            raise _refusal(f"range {self.range}", allowed)
        return self


class QueueFormat(Format):
    """Sends the call to operators with `skill`."""

    kind: Literal["queue"]
    skill: Name
    prompt: Name | None = None
    district: District = "caller"
    onward: Name | None = None


class CallBackFormat(Format):
    """Keeps the caller's place in a queue, says so, and lets him hang up."""

    kind: Literal["call_back"]
    prompt: Name
    skill: Name
    district: District = "caller"


class EmergencyFormat(Format):
    """Hands the call over to 112."""

    kind: Literal["emergency"]
    prompt: Name | None = None
    skill: Name = "emergency"


NodeFormat = Annotated[
    AnnounceFormat
    | InformFormat
    | ChooseFormat
    | EnterFormat
    | QueueFormat
    | CallBackFormat
    | EmergencyFormat,
    Discriminator("kind"),
]


class WaitingFormat(Format):
    """What a waiting caller hears."""

    comfort: Name
    every_s: Annotated[float, Field(ge=5, le=600, allow_inf_nan=False)] = 30.0
    call_back_key: Annotated[str, StringConstraints(pattern=ONE_KEY)] | None = None
    call_back_prompt: Name | None = None
    no_number_prompt: Name | None = None

    @model_validator(mode="after")
    def _said(self) -> "WaitingFormat":
        if self.call_back_key is not None and None in (self.call_back_prompt, self.no_number_prompt):
            allowed = "call_back_prompt and no_number_prompt go with it"
            raise _refusal(f'call_back_key "{self.call_back_key}" alone', allowed)
        return self


class RecordingFormat(Format):
    """Conversations are recorded; the announcement is said before the caller first waits."""

    announcement: Name | None = None


class MenuFormat(Format):
    """A whole menu file."""

    menu: Name
    service: Literal["112", "114", "survey"]
    synthetic: bool
    languages: Annotated[list[Language], Field(min_length=1, max_length=10)]
    start: Name
    timing: TimingFormat = TimingFormat()
    wrong_key: FallbackFormat = FallbackFormat()
    silence: FallbackFormat = FallbackFormat()
    waiting: WaitingFormat | None = None
    survey: Name | None = None
    recording: RecordingFormat | None = None
    max_nodes: Annotated[int, Field(ge=1, le=1000)] = 60
    nodes: Annotated[dict[Name, NodeFormat], Field(min_length=1, max_length=500)]
    prompts: dict[Name, Annotated[dict[Language, Text], Field(min_length=1)]]


KINDS: dict[str, type[Format]] = {
    "announce": AnnounceFormat,
    "inform": InformFormat,
    "choose": ChooseFormat,
    "enter": EnterFormat,
    "queue": QueueFormat,
    "call_back": CallBackFormat,
    "emergency": EmergencyFormat,
}
