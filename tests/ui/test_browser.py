"""The page in a real browser: a photo and words become a video that plays; an error becomes a sentence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sounds import write_wav
from ui.serving import Served
from ui.visitor import FINISHED, PLAYER, Visitor, in_browser, own_photo

keys = pytest.importorskip("selenium.webdriver.common.keys")

pytestmark = in_browser


def test_photo_and_words_become_a_video_that_plays(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, served.address)
    assert not visitor.run("return document.querySelector('#consent')?.offsetParent")
    is_told_at_once_that_a_photo_is_damaged(visitor, tmp_path)
    visitor.upload(own_photo(tmp_path))
    assert visitor.wait("return document.querySelector('#stage .still img')?.naturalWidth")
    height = visitor.run("return document.querySelector('#stage').offsetHeight")
    visitor.wait("return document.querySelector('#consent')?.offsetParent")
    assert visitor.run("return !document.querySelector('#consent input:checked')")
    visitor.say("Hello there. These are a few words, enough for a preview to begin. And then some more.")
    is_refused_at_the_field_that_lacks_an_answer(visitor)
    visitor.click("#consent label:nth-of-type(3)")
    assert not visitor.run("return document.querySelector('[data-problem]')")
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


def is_told_at_once_that_a_photo_is_damaged(visitor: Visitor, folder: Path) -> None:
    broken = folder / "broken.jpg"
    broken.write_bytes(b"not a photo at all")
    visitor.upload(broken)
    assert "broken.jpg" in visitor.text("#photo-verdict .notice")
    assert not visitor.run("return document.querySelector('#consent')?.offsetParent")
    visitor.click("#photo [aria-label='Remove Image']")
    visitor.wait("return !document.querySelector('#photo-verdict .notice')")


def is_refused_at_the_field_that_lacks_an_answer(visitor: Visitor) -> None:
    visitor.click("#create")
    said = visitor.problem()
    assert "Please confirm" in said
    assert visitor.wait("return document.querySelector('#consent').dataset.problem") == said
    assert visitor.run("return document.activeElement.closest('#consent') !== null")
    assert visitor.run("return document.querySelector('#create').disabled") is False


def test_a_refused_and_a_cancelled_job_leave_the_finished_video(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, f"{served.address}/?photo=hopper&text=Hi.")
    visitor.click("#create")
    finished = visitor.wait(FINISHED)
    text = visitor.find("#text textarea")
    text.send_keys(keys.Keys.CONTROL, "a")
    text.send_keys(keys.Keys.DELETE)
    visitor.wait("return !document.querySelector('#count').innerText.includes('character')")
    visitor.click("#create")
    assert "nothing to say" in visitor.problem()
    assert visitor.wait(FINISHED) == finished and visitor.sees("#video-file")
    visitor.say("And so it went on for a long time. " * 200)
    assert not visitor.run("return document.querySelector('[data-problem]')")
    visitor.click("#create")
    alert = "document.querySelector('#message [role=alert]')?.textContent"
    assert "Press Create again" in visitor.wait(f"return {alert}?.includes('minutes') && {alert}")
    assert visitor.run("return !document.querySelector('#progress .bar')")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .bar')")
    visitor.wait("return document.activeElement.id === 'cancel'")
    visitor.click("#cancel")
    visitor.wait("return document.querySelector('#message').innerText.includes('Cancelled.')")
    assert visitor.wait(FINISHED) == finished and visitor.sees("#video-file")
    assert visitor.run("return document.querySelector('#create').disabled") is False
    assert not visitor.run("return document.querySelector('.error-text, .wrap.error')")
    assert visitor.run("return document.querySelectorAll('#takes li').length") == 1


def test_a_voice_is_found_by_language_heard_and_chosen(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, f"{served.address}/?photo=hopper")
    visitor.click("#voice .voices > .play")
    assert visitor.wait("return document.querySelector('#heard audio')?.duration") > 0.5
    visitor.click("#voice summary")
    search = visitor.find("#voice input[type=search]")
    picks_a_language(visitor, "ger", keys.Keys.ARROW_DOWN, keys.Keys.HOME, ends="ar_JO-kareem")
    assert visitor.run("return document.querySelector('#voice .chosen').innerText").endswith("Arabic")
    search.send_keys("ar_jo")
    shown = "return [...document.querySelectorAll('#voice .row')].filter(row => row.offsetParent)"
    values = f"{shown}.map(row => row.querySelector('input').value)"
    assert visitor.wait(values) == ["ar_JO-kareem-medium"]
    picks_a_language(visitor, "fre", ends="kokoro:ff_siwis")
    assert visitor.run("return document.querySelector('#voice .chosen').innerText").endswith("French")
    search.send_keys("siwis medium")
    assert visitor.wait(values) == ["fr_FR-siwis-medium"]
    visitor.find("#voice .row:not([hidden]) .play").click()
    assert "63 MB" in visitor.wait("return document.querySelector('#heard .notice')?.innerText")
    visitor.find("#voice .row:not([hidden]) label").click()
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Siwis')")
    search.clear()
    is_offered_a_voice_for_another_language(visitor)
    is_refused_where_nobody_speaks_in_a_recording(visitor, tmp_path)


def picks_a_language(visitor: Visitor, *typed: str, ends: str) -> None:
    """Types into the list of languages, where each key picks one faster than a server answers; the last of
    them stays, and so does the focus."""
    chains = pytest.importorskip("selenium.webdriver.common.action_chains")
    visitor.run("document.querySelector('#voice select').focus()")
    chains.ActionChains(visitor.browser).send_keys(*typed).perform()
    visitor.wait(f"return localStorage['studio-draft'].includes({ends!r})")
    assert visitor.run("return document.activeElement.matches('#voice select')")


def is_offered_a_voice_for_another_language(visitor: Visitor) -> None:
    visitor.say("Buongiorno a tutti, oggi vi presento i risultati del trimestre.")
    visitor.click("#voice summary")  # the field is left
    offer = visitor.wait("return document.querySelector('#voice-offer .notice')?.innerText")
    assert "Italian" in offer and "French" in offer
    visitor.click("#voice-offer button")
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Italian')")
    visitor.wait("return !document.querySelector('#voice-offer .notice')")


def is_refused_where_nobody_speaks_in_a_recording(visitor: Visitor, folder: Path) -> None:
    tone = write_wav(folder / "tone.wav", 0.3 * np.sin(np.arange(3 * 16_000) * 2 * np.pi * 440 / 16_000))
    visitor.run("[...document.querySelectorAll('[role=tab]')].find(t => t.innerText == 'Recording').click()")
    visitor.find("#audio input[type=file]").send_keys(str(tone))
    visitor.wait("return document.querySelector('#sound-verdict .advice.poor')")
    visitor.click("#write-down")
    said = visitor.wait("return document.querySelector('#written-down .notice.error')?.innerText")
    assert said.startswith("No speech was found")
    visitor.click("#create")
    assert "no speech" in visitor.problem()
    assert visitor.run("return document.querySelector('#audio').dataset.problem")


def test_whoever_waits_is_told_the_place(browser: Any, served: Served) -> None:
    client = pytest.importorskip("gradio_client")
    from pipeline.samples import HOPPER

    visitor = Visitor(browser, f"{served.address}/?photo=hopper&text=Hi.")
    other = client.Client(served.address, verbose=False)
    text = "These words come from somebody who was here before. " * 3
    first = other.submit(photo=client.handle_file(HOPPER.path), text=text, api_name="/create")
    while first.status().code.name not in ("PROCESSING", "FINISHED"):
        time.sleep(0.1)
    visitor.click("#create")
    said = visitor.wait("return document.querySelector('#progress .notice')?.innerText")
    assert said.startswith("1 video is ahead of yours. It should start in about ")
    assert "Preparing" not in (visitor.run("return document.querySelector('#showing').innerText") or "")
    visitor.wait(FINISHED)
    first.result()
