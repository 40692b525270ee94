"""What several tests do at desks."""

import asyncio

from playwright.async_api import Page, expect


async def claimed_by_one(*desks: Page) -> tuple[Page, Page]:
    """Two desks take the same waiting call of 112 in the same moment: who is rung, and who is told."""
    rows = [desk.locator(".call-row", has_text="112").first for desk in desks]
    takes = [row.get_by_role("button") for row in rows]
    for take in takes:
        await expect(take).to_be_visible(timeout=60_000)
    first, second = [await take.get_attribute("aria-label") for take in takes]
    assert first == second
    # In the page itself: a click from outside waits for the button to stand still, and may come too late.
    await asyncio.gather(*(take.evaluate("button => button.click()") for take in takes))
    # At the same time: a refusal is shown for some seconds, and a telephone may be taken at once.
    await asyncio.gather(*(desk.locator(".notice.panel, .call-acts").first.wait_for() for desk in desks))
    told = [await desk.locator(".notice.panel").count() for desk in desks]
    assert sorted(told) == [0, 1]
    return desks[told.index(0)], desks[told.index(1)]
