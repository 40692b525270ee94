"""The program ends and starts again under open desks: they come back by themselves, and no call is lost."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import OPERATOR, OPERATOR_2, Console, MakeConsole

LIVE = "select call_id from calls where ended_at is null"


async def killed_and_started(console: Console, desks: list[Page]) -> None:
    """End the program as a power cut would, and start it again; nobody touches a page meanwhile."""
    loaded = [asyncio.ensure_future(desk.wait_for_event("load", timeout=60_000)) for desk in desks]
    await asyncio.sleep(0)
    console.kill()
    await console.start()
    await asyncio.gather(*loaded)


async def test_desks_come_back_after_the_program_was_killed_with_what_was_true_of_each(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    staff = tmp_path / "staff.yaml"
    skills = {"anna": ["emergency"], "bo": ["tips"]}  # nobody calls for tips here: Bo stays idle
    staff.write_text(json.dumps([{"name": name, "skills": skills[name]} for name in skills]))
    console = await make_console(staff=staff, sim_calls="112-aml-late", sim_every_s=2)
    context = await browser.new_context(locale="en-GB")
    anna = await console.visit(context, OPERATOR, "/desk")
    bo = await console.visit(await browser.new_context(locale="en-GB"), OPERATOR_2, "/desk")
    await bo.keyboard.press("Shift+F2")
    await expect(bo.locator(".my-state .state")).to_have_text("Ready")
    await anna.keyboard.press("Shift+F2")
    await anna.wait_for_selector(".ringing", timeout=30_000)
    await anna.keyboard.press("F2")
    await expect(anna.locator(".my-state .state")).to_have_text("Talking")
    number = await anna.locator(".who-calls .big").inner_text()
    caller = number.replace(" ", "")
    await anna.get_by_label("Kind of enquiry").select_option("theft")
    await anna.get_by_role("button", name="Save registration").click()
    await expect(anna.get_by_text("Saved at")).to_be_visible()

    live = {row[0] for row in console.rows(LIVE)}
    (talked,) = console.rows(f"select call_id from calls where caller = '{caller}'")[0]
    await killed_and_started(console, [anna, bo])
    await expect(anna.locator(".my-state .state")).to_have_text("Talking", timeout=30_000)
    await expect(anna.locator(".who-calls .big")).to_have_text(number)
    await expect(anna.get_by_label("Kind of enquiry")).to_have_value("theft")
    await expect(anna.get_by_text("or the program was started again during it")).to_be_visible()
    await expect(anna.locator(".my-state .reason")).to_be_empty()
    await expect(bo.locator(".my-state .state")).to_have_text("Ready")
    kept = {row[0] for row in console.rows("select call_id from calls")}
    assert live <= kept
    assert talked in {row[0] for row in console.rows(LIVE)}

    await bo.get_by_label("Reason").select_option("meeting")
    await bo.keyboard.press("Shift+F2")
    await expect(bo.locator(".my-state .reason")).to_have_text("Meeting")
    await killed_and_started(console, [anna, bo])
    await expect(anna.locator(".my-state .state")).to_have_text("Talking", timeout=30_000)
    await expect(bo.locator(".my-state .state")).to_have_text("Not ready")
    await expect(bo.locator(".my-state .reason")).to_have_text("Meeting")

    await anna.keyboard.press("F8")
    await expect(anna.locator(".my-state .state")).to_have_text("Wrap-up")
    await anna.keyboard.press("F2")
    await anna.wait_for_selector(".ringing", timeout=30_000)  # ready as before, and others wait
    (registered,) = await console.row(
        f"select registration from calls where call_id = '{talked}' and ended_at is not null"
    )
    assert json.loads(str(registered))["code"] == "theft"
    assert console.rows("select call_id, failures from calls where outcome = 'failed'") == []
    lost = live - {row[0] for row in console.rows("select call_id from calls")}
    assert lost == set()
