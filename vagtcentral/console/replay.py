"""`vagtcentral replay`: feed a journal through the call machine again and compare every command."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vagtcentral.console.demo import DEMO_STORE
from vagtcentral.console.output import ANSWER_IS_NO, note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.evaluation.replay import Replay
    from vagtcentral.ivr.journal import Turn
    from vagtcentral.ivr.setting import Setting


def replay(
    target: Annotated[
        str | None,
        typer.Argument(metavar="FILE|CALL-ID", help="A journal file (.jsonl), or a call of the store."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Replay every call of the store.")] = False,
    store: Annotated[str, typer.Option(metavar="URL", help="The store that holds the call.")] = str(
        DEMO_STORE
    ),
    menu: Annotated[
        list[Path] | None,
        typer.Option(
            help="Replay on this menu file in place of the shipped menu of its name; may be repeated."
        ),
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Show each step with its commands.")] = False,
    export: Annotated[Path | None, typer.Option(help="Also write the journal to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Replay stored calls, and say whether each command came out the same, or where the first difference is.

    Status 1 if any call came out differently.
    """
    from vagtcentral.evaluation.codec import JournalError
    from vagtcentral.menus.problems import MenuError

    if (target is None) == (not all_):
        refuse("replay takes either one FILE or CALL-ID, or --all")
    try:
        setting = _setting(menu or [])
        journals = _journals(target, store)
        if export is not None:
            _export(journals, export)
    except MenuError as error:
        refuse(str(error).splitlines()[0])
    except JournalError as error:
        refuse(str(error))
    replays = {call_id: _replay(call_id, turns, setting) for call_id, turns in journals.items()}
    if as_json:
        print_json(
            {"calls": [_as_json(call_id, done, journals, setting) for call_id, done in replays.items()]}
        )
    else:
        for call_id, done in replays.items():
            _print(call_id, done, _changed(journals[call_id], setting), steps)
    if not all(done.same for done in replays.values()):
        raise typer.Exit(ANSWER_IS_NO)


def _setting(files: list[Path]) -> "Setting":
    from dataclasses import replace

    from vagtcentral.console.in_use import setting_in_use
    from vagtcentral.menus.load import load_menu

    setting = setting_in_use()
    changed = {menu.name: menu for menu in map(load_menu, files)}
    return replace(setting, menus={**setting.menus, **changed})


def _journals(target: str | None, store: str) -> "dict[str, list[Turn]]":
    from vagtcentral.evaluation.replay import import_turns

    if target is None or not target.endswith(".jsonl"):
        return asyncio.run(_stored(target, store))
    journals: dict[str, list[Turn]] = {}
    for turn in import_turns(target):
        journals.setdefault(turn.call_id, []).append(turn)
    return journals


async def _stored(call_id: str | None, store: str) -> "dict[str, list[Turn]]":
    from vagtcentral.evaluation.schema import StoreError
    from vagtcentral.evaluation.store import Store

    async with await Store.open(store, create=False) as journal:
        known = await journal.call_ids()
        if call_id is not None and call_id not in known:
            raise StoreError(f"{store}: no call {call_id}; it holds {len(known)} calls: {_some(known)}")
        return {name: await journal.read_turns(name) for name in ([call_id] if call_id else known)}


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _export(journals: "dict[str, list[Turn]]", path: Path) -> None:
    from vagtcentral.evaluation.replay import export_turns

    lines = [line for turns in journals.values() for line in export_turns(turns)]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        refuse(f"--export {path}: cannot be written: {error.strerror}")


def _replay(call_id: str, turns: "list[Turn]", setting: "Setting") -> "Replay":
    from vagtcentral.evaluation.replay import replay as feed
    from vagtcentral.ivr.call import Call
    from vagtcentral.ivr.events import CallArrived

    for turn in turns:
        if isinstance(turn.event, CallArrived) and turn.event.menu not in setting.menus:
            known = ", ".join(sorted(setting.menus))
            refuse(f"call {call_id}: ran on menu {turn.event.menu}, which is not known; known: {known}")
    return feed(turns, Call(setting).handle)


def _changed(turns: "list[Turn]", setting: "Setting") -> list[str]:
    """What the call ran on that is not what it is replayed on: the menu file, the geometry."""
    from vagtcentral.ivr.events import CallArrived

    changed = []
    arrived = turns[0].event
    if isinstance(arrived, CallArrived):
        if arrived.menu_sha256 != setting.menus[arrived.menu].sha256:
            changed.append(f"menu {arrived.menu}")
        if arrived.atlas_sha256 != setting.atlas.data.sha256:
            data = setting.atlas.data
            was, now = arrived.atlas_sha256[:12], f"{data.name}, {data.sha256[:12]}"
            changed.append(f"geometry (the call's is {was}, this is {now})")
    return changed


def _print(call_id: str, done: "Replay", changed: list[str], steps: bool) -> None:
    from vagtcentral.ivr.kinds import kind_of

    if steps:
        for step in done.steps:
            commands = ", ".join(kind_of(type(command)) for command in step.seen) or "-"
            mark = " " if step.same else "!"
            typer.echo(f"{mark} {call_id} {step.seq:3d} {kind_of(type(step.event))}: {commands}")
    first = done.first_difference
    if first is None:
        typer.echo(f"{call_id}: {len(done.steps)} steps, every command the same")
    else:
        typer.echo(f"{call_id}: {first.difference}")
    if changed:
        note(f"{call_id}: changed since the call: {', '.join(changed)}")


def _as_json(
    call_id: str, done: "Replay", journals: "dict[str, list[Turn]]", setting: "Setting"
) -> dict[str, Any]:
    first = done.first_difference
    return {
        "call_id": call_id,
        "same": done.same,
        "steps": len(done.steps),
        "first_difference": None if first is None else first.difference,
        "changed": _changed(journals[call_id], setting),
    }
