"""SadTalker led by videos: head movement and blinks are read off real files and come out in the frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from heads.films import film
from heads.sadtalkerparts import hearing_networks, networks, speech
from torch import nn

from pipeline import engines, faces, options
from pipeline.errors import NoFaceError, StudioError, VideoError
from pipeline.faces.crops import box_crop
from pipeline.heads import sadtalker
from pipeline.heads.sadtalker import Options
from pipeline.heads.sadtalker.align import Anchors, face_square
from pipeline.heads.sadtalker.coefficients import measured, measured_video
from pipeline.heads.sadtalker.engine import SadTalker
from pipeline.heads.sadtalker.motion import performance
from pipeline.networks.sadtalker_coefficients import POSE
from pipeline.types import SHAPE, Motion, Portrait, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
FRAMES = 10


@pytest.fixture(scope="module")
def hearing() -> dict[str, nn.Module]:
    return hearing_networks()


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
    motion.blendshapes[4:8, [SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]] = 1
    images = [frame.image for frame in engines.load("head", "puppet").render(portrait, [motion])]
    nobody = np.full_like(portrait.image, 128)
    return film(tmp_path_factory.mktemp("films") / "turning.mp4", [nobody, *images])


@pytest.fixture(scope="module")
def resting(portrait: Portrait, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "resting.mp4", [portrait.image] * 4)


def clip(
    hearing: dict[str, nn.Module], own: Options, *, frames: int = 24, style: Style | None = None
) -> np.ndarray:
    source = 0.1 * np.arange(73, dtype=np.float32) / 73
    made = networks(hearing, own.framing)
    return performance(speech(frames), source, made, own, style or Style(), speaking=True)


def test_a_video_of_the_photo_is_measured_as_the_photo(
    hearing: dict[str, nn.Module], portrait: Portrait, resting: Path
) -> None:
    network = hearing["coefficients"]
    rows = measured_video(resting, network, size=256, most=3)
    assert rows.shape == (3, 70)
    anchors = Anchors.of(portrait.face.landmarks)
    box = face_square(anchors.eyes, anchors.mouth, (256, 256)).box
    square = box_crop(box, size=(256, 256)).cut(portrait.image)
    (photo,) = measured([(square, anchors.within(box, 256))], network)
    assert np.corrcoef(rows[0], photo[:70])[0, 1] > 0.98


def test_the_head_follows_and_goes_to_and_fro(hearing: dict[str, nn.Module], turning: Path) -> None:
    own, led = (clip(hearing, Options(framing="crop", pose_from=path)) for path in (None, turning))
    assert np.array_equal(own[:, :64], led[:, :64])
    moved = (led - own)[:, POSE]
    assert np.abs(moved[0]).max() < 1e-5 < np.abs(moved[5]).max()
    # Ten frames of the video, eight of them again on the way back.
    assert np.allclose(moved[18:], moved[:6], atol=1e-5) and np.allclose(
        moved[10:18], moved[8:0:-1], atol=1e-5
    )


def test_blinks_come_from_the_video_alone(hearing: dict[str, nn.Module], turning: Path) -> None:
    often, never = (
        clip(hearing, Options(eyes_from=turning), frames=10, style=Style(blinks=pace)) for pace in (2, 0)
    )
    assert np.array_equal(often, never)
    led, own = never, clip(hearing, Options(), frames=10, style=Style(blinks=0))
    assert np.array_equal(led[:, 64:], own[:, 64:])
    assert (led[:, :64] != own[:, :64]).any(1).all()


def test_regular_blinks(hearing: dict[str, nn.Module]) -> None:
    one, none = (
        clip(hearing, Options(blinks="regular"), frames=100, style=Style(blinks=pace)) for pace in (1, 0)
    )
    assert np.flatnonzero((one != none).any(1)).tolist() == list(range(80, 89))


def test_from_typed_options_to_frames(
    hearing: dict[str, nn.Module], portrait: Portrait, turning: Path, resting: Path
) -> None:
    def painted(path: Path) -> torch.Tensor:
        own = options.read(Options, {"pose_from": str(path), "eyes_from": str(path)}, engine="sadtalker")
        made = networks(hearing)
        frames = SadTalker(made, own).animate(portrait, speech(8), Style(), speaking=True)
        assert len(list(frames)) == 8
        return torch.stack(made.generator.asked)

    one, other = painted(turning), painted(resting)
    assert not torch.equal(one, other)


def test_a_video_without_anybody_is_refused(hearing: dict[str, nn.Module], tmp_path: Path) -> None:
    path = film(tmp_path / "empty.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 5)
    with pytest.raises(NoFaceError, match="No face"):
        clip(hearing, Options(pose_from=path))


@pytest.mark.parametrize(
    ("own", "kind", "words"),
    [
        (Options(pose_from=Path("none.mp4")), VideoError, "no video none.mp4"),
        (Options(eyes_from=Path("none.mp4")), VideoError, "no video none.mp4"),
        (Options(pose_from=PHOTO, still=True), StudioError, "still follows no video"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_pulled(
    own: Options, kind: type[StudioError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        sadtalker.load(own)
