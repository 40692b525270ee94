"""Menu files become menus with every default filled in."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from vagtcentral.menus.draft import NOBODY_WAITS
from vagtcentral.menus.load import find_menu, load_menu, shipped_menu, shipped_names
from vagtcentral.menus.model import (
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
    Option,
    Queue,
    Spoken,
    Waiting,
)
from vagtcentral.menus.problems import MenuError

SMALL = Path(__file__).parent / "small.yaml"


def small(tmp_path, *changes):
    """The small menu with some of its text replaced."""
    text = SMALL.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "menu.yaml"
    path.write_text(text, encoding="utf-8")
    return load_menu(path)


def test_the_small_menu_is_read_with_its_defaults():
    menu = load_menu(SMALL)
    timing = DigitTiming(5000, 3000, 20000)
    fallback = Fallback("again", 2, "people")
    assert (menu.name, menu.service, menu.synthetic, menu.languages) == ("small", "114", True, ("da", "en"))
    assert (menu.start, menu.survey, menu.max_nodes) == ("main", None, 60)
    assert menu.waiting == Waiting("again", 30000, None, None, None)
    options = {
        "0": Option("0", to="emergency"),
        "1": Option("1", to="where"),
        "*": Option("*", effect=Effect.REPEAT),
    }
    assert menu.nodes == {
        "main": Choose("main", "main", options, timing, True, fallback, fallback),
        "where": Enter(
            "where",
            "where",
            Entry.NUMBER,
            1,
            2,
            "#",
            None,
            None,
            False,
            "people",
            timing,
            True,
            fallback,
            fallback,
        ),
        "people": Queue("people", None, "general", DistrictRule.CALLER, None),
        "emergency": Emergency("emergency", None, "emergency"),
    }
    assert menu.prompts["again"] == {
        "da": Spoken("again", "da", "Vent."),
        "en": Spoken("again", "en", "Please wait."),
    }


def test_a_node_overrides_only_what_it_names(tmp_path):
    own = (
        "kind: choose",
        "kind: choose\n    timing: {inter_digit_s: 1.25}\n    silence: {retries: 0}\n    barge_in: false",
    )
    node = small(tmp_path, own).nodes["main"]
    assert isinstance(node, Choose)
    assert node.timing == DigitTiming(5000, 1250, 20000)
    assert node.silence == Fallback("again", 0, "people")
    assert node.wrong_key == Fallback("again", 2, "people")
    assert node.barge_in is False


def test_an_option_can_switch_the_language_with_a_node_or_an_effect(tmp_path):
    node = small(
        tmp_path,
        ('"*": {do: repeat}', '"*": {do: repeat, language: en}\n      "9": {to: main, language: da}'),
    ).nodes["main"]
    assert isinstance(node, Choose)
    assert node.options["*"] == Option("*", effect=Effect.REPEAT, language="en")
    assert node.options["9"] == Option("9", to="main", language="da")


@pytest.mark.parametrize(("entry", "digits"), [("square", (5, 9)), ("rescue", (4, 7))])
def test_a_square_and_a_rescue_number_have_digits_of_their_own(tmp_path, entry, digits):
    node = small(tmp_path, ("entry: number, digits: {min: 1, max: 2}", f"entry: {entry}")).nodes["where"]
    assert (node.entry, node.min_digits, node.max_digits) == (entry, *digits)


def test_a_postcode_has_four_digits_and_a_number_its_range(tmp_path):
    menu = small(tmp_path, ("next: people}", "next: people, range: [1, 4], terminator: null}"))
    node = menu.nodes["where"]
    assert isinstance(node, Enter)
    assert (node.low, node.high, node.terminator) == (1, 4, None)
    node = small(tmp_path, ("entry: number, digits: {min: 1, max: 2}", "entry: postcode")).nodes["where"]
    assert isinstance(node, Enter)
    assert (node.entry, node.min_digits, node.max_digits) == (Entry.POSTCODE, 4, 4)


def test_a_call_back_and_an_inform_node_are_read(tmp_path):
    nodes = (
        "  people: {kind: queue, skill: general}",
        '  people: {kind: call_back, prompt: again, skill: general, district: "1470"}\n'
        "  told: {kind: inform, prompt: again, solved: false}",
    )
    waiting = ("{comfort: again}", "{comfort: again, no_number_prompt: again, every_s: 45}")
    menu = small(tmp_path, nodes, waiting, ('"1": where', '"1": where\n      "2": told'))
    assert menu.nodes["people"] == BookCallBack("people", "again", "general", "1470")
    assert menu.nodes["told"] == Inform("told", "again", False)
    assert menu.waiting == Waiting("again", 45000, None, None, "again")


def test_texts_may_be_folded_and_hold_danish_letters(tmp_path):
    menu = small(
        tmp_path, ("{da: Vent., en: Please wait.}", "\n    da: >-\n      Vær så venlig\n      at vente.\n")
    )
    assert menu.prompts["again"]["da"].text == "Vær så venlig at vente."


def test_the_hash_is_that_of_the_files_bytes():
    assert load_menu(SMALL).sha256 == hashlib.sha256(SMALL.read_bytes()).hexdigest()


def test_a_menu_in_which_nobody_waits_needs_no_waiting():
    assert shipped_menu("survey").waiting == NOBODY_WAITS


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_menus_are_synthetic_bilingual_and_read_once(name):
    menu = shipped_menu(name)
    assert menu.name == name
    assert menu.synthetic
    assert menu.languages == ("da", "en")
    assert shipped_menu(name) is menu


def test_a_file_goes_before_a_shipped_menu_of_the_same_name(tmp_path, monkeypatch):
    assert find_menu("114").name == "114.yaml"
    monkeypatch.chdir(tmp_path)
    Path("114").write_bytes(SMALL.read_bytes())
    assert load_menu(find_menu("114")).name == "small"


def test_the_walk_runs_without_the_validation_library():
    """A webhook worker or a sweep process that is handed a menu pays for no models."""
    code = "import sys, vagtcentral.menus.walk; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_name_that_is_not_shipped_is_refused_with_those_that_are():
    with pytest.raises(MenuError) as refused:
        shipped_menu("115")
    expected = "115: menu: is not shipped; shipped menus are: 112, 114, 114-before, survey"
    assert str(refused.value) == expected
