"""The supervisor's pages in a real browser: what happens now, finding a call, and the page of one call."""

import re
import sqlite3
import time
import wave
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from ruamel.yaml import YAML

import vagtcentral.sim
from tests.browser.conftest import OPERATOR, OPERATOR_2, SUPERVISOR, MakeConsole
from tests.browser.looks import layout_faults
from vagtcentral.console.live import ALL_ROUND
from vagtcentral.console.pages.wallboard import OPERATOR_ROWS
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import RecordingStored, Registered
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.sim.live import as_of
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script

SECONDS = 2.0
SHIPPED_STAFF = (Path(vagtcentral.sim.__file__).parent / "staff.yaml").read_text(encoding="utf-8")


async def recorded_calls(folder: Path) -> tuple[Path, Path]:
    """A store of two calls of the last hour, and a folder with the recording of one of them."""
    store, recordings = folder / "recorded.sqlite", folder / "recordings"
    recordings.mkdir()
    with wave.open(str(recordings / "talk.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * round(8000 * SECONDS))
    an_hour_ago = round(time.time() * 1000) - 3_600_000
    async with await Store.open(store) as journal:
        for name in ("112-aml-late", "114-transfer"):
            script = as_of(find_script(name), an_hour_ago)
            turns = [replace(turn, call_id=name) for turn in play_virtual(script, shipped_setting())]
            await journal.append(turns)
        heard = RecordingStored(an_hour_ago, "talk", str(recordings / "talk.wav"), SECONDS)
        lost = RecordingStored(an_hour_ago, "lost", str(recordings / "lost.wav"), SECONDS)
        written = Registered(an_hour_ago, "anna", "burglary", (("address", "Gadekæret 4"),), "Brudt rude")
        sent_on = Registered(an_hour_ago, "bo", "theft", (), "Cykel")
        for event in (heard, lost, written, sent_on):
            assert await journal.append_late("112-aml-late", event)
    return store, recordings


async def test_a_supervisor_finds_a_call_sees_all_of_it_and_plays_its_recording(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    store, recordings = await recorded_calls(tmp_path)
    console = await make_console(store=store, recordings=recordings, sim_every_s=3600)
    page = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR, "/calls")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.get_by_label("Text in the registration").fill("BRUDT rude")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 call found.")).to_be_visible()
    await expect(page.get_by_label("Text in the registration")).to_have_value("BRUDT rude")
    await page.get_by_label("112 or 114").select_option("112")
    await page.get_by_role("button", name="Search").click()
    await page.wait_for_url("**/calls?service=112")  # and not what was written
    await page.locator("tbody tr").get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Call to 112")).to_be_visible()

    timeline = page.get_by_role("region", name="Timeline")
    await expect(timeline).to_contain_text("Location message received: AML text message")
    await expect(timeline).to_contain_text("closed the call: Answered")
    fixes = page.get_by_role("table", name="Every fix, the newest last")
    await expect(fixes.locator("tbody tr")).to_have_count(2)
    await expect(fixes.locator("tbody tr").last).to_contain_text("satellite")
    await expect(page.locator(".leaflet-interactive[stroke-dasharray]").first).to_be_attached()
    registered = page.get_by_role("region", name="Registration")
    await expect(registered.locator("dl").nth(0)).to_contain_text("annaKind of enquiryBurglary")
    await expect(registered.locator("dl").nth(1)).to_contain_text("boKind of enquiryTheft")
    await expect(page.get_by_text("Brudt rude")).to_be_visible()
    await expect(page.get_by_text("The journal gives the same again")).to_be_visible()
    await expect(page.locator("svg .path").first).to_be_visible()
    await expect(page.get_by_text("Recording lost: the file is not in the folder")).to_be_visible()

    def heard() -> int:
        return len([deed for deed in deeds(store) if deed[0] == "listened-to-recording"])

    assert heard() == 0
    player = page.locator("audio")
    await expect(player).to_have_count(1)
    await player.evaluate("async audio => { audio.muted = true; await audio.play(); }")
    assert abs(await player.evaluate("audio => audio.duration") - SECONDS) < 0.01
    assert heard() >= 1
    assert {("looked-at-call", "112-aml-late"), ("looked-at-position", "112-aml-late")} <= set(deeds(store))
    assert ("searched-calls", None) in deeds(store)
    assert console.elsewhere() == []
    assert console.complaints == []


async def test_back_from_a_call_comes_back_to_the_place_in_the_list(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    store = tmp_path / "many.sqlite"
    async with await Store.open(store) as journal:
        turns = list(play_virtual(find_script("112-aml-late"), shipped_setting()))
        for place in range(30):
            await journal.append([replace(turn, call_id=f"call-{place}") for turn in turns])
    console = await make_console(store=store, sim_every_s=3600)
    page = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR, "/calls")
    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text("Showing 26–30.")).to_be_visible()
    await page.locator("tbody tr").last.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Call to 112")).to_be_visible()
    await expect(page.get_by_text("A recording was asked for, but none has been reported")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_text("Showing 26–30.")).to_be_visible()
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_text("Showing 1–25.")).to_be_visible()
    await page.goto(console.url + "/calls?offset=900")
    await expect(page.get_by_text("Showing 1–25.")).to_be_visible()


