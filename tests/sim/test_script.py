"""Scripts: what a good one says, and that each bad one is refused in one clear line that says where."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.script import (
    Caller,
    CallerStep,
    LocationMessage,
    OperatorAct,
    Script,
    ScriptError,
    StaffMember,
    Transfer,
    load_script,
    shipped_scripts,
)

SMALL = """\
title: "A small call"
about: "The least that a script has to say."
at: 2019-03-04T08:02:10Z
service: "114"
caller:
  number: "+4510114001"
  does:
    - {on: hears main, after_s: 2.5, keys: "4"}
    - on: hold
      hang_up: true
"""


def write(folder: Path, text: str | bytes, name: str = "small.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ScriptError) as refused:
        load_script(path)
    return str(refused.value)


# --- good scripts ---------------------------------------------------------------------------------


def test_a_small_script_is_read_with_its_defaults(tmp_path: Path):
    script = load_script(write(tmp_path, SMALL))
    assert (script.name, script.title, script.service, script.menu) == (
        "small",
        "A small call",
        "114",
        "114",
    )
    assert script.at == datetime(2019, 3, 4, 8, 2, 10, tzinfo=UTC)
    assert script.start == 1_551_686_530_000
    assert script.caller == Caller(
        number="+4510114001",
        does=(
            CallerStep(on="hears main", after_s=2.5, keys="4", gap_s=0.4),
            CallerStep(on="hold", after_s=0.0, hang_up=True),
        ),
        call_back_after_s=(6.0,),
    )
    assert script.operators == (
        OperatorAct(answers_after_s=3.0, talks_s=60.0, wraps_up_s=20.0, declines=False, transfer=None),
    )
    assert script.location == ()
    assert script.last_message_ms == 0


def test_a_script_without_staff_has_that_of_every_district(tmp_path: Path):
    script = load_script(write(tmp_path, SMALL))
    districts = {member.district for member in script.staff if "emergency" in member.skills}
    assert districts == {str(code) for code in range(1460, 1472)}


def test_a_script_can_name_everything_itself(tmp_path: Path):
    extra = """\
