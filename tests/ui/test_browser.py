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


def test_photo_and_words_become_a_video_that_plays(browser: Any, served: Served, tmp_path: Path) -> None:
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + b"\0")  # a visitor's own, no sample
    visitor = Visitor(browser, served.address)
    visitor.upload(photo)
    assert browser.execute_script("return !document.querySelector('#consent input:checked')")
    visitor.say("Hello there. These are a few words, enough for a preview to begin. And then some more.")
    visitor.click("#consent label:nth-of-type(3)")
    visitor.click("#create")
    visitor.wait("return document.querySelector('#progress .now')")
    preview = "document.querySelector('#preview video')"
    visitor.wait(f"return {preview}?.readyState >= 2 || document.querySelector('#message .notice')", 60)
    assert browser.execute_script("return document.querySelector('#message .notice')?.innerText") is None
    player = "document.querySelector('#player video')"
    source = visitor.wait(f"return {player}?.readyState >= 1 && {player}.currentSrc", 60)
    assert "/grace-hello-there-these-" in source
    assert browser.execute_script(f"return {player}.duration") > 3
    assert browser.execute_script(f"return {player}.videoWidth") > 0
    assert visitor.find("#video-file").is_displayed() and visitor.find("#motion-file").is_displayed()
    visitor.wait("return document.querySelector('#report .gauge')", 60)


def test_refusals_are_sentences_and_leave_the_page_usable(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo at all")
    visitor = Visitor(browser, served.address)
    visitor.upload(broken)
    assert "broken.jpg" in visitor.find("#photo-verdict .notice").text
    visitor.say("Hello.")
    visitor.click("#create")
    said = visitor.wait("return document.querySelector('#message [role=alert]')?.innerText")
    assert "Please confirm" in said
    assert browser.execute_script("return document.querySelector('#create').disabled") is False


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
