"""Training at the desk: a simulated caller talks, answers and is recorded, and the shift is summed up."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import OPERATOR, SUPERVISOR, MakeConsole
from vagtcentral.menus.audio import telephone_ms
from vagtcentral.sim.personas import Question, question_words


async def test_an_operator_talks_with_a_caller_and_the_shift_is_summed_up(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    recordings = tmp_path / "recordings"
    console = await make_console(sim_every_s=1, recordings=recordings)
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    desk = await console.visit(context, OPERATOR, "/desk")
    await expect(desk.locator(".state").first).to_have_text("Not ready")
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=60_000)
    await desk.keyboard.press("F2")
    said = desk.get_by_role("log", name="Conversation with the caller").locator("p")
    await expect(said).to_have_count(1, timeout=10_000)
    await desk.get_by_role("button", name="What is your name?").click()
    await expect(said).to_have_count(3)
    asked = [question_words(Question.NAME, language) for language in ("da", "en")]
    told = await said.nth(1).inner_text()
    assert any(words in told for words in asked)
    await desk.get_by_label("Kind of enquiry").select_option("tip")
    await desk.get_by_role("button", name="Save registration").click()
    await desk.keyboard.press("F8")
    await expect(desk.locator(".state").first).to_have_text("Wrap-up")
    await expect(desk.get_by_role("button", name="What is your name?")).to_be_hidden()
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).not_to_have_text("Wrap-up")

    await desk.goto(console.url + "/shift")
    await expect(desk.get_by_text("Few calls so far (1)")).to_be_visible()
    await expect(desk.get_by_role("table", name="Registrations").locator("tbody tr")).to_have_count(1)
    await desk.get_by_role("button", name="End shift").click()
    await expect(desk.get_by_text("The shift is over.", exact=False)).to_be_visible()
    await expect(desk.get_by_role("button", name="End shift")).to_be_hidden()
    assert console.elsewhere() == []
    assert console.complaints == []

    if shutil.which("espeak-ng") is None:
        pytest.skip("no espeak-ng: the conversation is not recorded")
    (stored,) = await console.row("select recordings from calls where recordings != '[]'")
    (recording,) = json.loads(stored)
    file = Path(recording["path"])
    assert file.is_relative_to(recordings)
    assert telephone_ms(file) == pytest.approx(1000 * recording["seconds"], abs=2)
    assert recording["seconds"] > 2


async def test_nobody_but_an_operator_has_a_shift(browser: Browser, make_console: MakeConsole) -> None:
    console = await make_console(sim_every_s=3600)
    page = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR, "/shift")
    await expect(page.get_by_role("alert")).to_be_visible()
