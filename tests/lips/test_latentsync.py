"""LatentSync end to end: weights from a Hub folder, a real photo, a clip in which the face disappears."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch
from lips import parts
from lips.parts import assert_lower_face, speech, still, synced

from pipeline import faces
from pipeline.errors import CheckpointError
from pipeline.lips import latentsync
from pipeline.lips.face_track import GAP
from pipeline.lips.latentsync import align
from pipeline.lips.latentsync.engine import LatentSyncLips, Options
from pipeline.types import Frame, Portrait

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    torch.set_num_threads(1)  # many small kernels: a second thread only waits
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_DEVICE", "cpu")
        hubrepo.use(patch, folder, parts.latentsync_files())
        yield folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> LatentSyncLips:
    return latentsync.load(Options(steps=1))


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


def test_only_the_lower_face_changes_and_a_faceless_frame_is_unchanged(
    engine: LatentSyncLips, portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    empty = [Frame(np.full_like(portrait.image, 128))] * (GAP + 2)
    with caplog.at_level(logging.WARNING):
        frames = list(synced(engine, [*still(portrait, 1), *empty], speech(GAP + 3)))
    assert len(frames) == GAP + 3
    left, top, right, bottom = portrait.face.box
    assert_lower_face(frames[0].image, portrait, aside=0.2 * (right - left), below=0.3 * (bottom - top))
    assert all(np.array_equal(frame.image, empty[0].image) for frame in frames[1:])
    assert f"No usable face in {GAP + 2} of {GAP + 3} frames" in caplog.text


@torch.inference_mode()
def test_noise_and_sound_matter_inside_the_mask_only(engine: LatentSyncLips) -> None:
    random = torch.Generator().manual_seed(0)
    faces, kept = torch.rand(2, 3, 64, 64, generator=random) * 2 - 1, torch.ones(64, 64)
    kept[32:] = 0
    heard = torch.randn(2, 2, 50, parts.WIDTH, generator=random)
    noise = torch.randn(2, 4, 8, 8, generator=random)
    first, again, other_noise, other_sound = (
        engine._network(faces, kept, heard[sound], noise[start], steps=2, guidance=1.5)
        for start, sound in ((0, 0), (0, 0), (1, 0), (0, 1))
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other_noise)
    assert not torch.allclose(first, other_sound)
    torch.testing.assert_close(first[:, :, :32], faces[:, :, :32] / 2 + 0.5)
    assert not torch.allclose(first[:, :, 32:], faces[:, :, 32:] / 2 + 0.5)


def test_guidance_of_one_is_the_conditional_prediction(engine: LatentSyncLips) -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        video, heard = torch.randn(1, 13, 2, 8, 8), torch.randn(2, 50, parts.WIDTH)
        step = torch.tensor(400)
        alone = engine._network._predict_noise(video, step, heard, 1.0)
        near = engine._network._predict_noise(video, step, heard, 1.0 + 1e-6)
        strong = engine._network._predict_noise(video, step, heard, 3.0)
    torch.testing.assert_close(alone, near, atol=1e-3, rtol=0)
    assert not torch.allclose(alone, strong, atol=1e-2)


def test_states_come_before_the_final_norm_and_repeat_at_the_ends(engine: LatentSyncLips) -> None:
    (part,) = speech(4)
    states = engine._features.encode(part)
    first = next(engine._features.frames([part], 25)).unflatten(0, (10, 5))
    assert torch.equal(first[:5], states[:1].expand(5, -1, -1))
    assert states[:, -1].mean(-1).abs().max() > 0.2, "a norm would have centred them"


def test_brows_and_nose_are_aligned_with_the_template(portrait: Portrait) -> None:
    crop = align.face_crop(portrait.face.landmarks, 512)
    placed = crop.place(portrait.face.landmarks)
    wanted = align.template(512) * 512 / (np.array([75, 100]) * 5.6)
    found = align.alignment_points(placed)
    assert np.abs(found - wanted).max() < 20
    kept = align.keep_mask(512)
    for inside in (61, 291, 17, 152):
        across, down = placed[inside].astype(int)
        assert kept[down, across] == 0, "mouth and chin are repainted"
    for outside in (33, 263, 10):
        across, down = placed[outside].clip(0, 511).astype(int)
        assert kept[down, across] == 1, "eyes and forehead are not"


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        (
            "latentsync_unet",
            {"state_dict": {"conv_in.weight": torch.ones(2, 2)}},
            "not a LatentSync checkpoint",
        ),
        ("latentsync_unet", {"conv_in.weight": torch.ones(2)}, "has no part 'state_dict'"),
        ("latentsync_unet", b"PK\x03\x04 cut off", "damaged or incomplete"),
        ("latentsync_whisper", {"model_state_dict": {}}, "'dims' are missing"),
    ],
)
def test_other_files_are_refused(
    monkeypatch: pytest.MonkeyPatch, folder: Path, key: str, content: object, words: str
) -> None:
    hubrepo.use_other(monkeypatch, folder, key, content)
    with pytest.raises(CheckpointError, match=words) as caught:
        latentsync.load()
    assert "\n" not in str(caught.value)


def test_the_card_names_all_checkpoints() -> None:
    assert set(latentsync.CARD.checkpoints) == set(parts.latentsync_files())
