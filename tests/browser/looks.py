"""What is wrong with how a page looks, as far as a program can tell: axe, cut texts, overlaps, stray keys."""

import re
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from vagtcentral.console.words import catalogue

_CUT = """() => {
  const cut = [];
  if (document.documentElement.scrollWidth > window.innerWidth + 1) cut.push('the page is too wide');
  const texts = '#content button, #content h2, #content td, #content th, #content dd, header *, '
    + '.q-dialog *, .sign-in *';
  for (const e of document.querySelectorAll(texts))
    if (e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display != 'inline' && e.clientWidth > 1
        && !e.closest('.wide-scroll, .leaflet-container, .sr-only, .skip, svg'))
      cut.push('cut: ' + e.outerHTML.slice(0, 120));
  return cut;
}"""

#: Every line of text with its rectangle, as far as its scrolling ancestors let it be seen.
_OVERLAPS = """() => {
  const found = [], lines = [], scrolled = window.scrollY;
  window.scrollTo(0, 0);  // what has gone under the bar at the top does not lie over it
  const dialog = document.querySelector('.q-dialog');
  const walker = document.createTreeWalker(dialog || document.body, NodeFilter.SHOW_TEXT);
  const clipped = (rect, element) => {
    let {left, top, right, bottom} = rect;
    for (let e = element; e && e !== document.body; e = e.parentElement)
      if (getComputedStyle(e).overflowX != 'visible') {
        const box = e.getBoundingClientRect();
        left = Math.max(left, box.left); right = Math.min(right, box.right);
        top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
      }
    return {left, top, right, bottom};
  };
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.data.trim()) continue;
    if (e.closest('svg, script, style, option, .leaflet-container, .sr-only, .skip')) continue;
    if (!e.checkVisibility({visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const panel = e.closest('.panel');
    for (const rect of range.getClientRects()) {
      const r = clipped(rect, e);
      if (r.right - r.left < 2 || r.bottom - r.top < 2) continue;
      const text = node.data.trim().slice(0, 40);
      if (panel && r.right > panel.getBoundingClientRect().right + 1) found.push('out of its panel: ' + text);
      lines.push({...r, text, e});
    }
  }
  for (let i = 0; i < lines.length; i++)
    for (let j = i + 1; j < lines.length; j++) {
      const a = lines[i], b = lines[j];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 3 && high > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top))
        found.push('overlap: ' + a.text + ' | ' + b.text);
    }
  const panels = [...document.querySelectorAll('#content .panel')];
  for (const a of panels) for (const b of panels) if (a !== b && !a.contains(b) && !b.contains(a)) {
    const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
    if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
        && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1)
      found.push('panels overlap: ' + a.ariaLabel + ' | ' + b.ariaLabel);
  }
  window.scrollTo(0, scrolled);
  return found.slice(0, 20);
}"""


async def axe_findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements."""
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    results = await Axe().run(page, options=rules)
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in results.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def layout_faults(page: Page) -> list[Any]:
    """Texts that do not fit their box, lie over each other or stick out; a page wider than its window."""
    return [*await page.evaluate(_CUT), *await page.evaluate(_OVERLAPS)]


def keys_in(shown: str) -> list[str]:
    """Keys of the words that stand on the page as they are, which no reader should see."""
    words = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", shown))
    return sorted(words & catalogue().keys())
