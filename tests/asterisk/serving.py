"""The live system as its user runs it: `vagtcentral serve` in a process of its own, on a real switch."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.asterisk.ports import free_port
from tests.asterisk.switch import Switch
from vagtcentral.evaluation.audit import Finding
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.journal import Turn


def on_the_switch(switch: Switch, prompts: Path) -> dict[str, object]:
    """The settings, by their names in small letters, with which the program takes the calls of a switch."""
    written = switch.written
    return {
        "carrier": "asterisk",
        "ari_url": written.ari_url,
        "ari_user": written.ari_user,
        "ari_password": written.ari_password_file.read_text().strip(),
        "ari_app": written.application,
        "prompts": prompts,
        "recordings": written.recordings,
    }


class ControlRoom:
    """One `vagtcentral serve`. It may be killed and started again; the store stays.

    `staff` is what stands in the staff file; `settings` are the program's, by their names in small letters.
    """

    def __init__(
        self, folder: Path, switch: Switch, staff: list[dict[str, Any]], prompts: Path, **settings: object
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self.port}"
        self.store = folder / "store.sqlite"
        self.log = folder / "serve.log"
        staff_file = folder / "staff.yaml"
        staff_file.write_text(json.dumps(staff))  # JSON is YAML
        ours = {
            **on_the_switch(switch, prompts),
            "store": self.store,
            "port": self.port,
            "staff": staff_file,
            **settings,
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("VAGTCENTRAL_")}
        self.environment = others | {f"VAGTCENTRAL_{name.upper()}": str(one) for name, one in ours.items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that serves now."""
        assert self._process is not None
        return self._process.pid

    async def start(self, patience_s: float = 30) -> None:
        """Start it, and return when it is ready for calls."""
        self.launch()
        await self.until_ready(patience_s)

    def launch(self) -> None:
        """Start it, and do not wait for anything."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vagtcentral", "serve"], env=self.environment, stdout=log, stderr=log
            )

    async def ready(self) -> bool:
        """Whether it takes calls now."""
        async with aiohttp.ClientSession() as session:
            return await self._ready(session)

    def run_to_its_end(self, patience_s: float = 60) -> int:
        """Run it until it ends by itself; its status."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "vagtcentral", "serve"]
            return subprocess.run(
                command, env=self.environment, stdout=log, stderr=log, timeout=patience_s
            ).returncode

    async def until_ready(self, patience_s: float = 30) -> None:
        """Return when it says that it is ready."""
        try:
            async with asyncio.timeout(patience_s), aiohttp.ClientSession() as session:
                while not await self._ready(session):
                    assert self._process is not None
                    assert self._process.poll() is None, self.log.read_text()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"not ready in {patience_s} s: {self.log.read_text()[-3000:]}") from None

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        with suppress(aiohttp.ClientConnectionError):
            async with session.get(f"{self.url}/health/ready") as answer:
                return answer.status == 200
        return False

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in an orderly way, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise AssertionError(f"does not end: {self.log.read_text()[-3000:]}") from None

    async def records(self) -> list[CallRecord]:
        """The records of all calls so far."""
        async with await Store.open(self.store) as store:
            return await store.records()

    async def turns(self, call_id: str) -> list[Turn]:
        """The journal of a call so far."""
        async with await Store.open(self.store) as store:
            return await store.read_turns(call_id)

    async def findings(self) -> list[Finding]:
        """What is wrong in the store."""
        async with await Store.open(self.store) as store:
            return await store.check()

    async def until_closed(self, calls: int, patience_s: float = 30) -> list[CallRecord]:
        """Return when so many calls have closed records and none is open."""
        records: list[CallRecord] = []
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    records = await self.records()
                    if len(records) >= calls and all(record.ended_at for record in records):
                        return records
                    await asyncio.sleep(0.2)
        except TimeoutError:
            open_ones = [record for record in records if not record.ended_at]
            raise AssertionError(f"{len(records)} records of {calls}, not closed: {open_ones}") from None
