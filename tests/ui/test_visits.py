"""What a visit keeps in the browser: its videos, the draft of the form, and a way back from an example."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ui.serving import Served
from ui.visitor import FINISHED, Visitor, in_browser, own_photo

from pipeline.service import catalog

pytest.importorskip("selenium")

pytestmark = in_browser

LANGUAGE = "document.querySelector('#voice .language select')"
WATCHED = """
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => {
        window.lastFrame = performance.now();
        return request(callback);
    };
"""
"""Runs before a page, and notes when something asks for the browser's next frame."""
TEXT = "return document.querySelector('#text textarea').value"


def test_finished_videos_survive_a_reload_until_they_are_removed(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, f"{served.address}/?photo=hopper&text=Keep+me.")
    visitor.click("#create")
    first = visitor.wait(FINISHED)
    visitor.click("#create")  # another version: the same words, another performance
    second = goes_on_after_a_reload(visitor)
    assert second.split("/")[-2:] != first.split("/")[-2:]
    assert visitor.wait(TEXT) == "Keep me."
    visitor.wait("return document.querySelector('#photo-verdict .advice')")  # the last thing of a reload
    visitor.click("#takes [data-action=watch]")
    assert visitor.wait(FINISHED).split("/")[-2:] == second.split("/")[-2:]
    assert visitor.sees("#video-file")
    is_cancelled_after_a_reload(visitor, served)
    visitor.say(" And others.")
    visitor.click("#takes [data-action=reuse]")
    visitor.wait(f"{TEXT} === 'Keep me.'")
    files = sorted((served.folder / "jobs").glob("*/*keep-me*.mp4"))
    visitor.click("#takes [data-action=remove]")
    visitor.wait("return document.querySelectorAll('#takes li').length === 1")
    assert len(sorted((served.folder / "jobs").glob("*/*keep-me*.mp4"))) == len(files) - 1
    watched = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCHED})
    stranger = Visitor(browser, served.address)
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", watched)
    has_none_of_somebody_elses_videos(stranger)
    costs_nothing_while_nothing_happens(stranger)


def goes_on_after_a_reload(visitor: Visitor) -> str:
    """The address of the video that is being made while the page is reloaded."""
    visitor.wait("return document.querySelector('#progress .steps [aria-current]')")
    visitor.browser.refresh()
    visitor.ready()
    visitor.wait("return document.querySelectorAll('#takes li').length === 2")
    made: str = visitor.run("return document.querySelector('#takes a[download]').href")
    return made


def is_cancelled_after_a_reload(visitor: Visitor, served: Served) -> None:
    visitor.say(" Words that take a while to be said, one after the other." * 20)
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .steps [aria-current]')")
    visitor.wait("return localStorage['studio-draft'].includes('take a while')")
    folders = set((served.folder / "jobs").iterdir())
    visitor.browser.refresh()
    visitor.ready()
    assert visitor.sees("#cancel") and visitor.text("#create") == "Creating…"
    visitor.wait("return document.querySelector('#progress .steps [aria-current]')")
    visitor.wait("return document.querySelector('#preview video')?.readyState >= 2")
    can_make_another_in_a_second_tab(visitor, served)
    visitor.click("#cancel")
    visitor.wait("return document.querySelector('#message')?.innerText.includes('Cancelled.')")
    visitor.wait("return document.querySelector('#create').innerText === 'Create'")
    assert visitor.run("return document.querySelectorAll('#takes li').length") == 2
    gone = time.monotonic() + 60
    while folders <= set((served.folder / "jobs").iterdir()):
        assert time.monotonic() < gone, "it goes on"
        time.sleep(0.1)


def can_make_another_in_a_second_tab(visitor: Visitor, served: Served) -> None:
    first = visitor.browser.current_window_handle
    visitor.browser.switch_to.new_window("tab")
    second = Visitor(visitor.browser, served.address, new=False)
    second.wait("return document.querySelector('#message')?.innerText.includes('in another tab')")
    assert second.text("#create") == "Create" and second.run(
        "return !document.querySelector('#create').disabled"
    )
    visitor.browser.close()
    visitor.browser.switch_to.window(first)


def has_none_of_somebody_elses_videos(stranger: Visitor) -> None:
    stranger.sample()  # the page has answered by now
    assert stranger.run("return document.querySelectorAll('#takes li').length") == 0


def costs_nothing_while_nothing_happens(visitor: Visitor) -> None:
    """Nothing asks for the browser's next frame any more."""
    visitor.wait("return performance.now() - window.lastFrame > 500", 60)


def test_a_link_fills_the_form_once_and_the_draft_outlives_the_server(browser: Any, served: Served) -> None:
    link = f"{served.address}/?text=Good+morning.&photo=hopper&style=lively&captions=vtt"
    visitor = Visitor(browser, link)
    assert visitor.wait(TEXT) == "Good morning."
    visitor.wait("return document.querySelector('#stage .still img')?.naturalWidth")
    assert visitor.run("return document.querySelector('#style input').value") == "Lively"
    keeps_what_fits_a_language(visitor)
    visitor.find("#text textarea").send_keys(" And after.")
    served.end()
    served.start()
    browser.refresh()
    visitor.ready()
    visitor.wait(f"{TEXT} === 'Good morning. And after.'")
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Thorsten')")
    assert visitor.run(f"return {LANGUAGE}.value") == "de"
    assert offers_the_voice_of_the_text(visitor)


def keeps_what_fits_a_language(visitor: Visitor) -> None:
    """Picks German, and a voice of it, which stays when German is picked again."""
    pick = f"{LANGUAGE}.value = 'de'; {LANGUAGE}.dispatchEvent(new Event('change', {{bubbles: true}}))"
    visitor.run(pick)
    visitor.wait("return localStorage['studio-draft'].includes('kokoro:if_sara-de')")
    assert visitor.run("return document.querySelector('#voice .chosen').innerText").endswith("German")
    visitor.click("#voice summary")
    shown = visitor.run(
        "return [...document.querySelectorAll('#voice .row:not([hidden]) input')].map((each) => each.value)"
    )
    assert sorted(shown) == sorted(card.name for card in catalog.voice_languages()["de"].voices)
    visitor.click("#voice input[value=de_DE-thorsten-medium]")
    visitor.run(pick)
    visitor.wait("return localStorage['studio-draft'].includes('thorsten')")


def offers_the_voice_of_the_text(visitor: Visitor) -> bool:
    """Takes the offer of a voice that reads the text: whether its language comes with it."""
    visitor.say(" These are the figures of the last quarter, everyone.")
    visitor.run("document.activeElement.blur()")
    visitor.click("#voice-offer button")
    return bool(visitor.wait(f"return {LANGUAGE}.value === 'en'"))


def test_an_example_can_be_undone(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, served.address)
    visitor.upload(own_photo(tmp_path))
    visitor.say("My own words.")
    visitor.click(".example")
    visitor.wait(f"{TEXT}.includes('photograph')")
    visitor.wait("return document.querySelector('#takes li')")
    visitor.click("#undo-example")
    visitor.wait(f"{TEXT} === 'My own words.'")
    visitor.wait("return document.querySelector('#stage .still img')?.src.includes('grace')")