menu: 114-before
location:
  - {after_s: 0.5, cell: "55.4,10.4,900"}
  - {after_s: 6, aml: "A\\"ML=1"}
operators:
  - {answers_after_s: null}
  - {declines: true, transfer: {skill: theft, district: "1461"}, note: Cykeltyveri}
staff:
  - {name: alfa, skills: [theft, tips], languages: [da, en], district: "1461", ready_after_s: 30}
"""
    script = load_script(write(tmp_path, SMALL + extra))
    assert script.menu == "114-before"
    assert script.location == (
        LocationMessage(after_s=0.5, cell="55.4,10.4,900"),
        LocationMessage(after_s=6, aml='A"ML=1'),
    )
    assert script.last_message_ms == 6_000
    assert script.operators == (
        OperatorAct(answers_after_s=None),
        OperatorAct(declines=True, transfer=Transfer(skill="theft", district="1461"), note="Cykeltyveri"),
    )
    assert script.staff == (
        StaffMember(
            name="alfa",
            skills=("theft", "tips"),
            languages=("da", "en"),
            district="1461",
            ready_after_s=30,
        ),
    )


@pytest.mark.parametrize(
    "written", ["2019-03-04T08:02:10Z", "2019-03-04T08:02:10", "2019-03-04T09:02:10+01:00"]
)
def test_an_instant_without_a_zone_is_utc_and_one_with_a_zone_is_what_it_says(tmp_path: Path, written: str):
    script = load_script(write(tmp_path, SMALL.replace("2019-03-04T08:02:10Z", written)))
    assert script.start == 1_551_686_530_000


def test_all_twelve_keys_can_be_pressed(tmp_path: Path):
    script = load_script(write(tmp_path, SMALL.replace('"4"', '"0123456789*#"')))
    assert script.caller.does[0].keys == "0123456789*#"


def test_a_hidden_number_is_null(tmp_path: Path):
    assert load_script(write(tmp_path, SMALL.replace('"+4510114001"', "null"))).caller.number is None


def test_every_shipped_script_loads_names_its_file_and_a_shipped_menu():
    scripts = shipped_scripts()
    assert len(scripts) >= 15
    folder = Path(str(files("vagtcentral.sim") / "calls"))
    assert {script.name for script in scripts} == {path.stem for path in folder.glob("*.yaml")}
    for script in scripts:
        assert script.name.startswith(script.service)
        assert script.menu in shipped_setting().menus
        assert isinstance(script, Script)


# --- bad scripts: one line with file, line, place, value and what is allowed ----------------------


REFUSALS = {
    "an unknown field": (
        "  does:",
        "  colour: red\n  does:",
        "small.yaml:7: caller.colour: red; Extra inputs",
    ),
    "an unknown field at the top": ("at:", "colour: red\nat:", "small.yaml:3: colour: red; Extra inputs"),
    "a misspelt field": ("  does:", "  dose:", "small.yaml:7: caller.dose: ({"),
    "keys with letters": (
        '"4"',
        '"4A"',
        "small.yaml:8: caller.does.0.keys: 4A; allowed: the keys 0-9, * and #",
    ),
    "keys that are empty": ('"4"', '""', "small.yaml:8: caller.does.0.keys: ; String should have at least 1"),
    "keys without quotes": (
        '"4"',
        "4",
        "small.yaml:8: caller.does.0.keys: 4; Input should be a valid string",
    ),
    "both keys and hang_up": (
        "hang_up: true",
        'hang_up: true\n      keys: "1"',
        "small.yaml:9: caller.does.1: {'on': 'hold', 'hang_up': True, 'keys': '1'}; a step has either",
    ),
    "neither keys nor hang_up": (
        "      hang_up: true\n",
        "",
        "small.yaml:9: caller.does.1: {'on': 'hold'}; a step has either keys or hang_up",
    ),
    "hang_up that is false": (
        "hang_up: true",
        "hang_up: false",
        "small.yaml:10: caller.does.1.hang_up: False; ",
    ),
    "a bad cue": (
        "on: hold",
        "on: holding",
        "small.yaml:9: caller.does.1.on: holding; allowed: arrives, hold, connected, then, or hears NAME",
    ),
    "a negative time": (
        "after_s: 2.5",
        "after_s: -1",
        "small.yaml:8: caller.does.0.after_s: -1; Input should be",
    ),
    "a time beyond a day": ("after_s: 2.5", "after_s: 86401", "small.yaml:8: caller.does.0.after_s: 86401; "),
    "a time that is no number": (
        "after_s: 2.5",
        "after_s: .nan",
        "small.yaml:8: caller.does.0.after_s: nan; ",
    ),
    "a time in words": ("after_s: 2.5", "after_s: soon", "small.yaml:8: caller.does.0.after_s: soon; "),
    "a time that is true": ("after_s: 2.5", "after_s: true", "small.yaml:8: caller.does.0.after_s: True; "),
    "a service that is not one": (
        '"114"',
        '"115"',
        "small.yaml:4: service: 115; Input should be '112' or '114'",
    ),
    "a day without a time": (
        "T08:02:10Z",
        "",
        "small.yaml:3: at: 2019-03-04; Input should be a valid datetime",
    ),
    "a number that is not text": ('"+4510114001"', "10114001", "small.yaml:6: caller.number: 10114001; "),
    "a duplicate key": (
        "about:",
        "title: again\nabout:",
        'small.yaml:2: not YAML: found duplicate key "title"',
    ),
    "a broken quote": ('title: "A small call"', 'title: "A small call', "not YAML: "),
    "a tab": ("  number:", "\tnumber:", "small.yaml:6: not YAML: found character"),
    "a second document": ("service:", "---\nservice:", "small.yaml:4: not YAML: but found another document"),
}


@pytest.mark.parametrize("case", list(REFUSALS))
def test_a_bad_script_is_refused_in_one_line_that_says_where(tmp_path: Path, case: str):
    old, new, expected = REFUSALS[case]
    assert old in SMALL
    said = refusal(write(tmp_path, SMALL.replace(old, new, 1)))
    assert "\n" not in said
    assert said.startswith("small.yaml")
    assert expected in said


@pytest.mark.parametrize("field", ["title", "about", "at", "service", "caller"])
def test_a_missing_field_is_named(tmp_path: Path, field: str):
    lines = SMALL.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{field}:")]
    if field == "caller":
        kept = lines[:4]
    said = refusal(write(tmp_path, "".join(kept)))
    assert said == f"small.yaml:1: {field}: nothing; Field required"


def test_a_missing_field_within_a_part_is_named_at_the_line_of_the_part(tmp_path: Path):
    said = refusal(write(tmp_path, SMALL + "location:\n  - {after_s: 1, cell: a}\n  - {cell: b}\n"))
    assert said == "small.yaml:13: location.1.after_s: nothing; Field required"


@pytest.mark.parametrize("forms", ['aml: "A", cell: "b"', ""])
def test_a_location_message_has_exactly_one_form(tmp_path: Path, forms: str):
    said = refusal(write(tmp_path, SMALL + f"location:\n  - {{after_s: 1, {forms}}}\n"))
    assert said.startswith("small.yaml:12: location.0: {'after_s': 1")
    assert said.endswith("a location message has exactly one of aml, cell, mlp, gad, pidf")


def test_a_file_that_is_not_there_is_named_with_the_reason(tmp_path: Path):
    path = tmp_path / "missing.yaml"
    assert refusal(path) == f"{path}: cannot be read: No such file or directory; a script is a YAML file"


def test_a_folder_is_no_script(tmp_path: Path):
    assert "cannot be read" in refusal(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_with_the_byte(tmp_path: Path):
    said = refusal(write(tmp_path, "title: Færdsel".encode("latin-1")))
    assert said == "small.yaml: byte 8 is not UTF-8 text; a script is UTF-8 YAML"


@pytest.mark.parametrize(("text", "seen"), [("", "None"), ("- a\n", "['a']"), ("word\n", "word")])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, seen: str):
    said = refusal(write(tmp_path, text))
    assert said == f"small.yaml:1: {seen}; a script is a mapping with title, at, service, caller"


def test_a_control_character_is_refused(tmp_path: Path):
    said = refusal(write(tmp_path, SMALL + 'note: "\x01"\n'))
    assert said.startswith("small.yaml: not YAML: ")
    assert "\n" not in said


def test_a_long_value_is_cut_short_and_put_on_one_line(tmp_path: Path):
    said = refusal(write(tmp_path, SMALL.replace('"114"', "|\n  " + "\n  ".join(["langt"] * 40))))
    assert "\n" not in said
    assert "..." in said
    assert len(said) < 160


def test_an_alias_to_itself_is_refused(tmp_path: Path):
    assert refusal(write(tmp_path, SMALL + "location: &loop [*loop]\n")).startswith(
        "small.yaml:11: location.0"
    )


def test_the_first_of_several_mistakes_is_named(tmp_path: Path):
    said = refusal(write(tmp_path, SMALL.replace('"114"', '"115"').replace('"4"', '"A"')))
    assert said.startswith("small.yaml:4: service")
