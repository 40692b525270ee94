"""The developer's pages in a real browser: a call stepped through forwards and back, and a menu by keypad."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import DEVELOPER, MakeConsole
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script


async def stored(folder: Path, *names: str) -> Path:
    """A store of recorded calls; one beside them whose menu nobody has any more."""
    file = folder / "recorded.sqlite"
    async with await Store.open(file) as store:
        for name in names:
            turns = play_virtual(find_script(name), shipped_setting())
            await store.append([replace(turn, call_id=name) for turn in turns])
        first, *others = play_virtual(find_script(names[0]), shipped_setting())
        first = replace(first, event=replace(first.event, menu="of-last-year"))
        await store.append([replace(turn, call_id="old") for turn in (first, *others)])
    return file


async def test_a_developer_steps_a_call_forwards_and_back_by_buttons_and_keys(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    console = await make_console(store=await stored(tmp_path, "114-transfer"), sim_every_s=3600, staff=None)
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    page = await console.visit(context, DEVELOPER, "/replay")
    await page.get_by_role("table", name="Calls").get_by_role("link", name="114-transfer").click()
    where = page.get_by_role("status").filter(has_text="Step")
    reasons = page.get_by_role("region", name="Reason")
    state = page.get_by_role("table", name="Changed in this step")
    steps = page.get_by_role("region", name="All steps").get_by_role("button")
    await expect(where).to_contain_text("Step 1 of 19", timeout=20_000)
    await expect(steps).to_have_count(19)
    await expect(reasons).to_contain_text("welcome is the first node of the menu 114-before.")
    await page.get_by_role("button", name="Forward").click()
    await expect(where).to_contain_text("Step 2 of 19")
    await expect(reasons).to_contain_text("the next node is main")
    await page.keyboard.press("ArrowRight")
    await expect(where).to_contain_text("Step 3 of 19")
    await expect(reasons).to_contain_text("Key 1 at main leads to reports.")
    await expect(page.get_by_role("region", name="Event", exact=True)).to_contain_text("digit_pressed")
    await expect(state.get_by_role("row", name="walk.node main reports")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await expect(where).to_contain_text("Step 2 of 19")
    await page.get_by_role("button", name="Back").click()
    await expect(where).to_contain_text("Step 1 of 19")
    await page.keyboard.press("ArrowLeft")  # before the first there is nothing
    await expect(where).to_contain_text("Step 1 of 19")
    await page.keyboard.press("End")
    await expect(where).to_contain_text("Step 19 of 19")
    await expect(reasons).to_contain_text("Nobody is left on any line")
    await expect(page.get_by_role("region", name="Commands")).to_contain_text("close_record")
    await page.get_by_role("button", name="Go to step 7").click()
    await expect(where).to_contain_text("Step 7 of 19")
    await expect(steps.nth(6)).to_have_attribute("aria-current", "step")
    await expect(steps.nth(18)).not_to_have_attribute("aria-current", "step")
    await expect(reasons).to_contain_text("omstilling-1 has the skill Switchboard")
    await expect(state.get_by_role("row", name="legs.ringing")).to_contain_text("omstilling-1")
    await page.get_by_text("The whole state").click()
    whole = page.get_by_role("table", name="State", exact=True)
    await expect(whole.get_by_role("row", name="line.timers.ring")).to_be_visible()
    await expect(whole.get_by_role("row", name="errand.skill")).to_contain_text("switchboard")
    await page.keyboard.press("Home")
    await expect(where).to_contain_text("Step 1 of 19")
    assert ("replayed-call", "114-transfer") in console.deeds()
    assert console.elsewhere() == []
    assert console.complaints == []


async def test_what_cannot_be_replayed_is_said_and_not_logged_as_replayed(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    console = await make_console(store=await stored(tmp_path, "114-transfer"), sim_every_s=3600)
    context = await browser.new_context(locale="da-DK")
    page = await console.visit(context, DEVELOPER, "/replay/old")
    await expect(page.get_by_role("alert")).to_contain_text("of-last-year bruges ikke længere")
    await page.goto(console.url + "/replay/nothing")
    await expect(page.get_by_role("alert")).to_contain_text("Opkaldet nothing findes ikke")
    assert "replayed-call" not in [deed for deed, _ in console.deeds()]
    assert console.complaints == []


async def test_all_that_a_caller_hears_is_spoken_one_prompt_after_the_other(
    browser: Browser, make_console: MakeConsole
) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng")
    console = await make_console(sim_every_s=3600)
    context = await browser.new_context(locale="en-GB")
    page = await console.visit(context, DEVELOPER, "/keypad")
    await page.get_by_role("button", name="Dial 114").click()
    await page.get_by_role("button", name="Speak").click()
    players = page.locator("audio")
    await expect(players).to_have_count(2)  # the welcome, and the menu
    await expect(players.first).to_have_js_property("ended", True)
    await expect(players.last).to_have_js_property("paused", False)
    assert console.complaints == []


async def test_a_menu_is_walked_by_the_keys_of_the_page_and_of_the_keyboard(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    page = await console.visit(context, DEVELOPER, "/keypad")
    heard = page.get_by_role("region", name="What is heard")
    course = heard.get_by_role("listitem")
    await expect(heard).to_contain_text("Choose a number.")
    await page.get_by_role("button", name="Key 1").click()  # nobody has dialled: nothing happens
    await expect(course).to_have_count(0)
    await page.get_by_role("button", name="Dial 114").click()
    await expect(course).to_have_text(["Dial 114"])
    first = await heard.locator("blockquote").last.inner_text()
    assert first.strip()
    await page.get_by_role("button", name="Wait (time runs out)").click()
    await expect(course.last).to_have_text("Wait (time runs out)")
    await expect(heard.locator("blockquote").first).not_to_have_text(first)  # asked again, with a word before
    await page.keyboard.press("1")
    await expect(course.last).to_have_text("Key 1")
    for _ in range(8):  # wherever that leads: somebody takes the call in the end
        if "Arrived at" in await course.last.inner_text():
            break
        await page.get_by_role("button", name="Key 1").click()
        await page.wait_for_timeout(150)
    await expect(course.last).to_contain_text("Arrived at: ")
    arrived = await course.count()
    await page.keyboard.press("2")  # the walk is over
    await page.wait_for_timeout(200)
    await expect(course).to_have_count(arrived)
    await page.get_by_role("button", name="Dial 112").click()
    await expect(course.first).to_have_text("Dial 112")
    await page.get_by_role("button", name="Hang up").click()
    await expect(heard).to_contain_text("Choose a number.")
    assert console.elsewhere() == []
    assert console.complaints == []
