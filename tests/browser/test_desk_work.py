"""Everything that an operator does with a call, by keyboard; what is heard, counted down, and kept."""

import json
from contextlib import suppress

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import OPERATOR, OPERATOR_2, Console, MakeConsole

SMALL = {"width": 1280, "height": 720}


async def sits_down(browser: Browser, console: Console, account: str = OPERATOR) -> Page:
    """The desk of this account, with no call: one that a colleague had there is brought to its end."""
    context = await browser.new_context(locale="en-GB", viewport=SMALL)
    desk = await console.visit(context, account, "/desk")
    for _ in range(20):
        await expect(state(desk)).not_to_be_empty()
        if await state(desk).inner_text() == "Not ready":
            break
        await desk.keyboard.press("F2" if await state(desk).inner_text() == "Wrap-up" else "F8")
        await desk.wait_for_timeout(500)
    return desk


def state(desk: Page) -> Locator:
    return desk.locator(".my-state .state")


async def answers(desk: Page) -> str:
    """Ready, and takes the next call; the caller's number as the card shows it."""
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=60_000)
    await desk.keyboard.press("F2")
    await expect(state(desk)).to_have_text("Talking")
    return await desk.locator(".who-calls .big").inner_text()


async def hangs_up(desk: Page) -> None:
    """Presses the key, and again if nothing has happened, as a person would."""
    for _ in range(3):
        await desk.keyboard.press("F8")
        with suppress(AssertionError):
            await expect(state(desk)).to_have_text("Wrap-up", timeout=8_000)
            return
    await expect(state(desk)).to_have_text("Wrap-up")


async def tab_to(desk: Page, wanted: Locator) -> None:
    """Go there with the tab key alone."""
    for _ in range(80):
        await desk.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the tab key does not lead to {wanted}")


async def test_a_caller_is_held_talked_with_again_and_sent_on_by_keyboard(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=2)
    anna = await sits_down(browser, console)
    number = await answers(anna)
    bo = await sits_down(browser, console, OPERATOR_2)
    await expect(anna.get_by_role("button", name="Hand over to 112")).to_be_hidden()
    await anna.keyboard.press("Shift+F9")
    await expect(anna.locator(".notice.panel")).to_contain_text("an emergency already")
    await expect(state(anna)).to_have_text("Talking")
    await anna.keyboard.press("F4")
    await expect(state(anna)).to_have_text("Caller on hold")
    await anna.keyboard.press("F4")
    await expect(state(anna)).to_have_text("Talking")
    await anna.keyboard.press("F4")
    await expect(state(anna)).to_have_text("Caller on hold")

    await anna.keyboard.press("F9")
    dialog = anna.get_by_role("dialog", name="Transfer")
    await expect(dialog.get_by_label("Transfer to")).to_be_focused()
    await dialog.get_by_label("Transfer to").select_option("emergency")
    await dialog.get_by_label("Reason").select_option("wrong_district")
    await tab_to(anna, dialog.get_by_role("button", name="Transfer"))
    await anna.keyboard.press("Enter")
    await expect(state(anna)).to_have_text("Wrap-up")
    await bo.keyboard.press("Shift+F2")
    await bo.wait_for_selector(".ringing", timeout=30_000)
    await expect(bo.locator(".who-calls .big")).to_have_text(number)  # he keeps his place
    await bo.keyboard.press("F2")
    await expect(state(bo)).to_have_text("Talking")
    await expect(state(anna)).to_have_text("Wrap-up")
    await anna.keyboard.press("F2")
    await expect(state(anna)).not_to_have_text("Wrap-up")
    assert console.complaints == []


async def test_a_call_is_heard_seen_and_counted_down_and_can_be_declined_or_missed(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=1, ring_s=5)
    desk = await sits_down(browser, console)
    title = await desk.title()
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=60_000)
    await expect(desk).to_have_title("☎ " + (await desk.get_by_role("alert").first.inner_text()))
    await expect(desk.locator("html")).to_have_attribute("data-ringing", "heard")
    await expect(desk.locator(".time-left")).to_contain_text("s to answer")
    await desk.keyboard.press("F8")
    await expect(desk.locator(".my-state .reason")).to_have_text("Declined a call")
    await expect(desk).to_have_title(title)
    await expect(desk.locator("html")).not_to_have_attribute("data-ringing", "heard")

    await desk.get_by_role("button", name="Ring sound").click()
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=60_000)
    await expect(desk.locator("html")).to_have_attribute("data-ringing", "seen")
    await expect(desk.locator(".my-state .reason")).to_have_text("Did not answer a call", timeout=15_000)
    await expect(state(desk)).to_have_text("Not ready")
    assert console.complaints == []


