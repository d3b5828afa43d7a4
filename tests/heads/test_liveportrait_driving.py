"""LivePortrait led by a video or a picture, and a photo's open mouth shut: up to the keypoints to paint.

The networks that read faces and hear are real; what paints is left out, as a frame is a trillion operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from heads.films import film
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline import engines, faces
from pipeline.errors import NoFaceError, VideoError
from pipeline.heads import liveportrait
from pipeline.heads.liveportrait import Options, audio_driver, engine, weights
from pipeline.heads.liveportrait.driving import DrivingMotion, lead
from pipeline.networks import joyvasa
from pipeline.networks.joyvasa_motion import Performance
from pipeline.networks.liveportrait_motion import LIPS, NEUTRAL
from pipeline.types import RATE, Motion, Portrait, Speech, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"
OTHER = PHOTO.with_name("hopper.jpg")
FRAMES = 6
REST = [point for point in range(21) if point not in LIPS]


class Drawn(engine.LivePortrait):
    """Keeps the keypoints that it is asked to paint."""

    def _paint(self, source: object, points: Tensor) -> Iterator[np.ndarray]:
        self.asked = [*getattr(self, "asked", []), *points]
        yield from np.zeros((len(points), 512, 512, 3), np.uint8)


@pytest.fixture(scope="module")
def painter() -> weights.Painter:
    torch.set_num_threads(1)
    parts = weights.untrained()
    seeing = {name: filling.fill(parts[name]) for name in ("appearance", "motion", "stitching", "lip")}
    return weights.Painter(**seeing, warping=nn.Linear(1, 1), generator=nn.Linear(1, 1))


@pytest.fixture(scope="module")
def network() -> joyvasa.MotionGenerator:
    state = filling.state_dict(Fixture("joyvasa_motion_generator").shapes("tensors_reduced_audio_encoder"))
    made = joyvasa.MotionGenerator(joyvasa.Settings(n_diff_steps=2), joyvasa.hubert_of(state))
    return filling.fill(made, keep=(".pe", "betas", "alphas", "alpha_bars", "sigmas_flex", "sigmas_inflex"))


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO)


@pytest.fixture(scope="module")
def turning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that turns, behind a frame that shows nobody."""
    subject = faces.portrait(OTHER, size=256)
    motion = Motion(25, *(np.zeros((FRAMES, width), np.float32) for width in (52, 3, 2)))
    motion.pose[:, 0] = np.linspace(0, 14, FRAMES)
    images = [frame.image for frame in engines.load("head", "puppet").render(subject, [motion])]
    return film(tmp_path_factory.mktemp("film") / "turning.mp4", [np.full_like(images[0], 128), *images])


def words(frames: int, seed: int = 0) -> Speech:
    noise = np.random.default_rng(seed).standard_normal(frames * RATE // 25)
    return Speech((0.1 * noise).astype(np.float32))


def painted(
    painter: weights.Painter,
    network: joyvasa.MotionGenerator,
    portrait: Portrait,
    parts: list[Speech],
    *,
    speaking: bool = True,
    **options: object,
) -> Tensor:
    """The keypoints `(n, 21, 3)` of each frame."""
    own = Options(stitching=False, **options)
    template = {name: torch.full((63 if "exp" in name else 1,), 0.01) for name in weights.TEMPLATE}
    head = Drawn(painter, audio_driver.JoyVASADriver(network, template, own), own)
    frames = list(head.animate(portrait, parts, Style(), speaking=speaking))
    assert len(frames) == len(head.asked) and frames[0].image.shape == portrait.image.shape
    return torch.stack(head.asked)


def test_it_goes_there_and_back() -> None:
    clip = Performance(*(torch.arange(3.0)[:, None] for _ in Performance._fields))
    leader = DrivingMotion(clip, clip.at(slice(1)))
    assert leader.at(0, 8, 25).yaw[:, 0].tolist() == [0, 1, 2, 1, 0, 1, 2, 1]
    assert leader.at(3, 4, 50).yaw[:, 0].tolist() == [1.5, 2, 1.5, 1]
    assert DrivingMotion(clip.at(slice(1)), clip.at(slice(1))).at(5, 2, 25).yaw[:, 0].tolist() == [0, 0]


def test_the_photo_follows_and_the_lips_speak(
    painter: weights.Painter, network: joyvasa.MotionGenerator, portrait: Portrait, turning: Path
) -> None:
    parts = [words(4), words(12)]
    led = painted(painter, network, portrait, parts, motion_from=turning)
    own = painted(painter, network, portrait, parts[:1])
    assert led.shape == (16, 21, 3) and not torch.allclose(led[3], own[3], atol=1e-3)
    silent = painted(painter, network, portrait, parts[:1], motion_from=turning, speaking=False)
    assert torch.allclose(led[:4, REST], silent[:, REST], atol=1e-5)
    assert not torch.allclose(led[:4, list(LIPS)], silent[:, list(LIPS)], atol=1e-3)
    # Six frames there and four back, whatever parts the words come in.
    assert torch.allclose(led[10:, REST], led[:6, REST], atol=1e-5)
    assert torch.allclose(led[6:10, REST], led[1:5, REST].flip(0), atol=1e-5)
    assert (led[1:6, REST] - led[:1, REST]).abs().amax() > 1e-3


def test_a_picture_lends_its_look_and_not_its_pose(
    painter: weights.Painter, network: joyvasa.MotionGenerator, portrait: Portrait
) -> None:
    with torch.inference_mode():
        leader = lead(OTHER, painter.motion)
    assert torch.equal(leader.rest.exp[0], torch.tensor(NEUTRAL)) and len(leader.played.exp) == 1
    for part in ("scale", "t", "pitch", "yaw", "roll"):
        assert torch.equal(getattr(leader.rest, part), getattr(leader.played, part))
    led = painted(painter, network, portrait, [words(2)], motion_from=OTHER, speaking=False)
    with torch.inference_mode():
        source = engine.LivePortrait(painter, None, Options())._look(portrait)
    look = source.pose.scale * (leader.played.exp - leader.rest.exp)
    assert torch.allclose(led[:, REST], (source.points + look)[:, REST].expand(2, -1, -1), atol=1e-5)


def test_a_smile_that_shows_teeth_is_shut(painter: weights.Painter, portrait: Portrait) -> None:
    head = engine.LivePortrait(painter, None, Options(shut_lips=True))
    marks = portrait.face.landmarks
    gap, width = (
        float(np.linalg.norm(marks[one, :2] - marks[other, :2])) for one, other in ((13, 14), (61, 291))
    )
    with torch.inference_mode():
        source = head._look(portrait)
        wanted = painter.lip(torch.cat([source.points.flatten(1), torch.tensor([[gap / width, 0]])], 1))
        assert torch.allclose(source.shutting, wanted.unflatten(1, (21, 3)), atol=1e-4)
        assert source.shutting.abs().max() > 0.01
        met = marks.copy()
        met[14] = met[13]
        assert not head._shutting(source.points, met).any()
        assert not engine.LivePortrait(painter, None, Options())._shutting(source.points, marks).any()


def test_a_film_of_nobody_is_refused(painter: weights.Painter, tmp_path: Path) -> None:
    path = film(tmp_path / "empty.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 3)
    with pytest.raises(NoFaceError, match="No face"):
        lead(path, painter.motion)
    with pytest.raises(VideoError, match="no video or picture none"):
        liveportrait.load(Options(motion_from=Path("none.mp4")))
