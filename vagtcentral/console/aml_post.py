"""Sends location messages as a gateway of the network does: each at its time, to `POST /aml`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

#: How long an answer may take, in seconds.
_PATIENCE = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message sent `after_s` seconds after the start: the answer's status and id, or what went wrong."""

    after_s: float
    status: int | None = None
    id: str | None = None
    problem: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the other end has it."""
        return self.problem is None


async def post_messages(
    url: str, token: str | None, number: str | None, messages: Sequence[tuple[float, str, str]]
) -> list[Posted]:
    """Send each message about this number (field and content) when its seconds are over.

    `token` is the gateway's bearer token.
    """
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(timeout=_PATIENCE, headers=headers) as session:
        return await asyncio.gather(*(_post(session, url, number, *message) for message in messages))


async def _post(
    session: aiohttp.ClientSession, url: str, number: str | None, after_s: float, field: str, content: str
) -> Posted:
    await asyncio.sleep(after_s)
    try:
        async with session.post(url, json={"from": number, field: content}) as answer:
            said = await answer.json() if answer.ok else {}
            problem = None if answer.ok else f"status {answer.status}"
            return Posted(after_s, answer.status, said.get("id"), problem)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Posted(after_s, problem=str(error) or type(error).__name__)
