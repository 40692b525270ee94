"""`vagtcentral db`: the store's version and its health."""

from typing import TYPE_CHECKING, Annotated

import typer

from vagtcentral.console.output import ANSWER_IS_NO, note, print_json, refuse

if TYPE_CHECKING:
    from vagtcentral.evaluation.audit import Finding

#: The same default as `evaluation.store.DEFAULT_STORE`, which is slow to import.
DEFAULT_STORE = "var/vagtcentral.sqlite"

app = typer.Typer(help="Look after the store of calls.", no_args_is_help=True)

StoreOption = Annotated[str, typer.Option("--store", metavar="URL", help="A file path or sqlite:///FILE.")]


@app.command()
def upgrade(store: StoreOption = DEFAULT_STORE) -> None:
    """Bring a store to this program's version; make it where there is none."""
    from vagtcentral.evaluation import schema

    try:
        before, after = schema.upgrade(store)
    except schema.StoreError as error:
        refuse(str(error))
    path = schema.store_path(store)
    if before is None:
        note(f"{path}: made, version {after}")
    elif before == after:
        note(f"{path}: is of version {after} already")
    else:
        note(f"{path}: upgraded from version {before} to {after}")


async def _check(url: str) -> "tuple[int, list[Finding]]":
    from vagtcentral.evaluation.store import Store

    async with await Store.open(url, create=False) as store:
        return len(await store.call_ids()), await store.check()


@app.command()
def check(
    store: StoreOption = DEFAULT_STORE,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say whether every journal is whole and every record follows from it; status 1 if not."""
    import asyncio

    from vagtcentral.evaluation.schema import StoreError

    try:
        calls, findings = asyncio.run(_check(store))
    except StoreError as error:
        refuse(str(error))
    if json:
        document = {"store": store, "calls": calls, "findings": [finding.as_json() for finding in findings]}
        print_json(document)
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{calls} calls checked, {len(findings)} findings")
    if findings:
        raise SystemExit(ANSWER_IS_NO)
