"""The pure walk of one caller through one menu: keys and instants in, what to say and where to go out.

It draws nothing from the outside: it is told when a prompt has ended, when a key was pressed and when its
`deadline` has passed, and answers with the next `Say`, `Ask` or `Leave`, or None while it waits for more.
"""

from collections.abc import Callable

from vagtcentral.menus.digits import DigitTimer, Match, match_choice, match_number
from vagtcentral.menus.model import (
    Announce,
    BookCallBack,
    Choose,
    DigitTiming,
    Effect,
    Emergency,
    Enter,
    Entry,
    Fallback,
    Inform,
    Menu,
    Node,
    Queue,
    Spoken,
)
from vagtcentral.value import value

#: Where a walk can end. None: the caller went round in the menu until `Menu.max_nodes`.
Exit = Queue | BookCallBack | Emergency | Inform


@value
class Say:
    """Play these prompts to their end, then call `prompt_finished`."""

    prompts: tuple[Spoken, ...]


@value
class Ask:
    """Play these prompts and take keys; at most `max_digits` of them, or until `terminator`."""

    prompts: tuple[Spoken, ...]
    barge_in: bool
    timing: DigitTiming
    max_digits: int
    terminator: str | None


@value
class Leave:
    """The walk is over at this node."""

    node: Exit | None


@value
class Entered:
    """A number that the caller keyed at an `Enter` node."""

    name: str
    entry: Entry
    value: str


Step = Say | Ask | Leave


_ASKING = (Choose, Enter)
# Looked up once: reading a member off its class costs ten times as much as reading a name.
_INCOMPLETE, _EXTENSIBLE, _COMPLETE, _INVALID = Match
_NUMBER = Entry.NUMBER


