"""FlashHead as a head: windows of speech become frames, in the photo's square or pasted back into it.

The networks are the real ones in reduced widths, loaded from files in the published formats, or small ones
that show the photo, where the picture matters.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import hubrepo
import numpy as np
import pytest
import torch
from heads import flashheadparts
from heads.flashheadparts import SIDE, photographic, speech
from sounds import write_wav

from pipeline import engines, faces, hub, stream
from pipeline.errors import CheckpointError, PhotoError, StudioError
from pipeline.heads import flashhead, flashhead_lite
from pipeline.heads.flashhead import Options, weights
from pipeline.heads.flashhead.engine import FlashHead
from pipeline.heads.flashhead.framing import Framing
from pipeline.inference import device, placement
from pipeline.progress import Progress
from pipeline.steps import Steps
from pipeline.types import Portrait, Speech, Style

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"
VARIANTS = {"flashhead": weights.PRO, "flashhead_lite": weights.LITE}


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=300)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, weights.Networks]:
    """Both variants' networks in reduced widths, from files."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_DEVICE", "cpu")
        patch.setattr(weights, "empty_networks", flashheadparts.reduced)
        made = {}
        for name, variant in VARIANTS.items():
            hubrepo.use(patch, tmp_path_factory.mktemp(name), flashheadparts.files(variant))
            made[name] = weights.load_networks(variant, offload="auto")
        return made


def play(
    networks: weights.Networks,
    portrait: Portrait,
    parts: list[Speech],
    options: Options | None = None,
    style: Style | None = None,
    *,
    speaking: bool = True,
) -> np.ndarray:
    """The frames `(n, H, W, 3)`."""
    head = FlashHead(networks, options or Options())
    clip = head.animate(portrait, parts, style or Style(), speaking=speaking)
    frames = [frame.image for frame in clip.frames]
    assert all(image.shape[1::-1] == clip.size for image in frames)
    return np.stack(frames)


@pytest.mark.parametrize("name", VARIANTS)
def test_from_published_files_to_frames(
    loaded: dict[str, weights.Networks], portrait: Portrait, name: str
) -> None:
    frames = play(loaded[name], portrait, speech(9, 4), Options(steps=2))
    assert frames.shape == (13, SIDE, SIDE, 3) and frames.dtype == np.uint8
    assert len(np.unique(frames[:, :8, :8], axis=0)) > 8, "the frames differ"
    off = np.abs(frames.astype(int).mean((0, 1, 2)) - Framing(portrait, "crop", SIDE).square.mean((0, 1)))
    assert off.max() < 12, "the colours are the photo's"


def test_the_same_seed_gives_the_same_frames(
    loaded: dict[str, weights.Networks], portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "load_networks", lambda variant, *, offload: loaded["flashhead_lite"])

    def frames(seed: int, **options: Any) -> np.ndarray:
        head = flashhead_lite.load(flashhead_lite.Options(**options))
        clip = head.animate(portrait, speech(20, 6), Style(seed=seed), speaking=True)
        return np.stack([frame.image for frame in clip.frames])

    one = frames(1)
    assert len(one) == 26, "more than one window"
    assert np.array_equal(one, frames(1))
    assert not np.array_equal(one, frames(2))
    assert not np.array_equal(one, frames(1, sampled=False))


def test_the_frames_hear_the_speech(loaded: dict[str, weights.Networks], portrait: Portrait) -> None:
    one, other = (play(loaded["flashhead_lite"], portrait, speech(24, seed=seed)) for seed in (0, 1))
    assert not np.array_equal(one, other)
    one, other = (
        play(loaded["flashhead_lite"], portrait, speech(24, seed=seed), speaking=False) for seed in (0, 1)
    )
    assert np.array_equal(one, other), "a resting mouth hears nothing"


@pytest.mark.parametrize(
    ("variant", "free_gb", "asked", "offloaded"),
    [
        ("LITE", 7.0, "auto", False),
        ("LITE", 6.0, "auto", True),
        ("PRO", 7.0, "auto", True),
        ("PRO", 8.1, "auto", False),
        ("PRO", 7.0, "no", False),
        ("PRO", 80.0, "yes", True),
    ],
)
def test_the_transformer_leaves_a_gpu_that_has_less_than_its_card_says(
    variant: str, free_gb: float, asked: Any, offloaded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights.device, "free_bytes", lambda where: int(free_gb * 1e9))
    cuda = torch.device("cuda")
    assert weights.is_offloaded(getattr(weights, variant), cuda, asked) is offloaded


