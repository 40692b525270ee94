"""What keys amount to, and which of the three digit timers ends an entry."""

import pytest

from vagtcentral.menus.digits import DigitTimer, Match, match_choice, match_number
from vagtcentral.menus.model import Choose, DigitTiming, Enter, Entry, Fallback, Option
from vagtcentral.sim.agenda import VirtualAgenda

TIMING = DigitTiming(first_ms=6_000, inter_ms=3_000, overall_ms=8_000)
PEOPLE = Fallback("again", 1, "people")


def choice(*options: str) -> Choose:
    leads = {keys: Option(keys, to="people") for keys in options}
    return Choose("main", "main", leads, TIMING, True, PEOPLE, PEOPLE)


def number(low: int, high: int, terminator: str | None = "#") -> Enter:
    return Enter(
        name="number",
        prompt="number",
        entry=Entry.NUMBER,
        min_digits=low,
        max_digits=high,
        terminator=terminator,
        low=None,
        high=None,
        skip_when_located=False,
        next="people",
        timing=TIMING,
        barge_in=True,
        wrong_key=PEOPLE,
        silence=PEOPLE,
    )


# --- the timers -----------------------------------------------------------------------------------


def test_no_timer_runs_while_the_prompt_plays():
    assert DigitTimer(TIMING).deadline is None


def test_the_first_digit_timer_runs_from_the_end_of_the_prompt():
    timer = DigitTimer(TIMING)
    timer.prompt_finished(10_000)
    assert timer.deadline == 16_000


def test_the_first_key_stops_the_first_digit_timer_and_starts_the_inter_digit_timer():
    timer = DigitTimer(TIMING)
    timer.prompt_finished(10_000)
    timer.key_pressed(15_000)
    assert timer.deadline == 18_000


def test_an_early_first_key_brings_the_deadline_forward():
    timer = DigitTimer(TIMING)
    timer.prompt_finished(10_000)
    timer.key_pressed(10_500)
    assert timer.deadline == 13_500


def test_each_key_starts_the_inter_digit_timer_anew():
    timer = DigitTimer(TIMING)
    timer.key_pressed(1_000)
    timer.key_pressed(3_500)
    assert timer.deadline == 6_500


def test_the_overall_timer_runs_from_the_first_key_and_later_keys_do_not_prolong_it():
    timer = DigitTimer(TIMING)
    deadlines = []
    for at in (1_000, 3_500, 6_000, 8_500):
        timer.key_pressed(at)
        deadlines.append(timer.deadline)
    assert deadlines == [4_000, 6_500, 9_000, 9_000]


def test_the_overall_timer_does_not_run_against_someone_who_has_not_begun():
    timer = DigitTimer(DigitTiming(first_ms=30_000, inter_ms=3_000, overall_ms=8_000))
    timer.prompt_finished(0)
    assert timer.deadline == 30_000
    timer.key_pressed(29_000)
    assert timer.deadline == 32_000


def test_the_overall_timer_counts_alone_when_it_is_shorter_than_the_inter_digit_timer():
    timer = DigitTimer(DigitTiming(first_ms=6_000, inter_ms=5_000, overall_ms=2_000))
    timer.key_pressed(1_000)
    assert timer.deadline == 3_000


def test_a_prompt_that_ends_after_the_first_key_starts_nothing():
    timer = DigitTimer(TIMING)
    timer.key_pressed(1_000)
    timer.prompt_finished(3_999)
    assert timer.deadline == 4_000


@pytest.mark.parametrize("timer_first", [True, False])
def test_a_key_pressed_at_the_very_deadline_came_in_time(timer_first: bool):
    agenda = VirtualAgenda(0)
    timer = DigitTimer(TIMING)
    timer.prompt_finished(0)
    due = timer.deadline
    assert due is not None
    happened: list[str] = []

    def pressed() -> None:
        happened.append("key")
        timer.key_pressed(agenda.now())
        alarm.cancel()

    if not timer_first:
        agenda.at(due, pressed)
    alarm = agenda.call_at(due, lambda: happened.append("silence"))
    if timer_first:
        agenda.at(due, pressed)
    while agenda.step():
        pass
    assert happened == ["key"]
    assert timer.deadline == due + TIMING.inter_ms


def test_a_key_a_millisecond_after_the_deadline_came_too_late():
    agenda = VirtualAgenda(0)
    timer = DigitTimer(TIMING)
    timer.prompt_finished(0)
    assert timer.deadline is not None
    happened: list[str] = []
    agenda.at(timer.deadline + 1, lambda: happened.append("key"))
    agenda.call_at(timer.deadline, lambda: happened.append("silence"))
    while agenda.step():
        pass
    assert happened == ["silence", "key"]


# --- choices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ("", Match.INCOMPLETE),
        ("1", Match.COMPLETE),
        ("2", Match.INVALID),
        ("9", Match.EXTENSIBLE),
        ("91", Match.COMPLETE),
        ("92", Match.INVALID),
        ("*", Match.INCOMPLETE),
        ("*1", Match.INCOMPLETE),
        ("*1#", Match.COMPLETE),
        ("*11", Match.INVALID),
        ("11", Match.INVALID),
    ],
)
def test_keys_are_matched_against_the_options(keys: str, match: Match):
    assert match_choice(choice("1", "9", "91", "*1#"), keys) is match


def test_an_option_that_begins_a_longer_one_of_any_length_waits_for_more():
    assert match_choice(choice("1", "1234"), "1") is Match.EXTENSIBLE
    assert match_choice(choice("1", "1234"), "12") is Match.INCOMPLETE


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ("1", Match.INCOMPLETE),
        ("12", Match.EXTENSIBLE),
        ("123", Match.EXTENSIBLE),
        ("1234", Match.COMPLETE),
        ("12#", Match.COMPLETE),
        ("123#", Match.COMPLETE),
    ],
)
def test_a_number_is_whole_from_its_fewest_digits_and_over_at_its_most(keys: str, match: Match):
    assert match_number(number(2, 4), keys) is match


@pytest.mark.parametrize("keys", ["#", "1#"])
def test_a_terminator_that_comes_too_early_is_a_wrong_key(keys: str):
    assert match_number(number(2, 4), keys) is Match.INVALID


@pytest.mark.parametrize("keys", ["*", "1*", "12*"])
def test_a_key_that_is_neither_digit_nor_terminator_is_a_wrong_key(keys: str):
    assert match_number(number(2, 4), keys) is Match.INVALID


def test_without_a_terminator_hash_is_a_wrong_key():
    assert match_number(number(2, 4, terminator=None), "12#") is Match.INVALID
    assert match_number(number(2, 4, terminator=None), "12") is Match.EXTENSIBLE


def test_star_can_be_the_terminator_and_hash_is_then_a_wrong_key():
    assert match_number(number(2, 4, terminator="*"), "12*") is Match.COMPLETE
    assert match_number(number(2, 4, terminator="*"), "12#") is Match.INVALID


def test_a_number_of_fixed_length_needs_no_terminator():
    assert match_number(number(4, 4), "800") is Match.INCOMPLETE
    assert match_number(number(4, 4), "8000") is Match.COMPLETE


@pytest.mark.parametrize("keys", ["²", "٣", "a", "1 "])
def test_only_the_ten_digits_count_as_digits(keys: str):
    assert match_number(number(1, 4), keys) is Match.INVALID
