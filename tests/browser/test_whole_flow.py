"""One call from the first ring to its replay, by everybody whom it concerns, each at a browser of his own.

Two operators claim it, one takes it; he sees it on the map in the right district, gets a better fix while he
talks, registers and ends it; a supervisor finds that call and plays that recording; a developer replays it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import (
    DEVELOPER,
    OPERATOR,
    OPERATOR_2,
    SUPERVISOR,
    Console,
    MakeConsole,
)
from tests.browser.desks import claimed_by_one
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Position, Source

TOKEN = "a-gateway-of-a-test-that-nobody-guesses"

#: What the map of the desk shows: its middle, the filled districts, and every fix with its colours.
ON_MAP = """() => {
  const element = document.querySelector(".on-map .leaflet-container");
  const map = getElement(Number(element.id.slice(1))).map;
  const shaded = [], dots = [];
  map.eachLayer((layer) => {
    const code = layer.feature?.properties?.code;
    if (code && code.startsWith("14")) shaded.push([layer.options.fillOpacity, code]);
    if (layer instanceof L.CircleMarker && !(layer instanceof L.Circle) && layer.options.radius >= 4)
      dots.push([layer.options.radius, layer.getLatLng().lat, layer.getLatLng().lng]);
  });
  shaded.sort((one, other) => other[0] - one[0]);
  return {middle: [map.getCenter().lat, map.getCenter().lng], district: shaded[0], dots};
}"""
NEWEST_PX, EARLIER_PX = 7, 4


async def test_one_call_from_its_first_ring_to_its_replay(
    browser: Browser, make_console: MakeConsole, tmp_path: Path
) -> None:
    staff = tmp_path / "staff.yaml"
    alarm = [{"name": name, "skills": ["emergency"], "languages": ["da", "en"]} for name in ("anna", "bo")]
    staff.write_text(json.dumps(alarm))
    console = await make_console(
        staff=staff, recordings=tmp_path / "recordings", sim_every_s=2, aml_gateway_token=TOKEN
    )
    people = {}
    for account in (OPERATOR, OPERATOR_2, SUPERVISOR, DEVELOPER):
        context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
        people[account] = await console.visit(context, account)

    desk, other = await claimed_by_one(people[OPERATOR], people[OPERATOR_2])
    await expect(other.locator(".notice.panel")).to_contain_text("is being offered the call right now")
    await expect(desk).to_have_title("☎ " + (await desk.get_by_role("alert").inner_text()))
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).to_have_text("Talking")
    caller = (await desk.locator(".who-calls .big").text_content() or "").replace(" ", "")
    await gets_a_better_fix(console, desk, caller)
    await expect(desk.get_by_role("log").locator("p").first).to_be_visible()
    await desk.get_by_role("button", name="What has happened?").click()

    await desk.get_by_label("Kind of enquiry").select_option("burglary")
    await desk.get_by_label("Note").fill("Heard glass break")
    await desk.get_by_role("button", name="Save registration").click()
    await expect(desk.get_by_text("Saved at")).to_be_visible()
    await desk.keyboard.press("F8")
    await expect(desk.locator(".state").first).to_have_text("Wrap-up")
    await desk.keyboard.press("F2")
    await expect(desk.locator(".state").first).not_to_have_text("Wrap-up")

    call_id = (await console.row(f"select call_id from calls where caller = '{caller}' and ended_at > 0"))[0]
    await console.row(f"select 1 from calls where call_id = '{call_id}' and recordings != '[]'")
    await is_found_and_heard(console, people[SUPERVISOR], call_id, caller)
    await is_replayed(console, people[DEVELOPER], call_id)
    assert console.elsewhere() == []
    assert console.complaints == []


async def gets_a_better_fix(console: Console, desk: Page, caller: str) -> None:
    """A message of the caller's telephone comes: card and map go to where it says, in the right district."""
    before = await placed(desk)
    shown = await desk.evaluate(ON_MAP)
    assert near(before, shown["middle"], metres=2_000)
    districts = Atlas.built_in().territory.districts
    card = desk.locator(".where-caller .share").first
    await expect(card).to_contain_text(districts[shown["district"][1]].name)

    better = (before[0] + 0.0004, before[1] + 0.0006)  # some 60 m away, well within the first circle
    await send_aml(console, caller, better)
    await expect(desk.locator(".source")).to_contain_text("satellite")
    await until(lambda: placed(desk), lambda place: near(place, better, metres=40))
    await expect(desk.locator(".source")).to_contain_text("grey")
    code = district_at(better)
    await expect(card).to_contain_text(districts[code].name)
    shown = await until(
        lambda: desk.evaluate(ON_MAP), lambda shown: near(shown["middle"], better, metres=100)
    )
    assert shown["district"][1] == code
    newest = [dot[1:] for dot in shown["dots"] if dot[0] == NEWEST_PX]
    assert len(newest) == 1
    assert near(newest[0], better, metres=40)
    assert [dot for dot in shown["dots"] if dot[0] == EARLIER_PX], "the earlier fix is not on the map"


