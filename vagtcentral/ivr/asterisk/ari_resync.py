"""What is handed over after each connection: what the switch has now, and since when nobody was told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_errors import NotFound
from vagtcentral.ivr.asterisk.ari_model import Bridge, Channel, LiveRecording, Playback

_AT_ONCE = 16
_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Asked:
    """The playbacks and recordings that someone waits for; ARI cannot list those that there are."""

    playbacks: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the switch has: all channels and bridges, and which of the playbacks and recordings asked for.

    `ours` holds the ids of the channels whose events come to us; after a restart of the switch it is empty.
    """

    channels: Mapping[str, Channel]
    bridges: Mapping[str, Bridge]
    playbacks: Mapping[str, Playback]
    recordings: Mapping[str, LiveRecording]
    ours: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone and is being made again. Instants are milliseconds since 1970."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Resynchronised:
    """The connection is there (again). What happened from `gap_from` to `gap_to` was told to nobody.

    `gap_from` is `None` where there was no gap: at the first connection, and after a message that could not
    be read. The snapshot was taken after `gap_to`, while events were
    already being kept; they follow, so what they say may be in the snapshot already.
    """

    gap_from: int | None
    gap_to: int
    snapshot: Snapshot


async def take_snapshot(switch: AriCommands, asked: Asked) -> Snapshot:
    """Ask the switch what it has. Raises `AriError`."""
    return Snapshot(
        channels=await switch.channels(),
        bridges=await switch.bridges(),
        playbacks=await _those_there(asked.playbacks, switch.playback),
        recordings=await _those_there(asked.recordings, switch.recording),
        ours=await switch.our_channels(),
    )


async def _those_there(ids: tuple[str, ...], read: Callable[[str], Awaitable[_Thing]]) -> dict[str, _Thing]:
    found: dict[str, _Thing] = {}
    left = iter(ids)  # shared: each reader takes the next

    async def look_up() -> None:
        for key in left:
            with suppress(NotFound):
                found[key] = await read(key)

    readers = [asyncio.create_task(look_up()) for _ in range(min(_AT_ONCE, len(ids)))]
    try:
        await asyncio.gather(*readers)
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return found
