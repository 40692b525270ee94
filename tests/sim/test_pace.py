"""The clock of the simulated switch: its pace may change, what is due comes at its instant all the same."""

import asyncio

import pytest

from vagtcentral.sim.pace import PACES, PacedClock, faster, slower


async def until_called(clock: PacedClock, due: int) -> int:
    called = asyncio.Event()
    clock.call_at(due, called.set)
    async with asyncio.timeout(20):
        await called.wait()
    return clock.now()


async def test_what_is_due_comes_at_its_instant_and_not_before() -> None:
    clock = PacedClock(50, start=1_000)
    assert await until_called(clock, 3_000) >= 3_000


async def test_a_faster_pace_brings_what_is_due_forward() -> None:
    clock = PacedClock(1, start=0)
    waiting = asyncio.ensure_future(until_called(clock, 600_000))  # ten minutes, or at this pace: 0.2 s
    await asyncio.sleep(0)
    clock.run_at(3_000)
    assert await waiting >= 600_000


async def test_the_clock_never_jumps_when_its_pace_changes() -> None:
    clock = PacedClock(60, start=0)
    await asyncio.sleep(0.05)
    before = clock.now()
    clock.run_at(1)
    assert 0 <= clock.now() - before < 1_000
    assert before > 1_000
    assert clock.speed == 1


async def test_what_is_called_off_does_not_come_at_any_pace() -> None:
    clock = PacedClock(1, start=0)
    heard = []
    clock.call_at(60_000, lambda: heard.append("called off")).cancel()
    clock.run_at(10_000)
    await until_called(clock, 120_000)
    assert heard == []


async def test_what_is_past_comes_at_once() -> None:
    clock = PacedClock(1, start=10_000)
    assert await until_called(clock, 5_000) >= 10_000


@pytest.mark.parametrize("speed", [0, -1])
def test_a_clock_does_not_stand_or_run_backwards(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        PacedClock(speed)
    with pytest.raises(ValueError, match="above 0"):
        PacedClock().run_at(speed)


def test_paces_are_gone_through_one_by_one_and_end() -> None:
    assert [faster(pace) for pace in PACES] == [*PACES[1:], PACES[-1]]
    assert [slower(pace) for pace in PACES] == [PACES[0], *PACES[:-1]]
    assert (faster(3.5), slower(3.5)) == (5, 2)
