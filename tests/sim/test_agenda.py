"""Virtual time: what happens when, in which order, and what is called off."""

import pytest

from vagtcentral.sim.agenda import LiveAgenda, VirtualAgenda


def play(agenda: VirtualAgenda) -> None:
    while agenda.step():
        pass


@pytest.fixture
def agenda() -> VirtualAgenda:
    return VirtualAgenda(1_000)


def test_an_agenda_begins_at_its_start_and_jumps_from_entry_to_entry(agenda: VirtualAgenda):
    seen: list[int] = []
    for due in (9_000, 1_500):
        agenda.at(due, lambda: seen.append(agenda.now()))
    assert agenda.now() == 1_000
    assert agenda.step()
    assert agenda.now() == 1_500
    play(agenda)
    assert seen == [1_500, 9_000]


def test_an_empty_agenda_does_nothing_and_stays_where_it_is(agenda: VirtualAgenda):
    assert not agenda.step()
    assert agenda.now() == 1_000


def test_entries_are_done_in_order_of_time_whatever_the_order_of_putting_down(agenda: VirtualAgenda):
    done: list[str] = []
    for name, due in (("late", 3_000), ("early", 2_000), ("between", 2_500)):
        agenda.at(due, lambda name=name: done.append(name))
    play(agenda)
    assert done == ["early", "between", "late"]


def test_at_the_same_instant_the_first_put_down_is_the_first_done(agenda: VirtualAgenda):
    done: list[str] = []
    for name in ("zulu", "alfa", "mike"):
        agenda.at(2_000, lambda name=name: done.append(name))
    play(agenda)
    assert done == ["zulu", "alfa", "mike"]


def test_what_people_do_goes_before_the_timers_of_the_same_instant(agenda: VirtualAgenda):
    done: list[str] = []
    agenda.call_at(2_000, lambda: done.append("timer"))
    agenda.at(2_000, lambda: done.append("key"))
    agenda.call_at(1_999, lambda: done.append("earlier timer"))
    play(agenda)
    assert done == ["earlier timer", "key", "timer"]


def test_what_a_timer_causes_at_its_own_instant_goes_before_the_next_timer(agenda: VirtualAgenda):
    done: list[str] = []
    agenda.call_at(2_000, lambda: agenda.at(2_000, lambda: done.append("caused")))
    agenda.call_at(2_000, lambda: done.append("second timer"))
    play(agenda)
    assert done == ["caused", "second timer"]


@pytest.mark.parametrize("put", ["at", "call_at"])
def test_a_cancelled_entry_is_not_done_and_time_does_not_stop_at_it(agenda: VirtualAgenda, put: str):
    done: list[str] = []
    entry = getattr(agenda, put)(2_000, lambda: done.append("cancelled"))
    entry.cancel()
    entry.cancel()
    assert not agenda.step()
    assert done == []
    assert agenda.now() == 1_000


def test_an_entry_can_be_cancelled_by_an_earlier_one_of_the_same_instant(agenda: VirtualAgenda):
    done: list[str] = []
    timer = agenda.call_at(2_000, lambda: done.append("timer"))
    agenda.at(2_000, timer.cancel)
    play(agenda)
    assert done == []


def test_cancelling_what_is_done_changes_nothing(agenda: VirtualAgenda):
    done: list[str] = []
    entry = agenda.at(2_000, lambda: done.append("done"))
    play(agenda)
    entry.cancel()
    assert done == ["done"]


def test_what_should_have_been_done_already_is_done_now_and_time_never_runs_back(agenda: VirtualAgenda):
    seen: list[int] = []
    agenda.at(5_000, lambda: agenda.at(2_000, lambda: seen.append(agenda.now())))
    play(agenda)
    assert seen == [5_000]


def test_entries_may_put_down_further_entries(agenda: VirtualAgenda):
    seen: list[int] = []

    def again() -> None:
        seen.append(agenda.now())
        if len(seen) < 3:
            agenda.at(agenda.now() + 100, again)

    agenda.at(1_100, again)
    play(agenda)
    assert seen == [1_100, 1_200, 1_300]


def test_a_live_agenda_takes_time_and_alarms_from_its_clock(agenda: VirtualAgenda):
    done: list[str] = []
    live = LiveAgenda(agenda)  # a virtual agenda is a clock as well
    live.at(2_000, lambda: done.append("first"))
    live.at(3_000, lambda: done.append("cancelled")).cancel()
    play(agenda)
    assert done == ["first"]
    assert live.now() == 2_000
