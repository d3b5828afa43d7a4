"""Frames between which a face moves evenly are interpolated; none is lost, and cuts are seen at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.faces import read_image, sparse_tracking, track
from pipeline.faces.sparse_tracking import track_sparsely

PORTRAIT = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
FRAMES, CUT = 14, 9


def frames() -> list[np.ndarray]:
    """A photo that moves 1 px a frame, mirrored from frame `CUT` on."""
    photo = read_image(PORTRAIT)
    moved = [np.ascontiguousarray(photo[:, step : step + 440]) for step in range(FRAMES)]
    return moved[:CUT] + [np.ascontiguousarray(image[:, ::-1]) for image in moved[CUT:]]


def test_even_movement_is_interpolated_and_a_cut_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, seen = frames(), []

    def counted(images, fps, *, face):  # type: ignore[no-untyped-def]
        yield from track((seen.append(image) or image for image in images), fps, face=face)

    monkeypatch.setattr(sparse_tracking, "track", counted)
    found = list(track_sparsely(iter(shown), 25))
    assert all(image is given for (image, _), given in zip(found, shown, strict=True))
    assert len(seen) <= 9
    for (_, landmarks), face in zip(found, track(iter(shown), 25), strict=True):
        assert landmarks is not None and face is not None
        assert np.linalg.norm((landmarks - face.landmarks)[:, :2], axis=1).mean() < 1.0
