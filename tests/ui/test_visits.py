"""What a visit keeps in the browser: its videos, the draft of the form, and a way back from an example."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ui.serving import Served
from ui.visitor import FINISHED, Visitor, in_browser, open_browser, own_photo

pytest.importorskip("selenium")

pytestmark = in_browser

TEXT = "return document.querySelector('#text textarea').value"


def test_finished_videos_survive_a_reload_until_they_are_removed(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.say("Keep me.")
    visitor.click("#create")
    first = visitor.wait(FINISHED)
    visitor.click("#create")  # another version: the same words, another performance
    second = visitor.wait(f"{FINISHED} !== {first!r} && {FINISHED[7:]}")
    assert second != first
    visitor.wait("return document.querySelectorAll('#takes li').length === 2")
    browser.refresh()
    visitor.ready()
    visitor.wait("return document.querySelectorAll('#takes li').length === 2")
    assert visitor.wait(TEXT) == "Keep me."
    visitor.click("#takes [data-action=watch]")
    assert visitor.wait(FINISHED).split("/")[-2:] == second.split("/")[-2:]
    assert visitor.sees("#video-file")
    files = sorted((served.folder / "jobs").glob("*/*keep-me*.mp4"))
    visitor.click("#takes [data-action=remove]")
    visitor.wait("return document.querySelectorAll('#takes li').length === 1")
    assert len(sorted((served.folder / "jobs").glob("*/*keep-me*.mp4"))) == len(files) - 1


def test_a_visit_sees_only_its_own_videos(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.say("Mine.")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#takes li')")
    stranger = open_browser()
    try:
        other = Visitor(stranger, served.address)
        other.sample()  # the page has answered by now
        assert other.run("return document.querySelectorAll('#takes li').length") == 0
    finally:
        stranger.quit()


def test_settings_of_an_earlier_video_are_used_again(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.say("The first words.")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#takes li')")
    visitor.say(" And others.")
    visitor.click("#takes [data-action=reuse]")
    visitor.wait(f"{TEXT} === 'The first words.'")


def test_the_draft_outlives_the_server(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, served.address)
    visitor.upload(own_photo(tmp_path))
    visitor.say("Written before the power went.")
    visitor.click("#voice summary")
    visitor.click("#voice input[value=en_US-amy-medium]")
    visitor.wait("return localStorage['studio-draft'].includes('amy')")
    visitor.click("#text textarea")
    visitor.find("#text textarea").send_keys(" And after.")
    served.end()
    served.start()
    visitor = Visitor(browser, served.address, new=False)
    visitor.wait(f"{TEXT} === 'Written before the power went. And after.'")
    visitor.wait("return document.querySelector('#voice .chosen').innerText.includes('Amy')")


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


def test_a_recording_in_which_nobody_speaks_is_refused_first(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    sine = 0.3 * np.sin(np.arange(3 * 16_000) * 2 * np.pi * 440 / 16_000)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((sine * 32767).astype("<i2").tobytes())
    visitor = Visitor(browser, served.address)
    visitor.sample()
    visitor.run("[...document.querySelectorAll('[role=tab]')].find(t => t.innerText == 'Recording').click()")
    visitor.find("#audio input[type=file]").send_keys(str(tmp_path / "tone.wav"))
    visitor.wait("return document.querySelector('#sound-verdict .advice.poor')")
    visitor.click("#write-down")
    said = visitor.wait("return document.querySelector('#written-down .notice.error')?.innerText")
    assert said.startswith("No speech was found")
    visitor.click("#create")
    assert "no speech" in visitor.problem()
    assert visitor.run("return document.querySelector('#audio').dataset.problem")


def test_a_link_fills_the_form_once(browser: Any, served: Served) -> None:
    link = f"{served.address}/?text=Good+morning.&photo=hopper&style=lively&captions=vtt"
    visitor = Visitor(browser, link)
    assert visitor.wait(TEXT) == "Good morning."
    visitor.wait("return document.querySelector('#stage .still img')?.naturalWidth")
    assert visitor.run("return document.querySelector('#style input').value") == "Lively"
    visitor.find("#text textarea").send_keys(" And more.")
    visitor.wait("return (localStorage.getItem('studio-draft') ?? '').includes('more')")
    browser.refresh()
    visitor.ready()
    assert visitor.wait(TEXT) == "Good morning. And more."
