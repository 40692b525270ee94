"""The staff file: who takes calls, and one line for what is wrong in it."""

import pytest

from vagtcentral.console.settings import SettingsError
from vagtcentral.console.staff import StaffMember, load_staff, unstaffed
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.menus.load import shipped_menu

GOOD = """
- {name: anna, skills: [emergency], languages: [da, en], district: "1470", endpoint: PJSIP/anna}
- {name: bo, skills: [theft, local]}
"""


def load(tmp_path, text):
    file = tmp_path / "staff.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_staff(file)


def test_operators_are_read_as_dispatch_knows_them(tmp_path):
    anna, bo = load(tmp_path, GOOD)
    assert anna.operator == Operator("anna", frozenset({"emergency"}), frozenset({"da", "en"}), "1470")
    assert anna.endpoint == "PJSIP/anna"
    assert bo.operator == Operator("bo", frozenset({"theft", "local"}))
    assert bo.endpoint is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ": no list of operators"),
        ("anna: 1", ": no list of operators"),
        ("- [", ":1: not YAML"),
        (b"- \xff", ": byte 2 is not UTF-8"),
        ("- anna", ": operator 1: 'anna'; a mapping of name, skills"),
        ("- {name: Anna, skills: [a]}", ": operator 1: name: 'Anna'; a name of small letters"),
        ("- {name: a}", ": operator 1: skills: missing; a list of skills"),
        ("- {name: a, skills: []}", ": operator 1: skills: []; a list of skills"),
        (
            "- {name: a, skills: [b], district: 1470}",
            ": operator 1: district: 1470; a district code in quotes",
        ),
        ("- {name: a, skills: [b], district: '1499'}", ": operator 1: district: '1499'; a district code"),
        ("- {name: a, skills: [b], endpoint: anna}", ": operator 1: endpoint: 'anna'; a phone of the switch"),
        ("- {name: a, skills: [b], phone: anna}", ": operator 1: phone: unknown; fields are name, skills"),
        (GOOD + "- {name: bo, skills: [x]}", ": operator 3: name: 'bo' again"),
        (
            GOOD + "- {name: c, skills: [x], endpoint: PJSIP/anna}",
            ": operator 3: endpoint: 'PJSIP/anna' again",
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file_and_the_place(tmp_path, text, line):
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, text)
    (seen,) = refused.value.lines
    assert seen.startswith(f"{tmp_path / 'staff.yaml'}{line}")


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match=r"none.yaml: cannot be read \(No such file"):
        load_staff(tmp_path / "none.yaml")


def test_skills_that_a_menu_asks_for_and_nobody_has_are_named_with_their_menus():
    """Queues, hand-overs to 112 and kept call-backs ask; what operators only send on to does not."""
    menus = [shipped_menu(name) for name in ("112", "114", "survey")]
    anna = StaffMember(name="anna", skills=("theft", "crime", "case", "licence", "local", "fraud"))
    assert unstaffed(menus, [anna]) == {"emergency": ["112", "114"], "general": ["114"], "tips": ["114"]}
    bo = StaffMember(name="bo", skills=("emergency", "general", "tips"))
    assert unstaffed(menus, [anna, bo]) == {}
