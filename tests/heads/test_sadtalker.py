"""SadTalker as a head: speech becomes motion, and the photo around the animated square stays as it is.

The quick tests use the real networks but for the renderer, which returns the photo unchanged; the slow one
loads whole checkpoints from a Hub folder and uses the real renderer.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import hubrepo
import numpy as np
import pytest
import torch
from heads.sadtalkerparts import CentredKeypoints, Echo, audio_networks, networks, speech
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline import faces
from pipeline.errors import CheckpointError, PhotoError, StudioError
from pipeline.heads import sadtalker
from pipeline.heads.sadtalker import Options, weights
from pipeline.heads.sadtalker.engine import SadTalker
from pipeline.heads.sadtalker.motion import generate_coefficients
from pipeline.networks.face_coefficients import FaceCoefficients
from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
from pipeline.networks.sadtalker_render import MappingNet
from pipeline.types import Frame, Portrait, Speech, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def filled() -> dict[str, nn.Module]:
    return audio_networks()


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=300)


def play(
    filled: dict[str, nn.Module],
    portrait: Portrait,
    parts: list[Speech],
    options: Options | None = None,
    style: Style | None = None,
) -> tuple[list[Frame], np.ndarray]:
    """The frames, and the keypoints `(n, 15, 3)` that they were rendered from."""
    options = options or Options()
    made = networks(filled, options.framing)
    clip = SadTalker(made, options).animate(portrait, parts, style or Style(), speaking=True)
    frames = list(clip.frames)
    assert all(frame.image.shape[1::-1] == clip.size for frame in frames)
    asked = made.generator.rendered
    return frames, torch.stack(asked).numpy() if asked else np.zeros((0, 15, 3))


def test_the_photo_around_the_square_stays(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    frames, _ = play(filled, portrait, speech(3))
    assert len(frames) == 3
    off = np.abs(frames[0].image.astype(int) - portrait.image)
    assert off.max() < 60 and off.mean() < 2, "the square lies where it was cut"
    assert not off[:5].any() and not off[-5:].any() and not off[:, :5].any()


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_as_many_frames_as_the_speech_lasts(
    filled: dict[str, nn.Module], portrait: Portrait, fps: int
) -> None:
    frames, _ = play(filled, portrait, speech(3, 1, 7, fps=fps), style=Style(fps=fps))
    assert len(frames) == 11


def test_no_speech_no_frames(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    assert play(filled, portrait, [])[0] == []
    assert len(play(filled, portrait, speech(1))[0]) == 1


def test_a_crop_has_a_size_of_its_own(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    (frame,), _ = play(filled, portrait, speech(1), Options(framing="crop"))
    height, width = frame.image.shape[:2]
    assert width == 256 and height % 2 == 0 and 0.85 < height / width <= 1


def test_seed_and_style_decide_the_pose(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    def keypoints(seed: int, options: Options) -> np.ndarray:
        return play(filled, portrait, speech(8), options, Style(seed=seed))[1]

    one = keypoints(1, Options())
    assert np.array_equal(one, keypoints(1, Options()))
    assert not np.array_equal(one, keypoints(2, Options()))
    assert not np.array_equal(one, keypoints(1, Options(pose_style=45)))


def test_a_pose_path_turns_the_head(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    class Seen(CentredKeypoints):
        def __init__(self) -> None:
            super().__init__()
            self.place.data[0, 0] = torch.tensor([0.0, 0.0, 1.0])

    made = replace(networks(filled), keypoints=Seen())
    options = Options(still=True, expression=0, yaw=(-30, 30), pitch=(0,), roll=(0,))
    clip = SadTalker(made, options).animate(portrait, speech(16), Style(blinks=0), speaking=True)
    assert len(list(clip.frames)) == 16
    asked = torch.stack(made.generator.rendered)
    across = (asked[:-1, 0] - asked[:-1, 1])[:, 0]
    expected = torch.sin(torch.deg2rad(torch.arange(-30, 30, 4.0)))
    assert torch.allclose(across - across[0], expected - expected[0], atol=0.01)


class TestCoefficients:
    """Coefficients generated from the sound."""

    SOURCE = filling.signal("source", (73,), -0.3, 0.3)

    def clip(
        self,
        filled: dict[str, nn.Module],
        *,
        options: Options | None = None,
        style: Style | None = None,
        seed: int = 0,
        speaking: bool = True,
        frames: int = 24,
    ) -> np.ndarray:
        options = options or Options()
        source = self.SOURCE if options.framing == "full" else self.SOURCE[:70]
        parts = speech(frames, seed=seed)
        made = networks(filled, options.framing)
        return generate_coefficients(parts, source, made, options, style or Style(), speaking=speaking)

    def test_layout(self, filled: dict[str, nn.Module]) -> None:
        clip = self.clip(filled)
        assert clip.shape == (24, 73) and clip.dtype == np.float32
        assert np.array_equal(clip[:, 70:], np.tile(self.SOURCE[70:], (24, 1)))
        assert self.clip(filled, options=Options(framing="crop")).shape == (24, 70)

    def test_still_keeps_the_pose(self, filled: dict[str, nn.Module]) -> None:
        clip = self.clip(filled, options=Options(still=True))
        assert np.array_equal(clip[:, 64:], np.tile(self.SOURCE[64:], (24, 1)))

    def test_the_style_scales_the_head(self, filled: dict[str, nn.Module]) -> None:
        calm, lively = (self.clip(filled, style=Style(head=head))[:, 64:70] for head in (0.5, 1.0))
        assert np.allclose(lively - self.SOURCE[64:70], 2 * (calm - self.SOURCE[64:70]), atol=1e-5)
        assert np.abs(lively - self.SOURCE[64:70]).max() > 0.01

    def test_without_speaking_only_the_head_hears(self, filled: dict[str, nn.Module]) -> None:
        one, other = (self.clip(filled, seed=seed, speaking=False) for seed in (1, 2))
        assert np.array_equal(one[:, :64], other[:, :64])
        assert not np.array_equal(one[:, 64:70], other[:, 64:70])
        assert not np.array_equal(one[:, :64], self.clip(filled, seed=1)[:, :64])

    def test_blinks_can_be_left_out(self, filled: dict[str, nn.Module]) -> None:
        one, none = (self.clip(filled, style=Style(blinks=pace)) for pace in (1, 0))
        changed = np.flatnonzero((one[:, :64] != none[:, :64]).any(1))
        assert 0 < len(changed) < 24

    def test_expression_is_scaled(self, filled: dict[str, nn.Module]) -> None:
        plain, strong = (self.clip(filled, options=Options(expression=factor)) for factor in (1, 1.5))
        assert np.allclose(strong[:, :64], 1.5 * plain[:, :64], atol=1e-5)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pose_style": 46}, "give a whole number from 0 to 45"),
        ({"size": 300}, "256, 512"),
        ({"framing": "half"}, "framing called 'half'"),
    ],
)
def test_options_out_of_range_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(StudioError, match=words):
        Options(**given)


def test_a_video_is_refused(filled: dict[str, nn.Module]) -> None:
    with pytest.raises(PhotoError, match="'footage'"):
        SadTalker(networks(filled), Options()).animate(object(), speech(1), Style(), speaking=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"decoder.weight": torch.ones(2)}, "not a SadTalker checkpoint"),
        (
            {"face_3drecon.backbone.conv1.weight": torch.ones(2)},
            "not a SadTalker face coefficients checkpoint",
        ),
        (b"cut off", "damaged or incomplete"),
    ],
)
def test_other_files_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: object, words: str
) -> None:
    monkeypatch.setattr(weights, "empty_networks", lambda options: networks_without_weights())
    hubrepo.use(monkeypatch, tmp_path, {"sadtalker_256": content})
    with pytest.raises(CheckpointError, match=words):
        sadtalker.load()


def networks_without_weights() -> weights.Networks:
    """As `weights.empty_networks` without the renderer, which takes seconds to make and is not needed."""
    return weights.Networks(
        FaceCoefficients(), AudioToExpression(), AudioToPose(), MappingNet(73), CentredKeypoints(), Echo()
    )


def layout(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def prefixed(prefix: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """A part of a checkpoint, filled with cheap numbers."""
    return {prefix + name: value for name, value in filling.state_dict(shapes, filling.pieces).items()}


@pytest.mark.slow
@pytest.mark.parametrize("framing", ["full", "crop"])
def test_from_the_hub_to_frames(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, portrait: Portrait, framing: str
) -> None:
    options = Options(framing=framing)
    parts = {
        "face_3drecon": "coefficients",
        "audio2exp": "to_expression",
        "kp_extractor": "keypoints",
        "generator": "generator",
    }
    made = weights.empty_networks(options)
    # The published pose network with the parts that only training uses.
    state = prefixed("audio2pose.", Fixture("sadtalker_audio2pose").shapes())
    for prefix, name in parts.items():
        state |= prefixed(f"{prefix}.", layout(getattr(made, name)))
    mapping = {"mapping": filling.state_dict(layout(made.mapping), filling.pieces), "epoch": 3}
    hubrepo.use(monkeypatch, tmp_path, {"sadtalker_256": state, f"sadtalker_mapping_{framing}": mapping})
    frames = list(sadtalker.load(options).animate(portrait, speech(2), Style(), speaking=True).frames)
    assert len(frames) == 2
    assert np.abs(frames[0].image.astype(int) - frames[1].image).max() > 0
    if framing == "full":
        assert frames[0].image.shape == portrait.image.shape
        assert np.array_equal(frames[0].image[:, :5], portrait.image[:, :5])


def test_the_clip_says_where_the_face_is(filled: dict[str, nn.Module], portrait: Portrait) -> None:
    for framing in ("full", "crop"):
        made = SadTalker(networks(filled, framing), Options(framing=framing))
        clip = made.animate(portrait, speech(1), Style(), speaking=False)
        (frame,) = clip.frames
        (found,) = faces.find(frame.image, others=False)
        assert clip.face is not None
        off = np.linalg.norm(clip.face[:, :2] - found.landmarks[:, :2], axis=1).mean()
        assert off < 0.05 * np.ptp(found.landmarks[:, 1]), "the photo's landmarks lie on the frame's face"
