"""A real telephone for the tests: baresip, told over its control port what a person does with it."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

MODULES = Path("/usr/lib/baresip/modules")

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
rtp_timeout 0
"""

ACCOUNT = "<sip:{user}@127.0.0.1:{sip}>;regint=0;answermode=manual;audio_codecs=PCMA;dtmfmode=rtpevent\n"


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Phone:
    """One telephone with one tone as its voice (`tone`, hertz); `told` is called with each of its events.

    Event types are baresip's: `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED` and so on.
    """

    def __init__(
        self, folder: Path, user: str, told: Callable[[dict[str, Any]], None], tone: int = 440
    ) -> None:
        self.user = user
        self.sip_port = _free_port(socket.SOCK_DGRAM)
        self._folder = folder
        self._told = told
        self._tone = tone
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True)
        control = _free_port(socket.SOCK_STREAM)
        name = "".join(letter for letter in self.user if letter.isalnum())
        text = CONFIG.format(modules=MODULES, control=control, sip=self.sip_port, tone=self._tone, name=name)
        (self._folder / "config").write_text(text)
        (self._folder / "accounts").write_text(ACCOUNT.format(user=self.user, sip=self.sip_port))
        (self._folder / "contacts").write_text("")
        log = (self._folder / "log").open("wb")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                "baresip",
                "-4",
                "-f",
                str(self._folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        reader, self._writer = await self._connect(control)
        self._reader = asyncio.create_task(self._read(reader))
        return self

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(15):
            while True:
                try:
                    return await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    assert self._process is not None
                    assert self._process.returncode is None, (self._folder / "log").read_text()
                    await asyncio.sleep(0.05)

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
                self._told(message)
