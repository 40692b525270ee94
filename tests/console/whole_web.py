"""The whole web application of some settings, without a port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.live import live_system
from vagtcentral.console.settings import Settings
from vagtcentral.console.web import web_app


@asynccontextmanager
async def web(folder: Path, **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The web application of these settings, without a port."""
    settings = Settings(store=str(folder / "store.sqlite"), recordings=folder, **given)
    async with live_system(settings) as live, await AccountStore.open(settings.store) as accounts:
        transport = httpx.ASGITransport(app=web_app(live, accounts, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://vagt.example") as client:
            yield client
