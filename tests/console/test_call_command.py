"""`vagtcentral call place` as its users see it: on the simulated switch, and on the double of a real one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.asterisk.studio import record_in_studio
from tests.ivr.asterisk.fake_ari import PASSWORD, USER, FakeAri, Fault, channel, event, fake_ari
from vagtcentral.menus.load import shipped_menu

SCRIPT = """
title: "A short call"
about: "Two keys, two messages."
at: 2019-03-04T11:05:20Z
service: "112"
caller:
  number: "+4510112009"
  does:
    - {on: arrives, after_s: 0.2, keys: "1"}
    - {after_s: 0.2, hang_up: true}
location:
  - {after_s: 0.1, aml: 'A"ML=1;lt=+55.65800;lg=+012.50200;rd=9;top=20190304110520;lc=68;pm=G;ml=70'}
  - {after_s: 0.2, cell: '55.6530,12.4800,2100'}
"""


def environment(**settings: object) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("VAGTCENTRAL_")}
    return others | {f"VAGTCENTRAL_{name.upper()}": str(value) for name, value in settings.items()}


def run(*arguments: object, cwd: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vagtcentral", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )


def test_through_the_simulated_switch_it_is_the_demo_of_that_call(tmp_path: Path) -> None:
    placed = run("call", "place", "114-wrong-keys", "--json", cwd=tmp_path)
    played = run("demo", "--only", "114-wrong-keys", "--json", cwd=tmp_path)
    assert (placed.returncode, placed.stdout) == (0, played.stdout)
    assert json.loads(placed.stdout)["calls"][0]["keys"] == "764"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "nope: no such call; recorded calls are: 112-aml-abroad, "),
        (["gone.yaml"], "gone.yaml: cannot be read"),
        (["114-survey", "--carrier", "smoke"], "VAGTCENTRAL_CARRIER: 'smoke'; "),
        (["114-survey", "--aml", "localhost"], "--aml 'localhost': an address such as http://"),
        (["114-survey", "--aml", "http://localhost/aml"], "--aml: only with --carrier asterisk"),
        (["114-survey", "--carrier", "asterisk"], "VAGTCENTRAL_ARI_PASSWORD: missing; "),
        (["114-survey", "--sip-address", "here"], "VAGTCENTRAL_SIP_ADDRESS: 'here'; HOST:PORT"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path: Path, arguments: list[str], line: str) -> None:
    done = run("call", "place", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"vagtcentral: {line}")


# --- through a switch -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Prompts for the live menus, and who we are to the switch."""
    folder = tmp_path_factory.mktemp("studio")
    prompts = record_in_studio(folder, [shipped_menu(name) for name in ("112", "114", "survey")])
    return {
        "carrier": "asterisk",
        "prompts": prompts.folder,
        "studio": prompts.studio,
        "ari_user": USER,
        "ari_password": PASSWORD,
        "aml_gateway_token": "a-token",
    }


@asynccontextmanager
async def answering() -> AsyncIterator[FakeAri]:
    """A switch on which every call is answered."""
    async with fake_ari() as switch:
        told: list[asyncio.Task[None]] = []

        def answer() -> None:
            leg = channel(next(iter(switch.channels)))
            told.append(asyncio.create_task(switch.tell(event("StasisStart", channel=leg, args=[]))))

        switch.faults.append(Fault("POST", "channels/", 200, carry_out_first=True, body="{}", then=answer))
        yield switch


