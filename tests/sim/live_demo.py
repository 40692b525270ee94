"""A demo in real time with a witness, to be killed: `python -m tests.sim.live_demo STORE WITNESS SPEED`.

The witness file gets a line before each turn's commands act, written straight to the operating system, so
that it survives the death of the process as the memory of a real switch would.
"""

import asyncio
import json
import os
import sys

from vagtcentral.evaluation.codec import encode_commands
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.commands import CarrierCommand
from vagtcentral.ivr.events import Event
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.script import shipped_scripts
from vagtcentral.sim.stage import play_all_live


async def main(store: str, witness_file: str, speed: float) -> None:
    witness = os.open(witness_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def saw(call_id: str, event: Event, commands: tuple[CarrierCommand, ...]) -> None:
        line = json.dumps([call_id, event.at, encode_commands(commands)])
        os.write(witness, line.encode() + b"\n")

    async with await Store.open(store) as journal:
        await play_all_live(shipped_scripts(), shipped_setting(), journal, speed, saw)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
