"""The operator's desk in a real browser: from the ringing call to its registration."""

import asyncio
import json

from playwright.async_api import Browser, expect

from tests.browser.conftest import OPERATOR, OPERATOR_2, SUPERVISOR, MakeConsole


async def test_an_operator_takes_a_call_sees_a_better_fix_registers_and_ends_it(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s="1")
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    desk = await console.visit(context, OPERATOR)
    await expect(desk.locator(".state").first).to_have_text("Not ready")
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing")
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).to_have_text("Talking")
    first = await desk.locator(".position").text_content(timeout=20_000)
    await expect(desk.locator(".position")).not_to_have_text(first or "", timeout=30_000)
    await expect(desk.locator(".source")).to_contain_text("satellite")
    await desk.get_by_label("Kind of enquiry").select_option("burglary")
    await desk.get_by_label("Address or place").fill("Gadekæret 4")
    await desk.get_by_label("Note").fill("Heard glass break")
    await desk.get_by_role("button", name="Save registration").click()
    await expect(desk.get_by_text("Saved at")).to_be_visible()
    await desk.keyboard.press("Shift+F8")
    await expect(desk.get_by_role("button", name="Wrongly routed")).to_have_attribute("aria-pressed", "true")
    await desk.keyboard.press("F8")
    await expect(desk.locator(".state").first).to_have_text("Wrap-up")
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).not_to_have_text("Wrap-up")
    query = "select registration, wrongly_routed, operator from calls where registration is not null"
    registration, wrongly, operator = await console.row(f"{query} and ended_at is not null")
    assert json.loads(str(registration)) == {
        "code": "burglary",
        "fields": {"address": "Gadekæret 4"},
        "text": "Heard glass break",
    }
    assert (wrongly, operator) == (1, "anna")
    assert console.elsewhere() == []
    assert console.complaints == []


async def test_two_operators_claim_the_same_call_and_one_is_told(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s="2")
    desks = []
    for account in (OPERATOR, OPERATOR_2):
        context = await browser.new_context(locale="en-GB")
        desks.append(await console.visit(context, account))
    supervisor = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR)
    takes = [desk.get_by_role("button", name="Take the call").first for desk in desks]
    for take in takes:
        await expect(take).to_be_visible(timeout=30_000)
    await asyncio.gather(*(take.click() for take in takes))
    for desk in desks:
        await desk.wait_for_selector(".ringing, .notice.panel")
    ringing = [await desk.locator(".ringing").count() for desk in desks]
    told = [await desk.locator(".notice.panel").count() for desk in desks]
    assert (sorted(ringing), sorted(told)) == ([0, 1], [0, 1])
    assert ringing != told
    loser = desks[told.index(1)]
    await expect(loser.locator(".notice.panel")).to_contain_text("is being offered the call right now")
    await expect(supervisor.locator("main")).to_contain_text("112")
