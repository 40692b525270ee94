"""Every page and dialog in both languages, themes and sizes: nothing serious for axe, nothing cut or foreign.

With VAGTCENTRAL_PICTURES=FOLDER (`make pictures`) it also makes the pictures of the documentation.
"""

import os
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import ADMINISTRATOR, DEVELOPER, OPERATOR, SUPERVISOR, Console, MakeConsole
from tests.browser.looks import axe_findings, keys_in, layout_faults
from vagtcentral.console.words import LANGUAGES, catalogue, say_in
from vagtcentral.evaluation.store import Store
from vagtcentral.ivr.events import Registered
from vagtcentral.ivr.setting import CallPolicy, shipped_setting
from vagtcentral.sim.live import as_of
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import shipped_scripts

#: Where screenshots are put, if they are wanted.
PICTURES = os.environ.get("VAGTCENTRAL_PICTURES")
#: How long a page is left alone before it is looked at, in milliseconds; pictures want their maps drawn.
SETTLES_MS = 500 if PICTURES else 200
SIZES = {"small": (1280, 720), "large": (2560, 1440)}
#: Of these there is a picture in the large size, too.
LARGE = {("da", "dark"), ("en", "light")}
#: The call whose page and replay are shown: with a menu, a transfer, positions and a registration.
CALL = "112-aml-late"
#: These show the names of the code as they are.
IN_CODE = {"api", "replay"}
#: The floor: everybody of the shipped staff, callers as often as in `make run` by their clock, at three times
#: the speed.
LOAD: dict[str, object] = {"staff": None, "sim_speed": 3, "ring_s": 90, "wrap_up_s": 600}
#: The desk: one colleague, so that the next call rings soon; long enough to be looked at.
DESK_LOAD: dict[str, object] = {"sim_every_s": 3, "ring_s": 90, "wrap_up_s": 600}
#: What the recorded calls are played with, so that they replay the same under that load.
SETTING = replace(shipped_setting(), policy=CallPolicy(ring_ms=90_000, wrap_up_ms=600_000))


@dataclass(frozen=True)
class Look:
    """One browser of one person in one language and theme."""

    console: Console
    context: BrowserContext
    language: str

    def say(self, key: str, **given: object) -> str:
        """The words of the page."""
        return say_in(self.language)(key, **given)


async def history(folder: Path) -> Path:
    """A store of every recorded call, as if they had come within the last hours."""
    file, now = folder / "history.sqlite", round(time.time() * 1000)
    async with await Store.open(file) as store:
        for place, script in enumerate(shipped_scripts()):
            at = now - (place + 1) * 240_000
            moved = as_of(script, at)
            turns = [replace(turn, call_id=script.name) for turn in play_virtual(moved, SETTING)]
            await store.append(turns)
        fields = (("address", "Gadekæret 4"),)
        said = Registered(now, "vestegnen-vagt", "burglary", fields, "Brudt rude mod haven.")
        await store.append_late(CALL, said)
    return file


# --- what is looked at ------------------------------------------------------------------------


async def a_stranger(look: Look) -> AsyncIterator[tuple[str, Page]]:
    page = await look.console.visit(look.context, None)
    yield "sign-in", page
    await page.fill("input[name=name]", "nobody")
    await page.fill("input[name=password]", "not-the-password-at-all")
    await page.click("button[type=submit]")
    await expect(page.get_by_role("alert")).to_contain_text(look.say("sign_in_refused"))
    yield "sign-in-refused", page


async def an_operator(look: Look) -> AsyncIterator[tuple[str, Page]]:
    page = await look.console.visit(look.context, OPERATOR, "/desk")
    state = page.locator(".state").first
    await be_free(look, page)
    yield "desk-idle", page
    await page.keyboard.press("Shift+F2")
    await page.wait_for_selector(".ringing", timeout=60_000)
    yield "desk-ringing", page
    await page.keyboard.press("F2")
    await expect(state).to_have_text(look.say("doing_talking"))
    await page.wait_for_selector(".position", timeout=60_000)
    await page.get_by_label(look.say("reg_address")).fill("Gadekæret 4")
    yield "desk", page
    await page.keyboard.press("F9")
    await page.wait_for_selector(".q-dialog")
    yield "desk-transfer", page
    await page.keyboard.press("Escape")
    await page.wait_for_selector(".q-dialog", state="detached")
    await page.keyboard.press("Shift+F1")
    await page.wait_for_selector(".q-dialog")
    yield "desk-help", page
    await page.keyboard.press("Escape")
    await page.wait_for_selector(".q-dialog", state="detached")
    await page.keyboard.press("F8")
    await expect(state).to_have_text(look.say("doing_wrap_up"))
    yield "desk-wrap-up", page
    await page.get_by_label(look.say("reg_code")).select_option("burglary")
    await page.keyboard.press("F2")
    await page.goto(look.console.url + "/shift")
    yield "shift", page
    await page.goto(look.console.url + "/calls")
    yield "refused", page


