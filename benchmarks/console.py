"""How long it takes from an event to the page: 20 desks open, some in a real browser, five calls a second.

Two events are followed: an offered call, which is shown when its desk rings, and a better position of a
caller whom one talks with, which is shown when both the card has it and the map a new mark. Both are timed
from the journal; `console_match` says what counts as shown, and what as a failure. Browser, server, clock and
the twenty who work at the desks are on one machine; the server makes no speech, which a switch would record.
`python -m benchmarks.console [--json]`; needs Chromium. Status 1: something was not shown, or too late.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from playwright.async_api import Browser, async_playwright

from benchmarks.console_match import (
    ASKED_MS,
    Delays,
    Seen,
    fixes_due,
    matched_fixes,
    matched_offers,
    offers_due,
)
from benchmarks.console_wire import WireDesk
from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.evaluation.store import Store

DESKS = 20
#: So many of them are in the browser. Each desk has a machine of its own in life: here all share one, and a
#: page takes up to a tenth of a core. The others are desks to the server, and draw nothing.
IN_BROWSER = 4
CALLS_A_SECOND = 5.0
SECONDS = 180
#: Operators come to work one after the other in so long, and not all in one instant, which no day has.
COME_S = 6.0
#: An operator who is offered nothing for so long looks whether his page has missed a ring.
MISSED_S = 8.0
PASSWORD = "a-password-for-the-benchmark"
SKILLS = ["emergency", "theft", "crime", "case", "licence", "local", "general", "fraud", "tips"]

#: Tells, with the instant in milliseconds since 1970: when the desk begins to ring, when the card says
#: another position, and when the map has a new red mark (the colour of the newest fix; earlier ones are
#: grey). It is there again when a page has lost its connection and was loaded anew.
WATCH = """
addEventListener('DOMContentLoaded', () => {
  let ringing = false, position = '', marks = new WeakSet();
  const look = () => {
    const now = Date.now(), rings = !!document.querySelector('.ringing');
    if (rings && !ringing) note('rings', now, '');
    ringing = rings;
    const told = document.querySelector('.position')?.textContent || '';
    if (told && told !== position) note('positions', now, told);
    position = told;
    let fresh = false;
    for (const mark of document.querySelectorAll('.leaflet-overlay-pane path[stroke="#a61b1b"]'))
      if (!marks.has(mark)) { marks.add(mark); fresh = true; }
    if (fresh) note('maps', now, '');
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true,
    characterData: true});
  look();
});
"""


def operators() -> list[str]:
    """The operators, one for each desk."""
    return [f"op{number}" for number in range(DESKS)]


async def prepare(folder: Path) -> None:
    """A staff file with as many operators as desks, and an account for each."""
    staff = [{"name": name, "skills": SKILLS, "languages": ["da", "en"]} for name in operators()]
    (folder / "staff.yaml").write_text(json.dumps(staff))
    async with await Store.open(folder / "store.sqlite"):
        pass
    async with await AccountStore.open(str(folder / "store.sqlite")) as accounts:
        for name in operators():
            await accounts.accounts.add(name, Role.OPERATOR, PASSWORD, By("os:benchmark"), operator=name)


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The server, as a process of its own."""
    settings = {
        "PORT": port,
        "STORE": folder / "store.sqlite",
        "STAFF": folder / "staff.yaml",
        "SIM_EVERY_S": 1 / CALLS_A_SECOND,
    }
    environment = os.environ | {f"VAGTCENTRAL_{name}": str(value) for name, value in settings.items()}
    environment["PATH"] = str(folder)  # nothing is there: no espeak-ng
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "vagtcentral", "serve"]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)


