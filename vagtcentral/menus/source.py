"""A menu file as plain data with the line of every value: YAML 1.2, and only the part that a menu needs.

Anchors, aliases and tags are refused, so that a file means what it shows and cannot unfold into something
huge.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from vagtcentral.menus.problems import MenuError, Place, Problem, place_name, shown

MAX_BYTES = 1 << 20
MAX_DEPTH = 12  #: a menu needs six
MAX_NUMBER = 30  #: characters; longer ones are nobody's seconds or digits

_TAG = "tag:yaml.org,2002:"
_KIND = {"int": "a number", "float": "a number", "bool": "a boolean", "null": "empty", "timestamp": "a date"}
_SCALARS = frozenset({"str", "int", "float", "bool", "null"})
_ONE_DOCUMENT = 'a menu is one YAML 1.2 document, with the keys "*" and "#" and texts with ": " in quotes'
_OPTION_KEYS = 'keys are made of 0123456789*# and written in quotes, as in "1"'
_PLAIN_YAML = "plain values, without anchors, aliases, tags and dates"
_NO_NAME = "names and keys are text"


@dataclass(frozen=True, slots=True)
class Source:
    """The content of a menu file: plain mappings, lists and scalars in `data`, their lines in `lines`."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Place, int]
    sha256: str

    def line(self, place: Place) -> int:
        """The line of the place, or of the nearest thing around it that is written in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, seen: str, allowed: str) -> Problem:
        """A problem at the place."""
        return Problem(self.file, self.line(place), place_name(place), seen, allowed)


def read_source(file: str, content: bytes) -> Source:
    """Read the bytes of a menu file; raise `MenuError` where they are not one plain YAML mapping."""
    root = _compose(file, content)
    reading = _Reading(file)
    data = reading.value(root, ()) if root is not None else None
    if not reading.problems and not isinstance(data, dict):
        seen = "nothing" if data is None else shown(data)
        allowed = "a menu is a mapping that begins with menu, service, languages, start"
        reading.problems.append(Problem(file, 1, "file", seen, allowed))
    if reading.problems:
        raise MenuError(reading.problems)
    assert isinstance(data, dict)
    return Source(file, data, reading.lines, hashlib.sha256(content).hexdigest())


def _compose(file: str, content: bytes) -> Node | None:
    """The tree of YAML nodes, none for an empty file."""
    if len(content) > MAX_BYTES:
        raise MenuError([Problem(file, None, "file", "too big", f"a menu has at most {MAX_BYTES} bytes")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        seen = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise MenuError([Problem(file, line, "file", seen, "a menu is written in UTF-8")]) from None
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except RecursionError:
        raise MenuError([Problem(file, None, "file", "nested without end", _depth_allowed())]) from None
    except YAMLError as error:
        raise MenuError([_syntax(file, text, error)]) from None
    return root


def _syntax(file: str, text: str, error: YAMLError) -> Problem:
    """What the YAML reader stumbled over, in one line."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        seen = f"character {shown(text[error.position])} is not allowed in YAML"
        return Problem(file, line, "file", seen, _ONE_DOCUMENT)
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    said = (isinstance(error, MarkedYAMLError) and error.problem) or "not YAML"
    seen = str(said).split("  in ")[0].strip().removeprefix("but ").replace("\n", " ")
    if mark is None:
        return Problem(file, None, "file", seen, _ONE_DOCUMENT)
    return Problem(file, mark.line + 1, f"column {mark.column + 1}", seen, _ONE_DOCUMENT)


def _depth_allowed() -> str:
    return f"a menu nests at most {MAX_DEPTH} deep"


class _Reading:
    """Turns YAML nodes into plain values and notes lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._anchors: set[str] = set()
        self._construct = YAML(typ="safe", pure=True).constructor.construct_object

    def value(self, node: Node, place: Place) -> Any:
        """The node's plain value; the value does not matter once there are problems."""
        self.lines.setdefault(place, node.start_mark.line + 1)
        if node.anchor is not None:
            return self._refuse_anchor(node, place)
        if len(place) > MAX_DEPTH:
            return self._refuse(node, place, f"nested {len(place)} deep", _depth_allowed())
        tag = str(node.tag)
        kind = tag.removeprefix(_TAG)
        match node:
            case MappingNode() if kind == "map":
                return self._mapping(node, place)
            case SequenceNode() if kind == "seq":
                return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
            case ScalarNode() if kind in _SCALARS:
                return self._scalar(node, place)
            case ScalarNode() if kind == "timestamp":
                return self._refuse(node, place, f"{node.value} is a date", _PLAIN_YAML)
        return self._refuse(node, place, f"tag {tag}", _PLAIN_YAML)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, place)
            if key is None:
                continue
            if key in result:
                first = self.lines[*place, key]
                seen = f"written again (first on line {first})"
                self._refuse(key_node, (*place, key), seen, "each key once")
                continue
            self.lines[*place, key] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, (*place, key))
        return result

    def _key(self, node: Node, place: Place) -> str | None:
        """The key as text, or None with a problem noted where YAML reads something else."""
        kind = str(node.tag).removeprefix(_TAG)
        if isinstance(node, ScalarNode) and kind == "str" and node.anchor is None:
            return str(node.value)
        if not isinstance(node, ScalarNode) or node.anchor is not None:
            self._refuse(node, place, "a key that is not plain text", _NO_NAME)
            return None
        written = str(node.value)
        option = len(place) == 3 and place[0] == "nodes" and place[2] == "options"
        allowed = _OPTION_KEYS if option else _NO_NAME
        if kind in ("int", "float", "timestamp"):
            allowed = f'{_OPTION_KEYS if option else _NO_NAME}: write "{written}" in quotes'
        if option and kind == "int":
            allowed = f'write it in quotes: "{written}"'
        seen = f"{written or 'a key'} is {_KIND.get(kind, 'tagged')}"
        self._refuse(node, place, seen, allowed)
        return None

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        number = str(node.tag).removeprefix(_TAG) in ("int", "float")
        if number and len(node.value) > MAX_NUMBER:
            return self._refuse(node, place, shown(node.value), f"numbers of at most {MAX_NUMBER} characters")
        try:
            return self._construct(node, deep=True)
        except (ValueError, OverflowError, YAMLError):
            return self._refuse(node, place, f"{shown(node.value)} cannot be read", "a plain number or text")

    def _refuse_anchor(self, node: Node, place: Place) -> None:
        """Refuse the anchor once, not again at each alias of it."""
        if node.anchor not in self._anchors:
            self._anchors.add(node.anchor)
            self._refuse(node, place, f"anchor &{node.anchor}", _PLAIN_YAML)

    def _refuse(self, node: Node, place: Place, seen: str, allowed: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.file, line, place_name(place) or "file", seen, allowed))
