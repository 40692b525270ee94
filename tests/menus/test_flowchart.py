"""The drawing of a menu: keys and shares are told apart, and the way of a call stands out."""

from vagtcentral.menus.flowchart import flowchart
from vagtcentral.menus.load import shipped_menu


def test_a_key_and_its_share_are_not_to_be_read_as_one_number() -> None:
    menu = shipped_menu("114-before")
    keys = {"1": 1.0, "2": 0.004, "3": 0.996}
    shares = {("main", "key", key): share for key, share in keys.items()} | {("welcome", "next", ""): 0.73}
    drawn = flowchart(menu, shares)
    assert '|"1 (100 %)"|' in drawn
    assert '|"2 (<1 %)"|' in drawn
    assert '|"3 (>99 %)"|' in drawn
    assert '|"(73 %)"|' in drawn
    assert '|"1"|' in flowchart(menu)


def test_the_nodes_of_a_way_stand_out() -> None:
    drawn = flowchart(shipped_menu("114-before"), path={"main"})
    assert [line.strip() for line in drawn.splitlines() if line.strip().startswith("class ")] == [
        "class n_main path"
    ]


def test_silence_is_drawn_where_somebody_went_on_by_it() -> None:
    menu = shipped_menu("survey")
    taken = flowchart(menu, {("waiting_time", "silence", ""): 1.0})
    assert 'n_waiting_time -.->|"silence (100 %)"| n_goodbye' in taken
    assert "n_waiting_time --> n_right_person" in taken
    assert "silence" not in flowchart(menu)
