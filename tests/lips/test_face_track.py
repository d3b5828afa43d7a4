"""Landmarks for every frame: the head's own, the tracker's, and interpolated ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import faces
from pipeline.lips.face_track import GAP, with_landmarks
from pipeline.types import Clip, Frame, Portrait

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


def test_a_short_gap_is_interpolated(portrait: Portrait) -> None:
    marks = portrait.face.landmarks
    places = [marks, None, None, marks + np.float32([6, 0, 0]), *[None] * (GAP + 1), marks]
    clip = Clip((256, 256), 25, (Frame(portrait.image, place) for place in places))
    found = [frame.landmarks for frame in with_landmarks(clip)]
    assert found[1] is not None and np.allclose(found[1][:, 0], marks[:, 0] + 2)
    assert found[2] is not None and np.allclose(found[2][:, 0], marks[:, 0] + 4)
    assert [place is None for place in found[4:]] == [True] * (GAP + 1) + [False]


def test_landmarks_of_the_head_are_used_as_they_are(
    portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = portrait.face.landmarks
    clip = Clip((256, 256), 25, iter([Frame(portrait.image, marks), *[Frame(portrait.image)] * (GAP + 1)]))
    first, *rest = with_landmarks(clip)
    assert first.landmarks is marks and all(frame.landmarks is None for frame in rest)


@pytest.mark.parametrize("larger", [True, False])
def test_the_clips_face_is_tracked_among_several(portrait: Portrait, larger: bool) -> None:
    size = 512 if larger else 256
    image = np.full((512, 768, 3), 128, np.uint8)
    image[:, :512] = np.asarray(Image.fromarray(portrait.image).resize((512, 512)))
    image[128:384, 512:] = portrait.image
    marks = portrait.face.landmarks * (size / 256) + np.float32(
        [0 if larger else 512, 0 if larger else 128, 0]
    )
    clip = Clip((768, 512), 25, (Frame(image) for _ in range(2)), face=marks)
    for frame in with_landmarks(clip):
        assert frame.landmarks is not None
        assert np.linalg.norm(frame.landmarks[:, :2] - marks[:, :2], axis=1).mean() < 0.03 * size
