"""`vagtcentral aml decode` with messages in other forms than text."""

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.aml_decode import SENDER, V1, forms
from vagtcentral.console.aml import app


@pytest.fixture
def run():
    root = typer.Typer()
    root.add_typer(app, name="aml")
    return lambda *arguments, **more: CliRunner().invoke(root, ["aml", "decode", *arguments], **more)


@pytest.mark.parametrize("name", forms())
def test_every_form_is_read_from_stdin(run, name):
    message = forms()[name]
    octets = message if isinstance(message, bytes) else message.encode()
    result = run("-", "--json", input=octets)
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["position"]["latitude"] == 55.6761
    assert answer["raw"] in (message, octets.hex())
    assert list(answer) == ["form", "position", "caller", "anomalies", "raw", "fields"]


@pytest.mark.parametrize("name", [name for name, message in forms().items() if isinstance(message, str)])
def test_every_written_form_is_read_as_an_argument(run, name):
    answer = json.loads(run(forms()[name], "--json").stdout)
    assert answer["position"]["latitude"] == 55.6761


def test_text_says_the_same_from_stdin_and_as_an_argument(run):
    for text in ("\n" + V1, V1.replace('"', "”"), V1.partition(";")[2]):
        answer = json.loads(run("-", "--json", input=text.encode() + b"\n").stdout)
        assert answer == json.loads(run(text, "--json").stdout)
        assert answer["raw"] == text


def test_octets_that_end_like_a_line_are_not_cut(run):
    octets = forms()["data, octets"]
    answer = json.loads(run("-", "--json", input=octets + b"\n").stdout)
    assert answer["raw"] == (octets + b"\n").hex()


def test_table_names_the_wrapping_the_number_and_when_it_was_sent(run):
    text = run(forms()["SMS-DELIVER, 7-bit"]).stdout
    assert "deliver-v1 (hex, centre, deliver)" in text
    assert SENDER in text
    assert "2026-01-15T10:30:05Z" in text