class Worker:
    """One operator: takes each call when his page rings, hears of a better position, hangs up, registers."""

    def __init__(self, folder: Path, url: str, name: str) -> None:
        self._store = folder / "store.sqlite"
        self._url = url
        self._name = name
        self._rang = asyncio.Event()
        self._chance = random.Random(name)
        self._rings: list[int] = []
        self._maps: list[int] = []
        self._positions: list[tuple[int, str]] = []
        self.refused: Counter[str] = Counter()  # by what was asked and the status
        self._since = 0
        self.loads = -1  # of the page, after the first

    async def sit_down(self, browser: Browser) -> None:
        """Open the desk, signed in; it notes what it shows."""
        context = await browser.new_context(viewport={"width": 1280, "height": 720})
        page = await context.new_page()
        await page.goto(f"{self._url}/sign-in")
        await page.fill("input[name=name]", self._name)
        await page.fill("input[name=password]", PASSWORD)
        await page.expose_function("note", self._note)
        await page.add_init_script(WATCH)
        page.on("load", lambda _: self._loaded())
        await page.click("button[type=submit]")
        await page.wait_for_selector(".desk", timeout=60_000)
        self._cookies = {one["name"]: one["value"] for one in await context.cookies()}

    async def sit_down_without(self) -> WireDesk:
        """Open the desk without a browser."""
        desk = WireDesk(self._url, self._note)
        self._cookies = await desk.open(self._name, PASSWORD)
        return desk

    def _loaded(self) -> None:
        self.loads += 1

    def _note(self, kind: str, at: int, text: str) -> None:
        if kind == "rings":
            self._rings.append(at)
            self._rang.set()
        elif kind == "maps":
            self._maps.append(at)
        else:
            self._positions.append((at, text))

    @property
    def seen(self) -> Seen:
        """What the desk has shown."""
        return Seen(self._rings, self._maps, self._positions, self._since)

    async def work(self, until: float) -> None:
        """Do so until then, and let the last call end."""
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(base_url=self._url, timeout=30, cookies=self._cookies) as client:
            act = f"/api/operators/{self._name}"
            await asyncio.sleep(self._chance.uniform(0, COME_S))
            for taken_over in ("hang-up", "finish"):  # a call that a colleague had at this desk before
                await client.post(f"{act}/{taken_over}")
            self._since = time.time_ns() // 1_000_000
            await self._do(client, f"{act}/ready")
            while loop.time() < until:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._rang.wait(), MISSED_S)
                self._rang.clear()
                await asyncio.sleep(0.5)
                if not await self._do(client, f"{act}/answer"):
                    continue
                await asyncio.sleep(0.6)
                await self._better_fix(client)
                await asyncio.sleep(1.2)
                await self._do(client, f"{act}/hang-up")
                await asyncio.sleep(0.3)
                await self._do(client, f"{act}/finish")

    async def _do(self, client: httpx.AsyncClient, path: str) -> bool:
        """Do something at the desk; whether that was possible."""
        answer = await client.post(path)
        if answer.status_code != 204:
            self.refused[f"{path.rsplit('/', 1)[-1]} {answer.status_code}"] += 1
        return answer.status_code == 204

    async def _better_fix(self, client: httpx.AsyncClient) -> None:
        """The caller's handset says where it is."""
        answer = await client.get("/api/operators")
        if answer.status_code != 200:
            self.refused[f"operators {answer.status_code}"] += 1
            return
        call_id = next((desk["call_id"] for desk in answer.json() if desk["name"] == self._name), None)
        number = None if call_id is None else await asyncio.to_thread(self._number_of, call_id)
        if number is not None:
            form = {
                "device_number": number,
                "location_latitude": f"{self._chance.uniform(55.3, 55.8):.5f}",
                "location_longitude": f"{self._chance.uniform(11.4, 12.4):.5f}",
                "location_accuracy": "12",
                "location_source": "gps",
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            await client.post("/aml", content=urlencode(form), headers=headers)

    def _number_of(self, call_id: str) -> str | None:
        with closing(sqlite3.connect(self._store)) as store:
            row = store.execute("select caller from calls where call_id = ?", (call_id,)).fetchone()
        return None if row is None else row[0]


async def measure(folder: Path, in_browser: int) -> dict[str, Any]:
    """Open the desks, work, and compare."""
    await prepare(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = start(folder, port)
    try:
        await until_ready(url)
        async with async_playwright() as playwright:
            program = shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            workers = {name: Worker(folder, url, name) for name in operators()}
            drawn = list(workers.values())[:in_browser]
            for few in batched(drawn, 4):
                await asyncio.gather(*(worker.sit_down(browser) for worker in few))
            wires = [await worker.sit_down_without() for worker in list(workers.values())[in_browser:]]
            until = asyncio.get_running_loop().time() + SECONDS
            await asyncio.gather(*(worker.work(until) for worker in workers.values()))
            for wire in wires:
                await wire.close()
            await browser.close()
    finally:
        server.terminate()
        server.wait(20)
    refused = sum((worker.refused for worker in workers.values()), Counter[str]())
    loads = sum(worker.loads for worker in drawn)
    groups = {
        "browser": {name: worker.seen for name, worker in list(workers.items())[:in_browser]},
        "wire": {name: worker.seen for name, worker in list(workers.items())[in_browser:]},
    }
    return await compared(folder, groups) | {"refused": dict(refused), "reloads": loads}


def batched(workers: Iterable[Worker], size: int) -> Iterator[tuple[Worker, ...]]:
    """So many at a time."""
    left = iter(workers)
    return iter(lambda: tuple(islice(left, size)), ())


async def until_ready(url: str) -> None:
    """Wait until calls can be taken."""
    async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(60):
        while True:
            with suppress(httpx.TransportError):
                if (await client.get("/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def compared(folder: Path, groups: dict[str, dict[str, Seen]]) -> dict[str, Any]:
    """The delays of all offers and positions that the desks should have shown, by kind of desk."""
    async with await Store.open(folder / "store.sqlite") as store:
        journals = [await store.read_turns(call_id) for call_id in await store.call_ids()]
    closing_at = max(at for seen in groups.values() for desk in seen.values() for at in desk.rings) + 1
    since = {name: desk.since for seen in groups.values() for name, desk in seen.items()}
    offers = [due for due in offers_due(journals) if since[due.desk] <= due.at < closing_at]
    fixes = [due for due in fixes_due(journals) if since[due.desk] <= due.at < closing_at]
    found: dict[str, Any] = {
        "desks": {kind: len(seen) for kind, seen in groups.items()},
        "calls": len(journals),
        "seconds": SECONDS,
        "asked_p99_ms": ASKED_MS,
    }
    for kind, seen in groups.items():
        if seen:
            found[kind] = {
                "offers": told(matched_offers([one for one in offers if one.desk in seen], seen)),
                "fixes": told(matched_fixes([one for one in fixes if one.desk in seen], seen)),
            }
    return found


def told(delays: Delays) -> dict[str, Any]:
    """The figures of one kind of event; a percentile is None where so many were not shown."""
    shown = len(delays.shown) + delays.unshown
    if not shown:
        raise SystemExit("nothing happened at the desks: nothing was measured")
    p50, p99 = delays.percentile(0.5), delays.percentile(0.99)
    return {
        "shown": len(delays.shown),
        "unshown": delays.unshown,
        "ended_first": delays.ended_first,
        "p50_ms": p50 if isfinite(p50) else None,
        "p99_ms": p99 if isfinite(p99) else None,
        "good": delays.unshown == 0 and p99 < ASKED_MS,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--in-browser", type=int, default=IN_BROWSER, choices=range(1, DESKS + 1), metavar="N"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vagt-console-") as folder:
        found = asyncio.run(measure(Path(folder), arguments.in_browser))
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        desks = found["desks"]
        print(f"{desks['browser']} desks in the browser, {desks['wire']} without one; {found['calls']} calls")
        print(f"answers that refused: {found['refused']}; pages loaded anew: {found['reloads']}")
        for group, kind, one in results(found):
            print(
                f"{group}, {kind}: {one['shown']} shown, {one['unshown']} not, {one['ended_first']} ended; "
                f"{one['p50_ms']} ms median, {one['p99_ms']} ms at 99 % (asked: under {ASKED_MS})"
            )
    raise SystemExit(0 if all(one["good"] for _, _, one in results(found)) else 1)


def results(found: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """What was found, by kind of desk and of event."""
    return [
        (group, kind, found[group][kind])
        for group in ("browser", "wire")
        if group in found
        for kind in ("offers", "fixes")
    ]


if __name__ == "__main__":
    main()
