"""LivePortrait with a driving video or picture, and closing a photo's open mouth: up to the keypoints.

All networks are real but the renderer and its feature volume, which are left out: a frame takes 10^12
operations, and no keypoint depends on them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from heads import liveportraitparts
from heads.films import film
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline import engines, faces
from pipeline.errors import NoFaceError, OptionError
from pipeline.heads.liveportrait import Options, audio_driver, engine, weights
from pipeline.heads.liveportrait.driving import DrivingMotion, driving_motion
from pipeline.networks import joyvasa
from pipeline.networks.joyvasa_motion import FaceMotion
from pipeline.networks.liveportrait_motion import LIPS, NEUTRAL
from pipeline.types import RATE, Motion, Portrait, Speech, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"
OTHER = PHOTO.with_name("hopper.jpg")
FRAMES = 4
REST = [point for point in range(21) if point not in LIPS]


class Recorded(engine.LivePortrait):
    """Records the keypoints instead of rendering them."""

    keypoints: list[Tensor]

    def _render(self, source: object, keypoints: list[Tensor]) -> Tensor:
        self.keypoints += keypoints
        return torch.zeros((len(keypoints), 512, 512, 3), dtype=torch.uint8)


@pytest.fixture(scope="module")
def networks() -> weights.Networks:
    torch.set_num_threads(1)
    parts = weights.empty_networks()
    filled = {name: filling.fill(parts[name], draw=filling.pieces) for name in ("motion", "stitching", "lip")}
    volume = liveportraitparts.SmallAppearance()
    return weights.Networks(**filled, appearance=volume, warping=nn.Linear(1, 1), generator=nn.Linear(1, 1))


@pytest.fixture(scope="module")
def network() -> joyvasa.MotionGenerator:
    state = filling.state_dict(
        Fixture("joyvasa_motion_generator").shapes("tensors_reduced_audio_encoder"), filling.pieces
    )
    made = joyvasa.MotionGenerator(joyvasa.Settings(n_diff_steps=2), joyvasa.infer_hubert_config(state))
    return filling.fill(
        made,
        keep=(".pe", "betas", "alphas", "alpha_bars", "sigmas_flex", "sigmas_inflex"),
        draw=filling.pieces,
    )


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO)


@pytest.fixture(scope="module")
def turning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that turns, after a frame without a face."""
    subject = faces.portrait(OTHER, size=256)
    motion = Motion(25, *(np.zeros((FRAMES, width), np.float32) for width in (52, 3, 2)))
    motion.pose[:, 0] = np.linspace(0, 14, FRAMES)
    images = [frame.image for frame in engines.load("head", "puppet").play(subject, [motion]).frames]
    return film(tmp_path_factory.mktemp("film") / "turning.mp4", [np.full_like(images[0], 128), *images])


