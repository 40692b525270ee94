"""Damaged documents: a refusal in one line or an answer, never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.location.test_lost import FIND, ask
from tests.location.test_mlp import SAMPLE as MLP
from tests.location.test_pidf import AT, SAMPLE
from vagtcentral.location.mlp import read_mlp
from vagtcentral.location.pidf import read_pidf
from vagtcentral.location.safe_xml import XmlRefused
from vagtcentral.location.shapes import Point

WORDS = [b"", b"NaN", b"INF", b"-1e308", b"1e999", b"0", b"-0", b"91", b"55,5", b"<a/>", b"&amp;",
         b"\xc3\xb8", b"\0", b"4979", b"9101", b"<!DOCTYPE a>", b"gml:Polygon", b"gs:ArcBand",
         b"unknown", b"\xff"]  # fmt: skip


def read_or_refused(read, content):
    """What was read, or None if it was refused in one line."""
    try:
        return read(content, AT)
    except XmlRefused as refusal:
        reason = str(refusal)
    assert "\n" not in reason
    return None


@st.composite
def damaged(draw, whole: bytes):
    """The document with some stretches replaced."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        content = content[:start] + draw(st.sampled_from(WORDS) | st.binary(max_size=4)) + content[end:]
    return content


@given(damaged(SAMPLE) | st.binary(max_size=200))
@settings(max_examples=1000)
def test_damaged_pidf_is_read_or_refused(content):
    for location in read_or_refused(read_pidf, content) or ():
        assert location.shape is not None or location.anomalies
        if location.position is not None:
            assert location.position.as_json()
            assert isinstance(location.shape, Point) or location.position.radius_m is not None


@given(damaged(MLP.encode()) | st.binary(max_size=200))
@settings(max_examples=1000)
def test_damaged_mlp_is_read_or_refused(content):
    answer = read_or_refused(read_mlp, content)
    for position in answer.positions if answer else ():
        assert position.shape is not None or position.problem
        if position.position is not None:
            assert position.position.as_json()


@given(damaged(FIND.encode()) | st.binary(max_size=200))
@settings(max_examples=1000)
def test_damaged_lost_requests_get_answers_that_fit_the_grammar(content):
    ask(content)
