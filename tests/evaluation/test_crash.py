"""The process dies at the worst instant; what was acknowledged is there, and what is there is consistent."""

import subprocess
import sys
import textwrap

import pytest

from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.commands import Hold
from vagtcentral.ivr.events import DigitPressed
from vagtcentral.ivr.journal import Turn

PROGRAM = textwrap.dedent(
    """
    import asyncio, os, sys
    from vagtcentral.evaluation.store import Store
    from vagtcentral.ivr.commands import Hold
    from vagtcentral.ivr.events import DigitPressed
    from vagtcentral.ivr.journal import Turn

    file, where = sys.argv[1:]

    told = set()

    async def tell(store, call_id):
        for seq in range(1, 1000):
            await store.append([Turn(call_id, seq, DigitPressed(seq, "1"), (Hold(),))])
            os.write(1, f"{call_id} {seq}\\n".encode())  # the command is carried out now
            told.add(call_id)

    async def main():
        store = await Store.open(file)
        calls = [asyncio.create_task(tell(store, f"call-{number}")) for number in range(20)]
        while len(told) < len(calls):
            await asyncio.sleep(0.01)
        commit = store._make_durable
        async def die():
            if where == "before":
                os._exit(9)
            await commit()
            os._exit(9)
        store._make_durable = die
        await asyncio.gather(*calls)

    asyncio.run(main())
    """
)


@pytest.mark.parametrize("where", ["before", "after"])
async def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_a_commit(file, where: str) -> None:
    died = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", PROGRAM, str(file), where],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == 9, died.stderr
    carried_out: dict[str, int] = {}
    for line in died.stdout.splitlines():
        call_id, seq = line.split()
        carried_out[call_id] = int(seq)
    assert len(carried_out) == 20
    ahead = 0 if where == "before" else 1
    async with await Store.open(file) as store:
        assert await store.check() == []
        for call_id, seq in carried_out.items():
            turns = await store.read_turns(call_id)
            assert len(turns) == seq + ahead
            following = len(turns) + 1
            await store.append([Turn(call_id, following, DigitPressed(following, "1"), (Hold(),))])
        assert await store.check() == []
