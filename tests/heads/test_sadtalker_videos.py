"""SadTalker with driving videos: head movement and blinks of real files show in the motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from heads.films import film
from heads.sadtalkerparts import audio_networks, networks, speech
from torch import nn

from pipeline import engines, faces
from pipeline.errors import NoFaceError, OptionError
from pipeline.faces.crops import box_crop
from pipeline.heads.sadtalker import Options
from pipeline.heads.sadtalker.align import AlignmentPoints, face_square
from pipeline.heads.sadtalker.coefficients import extract_coefficients, extract_video_coefficients
from pipeline.heads.sadtalker.engine import SadTalker
from pipeline.heads.sadtalker.motion import generate_coefficients
from pipeline.networks.sadtalker_coefficients import POSE
from pipeline.types import SHAPE, Motion, Portrait, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
FRAMES = 6


@pytest.fixture(scope="module")
def filled() -> dict[str, nn.Module]:
    return audio_networks()


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


@pytest.fixture(scope="module")
def turning(portrait: Portrait, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that turns and blinks, before and after a frame that shows nobody."""
    motion = Motion(
        25,
        np.zeros((FRAMES, 52), np.float32),
        np.zeros((FRAMES, 3), np.float32),
        np.zeros((FRAMES, 2), np.float32),
    )
    motion.pose[:, 0] = np.linspace(0, 14, FRAMES)
    motion.blendshapes[2:5, [SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]] = 1
    images = [frame.image for frame in engines.load("head", "puppet").play(portrait, [motion]).frames]
    nobody = np.full_like(portrait.image, 128)
    return film(tmp_path_factory.mktemp("films") / "turning.mp4", [nobody, *images])


@pytest.fixture(scope="module")
def resting(portrait: Portrait, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "resting.mp4", [portrait.image] * 4)


def clip(
    filled: dict[str, nn.Module], own: Options, *, frames: int = 14, style: Style | None = None
) -> np.ndarray:
    source = 0.1 * np.arange(73, dtype=np.float32) / 73
    made = networks(filled, own.framing)
    return generate_coefficients(speech(frames), source, made, own, style or Style(), speaking=True)


def test_a_video_of_the_photo_has_the_photos_coefficients(
    filled: dict[str, nn.Module], portrait: Portrait, resting: Path
) -> None:
    network = filled["coefficients"]
    rows = extract_video_coefficients(resting, network, size=256, most=3)
    assert rows.shape == (3, 70)
    points = AlignmentPoints.of(portrait.face.landmarks)
    box = face_square(points.eyes, points.mouth, (256, 256)).box
    square = box_crop(box, size=(256, 256)).cut(portrait.image)
    (photo,) = extract_coefficients([(square, points.five_points(box, 256))], network)
    assert np.corrcoef(rows[0], photo[:70])[0, 1] > 0.98


def test_the_head_follows_the_video_back_and_forth(filled: dict[str, nn.Module], turning: Path) -> None:
    own, led = (clip(filled, Options(framing="crop", pose_from=path)) for path in (None, turning))
    assert np.array_equal(own[:, :64], led[:, :64])
    moved = (led - own)[:, POSE]
    assert np.abs(moved[0]).max() < 1e-5 < np.abs(moved[5]).max()
    # Six frames of the video, four of them again on the way back.
    assert np.allclose(moved[10:], moved[:4], atol=1e-5)
    assert np.allclose(moved[6:10], moved[4:0:-1], atol=1e-5)


def test_blinks_come_from_the_video_alone(filled: dict[str, nn.Module], turning: Path) -> None:
    often, never = (
        clip(filled, Options(eyes_from=turning), frames=6, style=Style(blinks=pace)) for pace in (2, 0)
    )
    assert np.array_equal(often, never)
    led, own = never, clip(filled, Options(), frames=6, style=Style(blinks=0))
    assert np.array_equal(led[:, 64:], own[:, 64:])
    assert (led[:, :64] != own[:, :64]).any(1).all()


def test_regular_blinks(filled: dict[str, nn.Module]) -> None:
    one, none = (
        clip(filled, Options(blinks="regular"), frames=100, style=Style(blinks=pace)) for pace in (1, 0)
    )
    assert np.flatnonzero((one != none).any(1)).tolist() == list(range(80, 89))


def test_from_typed_options_to_frames(
    filled: dict[str, nn.Module], portrait: Portrait, turning: Path, resting: Path
) -> None:
    def painted(path: Path) -> torch.Tensor:
        own = engines.options("head", "sadtalker", {"pose_from": str(path), "eyes_from": str(path)})
        assert isinstance(own, Options)
        made = networks(filled)
        clip = SadTalker(made, own).animate(portrait, speech(8), Style(), speaking=True)
        assert len(list(clip.frames)) == 8
        return torch.stack(made.generator.rendered)

    one, other = painted(turning), painted(resting)
    assert not torch.equal(one, other)


def test_a_video_without_anybody_is_refused(filled: dict[str, nn.Module], tmp_path: Path) -> None:
    path = film(tmp_path / "empty.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 5)
    with pytest.raises(NoFaceError, match="No face"):
        clip(filled, Options(pose_from=path))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pose_from": "none.mp4"}, "There is no file none.mp4"),
        ({"eyes_from": "none.mp4"}, "There is no file none.mp4"),
        ({"pose_from": PHOTO, "still": True}, "still head cannot follow a video"),
    ],
)
def test_impossible_options_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        engines.options("head", "sadtalker", given)
