"""The web server of the live system: location messages in, districts out, and whether it is well."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from signal import SIGINT, SIGTERM
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from nicegui import app as pages
from nicegui import ui

from vagtcentral.console.accounts.door import Door
from vagtcentral.console.accounts.guard import require
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.problem import catch_unknown, install_problems
from vagtcentral.console.accounts.routes import account_routes
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.aml_server import AmlKeys, aml_routes
from vagtcentral.console.api.calls import call_routes
from vagtcentral.console.api.metrics import metrics_routes
from vagtcentral.console.api.operators import floor_routes
from vagtcentral.console.api.scopes import with_scopes
from vagtcentral.console.live import LiveSystem
from vagtcentral.console.lost_server import lost_routes
from vagtcentral.console.lost_setting import live_directory
from vagtcentral.console.pages import all as _all_pages  # noqa: F401  declares the pages
from vagtcentral.console.pages.entry import entry_routes
from vagtcentral.console.pages.errors import install_error_pages
from vagtcentral.console.pages.shell import Services, open_pages
from vagtcentral.console.settings import Settings, SettingsError, variable

#: How long requests may go on after a signal, in seconds.
GRACE_S = 3
_reading = require(Permission.READ_API_MANUAL)
#: How long a page that has lost its connection is remembered, in seconds.
RECONNECT_S = 10.0


def web_app(live: LiveSystem, accounts: AccountStore, settings: Settings) -> FastAPI:
    """Everything that is reached over HTTP: pages, API, and what machines send and ask."""
    app = FastAPI(title="Vagtcentral", docs_url=None, redoc_url=None, openapi_url=None)
    install_problems(app)
    atlas = live.setting.atlas
    directory = live_directory(settings, atlas, live.clock.now())
    app.include_router(entry_routes())
    for routes in (
        account_routes(),
        floor_routes(live.floor),
        call_routes(live.store, settings.recordings, live.clock.now),
        metrics_routes(live),
    ):
        app.include_router(with_scopes(routes))
    app.include_router(
        aml_routes(live.deliver, _keys(settings), live.clock.now, oddities=live.oddities), tags=["machines"]
    )
    app.include_router(lost_routes(atlas, directory, now=live.clock.now), tags=["machines"])

    # Load balancers ask with HEAD.
    @app.head("/health/live", include_in_schema=False)
    @app.get("/health/live", summary="Whether the program runs", tags=["operations"])
    async def health_live() -> dict[str, str]:
        return {"status": "ok"}

    unready = {503: {"description": "The switch or the journal does not answer."}}

    @app.head("/health/ready", include_in_schema=False)
    @app.get(
        "/health/ready",
        summary="Whether calls can be taken",
        tags=["operations"],
        responses=unready,  # type: ignore[arg-type]
    )
    async def health_ready() -> JSONResponse:
        state = {"switch": live.trunk.connected, "journal": live.controller.journal_well}
        well = all(state.values())
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "ok" if well else "not ready", **state}, status_code=status)

    @app.get("/api/openapi.json", include_in_schema=False, dependencies=[Depends(_reading)])
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    catch_unknown(app)
    install_error_pages(pages, app)
    open_pages(Services(live, accounts, settings, app.openapi))
    ui.run_with(app, title="Vagtcentral", show_welcome_message=False, reconnect_timeout=RECONNECT_S)
    app.add_middleware(Door, store=accounts)
    return app


def address(settings: Settings) -> str:
    """Where we listen, `host:port`; an IPv6 address stands in brackets."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def listen(settings: Settings) -> socket.socket:
    """Take the port before anything else is begun; `SettingsError` if that cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((settings.host, settings.port))
    except OSError as error:
        taken.close()
        reason = error.strerror or str(error)
        raise SettingsError(
            [f"{variable('host')}, {variable('port')}: {address(settings)}: {reason}"]
        ) from None
    return taken


class _Server(uvicorn.Server):
    """A server that ends by itself on a signal, and lets the rest of the program end in order after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals, and do not raise them again at the end."""
        loop = asyncio.get_running_loop()
        for signal in (SIGINT, SIGTERM):
            loop.add_signal_handler(signal, self.handle_exit, signal, None)
        try:
            yield
        finally:
            for signal in (SIGINT, SIGTERM):
                loop.remove_signal_handler(signal)


def web_server(app: Any) -> uvicorn.Server:
    """A server that serves until a signal or `should_exit` ends it.

    No access log: paths and numbers of callers would be in it.
    """
    config = uvicorn.Config(
        app, access_log=False, log_config=None, lifespan="on", timeout_graceful_shutdown=GRACE_S
    )
    return _Server(config)


def _keys(settings: Settings) -> AmlKeys:
    def secret(value: Any) -> bytes | None:
        return None if value is None else value.get_secret_value().encode()

    return AmlKeys(
        https=secret(settings.aml_hmac_key),
        gateway=secret(settings.aml_gateway_token),
        hash_name=settings.aml_hmac_hash,
    )
