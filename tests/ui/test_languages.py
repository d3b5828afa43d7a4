"""A visitor with a browser in another language reads the page in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ui.axe import serious
from ui.serving import Served
from ui.visitor import FINISHED, Visitor, in_browser, own_photo

from pipeline.ui import words

pytestmark = in_browser

_SHOWN = """const shown = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.offsetParent !== null && !parent.closest('script, style, [translate=no]'))
        shown.add(walker.currentNode.data.trim().replace(/\\s+/g, ' '));
}
for (const each of document.querySelectorAll('[aria-label], [placeholder], input[readonly]'))
    if (each.offsetParent !== null)
        [each.ariaLabel, each.placeholder, each.readOnly && each.value].forEach(text => shown.add(text));
return [...shown].filter(Boolean);"""


@contextmanager
def speaking(browser: Any, language: str, width: int = 1440) -> Iterator[None]:
    """The browser of somebody with this language, and a window of this width."""
    agent = browser.execute_script("return navigator.userAgent")
    screen = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 900}
    browser.execute_cdp_cmd(
        "Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": language}
    )
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        yield
    finally:
        english = {"userAgent": agent, "acceptLanguage": "en-US"}
        browser.execute_cdp_cmd("Emulation.setUserAgentOverride", english)
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def english(visitor: Visitor, language: str) -> set[str]:
    """Texts of the page that are still in English."""
    table = words.translations()[language]
    same = {text for text, said in table.items() if text == said}
    return set(visitor.run(_SHOWN)) & (table.keys() - same)


@pytest.mark.parametrize("tag", ["es-MX", "zh-CN"])
def test_the_page_is_in_the_language_of_the_browser(browser: Any, served: Served, tag: str) -> None:
    language = tag.partition("-")[0]
    with speaking(browser, tag):
        visitor = Visitor(browser, served.address)
        visitor.run("document.querySelector('.advanced > .label-wrap').click()")
        visitor.wait("return document.querySelector('#captions')?.offsetParent")
        assert english(visitor, language) == set()
        runs_in(visitor, language, "ltr")


def runs_in(visitor: Visitor, language: str, direction: str) -> None:
    assert visitor.run("return document.documentElement.lang").partition("-")[0] == language
    assert visitor.run("return getComputedStyle(document.querySelector('#text')).direction") == direction


def test_a_video_is_made_in_arabic_without_a_serious_violation(
    browser: Any, served: Served, axe: str, tmp_path: Path
) -> None:
    with speaking(browser, "ar", 390):
        visitor = Visitor(browser, f"{served.address}/?__theme=dark")
        found = {"empty": serious(browser, axe)}
        visitor.click("#create")
        visitor.problem()
        found["refused"] = serious(browser, axe)
        visitor.run("document.querySelector('.advanced > .label-wrap').click()")
        visitor.wait("return document.querySelector('#captions')?.offsetParent")
        assert english(visitor, "ar") == set()
        runs_in(visitor, "ar", "rtl")
        chosen = visitor.text("#voice .chosen")
        assert "\u2068Heart\u2069" in chosen, "a name keeps its place among words from right to left"
        visitor.upload(own_photo(tmp_path))
        visitor.find("#text textarea").send_keys("Good morning.")
        visitor.click("#consent label:nth-of-type(3)")
        visitor.click("#create")
        visitor.wait(FINISHED)
        visitor.wait("return document.querySelector('.report .sum')")
        found["finished"] = serious(browser, axe)
        assert english(visitor, "ar") == set()
        assert {state: each for state, each in found.items() if each} == {}
