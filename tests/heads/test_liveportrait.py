"""LivePortrait from checkpoints in a Hub folder to frames of a real photo."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterator
from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch
from heads.liveportraitparts import files, use_small_renderer

from pipeline import faces
from pipeline.errors import CheckpointError
from pipeline.heads import liveportrait
from pipeline.heads.liveportrait import audio_driver, engine, weights
from pipeline.types import RATE, Portrait, Speech, Style

PUBLISHED = weights.empty_networks

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The engine's files, with a small renderer."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        hubrepo.use(patch, folder, use_small_renderer(patch))
        patch.setenv("STUDIO_DEVICE", "cpu")
        yield folder


@pytest.fixture(scope="module")
def head(folder: Path) -> engine.LivePortrait:
    return liveportrait.load()


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO)


def words(frames: int, *, fps: int = 25) -> Speech:
    time = np.arange(frames * RATE // fps) / RATE
    return Speech((0.2 * np.sin(2 * np.pi * 180 * time) * np.sin(2 * np.pi * 4 * time)).astype(np.float32))


def test_the_square_is_pasted_where_it_was_cropped(head: engine.LivePortrait, portrait: Portrait) -> None:
    clip = head.animate(portrait, [words(2), words(3)], Style(), speaking=True)
    frames = list(clip.frames)
    assert len(frames) == 5 and clip.size == portrait.image.shape[1::-1]
    outside = paste_weight(portrait) == 0
    for frame in frames:
        off = np.abs(frame.image.astype(int) - portrait.image)
        assert not off[outside].any() and 0 < off.mean() < 12, "the small renderer returns the photo, moved"


@pytest.mark.slow  # a frame takes 10^12 operations
def test_a_frame_by_the_published_renderer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, portrait: Portrait
) -> None:
    hubrepo.use(monkeypatch, tmp_path, files())
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    monkeypatch.setattr(weights, "empty_networks", PUBLISHED)
    clip = liveportrait.load().animate(portrait, [words(1)], Style(), speaking=True)
    (frame,) = clip.frames
    assert clip.size == portrait.image.shape[1::-1] and clip.face is portrait.face.landmarks
    assert frame.image.dtype == np.uint8 and frame.image.shape == portrait.image.shape
    changed = (frame.image != portrait.image).any(-1)
    box = [int(side) for side in portrait.face.box]
    assert changed[box[1] : box[3], box[0] : box[2]].mean() > 0.9
    weight = paste_weight(portrait)
    assert not changed[weight == 0].any()


def paste_weight(portrait: Portrait) -> np.ndarray:
    import cv2

    from pipeline.heads.liveportrait import crop

    place = crop.face_crop(portrait.face.landmarks)
    return cv2.warpAffine(crop.mask_template(), place.back, portrait.image.shape[1::-1])


def test_motion_has_the_frames_of_each_part_at_any_rate(head: engine.LivePortrait) -> None:
    stream = head._driver.start(seed=1)
    with torch.inference_mode():
        parts = [stream.next(words(count, fps=fps), fps) for count, fps in ((7, 25), (60, 30), (3, 24))]
    assert [len(motion.scale) for motion, _ in parts] == [7, 60, 3]
    assert all(rest is parts[0][1] and len(rest.scale) == 1 for _, rest in parts)


def test_same_seed_same_motion(head: engine.LivePortrait) -> None:
    with torch.inference_mode():
        one, same, other = (head._driver.start(seed).next(words(10), 25)[0] for seed in (3, 3, 4))
    assert torch.equal(one.exp, same.exp)
    assert not torch.allclose(one.exp, other.exp)


def test_lips_stay_still_for_a_lips_engine(head: engine.LivePortrait, portrait: Portrait) -> None:
    from pipeline.networks.liveportrait_motion import LIPS

    with torch.inference_mode():
        source = head._encode_source(portrait)
        moving, rest = head._driver.start(0).next(words(10), 25)
        styled = engine._styled(moving, rest, Style(head=0))
        plain = engine.LivePortrait(head._networks, head._driver, engine.Options(stitching=False))
        silent = plain._driven(source, styled, rest, speaking=False)
        spoken = plain._driven(source, styled, rest, speaking=True)
    lips, others = list(LIPS), [point for point in range(21) if point not in LIPS]
    assert torch.allclose(silent[:, lips], source.keypoints[:, lips].expand(10, -1, -1), atol=1e-5)
    assert not torch.allclose(spoken[:, lips], silent[:, lips], atol=1e-3)
    assert torch.allclose(spoken[:, others], silent[:, others], atol=1e-5)


def test_style_scales_each_part(head: engine.LivePortrait) -> None:
    with torch.inference_mode():
        moving, rest = head._driver.start(0).next(words(10), 25)
        still = engine._styled(moving, rest, Style(head=0, expression=0, blinks=0))
    assert torch.equal(still.yaw, rest.yaw.expand(10, 1))
    assert torch.allclose(still.exp[:, 0], rest.exp[:, 0].expand(10, 3))
    assert torch.allclose(still.exp[:, 6], moving.exp[:, 6])


@pytest.mark.parametrize(
    ("key", "content", "says"),
    [
        ("liveportrait_motion", b"cut off", "motion_extractor.pth"),
        ("liveportrait_motion", {"detector.norm.weight": torch.ones(768)}, "not a LivePortrait motion"),
        ("liveportrait_stitching", {"retarget_eye": {}}, "retarget_shoulder"),
        ("joyvasa_motion", {"model": {}}, "args"),
        ("joyvasa_motion", {"args": argparse.Namespace(), "model": {"a": torch.ones(1)}}, "JoyVASA"),
        ("joyvasa_template", pickle.dumps({"mean_exp": np.zeros(63)}), "motion_template.pkl"),
        ("joyvasa_template", pickle.dumps(print), "more than arrays"),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, folder: Path, key: str, content: object, says: str
) -> None:
    hubrepo.use_other(monkeypatch, folder, key, content)
    with pytest.raises(CheckpointError, match=says) as caught:
        weights.load_audio_driver(engine.Options()) if key.startswith("joyvasa") else weights.load_networks()
    assert "\n" not in str(caught.value)


def test_the_lead_in_is_not_shown(head: engine.LivePortrait) -> None:
    # The first frame shown is the third that was generated: those before it belong to silence.
    with torch.inference_mode():
        shown, _ = head._driver.start(0).next(words(5), 25)
        samples = np.zeros(audio_driver.LEAD_IN * 640 + 5 * 640, np.float32)
        import soxr

        samples[audio_driver.LEAD_IN * 640 :] = soxr.resample(words(5).samples, RATE, 16_000)
        made = head._driver.start(0)._generate(torch.from_numpy(samples))
    torch.testing.assert_close(shown.exp, made.exp[audio_driver.LEAD_IN :])


def test_the_multiplier_scales_all_movement(head: engine.LivePortrait, portrait: Portrait) -> None:
    def movement(multiplier: float) -> torch.Tensor:
        made = engine.LivePortrait(head._networks, head._driver, engine.Options(multiplier=multiplier))
        with torch.inference_mode():
            source = made._encode_source(portrait)
            moving, rest = made._driver.start(0).next(words(5), 25)
            return made._driven(source, moving, rest, speaking=True) - source.keypoints

    one, more = movement(1.0), movement(1.1)
    assert one.abs().max() > 0
    torch.testing.assert_close(more, 1.1 * one, atol=1e-5, rtol=0)
    assert engine.Options().multiplier == 1.1, "as published"
