"""A real telephone for the tests: baresip, told over its control port what a person does with it."""

import asyncio
import json
import socket
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Self

from tests.asterisk.ports import free_port

MODULES = Path("/usr/lib/baresip/modules")
ATTEMPTS = 5

CONFIG = """\
module_path {modules}
module stdio.so
module g711.so
module ausine.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
sip_listen 127.0.0.1:{sip}
audio_source ausine,{tone}
audio_player aubridge,{name}
audio_alert aubridge,{name}
ausrc_srate 48000
ausrc_channels 2
rtp_ports 4000-9999
rtp_timeout 0
"""

ACCOUNT = "<sip:{user}@127.0.0.1:{sip}>;regint=0;answermode=manual;audio_codecs=PCMA;dtmfmode=rtpevent\n"


class PhoneState(Enum):
    """What a telephone is doing, as whoever stands beside it would say."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"


_BECOMES = {"CALL_INCOMING": PhoneState.RINGING, "CALL_ESTABLISHED": PhoneState.TALKING}


class Phone:
    """One telephone with one tone as its voice (`tone`, hertz); `told` is called with each of its events.

    Event types are baresip's: `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED` and so on.
    """

    def __init__(
        self,
        folder: Path,
        user: str,
        told: Callable[[dict[str, Any]], None] = lambda event: None,
        tone: int = 440,
    ) -> None:
        self.user = user
        self.sip_port = 0  # known once it runs
        self._folder = folder
        self._told = told
        self._tone = tone
        self._calls: dict[str, PhoneState] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True)
        for _ in range(ATTEMPTS):  # a port that was free may be taken a moment later
            control = free_port(socket.SOCK_STREAM)
            self._process = await self._start(control)
            connection = await self._connect(control)
            if connection is not None:
                reader, self._writer = connection
                self._reader = asyncio.create_task(self._read(reader))
                return self
        raise AssertionError((self._folder / "log").read_text())

    async def _start(self, control: int) -> asyncio.subprocess.Process:
        self.sip_port = free_port(socket.SOCK_DGRAM)
        name = "".join(letter for letter in self.user if letter.isalnum())
        text = CONFIG.format(modules=MODULES, control=control, sip=self.sip_port, tone=self._tone, name=name)
        (self._folder / "config").write_text(text)
        (self._folder / "accounts").write_text(ACCOUNT.format(user=self.user, sip=self.sip_port))
        (self._folder / "contacts").write_text("")
        with (self._folder / "log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                "baresip",
                "-4",
                "-f",
                str(self._folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The control connection; None if the program has ended, as it does where a port is taken."""
        assert self._process is not None
        async with asyncio.timeout(15):
            while self._process.returncode is None:
                try:
                    return await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.05)
        return None

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._writer is not None:
            self._writer.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    @property
    def state(self) -> PhoneState:
        """What it is doing now: the newest of its calls, if it has any."""
        return next(reversed(self._calls.values()), PhoneState.IDLE)

    def dial(self, uri: str) -> None:
        """Call somebody."""
        self._command("dial", uri)

    def press(self, key: str) -> None:
        """Press one key: an RFC 4733 event in the RTP stream."""
        self._command("sndcode", key)

    def accept(self) -> None:
        """Take the incoming call."""
        self._command("accept")

    def hang_up(self) -> None:
        """End the call, or refuse the incoming one."""
        self._command("hangup")

    def _command(self, command: str, params: str = "") -> None:
        if self._writer is None or self._writer.is_closing():
            return
        body = json.dumps({"command": command, "params": params, "token": command}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Netstrings of JSON; what is no event answers a command."""
        while True:
            try:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                return
            if message.get("event"):
                self._note(message)
                self._told(message)

    def _note(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind in _BECOMES:
            self._calls[event["id"]] = _BECOMES[kind]
        elif kind == "CALL_CLOSED":
            self._calls.pop(event["id"], None)
