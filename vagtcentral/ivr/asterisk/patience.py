"""A switch that fails is asked again, where giving up at once would cost a caller dearly."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vagtcentral.ivr.asterisk.ari_errors import Closed, ServerFault, Unreachable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits in seconds before each further attempt, one after the other; assumptions.

    `answer_s`: the caller hears ringing meanwhile. `play_s`: he hears nothing. `connect_s`: caller and
    operator hear nothing. `end_s`: nobody waits for it, but somebody may be left on a line on which there is
    nobody else. `look_s` is how often prompts are looked after whose end is not told.
    """

    answer_s: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 2.0, 2.0)
    play_s: tuple[float, ...] = (0.25, 0.5, 1.0)
    connect_s: tuple[float, ...] = (0.25, 0.5)
    end_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
    look_s: float = 5.0


async def patiently(call_id: str, request: Callable[[], Awaitable[None]], waits_s: Sequence[float]) -> None:
    """Make a request, and again after each wait while the switch fails or gives no answer.

    Raises the last failure as `AriError`; what the switch has refused is not asked again, nor anything when
    the requests themselves have taken as long as all waits together.
    """
    began = time.monotonic()
    for wait_s in waits_s:
        try:
            await request()
        except Closed:
            raise
        except (ServerFault, Unreachable) as error:
            if time.monotonic() - began > sum(waits_s):
                raise
            log.info("call %s: trying again in %.2f s: %s", call_id, wait_s, error)
            await asyncio.sleep(wait_s)
        else:
            return
    await request()
