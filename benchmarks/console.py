"""How long it takes from an event to the page: 20 desks open in a real browser, five calls a second.

An event is an offered call in the journal; the page shows it when its desk rings. Browser, server and clock
are on one machine. `python -m benchmarks.console [--json]`; needs Chromium.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Page, async_playwright

from vagtcentral.console.accounts.permissions import Role
from vagtcentral.console.accounts.person import By
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import OperatorOffered

DESKS = 20
CALLS_A_SECOND = 5.0
SECONDS = 30
PASSWORD = "a-password-for-the-benchmark"
SKILLS = ["emergency", "theft", "crime", "case", "licence", "local", "general", "fraud", "tips"]

#: Notes each moment at which the desk begins to ring, in milliseconds since 1970.
WATCH = """
window.rang = []; let was = false;
const look = () => { const is = !!document.querySelector('.ringing');
  if (is && !was) window.rang.push(Date.now()); was = is; };
new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true}); look();
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
    async with await AccountStore.open(folder / "store.sqlite") as accounts:
        for name in operators():
            await accounts.accounts.add(name, Role.OPERATOR, PASSWORD, By("os:benchmark"), operator=name)


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The server, as a process of its own."""
    settings = {
        "PORT": port,
        "STORE": folder / "store.sqlite",
        "STAFF": folder / "staff.yaml",
        "SIM_CALLS": "112-silent",
        "SIM_EVERY_S": 1 / CALLS_A_SECOND,
    }
    environment = os.environ | {f"VAGTCENTRAL_{name}": str(value) for name, value in settings.items()}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "vagtcentral", "serve"]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)


async def open_desk(context: BrowserContext, url: str, name: str) -> Page:
    """A signed-in desk that notes when it rings."""
    page = await context.new_page()
    await page.goto(f"{url}/sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_selector(".desk")
    await page.evaluate(WATCH)
    return page


async def work(url: str, name: str, until: float) -> None:
    """Be the operator, through the API: take each call, hang up soon, be ready again."""
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=url) as client:
        await client.post("/api/sign-in", json={"name": name, "password": PASSWORD})
        act = f"/api/operators/{name}"
        await client.post(f"{act}/ready")
        while loop.time() < until:
            for step, pause_s in (("answer", 0.6), ("hang-up", 0.3), ("finish", 0.3)):
                if (await client.post(f"{act}/{step}")).status_code == 409:
                    break
                await asyncio.sleep(pause_s)
            await asyncio.sleep(0.5)


async def measure(folder: Path) -> dict[str, Any]:
    """Open the desks, work, and compare."""
    await prepare(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = start(folder, port)
    try:
        async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(30):
            while True:
                try:
                    if (await client.get("/health/ready")).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        async with async_playwright() as playwright:
            program = shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            pages = {}
            for name in operators():
                pages[name] = await open_desk(await browser.new_context(), url, name)
            until = asyncio.get_running_loop().time() + SECONDS
            await asyncio.gather(*(work(url, name, until) for name in operators()))
            rang = {name: await page.evaluate("window.rang") for name, page in pages.items()}
            await browser.close()
    finally:
        server.terminate()
        server.wait(20)
    return await compared(folder, rang)


async def compared(folder: Path, rang: dict[str, list[int]]) -> dict[str, Any]:
    """The delays of all offers that a desk has shown: each ring with the latest offer before it."""
    offers: dict[str, list[int]] = {name: [] for name in rang}
    async with await Store.open(folder / "store.sqlite") as store:
        calls = await store.call_ids()
        for call_id in calls:
            for turn in await store.read_turns(call_id):
                if isinstance(turn.event, OperatorOffered):
                    offers[turn.event.operator].append(turn.event.at)
    delays = []
    for name, rings in rang.items():
        for ring in rings:
            before = [at for at in offers[name] if at <= ring]
            if before:
                delays.append(ring - max(before))
    delays.sort()
    if not delays:
        raise SystemExit("no desk has rung: nothing was measured")
    return {
        "desks": len(rang),
        "calls": len(calls),
        "shown": len(delays),
        "offered": sum(len(one) for one in offers.values()),
        "p50_ms": delays[len(delays) // 2],
        "p99_ms": delays[min(len(delays) - 1, int(len(delays) * 0.99))],
        "asked_p99_ms": 300,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vagt-console-") as folder:
        found = asyncio.run(measure(Path(folder)))
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"{found['desks']} desks, {found['calls']} calls, {found['shown']} offers shown")
        print(f"event to page: {found['p50_ms']} ms median, {found['p99_ms']} ms at 99 % (asked: under 300)")


if __name__ == "__main__":
    main()
