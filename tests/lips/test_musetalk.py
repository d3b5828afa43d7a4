"""MuseTalk end to end: weights from a Hub folder, a real photo, a clip in which the face disappears."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import hubrepo
import numpy as np
import pytest
import torch
from lips import parts
from lips.parts import assert_lower_face, assert_mouth_follows_sound, speech, still, synced

from pipeline import faces
from pipeline.errors import CheckpointError
from pipeline.faces.crops import box_crop
from pipeline.lips import musetalk, whisper_features
from pipeline.lips.face_track import GAP
from pipeline.lips.inpainter import Sample
from pipeline.lips.musetalk import mask as masks
from pipeline.lips.musetalk.engine import MuseTalkLips, network_crop
from pipeline.networks import bisenet
from pipeline.types import Frame, Portrait

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    torch.set_num_threads(1)  # many small kernels: a second thread only waits
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_DEVICE", "cpu")
        hubrepo.use(patch, folder, parts.musetalk_files())
        yield folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> MuseTalkLips:
    made = musetalk.load()
    skin(made._parser)
    return made


def skin(parser: bisenet.BiSeNet) -> None:
    """Makes the parser label everything as skin, as a face mostly is; its filled weights would see noise."""
    parser.classes = lambda image: torch.ones(len(image), *image.shape[2:], dtype=torch.uint8)


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


def test_only_the_lower_face_changes(engine: MuseTalkLips, portrait: Portrait) -> None:
    frames = list(synced(engine, still(portrait, 2), speech(2)))
    assert len(frames) == 2
    _, top, _, bottom = portrait.face.box
    assert_lower_face(frames[1].image, portrait, aside=12, below=0.15 * (bottom - top))


def test_the_mouth_depends_on_the_sound_alone(engine: MuseTalkLips, portrait: Portrait) -> None:
    assert_mouth_follows_sound(engine, portrait, frames=1)


def test_equal_pictures_are_encoded_once(
    engine: MuseTalkLips, portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = []
    latents = engine._network.latents
    monkeypatch.setattr(engine._network, "latents", lambda x: encoded.append(len(x)) or latents(x))
    fresh = MuseTalkLips(engine._network, engine._features, engine._parser)
    for words in (6, 3):  # and other words for the same clip
        list(synced(fresh, still(portrait, 6), speech(words)))
    assert sum(encoded) == 1


def test_a_face_keeps_no_more_than_its_own_latents(
    engine: MuseTalkLips, portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a card, where the batch that it was encoded in is filled up."""
    monkeypatch.setattr(MuseTalkLips, "_on_cuda", True)
    encoded = []
    latents = engine._network.latents
    monkeypatch.setattr(engine._network, "latents", lambda x: encoded.append(len(x)) or latents(x))
    fresh = MuseTalkLips(engine._network, engine._features, engine._parser)
    face = fresh._crop_face(portrait.image, portrait.face.landmarks)
    with torch.inference_mode():
        fresh._encode(fresh._prepare([Sample(Frame(portrait.image), face, torch.zeros(50, parts.WIDTH))] * 2))
    kept = face.encoded.latents
    assert encoded == [2] and kept.untyped_storage().nbytes() == kept.nbytes


