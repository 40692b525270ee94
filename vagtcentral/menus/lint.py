"""Judges a menu: what would strand a caller is an error, what would annoy him is a warning.

A rule is one small function that yields findings; `docs/menus.md` describes each for menu authors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vagtcentral.menus import graph
from vagtcentral.menus.draft import NOBODY_WAITS, Draft
from vagtcentral.menus.graph import Why
from vagtcentral.menus.model import Announce, Choose, Effect, Emergency, Enter, Node
from vagtcentral.menus.problems import Place, Problem, place_name

SPEECH_RATE = 15  #: characters a second, a brisk announcer
MAX_SPEECH_S = 20  #: before the caller can choose
MAX_CHOICE_S = 30  #: for one choice read to its end
MAX_CHOICES = 3  #: to any destination


class Severity(StrEnum):
    """Whether a menu with the finding may be used."""

    ERROR = "error"  #: no: a call could get lost in it
    WARNING = "warning"  #: yes, but callers will be worse served than they need to be


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found: where it is written, which node it is about, what is seen and allowed."""

    rule: str
    severity: Severity
    line: int
    node: str | None
    place: str
    seen: str
    allowed: str

    @property
    def message(self) -> str:
        """The finding in one line, without the line number."""
        return f"{self.place}: {self.seen}; {self.allowed}"

    def problem(self, file: str) -> Problem:
        """The finding as a reason for refusing the file."""
        return Problem(file, self.line, self.place, self.seen, self.allowed)


