"""How long a switch that fails is asked again, for a caller and for what is to end."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import AriError, Conflict, NotFound, ServerFault, Unreachable
from vagtcentral.ivr.asterisk.endings import Endings
from vagtcentral.ivr.asterisk.patience import Patience, patiently

FAULT = ServerFault(500, "POST", "channels/c1/answer", "failed")
NO_ANSWER = Unreachable("POST", "channels/c1/answer", "no answer in time", maybe_done=True)


class Asked:
    """A request that fails in turn as told, then works; `tick` is done with each."""

    def __init__(self, *errors: AriError, tick: Callable[[], None] = lambda: None) -> None:
        self.errors = list(errors)
        self.tick = tick
        self.times = 0

    async def __call__(self, thing: str = "") -> None:
        self.times += 1
        self.tick()
        if self.errors:
            raise self.errors.pop(0)


@pytest.mark.parametrize("error", [FAULT, NO_ANSWER])
async def test_a_switch_that_fails_is_asked_again(error: AriError) -> None:
    asked = Asked(error, error)
    await patiently("c1", asked, (0.0, 0.001))
    assert asked.times == 3


async def test_after_the_last_wait_the_last_failure_is_told() -> None:
    asked = Asked(FAULT, FAULT, NO_ANSWER, FAULT)
    with pytest.raises(Unreachable):
        await patiently("c1", asked, (0.0, 0.001))
    assert asked.times == 3


@pytest.mark.parametrize("error", [NotFound(404, "POST", "x", ""), Conflict(409, "POST", "x", "")])
async def test_a_refusal_is_an_answer(error: AriError) -> None:
    asked = Asked(error)
    with pytest.raises(type(error)):
        await patiently("c1", asked, (0.0, 0.001))
    assert asked.times == 1


async def test_requests_that_take_long_themselves_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is to hear ringing for two minutes because each of seven requests waits for its answer."""
    now = [0.0]
    monkeypatch.setattr("vagtcentral.ivr.asterisk.patience.time.monotonic", lambda: now[0])

    def wait_for_the_answer() -> None:
        now[0] += 15.0

    asked = Asked(NO_ANSWER, NO_ANSWER, tick=wait_for_the_answer)
    with pytest.raises(Unreachable):
        await patiently("c1", asked, Patience().answer_s)
    assert asked.times == 1


class Switch(AriCommands):
    """A switch of which only the hang-up matters."""

    def __init__(self, hangup: Asked) -> None:
        self.asked = hangup

    async def hangup(self, channel_id: str, reason: str = "normal") -> None:
        await self.asked(channel_id)

    async def request(self, *args: object, **more: object) -> None:
        raise NotImplementedError


async def others() -> None:
    """Wait for whatever else is under way."""
    async with asyncio.timeout(2):
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks)


async def test_what_cannot_be_ended_is_tried_beside_what_follows(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = Asked(FAULT, FAULT)
    endings = Endings(Switch(asked), (0.001, 0.002, 5.0))
    await endings.hang_up("c1")
    await endings.hang_up("c1")
    assert asked.times == 1, "it is being tried already"
    await others()
    assert asked.times == 3
    [line] = [r.getMessage() for r in caplog.records]
    assert line == "call c1: cannot be ended, trying again: POST channels/c1/answer: 500: failed"


async def test_what_can_never_be_ended_is_given_up_with_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = Asked(*[FAULT] * 9)
    endings = Endings(Switch(asked), (0.03, 0.06))
    began = asyncio.get_running_loop().time()
    await endings.hang_up("c1~op~anna~5")
    await others()
    assert asked.times == 3
    assert asyncio.get_running_loop().time() - began >= 0.09
    [_, last] = caplog.records
    assert last.levelno == logging.ERROR
    assert last.getMessage().startswith("call c1: left on the switch for good: ")


async def test_when_we_are_ended_nothing_is_tried_any_more() -> None:
    asked = Asked(*[FAULT] * 9)
    endings = Endings(Switch(asked), (60.0,))
    await endings.hang_up("c1")
    await endings.close()
    assert asked.times == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
