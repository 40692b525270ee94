"""A menu that was read but not yet judged: every value is valid, references may still lead nowhere.

Here the file's short forms are written out and its defaults filled in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vagtcentral.menus import format as form
from vagtcentral.menus.model import (
    PLACE_DIGITS,
    Announce,
    BookCallBack,
    Choose,
    DigitTiming,
    DistrictRule,
    Effect,
    Emergency,
    Enter,
    Entry,
    Fallback,
    Inform,
    Menu,
    Node,
    Option,
    Queue,
    Recording,
    Spoken,
    Waiting,
)
from vagtcentral.menus.problems import MenuError, Place, Problem
from vagtcentral.menus.source import Source

FIRST_DIGIT_S, INTER_DIGIT_S, OVERALL_S = 5.0, 3.0, 20.0  #: where the file names no timing
RETRIES = 2  #: where the file names no number of retries

#: What a menu has in which nobody can come to wait, such as a survey.
NOBODY_WAITS = Waiting("", 0, None, None, None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A menu with the file it was read from; `lint` judges it."""

    menu: Menu
    source: Source

    def written_at(self, place: Place) -> Place:
        """Where a node's value is written: on the node, at the top as a default, or in a short form."""
        lines = self.source.lines
        if place not in lines and place[:1] == ("nodes",) and place[2:] in lines:
            return place[2:]
        while place and place not in lines:
            place = place[:-1]
        return place


def make_draft(file: form.MenuFormat, source: Source) -> Draft:
    """Fill in what the file leaves out; raise `MenuError` where values do not go together."""
    making = _Making(file, source)
    nodes = {name: making.node(name, node) for name, node in file.nodes.items()}
    problems = [*making.problems, *_languages(file, source), *_waiting(file, source)]
    if problems:
        raise MenuError(problems)
    menu = Menu(
        name=file.menu,
        service=file.service,
        synthetic=file.synthetic,
        languages=tuple(file.languages),
        start=file.start,
        nodes=nodes,
        prompts={name: _spoken(name, texts) for name, texts in file.prompts.items()},
        waiting=_waited(file.waiting),
        survey=file.survey,
        max_nodes=file.max_nodes,
        sha256=source.sha256,
        recording=Recording(file.recording.announcement) if file.recording else None,
    )
    return Draft(menu, source)


def _spoken(name: str, texts: Mapping[str, str]) -> dict[str, Spoken]:
    return {language: Spoken(name, language, text) for language, text in texts.items()}


