"""Bad input is refused with one line that names file, line, place, the value seen, and what is allowed."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagtcentral.menus.load import MAX_BYTES, load_menu, read_menu
from vagtcentral.menus.problems import MenuError, Problem, place_name

TEXT = (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")
OPTION = '      "1": where'
WHERE = "  where: {kind: enter, prompt: where, entry: number, digits: {min: 1, max: 2}, next: people}"
PEOPLE = "  people: {kind: queue, skill: general}"

NAMES = "names are lower-case letters, digits, - and _, at most 40"
KEYS = 'keys are made of 0123456789*# (at most 8) and written in quotes, as in "1"'
NODES = "nodes are: main, where, people, emergency"
KINDS = "kinds are: announce, inform, choose, enter, queue, call_back, emergency"
DOCUMENT = 'a menu is one YAML 1.2 document, with the keys "*" and "#" and texts with ": " in quotes'
PLAIN = "plain values, without anchors, aliases, tags and dates"
QUOTED = "text is needed here; numbers and dates in quotes"
OPTION_FIELDS = "fields of an option are: to, do, language"
MENU_FIELDS = (
    "fields of a menu are: menu, service, synthetic, languages, start, timing, wrong_key, silence, waiting, "
    "survey, recording, max_nodes, nodes, prompts"
)

# What is replaced in the small menu, by what, and the line that refuses it.
ONE_CHANGE = [
    # keys
    (OPTION, "      1: where", '17: nodes.main.options: 1 is a number; write it in quotes: "1"'),
    (OPTION, "      012: where", '17: nodes.main.options: 012 is a number; write it in quotes: "012"'),
    (
        OPTION,
        "      true: where",
        "17: nodes.main.options: true is a boolean; "
        'keys are made of 0123456789*# and written in quotes, as in "1"',
    ),
    (OPTION, "      yes: where", f'17: nodes.main.options.yes: "yes"; {KEYS}'),
    (OPTION, "      no: where", f'17: nodes.main.options.no: "no"; {KEYS}'),
    (OPTION, "      on: where", f'17: nodes.main.options.on: "on"; {KEYS}'),
    (OPTION, '      "1a": where', f'17: nodes.main.options."1a": "1a"; {KEYS}'),
    (OPTION, '      "١": where', f'17: nodes.main.options."١": "١"; {KEYS}'),
    (OPTION, '      "": where', f'17: nodes.main.options."": ""; {KEYS}'),
    (
        OPTION,
        OPTION + '\n      "1": people',
        '18: nodes.main.options."1": written again (first on line 17); each key once',
    ),
    (OPTION, "      *: where", f"18: column 7: could not find expected ':'; {DOCUMENT}"),
    ("start: main", "start: main\nstart: where", "7: start: written again (first on line 6); each key once"),
    (PEOPLE, PEOPLE + "\n" + PEOPLE, "21: nodes.people: written again (first on line 20); each key once"),
    (
        PEOPLE,
        PEOPLE.replace("people", "2"),
        '20: nodes: 2 is a number; names and keys are text: write "2" in quotes',
    ),
    # options
    (OPTION, '      "1": {}', '17: nodes.main.options."1": neither to nor do; exactly one of them'),
    (
        OPTION,
        '      "1": {to: where, do: back}',
        '17: nodes.main.options."1": both to and do; exactly one of them',
    ),
    (OPTION, '      "1": {do: jump}', "17: nodes.main.options.\"1\".do: \"jump\"; one of 'repeat' or 'back'"),
    (OPTION, '      "1": {goto: where}', f'17: nodes.main.options."1".goto: unknown field; {OPTION_FIELDS}'),
    (
        OPTION,
        '      "1": [where]',
        f'17: nodes.main.options."1": a list of 1; the name of a node, or a mapping; {OPTION_FIELDS}',
    ),
    (OPTION, '      "1": Where', f'17: nodes.main.options."1": "Where"; {NAMES}'),
    # references
    (OPTION, OPTION + '\n      "8": reprot', f'18: nodes.main.options."8": "reprot" is not a node; {NODES}'),
    (
        OPTION,
        OPTION + '\n      "8": {to: reprot}',
        f'18: nodes.main.options."8".to: "reprot" is not a node; {NODES}',
    ),
    ("next: people", "next: nobody", f'19: nodes.where.next: "nobody" is not a node; {NODES}'),
    (
        "comfort: again",
        "comfort: agian",
        '10: waiting.comfort: "agian" is not a prompt; prompts are: main, where, again',
    ),
    (
        OPTION,
        '      "1": {to: where, language: de}',
        '17: nodes.main.options."1".language: "de" is not a language of this menu; languages are: da, en',
    ),
    (
        "en: Please wait.",
        "en: Please wait., sv: Vänta.",
        '25: prompts.again.sv: "sv" is not a language of this menu; languages are: da, en',
    ),
    # nodes
    ("kind: choose", "kind: chose", f'13: nodes.main.kind: "chose" is not a kind of node; {KINDS}'),
    ("    kind: choose\n", "", f"12: nodes.main.kind: missing; {KINDS}"),
    (PEOPLE, "  people: queue", '20: nodes.people: "queue"; a node is a mapping with kind and its fields'),
    (PEOPLE, "  people: {kind: queue}", "20: nodes.people.skill: missing; needed: kind, skill"),
    (
        "skill: general}",
        "skill: general, disctrict: any}",
        "20: nodes.people.disctrict: unknown field; "
        "fields of queue are: kind, skill, prompt, district, onward",
    ),
    ("skill: general}", "skill: general, district: 1470}", f"20: nodes.people.district: 1470; {QUOTED}"),
    (
        "skill: general}",
        'skill: general, district: "1472"}',
        '20: nodes.people.district: "1472"; caller, any, or a district code "1460" to "1471" in quotes',
    ),
    ("  main:\n", "  Main:\n", f'12: nodes.Main: "Main"; {NAMES}'),
    (
        PEOPLE,
        PEOPLE + "".join(f"\n  n{number}: {{kind: emergency}}" for number in range(500)),
        "11: nodes: a mapping of 504; at most 500",
    ),
    # timers, digits, retries
    ("first_digit_s: 5", "first_digit_s: 0", "7: timing.first_digit_s: 0; more than 0"),
    ("first_digit_s: 5", "first_digit_s: -1.5", "7: timing.first_digit_s: -1.5; more than 0"),
    ("first_digit_s: 5", "inter_digit_s: 121", "7: timing.inter_digit_s: 121; at most 120"),
    ("first_digit_s: 5", "overall_s: .inf", "7: timing.overall_s: Infinity; a finite number"),
    ("first_digit_s: 5", 'first_digit_s: "5"', '7: timing.first_digit_s: "5"; a number'),
    ("first_digit_s: 5", "first_digit_s: true", "7: timing.first_digit_s: true; a number"),
    (
        "first_digit_s: 5",
        "first_digit: 5",
        "7: timing.first_digit: unknown field; fields of timing are: first_digit_s, inter_digit_s, overall_s",
    ),
    (
        "min: 1, max: 2",
        "min: 3, max: 2",
        "19: nodes.where.digits: min 3 is more than max 2; min is at most max",
    ),
    ("min: 1, max: 2", "min: 0, max: 2", "19: nodes.where.digits.min: 0; at least 1"),
    ("min: 1, max: 2", "min: 1, max: 21", "19: nodes.where.digits.max: 21; at most 20"),
    (
        "max: 2",
        f"max: 0x{'f' * 31}",
        f'19: nodes.where.digits.max: "0x{"f" * 31}"; numbers of at most 30 characters',
    ),
    (", digits: {min: 1, max: 2}", "", "19: nodes.where: number without digits; digits: {min, max}"),
    (
        "entry: number",
        "entry: postcode",
        "19: nodes.where: postcode with digits or range; a postcode always has four digits",
    ),
    (
        "entry: number",
        "entry: rescue",
        "19: nodes.where: rescue with digits or range; "
        "a rescue number is always 4 to 7 keys, e.g. 333510 for F510",
    ),
    (
        "next: people}",
        "next: people, range: [4, 1]}",
        "19: nodes.where: range [4, 1]; [low, high] with low at most high and high of at most 2 digits",
    ),
    ("next: people}", 'next: people, terminator: "1"}', '19: nodes.where.terminator: "1"; "#" or "*"'),
    ("retries: 2", "retries: 6", "8: wrong_key.retries: 6; at most 5"),
    ("retries: 2", "retries: -1", "8: wrong_key.retries: -1; at least 0"),
    # waiting
    (
        "comfort: again",
        'comfort: again, call_back_key: "1"',
        '10: waiting: call_back_key "1" alone; call_back_prompt and no_number_prompt go with it',
    ),
    (
        PEOPLE,
        "  people: {kind: call_back, skill: general, prompt: again}",
        "20: nodes.people: call_back without no_number_prompt; "
        "waiting needs no_number_prompt, for callers without a number",
    ),
    # the top
    ('service: "114"', "service: 114", "3: service: 114; one of '112', '114' or 'survey'"),
    ("menu: small", "menu: 114", f"2: menu: 114; {QUOTED}"),
    ("synthetic: true", "synthetic: yes", '4: synthetic: "yes"; true or false'),
    (
        "menu: small\n",
        "",
        "2: menu: missing; needed: menu, service, synthetic, languages, start, nodes, prompts",
    ),
    ("start: main", "start: main\nstrat: main", f"7: strat: unknown field; {MENU_FIELDS}"),
    ("start: main", "start: main\nmax_nodes: 0", "7: max_nodes: 0; at least 1"),
    ("[da, en]", "[]", "5: languages: a list of 0; at least 1"),
    ("[da, en]", "da", '5: languages: "da"; a list'),
    ("[da, en]", "[da, en, da]", '5: languages[2]: "da" again; each language once'),
    ("[da, en]", "[da, Danish]", '5: languages[1]: "Danish"; languages are codes such as da, en'),
    # prompts
    ("en: Please wait.", 'en: " "', '25: prompts.again.en: " "; a text that is not empty'),
    ("en: Please wait.", "en: 12", f"25: prompts.again.en: 12; {QUOTED}"),
    (
        "en: Please wait.",
        'en: "a\\a"',
        '25: prompts.again.en: "a\\u0007"; text without control characters',
    ),
    ("en: Please wait.", 'en: "\\ud800"', '25: prompts.again.en: "\\ud800"; text of real characters'),
    # YAML
    ("en: Please wait.", "en: Wait: now", f"25: column 30: expected ',' or '}}', but got ':'; {DOCUMENT}"),
    ("en: Please wait.", "en: 2026-01-01", f"25: prompts.again.en: 2026-01-01 is a date; {PLAIN}"),
    ("en: Please wait.", "en: !say Wait", f"25: prompts.again.en: tag !say; {PLAIN}"),
    ("en: Please wait.", "en: &wait Wait", f"25: prompts.again.en: anchor &wait; {PLAIN}"),
    ("menu: small", "menu: \x01", f'2: file: character "\\u0001" is not allowed in YAML; {DOCUMENT}'),
    ("menu: small", "menu: small\n---", "3: column 1: found another document; " + DOCUMENT),
    ("menu: small", "? [a]\n: b", "2: file: a key that is not plain text; names and keys are text"),
]


def refused(path):
    """The lines with which the menu file is refused."""
    with pytest.raises(MenuError) as error:
        load_menu(path)
    assert len(str(error.value).splitlines()) == len(error.value.problems)
    return str(error.value).splitlines()


@pytest.mark.parametrize(("old", "new", "line"), ONE_CHANGE, ids=[line for _, _, line in ONE_CHANGE])
def test_bad_input_gives_exactly_this_line(tmp_path, old, new, line):
    assert old in TEXT
    path = tmp_path / "menu.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    assert refused(path) == [f"{path}:{line}"]


BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
WHOLE_FILES = [
    (b"", ":1: file: nothing; a menu is a mapping that begins with menu, service, languages, start"),
    (b"- a\n", ":1: file: a list of 1; a menu is a mapping that begins with menu, service, languages, start"),
    (b"hello\n", ':1: file: "hello"; a menu is a mapping that begins with menu, service, languages, start'),
    (b"menu: a\nstart: \xe6\n", ":2: file: byte 0xe6 is not UTF-8; a menu is written in UTF-8"),
    (b" " * (MAX_BYTES + 1), ": file: too big; a menu has at most 1048576 bytes"),
    (b"[" * 5000, ": file: nested without end; a menu nests at most 12 deep"),
    (
        b"{a: " * 13 + b"1" + b"}" * 13,
        f":1: {'.'.join('a' * 13)}: nested 13 deep; a menu nests at most 12 deep",
    ),
]


@pytest.mark.parametrize(("content", "line"), WHOLE_FILES, ids=[line for _, line in WHOLE_FILES])
def test_a_file_that_is_no_menu_at_all_gives_exactly_this_line(tmp_path, content, line):
    path = tmp_path / "menu.yaml"
    path.write_bytes(content)
    assert refused(path) == [f"{path}{line}"]


def test_aliases_cannot_unfold_into_something_huge(tmp_path):
    path = tmp_path / "menu.yaml"
    path.write_bytes(BOMB)
    assert refused(path) == [f"{path}:1: a: anchor &a; {PLAIN}", f"{path}:2: b: anchor &b; {PLAIN}"]


def test_a_missing_file_and_a_folder_name_what_would_do(tmp_path):
    menus = "a menu file, or one of the shipped menus 112, 114, 114-before, survey"
    missing = tmp_path / "menu.yaml"
    assert refused(missing) == [f"{missing}: file: does not exist; {menus}"]
    assert refused(tmp_path) == [f"{tmp_path}: file: cannot be read (Is a directory); {menus}"]


def test_defaults_that_are_missing_are_asked_for_at_each_node_that_needs_them(tmp_path):
    path = tmp_path / "menu.yaml"
    path.write_text(TEXT.replace("silence: {prompt: again, then: people}", "silence: {prompt: again}"))
    allowed = "missing; write it here, or under silence at the top for all nodes"
    assert refused(path) == [
        f"{path}:12: nodes.main.silence.then: {allowed}",
        f"{path}:19: nodes.where.silence.then: {allowed}",
    ]


def test_a_menu_with_queues_says_what_waiting_callers_hear(tmp_path):
    path = tmp_path / "menu.yaml"
    path.write_text(TEXT.replace("waiting: {comfort: again}\n", ""))
    assert refused(path) == [
        f"{path}:19: nodes.people: queue without waiting; waiting: {{comfort: PROMPT}} at the top",
        f"{path}:20: nodes.emergency: emergency without waiting; waiting: {{comfort: PROMPT}} at the top",
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path):
    path = tmp_path / "menu.yaml"
    path.write_text(TEXT.replace("retries: 2", "retries: 9").replace("first_digit_s: 5", "first_digit_s: 0"))
    assert refused(path) == [
        f"{path}:7: timing.first_digit_s: 0; more than 0",
        f"{path}:8: wrong_key.retries: 9; at most 5",
    ]


def test_a_problem_says_where_what_and_what_else():
    place = place_name(("nodes", "main", "options", "8", "to"))
    problem = Problem("114.yaml", 23, place, '"reprot" is not a node', "nodes are: main, report")
    error = MenuError([problem])
    assert str(error) == (
        '114.yaml:23: nodes.main.options."8".to: "reprot" is not a node; nodes are: main, report'
    )
    assert error.problems == (problem,)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_written_over_a_menu_it_is_read_or_refused_in_lines(tmp_path_factory, data):
    at = data.draw(st.integers(0, len(TEXT) - 1), label="at")
    length = data.draw(st.integers(0, 12), label="length")
    new = data.draw(
        st.text(max_size=8)
        | st.sampled_from([": ", "\n", "- ", "*x", "&x ", "!!int ", "[", "{", "~", "0x", "'"]),
        label="new",
    )
    path = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    path.write_bytes((TEXT[:at] + new + TEXT[at + length :]).encode("utf-8", "replace"))
    problems = ()
    try:
        read_menu(path)
    except MenuError as error:
        problems = error.problems
    assert all(str(problem).isprintable() for problem in problems)
