"""The desk with a real Asterisk: SIPp is the caller and the operator's own telephone; nobody simulates."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Page, expect

from tests.asterisk.conftest import make_switch, prompts  # noqa: F401  fixtures
from tests.asterisk.ports import free_port, media_port
from tests.asterisk.serving import on_the_switch
from tests.asterisk.sipp import operator_phone, place_calls
from tests.asterisk.switch import Switch
from tests.browser.conftest import (
    DEVELOPER,
    OPERATOR,
    OPERATOR_2,
    SKILLS,
    SUPERVISOR,
    Console,
    MakeConsole,
)
from tests.browser.desks import claimed_by_one
from tests.browser.test_whole_flow import is_found_and_heard, is_replayed
from vagtcentral.ivr.asterisk.config import OperatorPhone
from vagtcentral.menus.prompts import PromptStore

OPERATORS = ("anna", "bo")
NUMBER = "20112010"
STAYS_S = 90


async def send_fix(console: Console, latitude: str, longitude: str, radius: str, means: str) -> None:
    """The caller's handset sends a position, by way of the network's gateway."""
    top = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    text = f'A"ML=1;lt={latitude};lg={longitude};rd={radius};top={top};lc=68;pm={means};mcc=238;mnc=01;ml='
    text += str(len(text) + 3)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{console.url}/aml", json={"from": NUMBER, "text": text}) as answer,
    ):
        assert 200 <= answer.status < 300


async def ready(console: Console) -> None:
    """Wait until calls can be taken."""
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{console.url}/health/ready") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def control_room(
    make_console: MakeConsole,
    make_switch: Callable[..., Switch],  # noqa: F811
    prompts: PromptStore,  # noqa: F811
    folder: Path,
) -> AsyncIterator[tuple[Console, Switch]]:
    """A switch, the program on it, and on the desks of anna and bo telephones that ring and are taken."""
    port = free_port()
    phones = tuple(OperatorPhone(name=name, contact=f"127.0.0.1:{port}") for name in OPERATORS)
    switch = make_switch(prompt_folders=(prompts.folder,), operators=phones)
    staff = folder / "staff.yaml"
    people = [{"name": name, "skills": SKILLS, "endpoint": f"PJSIP/{name}"} for name in OPERATORS]
    staff.write_text(json.dumps(people))
    async with operator_phone(folder / "phones", port, "desk_phone"):
        console = await make_console(staff=staff, **on_the_switch(switch, prompts.folder))
        await ready(console)
        yield console, switch


async def test_a_call_by_real_telephones_from_its_ringing_to_its_replay(
    browser: Browser,
    make_console: MakeConsole,
    make_switch: Callable[..., Switch],  # noqa: F811
    prompts: PromptStore,  # noqa: F811
    tmp_path: Path,
) -> None:
    async with control_room(make_console, make_switch, prompts, tmp_path) as (console, switch):
        people = {
            account: await console.visit(await browser.new_context(locale="en-GB"), account)
            for account in (OPERATOR, OPERATOR_2, SUPERVISOR, DEVELOPER)
        }
        calling = asyncio.create_task(
            place_calls(
                switch.written.sip, "112", [NUMBER], rate=1, keys={}, stay_ms=STAYS_S * 1000,
                folder=tmp_path / "caller", media_port=media_port(),
            )
        )  # fmt: skip
        desk, other = await claimed_by_one(people[OPERATOR], people[OPERATOR_2])
        await expect(desk.locator(".state").first).to_have_text("Talking")
        await expect(other.locator(".state").first).to_have_text("Not ready")
        await operator_sees_where_the_caller_is(desk, console)
        assert await telephones(switch) == 2
        await operator_registers_and_ends_it(desk)
        await asyncio.wait_for(calling, 20)  # we have hung up on him
        call_id = (await console.row("select call_id from calls where ended_at is not null"))[0]
        assert await telephones(switch) == 0
        await is_found_and_heard(console, people[SUPERVISOR], call_id, NUMBER)
        await is_replayed(console, people[DEVELOPER], call_id)
        assert console.elsewhere() == []
        assert console.complaints == []


async def telephones(switch: Switch) -> int:
    """How many telephones the switch has on the line."""
    shown = await asyncio.to_thread(switch.rx, "core show channels concise")
    return sum(line.startswith("PJSIP/") for line in shown.splitlines())


async def operator_sees_where_the_caller_is(desk: Page, console: Console) -> None:
    """The map follows the handset; the caller is held and retrieved."""
    state = desk.locator(".state").first
    await send_fix(console, "+55.65300", "+12.48000", "2100", "C")
    await expect(desk.locator(".position")).to_contain_text("55.65300, 12.48000")
    await expect(desk.locator(".source")).to_contain_text("mobile cell")
    await send_fix(console, "+55.67610", "+12.56830", "9", "G")
    await expect(desk.locator(".position")).to_contain_text("55.67610, 12.56830")
    await expect(desk.locator(".source")).to_contain_text("satellite")
    await expect(desk.get_by_text("Københavns Politi").first).to_be_visible()
    await expect(desk.locator(".leaflet-interactive[stroke-dasharray]").first).to_be_attached()
    await desk.wait_for_timeout(2_500)  # there must be something to hear
    await desk.keyboard.press("F4")
    await expect(state).to_have_text("Caller on hold")
    await desk.keyboard.press("F4")
    await expect(state).to_have_text("Talking")


async def operator_registers_and_ends_it(desk: Page) -> None:
    """The conversation ends from the page: his telephone is put down by the switch."""
    state = desk.locator(".state").first
    await desk.get_by_label("Kind of enquiry").select_option("burglary")
    await desk.get_by_label("Note").fill("Heard glass break")
    await desk.get_by_role("button", name="Save registration").click()
    await expect(desk.get_by_text("Saved at")).to_be_visible()
    await desk.keyboard.press("F8")
    await expect(state).to_have_text("Wrap-up")
    await desk.keyboard.press("F2")
    await expect(state).to_have_text("Not ready")  # as before the claim
