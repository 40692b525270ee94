"""The program ends and starts again under open desks: they come back by themselves, and no call is lost."""

from playwright.async_api import Browser, expect

from tests.browser.conftest import OPERATOR, MakeConsole


async def test_a_desk_comes_back_after_the_program_was_killed_with_the_call_that_it_had(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=2)
    context = await browser.new_context(locale="en-GB")
    desk = await console.visit(context, OPERATOR)
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=30_000)
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).to_have_text("Talking")
    number = await desk.locator(".big").last.text_content()
    live = len(console.rows("select call_id from calls where ended_at is null"))
    async with desk.expect_event("load", timeout=30_000):  # nobody touches the page: it comes back by itself
        console.kill()
        await console.start()
    await expect(desk.locator(".state").first).to_have_text("Talking", timeout=30_000)
    await expect(desk.locator(".big").last).to_have_text(number or "")
    await desk.keyboard.press("F8")
    await expect(desk.locator(".state").first).to_have_text("Wrap-up")
    assert len(console.rows("select call_id from calls")) >= live
    failed = console.rows("select call_id, failures from calls where outcome = 'failed'")
    assert failed == []
