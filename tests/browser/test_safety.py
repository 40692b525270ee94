"""What comes from outside stays data on a page: no address, number or name becomes a part of the markup."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import DEVELOPER, SUPERVISOR, MakeConsole

#: Closes the attribute it stands in, and adds some that run a script as soon as the page is there.
ATTACK = '" type="text" autofocus="1" onfocus="document.title=\'PWNED\'" y="'


@pytest.mark.parametrize(("account", "path"), [(SUPERVISOR, "/calls/x"), (DEVELOPER, "/replay/x")])
async def test_an_address_made_to_run_a_script_runs_none(
    browser: Browser, make_console: MakeConsole, account: str, path: str
) -> None:
    console = await make_console(sim_every_s=3600)
    context = await browser.new_context(locale="en-GB")
    page = await console.visit(context, account, path + quote(ATTACK))
    await page.wait_for_selector("#content")
    await page.wait_for_timeout(1_000)
    assert "PWNED" not in await page.title()
    assert await page.locator("[onfocus]").count() == 0
    stored = page.locator("form[action='/choose'] input[name=next]").first
    await expect(stored).to_have_attribute("value", path + quote(ATTACK))
    await expect(stored).to_have_attribute("type", "hidden")


async def test_every_answer_forbids_frames_other_hosts_and_handlers_in_the_markup(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    async with httpx.AsyncClient(base_url=console.url) as client:
        for path in ("/sign-in", "/api/me", "/health/live", "/api/nothing"):
            headers = (await client.get(path)).headers
            assert headers["x-frame-options"] == "DENY", path
            assert headers["x-content-type-options"] == "nosniff", path
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy, path
            assert "script-src-attr 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
    page = await console.visit(await browser.new_context(), None)
    await page.evaluate("document.body.setAttribute('onclick', \"document.title='RAN'\")")
    await page.click("body")
    assert await page.title() != "RAN"


async def test_language_and_colours_can_be_chosen_before_signing_in(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    page = await console.visit(await browser.new_context(locale="en-GB"), None, "/sign-in?next=%2Fdesk")
    await page.get_by_role("button", name="På dansk").click()
    await expect(page.get_by_label("Adgangskode")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "da"
    told = await page.locator("#popup").text_content()
    assert (told or "").strip() == "Forbindelsen er afbrudt. Der forbindes igen …"
    await page.get_by_role("button", name="Mørk visning").click()
    await expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    await expect(page.locator("form.entry input[name=next]")).to_have_value("/desk")
    assert console.complaints == []
