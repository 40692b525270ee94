"""`vagtcentral demo`: play the recorded calls and show where each was routed and why."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.output import note, print_json, refuse

if TYPE_CHECKING:
    from rich.console import Console

    from vagtcentral.evaluation.record import CallRecord
    from vagtcentral.ivr.setting import Setting
    from vagtcentral.sim.script import Script

DEMO_STORE = Path("var/demo.sqlite")

#: Districts less likely than this are in the record but not in the table.
LIKELY = 0.05


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    exit_: Annotated[bool, typer.Option("--exit", help="Play the recorded calls and end.")] = False,
    store: Annotated[
        str | None, typer.Option(help="Keep the record here and add to it; default: a new var/demo.sqlite.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Play this call only: its name or a script file; may be repeated."),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.1, max=1000, help="Play in real time, this many times as fast; default: virtual time."
        ),
    ] = None,
) -> None:
    """Play the recorded calls through the production code; show caller, keys, position, district, operator.

    Then serve the console with live simulated calls until Ctrl-C, unless only some calls or JSON are wanted.
    The calls, the menus and the staff are synthetic. The record of every call is kept; see `replay`.
    """
    from vagtcentral.console.in_use import setting_in_use
    from vagtcentral.evaluation.codec import JournalError
    from vagtcentral.sim.script import ScriptError

    setting = setting_in_use()
    try:
        scripts = _scripts(only or [])
        records = asyncio.run(_play(scripts, setting, store, speed))
    except (ScriptError, JournalError) as error:
        refuse(str(error))
    if as_json:
        print_json({"calls": [record.as_demo_json() for record in records]})
    else:
        print_table(records)
    where = store or str(DEMO_STORE)
    note(
        f"The record of these {len(records)} calls is in {where}; `vagtcentral replay --all --store {where}`"
    )
    map_ = "" if setting.atlas.data.official else "; the map in use is not the official geometry"
    note(f"plays it again. Calls, menus and staff are synthetic{map_}.")
    if not (exit_ or as_json or only):
        from vagtcentral.console.serve import serve_until_ended

        serve_until_ended("sim", where, demo=True)


def _scripts(names: list[str]) -> "list[Script]":
    from vagtcentral.sim.script import find_script, shipped_scripts

    return [find_script(name) for name in names] or shipped_scripts()


async def _play(
    scripts: "list[Script]", setting: "Setting", store: str | None, speed: float | None
) -> "list[CallRecord]":
    """Play the scripts into the store and read their records back, in the order of their arrival."""
    from vagtcentral.evaluation.store import Store
    from vagtcentral.sim.stage import play_all_live, play_all_virtual

    if store is None:
        _clear_demo_store()
    async with await Store.open(store or DEMO_STORE) as journal:
        await _refuse_known(journal, scripts)
        if speed is None:
            await play_all_virtual(scripts, setting, journal)
        else:
            await play_all_live(scripts, setting, journal, speed)
        played = {script.name for script in scripts}
        return [record for record in await journal.records() if record.call_id in played]


async def _refuse_known(journal: Any, scripts: "list[Script]") -> None:
    from vagtcentral.evaluation.schema import StoreError

    known = set(await journal.call_ids())
    for script in scripts:
        if script.name in known:
            raise StoreError(f"{journal.path}: call {script.name} is there already; a demo wants a new store")


def _clear_demo_store() -> None:
    """The demo's own store is made anew each time; a store that the user names is never cleared."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{DEMO_STORE}{suffix}").unlink(missing_ok=True)


def print_table(records: "list[CallRecord]", console: "Console | None" = None) -> None:
    """Print one line for each call; without a terminal, as wide as it needs to be."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    if not console.is_terminal:
        console = Console(width=400)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("call", "caller", "service", "keys", "position (source)", "district", "destination"):
        table.add_column(heading)
    table.add_column("operator")
    table.add_column("waited", justify="right")
    table.add_column("outcome")
    for record in records:
        table.add_row(*_row(record))
    console.print(table)


def _row(record: "CallRecord") -> tuple[str, ...]:
    call = record.as_demo_json()
    return (
        call["call_id"],
        call["caller"] or "hidden",
        call["service"],
        call["keys"] or "-",
        _position(call["position"]),
        _districts(record),
        call["destination"] or "-",
        " > ".join(call["operators"]) or "-",
        f"{call['waited_s']:.1f} s",
        call["outcome"] or "still open",
    )


def _position(position: dict[str, Any] | None) -> str:
    if position is None:
        return "unknown"
    radius = "?" if position["radius_m"] is None else f"{position['radius_m']:.0f}"
    return f"{position['latitude']:.4f} {position['longitude']:.4f} ±{radius} m ({position['source']})"


def _districts(record: "CallRecord") -> str:
    """Every likely district; how far it is, where the caller is outside every district."""
    likely = [district for district in record.districts if district["probability"] >= LIKELY]
    if not likely:
        return "unknown"
    named = ", ".join(f"{district['name']} {100 * district['probability']:.0f} %" for district in likely)
    nearest = min(district["distance_m"] for district in likely)
    return f"{named}, {nearest:.0f} m outside" if nearest >= 1 else named
