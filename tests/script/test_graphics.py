"""Titles, lower thirds, the logo and the mark on the frames of a scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from pipeline.samples import HOPPER
from pipeline.script import Store, render, script_of
from pipeline.script.graphics import overlays, titles
from pipeline.script.shots import shots
from pipeline.stage.slots import Area

GREY = np.array([128, 128, 128])


def values(**brand: object) -> dict[str, object]:
    scene = {"background": "#808080", "seconds": 5.6, "title": "Hello", "lower_third": "Ada King, Engineer"}
    return {
        "output": {"height": 480},
        "brand": brand,
        "scenes": [scene, {"background": "#808080", "seconds": 1}],
    }


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("graphics")
    Image.new("RGBA", (80, 40), (0, 0, 255, 255)).save(folder / "logo.png")
    brand = {"colour": "#ff0000", "accent": "#00ff00", "logo": "logo.png", "logo_place": "bottom-right"}
    film = render(
        script_of(values(**brand), folder=folder), folder / "film.mp4", store=Store(folder / "store")
    )
    with av.open(str(film.video)) as box:
        return np.stack([frame.to_ndarray(format="rgb24")[::2, ::2] for frame in box.decode(video=0)]).astype(
            int
        )


def shown(frame: np.ndarray, colour: str) -> np.ndarray:
    """Rows and columns at which a colour stands out, as shares of the frame: `(N, 2)`."""
    channel = "rgb".index(colour)
    others = np.delete(frame, channel, axis=2).max(2)
    return np.argwhere(frame[..., channel] - others > 60) / frame.shape[:2]


def test_titles_come_and_go(frames: np.ndarray) -> None:
    assert not len(shown(frames[0], "r"))
    title = shown(frames[50], "r")
    assert (title[title[:, 0] < 0.3][:, 1] < 0.7).all() and len(title[title[:, 0] < 0.3])
    third = title[title[:, 0] > 0.5]
    assert len(third) and third[:, 0].max() < 0.96
    assert len(shown(frames[50], "g"))  # the strip at its side
    assert not len(shown(frames[135], "r")) and not len(shown(frames[-1], "r"))


def test_logo_and_mark_stand_on_every_frame(frames: np.ndarray) -> None:
    for frame in (frames[0], frames[60], frames[-1]):
        logo = shown(frame, "b")
        assert logo.min() > 0.7
        assert np.abs(frame[:25, -60:] - GREY).max() > 60  # the mark, in the upper right corner


def test_what_is_not_covered_stays_as_it_was(frames: np.ndarray) -> None:
    middle = frames[:, 60:110, 250:300]
    assert np.abs(middle - GREY).max() <= 4


def test_a_logo_stands_below_the_mark(tmp_path: Path) -> None:
    Image.new("RGBA", (80, 40), (0, 0, 255, 255)).save(tmp_path / "logo.png")
    script = script_of(values(logo="logo.png", logo_place="top-right"), folder=tmp_path)
    image = np.full((480, 854, 3), 128, np.uint8)
    before = image.copy()
    drawn = overlays(shots(script)[0])
    hidden = [overlay.paint(image) for overlay in drawn]
    blue = np.argwhere(image[..., 2].astype(int) - image[..., 0] > 100)
    assert len(drawn) == 2 and blue[:, 0].min() >= drawn[1].bottom
    for overlay, was in reversed(list(zip(drawn, hidden, strict=True))):
        overlay.remove(image, was)
    assert np.array_equal(image, before)


def test_the_mark_is_in_the_language_of_each_line_and_in_the_presenters_where_nobody_speaks() -> None:
    def marks(voice: str) -> tuple[list[int], list[str]]:
        presenters = {"host": {"subject": str(HOPPER.path), "consent": "fictional", "voice": voice}}
        lines = [{"text": "Hola.", "language": "es"}, {"text": "Hallo."}]
        scenes: list[dict[str, Any]] = [{"background": "#808080"}, {"lines": lines}]
        found = shots(script_of({"presenters": presenters, "scenes": scenes}))
        return [overlays(shot)[-1].box[2] for shot in found], [shot.key for shot in found]

    silent, spanish, own = (widths := marks("de_DE-thorsten-medium"))[0]
    assert silent == own != spanish
    english, keys = marks("joe")
    assert english[0] == english[2] != own and english[1] == spanish
    assert keys[0] != widths[1][0], "a silent scene is drawn again for presenters of another language"


def test_titles_cover_no_face_no_logo_and_no_mark() -> None:
    scene = {"background": "#808080", "title": "Results of the quarter", "lower_third": "Ada King, Engineer"}
    brand = {"logo": str(HOPPER.path), "logo_place": "bottom-left"}
    script = script_of({"output": {"height": 480, "aspect": "9:16"}, "brand": brand, "scenes": [scene]})
    (shot,) = shots(script)
    lying = overlays(shot)
    face = Area(40, 560, 200, 260)
    frame = np.full((854, 480, 3), 128, np.uint8)
    drawn = frame
    for passed in titles(shot, 9.0, [face], lying):
        drawn = passed(drawn, 2.0)
    changed = (drawn != frame).any(2)
    assert changed[:200].any() and changed[450:].any()
    for area in (face, *(Area(*overlay.box) for overlay in lying)):
        assert not changed[area.slices].any()
