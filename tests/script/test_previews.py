"""One line by itself: heard as the film says it, or seen small."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import pytest

from pipeline.script import ScriptError, hear_line, line_alone, script_of
from pipeline.script.shots import shots


@pytest.fixture
def script(tmp_path: Path, astronaut: Path):
    shutil.copy(astronaut, tmp_path / "host.jpg")
    values = {
        "output": {"height": 1080, "captions": "burn"},
        "brand": {"music": "song.mp3", "intro": "intro.mp4"},
        "presenters": {"host": {"subject": "host.jpg"}, "guest": {"subject": "host.jpg", "voice": "joe"}},
        "scenes": [
            {"title": "One", "background": "#204060", "layout": "full", "lines": ["Hi.", "Bye."]},
            {
                "transition": "crossfade",
                "title": "Two",
                "lines": [{"presenter": "guest", "text": "Me."}, "Too."],
            },
        ],
    }
    return script_of(values, folder=tmp_path)


def test_a_line_alone_is_small_and_has_nothing_of_the_film(script) -> None:
    alone = line_alone(script, 1, 1)
    (shot,) = shots(alone)
    assert (shot.speaker, shot.line.text, shot.scene.title) == ("guest", "Too.", None)
    assert (alone.output.height, alone.output.captions) == (480, None)
    assert alone.brand.music is None and alone.brand.intro is None
    assert alone.folder == script.folder
    assert line_alone(script, 0, 0).scenes[0].title == "One"


def test_a_line_is_heard_without_a_photo(script, tmp_path: Path) -> None:
    (tmp_path / "host.jpg").unlink()
    made = hear_line(script, 0, 0, tmp_path / "heard.wav")
    with wave.open(str(made)) as sound:
        assert 0.2 < sound.getnframes() / sound.getframerate() < 3


def test_a_line_that_is_not_there_is_said_so(script, tmp_path: Path) -> None:
    for scene, line in ((0, 2), (2, 0), (-1, 0)):
        with pytest.raises(ScriptError, match="line is empty"):
            line_alone(script, scene, line)
        with pytest.raises(ScriptError, match="line is empty"):
            hear_line(script, scene, line, tmp_path / "heard.wav")
