"""Backgrounds of every kind."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import StudioError
from pipeline.stage.backgrounds import is_moving, open_background
from pipeline.video import Writer

SIZE = (320, 180)


def first(value: str | Path, **options: object) -> np.ndarray:
    return next(open_background(value, SIZE, 25, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "rgb"), [("#204060", (32, 64, 96)), ("Navy", (0, 0, 128)), ("#fff", (255,) * 3)]
)
def test_colours(value: str, rgb: tuple[int, int, int]) -> None:
    frame = first(value)
    assert frame.shape == (180, 320, 3)
    assert (frame == rgb).all()


def test_still_backgrounds_are_one_array_that_nobody_changes() -> None:
    frames = list(islice(open_background("#204060", SIZE, 25), 3))
    assert frames[0] is frames[1] is frames[2]
    with pytest.raises(ValueError, match="read-only"):
        frames[0][:] = 0


def test_a_picture_fills_the_frame_from_its_middle(tmp_path: Path) -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    image[180:220] = 255
    cv2.imwrite(str(tmp_path / "wall.png"), image)
    frame = first(tmp_path / "wall.png")
    assert frame[90].min() > 240
    assert frame[60].max() < 10


def test_a_video_starts_again_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    with Writer(path, size=(160, 120), fps=25) as writer:
        for level in (0, 80, 160, 240):
            writer.write(np.full((120, 160, 3), level, np.uint8))
    frames = [frame[90, 160, 0] for frame in islice(open_background(path, SIZE, 25), 8)]
    assert is_moving(path)
    assert frames[:4] == frames[4:]
    assert frames[3] > frames[0]


def test_the_blurred_photo_has_no_edges_left() -> None:
    photo = np.zeros((200, 200, 3), np.uint8)
    photo[:, 100:] = 255
    frame = first("blur", photo=photo)
    steps = np.abs(np.diff(frame[90, :, 0].astype(int)))
    assert 0 < steps.max() < 12


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no such file.jpg", "There is no background"),
        ("blur", "needs the photo"),
        ("deck.pdf#0", "count from 1"),
    ],
)
def test_what_is_no_background_is_refused_in_a_sentence(value: str, words: str) -> None:
    with pytest.raises(StudioError, match=words) as caught:
        open_background(value, SIZE, 25)
    assert caught.value.parameter == "background"