async def be_free(look: Look, page: Page) -> None:
    """The colleague who had the desk before may have left a call."""
    ways_out = {
        look.say("doing_ringing"): "F8",
        look.say("doing_talking"): "F8",
        look.say("doing_wrap_up"): "F2",
        look.say("doing_ready"): "Shift+F2",
    }
    for _ in range(20):
        await page.wait_for_timeout(500)
        doing = await page.locator(".state").first.inner_text()
        if doing == look.say("doing_not_ready"):
            return
        if doing in ways_out:
            await page.keyboard.press(ways_out[doing])
    raise AssertionError(f"the desk is never free: {doing}")


async def a_supervisor(look: Look) -> AsyncIterator[tuple[str, Page]]:
    page = await look.console.visit(look.context, SUPERVISOR, "/wallboard")
    await expect(page.locator(".live tbody tr").first).to_be_visible(timeout=60_000)
    yield "wallboard", page
    await page.goto(look.console.url + "/calls")
    await expect(page.locator(".calls-list tbody tr").first).to_be_visible()
    yield "calls", page
    await page.goto(f"{look.console.url}/calls/{CALL}")
    await expect(page.locator("svg .path").first).to_be_visible()
    yield "call", page
    await page.goto(look.console.url + "/no-such-page")
    yield "lost", page


async def a_developer(look: Look) -> AsyncIterator[tuple[str, Page]]:
    page = await look.console.visit(look.context, DEVELOPER, "/menus")
    await expect(page.locator(".menu svg").first).to_be_visible()
    yield "menus", page
    await page.goto(look.console.url + "/keypad")
    yield "keypad-idle", page
    await page.get_by_role("button", name=look.say("keypad_dial", service="114")).click()
    await expect(page.locator("blockquote").first).to_be_visible()
    await page.keyboard.press("1")
    await expect(page.locator("ol.log li")).to_have_count(2)
    yield "keypad", page
    await page.goto(look.console.url + "/replay")
    await expect(page.locator("tbody tr").first).to_be_visible()
    yield "replay-list", page
    await page.goto(f"{look.console.url}/replay/{CALL}")
    await page.locator(".step").nth(3).click()
    await expect(page.locator(".step").nth(3)).to_have_attribute("aria-current", "step")
    yield "replay", page
    await page.goto(look.console.url + "/api-manual")
    await page.get_by_text("/api/calls/{call_id}/positions").click()
    yield "api", page


async def an_administrator(look: Look) -> AsyncIterator[tuple[str, Page]]:
    page = await look.console.visit(look.context, ADMINISTRATOR, "/accounts")
    await expect(page.get_by_role("table").last.locator("tbody tr").first).to_be_visible()
    yield "accounts", page


Person = Callable[[Look], AsyncIterator[tuple[str, Page]]]
#: Who looks, by the load.
PEOPLE: dict[str, tuple[dict[str, object], tuple[Person, ...]]] = {
    "desk": (DESK_LOAD, (an_operator,)),
    "floor": (LOAD, (a_stranger, a_supervisor, a_developer, an_administrator)),
}

# --- looking ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", PEOPLE)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_is_whole_readable_and_translated(
    browser: Browser, make_console: MakeConsole, tmp_path: Path, where: str, language: str, theme: str
) -> None:
    load, people = PEOPLE[where]
    console = await make_console(store=await history(tmp_path), **load)
    problems: list[str] = []
    for person in people:
        width, height = SIZES["small"]
        context = await browser.new_context(
            locale={"da": "da-DK", "en": "en-GB"}[language], viewport={"width": width, "height": height}
        )
        await context.add_cookies([{"name": "vagtcentral_theme", "value": theme, "url": console.url}])
        async for name, page in person(Look(console, context, language)):
            await page.wait_for_timeout(SETTLES_MS)
            problems += [f"{name}: {problem}" for problem in await faults(name, page, language)]
            for size, (width, height) in SIZES.items():
                await page.set_viewport_size({"width": width, "height": height})
                await page.wait_for_timeout(SETTLES_MS)
                problems += [f"{name} {size}: {fault}" for fault in await layout_faults(page)]
                if PICTURES and (size == "small" or (language, theme) in LARGE):
                    file = f"{name}-{language}-{theme}{'' if size == 'small' else '-large'}.png"
                    await page.screenshot(path=Path(PICTURES) / file)
            width, height = SIZES["small"]
            await page.set_viewport_size({"width": width, "height": height})
        await context.close()
    assert not problems, "\n".join(problems)
    assert console.elsewhere() == []
    assert [one for one in console.complaints if "403" not in one and "404" not in one] == []
    assert_no_personal_data(console)


async def faults(name: str, page: Page, language: str) -> list[str]:
    """What axe, the language and the words say."""
    found = await axe_findings(page)
    spoken = await page.evaluate("document.documentElement.lang")
    if spoken != language:
        found.append(f"the page says that its language is {spoken!r}")
    if name not in IN_CODE:
        found += [f"untranslated {key}" for key in keys_in(await page.inner_text("body"))]
    return found


def assert_no_personal_data(console: Console) -> None:
    numbers = {row[0] for row in console.rows("select caller from calls where caller is not null")}
    assert numbers
    assert not [number for number in numbers if number in console.log]


def test_every_word_is_there_in_both_languages() -> None:
    for key, words in catalogue().items():
        assert set(words) == set(LANGUAGES), key
        assert all(text.strip() for text in words.values()), key
        places = [sorted(re.findall(r"{(\w+)}", text)) for text in words.values()]
        assert places[0] == places[1], key
