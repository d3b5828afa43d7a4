"""Keyboard and screen reader: axe finds nothing serious in any state, and the keys do what they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ui.axe import serious
from ui.serving import Served
from ui.visitor import FINISHED, Visitor, in_browser, own_photo

keys = pytest.importorskip("selenium.webdriver.common.keys")

pytestmark = in_browser


LOOKS = {"narrow and light": (390, "light"), "wide and dark": (1440, "dark")}
"""Width of the screen in px, and the theme."""


def show(browser: Any, width: int, theme: str) -> None:
    """The open page on a screen of this width, in this theme; Gradio's dark theme is a class of the body."""
    screen = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 900}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.execute_script("document.body.classList.toggle('dark', arguments[0] === 'dark')", theme)


def test_no_state_has_a_serious_violation(browser: Any, served: Served, axe: str, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}

    def check(state: str) -> None:
        for name, look in LOOKS.items():
            show(browser, *look)
            found[f"{state}, {name}"] = serious(browser, axe)

    try:
        show(browser, *LOOKS["narrow and light"])
        visitor = Visitor(browser, f"{served.address}/?__theme=light")
        check("empty")
        buttons_are_large_enough(visitor)
        visitor.click("#create")
        visitor.problem()
        says_what_is_wrong_where_it_is(visitor)
        check("refused")
        visitor.upload(own_photo(tmp_path))
        nothing_overflows(visitor)
        visitor.say("A few words that are enough for a short preview to begin with, and then some.")
        visitor.click("#voice summary")
        visitor.click("#voice .voices > .play")
        visitor.wait("return document.querySelector('#heard audio')")
        visitor.click(".advanced > .label-wrap")
        visitor.wait("return document.querySelector('#captions')?.offsetParent")
        check("filled in, with voices and advanced open")
        assert visitor.run("return document.querySelector('#captions').offsetWidth") > 180, (
            "its choice is cut"
        )
        visitor.click("#consent label:nth-of-type(3)")
        visitor.click("#create")
        visitor.wait("return document.querySelector('#progress .bar')")
        check("working")
        visitor.wait(FINISHED)
        visitor.wait("return document.querySelector('.report .sum')")
        visitor.click(".report summary")
        check("finished")
        for tab in ("Recording", "Video"):
            visitor.run(
                f"[...document.querySelectorAll('[role=tab]')].find(t => t.innerText == '{tab}').click()"
            )
        visitor.wait("return document.querySelector('#audio')?.offsetParent")
        visitor.wait("return document.querySelector('#create').innerText == 'Create'")
        check("recording and video")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert {state: problems for state, problems in found.items() if problems} == {}


def says_what_is_wrong_where_it_is(visitor: Visitor) -> None:
    said = "document.querySelector('#photo[data-problem]')"
    assert "Add a photo" in visitor.wait(f"return {said}?.dataset.problem")
    cut = visitor.run(f"return [{said}.scrollHeight, {said}.offsetHeight, getComputedStyle({said}).overflow]")
    assert cut[0] <= cut[1] and cut[2] == "visible", cut


def buttons_are_large_enough(visitor: Visitor) -> None:
    small = visitor.run(
        "return [...document.querySelectorAll('button, summary, a')].filter(each => each.tabIndex >= 0 &&"
        "each.offsetParent && (each.offsetHeight < 24 || each.offsetWidth < 24)).map(each => each.outerHTML)"
    )
    assert small == []


def nothing_overflows(visitor: Visitor) -> None:
    beyond = "rect.width && rect.right > innerWidth + 1 && getComputedStyle(each).position !== 'absolute'"
    script = (
        "return [...document.querySelectorAll('#studio *')].filter(each => {"
        f"const rect = each.getBoundingClientRect(); return {beyond}"
        "}).map(each => each.outerHTML.slice(0, 80))"
    )
    for width in (390, 768):
        show(visitor.browser, width, "light")
        visitor.wait(f"return innerWidth === {width}")
        assert visitor.run(script) == [], width
        assert visitor.run("return document.documentElement.scrollWidth") == width
        named = "const name = document.querySelector('#voice .chosen');"
        assert visitor.run(f"{named} return name.scrollWidth <= name.clientWidth"), "the voice's name is cut"
        bar = visitor.run("return document.querySelector('#create').getBoundingClientRect().bottom")
        assert bar <= 844, "Create is in sight without scrolling"


def test_keys_answer_the_question_and_focus_is_never_lost_while_a_video_is_made(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    visitor = Visitor(browser, served.address)
    visitor.wait("return document.querySelector('#text textarea').dir === 'auto'")
    visitor.say("مرحبا بالعالم.")
    assert visitor.run("return document.querySelector('#text textarea').matches(':dir(rtl)')")
    visitor.upload(own_photo(tmp_path))
    group = "document.querySelector('#consent')"
    visitor.wait(f"return {group}?.getAttribute('role') === 'radiogroup'")
    assert "permission" in visitor.run(f"return {group}.getAttribute('aria-label')")
    visitor.click("#consent input")
    browser.switch_to.active_element.send_keys(keys.Keys.ARROW_DOWN)
    visitor.wait(f"return {group}.querySelector('input:checked')?.value === 'permission'")
    browser.switch_to.active_element.send_keys(keys.Keys.TAB)
    assert not visitor.run("return document.activeElement.closest('#consent')")  # one stop for the question
    visitor.run("document.querySelector('#text textarea').select()")
    browser.execute_cdp_cmd("Input.insertText", {"text": "Hi."})
    browser.execute_script("document.querySelector('#create').focus()")
    browser.switch_to.active_element.send_keys(keys.Keys.ENTER)
    visitor.wait("return document.activeElement.id === 'cancel'")
    visitor.wait(FINISHED)
    visitor.wait("return ['video-file', 'create'].includes(document.activeElement.id)")