#: A page under test counts as touched, however little is done in it. So: as a browser has it until a click.
SILENT_UNTIL_CLICKED = """
  addEventListener("click", () => { window.clicked = true; }, true);
  window.AudioContext = class extends AudioContext {
    get state() { return window.clicked ? super.state : "suspended"; }
  };
"""


async def test_the_desk_says_when_the_browser_keeps_the_ringing_silent(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=1, ring_s=60)
    desk = await sits_down(browser, console)
    await desk.add_init_script(SILENT_UNTIL_CLICKED)
    await desk.reload()
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing", timeout=60_000)
    silent = desk.get_by_text("The browser keeps the ringing silent")
    await expect(silent).to_be_visible()
    await desk.locator("h2").first.click()
    await expect(desk.locator("html")).to_have_attribute("data-ringing", "heard")
    await expect(silent).to_be_hidden()


async def test_a_waiting_call_is_taken_and_registered_by_keyboard_and_the_focus_stays(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=3, ring_s=60)
    desk = await sits_down(browser, console)
    take = desk.locator(".call-row").first.get_by_role("button")
    await expect(take).to_be_visible(timeout=30_000)
    await desk.locator(".call-row").first.evaluate("row => { row.dataset.first = 'yes'; }")
    await tab_to(desk, take)
    await desk.evaluate(
        """() => {
          window.read = 0;
          const count = (changes) => { window.read += changes.length; };
          const all = {subtree: true, childList: true, characterData: true};
          for (const region of document.querySelectorAll(".waiting-calls [role=status], .my-state"))
            new MutationObserver(count).observe(region, all);
        }"""
    )
    time_was = await desk.locator("[data-first] .head").inner_text()
    await desk.wait_for_timeout(2_500)
    await expect(take).to_be_focused()
    assert await desk.locator("[data-first] .head").inner_text() != time_was
    assert await desk.evaluate("window.read") <= 4  # new calls are told of, times are not
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector(".ringing")
    await tab_to(desk, desk.get_by_role("button", name="Answer"))
    await desk.keyboard.press("Enter")
    await expect(state(desk)).to_have_text("Talking")
    await desk.wait_for_timeout(400)
    # The button that had the focus is gone, the place of the focus is not.
    assert await desk.evaluate("document.activeElement !== document.body")

    await tab_to(desk, desk.get_by_label("Kind of enquiry"))
    await desk.keyboard.type("Bur")
    await tab_to(desk, desk.get_by_label("Note"))
    await desk.keyboard.type("Heard glass break")
    await tab_to(desk, desk.get_by_role("button", name="Save registration"))
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("Saved at")).to_be_visible()
    (stored,) = await console.row("select registration from calls where registration is not null")
    assert json.loads(str(stored))["text"] == "Heard glass break"
    assert console.complaints == []


async def test_the_list_of_keys_opens_with_a_key_and_each_key_stands_on_one_line(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=3600)
    desk = await sits_down(browser, console)
    await expect(state(desk)).to_have_text("Not ready")
    await desk.keyboard.press("Shift+F1")
    keys = desk.get_by_role("dialog", name="Keys at the desk")
    await expect(keys.locator("kbd")).to_have_count(8)
    heights = await keys.locator("kbd").evaluate_all(
        "all => all.map(key => key.getBoundingClientRect().height)"
    )
    assert max(heights) < 28
    await desk.keyboard.press("Shift+F2")  # nothing is done at the desk behind the list
    await desk.keyboard.press("Escape")
    await expect(keys).to_be_hidden()
    await expect(state(desk)).to_have_text("Not ready")
    await desk.keyboard.press("Shift+F2")
    await expect(state(desk)).to_have_text("Ready")