def test_a_video_is_tracked_and_frames_without_a_face_are_unchanged(
    engine: MuseTalkLips, portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    empty = np.full_like(portrait.image, 128)
    clip = [portrait.image, portrait.image, *[empty] * (GAP + 2), portrait.image]
    with caplog.at_level(logging.WARNING):
        frames = list(synced(engine, map(Frame, clip), speech(len(clip))))
    assert len(frames) == len(clip)
    assert all(np.array_equal(frame.image, empty) for frame in frames[2 : 2 + GAP + 2])
    assert not np.array_equal(frames[0].image, portrait.image)
    assert not np.array_equal(frames[-1].image, portrait.image)
    assert f"No usable face in {GAP + 2} of {len(clip)} frames" in caplog.text


def test_the_real_parser_gives_a_mask(engine: MuseTalkLips, portrait: Portrait) -> None:
    from pipeline.inference.weights import load_into

    plain = bisenet.BiSeNet()
    load_into(plain, parts.musetalk_files()["face_parsing"], name="face parsing")
    lips = MuseTalkLips(engine._network, engine._features, plain)
    face = lips._crop_face(portrait.image, portrait.face.landmarks)
    with torch.inference_mode():
        lips._encode(lips._prepare([Sample(Frame(portrait.image), face, torch.zeros(50, parts.WIDTH))]))
    mask = face.encoded.mask()
    assert mask.shape == (512, 512) and mask.dtype == np.uint8


def test_windows_across_parts_equal_those_of_the_whole(engine: MuseTalkLips) -> None:
    fps = 30
    speeches = speech(7, 5, 9, fps=fps)
    features = list(engine._features.frames(iter(speeches), fps))
    assert len(features) == 21
    states = [engine._features.encode(part) for part in speeches]
    ends = [int(total * 50 / fps) for total in (7, 12, 21)]
    whole = torch.cat(
        [some[: end - start] for some, start, end in zip(states, [0, *ends], ends, strict=False)]
    )
    for frame in (0, 6, 13, 20):
        start = whisper_features.first_state(frame, fps)
        wanted = torch.zeros(10, 5, parts.WIDTH)
        for slot in range(10):
            if 0 <= start + slot < len(whole):
                wanted[slot] = whole[start + slot]
        torch.testing.assert_close(features[frame], wanted.flatten(0, 1))


def test_later_parts_are_read_when_needed(engine: MuseTalkLips) -> None:
    read = []
    stream = engine._features.frames((read.append(part) or part for part in speech(50, 50, 50)), 25)
    for _ in range(40):
        next(stream)
    assert len(read) == 1


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        ("musetalk_unet", {"conv_in.weight": torch.ones(2)}, "not a MuseTalk checkpoint"),
        ("musetalk_unet", b"PK\x03\x04 cut off", "damaged or incomplete"),
        ("musetalk_config", b"{", "musetalk.json is damaged"),
        ("musetalk_config", b"[]", "not the configuration of a network"),
        ("whisper_tiny", {"encoder.weight": torch.ones(1)}, "model.safetensors"),
        ("vae", {"encoder.conv_in.weight": torch.ones(1)}, "not a Stable Diffusion autoencoder"),
    ],
)
def test_other_files_are_refused(
    monkeypatch: pytest.MonkeyPatch, folder: Path, key: str, content: object, words: str
) -> None:
    hubrepo.use_other(monkeypatch, folder, key, content)
    with pytest.raises(CheckpointError, match=words) as caught:
        musetalk.load()
    assert "\n" not in str(caught.value)


def test_the_card_names_all_checkpoints() -> None:
    from pipeline import hub

    assert set(musetalk.CARD.checkpoints) == set(parts.musetalk_files())
    assert set(musetalk.CARD.checkpoints) <= set(hub.CHECKPOINTS)


def test_the_lower_half_of_the_mask_is_that_of_the_whole() -> None:
    coarse = np.random.default_rng(0).choice([0, masks.SKIN, masks.NOSE, *masks.MOUTH], (32, 32))
    labels = np.kron(coarse, np.ones((16, 16))).astype(np.uint8)
    whole, lower = masks.region_mask(labels), masks.lower_region_mask(labels)
    assert np.array_equal(lower[248:], whole[248:]) and not lower[:240].any()


@pytest.mark.parametrize("face", [(138, 86, 375, 427), (0, 40, 400, 400)])
def test_the_feathered_mask_is_that_of_the_whole_square(face: masks.Box) -> None:
    left, _, right, bottom = face
    mask = np.random.default_rng(0).integers(0, 255, (400, 400)).astype(np.uint8)
    kept = np.zeros_like(mask)
    kept[200:bottom, left:right] = mask[200:bottom, left:right]
    assert np.array_equal(masks.feather_mask(mask, face), cv2.GaussianBlur(kept, (21, 21), 0))


def test_a_box_between_pixels_is_cut_where_it_lies(portrait: Portrait) -> None:
    image, box = portrait.image, (60.3, 50.2, 188.3, 178.2)
    into = box_crop(box, size=(256, 256)).into
    warped = cv2.warpAffine(image, into, (256, 256), flags=cv2.INTER_LANCZOS4)
    apart = np.abs(network_crop(image, box).astype(int) - warped)
    assert apart.mean() < 1 and np.percentile(apart, 99) <= 6, "OpenCV's warp goes in steps of 1/32 px"
    beyond = network_crop(image, (-20.5, -20.5, 107.5, 107.5))
    assert np.abs(beyond[:30, :30].astype(int) - image[0, 0]).max() <= 1, "the edge is repeated"
