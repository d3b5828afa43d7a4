"""The page in a real browser: a photo and words become a video that plays; an error becomes a sentence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ui.serving import Served
from ui.visitor import FINISHED, PLAYER, Visitor, in_browser, own_photo

keys = pytest.importorskip("selenium.webdriver.common.keys")

pytestmark = in_browser


def test_photo_and_words_become_a_video_that_plays(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, served.address)
    assert not visitor.run("return document.querySelector('#consent')?.offsetParent")
    visitor.upload(own_photo(tmp_path))
    assert visitor.wait("return document.querySelector('#stage .still img')?.naturalWidth")
    height = visitor.run("return document.querySelector('#stage').offsetHeight")
    visitor.wait("return document.querySelector('#consent')?.offsetParent")
    assert visitor.run("return !document.querySelector('#consent input:checked')")
    visitor.say("Hello there. These are a few words, enough for a preview to begin. And then some more.")
    visitor.click("#consent label:nth-of-type(3)")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .now')")
    preview = "document.querySelector('#preview video')"
    visitor.wait(f"return {preview}?.readyState >= 2 || document.querySelector('#message .notice')")
    assert visitor.run("return document.querySelector('#message .notice')?.innerText") is None
    assert "/grace-hello-there-these-" in visitor.wait(FINISHED)
    assert visitor.run(f"return {PLAYER}.duration") > 3
    assert abs(visitor.run("return document.querySelector('#stage').offsetHeight") - height) <= 4
    assert visitor.sees("#video-file") and visitor.sees("#motion-file")
    assert "primary" in visitor.find("#video-file").get_attribute("class")
    assert visitor.text("#create") == "Make another version"
    visitor.wait("return document.querySelector('.report .sum')")


def test_a_refused_and_a_cancelled_job_leave_the_finished_video(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.say("Hi.")
    visitor.click("#create")
    finished = visitor.wait(FINISHED)
    text = visitor.find("#text textarea")
    text.send_keys(keys.Keys.CONTROL, "a")
    text.send_keys(keys.Keys.DELETE)
    visitor.wait("return !document.querySelector('#count').innerText.includes('character')")
    visitor.click("#create")
    assert "nothing to say" in visitor.problem()
    assert visitor.wait(FINISHED) == finished and visitor.sees("#video-file")
    visitor.say("And now a second take, which is long enough to be cancelled while it is made. " * 6)
    assert not visitor.run("return document.querySelector('[data-problem]')")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#preview video')?.readyState >= 2")
    assert visitor.run("return document.activeElement.id") == "cancel"
    visitor.click("#cancel")
    visitor.wait("return document.querySelector('#message').innerText.includes('Cancelled.')")
    assert visitor.wait(FINISHED) == finished and visitor.sees("#video-file")
    assert visitor.run("return document.querySelector('#create').disabled") is False
    assert not visitor.run("return document.querySelector('.error-text, .wrap.error')")
    assert visitor.run("return document.querySelectorAll('#takes li').length") == 1


def test_a_refusal_is_a_sentence_at_the_field_that_it_is_about(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    visitor = Visitor(browser, served.address)
    visitor.upload(own_photo(tmp_path))
    visitor.say("Hello.")
    visitor.click("#create")
    said = visitor.problem()
    assert "Please confirm" in said
    assert visitor.wait("return document.querySelector('#consent').dataset.problem") == said
    assert visitor.run("return document.activeElement.closest('#consent') !== null")
    assert visitor.run("return document.querySelector('#create').disabled") is False
    visitor.click("#consent label")
    assert not visitor.run("return document.querySelector('[data-problem]')")


def test_a_damaged_photo_is_told_at_once(browser: Any, served: Served, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo at all")
    visitor = Visitor(browser, served.address)
    visitor.upload(broken)
    assert "broken.jpg" in visitor.text("#photo-verdict .notice")
    assert not visitor.run("return document.querySelector('#consent')?.offsetParent")


def test_a_voice_is_found_by_language_heard_and_chosen(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.click("#voice .voices > .play")
    assert visitor.wait("return document.querySelector('#heard audio')?.duration") > 0.5
    visitor.click("#voice summary")
    visitor.find("#voice input[type=search]").send_keys("french siwis medium")
    shown = "return [...document.querySelectorAll('#voice .row')].filter(row => row.offsetParent)"
    values = f"{shown}.map(row => row.querySelector('input').value)"
    assert visitor.wait(values) == ["fr_FR-siwis-medium"]
    visitor.find("#voice .row:not([hidden]) .play").click()
    assert "63 MB" in visitor.wait("return document.querySelector('#heard .notice')?.innerText")
    visitor.find("#voice .row:not([hidden]) label").click()
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Siwis')")
    search = visitor.find("#voice input[type=search]")
    search.clear()
    search.send_keys("ar_jo")
    assert visitor.wait(values) == ["ar_JO-kareem-medium"]


def test_a_text_in_another_language_is_offered_a_voice_with_one_click(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.say("Buongiorno a tutti, oggi vi presento i risultati del trimestre.")
    visitor.click("#voice summary")  # the field is left
    offer = visitor.wait("return document.querySelector('#voice-offer .notice')?.innerText")
    assert "Italian" in offer and "English" in offer
    visitor.click("#voice-offer button")
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Italian')")
    visitor.wait("return !document.querySelector('#voice-offer .notice')")


def test_a_long_script_is_started_by_a_second_press(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.sample()
    browser.execute_script(
        "const field = document.querySelector('#text textarea'); field.value = arguments[0];"
        "field.dispatchEvent(new Event('input', {bubbles: true}))",
        "And so it went on for a long time. " * 200,
    )
    visitor.click("#create")
    assert "minutes" in visitor.problem() and "Press Create again" in visitor.problem()
    assert visitor.run("return !document.querySelector('#progress .bar')")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .bar')")
    visitor.click("#cancel")
    visitor.wait("return document.querySelector('#message').innerText.includes('Cancelled.')")


def test_whoever_waits_is_told_the_place(browser: Any, served: Served) -> None:
    client = pytest.importorskip("gradio_client")
    from pipeline.samples import HOPPER

    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.say("Hi.")
    other = client.Client(served.address, verbose=False)
    text = "These words come from somebody who was here before. " * 6
    first = other.submit(photo=client.handle_file(HOPPER.path), text=text, api_name="/create")
    while first.status().code.name not in ("PROCESSING", "FINISHED"):
        time.sleep(0.1)
    visitor.click("#create")
    said = visitor.wait("return document.querySelector('#progress .notice')?.innerText")
    assert said.startswith("1 video is ahead of yours. It should start in about ")
    assert "Preparing" not in (visitor.run("return document.querySelector('#showing').innerText") or "")
    visitor.wait(FINISHED)
    first.result()


def narrow(browser: Any, width: int) -> None:
    """A small screen of this width in px."""
    screen = {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def test_nothing_overflows_on_a_narrow_screen(browser: Any, served: Served) -> None:
    beyond = "rect.width && rect.right > innerWidth + 1 && getComputedStyle(each).position !== 'absolute'"
    script = (
        "return [...document.querySelectorAll('#studio *')].filter(each => {"
        f"const rect = each.getBoundingClientRect(); return {beyond}"
        "}).map(each => each.outerHTML.slice(0, 80))"
    )
    narrow(browser, 390)
    try:
        visitor = Visitor(browser, served.address)
        visitor.sample()
        for width in (390, 768):
            narrow(browser, width)
            visitor.wait(f"return innerWidth === {width}")
            assert visitor.run(script) == [], width
            assert visitor.run("return document.documentElement.scrollWidth") == width
            bar = visitor.run("return document.querySelector('#create').getBoundingClientRect().bottom")
            assert bar <= 844, "Create is in sight without scrolling"
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
