"""A live call whose journal is damaged: others go on, and its caller begins anew, with a record."""

import sqlite3
from contextlib import closing

from tests.console.test_live_messages import Program, clock, program  # noqa: F401  fixtures
from vagtcentral.ivr.events import CallArrived, Resumed


async def test_the_caller_of_a_damaged_journal_begins_anew_and_the_others_go_on(
    program: Program,  # noqa: F811
) -> None:
    async with program:
        await program.calls("damaged")
        await program.calls("well")
    with closing(sqlite3.connect(program.file)) as connection, connection:
        connection.execute("UPDATE journal SET commands = '[1]' WHERE call_id = 'damaged'")
    async with program:
        assert [type(turn.event) for turn in await program.store.read_turns("well")] == [CallArrived, Resumed]
        await program.calls("damaged")  # its channel is still on the switch, and is found there
        assert [type(turn.event) for turn in await program.store.read_turns("damaged")] == [CallArrived]
        assert program.live.controller.journal_well
        aside = [one for one in await program.store.call_ids() if one.startswith("damaged+")]
        assert len(aside) == 1