async def test_the_page_of_a_call_shows_the_path_through_the_menus_and_the_transfer(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    store, recordings = await recorded_calls(tmp_path)
    console = await make_console(store=store, recordings=recordings, sim_every_s=3600)
    context = await browser.new_context(locale="da-DK")
    page = await console.visit(context, SUPERVISOR, "/calls/114-transfer")
    path = page.get_by_role("table", name="Vejen gennem menuen")
    await expect(path.locator("tbody tr").nth(5)).to_contain_text("switchboard-theft")
    drawn = page.get_by_role("group", name="Menuen 114-before: vejen er trukket op")
    await expect(drawn.locator("svg .path")).to_have_count(6)
    await expect(page.get_by_text("heraf unødvendige: 1")).to_be_visible()
    await expect(page.get_by_role("region", name="Opkaldet", exact=True)).to_contain_text("dansk")
    await expect(page.get_by_text("Samtalen er ikke optaget.")).to_be_visible()
    unknown = await console.visit(context, None, "/calls/nothing")
    await expect(unknown.get_by_role("alert")).to_contain_text("intet opkald med id nothing")


async def ends_what_a_colleague_began(desk: Page) -> None:
    """Before he sat down a simulated colleague sat there, and may have taken a call already."""
    state = desk.locator(".my-state .state").first
    for key, over in (("F8", "Talking"), ("F2", "Wrap-up")):
        if await state.inner_text() == over:
            await desk.keyboard.press(key)
            await expect(state).not_to_have_text(over)


async def test_the_wallboard_follows_callers_and_operators_by_itself(
    browser: Browser, make_console: MakeConsole
) -> None:
    console = await make_console(sim_calls="112-aml-in-time", sim_every_s=3)
    board = await console.visit(await browser.new_context(locale="en-GB"), SUPERVISOR, "/wallboard")
    operators = board.get_by_role("region", name="Operators")
    for account in (OPERATOR, OPERATOR_2):  # who sits down is not ready yet, and nobody else is there
        desk = await console.visit(await browser.new_context(locale="en-GB"), account)
        await desk.wait_for_selector(".desk")
        await ends_what_a_colleague_began(desk)
    await expect(operators).to_contain_text("Not ready: 2")
    waiting = board.locator(".tile.of-112")
    await expect(waiting.locator(".huge")).not_to_have_text("0", timeout=30_000)
    await expect(waiting).to_contain_text("longest 0:")
    row = board.get_by_role("region", name="Live calls").locator("tbody tr").first
    await expect(row).to_contain_text("Waiting")
    load = board.get_by_role("region", name="Calls in the police districts")
    await expect(load.locator("tr.strong").first).to_be_visible()
    await expect(load.locator(".leaflet-tooltip").first).to_have_text(re.compile("[1-9]"))
    await row.get_by_role("link").focus()
    await desk.keyboard.press("Shift+F2")
    await desk.wait_for_selector(".ringing")
    await expect(operators).to_contain_text("Call ringing: 1")
    await desk.keyboard.press("F2")
    await expect(row).to_contain_text("bo")
    await expect(board.get_by_role("region", name="Answered in time today")).to_contain_text(
        "Target: 90 % within 10 s in the queue"
    )
    assert await row.get_by_role("link").evaluate("link => link === document.activeElement")
    await board.keyboard.press("Enter")
    await expect(board.get_by_text("The call is not closed.")).to_be_visible()
    assert console.elsewhere() == []
    assert console.complaints == []


def deeds(store: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute("select deed, call_id from access_log").fetchall()


async def test_the_wallboard_of_the_shipped_staff_stands_on_one_screen(
    browser: Browser, make_console: MakeConsole
) -> None:
    """All of the staff and more calls than there are rows for, at the smallest size that counts."""
    console = await make_console(staff=None, sim_every_s=0.7)
    size = {"width": 1280, "height": 720}
    context = await browser.new_context(locale="da-DK", viewport=size)  # type: ignore[arg-type]
    board = await console.visit(context, SUPERVISOR, "/wallboard")
    await expect(board.get_by_text(re.compile(r"og \d+ til")).first).to_be_visible(timeout=60_000)
    await board.wait_for_timeout(8_000)  # as full as it gets
    assert await layout_faults(board) == []
    assert await board.evaluate("document.documentElement.scrollHeight") <= 720
    zoom = "getElement(document.querySelector('.leaflet-container')).map.getZoom()"
    before = await board.evaluate(zoom)
    await board.set_viewport_size({"width": 2560, "height": 1440})
    await board.wait_for_function(f"{zoom} > {before}")  # the map fills a larger window, too
    shown = await board.get_by_role("region", name="Operatører").inner_text()
    staff = [member["name"] for member in YAML(typ="safe").load(SHIPPED_STAFF)]
    rows = board.get_by_role("region", name="Operatører").locator("tbody tr")
    left_out = re.search(r"og (\d+) til", shown)
    named = sum(bool(re.search(rf"(?<![\w-]){name}(?![\w-])", shown)) for name in (*staff, *ALL_ROUND))
    assert named + int(left_out[1] if left_out else 0) == len(staff) + len(ALL_ROUND)
    assert await rows.count() <= OPERATOR_ROWS
    assert console.complaints == []
