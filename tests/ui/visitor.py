"""A person on the page in headless Chromium, for the tests."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from pipeline.samples import HOPPER

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium with its chromedriver on this machine"),
]
"""Marks of tests that need a browser."""

PLAYER = "document.querySelector('#player video')"
FINISHED = f"return {PLAYER}?.offsetParent && {PLAYER}.readyState >= 1 && {PLAYER}.currentSrc"

_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-features=BackForwardCache,MediaRouter,OptimizationHints,Translate",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--in-process-gpu",
    "--mute-audio",
    "--no-first-run",
    "--renderer-process-limit=1",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1440,900",
)


def open_browser() -> Any:
    """A Chromium with a profile of its own; the caller quits it."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in _SWITCHES:
        options.add_argument(switch)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    browser.set_script_timeout(240)  # axe's look at the page takes long on a busy machine
    return browser


def own_photo(folder: Path) -> Path:
    """A visitor's own photo, no sample, and small, so that its videos are soon made."""
    photo = folder / "grace.jpg"
    with Image.open(HOPPER.path) as sample:
        sample.resize((sample.width // 2, sample.height // 2)).save(photo)
    photo.write_bytes(photo.read_bytes() + folder.name.encode())
    return photo


class Visitor:
    """What a person does on the page."""

    def __init__(self, browser: Any, address: str, *, new: bool = True) -> None:
        """`new`: forget what the browser has kept of earlier visits."""
        self.browser = browser
        if new:
            browser.get("about:blank")  # whatever is open keeps its draft as it is left
            site = {"origin": "{0.scheme}://{0.netloc}".format(urlsplit(address))}
            browser.execute_cdp_cmd("Storage.clearDataForOrigin", {**site, "storageTypes": "local_storage"})
        browser.get(address)
        self.ready()
        if "photo=" in urlsplit(address).query:
            self.wait("return document.querySelector('#photo-verdict .advice')")  # the form is filled in

    def ready(self) -> None:
        self.wait("return !!document.querySelector('#create') && studioPage.opened")

    def wait(self, script: str, seconds: float = 240, *, meanwhile: Callable[[], None] = lambda: None) -> Any:
        """What a script returns, once that is true; asked often at first, since every look costs the page."""
        deadline, pause = time.monotonic() + seconds, 0.04
        while True:
            meanwhile()
            if found := self.run(script):
                return found
            assert time.monotonic() < deadline, f"not within {seconds} s: {script}"
            time.sleep(pause)
            pause = min(1.3 * pause, 0.3)

    def run(self, script: str) -> Any:
        return self.browser.execute_script(script)

    def find(self, selector: str) -> Any:
        self.wait(f"return !!document.querySelector({selector!r})")
        return self.browser.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        """What an element shows; the page may draw it anew at any time, so it is not held."""
        shown: str = self.wait(f"return document.querySelector({selector!r})?.innerText")
        return shown

    def sees(self, selector: str) -> bool:
        return bool(self.wait(f"return document.querySelector({selector!r})?.checkVisibility()"))

    def click(self, selector: str) -> None:
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        def clicked(driver: Any) -> bool:
            found = driver.find_element("css selector", selector)
            driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
            found.click()
            return True

        self.find(selector)
        ignored = [StaleElementReferenceException]  # the page drew it anew in between
        WebDriverWait(self.browser, 120, 0.1, ignored_exceptions=ignored).until(clicked)

    def upload(self, photo: Path) -> None:
        self.find("#photo input[type=file]").send_keys(str(photo))
        self.wait("return document.querySelector('#photo-verdict :is(.advice, .notice)')")

    def sample(self) -> None:
        self.click(".pill")
        self.wait("return document.querySelector('#photo-verdict .advice')")

    def say(self, text: str) -> None:
        """Paste words at the end; the page takes a fiftieth of a second for each key that is typed."""
        self.find("#text textarea")
        field = "document.querySelector('#text textarea')"
        self.run(f"{field}.focus(); {field}.setSelectionRange(1e6, 1e6)")
        self.browser.execute_cdp_cmd("Input.insertText", {"text": text})
        self.wait("return document.querySelector('#count').innerText.includes('character')")

    def problem(self) -> str:
        said: str = self.wait("return document.querySelector('#message [role=alert]')?.textContent")
        return said
