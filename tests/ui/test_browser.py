"""The page in a real browser: a photo and words become a video that plays; an error becomes a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ui.serving import Served

from pipeline.samples import HOPPER

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium with its chromedriver on this machine"),
]

QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1280,900",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in QUIET:
        options.add_argument(switch)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Visitor:
    """What a person does on the page."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        browser.get(address)
        self.wait("return !!document.querySelector('#create')")

    def wait(self, script: str, seconds: float = 40, *, meanwhile: Callable[[], None] = lambda: None) -> Any:
        def ready(driver: Any) -> Any:
            meanwhile()
            return driver.execute_script(script)

        return WebDriverWait(self.browser, seconds, 0.1).until(ready)

    def find(self, selector: str) -> Any:
        self.wait(f"return !!document.querySelector({selector!r})")
        return self.browser.find_element("css selector", selector)

    def click(self, selector: str) -> None:
        found = self.find(selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def upload(self, photo: Path) -> None:
        self.find("#photo input[type=file]").send_keys(str(photo))
        self.wait("return !!document.querySelector('#photo-verdict :is(.chip, .notice)')")

    def say(self, text: str) -> None:
        self.find("#text textarea").send_keys(text)
        self.wait("return document.querySelector('#count').innerText.includes('character')")


_PLAYER = "document.querySelector('#player video')"
FINISHED = f"return {_PLAYER}?.offsetParent && {_PLAYER}.readyState >= 1 && {_PLAYER}.currentSrc"


def own_photo(folder: Path) -> Path:
    """A visitor's own photo, no sample."""
    photo = folder / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + folder.name.encode())
    return photo


def test_photo_and_words_become_a_video_that_plays(browser: Any, served: Served, tmp_path: Path) -> None:
    visitor = Visitor(browser, served.address)
    visitor.upload(own_photo(tmp_path))
    assert browser.execute_script("return !document.querySelector('#consent input:checked')")
    visitor.say("Hello there. These are a few words, enough for a preview to begin. And then some more.")
    visitor.click("#consent label:nth-of-type(3)")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .now')")
    preview = "document.querySelector('#preview video')"
    visitor.wait(f"return {preview}?.readyState >= 2 || document.querySelector('#message .notice')", 60)
    assert browser.execute_script("return document.querySelector('#message .notice')?.innerText") is None
    assert "/grace-hello-there-these-" in visitor.wait(FINISHED, 60)
    player = "document.querySelector('#player video')"
    assert browser.execute_script(f"return {player}.duration") > 3
    assert browser.execute_script(f"return {player}.videoWidth") > 0
    assert visitor.find("#video-file").is_displayed() and visitor.find("#motion-file").is_displayed()
    visitor.wait("return document.querySelector('#report .gauge')", 60)


def test_a_refused_and_a_cancelled_job_leave_the_finished_video(browser: Any, served: Served) -> None:
    visitor = Visitor(browser, served.address)
    visitor.click(".pill")
    visitor.wait("return document.querySelector('#photo-verdict .chip')")
    visitor.say("Hi.")
    visitor.click("#create")
    finished = visitor.wait(FINISHED, 60)
    text = visitor.find("#text textarea")
    text.send_keys(Keys.CONTROL, "a")
    text.send_keys(Keys.DELETE)
    visitor.wait("return !document.querySelector('#count').innerText.includes('character')")
    visitor.click("#create")
    said = visitor.wait("return document.querySelector('#message [role=alert]')?.innerText")
    assert "nothing to say" in said
    assert visitor.wait(FINISHED) == finished and visitor.find("#video-file").is_displayed()
    visitor.say("And now a second take, which is long enough to be cancelled while it is made. " * 6)
    assert not browser.execute_script("return document.querySelector('[data-problem]')")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#preview video')?.readyState >= 2", 60)
    visitor.click("#cancel")
    visitor.wait("return document.querySelector('#message').innerText.includes('Cancelled.')")
    assert visitor.wait(FINISHED) == finished and visitor.find("#video-file").is_displayed()
    assert browser.execute_script("return document.querySelector('#create').disabled") is False


def test_a_refusal_is_a_sentence_at_the_field_that_it_is_about(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    visitor = Visitor(browser, served.address)
    visitor.upload(own_photo(tmp_path))
    visitor.say("Hello.")
    visitor.click("#create")
    said = visitor.wait("return document.querySelector('#message [role=alert]')?.innerText")
    assert "Please confirm" in said
    assert visitor.wait("return document.querySelector('#consent').dataset.problem") == said
    assert browser.execute_script("return document.querySelector('#create').disabled") is False


def test_a_damaged_photo_is_told_at_once(browser: Any, served: Served, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo at all")
    visitor = Visitor(browser, served.address)
    visitor.upload(broken)
    assert "broken.jpg" in visitor.find("#photo-verdict .notice").text


def test_nothing_overflows_on_a_phone(browser: Any, served: Served) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True},
    )
    try:
        visitor = Visitor(browser, served.address)
        visitor.find("#stage")
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
