"""Whether the switch can read the prompts, asked before it sends us calls: one is played to an empty bridge.

The files are on our disk, which says nothing of what the switch sees of it: it may run in a folder of its
own, on another machine, or as a user who may not read them. During a call every prompt would be silence.
"""

import asyncio
import logging
from pathlib import Path
from uuid import uuid4

import aiohttp

from vagtcentral.ivr.asterisk.ari_errors import AriError, NotFound
from vagtcentral.ivr.asterisk.ari_rest import HttpRest, Request, authorization, path
from vagtcentral.ivr.asterisk.ari_settings import checked

log = logging.getLogger(__name__)

#: A prompt that the switch cannot open is over at once; one that it can lasts longer than this, in seconds.
OPENED_S = 0.5
#: How long the switch may take for an answer, in seconds.
ANSWER_S = 3.0


async def unreadable(url: str, user: str, password: str, folder: Path) -> Path | None:
    """The longest prompt of the folder if the switch cannot play it, else None.

    None also where there is none, or the switch cannot be asked now: calls will tell.
    """
    file = await asyncio.to_thread(_longest, folder)
    if file is None:
        return None
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    headers = {"Authorization": authorization(user, password)}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        try:
            plays = await _plays(HttpRest(session, checked(url)), f"sound:{file.with_suffix('')}")
        except AriError as error:
            log.info("whether the switch can read the prompts cannot be asked now: %s", error)
            return None
    return None if plays else file


def _longest(folder: Path) -> Path | None:
    return max(folder.glob("*.wav"), key=lambda file: file.stat().st_size, default=None)


async def _plays(switch: HttpRest, media: str) -> bool:
    """Whether a prompt is still playing after a moment, in a bridge in which nobody hears it."""
    probe = f"vagtcentral-probe-{uuid4().hex}"
    bridge = path("bridges", probe)
    await switch.send(Request("POST", bridge, body={"type": "mixing"}))
    try:
        await switch.send(Request("POST", f"{bridge}/play/{probe}", body={"media": [media]}))
        await asyncio.sleep(OPENED_S)
        await switch.send(Request("DELETE", path("playbacks", probe)))
    except NotFound:
        return False
    finally:
        await switch.send(Request("DELETE", bridge))
    return True
