"""Wav2Lip end to end: weights from a Hub folder, a real photo, a clip in which the face disappears."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch
from lips import parts
from lips.parts import assert_lower_face, assert_mouth_follows_sound, changed, speech, still, synced

from pipeline import faces, hub
from pipeline.errors import CheckpointError
from pipeline.lips import wav2lip
from pipeline.lips.face_track import GAP
from pipeline.lips.wav2lip import Options
from pipeline.lips.wav2lip.engine import Wav2LipLips
from pipeline.types import Frame, Portrait
from pipeline.video import Writer

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wav2LipLips]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        hubrepo.use(patch, tmp_path_factory.mktemp("hub"), parts.wav2lip_files())
        yield wav2lip.load()


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


def test_only_the_lower_face_changes(engine: Wav2LipLips, portrait: Portrait) -> None:
    frames = list(synced(engine, still(portrait, 3), speech(3)))
    assert len(frames) == 3
    _, top, _, bottom = portrait.face.box
    assert_lower_face(frames[1].image, portrait, aside=2, below=0.15 * (bottom - top))


def test_the_mouth_depends_on_the_sound_alone(engine: Wav2LipLips, portrait: Portrait) -> None:
    assert_mouth_follows_sound(engine, portrait, frames=2)


def test_a_video_is_tracked_and_frames_without_a_face_are_unchanged(
    engine: Wav2LipLips, portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    empty = np.full_like(portrait.image, 128)
    moving = [np.roll(portrait.image, 2 * step, axis=1) for step in range(5)]
    clip = [*moving, *[empty] * (GAP + 2), *moving[::-1]]
    with caplog.at_level(logging.WARNING):
        frames = list(synced(engine, map(Frame, clip), speech(len(clip))))
    gone = slice(5, 5 + GAP + 2)
    assert len(frames) == len(clip)
    assert all(np.array_equal(frame.image, empty) for frame in frames[gone])
    assert f"No usable face in {GAP + 2} of {len(clip)} frames" in caplog.text
    moved = [
        np.mean(changed(frame.image, image)[::2]) for frame, image in zip(frames[:5], moving, strict=True)
    ]
    assert np.allclose(np.diff(moved), 2, atol=1.6), "the mouth moves with the face"


def test_new_words_for_a_video_file(engine: Wav2LipLips, portrait: Portrait, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with Writer(path, size=(256, 256), fps=25, metadata={}) as writer:
        writer.sound(speech(4)[0].samples)
        for _ in range(4):
            writer.write(portrait.image)
    footage = faces.open_footage(path)
    before = [frame.image for frame in footage.frames()]
    after = [frame.image for frame in synced(engine, footage.frames(), speech(4))]
    assert len(after) == len(before) == 4
    _, top, _, bottom = portrait.face.box
    for old, new in zip(before, after, strict=True):
        area = changed(new, old)
        assert area[1] > top + 0.3 * (bottom - top) and (old != new).any()


def test_frames_are_read_as_they_are_needed(engine: Wav2LipLips, portrait: Portrait) -> None:
    read = 0

    def frames() -> Iterator[Frame]:
        nonlocal read
        for frame in still(portrait, 100):
            read += 1
            yield frame

    stream = synced(engine, frames(), speech(100))
    next(stream)
    stream.close()
    assert read <= 40, "three batches of four, and a few for each of the other steps"


def test_speech_shorter_and_longer_than_the_video(
    engine: Wav2LipLips, portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(list(synced(engine, still(portrait, 3), speech(1)))) == 3
    assert not caplog.messages
    assert len(list(synced(engine, still(portrait, 1), speech(3)))) == 1
    assert "ends before the speech does" in caplog.text


def test_a_network_that_changes_nothing_is_not_seen(portrait: Portrait) -> None:
    class Same(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, mel: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
            return 0.9 * faces[:, 3:] + 0.04

    (frame,) = synced(Wav2LipLips(Same()), still(portrait, 1), speech(1))
    left, top, right, bottom = changed(frame.image, portrait.image)
    off = frame.image[top:bottom, left:right].astype(int) - portrait.image[top:bottom, left:right]
    assert np.abs(off.mean((0, 1))).max() < 2, "colours are matched"
    assert np.abs(off).mean() < 6, "only detail beyond 96 px is lost"


def test_published_boxes_run_ahead_of_a_moving_head(engine: Wav2LipLips, portrait: Portrait) -> None:
    def middles(boxes: str) -> np.ndarray:
        lips = Wav2LipLips(engine._network, Options(boxes=boxes))
        frames = [
            Frame(
                np.roll(portrait.image, 3 * step, axis=1),
                portrait.face.landmarks + np.float32([3 * step, 0, 0]),
            )
            for step in range(9)
        ]
        empty = Frame(np.full_like(portrait.image, 128))
        cuts = list(lips._placed([*frames, *[empty] * (GAP + 1)], 25))
        placed = [(frame, cut and cut(frame.image)) for frame, cut in cuts]
        assert [place is None for _, place in placed] == [False] * 9 + [True] * (GAP + 1)
        assert all(frame is shown for (frame, _), shown in zip(placed, frames, strict=False))
        return np.array([-place.full.into[0, 2] for _, place in placed[:9]])

    lead = middles("published") - middles("steady")
    assert np.allclose(lead[2:5], 6, atol=1), "by two frames"
    assert np.abs(np.diff(middles("published"))).max() < 6


def test_published_boxes_are_painted_too(engine: Wav2LipLips, portrait: Portrait) -> None:
    lips = Wav2LipLips(engine._network, Options(boxes="published"))
    one, other = (list(synced(each, still(portrait, 3), speech(3)))[1].image for each in (lips, engine))
    assert np.abs(np.subtract(changed(one, portrait.image), changed(other, portrait.image))).max() <= 2


def test_a_face_that_is_too_small_is_unchanged_and_counted(
    engine: Wav2LipLips, portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    tiny = Frame(portrait.image, portrait.face.landmarks / np.float32(10))
    with caplog.at_level(logging.WARNING):
        frames = list(synced(engine, [tiny] * 3, speech(3)))
    assert all(frame.image is portrait.image and frame.landmarks is None for frame in frames)
    assert "No usable face in 3 of 3 frames" in caplog.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"state_dict": {"module.face_encoder.0.weight": torch.ones(2)}}, "not a Wav2Lip checkpoint"),
        ({"generator": {}}, "has no part 'state_dict'"),
        (b"PK\x03\x04 cut off", "damaged or incomplete"),
    ],
)
def test_other_files_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: object, words: str
) -> None:
    hubrepo.use(monkeypatch, tmp_path, {"wav2lip_gan": content})
    with pytest.raises(CheckpointError, match=words):
        wav2lip.load()


def test_a_missing_tensor_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    weights = parts.wav2lip_files()["wav2lip_gan"]["state_dict"]
    lacking = {name: value for name, value in weights.items() if name != "module.output_block.1.bias"}
    path = tmp_path / "wav2lip_gan.pth"
    path.write_bytes(hubrepo.serialised(path.name, {"state_dict": lacking}))
    monkeypatch.setattr(hub, "fetch", lambda key: path)
    with pytest.raises(CheckpointError, match=r"1 missing \(output_block\.1\.bias\)"):
        wav2lip.load()
