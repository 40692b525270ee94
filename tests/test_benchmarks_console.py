"""The benchmark of the console flatters nothing: what was not shown, or too late, is a failure."""

from benchmarks.console_match import (
    Delays,
    Due,
    Seen,
    fixes_due,
    matched_fixes,
    matched_offers,
    offers_due,
)
from vagtcentral.ivr.events import OperatorOffered
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

NEVER = float("inf")


def rings(*instants: int) -> dict[str, Seen]:
    return {"anna": Seen(instants, (), ())}


def test_each_offer_is_matched_with_its_own_ring() -> None:
    due = [Due("anna", 1_000, 3_000), Due("anna", 5_000, 9_000)]
    assert matched_offers(due, rings(1_040, 5_090)) == Delays((40, 90), 0, 0)


def test_an_offer_that_was_never_shown_is_a_failure_and_makes_the_percentile_infinite() -> None:
    due = [Due("anna", 1_000, 3_000), Due("anna", 5_000, 9_000)]
    delays = matched_offers(due, rings(5_090))
    assert delays == Delays((90,), 1, 0)
    assert delays.percentile(0.99) == NEVER


def test_a_ring_that_came_when_the_offer_was_long_over_does_not_count_for_it() -> None:
    assert matched_offers([Due("anna", 1_000, 2_000)], rings(2_900)).unshown == 1


def test_one_ring_is_not_counted_for_two_offers() -> None:
    due = [Due("anna", 1_000, 1_500), Due("anna", 1_600, 9_000)]
    assert matched_offers(due, rings(1_700)) == Delays((700,), 1, 0)


def test_an_offer_that_ended_before_a_page_could_show_it_is_set_aside_and_counted() -> None:
    assert matched_offers([Due("anna", 1_000, 1_100)], rings()) == Delays((), 0, 1)


def test_a_position_is_shown_when_both_card_and_map_have_it() -> None:
    due = [Due("anna", 1_000, NEVER, "55.50000, 12.00000")]
    told = [(900, "55.10000, 12.00000 · x"), (1_050, "55.50000, 12.00000 · within 12 m")]
    assert matched_fixes(due, {"anna": Seen((), (950, 1_120), told)}) == Delays((120,), 0, 0)
    assert matched_fixes(due, {"anna": Seen((), (950,), told)}).unshown == 1
    assert matched_fixes(due, {"anna": Seen((), (1_120,), told[:1])}).unshown == 1


def test_what_is_due_is_read_from_the_journal() -> None:
    turns = list(play_virtual(find_script("112-aml-late"), shipped_setting()))
    offered = next(turn.event for turn in turns if isinstance(turn.event, OperatorOffered))
    (offer,) = offers_due([turns])
    assert (offer.desk, offer.at) == (offered.operator, offered.at)
    assert offer.at < offer.until < NEVER
    (fix,) = fixes_due([turns])  # the cell came before anybody had answered
    assert fix.desk == offered.operator
    assert fix.at > offer.until


def test_percentiles_count_from_the_shortest() -> None:
    assert Delays(tuple(range(100)), 0, 0).percentile(0.5) == 50
    assert Delays(tuple(range(100)), 0, 0).percentile(0.99) == 99
