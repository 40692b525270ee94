"""XML from outside is plain, small and shallow, or it is refused in one line."""

import pytest

from vagtcentral.location.safe_xml import Node, XmlRefused, read_xml

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'

REFUSED = {
    "a bomb of entities": (BOMB.encode(), "document type"),
    "a bomb in an attribute": (BOMB.replace("<a>", '<a b="&l9;">').encode(), "document type"),
    "an external entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>', "document"),
    "a document type": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "document type"),
    "one behind comments": (b"<?xml version='1.0'?> <!-- a --> <?b c?>\n<!DOCTYPE a><a/>", "document type"),
    "one in UTF-16": ("<!DOCTYPE a><a/>".encode("utf-16"), "document type"),
    "an unknown entity": (b"<a>&x;</a>", "not well-formed"),
    "a body of 10 MB": (b"<a>" + b"x" * 10_000_000 + b"</a>", "10000007 octets"),
    "nothing": (b"", "empty"),
    "blanks": (b" \n ", "empty"),
    "no XML": (b"A\"ML=1;lt=+55.6", "not well-formed"),
    "lost brackets": (b"?xml version='1.0'?>\nfindService xmlns='a'>", "not well-formed"),
    "two roots": (b"<a/><b/>", "not well-formed"),
    "a cut document": (b"<a><b>55.6", "not well-formed"),
    "a NUL": (b"<a>\0</a>", "not well-formed"),
    "an undeclared prefix": (b"<x:a/>", "not well-formed"),
    "deep nesting": (b"<a>" * 65 + b"</a>" * 65, "nested too deep"),
    "very deep nesting": (b"<a>" * 8000 + b"</a>" * 8000, "not well-formed"),
    "Latin-1 said to be UTF-8": ("<?xml version='1.0' encoding='UTF-8'?><a>ø</a>".encode("latin1"), "utf-8"),
    "Latin-1 without a declaration": ("<a>ø</a>".encode("latin1"), "utf-8"),
    "UTF-8 said to be UTF-16": (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "contradicts"),
    "UTF-16 said to be UTF-8": ("<?xml version='1.0' encoding='UTF-8'?><a/>".encode("utf-16"), "contradicts"),
    "UTF-16 of the other order": (
        "<?xml version='1.0' encoding='UTF-16BE'?><a/>".encode("utf-16-le"), "contradicts"
    ),
    "UTF-32": ("<a/>".encode("utf-32"), "utf-32"),
    "UTF-7": (b"<?xml version='1.0' encoding='UTF-7'?>+ADw-a/+AD4-", "utf-7"),
    "EBCDIC": (b"<?xml version='1.0' encoding='cp037'?><a/>", "cp037"),
    "half a character": ("<a>ø</a>".encode()[:4], "utf-8"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_with_one_clear_line(content, reason):
    with pytest.raises(XmlRefused, match=reason) as refused:
        read_xml(content)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 160


def test_the_limits_are_exact_and_can_be_set():
    assert read_xml(b"<a>12</a>", largest=9).text == "12"
    with pytest.raises(XmlRefused, match="9 octets are more than the 8 allowed"):
        read_xml(b"<a>12</a>", largest=8)
    assert read_xml(b"<a><b/></a>", deepest=2).name == "a"
    with pytest.raises(XmlRefused, match="deep"):
        read_xml(b"<a><b/></a>", deepest=1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_or_without_a_mark(encoding):
    assert read_xml("<a>Ærø</a>".encode(encoding)).text == "Ærø"


@pytest.mark.parametrize("name", ["UTF-8", "iso-8859-1", "UTF-16"])
def test_a_true_declaration_is_followed(name):
    content = f'<?xml version="1.0" encoding="{name}" standalone="yes"?>\n<a>Ærø</a>'.encode(name)
    assert read_xml(content).text == "Ærø"


def test_comments_and_instructions_do_not_split_a_text():
    root = read_xml(b"<a>55.<!-- x -->67<?y z?>6 <![CDATA[12]]></a>")
    assert root.text == "55.676 12"


def test_a_document_type_in_a_comment_or_text_is_only_text():
    assert read_xml(b"<a><!-- <!DOCTYPE b> --><![CDATA[<!DOCTYPE c>]]></a>").text == "<!DOCTYPE c>"


@pytest.mark.parametrize(
    "content",
    [b'<!DOCTYPE a SYSTEM "A.DTD"><a/>', b'<!DOCTYPE a PUBLIC "b" "http://c/"><a/>', b"<!DOCTYPE a ><a/>"],
)
def test_a_bare_document_type_is_skipped_where_that_is_allowed(content):
    assert read_xml(content, bare_doctype=True).name == "a"


@pytest.mark.parametrize(
    "content",
    [
        BOMB.encode(),
        b'<!DOCTYPE a SYSTEM "A.DTD" [<!ENTITY x "y">]><a/>',
        b"<!DOCTYPE a []><a/>",
        b"<!DOCTYPE a><!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_with_declarations_is_refused_even_there(content):
    with pytest.raises(XmlRefused):
        read_xml(content, bare_doctype=True)


def test_nodes_are_found_by_local_name_and_keep_their_namespace():
    root = read_xml(b'<p:a xmlns:p="urn:p" p:id="7"><b> x </b><p:c><b/></p:c></p:a>')
    assert (root.namespace, root.name, root.attributes["id"]) == ("urn:p", "a", "7")
    assert root.value("b") == "x"
    assert root.value("d") is None
    assert [type(node) for node in root.within("b")] == [Node, Node]
    assert root.first("c").first("b").text == ""
