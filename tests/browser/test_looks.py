"""Every page in both languages and themes and two sizes: nothing serious for axe, nothing cut or foreign."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.browser.conftest import DEVELOPER, OPERATOR, SUPERVISOR, Console, MakeConsole
from vagtcentral.console.words import LANGUAGES, catalogue

#: Where screenshots are put, if they are wanted: the pictures of the documentation are made by this test.
PICTURES = os.environ.get("VAGTCENTRAL_PICTURES")
VISITS = {
    "desk": (OPERATOR, "/desk"),
    "wallboard": (SUPERVISOR, "/wallboard"),
    "calls": (SUPERVISOR, "/calls"),
    "call": (SUPERVISOR, "/calls/{call}"),
    "menus": (DEVELOPER, "/menus"),
    "keypad": (DEVELOPER, "/keypad"),
    "replay": (DEVELOPER, "/replay/{call}"),
    "api": (DEVELOPER, "/api-manual"),
}
SIZES = {"small": (1280, 720), "large": (2560, 1440)}


async def axe_findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements."""
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    results = await Axe().run(page, options=rules)
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in results.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def cut_texts(page: Page) -> list[Any]:
    """Texts that do not fit their box, and a page that is wider than its window."""
    found: list[Any] = await page.evaluate(
        """() => {
          const cut = [];
          if (document.documentElement.scrollWidth > window.innerWidth + 1) cut.push('the page is too wide');
          const texts = '#content button, #content h2, #content td, #content dd, header *';
          for (const e of document.querySelectorAll(texts))
            if (e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display != 'inline'
                && e.clientWidth > 0 && !e.closest('.wide-scroll, .leaflet-container, .sr-only, .skip'))
              cut.push(e.outerHTML.slice(0, 120));
          return cut;
        }"""
    )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page_is_whole_readable_and_translated(
    browser: Browser, make_console: MakeConsole, language: str, theme: str
) -> None:
    console = await make_console(sim_calls="112-aml-late,114-theft-report", sim_every_s=2, sim_speed=10)
    call_id = (await console.row("select call_id from calls where ended_at is not null"))[0]
    problems: list[str] = []
    for name, (account, path) in VISITS.items():
        locale = {"da": "da-DK", "en": "en-GB"}[language]
        width, height = SIZES["small"]
        context = await browser.new_context(locale=locale, viewport={"width": width, "height": height})
        await context.add_cookies([{"name": "vagtcentral_theme", "value": theme, "url": console.url}])
        page = await console.visit(context, account, path.format(call=call_id))
        await page.wait_for_selector("#content")
        if name == "desk":
            await page.keyboard.press("Shift+F2")
            await page.wait_for_selector(".ringing", timeout=30_000)
            await page.keyboard.press("F2")
            await page.wait_for_selector(".position", timeout=30_000)
        await page.wait_for_timeout(700)
        problems += [f"{name}: {finding}" for finding in await axe_findings(page)]
        assert await page.evaluate("document.documentElement.lang") == language
        shown = await page.inner_text("body")
        if name not in ("api", "replay"):  # these show the names of the code, as they are
            problems += [f"{name}: untranslated {key}" for key in keys_in(shown)]
        for size, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.wait_for_timeout(300)
            problems += [f"{name} {size}: {cut}" for cut in await cut_texts(page)]
            if PICTURES and (size == "small" or (language, theme) == ("da", "dark")):
                file = f"{name}-{language}-{theme}{'' if size == 'small' else '-large'}.png"
                await page.screenshot(path=Path(PICTURES) / file)
        await context.close()
    assert problems == []
    assert console.elsewhere() == []
    assert console.complaints == []
    assert_no_personal_data(console)


def keys_in(shown: str) -> list[str]:
    """Keys of the words that stand on the page as they are, which no reader should see."""
    words = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", shown))
    return sorted(words & catalogue().keys())


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
