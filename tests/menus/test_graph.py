"""How far each node is from the start, counted in choices."""

import pytest

from vagtcentral.menus import graph
from vagtcentral.menus.load import read_menu

MENU = """
menu: distances
service: "114"
synthetic: true
languages: [da]
start: main
wrong_key: {{prompt: said, then: quiet}}
silence: {{prompt: said, then: quiet}}
waiting: {{comfort: said}}
nodes:
  main: {{kind: choose, prompt: said, options: {options}}}
  number: {{kind: enter, prompt: said, entry: postcode, next: second}}
  second: {{kind: choose, prompt: said, options: {{"1": people, "2": main}}}}
  people: {{kind: queue, skill: general}}
  quiet: {{kind: inform, prompt: said}}
prompts:
  said: {{da: Hallo.}}
"""


def distances(tmp_path, options):
    path = tmp_path / "menu.yaml"
    path.write_text(MENU.format(options=options), encoding="utf-8")
    return graph.choices_to(read_menu(path).menu)


@pytest.mark.parametrize("options", ['{"1": number, "2": second}', '{"2": second, "1": number}'])
def test_the_shortest_way_counts_whichever_option_stands_first(tmp_path, options):
    assert distances(tmp_path, options) == {"main": 0, "number": 1, "second": 1, "people": 2}


def test_a_number_is_no_choice_and_silence_no_way(tmp_path):
    assert distances(tmp_path, '{"1": number}') == {"main": 0, "number": 1, "second": 1, "people": 2}


def test_a_destination_by_a_short_way_is_near_although_a_long_way_leads_there_too(tmp_path):
    assert distances(tmp_path, '{"1": number, "2": people}')["people"] == 1
