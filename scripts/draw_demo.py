"""Draws the picture in the README: `python scripts/draw_demo.py`, after `make run`."""

import asyncio
import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from vagtcentral.console.demo import DEMO_STORE, print_table
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.store import Store

PICTURE = Path(__file__).parents[1] / "docs" / "demo.svg"


async def records() -> list[CallRecord]:
    """The records of the demo's store."""
    async with await Store.open(DEMO_STORE, create=False) as store:
        return await store.records()


if __name__ == "__main__":
    console = Console(record=True, width=222, file=io.StringIO(), force_terminal=True)
    print_table(asyncio.run(records()), console)
    # Rich's own format asks another host for a font; the picture is to stand alone.
    alone = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    console.save_svg(
        str(PICTURE), title="make run", code_format=alone.replace("Fira Code", "DejaVu Sans Mono")
    )
    print(PICTURE)
