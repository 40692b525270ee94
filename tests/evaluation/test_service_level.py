"""How many calls were answered in time."""

import pytest

from vagtcentral.evaluation.service_level import ServiceLevel, service_levels
from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.target import Target, target_of
from vagtcentral.ivr.commands import CloseRecord, LeaveQueue, Outcome
from vagtcentral.ivr.events import CallerHungUp


def waiting(story, call_id: str, *, gives_up_after: float | None = None):
    """A caller in the queue, for ever or until he gives up."""
    made = story(call_id).arrives().queues("2", "report")
    if gives_up_after is not None:
        made.after(gives_up_after, CallerHungUp, LeaveQueue(), CloseRecord(Outcome.ABANDONED_IN_QUEUE))
    return made


async def levels_of(file, *stories, target: Target, after_s: float = 0) -> ServiceLevel:
    async with await Store.open(file) as store:
        for made in stories:
            await store.append(made.turns)
        at = stories[0].turns[0].event.at
        end = max(made.at for made in stories) + round(1000 * after_s)
        return (await service_levels(store, at, end, {"114": target}))["114"]


async def test_who_waited_no_longer_than_the_target_was_answered_in_time(file, story) -> None:
    in_time, late = (
        story("call-7s").arrives().queues("2", "report").connected("anna"),
        story("call-19s").arrives().queues("2", "report").connected("bo", 16),
    )
    assert await levels_of(file, in_time, late, target=Target(0.9, 7)) == ServiceLevel(1, 1)


async def test_who_gave_up_after_the_target_counts_as_late_and_before_it_not_at_all(file, story) -> None:
    calls = waiting(story, "call-a", gives_up_after=5), waiting(story, "call-b", gives_up_after=11)
    assert await levels_of(file, *calls, target=Target(0.9, 10)) == ServiceLevel(0, 1)


@pytest.mark.parametrize(("after_s", "late"), [(9, 0), (11, 1)])
async def test_who_still_waits_counts_as_late_when_the_target_has_passed(file, story, after_s, late) -> None:
    level = await levels_of(file, waiting(story, "call-c"), target=Target(0.9, 10), after_s=after_s)
    assert level == ServiceLevel(0, late)


async def test_only_calls_of_the_service_and_the_day_count(file, story) -> None:
    made = story("call-x").arrives().queues("2", "report").connected("anna")
    async with await Store.open(file) as store:
        await store.append(made.turns)
        targets = {"112": Target(0.9, 10), "114": Target(0.7, 90)}
        at = made.turns[0].event.at
        assert await service_levels(store, at, made.at, targets) == {
            "112": ServiceLevel(0, 0),
            "114": ServiceLevel(1, 0),
        }
        later = await service_levels(store, at + 1, made.at, targets)
        assert later["114"] == ServiceLevel(0, 0)


def test_of_no_calls_there_is_no_share() -> None:
    assert ServiceLevel(0, 0).share is None
    assert ServiceLevel(3, 1).share == 0.75


def test_a_target_is_per_cent_and_seconds() -> None:
    assert target_of("90/10") == Target(0.9, 10)
    assert target_of(" 100/1 ") == Target(1.0, 1)


@pytest.mark.parametrize(
    "text", ["", "90", "90/0", "0/10", "101/10", "90 / 10", "-5/10", "90/10/1", "nine/ten"]
)
def test_what_is_no_target_is_refused_with_what_is(text) -> None:
    with pytest.raises(ValueError, match="90/10"):
        target_of(text)
