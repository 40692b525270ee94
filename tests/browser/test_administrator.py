"""The administrator's page in a real browser: accounts, and who looked at a certain call."""

from playwright.async_api import Browser, expect

from tests.browser.conftest import ADMINISTRATOR, SUPERVISOR, MakeConsole


async def test_an_administrator_finds_who_looked_at_a_call(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late,114-theft-report", sim_every_s=2, sim_speed=20)
    ended = "select call_id from calls where ended_at is not null order by arrived_at"
    call_id = (await console.row(ended))[0]
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    looker = await console.visit(context, SUPERVISOR, f"/calls/{call_id}")
    await expect(looker.get_by_role("heading", name="Call to")).to_be_visible()
    page = await console.visit(await browser.new_context(locale="en-GB"), ADMINISTRATOR, "/accounts")
    log = page.get_by_role("table", name="Who looked at what")
    await expect(log.locator("tbody")).to_contain_text("Signed in")
    await page.get_by_label("Call id").fill(str(call_id))
    await page.keyboard.press("Enter")
    await expect(log.locator("tbody")).not_to_contain_text("Signed in")
    await expect(log.locator("tbody tr")).to_have_count(2)
    await expect(log).to_contain_text("Looked at a call")
    await expect(log).to_contain_text("Looked at a position")
    await expect(log.locator("tbody tr").first).to_contain_text(SUPERVISOR)
    await page.get_by_label("Call id").fill("of-nobody")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_text("Nothing in the log fits.")).to_be_visible()
    await expect(page.locator("option", has_text="Replayed a call")).to_have_count(1)
    assert [deed for deed, _ in console.deeds()].count("read-access-log") == 3
    assert console.elsewhere() == []
    assert console.complaints == []
