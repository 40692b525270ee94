"""`vagtcentral serve`: the live system."""

import asyncio
import gc
import logging
import os
from typing import TYPE_CHECKING, Annotated

import typer

from vagtcentral.console.output import note, refuse

if TYPE_CHECKING:
    from vagtcentral.console.accounts.store import AccountStore
    from vagtcentral.console.live import LiveSystem
    from vagtcentral.console.settings import Settings

log = logging.getLogger(__name__)

#: The operators of the simulation as whom the accounts of a demonstration take calls.
DEMO_OPERATORS = ("vagt-1", "vagt-2")


def serve(
    carrier: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where calls come from: sim or asterisk."),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make accounts to try it with; their passwords are printed once.")
    ] = False,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the record is kept. [default: the setting's]")
    ] = None,
) -> None:
    """Take calls until ended by a signal.

    Set by environment variables, see docs/settings.md. Calls that are live when it ends, in whatever way, are
    left on the switch and taken up again by the next start.
    """
    serve_until_ended(carrier, store, demo=demo)


def serve_until_ended(carrier: str | None, store: str | None, *, demo: bool) -> None:
    """The same for other commands."""
    from vagtcentral.console.logs import begin_logging
    from vagtcentral.console.settings import SettingsError, load_settings, unknown_settings, variable
    from vagtcentral.evaluation.codec import JournalError
    from vagtcentral.ivr.asterisk.ari_errors import AriError
    from vagtcentral.menus.problems import MenuError
    from vagtcentral.menus.prompts import PromptError

    for name, given in (("carrier", carrier), ("store", store)):
        if given is not None:
            os.environ[variable(name)] = given
    for line in unknown_settings():
        note(f"vagtcentral: {line}")
    try:
        settings = load_settings()
        begin_logging(settings)
        asyncio.run(_serve(settings, demo))
    except (SettingsError, PromptError) as error:
        *others, last = error.lines
        for line in others:
            note(f"vagtcentral: {line}")
        refuse(last)
    except MenuError as error:
        from vagtcentral.console.menu import refuse_menu

        refuse_menu(error)
    except (JournalError, AriError) as error:
        refuse(str(error))


async def _serve(settings: "Settings", demo: bool) -> None:
    """Run the web server and the calls beside each other until either ends."""
    from vagtcentral.console.accounts.store import AccountStore
    from vagtcentral.console.live import live_system
    from vagtcentral.console.logs import log_turn
    from vagtcentral.console.web import address, listen, web_app, web_server

    with listen(settings) as taken:
        async with live_system(settings) as live, await AccountStore.open(settings.store) as accounts:
            _warn_of_readers(settings.store)
            _warn_of_unstaffed(live)
            if demo:
                await _tell_demo_accounts(live, accounts)
            listening = f"Listening on http://{address(settings)}; calls come from {settings.carrier}."
            if settings.log_format == "json":
                live.controller.watchers.append(log_turn)
                log.info("%s", listening)
            else:
                note(listening)
            _calm_collector()
            server = web_server(web_app(live, accounts, settings))
            web = asyncio.create_task(server.serve(sockets=[taken]))
            with_page = [one.operator for one in await accounts.accounts.all() if one.disabled_at is None]
            calls = asyncio.create_task(live.run([name for name in with_page if name is not None]))
            done, _ = await asyncio.wait((web, calls), return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True  # in order: a server that is cancelled complains at length
            calls.cancel()
            await asyncio.gather(web, calls, return_exceptions=True)
            for task in done:
                task.result()


def _warn_of_readers(store: str) -> None:
    """Say so where a store that was made by hand, or by an older program, is not for its owner only."""
    from vagtcentral.evaluation.schema import open_to_others, store_path

    if open_to_others(store):
        path = store_path(store)
        log.warning("%s can be read by other users of this machine; chmod 600 %s*", path, path)


def _warn_of_unstaffed(live: "LiveSystem") -> None:
    """Say which callers nobody will ever take, before one of them waits."""
    from vagtcentral.console.live import used_menus
    from vagtcentral.console.staff import unstaffed

    menus = [live.setting.menus[name] for name in used_menus(live.setting.menus)]
    missing = unstaffed(menus, live.staff)
    if missing:
        skills = ", ".join(f"{skill} (menu {', '.join(names)})" for skill, names in missing.items())
        log.warning("no operator has these skills, and whoever is sent to them waits in vain: %s", skills)


def _calm_collector() -> None:
    """Keep the collector of reference cycles from stopping the program often, or for long.

    With 20 desks open it took up to 0.2 s every few seconds for a look through everything there is. What
    stays (menus, geometry) is left out, and the whole is looked through a hundred times less often. Young
    objects, which most garbage is, are looked through in portions of a few milliseconds: the portion is
    what the first two numbers make together, 25 000 objects.
    """
    gc.freeze()
    gc.set_threshold(5_000, 5, 400)


async def _tell_demo_accounts(live: "LiveSystem", accounts: "AccountStore") -> None:
    """Make accounts for two operators and each other role, and print their passwords."""
    from vagtcentral.console.accounts.demo import demo_accounts

    operators = [member.name for member in live.staff if member.name in DEMO_OPERATORS]
    for account in await demo_accounts(accounts, operators or [member.name for member in live.staff[:2]]):
        as_whom = f", as {account.operator}" if account.operator else ""
        note(f"  {account.name:22} {account.password}   ({account.role}{as_whom})")