Seen = tuple[Place, str, str]  #: place, what is seen there, what is allowed there
Check = Callable[[Draft], Iterator[Seen]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check; `sentence` says what it finds."""

    name: str
    severity: Severity
    sentence: str
    check: Check


RULES: dict[str, Rule] = {}


def _rule(name: str, severity: Severity, sentence: str) -> Callable[[Check], Check]:
    """Put the check into the registry."""

    def register(check: Check) -> Check:
        RULES[name] = Rule(name, severity, sentence, check)
        return check

    return register


def lint(draft: Draft) -> list[Finding]:
    """All findings of all rules, in the order of the file; the same place is reported once per rule."""
    findings: dict[tuple[str, Place, str], Finding] = {}
    for rule in RULES.values():
        for place, seen, allowed in rule.check(draft):
            written = draft.written_at(place)
            node = str(written[1]) if len(written) > 1 and written[0] == "nodes" else None
            line = draft.source.line(written)
            finding = Finding(rule.name, rule.severity, line, node, place_name(written), seen, allowed)
            findings.setdefault((rule.name, written, seen), finding)
    return sorted(findings.values(), key=lambda finding: finding.line)


@_rule("dangling-node", Severity.ERROR, "A reference names a node that does not exist.")
def _dangling_node(draft: Draft) -> Iterator[Seen]:
    menu = draft.menu
    allowed = f"nodes are: {', '.join(menu.nodes)}"
    references = [(exit.place, exit.to) for node in menu.nodes.values() for exit in graph.exits(node)]
    for place, to in [(("start",), menu.start), *references]:
        if to not in menu.nodes:
            yield place, f'"{to}" is not a node', allowed


@_rule("unreachable-node", Severity.ERROR, "No call can ever come to this node.")
def _unreachable_node(draft: Draft) -> Iterator[Seen]:
    menu = draft.menu
    if menu.start not in menu.nodes:
        return
    reached = graph.reachable(graph.ways(menu, Why), menu.start)
    for name in menu.nodes:
        if name not in reached:
            yield ("nodes", name), "no way leads here", "each node can be reached from start"


def _prompts_used(draft: Draft) -> Iterator[tuple[Place, str]]:
    for node in draft.menu.nodes.values():
        yield from graph.prompts_of(node)
    waiting = draft.menu.waiting
    if waiting is not NOBODY_WAITS:
        for field in ("comfort", "call_back_prompt", "no_number_prompt"):
            prompt = getattr(waiting, field)
            if prompt is not None:
                yield ("waiting", field), prompt
    recording = draft.menu.recording
    if recording is not None and recording.announcement is not None:
        yield ("recording", "announcement"), recording.announcement


@_rule("missing-prompt", Severity.ERROR, "A prompt that is spoken is not written in the first language.")
def _missing_prompt(draft: Draft) -> Iterator[Seen]:
    prompts, first = draft.menu.prompts, draft.menu.languages[0]
    allowed = f"prompts are: {', '.join(prompts)}"
    for place, prompt in _prompts_used(draft):
        if prompt not in prompts:
            yield place, f'"{prompt}" is not a prompt', allowed
        elif first not in prompts[prompt]:
            yield ("prompts", prompt), f'no text in "{first}"', "the first language has every prompt"


@_rule("missing-translation", Severity.WARNING, "A prompt lacks one of the languages.")
def _missing_translation(draft: Draft) -> Iterator[Seen]:
    for name, texts in draft.menu.prompts.items():
        for language in draft.menu.languages[1:]:
            if language not in texts:
                yield ("prompts", name), f'no text in "{language}"', "each prompt in each language"


@_rule("unused-prompt", Severity.WARNING, "A prompt is written that is never spoken.")
def _unused_prompt(draft: Draft) -> Iterator[Seen]:
    used = {prompt for _, prompt in _prompts_used(draft)}
    for name in draft.menu.prompts:
        if name not in used:
            yield (
                ("prompts", name),
                "never spoken",
                "each prompt is used by a node, by waiting or by recording",
            )


@_rule("unbounded-loop", Severity.ERROR, "A call can circle for ever without the caller choosing.")
def _unbounded_loop(draft: Draft) -> Iterator[Seen]:
    menu = draft.menu
    edges = graph.ways(menu, set(Why) - {Why.KEY, Why.NEXT})
    for node in menu.nodes.values():
        if isinstance(node, Announce) and node.next in menu.nodes:
            edges[node.name].append(node.next)
    told: set[str] = set()
    for name in menu.nodes:
        after = {far for near in edges[name] for far in graph.reachable(edges, near)}
        if name in after and name not in told:
            circle = [other for other in after if name in graph.reachable(edges, other)]
            told.update(circle)
            seen = f"a call can circle through {', '.join(sorted(circle))}"
            yield ("nodes", name), seen, "silence and wrong keys end at a queue or at an inform node"


@_rule("prefix-key", Severity.WARNING, "A key begins a longer one, so that callers who press it wait.")
def _prefix_key(draft: Draft) -> Iterator[Seen]:
    for node in _choices(draft):
        for keys in node.options:
            longer = [other for other in node.options if other != keys and other.startswith(keys)]
            if longer:
                allowed = "keys none of which begins another answer at once"
                yield ("nodes", node.name, "options", keys), f'begins "{longer[0]}"', allowed


@_rule("unended-entry", Severity.WARNING, "A number of varying length has no key that ends it.")
def _unended_entry(draft: Draft) -> Iterator[Seen]:
    for node in draft.menu.nodes.values():
        if isinstance(node, Enter) and node.terminator is None and node.min_digits < node.max_digits:
            digits = f"{node.min_digits} to {node.max_digits} digits without terminator"
            yield ("nodes", node.name), digits, 'a terminator such as "#", or one length'


@_rule("self-option", Severity.WARNING, "An option leads to its own node and changes nothing.")
def _self_option(draft: Draft) -> Iterator[Seen]:
    for node in _choices(draft):
        for keys, option in node.options.items():
            if option.to == node.name and option.language is None:
                yield ("nodes", node.name, "options", keys), "leads to its own node", "do: repeat says so"


@_rule("no-human", Severity.WARNING, "From a choice no operator can be reached.")
def _no_human(draft: Draft) -> Iterator[Seen]:
    menu = draft.menu
    edges = graph.ways(menu, Why)
    for node in _choices(draft):
        beyond = graph.reachable(edges, node.name)
        if menu.service != "survey" and not any(graph.has_human(menu.nodes[name]) for name in beyond):
            yield ("nodes", node.name), "no operator beyond", "a way to a queue, call_back or emergency"


@_rule("no-emergency", Severity.WARNING, "The first choice of a 114 menu offers no key that leads to 112.")
def _no_emergency(draft: Draft) -> Iterator[Seen]:
    menu = draft.menu
    first = _first_choice(draft)
    if menu.service != "114" or first is None:
        return
    offered = [menu.nodes.get(option.to or "") for option in first.options.values()]
    if not any(isinstance(node, Emergency) for node in offered):
        yield ("nodes", first.name), "no key leads to 112", "one key to an emergency node"


@_rule("back-at-start", Severity.WARNING, "The first choice offers the way back, but there is none.")
def _back_at_start(draft: Draft) -> Iterator[Seen]:
    first = _first_choice(draft)
    if first is None:
        return
    for keys, option in first.options.items():
        if option.effect is Effect.BACK:
            yield ("nodes", first.name, "options", keys), "back at the first choice", "back further inside"


@_rule("too-deep", Severity.WARNING, f"A destination takes more than {MAX_CHOICES} choices.")
def _too_deep(draft: Draft) -> Iterator[Seen]:
    for name, choices in graph.choices_to(draft.menu).items():
        if choices > MAX_CHOICES and graph.is_destination(draft.menu.nodes[name]):
            yield ("nodes", name), f"{choices} choices deep", f"at most {MAX_CHOICES} to a destination"


@_rule("long-prompt", Severity.WARNING, f"More than {MAX_SPEECH_S} s of speech before the caller can choose.")
def _long_prompt(draft: Draft) -> Iterator[Seen]:
    opening = graph.opening(draft.menu)
    if not opening or not isinstance(opening[-1], Choose | Enter):
        return
    forced = [node for node in opening if isinstance(node, Announce) or not getattr(node, "barge_in", True)]
    seconds = sum(_seconds(draft, node) for node in forced)
    if seconds > MAX_SPEECH_S:
        place = ("nodes", forced[-1].name, "prompt")
        yield place, f"{seconds:.0f} s before the first choice", f"at most {MAX_SPEECH_S} s"


@_rule("long-choice", Severity.WARNING, f"The prompt of one choice takes longer than {MAX_CHOICE_S} s.")
def _long_choice(draft: Draft) -> Iterator[Seen]:
    for node in _choices(draft):
        seconds = _seconds(draft, node)
        if seconds > MAX_CHOICE_S:
            yield ("nodes", node.name, "prompt"), f"{seconds:.0f} s of speech", f"at most {MAX_CHOICE_S} s"


def _choices(draft: Draft) -> Iterator[Choose]:
    return (node for node in draft.menu.nodes.values() if isinstance(node, Choose))


def _first_choice(draft: Draft) -> Choose | None:
    """The choice that every call comes to first, if any."""
    opening = graph.opening(draft.menu)
    return opening[-1] if opening and isinstance(opening[-1], Choose) else None


def _seconds(draft: Draft, node: Node) -> float:
    """How long the node speaks, in the language that takes longest."""
    texts = draft.menu.prompts.get(node.prompt or "", {})
    return max((len(spoken.text) for spoken in texts.values()), default=0) / SPEECH_RATE