async def test_what_was_typed_is_saved_when_the_time_for_it_is_over_or_stays_until_it_can_be(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=2, wrap_up_s=5)
    desk = await sits_down(browser, console)
    await answers(desk)
    await desk.get_by_label("Kind of enquiry").select_option("theft")
    await desk.get_by_label("Note").fill("A bicycle")
    await desk.keyboard.press("F8")
    await expect(desk.locator(".time-left")).to_contain_text("s to register")
    await desk.keyboard.press("Shift+F2")  # not ready when this call is done
    await expect(state(desk)).to_have_text("Not ready", timeout=30_000)
    (stored,) = await console.row("select registration from calls where registration is not null")
    assert json.loads(str(stored)) == {"code": "theft", "fields": {}, "text": "A bicycle"}

    await answers(desk)
    await desk.get_by_label("Note").fill("Nobody has chosen a kind")
    await hangs_up(desk)
    await desk.keyboard.press("Shift+F2")
    await expect(state(desk)).to_have_text("Not ready", timeout=30_000)
    late = desk.get_by_role("region", name="Registration")
    await expect(late).to_contain_text("The time is over")
    await expect(late.get_by_label("Note")).to_have_value("Nobody has chosen a kind")
    await late.get_by_label("Kind of enquiry").select_option("other")
    await late.get_by_role("button", name="Save registration").click()
    await expect(late).to_be_hidden()
    written = "select 1 from calls where registration like '%Nobody has chosen%'"
    await console.row(written)
    assert console.complaints == []


async def test_what_is_typed_is_there_again_on_every_page_of_the_desk_and_overwrites_nothing(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-late", sim_every_s=2)
    desk = await sits_down(browser, console)
    await answers(desk)
    await desk.get_by_label("Kind of enquiry").select_option("theft")
    await desk.get_by_label("Address").fill("Gadekæret 4")
    await desk.get_by_role("button", name="Save registration").click()
    await console.row("select 1 from calls where registration is not null")
    await desk.get_by_label("Note").fill("A bicycle")
    await desk.reload()
    await expect(desk.get_by_label("Note")).to_have_value("A bicycle")
    await expect(desk.get_by_label("Kind of enquiry")).to_have_value("theft")

    other = await desk.context.new_page()
    await other.goto(console.url + "/desk")
    await expect(other.get_by_label("Note")).to_have_value("A bicycle")
    await desk.get_by_label("Note").fill("A red bicycle")
    await desk.get_by_role("button", name="Save registration").click()
    await expect(other.get_by_label("Note")).to_have_value("A red bicycle")
    await other.get_by_label("Kind of enquiry").select_option("tip")
    await expect(desk.get_by_label("Kind of enquiry")).to_have_value("tip")
    await other.get_by_role("button", name="Save registration").click()
    written = "select registration from calls where registration like '%tip%'"
    (stored,) = await console.row(written)
    told = {"code": "tip", "fields": {"address": "Gadekæret 4"}, "text": "A red bicycle"}
    assert json.loads(str(stored)) == told
    await other.close()
    await hangs_up(desk)
    await desk.keyboard.press("Shift+F2")
    await desk.keyboard.press("F2")
    await expect(state(desk)).to_have_text("Not ready")

    await answers(desk)
    await desk.get_by_label("Note").fill("Nobody has chosen a kind")
    await desk.get_by_role("button", name="På dansk").click()
    await expect(desk.get_by_label("Notat")).to_have_value("Nobody has chosen a kind")
    await desk.keyboard.press("F8")
    await expect(state(desk)).to_have_text("Efterbehandling")
    await desk.keyboard.press("Shift+F2")
    await desk.keyboard.press("F2")
    await expect(state(desk)).to_have_text("Ikke klar")
    await desk.reload()
    late = desk.get_by_role("region", name="Registrering")
    await expect(late).to_contain_text("Tiden er gået")
    await expect(late.get_by_label("Notat")).to_have_value("Nobody has chosen a kind")
    await late.get_by_role("button", name="Gem ikke").click()
    await expect(late).to_be_hidden()
    await desk.reload()
    await expect(state(desk)).not_to_be_empty()
    await expect(late).to_be_hidden()
    assert console.complaints == []


async def test_the_desk_fits_a_small_screen_while_a_call_is_on(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_every_s=1)
    desk = await sits_down(browser, console)
    await answers(desk)
    await expect(desk.get_by_role("log").locator("p").first).to_be_visible(timeout=20_000)
    await expect(
        desk.get_by_text("Simulated calls. Map and menus are not the official ones.")
    ).to_be_visible()
    await expect(desk.get_by_text("Speed: 1×")).to_be_visible()
    await desk.get_by_role("button", name="Faster").click()
    await expect(desk.get_by_text("Speed: 2×")).to_be_visible()
    assert "the simulation runs at 2 times real time" in console.log
    # More is known of some callers than of others: two districts more, say, are two lines.
    await desk.locator(".where-caller").evaluate(
        "card => card.insertAdjacentHTML('beforeend', '<p>one district</p><p>another district</p>')"
    )
    for wanted in ("Save registration", "May we call back?", "Speak aloud", "Keys", "Faster"):
        box = await desk.get_by_role("button", name=wanted).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= SMALL["height"], wanted