def words(frames: int, seed: int = 0) -> Speech:
    noise = np.random.default_rng(seed).standard_normal(frames * RATE // 25)
    return Speech((0.1 * noise).astype(np.float32))


def recorded(networks: weights.Networks, network: joyvasa.MotionGenerator, **options: object) -> Recorded:
    own = Options(stitching=False, multiplier=1.0, **options)
    template = {name: torch.full((63 if "exp" in name else 1,), 0.01) for name in weights.TEMPLATE}
    return Recorded(networks, audio_driver.JoyVASADriver(network, template, own), own)


def keypoints(head: Recorded, portrait: Portrait, parts: list[Speech], *, speaking: bool = True) -> Tensor:
    """The driven keypoints `(n, 21, 3)`."""
    head.keypoints = []
    frames = list(head.animate(portrait, parts, Style(), speaking=speaking).frames)
    assert len(frames) == len(head.keypoints) and frames[0].image.shape == portrait.image.shape
    return torch.stack(head.keypoints)


def test_driving_motion_loops_back_and_forth() -> None:
    clip = FaceMotion(*(torch.arange(3.0)[:, None] for _ in FaceMotion._fields))
    driving = DrivingMotion(clip, clip.at(slice(1)))
    assert driving.at(0, 8, 25).yaw[:, 0].tolist() == [0, 1, 2, 1, 0, 1, 2, 1]
    assert driving.at(3, 4, 50).yaw[:, 0].tolist() == [1.5, 2, 1.5, 1]
    assert DrivingMotion(clip.at(slice(1)), clip.at(slice(1))).at(5, 2, 25).yaw[:, 0].tolist() == [0, 0]


def test_the_photo_follows_the_video_and_the_lips_the_speech(
    networks: weights.Networks, network: joyvasa.MotionGenerator, portrait: Portrait, turning: Path
) -> None:
    parts = [words(4), words(6)]
    follower = recorded(networks, network, motion_from=turning)
    led = keypoints(follower, portrait, parts)
    own = keypoints(recorded(networks, network), portrait, parts[:1])
    assert led.shape == (10, 21, 3) and not torch.allclose(led[3], own[3], atol=1e-3)
    silent = keypoints(follower, portrait, parts[:1], speaking=False)
    assert torch.allclose(led[:4, REST], silent[:, REST], atol=1e-5)
    assert not torch.allclose(led[:4, list(LIPS)], silent[:, list(LIPS)], atol=1e-3)
    # Four frames forwards and two backwards, however the speech is split.
    assert torch.allclose(led[6:, REST], led[:4, REST], atol=1e-5)
    assert torch.allclose(led[4:6, REST], led[1:3, REST].flip(0), atol=1e-5)
    assert (led[1:4, REST] - led[:1, REST]).abs().amax() > 1e-3


def test_a_picture_gives_its_expression_and_not_its_pose(
    networks: weights.Networks, network: joyvasa.MotionGenerator, portrait: Portrait
) -> None:
    with torch.inference_mode():
        driving = driving_motion(OTHER, networks.motion)
    assert torch.equal(driving.rest.exp[0], torch.tensor(NEUTRAL)) and len(driving.motion.exp) == 1
    for part in ("scale", "t", "pitch", "yaw", "roll"):
        assert torch.equal(getattr(driving.rest, part), getattr(driving.motion, part))
    led = keypoints(recorded(networks, network, motion_from=OTHER), portrait, [words(2)], speaking=False)
    with torch.inference_mode():
        source = engine.LivePortrait(networks, None, Options())._encode_source(portrait)
    look = source.pose.scale * (driving.motion.exp - driving.rest.exp)
    assert torch.allclose(led[:, REST], (source.keypoints + look)[:, REST].expand(2, -1, -1), atol=1e-5)


def test_an_open_mouth_is_closed(networks: weights.Networks, portrait: Portrait) -> None:
    head = engine.LivePortrait(networks, None, Options(shut_lips=True))
    marks = portrait.face.landmarks
    gap, width = (
        float(np.linalg.norm(marks[one, :2] - marks[other, :2])) for one, other in ((13, 14), (61, 291))
    )
    with torch.inference_mode():
        source = head._encode_source(portrait)
        wanted = networks.lip(torch.cat([source.keypoints.flatten(1), torch.tensor([[gap / width, 0]])], 1))
        assert torch.allclose(source.lip_closing, wanted.unflatten(1, (21, 3)), atol=1e-4)
        assert source.lip_closing.abs().max() > 0.01
        met = marks.copy()
        met[14] = met[13]
        assert not head._lip_closing(source.keypoints, met).any()
        assert not engine.LivePortrait(networks, None, Options())._lip_closing(source.keypoints, marks).any()


def test_a_driving_video_without_a_face_is_refused(networks: weights.Networks, tmp_path: Path) -> None:
    path = film(tmp_path / "empty.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 3)
    with pytest.raises(NoFaceError, match="No face"):
        driving_motion(path, networks.motion)
    with pytest.raises(OptionError, match=r"There is no file none\.mp4"):
        Options(motion_from=Path("none.mp4"))
