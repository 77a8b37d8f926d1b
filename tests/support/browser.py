"""A real browser for tests: Debian's Chromium, driven by Playwright, kept away from every other host."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import define, field

LOOPBACK = "127.0.0.1"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 667}
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Nothing but loopback has an address, not for the browser's own errands either.
_RULES = f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}"
_AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_NUMBER_CONTROLS = """() => {
  const found = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
  found.forEach((each, number) => { each.dataset.number = number; });
}"""
_VISIBLE_CONTROLS = """() => [...document.querySelectorAll('[data-number]')]
  .filter(each => each.checkVisibility() && each.type !== 'hidden' && !each.disabled && each.tabIndex >= 0)
  .map(each => [each.dataset.number, each.outerHTML.slice(0, 200)])"""
_FOCUSED = """() => {
  const one = document.activeElement;
  const closed = one.tagName === 'SUMMARY' && !one.parentElement.open;
  return [one.dataset.number, closed, getComputedStyle(one).outlineStyle !== 'none'];
}"""


@define
class Window:
    """A tab: the page that Playwright drives, and every address that it asked for."""

    page: Any
    asked: list[str] = field(factory=list)

    def open(self, url: str) -> None:
        """Open a page that answers well."""
        answer = self.page.goto(url)
        assert answer.ok, f"{url}: {answer.status}"

    def follow(self, name: str) -> None:
        """Follow the link of this name, as a screen reader hears it."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    @property
    def text(self) -> str:
        """What a person sees."""
        shown: str = self.page.inner_text("body")
        return shown

    @property
    def strangers(self) -> list[str]:
        """What was asked of other hosts."""
        return [url for url in self.asked if urlsplit(url).hostname != LOOPBACK]


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a running browser; skip where it is missing, fail where all is required (CI)."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        _leave("no Chromium here (install the package chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _leave("no Playwright here (install the dependency group test)")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root; the pages that it opens are ours.
        browser = playwright.chromium.launch(executable_path=program, args=[_RULES, "--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def window(browser: Any, *, size: dict[str, int] | None = None, scheme: str = "light") -> Iterator[Window]:
    """Give a fresh tab: no cookies, English, of a size and a colour scheme."""
    context = browser.new_context(viewport=size or DESKTOP, color_scheme=scheme, locale="en-GB")
    context.set_default_timeout(20_000)
    opened = Window(context.new_page())
    context.on("request", lambda request: opened.asked.append(request.url))
    yield opened
    context.close()


def violations(page: Any) -> list[str]:
    """Return what axe-core finds wrong with the page that is open."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": _AXE_TAGS}}
    response = Axe().run(page, options=options).response
    return [f"{each['id']}: {node['html']}" for each in response["violations"] for node in each["nodes"]]


def lost_controls(page: Any) -> list[str]:
    """Press Tab through the page, opening what opens; return the controls without a turn or without an outline."""
    page.evaluate(_NUMBER_CONTROLS)
    outlined: dict[str, bool] = {}
    while True:
        page.keyboard.press("Tab")
        number, closed, outline = page.evaluate(_FOCUSED)
        if number is None or number in outlined:
            return [html for number, html in page.evaluate(_VISIBLE_CONTROLS) if not outlined.get(number)]
        outlined[number] = outline
        if closed:
            page.keyboard.press("Enter")


def overflowing(page: Any) -> Sequence[str]:
    """Return what makes the page wider than the screen."""
    if page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        return []
    return page.evaluate(
        """[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth)
        .map(each => each.outerHTML.slice(0, 200))"""
    )


def _leave(reason: str) -> None:
    if os.environ.get("CDISCOUNT_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)
