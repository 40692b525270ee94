"""Pages that stay open: their session ends where it should, lives where it is used, and desks are left."""

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from tests.browser.conftest import ADMINISTRATOR, OPERATOR, SUPERVISOR, Console, MakeConsole

MINUTE_MS = 60_000


async def test_signing_out_in_one_tab_ends_the_desk_in_another_and_nobody_is_rung_there(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=3600)
    context = await browser.new_context(locale="en-GB")
    desk = await console.visit(context, OPERATOR, "/desk")
    await desk.keyboard.press("Shift+F2")
    await expect(desk.locator(".my-state .state")).to_have_text("Ready")
    other = await context.new_page()
    await other.goto(console.url + "/shift")
    await other.get_by_role("button", name="Sign out").click()
    await desk.wait_for_url("**/sign-in?next=%2Fdesk", timeout=10_000)
    assert await operator_as_seen(console, "anna") == ("not_ready", "signed_out")


async def test_after_the_end_of_a_shift_the_open_desk_says_so_and_can_be_sat_down_at_again(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    context = await browser.new_context(locale="en-GB")
    desk = await console.visit(context, OPERATOR, "/desk")
    shift = await context.new_page()
    await shift.goto(console.url + "/shift")
    await shift.get_by_role("button", name="End shift").click()
    await expect(desk.locator(".my-state .state")).to_have_text("Not at the desk")
    await expect(desk.get_by_role("button", name="Ready for calls")).to_be_hidden()
    await desk.get_by_role("button", name="Sit down at the desk").click()
    await expect(desk.locator(".my-state .state")).to_have_text("Not ready")
    await desk.keyboard.press("Shift+F2")
    await expect(desk.locator(".my-state .state")).to_have_text("Ready")


async def test_a_desk_that_is_in_use_keeps_its_session_and_a_page_that_is_not_does_not(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    desk = await console.visit(await browser.new_context(locale="en-GB"), OPERATOR, "/desk")
    await desk.keyboard.press("Shift+F2")
    await expect(desk.locator(".my-state .state")).to_have_text("Ready")
    idle = await console.visit(await browser.new_context(locale="en-GB"), ADMINISTRATOR, "/accounts")
    await asyncio.sleep(21)  # both pages have asked once: what was pressed to come here is used up
    seen(console, OPERATOR, minutes_ago=29)
    seen(console, ADMINISTRATOR, minutes_ago=31)
    await idle.wait_for_url("**/sign-in?next=%2Faccounts", timeout=40_000)
    assert await console.row(
        f"select 1 from sessions where account = '{OPERATOR}' and seen_at > {now() - 2 * MINUTE_MS}"
    )
    assert desk.url.endswith("/desk")


async def test_an_account_that_is_disabled_loses_its_open_page(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    desk = await console.visit(await browser.new_context(locale="en-GB"), OPERATOR, "/desk")
    write(console, f"update accounts set disabled_at = {now()} where name = '{OPERATOR}'")
    await desk.wait_for_url("**/sign-in**", timeout=40_000)


async def test_an_operator_whose_desk_is_closed_is_not_ready_his_call_rings_elsewhere_and_his_shift_goes_on(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=2, ring_s=120)
    context = await browser.new_context(locale="en-GB")
    desk = await console.visit(context, OPERATOR, "/desk")
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=30_000)
    shift = await context.new_page()
    await shift.goto(console.url + "/shift")
    since = await shift.get_by_text("since").inner_text()
    await desk.close()
    async with asyncio.timeout(60):
        while await operator_as_seen(console, "anna") != ("not_ready", "left"):  # noqa: ASYNC110
            await asyncio.sleep(1)
    await shift.get_by_role("button", name="Refresh").click()
    await expect(shift.get_by_text(since)).to_be_visible()
    await expect(shift.get_by_role("button", name="End shift")).to_be_visible()


async def operator_as_seen(console: Console, name: str) -> tuple[str, str | None]:
    """What a supervisor sees of an operator: what he does, and why he is not ready."""
    async with httpx.AsyncClient(base_url=console.url) as supervisor:
        credentials = {"name": SUPERVISOR, "password": console.passwords[SUPERVISOR]}
        assert (await supervisor.post("/api/sign-in", json=credentials)).status_code == 200
        operators: list[dict[str, Any]] = (await supervisor.get("/api/operators")).json()
    (found,) = [one for one in operators if one["name"] == name]
    return found["doing"], found["reason"]


def seen(console: Console, account: str, *, minutes_ago: int) -> None:
    """Pretend that this account was last in use so long ago."""
    at = now() - minutes_ago * MINUTE_MS
    write(console, f"update sessions set seen_at = {at}, began_at = {at} where account = '{account}'")


def write(console: Console, statement: str) -> None:
    with closing(sqlite3.connect(console.folder / "store.sqlite", timeout=20)) as store:
        store.execute(statement)
        store.commit()


def now() -> int:
    return time.time_ns() // 1_000_000