@asynccontextmanager
async def endpoint(status: int) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Where location messages are posted; what came there."""
    came: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        came.append({"token": request.headers.get("Authorization"), **await request.json()})
        return web.json_response({"id": "m-1"}, status=status)

    app = web.Application()
    app.router.add_post("/aml", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/aml", came
    finally:
        await runner.cleanup()


async def place(folder: Path, settings: dict[str, object], *arguments: object) -> tuple[int, str, str]:
    (folder / "short.yaml").write_text(SCRIPT)
    command = ("call", "place", "short.yaml", *arguments)
    done = await asyncio.to_thread(lambda: run(*command, cwd=folder, **settings))
    return done.returncode, done.stdout, done.stderr


async def test_a_call_through_a_switch_is_told_with_what_became_of_it(
    settings: dict[str, object], tmp_path: Path
) -> None:
    async with answering() as switch, endpoint(202) as (url, came):
        settings = settings | {"ari_url": switch.url}
        status, said, noted = await place(tmp_path, settings, "--json", "--aml", url)
    document = json.loads(said)
    assert (status, document.pop("seconds") >= 0.4) == (0, True)
    assert document == {
        "script": "short",
        "service": "112",
        "caller": "+4510112009",
        "planned_keys": "1",
        "keys": "1",
        "end": "hung_up",
        "completed": True,
        "cause": None,
        "messages": [{"after_s": after, "status": 202, "id": "m-1"} for after in (0.1, 0.2)],
    }
    assert "not sent" not in noted
    message, cell = came
    assert (cell["token"], cell["from"], cell["cell"]) == (
        "Bearer a-token",
        "+4510112009",
        "55.6530,12.4800,2100",
    )
    assert (message["token"], message["from"]) == ("Bearer a-token", "+4510112009")
    assert message["text"].startswith('A"ML=1;lt=+55.65800;lg=+012.50200;rd=9;top=20')
    assert "top=20190304" not in message["text"], "it is of now"


async def test_a_call_that_is_not_completed_or_a_message_not_delivered_is_status_1(
    settings: dict[str, object], tmp_path: Path
) -> None:
    async with answering() as switch, endpoint(500) as (url, _):
        status, said, noted = await place(tmp_path, settings | {"ari_url": switch.url}, "--aml", url)
        assert (status, said.split(" after ")[0]) == (1, "short: called 112, pressed 1, hung up")
        assert "short: location message after 0.1 s: not delivered: status 500" in noted
        switch.faults[:] = []
        leg_gone = event("ChannelDestroyed", cause=17, cause_txt="User busy")

        def refuse() -> None:
            gone = channel(next(iter(switch.channels)))
            telling.append(asyncio.create_task(switch.tell(leg_gone | {"channel": gone})))

        telling: list[asyncio.Task[None]] = []
        switch.faults.append(Fault("POST", "channels/", 200, carry_out_first=True, body="{}", then=refuse))
        switch.channels.clear()
        status, said, noted = await place(tmp_path, settings | {"ari_url": switch.url})
        assert status == 1
        assert "short: 2 location messages are not sent: they go to --aml" in noted
        assert said == (
            "short: called 112, pressed nothing, not answered after 0.0 s (User busy): not completed\n"
        )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_has_the_caller_hang_up(
    settings: dict[str, object], tmp_path: Path, sent: signal.Signals
) -> None:
    (tmp_path / "long.yaml").write_text(SCRIPT.replace("after_s: 0.2, hang_up", "after_s: 600, hang_up"))
    async with answering() as switch:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vagtcentral", "call", "place", "long.yaml"),
            cwd=tmp_path,
            env=environment(**settings | {"ari_url": switch.url}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            while not any(request.endswith("/dtmf") for request in switch.requests):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            process.send_signal(sent)
            said, noted = await process.communicate()
        assert switch.channels == {}
    assert (process.returncode, said) == (1, b"")
    assert noted.decode().splitlines()[-1] == "long: broken off by a signal; the caller has hung up"


async def test_a_switch_that_refuses_us_is_status_2(settings: dict[str, object], tmp_path: Path) -> None:
    async with fake_ari() as switch:
        wrong = {"ari_url": switch.url, "ari_password": "wrong"}
        status, said, noted = await place(tmp_path, settings | wrong)
    assert (status, said) == (2, "")
    assert f"VAGTCENTRAL_ARI_URL: {switch.url}: " in noted
    assert "401" in noted
    assert "Traceback" not in noted
