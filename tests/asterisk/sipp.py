"""Many callers at once, and operators who take the phone: SIPp with the scenarios of this folder."""

import asyncio
import csv
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk.ports import free_port
from tests.asterisk.rtp import write_capture

SCENARIOS = Path(__file__).parent / "scenarios"

#: From here on the callers' ports for sound, 4 for each call and 10,000 in all: away from those of Asterisk
#: (10000 to 31999), which would take for its own what is meant for a caller who does not listen.
MEDIA_PORT, MEDIA_PORTS = 45_000, 10_000

#: The line of the scenario with which SIPp speaks for a caller.
_PLAY = '<exec play_pcap_audio="keys.pcap"/>\n'

#: How long after the last caller should have hung up SIPp is ended, in seconds.
_GRACE_S = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """How SIPp's calls went, as far as signalling goes. `complaint` is the first thing it did not expect."""

    successful: int
    failed: int
    complaint: str = ""


async def place_calls(
    switch: str,
    service: str,
    numbers: Sequence[str],
    *,
    rate: float,
    keys: Mapping[int, str],
    stay_ms: int | Sequence[int],
    folder: Path,
    media_port: int = MEDIA_PORT,
    ears: Sequence[int] = (),
) -> Placed:
    """One call from each of the numbers to `service` at `switch` (`host:port`), `rate` a second.

    Each presses `keys`, by milliseconds since the answer, and hangs up after `stay_ms`, which may be another
    for each. `folder` is for SIPp's own files; it is made. For calls that run at the same time it must be
    another, and so must `media_port`. With `ears`, a port for each caller, SIPp does the signalling alone,
    and the sound is left to whoever has these ports.
    """
    stays = [stay_ms] * len(numbers) if isinstance(stay_ms, int) else stay_ms
    _prepare(folder, numbers, stays, keys, ears)
    lasts_s = len(numbers) / rate + max(stays) / 1000
    async with _sipp(
        *(switch, "-sf", "caller.xml", "-s", service, "-inf", "callers.csv"),
        *("-m", len(numbers), "-r", rate, "-l", len(numbers), "-mp", media_port),
        *("-timeout", f"{lasts_s + _GRACE_S:.0f}s"),
        folder=folder,
    ) as process:
        await process.wait()
    return _placed(folder)


def _prepare(
    folder: Path, numbers: Sequence[str], stays: Sequence[int], keys: Mapping[int, str], ears: Sequence[int]
) -> None:
    folder.mkdir(parents=True)
    scenario = (SCENARIOS / "caller.xml").read_text()
    if ears:
        scenario = scenario.replace("[auto_media_port]", "[field2]").replace(_PLAY, "")
    (folder / "caller.xml").write_text(scenario)  # SIPp wants a capture beside the scenario that plays it
    write_capture(folder / "keys.pcap", keys, max(stays))
    callers = zip(numbers, stays, ears or [0] * len(numbers), strict=True)
    lines = ("SEQUENTIAL", *(f"{number};{stay};{ear}" for number, stay, ear in callers))
    (folder / "callers.csv").write_text("\n".join(lines) + "\n")


@asynccontextmanager
async def operator_phone(folder: Path, port: int, scenario: str = "operator") -> AsyncIterator[None]:
    """A phone at `port` of the loopback that takes every call as long as the block lasts."""
    os.makedirs(folder)
    async with _sipp("-sf", SCENARIOS / f"{scenario}.xml", "-p", port, folder=folder) as process:
        yield
        assert process.returncode is None, _placed(folder)


@asynccontextmanager
async def _sipp(*arguments: object, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    program = shutil.which("sipp")
    if program is None:
        raise FileNotFoundError("sipp: apt-get install sip-tester")
    port = () if "-p" in arguments else ("-p", free_port())
    process = await asyncio.create_subprocess_exec(
        program,
        *map(str, (*arguments, *port)),
        *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-timer_resol", "1"),
        *("-trace_stat", "-stf", "stat.csv", "-trace_err", "-error_file", "errors.log"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _placed(folder: Path) -> Placed:
    errors = folder / "errors.log"
    complaint = errors.read_text(errors="replace").strip() if errors.exists() else ""
    statistics = folder / "stat.csv"
    text = statistics.read_text() if statistics.exists() else ""
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    if not rows:
        return Placed(0, 0, complaint[:500] or "SIPp left no statistics")
    return Placed(int(rows[-1]["SuccessfulCall(C)"]), int(rows[-1]["FailedCall(C)"]), complaint[:500])