def _waited(waiting: form.WaitingFormat | None) -> Waiting:
    if waiting is None:
        return NOBODY_WAITS
    return Waiting(
        comfort=waiting.comfort,
        every_ms=_ms(waiting.every_s),
        call_back_key=waiting.call_back_key,
        call_back_prompt=waiting.call_back_prompt,
        no_number_prompt=waiting.no_number_prompt,
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _languages(file: form.MenuFormat, source: Source) -> Iterator[Problem]:
    """Languages that are named twice, or used without being among the menu's languages."""
    allowed = f"languages are: {', '.join(file.languages)}"
    for number, language in enumerate(file.languages):
        if language in file.languages[:number]:
            yield source.problem(("languages", number), f'"{language}" again', "each language once")
    places: list[tuple[Place, str | None]] = [
        (("nodes", name, "options", keys, "language"), option.language)
        for name, node in file.nodes.items()
        if isinstance(node, form.ChooseFormat)
        for keys, option in node.options.items()
        if isinstance(option, form.OptionFormat)
    ]
    places += [
        (("prompts", name, language), language) for name, texts in file.prompts.items() for language in texts
    ]
    for place, used in places:
        if used is not None and used not in file.languages:
            yield source.problem(place, f'"{used}" is not a language of this menu', allowed)


def _waiting(file: form.MenuFormat, source: Source) -> Iterator[Problem]:
    """Nodes that let a caller wait need to know what a waiting caller hears."""
    waits = (form.QueueFormat, form.CallBackFormat, form.EmergencyFormat)
    for name, node in file.nodes.items():
        place = ("nodes", name)
        if isinstance(node, waits) and file.waiting is None:
            yield source.problem(
                place, f"{node.kind} without waiting", "waiting: {comfort: PROMPT} at the top"
            )
        elif isinstance(node, form.CallBackFormat) and file.waiting and not file.waiting.no_number_prompt:
            allowed = "waiting needs no_number_prompt, for callers without a number"
            yield source.problem(place, "call_back without no_number_prompt", allowed)


class _Making:
    """Turns nodes of the file into nodes of the walk and notes what is missing on the way."""

    def __init__(self, file: form.MenuFormat, source: Source) -> None:
        self.file = file
        self.source = source
        self.problems: list[Problem] = []

    def node(self, name: str, node: form.Format) -> Node:
        """The node with its short forms written out and its defaults filled in."""
        match node:
            case form.AnnounceFormat():
                return Announce(name, node.prompt, node.next)
            case form.InformFormat():
                return Inform(name, node.prompt, node.solved)
            case form.ChooseFormat():
                return self._choose(name, node)
            case form.EnterFormat():
                return self._enter(name, node)
            case form.QueueFormat():
                return Queue(name, node.prompt, node.skill, _district(node.district), node.onward)
            case form.CallBackFormat():
                return BookCallBack(name, node.prompt, node.skill, _district(node.district))
            case form.EmergencyFormat():
                return Emergency(name, node.prompt, node.skill)
        raise TypeError(f"no node of the walk for {node!r}")

    def _choose(self, name: str, node: form.ChooseFormat) -> Choose:
        return Choose(
            name=name,
            prompt=node.prompt,
            options={keys: _option(keys, option) for keys, option in node.options.items()},
            timing=self._timing(node.timing),
            barge_in=node.barge_in,
            wrong_key=self._fallback(name, "wrong_key", node.wrong_key, self.file.wrong_key),
            silence=self._fallback(name, "silence", node.silence, self.file.silence),
        )

    def _enter(self, name: str, node: form.EnterFormat) -> Enter:
        low, high = node.range or (None, None)
        entry = Entry(node.entry)
        least, most = (node.digits.min, node.digits.max) if node.digits else PLACE_DIGITS[entry]
        return Enter(
            name=name,
            prompt=node.prompt,
            entry=entry,
            min_digits=least,
            max_digits=most,
            terminator=node.terminator,
            low=low,
            high=high,
            skip_when_located=node.skip_when_located,
            next=node.next,
            timing=self._timing(node.timing),
            barge_in=node.barge_in,
            wrong_key=self._fallback(name, "wrong_key", node.wrong_key, self.file.wrong_key),
            silence=self._fallback(name, "silence", node.silence, self.file.silence),
        )

    def _timing(self, own: form.TimingFormat) -> DigitTiming:
        top = self.file.timing
        return DigitTiming(
            first_ms=_ms(own.first_digit_s or top.first_digit_s or FIRST_DIGIT_S),
            inter_ms=_ms(own.inter_digit_s or top.inter_digit_s or INTER_DIGIT_S),
            overall_ms=_ms(own.overall_s or top.overall_s or OVERALL_S),
        )

    def _fallback(
        self, name: str, field: str, own: form.FallbackFormat, top: form.FallbackFormat
    ) -> Fallback:
        prompt, then = own.prompt or top.prompt, own.then or top.then
        for part, value in (("prompt", prompt), ("then", then)):
            if value is None:
                allowed = f"write it here, or under {field} at the top for all nodes"
                self.problems.append(self.source.problem(("nodes", name, field, part), "missing", allowed))
        retries = top.retries if own.retries is None else own.retries
        return Fallback(prompt or "", RETRIES if retries is None else retries, then or "")


def _district(district: str) -> DistrictRule | str:
    return DistrictRule(district) if district in ("caller", "any") else district


def _option(keys: str, option: str | form.OptionFormat) -> Option:
    if isinstance(option, str):
        return Option(keys, to=option)
    return Option(keys, option.to, Effect(option.do) if option.do else None, option.language)
