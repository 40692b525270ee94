"""The one way in which XML from outside is read: no document type, no entities, no network, small and
shallow.

What comes out is a plain tree of frozen nodes, so that nothing else in the room touches the parser. Elements
are found by their local name, because senders in the wild get namespaces wrong; the namespace is kept to be
compared.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

#: Largest document read unless the caller says otherwise, in octets.
LARGEST_OCTETS = 64 * 1024
#: Deepest nesting of elements read unless the caller says otherwise; the parser itself ends at 256.
DEEPEST = 64
#: Encodings read. Those of XML itself (UTF-8, UTF-16), and two that old location servers write.
ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
}

_BLANK = "[ \t\r\n]"
_DECLARATION = re.compile(rf"<\?xml{_BLANK}[^?<>]{{0,200}}\?>")
_ENCODING = re.compile(rf"encoding{_BLANK}*={_BLANK}*[\"']([^\"']{{1,40}})[\"']")
_SKIPPED = re.compile(rf"{_BLANK}+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_LITERAL = f"{_BLANK}+(?:\"[^\"<>]*\"|'[^'<>]*')"
_BARE_DOCTYPE = re.compile(
    rf"<!DOCTYPE{_BLANK}+[\w.:-]+(?:{_BLANK}+(?:SYSTEM{_LITERAL}|PUBLIC{_LITERAL}{_LITERAL}))?{_BLANK}*>"
)


class XmlRefused(ValueError):  # noqa: N818 - named for what happened, as the record shows it
    """The document was not read; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element: namespace ("" for none), local name, attributes by local name, own text, children."""

    namespace: str
    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Node", ...]

    def named(self, *names: str) -> Iterator["Node"]:
        """The children of these local names, in document order."""
        return (child for child in self.children if child.name in names)

    def first(self, *names: str) -> "Node | None":
        """The first child of one of these local names, if there is any."""
        return next(self.named(*names), None)

    def within(self, *names: str) -> Iterator["Node"]:
        """All descendants of these local names in document order, this element itself not among them."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.within(*names)

    def value(self, name: str) -> str | None:
        """The text of the first child of this local name without blanks around it; None if it is empty."""
        child = self.first(name)
        return (child.text or None) if child is not None else None


def read_xml(
    content: bytes, *, largest: int = LARGEST_OCTETS, deepest: int = DEEPEST, bare_doctype: bool = False
) -> Node:
    """The root element of a document; raises `XmlRefused` for everything that is not plain well-formed XML.

    `largest` is in octets, `deepest` in levels of elements. With `bare_doctype` a document type that holds no
    declarations of its own is skipped, and never fetched: location servers send one (OMA MLP 3.2). Otherwise,
    and with any declarations, a document type is refused (XML 1.0, section 2.8).
    """
    if len(content) > largest:
        raise XmlRefused(f"{len(content)} octets are more than the {largest} allowed")
    text = _without_doctype(_decoded(content), bare_doctype)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmlRefused(f"not well-formed XML: {_one_line(error)}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("a document type is not allowed")
    return _node(root, deepest)


def _decoded(content: bytes) -> str:
    """The document as text without byte order mark and XML declaration."""
    encoding = _encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise XmlRefused(f"octet {error.start} is not {encoding}") from None
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    if not text.strip():
        raise XmlRefused("the document is empty")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _encoding_of(content: bytes) -> str:
    """The encoding by the first octets, which the declaration must not contradict (XML 1.0, appendix F)."""
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<")):
        raise XmlRefused("the encoding utf-32 is not one of UTF-8, UTF-16, US-ASCII, ISO-8859-1")
    if content.startswith((b"\xff\xfe", b"<\0")):
        seen = "utf-16-le"
    elif content.startswith((b"\xfe\xff", b"\0<")):
        seen = "utf-16-be"
    else:
        seen = "utf-8"
    start = content[:512].decode(seen if seen != "utf-8" else "iso-8859-1", "replace")
    declaration = _DECLARATION.match(start.lstrip("\N{BYTE ORDER MARK}").removeprefix("ï»¿"))
    stated = _ENCODING.search(declaration[0]) if declaration else None
    if stated is None:
        return seen
    name = stated[1].lower()
    if name not in ENCODINGS:
        raise XmlRefused(f"the encoding {name[:20]!r} is not one of UTF-8, UTF-16, US-ASCII, ISO-8859-1")
    wide = ENCODINGS[name].startswith("utf-16")
    if wide != seen.startswith("utf-16") or (wide and ENCODINGS[name] not in ("utf-16", seen)):
        raise XmlRefused(f"the declared encoding {name} contradicts the octets, which are {seen}")
    return seen if wide else ENCODINGS[name]


def _without_doctype(text: str, bare_allowed: bool) -> str:
    """The document from its root element on. A document type can stand nowhere else than before that."""
    at = 0
    while found := _SKIPPED.match(text, at):
        at = found.end()
    if not text.startswith("<!DOCTYPE", at):
        return text[at:]
    bare = _BARE_DOCTYPE.match(text, at) if bare_allowed else None
    if bare is None:
        raise XmlRefused("a document type (DOCTYPE) is not allowed")
    return _without_doctype(text[bare.end() :], False)


def _node(element: Any, levels: int) -> Node:
    if levels < 1:
        raise XmlRefused("elements are nested too deep")
    return Node(
        etree.QName(element).namespace or "",
        etree.QName(element).localname,
        {etree.QName(name).localname: value for name, value in element.attrib.items()},
        "".join((element.text or "", *(child.tail or "" for child in element))).strip(),
        tuple(_node(child, levels - 1) for child in element),
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
