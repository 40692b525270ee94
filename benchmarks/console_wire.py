"""A desk without a browser: the page is fetched, and what the server sends it is taken, as a browser would.

To the server it is a desk like any other. It draws nothing: twenty browsers on two cores measure browsers.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import socketio

#: How often a browser says what it has got, in seconds (NiceGUI's `ack`).
ACK_S = 3.0
_CLIENT = re.compile(r"""['"]client_id['"]:\s*['"]([0-9a-f-]+)['"]""")
_PLACE = re.compile(r"\d\d\.\d{5}, \d{1,2}\.\d{5}")


class WireDesk:
    """One desk; `note` is told of rings and positions with the instant at which the message was there."""

    def __init__(self, url: str, note: Callable[[str, int, str], None]) -> None:
        self._url = url
        self._note = note
        self._received = 0
        self._place = ""
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("update", self._count)
        self._socket.on("run_javascript", self._told)
        self._acks: asyncio.Task[None] | None = None

    async def open(self, name: str, password: str) -> dict[str, str]:
        """Sign in and open the desk; the cookies of the session."""
        async with httpx.AsyncClient(base_url=self._url, timeout=60) as browser:
            given = {"name": name, "password": password}
            (await browser.post("/api/sign-in", json=given)).raise_for_status()
            page = (await browser.get("/desk")).raise_for_status().text
            cookies = dict(browser.cookies)
        found = _CLIENT.search(page)
        if found is None:
            raise SystemExit("the page of a desk names no client: another version of NiceGUI?")
        self._client = found[1]
        query = {
            "client_id": self._client,
            "next_message_id": 0,
            "document_id": uuid4().hex,
            "tab_id": uuid4().hex,
            "old_tab_id": "",
            "implicit_handshake": "true",
        }
        await self._socket.connect(
            f"{self._url}?{urlencode(query)}",
            headers={
                "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
                "Origin": self._url,
            },
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )
        self._acks = asyncio.create_task(self._acknowledge())
        return cookies

    async def close(self) -> None:
        """Leave."""
        if self._acks is not None:
            self._acks.cancel()
        with suppress(Exception):
            await self._socket.disconnect()

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(ACK_S)
            await self._socket.emit("ack", {"client_id": self._client, "next_message_id": self._received})

    def _count(self, message: Any) -> None:
        if isinstance(message, dict):
            self._received = max(self._received, int(message.get("_id", -1)) + 1)

    def _told(self, message: Any) -> None:
        self._count(message)
        now, code = time.time_ns() // 1_000_000, str(message.get("code", ""))
        if "vagtcentralRinger.start" in code:
            self._note("rings", now, "")
        found = _PLACE.search(code)
        if found is not None and found[0] != self._place:
            self._place = found[0]
            self._note("positions", now, found[0])
            self._note("maps", now, "")
