"""A piece of cable between the program and the switch that can be cut."""

import asyncio
from enum import Enum
from typing import Self


class Cut(Enum):
    """What is wrong with the cable."""

    NOTHING = "nothing"
    EVENTS = "the socket of events is closed and refused; requests go through"
    CLOSED = "everything is closed and refused"
    SILENT = "everything stays open and nothing comes through"


class Relay:
    """Passes everything on to `target`, a port of the loopback, until it is `cut`."""

    def __init__(self) -> None:
        self.target = 0
        self._cut = Cut.NOTHING
        self._whole = asyncio.Event()
        self._whole.set()
        self._passing: dict[asyncio.Task[None], bool] = {}  # whether it is a socket of events
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def cut(self, what: Cut) -> None:
        """Break or, with `Cut.NOTHING`, mend the cable."""
        self._cut = what
        if what is Cut.SILENT:
            self._whole.clear()
        else:
            self._whole.set()
        for task, events in self._passing.items():
            if what is Cut.CLOSED or (what is Cut.EVENTS and events):
                task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing[task] = False
        try:
            head = await reader.readuntil(b"\r\n")
            events = b"/events" in head
            self._passing[task] = events
            await self._whole.wait()
            if self._cut is Cut.CLOSED or (self._cut is Cut.EVENTS and events):
                return
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            back.write(head)
            try:
                await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
            finally:
                back.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            del self._passing[task]

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self._whole.wait()
            sink.write(data)
            await sink.drain()
        await self._whole.wait()  # that one end has closed does not come through either
        sink.close()
