"""Every rule has a fixture that triggers it and nothing else, a sentence in the manual, and a severity."""

from pathlib import Path

import pytest

from vagtcentral.menus.lint import RULES, Severity, lint
from vagtcentral.menus.load import find_menu, load_menu, read_menu, shipped_names
from vagtcentral.menus.problems import MenuError

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
MANUAL = (HERE.parent.parent / "docs" / "menus.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_what_its_fixture_was_made_for_and_nothing_else(rule):
    path = FIXTURES / f"{rule}.yaml"
    expected = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# finds: ")
    assert [(f.rule, f"{f.line}: {f.message}") for f in lint(read_menu(path))] == [(rule, expected)]


def test_each_fixture_belongs_to_a_rule():
    assert {path.stem for path in FIXTURES.glob("*.yaml")} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_manual_describes_each_rule_with_its_severity_and_sentence(rule):
    assert f"| `{rule}` | {RULES[rule].severity} | {RULES[rule].sentence} " in MANUAL


@pytest.mark.parametrize("rule", RULES)
def test_a_menu_with_an_error_is_refused_and_one_with_a_warning_is_not(rule):
    path = FIXTURES / f"{rule}.yaml"
    if RULES[rule].severity is Severity.WARNING:
        assert load_menu(path).name == "small"
        return
    with pytest.raises(MenuError) as refused:
        load_menu(path)
    line, message = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# finds: ").split(": ", 1)
    assert str(refused.value) == f"{path}:{line}: {message}"


def test_a_menu_without_faults_has_no_findings():
    assert lint(read_menu(HERE / "small.yaml")) == []


@pytest.mark.parametrize("name", ["112", "114", "survey"])
def test_the_shipped_menus_have_no_findings(name):
    assert lint(read_menu(find_menu(name))) == []


def test_the_old_menu_has_the_faults_it_is_there_to_show_and_no_errors():
    findings = lint(read_menu(find_menu("114-before")))
    assert {f.rule for f in findings} == {"long-prompt", "no-emergency", "too-deep"}
    assert {f.severity for f in findings} == {Severity.WARNING}


def test_all_shipped_menus_are_known():
    assert shipped_names() == ("112", "114", "114-before", "survey")


def changed(tmp_path, *changes):
    """The findings, as rules and messages, in the small menu with some of its text replaced."""
    text = (HERE / "small.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "menu.yaml"
    path.write_text(text, encoding="utf-8")
    return [(f.rule, f.message) for f in lint(read_menu(path))]


def test_a_wrong_default_is_reported_once_and_where_it_is_written(tmp_path):
    findings = changed(tmp_path, ("retries: 2, then: people", "retries: 2, then: nobody"))
    nodes = "main, where, people, emergency"
    assert findings == [
        ("dangling-node", f'wrong_key.then: "nobody" is not a node; nodes are: {nodes}'),
    ]


def test_a_start_that_does_not_exist_is_one_finding(tmp_path):
    findings = changed(tmp_path, ("start: main", "start: begin"))
    assert [rule for rule, _ in findings] == ["dangling-node"]


@pytest.mark.parametrize("field", ["wrong_key", "silence"])
def test_a_fallback_to_its_own_node_never_ends(tmp_path, field):
    own = f"kind: choose\n    {field}: {{then: main}}"
    findings = changed(tmp_path, ("kind: choose", own))
    assert [rule for rule, _ in findings] == ["unbounded-loop"]
    assert "circle through main;" in findings[0][1]


def test_two_announcements_that_lead_to_each_other_never_end(tmp_path):
    said = "".join(
        f"  {name}: {{kind: announce, prompt: again, next: {onward}}}\n"
        for name, onward in [("one", "two"), ("two", "one")]
    )
    findings = changed(
        tmp_path, ('"1": where', '"1": one\n      "2": where'), ("  people:", said + "  people:")
    )
    assert [message.split(";")[0] for rule, message in findings if rule == "unbounded-loop"] == [
        "nodes.one: a call can circle through one, two"
    ]


def test_a_circle_that_takes_a_key_each_time_round_is_allowed(tmp_path):
    onward = "  tell: {kind: announce, prompt: again, next: main}\n  people:"
    assert changed(tmp_path, ('"1": where', '"1": where\n      "2": tell'), ("  people:", onward)) == []


def test_a_number_that_located_callers_skip_does_not_break_a_circle(tmp_path):
    """A number that is keyed ends the circle; one that is skipped does not."""
    keyed = ("digits: {min: 1, max: 2}, next: people}", "digits: {min: 1, max: 2}, next: tell}")
    tell = ("  people:", "  tell: {kind: announce, prompt: again, next: where}\n  people:")
    assert changed(tmp_path, keyed, tell) == []
    skipped = ("entry: number,", "entry: number, skip_when_located: true,")
    assert [rule for rule, _ in changed(tmp_path, keyed, tell, skipped)] == ["unbounded-loop"]


def test_a_prompt_missing_in_the_first_language_is_an_error(tmp_path):
    findings = changed(tmp_path, ("again: {da: Vent., en: Please wait.}", "again: {en: Please wait.}"))
    assert findings == [
        ("missing-prompt", 'prompts.again: no text in "da"; the first language has every prompt')
    ]


def test_prompts_of_waiting_count_as_used_and_are_missed(tmp_path):
    findings = changed(tmp_path, ("comfort: again", "comfort: nothing"))
    assert findings == [
        ("missing-prompt", 'waiting.comfort: "nothing" is not a prompt; prompts are: main, where, again')
    ]


def test_switching_language_on_the_same_node_changes_something(tmp_path):
    assert changed(tmp_path, ('"*": {do: repeat}', '"9": {to: main, language: en}')) == []


def test_a_number_asked_for_in_the_opening_counts_as_speech_where_it_cannot_be_interrupted(tmp_path):
    long = "Tast det, du vil, når du har hørt det hele. " * 8
    spoken = ("{da: Tryk 1., en: Press 1.}", f"{{da: '{long}', en: Press 1.}}")
    assert changed(tmp_path, spoken) == []
    forced = ("kind: choose", "kind: choose\n    barge_in: false")
    assert [rule for rule, _ in changed(tmp_path, spoken, forced)] == ["long-prompt"]


def test_112_and_surveys_need_no_key_for_emergencies_and_surveys_no_operator(tmp_path):
    only_told = ('"0": emergency\n      "1": where', '"1": told')
    told = ("  people:", "  told: {kind: inform, prompt: again}\n  people:")
    as_survey = ('service: "114"', "service: survey")
    rules = [rule for rule, _ in changed(tmp_path, only_told, told)]
    assert "no-emergency" in rules
    assert "no-emergency" not in [rule for rule, _ in changed(tmp_path, only_told, told, as_survey)]
