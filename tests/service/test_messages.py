"""What visitors are told when something fails."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from pipeline.errors import ConsentError, OptionError, PhotoError, VideoError
from pipeline.imitation import require_imitation
from pipeline.script import ScriptError
from pipeline.service import messages
from pipeline.service.messages import Message


def failing(error: Exception) -> Generator[int, None, None]:
    yield 1
    raise error


def test_each_door_adds_its_own_hint_to_the_same_sentence() -> None:
    error = OptionError("size crops a photo; leave it out for a video.", parameter="size")
    page, http = messages.message(error, "page"), messages.message(error, "http")
    assert page.sentence == http.sentence == str(error)
    assert page.parameter == http.parameter == "size"
    assert str(http).endswith("Set size to 0.") and str(page).endswith("under Advanced.")


def test_page_asks_for_consent_without_the_values_that_its_question_lists() -> None:
    error = ConsentError("Please confirm it: it is you (me), or not real (fictional).", parameter="consent")
    assert "(" not in str(messages.message(error, "page"))
    assert str(messages.message(error, "http")).startswith(str(error))


def test_page_asks_for_the_recording_that_a_voice_imitates() -> None:
    with pytest.raises(OptionError) as caught:
        require_imitation("pocket:en", None)
    assert str(messages.message(caught.value, "page")).startswith("Please add a recording of the voice")
    assert str(messages.message(caught.value, "http")) == str(caught.value)


def test_page_names_engines_and_voices_as_it_lists_them() -> None:
    error = VideoError("The head 'puppet' takes a photo; choose 'footage' or 'ar_JO-kareem-medium'.")
    said = str(messages.message(error, "page"))
    assert said == "The head “Puppet” takes a photo; choose “The video's own motion” or “Kareem, Arabic”."
    assert str(messages.message(error, "http")) == str(error)


def test_what_was_not_foreseen_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    told = messages.attempt("page", lambda: 1 // 0)
    assert told == Message(messages.UNFORESEEN)
    assert "ZeroDivisionError" in caplog.text


def test_what_works_is_handed_on() -> None:
    assert messages.attempt("http", lambda: 3) == 3
    first, last = messages.told("page", failing(PhotoError("Too dark.")))
    assert first == 1 and last == Message("Too dark.")


def test_the_page_counts_scenes_and_lines_as_it_shows_them() -> None:
    error = ScriptError("scenes.2.lines.1.audio: there is no file a.wav; check the name.")
    assert (
        messages.message(error, "page").sentence == "Scene 2, line 1: there is no file a.wav; check the name."
    )
    assert messages.message(error, "http").sentence == str(error)
    assert messages.message(ScriptError("scenes.3: it is empty."), "page").sentence == "Scene 3: it is empty."