async def is_found_and_heard(console: Console, page: Page, call_id: str, caller: str) -> None:
    """The supervisor searches by number, opens the call, and plays its recording to the end."""
    await page.goto(console.url + "/calls")
    await page.get_by_label("Number").fill(caller)
    await page.keyboard.press("Enter")
    await page.locator(f'tbody tr a[href$="/calls/{call_id}"]').click()
    await page.wait_for_url(f"**/calls/{call_id}", wait_until="domcontentloaded")
    await expect(page.get_by_text("Heard glass break")).to_be_visible()
    player = page.locator("audio").first
    assert call_id in (await player.evaluate("audio => audio.currentSrc || audio.src"))
    quick = "async audio => { audio.muted = true; audio.playbackRate = 8; await audio.play(); }"
    await player.evaluate(quick)
    await page.wait_for_function("document.querySelector('audio').ended", timeout=30_000)
    stored = json.loads(console.rows(f"select recordings from calls where call_id = '{call_id}'")[0][0])
    length = await player.evaluate("audio => audio.duration")
    assert abs(length - stored[0]["seconds"]) < 0.1
    assert length > 2


async def is_replayed(console: Console, page: Page, call_id: str) -> None:
    """The developer steps through the call to its end, and back."""
    await page.goto(f"{console.url}/replay/{call_id}")
    step = page.get_by_text("Step 1 of")
    await expect(step).to_be_visible()
    steps = int((await step.inner_text()).split(" of ")[1].split()[0])
    assert steps > 5
    for number in range(2, steps + 1):
        await page.get_by_role("button", name="Forward").click()
        await expect(page.get_by_text(f"Step {number} of {steps}")).to_be_visible()
        assert await page.get_by_text("Different:").count() == 0
    await page.get_by_role("button", name="Back").click()
    await expect(page.get_by_text(f"Step {steps - 1} of {steps}")).to_be_visible()


async def placed(desk: Page) -> tuple[float, float]:
    """Latitude and longitude as the card shows them."""
    written = await desk.locator(".position").inner_text()
    latitude, longitude = written.split(" · ")[0].split(", ")
    return float(latitude), float(longitude)


def near(one: Any, other: Any, *, metres: float) -> bool:
    """Whether two places in Denmark are no further apart than that."""
    north, east = (one[0] - other[0]) * 111_320, (one[1] - other[1]) * 62_500
    return bool((north**2 + east**2) ** 0.5 <= metres)


async def until(ask: Callable[[], Awaitable[Any]], good: Callable[[Any], bool]) -> Any:
    """The first answer that is good; fails where none comes in twenty seconds."""
    for _ in range(100):
        answer = await ask()
        if good(answer):
            return answer
        await asyncio.sleep(0.2)
    raise AssertionError(f"still {answer}")


def district_at(place: tuple[float, float]) -> str:
    """Code of the police district there, asked of the atlas itself."""
    located = Atlas.built_in().locate(Position(place[0], place[1], 10.0, 0.95, None, Source.GNSS))
    assert located.district is not None
    return located.district.code


async def send_aml(console: Console, caller: str, place: tuple[float, float]) -> None:
    """The telephone's message, as the network's gateway delivers it."""
    top = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    where = f"lt={place[0]:+.5f};lg={place[1]:+.5f};rd=6"
    text = f'A"ML=1;{where};top={top};lc=95;pm=G;si=;ei=;mcc=238;mnc=01;ml=099'
    async with httpx.AsyncClient(base_url=console.url) as gateway:
        answer = await gateway.post(
            "/aml", json={"from": caller, "text": text}, headers={"Authorization": f"Bearer {TOKEN}"}
        )
    assert answer.status_code < 300
