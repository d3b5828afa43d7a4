"""Titles, lower thirds, logos and crossfades."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import OptionError, PhotoError
from pipeline.stage.graphics import Graphic, crossfade, logo, lower_third, title

SIZES = [(640, 360), (360, 640), (360, 360)]
GREY = 128


def drawn(graphic: Graphic, size: tuple[int, int], level: int = GREY) -> np.ndarray:
    return graphic.draw(np.full((size[1], size[0], 3), level, np.uint8), 0.0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "text", ["Hello", "A much longer title that has to be broken into two lines of text"]
)
def test_titles_lie_inside_the_frame_and_can_be_read_over_anything(size: tuple[int, int], text: str) -> None:
    graphic = title(text, size)
    height, width = graphic.alpha.shape
    assert graphic.left + width < size[0]
    assert graphic.top + height < size[1] / 2
    for level in (0, GREY, 255):
        panel = drawn(graphic, size, level)[
            graphic.top : graphic.top + height, graphic.left : graphic.left + width
        ]
        letters, behind = panel.max(2) > 200, panel[height // 2, 3].astype(int)
        assert letters.any()
        assert 255 - behind.max() > 150  # white on dark, whatever the frame


def test_letters_are_dark_on_a_light_panel() -> None:
    graphic = title("Hello", (640, 360), panel=(250, 240, 230))
    assert graphic.rgb.min() < 40


@pytest.mark.parametrize("size", SIZES)
def test_a_lower_third_is_on_its_side_below_a_chin(size: tuple[int, int]) -> None:
    for side in ("left", "right"):
        graphic = lower_third("Ada", "Research", size, side=side)  # type: ignore[arg-type]
        height, width = graphic.alpha.shape
        middle = (graphic.left + width / 2) / size[0]
        assert (middle < 0.5) == (side == "left")
        assert graphic.top > 0.78 * size[1]
        assert graphic.top + height < size[1]


def test_graphics_fade_in_and_out_and_then_leave_the_frame_alone() -> None:
    graphic = title("Hello", (320, 180), start=1.0, end=3.0)
    frame = np.full((180, 320, 3), GREY, np.uint8)
    inside = np.s_[graphic.top + 5, graphic.left + 8]
    levels = [int(graphic.draw(frame, at)[inside].max()) for at in (0.5, 1.1, 2.0, 2.9, 3.5)]
    assert levels[0] == levels[4] == GREY
    assert levels[2] < levels[1] < GREY
    assert levels[2] < levels[3] < GREY
    assert graphic.draw(frame, 0.5) is frame
    assert (frame == GREY).all()


def test_a_logo_keeps_its_shape_and_its_transparency(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 100, 100))
    picture.save(tmp_path / "logo.png")
    graphic = logo(tmp_path / "logo.png", (640, 360), corner="top-right", height=0.2)
    assert graphic.alpha.shape == (72, 144)
    frame = drawn(graphic, (640, 360))
    red = np.argwhere(frame[..., 0] > 200)
    assert red.min(0).tolist() == [18, 640 - 18 - 144]
    assert (frame[40, 600] == GREY).all()


def test_a_crossfade_goes_from_one_frame_to_the_other() -> None:
    before, after = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 200, np.uint8)
    levels = [int(crossfade(before, after, share)[0, 0, 0]) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert levels[0] == 0
    assert levels[2] == 100
    assert levels[4] == 200
    assert levels == sorted(levels)


def test_what_cannot_be_drawn_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"no picture")
    with pytest.raises(PhotoError, match=r"The logo logo\.png is not an image"):
        logo(tmp_path / "logo.png", (640, 360))
    with pytest.raises(OptionError, match="too long for the picture"):
        title("word " * 60, (640, 360))
    with pytest.raises(OptionError, match="text is empty") as empty:
        lower_third("  ", "", (640, 360))
    assert empty.value.parameter == "lower_third"
    with pytest.raises(OptionError, match="missing or no font"):
        title("Hello", (640, 360), font=tmp_path / "none.ttf")
