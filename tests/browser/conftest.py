"""A real browser before a real `vagtcentral serve`: one process for each test that asks for one.

Where there is no Chromium the tests are skipped with the reason; with `CI=true` they fail instead.
"""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

#: A busy machine is slow: what is expected must come, and may take a while.
expect.set_options(timeout=20_000)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: Two operators who take everything, so that a desk in a test gets the next call.
SKILLS = ["emergency", "theft", "crime", "case", "licence", "local", "general", "fraud", "tips"]
STAFF = [{"name": name, "skills": SKILLS, "languages": ["da", "en"]} for name in ("anna", "bo")]
OPERATOR, OPERATOR_2 = "demo-operator", "demo-operator-2"
SUPERVISOR, DEVELOPER, ADMINISTRATOR = "demo-supervisor", "demo-developer", "demo-administrator"


@dataclass
class Console:
    """One running console; `passwords` by account. `pages` collects what browsers asked of other hosts."""

    folder: Path
    settings: dict[str, str]
    port: int
    passwords: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    async def start(self, *arguments: str) -> None:
        """Start it, and return when it listens."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("VAGTCENTRAL_")}
        with (self.folder / "serve.log").open("wb") as log:
            self._process = await asyncio.to_thread(
                subprocess.Popen,
                [sys.executable, "-m", "vagtcentral", "serve", *arguments],
                env=others | self.settings,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(60):
            while "Listening on" not in self.log or not _answers(self.port):
                assert self._process.poll() is None, self.log
                await asyncio.sleep(0.05)
        told = (line.split() for line in self.log.splitlines() if line.startswith("  demo-"))
        self.passwords |= {words[0]: words[1] for words in told}

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    async def visit(self, context: BrowserContext, account: str | None, path: str = "/") -> Page:
        """A page at `path`, signed in to `account`; everything that it asks for is watched."""
        page = await context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(self.url + "/sign-in")
        if account is not None:
            await page.fill("input[name=name]", account)
            await page.fill("input[name=password]", self.passwords[account])
            await page.click("button[type=submit]")
            await page.wait_for_selector("#content")
        if path != "/":
            await page.goto(self.url + path)
        return page

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def elsewhere(self) -> list[str]:
        """Requests that went to any other host than this one."""
        ours = (self.url, f"ws://127.0.0.1:{self.port}", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(ours)]

    async def row(self, query: str) -> Any:
        """The first row of the store that there is; waits until there is one."""
        async with asyncio.timeout(20):
            while True:
                if rows := self.rows(query):
                    return rows[0]
                await asyncio.sleep(0.05)

    def rows(self, query: str) -> list[Any]:
        """Rows of the store."""
        with closing(sqlite3.connect(self.settings["VAGTCENTRAL_STORE"])) as store:
            return store.execute(query).fetchall()

    def deeds(self) -> list[tuple[str, str | None]]:
        """What the access log has: each deed with its call."""
        return self.rows("select deed, call_id from access_log order by id")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


MakeConsole = Callable[..., Awaitable[Console]]


@pytest.fixture
async def make_console(tmp_path: Path) -> AsyncIterator[MakeConsole]:
    """Start consoles with demo accounts; what is given are settings by their names in small letters.

    None leaves a setting at its default: with `staff=None` the shipped staff is at work.
    """
    made: list[Console] = []

    async def make(**settings: object) -> Console:
        folder = tmp_path / f"console-{len(made)}"
        folder.mkdir()
        (folder / "staff.yaml").write_text(json.dumps(STAFF))  # JSON is YAML
        port = free_port()
        given = {"port": port, "store": folder / "store.sqlite", "staff": folder / "staff.yaml", **settings}
        environment = {
            f"VAGTCENTRAL_{name.upper()}": str(value) for name, value in given.items() if value is not None
        }
        made.append(Console(folder, environment, port))
        await made[-1].start("--demo")
        return made[-1]

    yield make
    for console in made:
        console.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("in CI nothing is skipped: no Chromium")
        pytest.skip("no Chromium: apt-get install chromium")
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        stack.push_async_callback(started.close)
        yield started
