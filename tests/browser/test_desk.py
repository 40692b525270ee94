"""The operator's desk in a real browser: from the ringing call to its registration."""

import json

from playwright.async_api import Browser, expect

from tests.browser.conftest import OPERATOR, OPERATOR_2, SUPERVISOR, MakeConsole
from tests.browser.desks import claimed_by_one

BOTH = (OPERATOR, OPERATOR_2)


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
    desks = [await console.visit(await browser.new_context(locale="en-GB"), one) for one in BOTH]
    supervisor = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR)
    _, loser = await claimed_by_one(*desks)
    await expect(loser.locator(".notice.panel")).to_contain_text("is being offered the call right now")
    await expect(supervisor.locator("main")).to_contain_text("112")


async def test_who_presses_after_the_call_has_gone_from_the_list_is_told(
    browser: Browser, make_console: MakeConsole
) -> None:
    """What is seen is older than what is: a button may be pressed that the server has taken away already."""
    console = await make_console(sim_calls="112-aml-late", sim_every_s="2")
    anna, bo = [await console.visit(await browser.new_context(locale="en-GB"), one) for one in BOTH]
    row = bo.locator(".call-row").first
    take = await row.get_by_role("button").element_handle(timeout=30_000)
    assert take is not None
    await anna.locator(".call-row").first.get_by_role("button").click()
    await anna.wait_for_selector(".ringing")
    await bo.wait_for_function("button => !button.checkVisibility()", arg=take)
    await take.evaluate("button => button.click()")
    await expect(bo.locator(".notice.panel")).to_contain_text("anna is being offered the call right now")
