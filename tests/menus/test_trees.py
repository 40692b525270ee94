"""The shipped menus do what they are there for."""

import pytest

from vagtcentral.menus import graph
from vagtcentral.menus.graph import Why
from vagtcentral.menus.load import shipped_menu
from vagtcentral.menus.model import Announce, BookCallBack, Choose, Emergency, Enter, Entry, Inform, Queue

ERRANDS = {"theft", "fraud", "crime", "case", "licence", "tips", "local", "general"}


def served(name):
    """The errands that a caller can bring to an operator by choosing, with the choices it takes."""
    menu = shipped_menu(name)
    depths = graph.choices_to(menu)
    found = {}
    for node in menu.nodes.values():
        if isinstance(node, Queue) and node.name in depths:
            errand = node.onward or node.skill
            found[errand] = min(depths[node.name], found.get(errand, 99))
    return found


OUTDOORS = ("where-sign", "where-square")


def test_112_is_one_announcement_and_the_emergency_queue():
    menu = shipped_menu("112")
    announcement, queue = menu.nodes.values()
    assert isinstance(announcement, Announce)
    assert isinstance(queue, Queue)
    assert (menu.start, announcement.next) == (announcement.name, queue.name)
    assert queue.skill == "emergency"
    assert menu.survey is None
    assert menu.waiting.call_back_key is None
    assert menu.waiting.every_ms == 20_000


def test_114_serves_every_errand_within_two_choices_and_nobody_is_sent_on():
    menu = shipped_menu("114")
    by_choice = served("114")
    assert by_choice.keys() == ERRANDS - {"general"}
    assert max(by_choice.values()) == 2
    assert all(node.onward is None for node in menu.nodes.values() if isinstance(node, Queue))


def test_114_before_serves_the_same_errands_deeper_and_every_queue_sends_on():
    now, before = served("114"), served("114-before")
    assert before.keys() == ERRANDS
    assert all(before[errand] >= now[errand] for errand in now)
    assert max(before.values()) == 4
    nodes = shipped_menu("114-before").nodes.values()
    assert all(node.onward for node in nodes if isinstance(node, Queue))


@pytest.mark.parametrize("name", ["114", "114-before"])
def test_both_114_menus_reach_112_and_self_service(name):
    menu = shipped_menu(name)
    depths = graph.choices_to(menu)
    assert any(isinstance(menu.nodes[node], Emergency) for node in depths)
    told = {node for node in depths if isinstance(menu.nodes[node], Inform)}
    assert told == {"inform-permits", "inform-lost-property"}


def test_in_114_silence_and_wrong_keys_end_at_a_person():
    menu = shipped_menu("114")
    for node in menu.nodes.values():
        for exit in graph.exits(node):
            if exit.why in (Why.SILENCE, Why.WRONG_KEY):
                assert isinstance(menu.nodes[exit.to], Queue)


def test_in_114_before_silence_ends_the_call_unsolved():
    menu = shipped_menu("114-before")
    choices = [node for node in menu.nodes.values() if isinstance(node, Choose)]
    endings = {menu.nodes[node.silence.then] for node in choices}
    assert endings == {Inform("goodbye", "goodbye", solved=False)}


def test_114_asks_for_the_postcode_before_each_queue_of_a_district_unless_located():
    menu = shipped_menu("114")
    asked = {}
    for node in menu.nodes.values():
        if isinstance(node, Enter) and node.name not in OUTDOORS:
            assert (node.entry, node.skip_when_located) == (Entry.POSTCODE, True)
            assert node.silence.then == node.wrong_key.then == node.next
            asked[node.next] = node.name
    local = {
        node.name for node in menu.nodes.values() if isinstance(node, Queue) and node.district == "caller"
    }
    assert set(asked) == local


def test_in_114_who_is_outdoors_keys_a_sign_or_a_square_behind_the_choice_of_reporting():
    menu = shipped_menu("114")
    entries = {name: node for name, node in menu.nodes.items() if name in OUTDOORS}
    assert [node.entry for node in entries.values()] == [Entry.RESCUE, Entry.SQUARE]
    assert {graph.choices_to(menu)[name] for name in entries} == {3}
    for node in entries.values():
        assert node.next == node.silence.then == node.wrong_key.then == "crime"
        # Two seconds for each digit at least: nobody knows these by heart.
        assert node.timing.overall_ms >= 2_000 * node.max_digits


def test_every_choice_of_114_has_the_same_keys_for_danger_repeat_and_back():
    menu = shipped_menu("114")
    for node in menu.nodes.values():
        if isinstance(node, Choose):
            assert node.options["0"].to == "emergency"
            assert node.options["*"].effect == "repeat"
            assert ("#" in node.options) == (node.name != "main")


def test_114_offers_a_call_back_in_the_menu_and_while_waiting():
    menu = shipped_menu("114")
    assert any(isinstance(node, BookCallBack) for node in menu.nodes.values())
    assert menu.waiting.call_back_key == "1"


@pytest.mark.parametrize("name", ["114", "114-before"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_prompt_of_a_choice_names_its_keys(name, language):
    """A key nobody hears of is a key nobody presses; repeat, back and the urgent key need no mention."""
    menu = shipped_menu(name)
    for node in menu.nodes.values():
        if isinstance(node, Choose):
            text = menu.spoken(node.prompt, language).text
            for keys, option in node.options.items():
                if option.to is not None and option.language != language and keys != "0":
                    assert f" {keys}" in text, f"{node.name} does not say {keys}"


def test_the_survey_asks_three_items_on_a_scale_of_four_and_thanks():
    menu = shipped_menu("survey")
    asked = [node for node in menu.nodes.values() if isinstance(node, Enter)]
    assert [node.name for node in asked] == ["waiting_time", "right_person", "clarified"]
    assert {(node.low, node.high, node.min_digits, node.max_digits) for node in asked} == {(1, 4, 1, 1)}
    assert {node.silence.then for node in asked} == {"goodbye"}
    assert isinstance(menu.nodes[asked[-1].next], Inform)


@pytest.mark.parametrize("name", ["112", "114", "114-before", "survey"])
def test_each_file_says_at_its_head_that_it_is_synthetic(name):
    from vagtcentral.menus.load import find_menu

    head = find_menu(name).read_text(encoding="utf-8").split("\nmenu:")[0]
    assert "# Synthetic: " in head
