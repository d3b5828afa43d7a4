"""The Translate tab: lines side by side, corrected or written by a person, and a dubbed video."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest
from media import write_film
from ui.serving import Served
from ui.visitor import Visitor, in_browser

from pipeline.faces import portrait
from pipeline.service import translations
from pipeline.service.render_queue import RENDER_QUEUE
from pipeline.service.visit_renders import RENDERS
from pipeline.speech import speak
from pipeline.types import RATE, join
from pipeline.ui import handlers, translate_handlers, translate_markup
from pipeline.ui.translate_handlers import Dubbed

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello there.\n\n2\n00:00:02,500 --> 00:00:04,000\nA < B & you.\n"


class Tab:
    """Stands for the components, each by its name."""

    everything: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> str:
        return name


@pytest.fixture
def captions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(handlers, "cache", lambda: tmp_path / "cache")
    (tmp_path / "talk.srt").write_text(SRT, encoding="utf-8")
    return tmp_path / "talk.srt"


def states(*asked: Any) -> list[dict[str, Any]]:
    return list(translate_handlers.translated(Tab(), *asked, lambda path: True))  # type: ignore[arg-type,misc]


def test_lines_stand_side_by_side_with_their_translation(spanish: None, captions: Path) -> None:
    listening, blank, filled = states(str(captions), "es", "", "there, allí")
    assert translate_markup.LISTENING in listening["outlook"]
    assert blank["lines"].count("<textarea") == 2 and "A &lt; B &amp; you." in blank["lines"]
    assert blank["dub"]["visible"] is False and blank["text_file"]["visible"] is False
    assert blank["shown"] == "es" and blank["voice"]["value"].startswith(("kokoro:e", "es"))
    assert "allí" in filled["lines"] and filled["outlook"] == ""
    saved = Path(filled["text_file"]["value"])
    assert saved.name == "talk.es.srt" and "00:00:02,500 --> 00:00:04,000" in saved.read_text("utf-8")


def test_without_a_network_the_lines_wait_for_a_person(
    captions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hubrepo

    hubrepo.point_at(monkeypatch, tmp_path / "empty", offline=True)
    *_, blank, failed = states(str(captions), "de", "", "")
    assert (
        "opus-mt-en-de needs" in failed["message"] and "write the translation yourself" in failed["message"]
    )
    work = blank["work"]
    assert (
        translations.saved(work, "de", ["Hallo.", ""], captions.parent).read_text("utf-8").count("-->") == 2
    )
    (refused,) = states(None, "de", "", "")
    assert "Open a file first." in refused["message"]


def test_languages_have_voices_the_best_of_them_first() -> None:
    codes = [code for _, code in translations.spoken_languages()]
    assert {"es", "de", "zh", "ja"} <= set(codes)
    assert all(translations.voices_of(code) for code in codes)
    assert translations.voices_of("es")[0].startswith("kokoro:e")


def test_a_video_is_dubbed_with_what_a_person_wrote(
    captions: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import hubrepo

    hubrepo.point_at(monkeypatch, tmp_path / "empty", offline=True)
    speech = join(speak("Good morning.", voice="hibari:heart"))
    image = cv2.resize(portrait(astronaut, size=256).image, (160, 160))
    images = [image] * round(len(speech.samples) * 25 / RATE)
    film = write_film(tmp_path / "talk.mp4", images, sound=speech.samples)
    blank = states(str(film), "es", "en", "")[1]
    assert blank["dub"]["visible"] and blank["consent"]["visible"] and "Good morning" in blank["lines"]
    shown = Dubbed(blank["work"], "es", ("Good day.",), "hibari:heart", None)
    tab: Any = Tab()
    refused = translate_handlers.accepted(tab, shown, "me", "first", {})
    assert refused["job"] is None and "confirm that you may use this face" in refused["message"]
    with RENDER_QUEUE.joined("visits"):
        begun = translate_handlers.accepted(tab, replace(shown, consent="fictional"), "me", "first", {})
        assert not begun["dub"]["visible"] and begun["cancel"]["visible"]
        # the page is reloaded meanwhile
        back = translate_handlers.going_on(tab, "me", "first", lambda path: False)
        assert "Good day." in back["lines"] and back["voice"]["value"] == "hibari:heart"
        assert back["job"] == begun["job"] and back["cancel"]["visible"]
        assert translate_handlers.going_on(tab, "you", "first", lambda path: False) == {"job": None}
    render = RENDERS.find(back["job"], "me")
    assert render is not None
    *_, last = translate_handlers.followed(tab, render)
    assert Path(last["film"]["value"]).is_file() and last["dub"]["visible"]
    assert list(Path(last["film"]["value"]).parent.glob("*.srt"))


class TestInBrowser:
    """As a person goes it."""

    pytestmark = in_browser

    def test_a_person_writes_the_translation(self, browser: Any, served: Served, tmp_path: Path) -> None:
        visitor = Visitor(browser, served.address)
        file = tmp_path / "talk.srt"
        file.write_text(SRT, encoding="utf-8")
        visitor.wait("return document.querySelectorAll('#ways [role=tab]').length >= 3")
        visitor.run(
            "[...document.querySelectorAll('#ways [role=tab]')].find(t => t.innerText == 'Translate').click()"
        )
        visitor.wait("return document.querySelector('#translate-go')?.checkVisibility()")
        visitor.click("#translate-go")
        assert "first" in visitor.wait(
            "return document.querySelector('#translate-message .notice')?.innerText"
        )
        visitor.find("#translate-file input[type=file]").send_keys(str(file))
        visitor.wait("return document.querySelector('#translate-file .file-preview')")
        visitor.click("#translate-go")
        visitor.wait("return document.querySelectorAll('#translate-lines textarea').length == 2")
        visitor.wait("return document.querySelector('#translate-message')?.innerText.includes('yourself')")
        visitor.find("#translate-lines textarea").send_keys("Hola.\t")
        assert visitor.sees("#translate-text-file")
