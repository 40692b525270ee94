"""The pure walk of one caller through one menu: what each node says, where each key leads, how it ends."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from vagtcentral.menus.model import (
    Announce,
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
    Menu,
    Node,
    Option,
    Queue,
    Spoken,
    Waiting,
)
from vagtcentral.menus.walk import Ask, Entered, Leave, Say, Step, Walk

TIMING = DigitTiming(first_ms=5_000, inter_ms=3_000, overall_ms=10_000)
WRONG = Fallback("wrong", 2, "people")
SILENT = Fallback("silent", 1, "goodbye")


def choose(name: str, *options: Option, wrong: Fallback = WRONG, silent: Fallback = SILENT) -> Choose:
    return Choose(name, name, {option.keys: option for option in options}, TIMING, True, wrong, silent)


def postcode(name: str, following: str, skip: bool = False) -> Enter:
    return Enter(
        name=name,
        prompt=name,
        entry=Entry.POSTCODE,
        min_digits=4,
        max_digits=4,
        terminator="#",
        low=None,
        high=None,
        skip_when_located=skip,
        next=following,
        timing=TIMING,
        barge_in=True,
        wrong_key=WRONG,
        silence=SILENT,
    )


def number(
    name: str, following: str, digits: tuple[int, int] = (1, 2), span: tuple[int, int] | None = None
) -> Enter:
    low, high = span or (None, None)
    return replace(
        postcode(name, following),
        entry=Entry.NUMBER,
        min_digits=digits[0],
        max_digits=digits[1],
        low=low,
        high=high,
    )


PEOPLE = Queue("people", "hold", "general", DistrictRule.ANY)
GOODBYE = Inform("goodbye", "goodbye", solved=False)
PROMPTS = ["welcome", "main", "report", "where", "age", "hold", "goodbye", "permits", "wrong", "still"]
PROMPTS += ["shift", "promise", "danger"]


def menu(*nodes: Node, start: str | None = None, max_nodes: int = 60) -> Menu:
    """A menu of these nodes, with `people` and `goodbye` added. It starts at the first."""
    every: Mapping[str, Node] = {node.name: node for node in (*nodes, PEOPLE, GOODBYE)}
    prompts = {
        name: {"da": Spoken(name, "da", f"{name} på dansk"), "en": Spoken(name, "en", f"{name} in English")}
        for name in PROMPTS
    }
    prompts["silent"] = {"da": Spoken("silent", "da", "kun på dansk")}
    return Menu(
        name="small",
        service="114",
        synthetic=True,
        languages=("da", "en"),
        start=start or nodes[0].name,
        nodes=every,
        prompts=prompts,
        waiting=Waiting("still", 30_000, None, None, None),
        survey=None,
        max_nodes=max_nodes,
        sha256="",
    )


KNOWN = {Entry.POSTCODE: ("8000", "5000"), Entry.SQUARE: ("6223576",), Entry.RESCUE: ("333510",)}


def walk(of: Menu, language: str | None = None) -> Walk:
    return Walk(of, language, lambda entry, code: code in KNOWN[entry])


def names(step: Step | None) -> list[str]:
    """The names of the prompts that a step plays."""
    assert isinstance(step, Say | Ask)
    return [prompt.name for prompt in step.prompts]


def press(caller: Walk, keys: str, at: int = 0) -> Step | None:
    """Press keys until one of them has an answer, which has to be the last."""
    step = None
    for count, key in enumerate(keys):
        assert step is None, f"answered before key {count}"
        step = caller.press(key, at)
    return step


# --- each kind of node ----------------------------------------------------------------------------


def test_an_announcement_is_said_to_its_end_and_leads_on():
    caller = walk(menu(Announce("welcome", "welcome", "main"), choose("main", Option("1", to="people"))))
    assert names(caller.start()) == ["welcome"]
    assert caller.press("1", 100) is None
    assert caller.node == "welcome"
    assert names(caller.prompt_finished(2_000)) == ["main"]
    assert caller.node == "main"


def test_no_timer_runs_during_an_announcement_and_time_ends_nothing_there():
    caller = walk(menu(Announce("welcome", "welcome", "people")))
    caller.start()
    assert caller.deadline is None
    assert caller.expire() is None
    assert caller.collected("1", 0) is None


def test_an_information_is_said_to_its_end_before_the_walk_leaves_there():
    permits = Inform("permits", "permits")
    caller = walk(menu(permits))
    assert names(caller.start()) == ["permits"]
    assert caller.press("1", 100) is None
    assert caller.prompt_finished(3_000) == Leave(permits)


@pytest.mark.parametrize(
    "node",
    [
        Queue("end", "hold", "theft", DistrictRule.CALLER, onward="tips"),
        BookCallBack("end", "promise", "general", DistrictRule.ANY),
        Emergency("end", "danger", "emergency"),
    ],
    ids=lambda node: type(node).__name__,
)
def test_a_destination_ends_the_walk_at_once(node: Queue | BookCallBack | Emergency):
    caller = walk(menu(choose("main", Option("1", to="end")), node))
    caller.start()
    assert caller.press("1", 0) == Leave(node)
    assert caller.deadline is None


def test_a_choice_asks_for_as_many_keys_as_its_longest_option_has():
    caller = walk(menu(choose("main", Option("1", to="people"), Option("911", to="people"))))
    assert caller.start() == Ask((Spoken("main", "da", "main på dansk"),), True, TIMING, 3, None)


def test_an_entry_asks_for_its_own_number_of_digits_and_terminator():
    caller = walk(menu(replace(number("age", "people", (1, 3)), barge_in=False)))
    assert caller.start() == Ask((Spoken("age", "da", "age på dansk"),), False, TIMING, 3, "#")


# --- options --------------------------------------------------------------------------------------


def test_each_key_leads_where_its_option_says():
    for key, prompt in (("1", "report"), ("2", "permits")):
        caller = walk(
            menu(
                choose("main", Option("1", to="report"), Option("2", to="permits")),
                choose("report", Option("1", to="people")),
                Inform("permits", "permits"),
            )
        )
        caller.start()
        assert names(caller.press(key, 0)) == [prompt]
        assert caller.node == prompt


def test_a_key_sequence_is_one_choice():
    caller = walk(menu(choose("main", Option("42", to="permits")), Inform("permits", "permits")))
    caller.start()
    assert caller.press("4", 1_000) is None
    assert caller.deadline == 4_000
    assert names(caller.press("2", 2_000)) == ["permits"]


def test_a_key_that_begins_a_longer_one_is_chosen_when_nothing_follows():
    caller = walk(
        menu(
            choose("main", Option("1", to="permits"), Option("12", to="people")), Inform("permits", "permits")
        )
    )
    caller.start()
    assert caller.press("1", 1_000) is None
    assert names(caller.expire()) == ["permits"]


def test_the_longer_option_is_chosen_when_its_second_key_follows():
    caller = walk(
        menu(
            choose("main", Option("1", to="permits"), Option("12", to="people")), Inform("permits", "permits")
        )
    )
    caller.start()
    assert press(caller, "12") == Leave(PEOPLE)


def test_the_beginning_of_an_option_with_nothing_after_it_is_a_wrong_key():
    caller = walk(menu(choose("main", Option("42", to="people"))))
    caller.start()
    assert caller.press("4", 1_000) is None
    assert names(caller.expire()) == ["wrong", "main"]


def test_keys_of_one_question_do_not_count_for_the_next():
    caller = walk(
        menu(
            choose("main", Option("1", to="report")),
            choose("report", Option("1", to="people"), Option("11", to="permits")),
            Inform("permits", "permits"),
        )
    )
    caller.start()
    caller.press("1", 0)
    assert caller.press("1", 100) is None
    assert caller.expire() == Leave(PEOPLE)


def test_the_digit_timer_of_one_question_does_not_run_on_in_the_next():
    caller = walk(menu(choose("main", Option("1", to="report")), choose("report", Option("1", to="people"))))
    caller.start()
    caller.prompt_finished(1_000)
    assert caller.deadline == 6_000
    caller.press("1", 2_000)
    assert caller.deadline is None


# --- repeat, back, language -----------------------------------------------------------------------


def test_repeat_asks_the_same_question_again_with_nothing_before_it():
    caller = walk(menu(choose("main", Option("1", to="people"), Option("*", effect=Effect.REPEAT))))
    first = caller.start()
    assert caller.press("*", 500) == first
    assert caller.deadline is None
    caller.prompt_finished(4_000)
    assert caller.deadline == 9_000


LAYERS = (
    choose("main", Option("1", to="report"), Option("#", effect=Effect.BACK)),
    choose("report", Option("1", to="shift"), Option("#", effect=Effect.BACK)),
    choose("shift", Option("1", to="people"), Option("#", effect=Effect.BACK)),
)


def test_back_returns_to_the_question_before_step_by_step():
    caller = walk(menu(*LAYERS))
    caller.start()
    press(caller, "1")
    press(caller, "1")
    assert caller.node == "shift"
    assert names(caller.press("#", 0)) == ["report"]
    assert names(caller.press("#", 0)) == ["main"]


def test_back_at_the_start_asks_the_first_question_again():
    caller = walk(menu(*LAYERS))
    first = caller.start()
    assert caller.press("#", 0) == first
    press(caller, "1")
    assert names(caller.press("#", 0)) == ["main"]
    assert names(caller.press("#", 0)) == ["main"]


def test_back_passes_over_an_entry_that_lay_between():
    caller = walk(
        menu(
            choose("main", Option("1", to="where")),
            postcode("where", "report"),
            choose("report", Option("#", effect=Effect.BACK)),
        )
    )
    caller.start()
    press(caller, "1")
    press(caller, "8000")
    assert names(caller.press("#", 0)) == ["main"]


def test_an_option_that_leads_to_its_own_node_is_no_step_to_go_back():
    main = choose("main", Option("1", to="report"), Option("9", to="main", language="en"))
    report = choose("report", Option("#", effect=Effect.BACK))
    outer = choose("still", Option("1", to="main"))
    caller = walk(
        menu(outer, replace(main, options={**main.options, "#": Option("#", effect=Effect.BACK)}), report)
    )
    caller.start()
    press(caller, "1")
    press(caller, "9")
    assert names(caller.press("#", 0)) == ["still"]


def test_a_language_option_switches_at_once_and_for_the_rest_of_the_call():
    caller = walk(
        menu(
            choose("main", Option("9", to="main", language="en"), Option("1", to="permits")),
            Inform("permits", "permits"),
        )
    )
    caller.start()
    assert caller.press("9", 0) == Ask((Spoken("main", "en", "main in English"),), True, TIMING, 1, None)
    assert caller.language == "en"
    assert caller.press("1", 0) == Say((Spoken("permits", "en", "permits in English"),))


def test_a_repeat_can_switch_the_language_too():
    caller = walk(menu(choose("main", Option("9", effect=Effect.REPEAT, language="en"))))
    caller.start()
    step = caller.press("9", 0)
    assert isinstance(step, Ask)
    assert [prompt.language for prompt in step.prompts] == ["en"]


def test_a_prompt_that_is_not_translated_is_said_in_the_first_language():
    caller = walk(menu(choose("main", Option("1", to="people"))), "en")
    caller.start()
    step = caller.expire()
    assert isinstance(step, Ask)
    assert [(prompt.name, prompt.language) for prompt in step.prompts] == [("silent", "da"), ("main", "en")]


@pytest.mark.parametrize(("wanted", "spoken"), [("en", "en"), ("da", "da"), (None, "da"), ("kl", "da")])
def test_a_walk_begins_in_the_language_given_if_the_menu_has_it(wanted: str | None, spoken: str):
    assert walk(menu(choose("main", Option("1", to="people"))), wanted).language == spoken


# --- wrong keys and silence -----------------------------------------------------------------------


def test_wrong_keys_are_answered_with_the_question_again_and_then_the_exit():
    caller = walk(menu(choose("main", Option("1", to="permits")), Inform("permits", "permits")))
    caller.start()
    assert names(caller.press("7", 0)) == ["wrong", "main"]
    assert names(caller.press("7", 0)) == ["wrong", "main"]
    assert caller.press("7", 0) == Leave(PEOPLE)


def test_silence_is_answered_with_the_question_again_and_then_the_exit():
    caller = walk(menu(choose("main", Option("1", to="people"))))
    caller.start()
    caller.prompt_finished(2_000)
    assert caller.deadline == 7_000
    assert names(caller.expire()) == ["silent", "main"]
    assert caller.deadline is None
    assert names(caller.expire()) == ["goodbye"]
    assert caller.prompt_finished(9_000) == Leave(GOODBYE)


def test_without_retries_the_first_wrong_key_or_silence_is_the_last():
    never = Fallback("wrong", 0, "people")
    for act in (lambda caller: caller.press("7", 0), lambda caller: caller.expire()):
        caller = walk(menu(choose("main", Option("1", to="goodbye"), wrong=never, silent=never)))
        caller.start()
        assert act(caller) == Leave(PEOPLE)


def test_wrong_keys_and_silence_are_counted_apart():
    caller = walk(menu(choose("main", Option("1", to="people"))))
    caller.start()
    assert names(caller.press("7", 0)) == ["wrong", "main"]
    assert names(caller.expire()) == ["silent", "main"]
    assert names(caller.press("7", 0)) == ["wrong", "main"]
    assert names(caller.expire()) == ["goodbye"]


def test_the_counts_begin_anew_in_the_next_question():
    caller = walk(menu(choose("main", Option("1", to="report")), choose("report", Option("1", to="people"))))
    caller.start()
    press(caller, "7")
    press(caller, "7")
    caller.expire()
    press(caller, "1")
    assert names(caller.press("7", 0)) == ["wrong", "report"]
    assert names(caller.press("7", 0)) == ["wrong", "report"]
    assert names(caller.expire()) == ["silent", "report"]


def test_an_exit_can_be_a_question_of_its_own():
    wrong = Fallback("wrong", 0, "report")
    caller = walk(
        menu(
            choose("main", Option("1", to="people"), wrong=wrong), choose("report", Option("1", to="people"))
        )
    )
    caller.start()
    assert names(caller.press("7", 0)) == ["report"]
    assert names(caller.press("7", 0)) == ["wrong", "report"]


# --- numbers and postcodes ------------------------------------------------------------------------


def test_a_known_postcode_is_kept_and_leads_on():
    caller = walk(menu(postcode("where", "people")))
    caller.start()
    assert press(caller, "8000") == Leave(PEOPLE)
    assert caller.entered == Entered("where", Entry.POSTCODE, "8000")


def test_an_unknown_postcode_is_a_wrong_key_and_nothing_is_kept():
    caller = walk(menu(postcode("where", "people")))
    caller.start()
    assert names(press(caller, "0000")) == ["wrong", "where"]
    assert caller.entered is None
    assert press(caller, "5000") == Leave(PEOPLE)
    assert caller.entered == Entered("where", Entry.POSTCODE, "5000")


def test_half_a_postcode_is_a_wrong_key_when_time_runs_out():
    caller = walk(menu(postcode("where", "people")))
    caller.start()
    assert press(caller, "80") is None
    assert names(caller.expire()) == ["wrong", "where"]


@pytest.mark.parametrize(
    ("entry", "digits", "known", "other"),
    [(Entry.SQUARE, (5, 9), "6223576", "622357"), (Entry.RESCUE, (4, 7), "333510", "3510")],
)
def test_a_square_or_a_rescue_number_ends_with_hash_or_with_time_and_is_checked(entry, digits, known, other):
    """An entry of varying length: what is no place is a wrong key, asked again as often as the node says."""
    asks = replace(postcode("where", "people"), entry=entry, min_digits=digits[0], max_digits=digits[1])
    caller = walk(menu(asks))
    caller.start()
    assert names(press(caller, f"{other}#")) == ["wrong", "where"]
    assert caller.entered is None
    assert press(caller, known) is None
    assert caller.expire() == Leave(PEOPLE)
    assert caller.entered == Entered("where", entry, known)
    assert caller.located
    caller = walk(menu(asks))
    caller.start()
    assert press(caller, f"{known}#") == Leave(PEOPLE)


def test_a_located_caller_is_not_asked_where_he_is():
    caller = walk(
        menu(choose("main", Option("1", to="where")), postcode("where", "report", skip=True), LAYERS[1])
    )
    caller.start()
    caller.located = True
    assert names(caller.press("1", 0)) == ["report"]
    assert caller.entered is None


def test_a_located_caller_is_asked_all_the_same_where_the_entry_is_not_to_be_skipped():
    caller = walk(menu(postcode("where", "people", skip=False)))
    caller.located = True
    assert names(caller.start()) == ["where"]


def test_a_caller_who_is_not_located_is_asked():
    assert names(walk(menu(postcode("where", "people", skip=True))).start()) == ["where"]


@pytest.mark.parametrize(
    ("keys", "value"), [("1#", "1"), ("4#", "4"), ("12", "12"), ("0#", None), ("13", None), ("99", None)]
)
def test_a_number_has_to_lie_within_its_range(keys: str, value: str | None):
    caller = walk(menu(number("age", "people", span=(1, 12))))
    caller.start()
    step = press(caller, keys)
    if value is None:
        assert names(step) == ["wrong", "age"]
        assert caller.entered is None
    else:
        assert step == Leave(PEOPLE)
        assert caller.entered == Entered("age", Entry.NUMBER, value)


def test_a_number_without_a_range_may_be_anything_and_keeps_its_leading_zeros():
    caller = walk(menu(number("age", "people", (3, 3))))
    caller.start()
    press(caller, "007")
    assert caller.entered == Entered("age", Entry.NUMBER, "007")


def test_a_short_number_is_taken_when_time_runs_out():
    caller = walk(menu(number("age", "people", (1, 3))))
    caller.start()
    assert press(caller, "41") is None
    assert caller.expire() == Leave(PEOPLE)
    assert caller.entered == Entered("age", Entry.NUMBER, "41")


def test_a_number_that_is_too_short_for_its_terminator_is_asked_for_again():
    caller = walk(menu(number("age", "people", (2, 3))))
    caller.start()
    assert names(press(caller, "4#")) == ["wrong", "age"]


# --- the limit ------------------------------------------------------------------------------------


def test_a_caller_who_goes_round_in_the_menu_is_let_out_at_the_limit():
    caller = walk(menu(*LAYERS, max_nodes=5))
    caller.start()
    steps = [caller.press(key, 0) for key in "1#1#1"]
    assert all(isinstance(step, Ask) for step in steps[:-1])
    assert steps[-1] == Leave(None)


@pytest.mark.parametrize("key", ["*", "7", "9"])
def test_repeats_wrong_keys_and_language_switches_count_towards_the_limit(key: str):
    patient = Fallback("wrong", 50, "people")
    main = choose(
        "main",
        Option("*", effect=Effect.REPEAT),
        Option("9", to="main", language="en"),
        wrong=patient,
    )
    caller = walk(menu(main, max_nodes=4))
    caller.start()
    steps = [caller.press(key, 0) for _ in range(4)]
    assert [type(step) for step in steps] == [Ask, Ask, Ask, Leave]
    assert steps[-1] == Leave(None)


def test_silence_counts_towards_the_limit():
    patient = Fallback("silent", 50, "people")
    caller = walk(menu(choose("main", Option("1", to="people"), silent=patient), max_nodes=3))
    caller.start()
    assert [type(caller.expire()) for _ in range(3)] == [Ask, Ask, Leave]


def test_entries_that_are_skipped_in_a_circle_end_at_the_limit():
    caller = walk(
        menu(postcode("where", "still", skip=True), postcode("still", "where", skip=True), max_nodes=9)
    )
    caller.located = True
    assert caller.start() == Leave(None)


def test_a_destination_that_is_reached_within_the_limit_is_reached():
    caller = walk(menu(choose("main", Option("1", to="people")), max_nodes=2))
    caller.start()
    assert caller.press("1", 0) == Leave(PEOPLE)


# --- carriers that time keys themselves -----------------------------------------------------------


COLLECTING = menu(
    choose(
        "main",
        Option("1", to="report"),
        Option("12", to="people"),
        Option("3", to="age"),
        Option("*", effect=Effect.REPEAT),
        Option("#", effect=Effect.BACK),
    ),
    choose("report", Option("1", to="people")),
    number("age", "people", (1, 2), (1, 30)),
)


@pytest.mark.parametrize("start", ["main", "age"])
@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_collected_keys_are_judged_as_if_pressed_and_then_over(start: str, length: int):
    for keys in map("".join, product("0123#*", repeat=length)):
        pressing, collecting = (walk(replace(COLLECTING, start=start)) for _ in range(2))
        pressing.start()
        collecting.start()
        expected = None
        for key in keys:
            expected = pressing.press(key, 500)
            if expected is not None:
                break
        else:
            expected = pressing.expire()
        assert collecting.collected(keys, 500) == expected, keys
        assert (collecting.node, collecting.entered) == (pressing.node, pressing.entered), keys


def test_no_collected_keys_are_silence():
    caller = walk(COLLECTING)
    caller.start()
    assert names(caller.collected("", 0)) == ["silent", "main"]


def test_a_collected_number_comes_with_or_without_its_terminator():
    for keys in ("7", "7#"):
        caller = walk(replace(COLLECTING, start="age"))
        caller.start()
        assert caller.collected(keys, 0) == Leave(PEOPLE)
        assert caller.entered == Entered("age", Entry.NUMBER, "7")