class Walk:
    """One caller in one menu. `located` says whether an `Enter` node may be skipped.

    `knows` says whether the digits of a postcode, a square or a rescue number name a place.
    """

    __slots__ = (
        "_back",
        "_keys",
        "_knows",
        "_nodes_left",
        "_silences",
        "_spare",
        "_timer",
        "_wrong",
        "entered",
        "language",
        "located",
        "menu",
        "node",
    )

    def __init__(self, menu: Menu, language: str | None, knows: Callable[[Entry, str], bool]) -> None:
        self.menu = menu
        self._knows = knows
        self._back: list[str] = []
        self._keys = ""
        self._spare: str | None = None  # the terminator of a number that was full without it
        self._timer: DigitTimer | None = None
        self._wrong = 0
        self._silences = 0
        self._nodes_left = menu.max_nodes
        self.language = language if language in menu.languages else menu.languages[0]
        self.node = menu.start
        self.located = False
        self.entered: Entered | None = None

    @property
    def deadline(self) -> int | None:
        """When to call `expire`, if nothing happens before."""
        return None if self._timer is None else self._timer.deadline

    @property
    def keying(self) -> bool:
        """Whether the caller has begun an entry."""
        return bool(self._keys)

    def start(self) -> Step:
        """Begin at the menu's first node."""
        return self._go_to(self.menu.start)

    def again(self) -> Step:
        """Begin anew at the node where the caller is; retries count from the start."""
        return self._go_to(self.node)

    def prompt_finished(self, at: int) -> Step | None:
        """The prompts of the last `Say` or `Ask` were heard to their end."""
        if self._timer is not None:
            self._timer.prompt_finished(at)
            return None
        match self.menu.nodes[self.node]:
            case Announce(next=following):
                return self._go_to(following)
            case Inform() as node:
                return Leave(node)
        return None

    def press(self, key: str, at: int) -> Step | None:
        """The caller pressed a key while the walk was asking."""
        if self._timer is None:
            return None
        spare, self._spare = self._spare, None
        self._keys += key
        match = self._match()
        if match is _COMPLETE:
            return self._accept()
        if match is _INVALID and key == spare:
            self._keys = ""
            return None  # pressed out of habit after the last digit of the entry before
        if match is _INVALID:
            return self._wrong_key()
        self._timer.key_pressed(at)
        return None

    def collected(self, keys: str, at: int) -> Step | None:
        """A carrier that times keys itself has collected these; they are judged as if pressed and over."""
        if self._timer is None:
            return None
        for key in keys:
            step = self.press(key, at)
            if step is not None:
                return step
        return self.expire()

    def expire(self) -> Step | None:
        """The deadline has passed."""
        if self._timer is None:
            return None
        if not self._keys:
            return self._silence()
        return self._accept() if self._match() is _EXTENSIBLE else self._wrong_key()

    def _match(self) -> Match:
        node = self._asking()
        return match_choice(node, self._keys) if isinstance(node, Choose) else match_number(node, self._keys)

    # --- what keys lead to --------------------------------------------------------------------

    def _accept(self) -> Step:
        node = self.menu.nodes[self.node]
        if isinstance(node, Choose):
            return self._choose(node)
        assert isinstance(node, Enter)
        return self._enter(node)

    def _choose(self, node: Choose) -> Step:
        option = node.options[self._keys]
        if option.language is not None:
            self.language = option.language
        if option.effect is Effect.REPEAT:
            return self._ask_again(None)
        if option.effect is Effect.BACK:
            return self._go_to(self._back.pop() if self._back else node.name)
        assert option.to is not None
        if option.to != node.name:
            self._back.append(node.name)
        return self._go_to(option.to)

    def _enter(self, node: Enter) -> Step:
        value = self._keys.removesuffix(node.terminator) if node.terminator else self._keys
        if not self._allowed(node, value):
            return self._wrong_key()
        self.entered = Entered(node.name, node.entry, value)
        self._spare = node.terminator if self._keys == value else None
        if node.entry is not _NUMBER:
            self.located = True
        return self._go_to(node.next)

    def _allowed(self, node: Enter, value: str) -> bool:
        if node.entry is not _NUMBER:
            return self._knows(node.entry, value)
        number = int(value)
        return (node.low is None or number >= node.low) and (node.high is None or number <= node.high)

    def _wrong_key(self) -> Step:
        self._wrong += 1
        return self._fall_back(self._asking().wrong_key, self._wrong)

    def _silence(self) -> Step:
        self._silences += 1
        return self._fall_back(self._asking().silence, self._silences)

    def _fall_back(self, fallback: Fallback, times: int) -> Step:
        if times <= fallback.retries:
            return self._ask_again(fallback.prompt)
        return self._go_to(fallback.then)

    def _asking(self) -> Choose | Enter:
        node = self.menu.nodes[self.node]
        assert isinstance(node, _ASKING)
        return node

    # --- moving -------------------------------------------------------------------------------

    def _go_to(self, name: str) -> Step:
        """Enter a node; nodes that say and ask nothing are passed through."""
        self._wrong = self._silences = 0
        while True:
            self.node = name
            self._keys = ""
            self._timer = None
            self._nodes_left -= 1
            if self._nodes_left < 0:
                return Leave(None)
            node = self.menu.nodes[name]
            if isinstance(node, _ASKING):
                if isinstance(node, Enter) and node.skip_when_located and self.located:
                    name = node.next
                    continue
                self._timer = DigitTimer(node.timing)
            steps = self.menu.steps
            step: Step | None = steps.get((name, self.language))
            if step is None:
                step = steps[name, self.language] = self._step_at(node)
            return step

    def _step_at(self, node: Node) -> Step:
        """What is said or asked at a node, in the language of the walk."""
        if isinstance(node, Choose | Enter):
            return self._question(node, (node.prompt,))
        if isinstance(node, Announce | Inform):
            return Say((self.menu.spoken(node.prompt, self.language),))
        return Leave(node)

    def _ask_again(self, first: str | None) -> Step:
        """Ask the node's question, after the prompt `first` if one is named."""
        node = self._asking()
        if first is not None or self._keys:
            self._nodes_left -= 1
            if self._nodes_left < 0:
                return Leave(None)
        self._keys = ""
        self._timer = DigitTimer(node.timing)
        return self._question(node, (node.prompt,) if first is None else (first, node.prompt))

    def _question(self, node: Choose | Enter, names: tuple[str, ...]) -> Ask:
        prompts = tuple([self.menu.spoken(name, self.language) for name in names])
        if isinstance(node, Choose):
            return Ask(prompts, node.barge_in, node.timing, node.longest, None)
        return Ask(prompts, node.barge_in, node.timing, node.max_digits, node.terminator)