def test_a_layer_at_a_time_gives_the_same_frames(
    loaded: dict[str, weights.Networks], portrait: Portrait, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    monkeypatch.setattr(weights, "empty_networks", flashheadparts.reduced)
    hubrepo.use(monkeypatch, tmp_path, flashheadparts.files(weights.LITE))
    offloaded = weights.load_networks(weights.LITE, offload="yes")
    wanted = play(loaded["flashhead_lite"], portrait, speech(3))
    assert np.array_equal(play(offloaded, portrait, speech(3)), wanted)


def test_placed_as_on_a_card(
    loaded: dict[str, weights.Networks], portrait: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half precision, channels last and batches of fixed sizes, on a CPU."""
    card = placement.Placement(torch.device("cpu"), torch.float16, channels_last=True, fixed_shapes=True)
    monkeypatch.setenv(device.DEVICE, "cpu")
    monkeypatch.setattr(
        placement.Placement, "choose", lambda where, **given: card if given["half"] else plain
    )
    plain = replace(card, dtype=None, channels_last=False)
    single = loaded["flashhead"]
    half = weights.prepare(weights.Networks(*map(copy.deepcopy, vars(single).values())))
    assert {half.denoiser.head.modulation.dtype, next(half.vae.parameters()).dtype} == {torch.bfloat16}
    options = Options(steps=2)
    one, other = (play(networks, portrait, speech(4), options).astype(int) for networks in (single, half))
    assert 0 < np.abs(one - other).mean() < 8


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_as_many_frames_as_the_speech_lasts(portrait: Portrait, fps: int) -> None:
    frames = play(photographic(SIDE), portrait, speech(3, 1, 31, fps=fps), style=Style(fps=fps))
    assert len(frames) == 35


def test_a_frame_that_begins_a_window_is_not_lost(portrait: Portrait) -> None:
    frames = play(photographic(SIDE), portrait, speech(57, fps=50), style=Style(fps=50))
    assert len(frames) == 57, "the second window shows the last one alone"


def test_no_speech_no_frames(portrait: Portrait) -> None:
    clip = FlashHead(photographic(SIDE), Options()).animate(portrait, [], Style(), speaking=True)
    assert list(clip.frames) == []


def test_speech_is_read_as_it_is_needed(portrait: Portrait) -> None:
    read, encoded = 0, threading.Event()

    def parts() -> Iterator[Speech]:
        nonlocal read
        assert encoded.wait(timeout=60), "the photo is encoded while the first words are still to come"
        for part in speech(*[20] * 20):
            read += 1
            yield part

    class Telling(flashheadparts.PixelAutoencoder):
        def encode_still(self, *given: Any) -> torch.Tensor:
            encoded.set()
            return super().encode_still(*given)

    networks = replace(photographic(SIDE), vae=Telling())
    clip = FlashHead(networks, Options()).animate(portrait, parts(), Style(), speaking=True)
    assert len(list(islice(clip.frames, 28))) == 28
    assert read <= 8, "140 frames, of three windows and two slices for later, are in seven parts"
    clip.close()


def test_a_window_that_ran_out_of_memory_is_made_again(portrait: Portrait) -> None:
    class Short(flashheadparts.PhotoDenoiser):
        calls_made = 0

        def forward(self, noisy: Any, reference: Any, time: float, heard: Any) -> Any:
            self.calls_made += 1
            self.noisy = [*getattr(self, "noisy", []), noisy.clone()]
            if self.calls_made == 6:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(noisy, reference, time, heard)

    made = photographic(SIDE)
    short = weights.Networks(made.encoder, Short(made.denoiser.settings), made.vae)
    frames = play(short, portrait, speech(56))
    assert len(frames) == 56
    first, second, again = short.denoiser.given
    assert torch.equal(second, again) and not torch.equal(first, second), "it heard the same once more"
    assert torch.equal(short.denoiser.noisy[4], short.denoiser.noisy[6]), "from the same noise"


def test_sound_and_picture_stay_together(portrait: Portrait) -> None:
    """A click is heard by the frames at its time, in the windows of a longer speech too."""
    networks = photographic(SIDE)
    samples = np.zeros(48_000 * 3, np.float32)
    at = 61
    samples[at * 1920 : at * 1920 + 960] = 0.5
    play(networks, portrait, [Speech(samples)])
    heard = networks.denoiser.given
    assert len(heard) == 3 and all(len(audio) == 33 for audio in heard)
    loud = [int((audio[5:, 2] - audio[5, 2]).abs().amax((1, 2)).argmax()) for audio in heard]
    assert abs(2 * 28 + loud[2] - at) <= 2


def test_the_photo_is_shown_as_it_is(portrait: Portrait) -> None:
    shown = play(photographic(192), portrait, speech(3))[1]
    square = Framing(portrait, "crop", 192).square
    assert np.abs(shown.astype(int) - square).max() <= 2


def test_the_photo_around_the_square_stays(portrait: Portrait) -> None:
    wide = faces.portrait(PHOTO)
    frames = play(photographic(192), wide, speech(2), Options(framing="full"))
    left, top, right, bottom = Framing(wide, "full", 192).box
    outside = np.ones(wide.image.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert outside.any() and np.array_equal(frames[0][outside], wide.image[outside])
    assert np.abs(frames[0].astype(int) - wide.image).mean() < 2, "the square lies where it was cut"


def test_a_square_at_the_photos_edge_shows_up_to_the_edge(portrait: Portrait) -> None:
    framing = Framing(portrait, "full", 192)
    left, top, right, bottom = framing.box
    assert bottom - top == right - left and left >= 0 and right <= 300 and bottom <= 300
    assert (framing._mask[-1, 96] == 1) == (bottom == 300)
    assert (framing._mask[96, 0] == 1) == (left == 0)


@pytest.mark.parametrize("framing", ["crop", "full", "centre"])
def test_the_clip_says_where_the_face_is(portrait: Portrait, framing: str) -> None:
    head = FlashHead(photographic(256), Options(framing=framing))
    clip = head.animate(portrait, speech(1), Style(), speaking=False)
    (frame,) = clip.frames
    (found,) = faces.find(frame.image, others=False)
    assert clip.face is not None
    off = np.linalg.norm(clip.face[:, :2] - found.landmarks[:, :2], axis=1).mean()
    assert off < 0.05 * np.ptp(found.landmarks[:, 1]), "the photo's landmarks lie on the frame's face"


def test_a_video_is_refused() -> None:
    with pytest.raises(PhotoError, match="'footage'"):
        FlashHead(photographic(SIDE), Options()).animate(object(), [], Style(), speaking=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"steps": "3"}, "steps=3 is not possible; choose one of 2, 4"),
        ({"colour": 2}, "from 0 to 1"),
        ({"framing": "whole"}, "framing called"),
    ],
)
def test_options_out_of_range_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(StudioError, match=words):
        Options(**given)


def test_other_files_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "empty_networks", lambda variant: photographic(SIDE))
    hubrepo.use(monkeypatch, tmp_path, {"flashhead_pro": {"decoder.weight": torch.ones(2)}})
    with pytest.raises(CheckpointError, match="not a SoulX-FlashHead transformer checkpoint"):
        flashhead.load()


def test_only_lite_is_for_research_only() -> None:
    for name, commercial in (("flashhead", True), ("flashhead_lite", False)):
        card = engines.card("head", name)
        files = [hub.CHECKPOINTS[key] for key in card.checkpoints]
        assert card.commercial == commercial == all(file.commercial for file in files)
        assert card.speaks and all(file.sha256 and file.revision for file in files)


def test_a_job_is_told_of_each_step_and_stops_inside_a_window(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Through the studio: progress before the first frame, and a cancel that no other step follows."""
    steps: list[float] = []
    second = threading.Event()

    class Waiting(flashheadparts.PhotoDenoiser):
        def forward(self, noisy: Any, reference: Any, time: float, heard: Any) -> Any:
            steps.append(time)
            if len(steps) > 1:
                second.wait(timeout=60)
            return super().forward(noisy, reference, time, heard)

    made = photographic(SIDE)
    slow = weights.Networks(made.encoder, Waiting(made.denoiser.settings), made.vae)
    monkeypatch.setattr(engines, "load", lambda *_: FlashHead(slow, Options()))
    monkeypatch.setattr(hub, "pull", lambda keys: iter(()))
    words = write_wav(tmp_path / "words.wav", 0.1 * np.random.default_rng(0).standard_normal(32_000))
    events = stream(PHOTO, tmp_path / "talk.mp4", audio=words, consent="me", head="flashhead")
    for event in events:
        if isinstance(event, Progress) and event.stage == "animation" and event.fraction > 0.02:
            break
    assert event.fraction < 0.5, "a part of the first window"
    give_up = Steps.give_up
    monkeypatch.setattr(Steps, "give_up", lambda self: give_up(self) or second.set())
    events.close()
    assert second.is_set() and len(steps) == 2, "the step that was being made is the last"
    assert not (tmp_path / "talk.mp4").exists()
