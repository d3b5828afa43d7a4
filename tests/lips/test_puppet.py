"""The embedded lips on any frames: they say the words and leave everything else alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline import engines, faces, render, speech
from pipeline.faces.landmarks import LOWER_LIP, NASION, UPPER_LIP
from pipeline.motion import perform
from pipeline.types import SHAPE, Clip, Frame, Portrait, Speech, Style
from pipeline.video import Writer, probe, read_frames

STYLE = Style(head=0, blinks=0)


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Portrait:
    return faces.portrait(astronaut, size=256)


@pytest.fixture(scope="module")
def words() -> list[Speech]:
    return list(speech.speak("Maybe Bob can bring my big map."))


@pytest.fixture(scope="module")
def said(portrait: Portrait, words: list[Speech]) -> list[Frame]:
    return synced([Frame(portrait.image, portrait.face.landmarks)] * length(words), words)


def length(words: list[Speech]) -> int:
    """How many frames the words last."""
    return sum(part.frames(STYLE.fps) for part in words)


def synced(frames: list[Frame], words: list[Speech]) -> list[Frame]:
    """The frames with the embedded lips saying the words."""
    height, width = frames[0].image.shape[:2]
    clip = Clip((width, height), STYLE.fps, iter(frames))
    return list(engines.load("lips", "puppet").sync(clip, words, STYLE).frames)


def gaps(frames: list[Frame]) -> np.ndarray:
    """The lips' distance that the tracker sees, in inter-ocular distances."""
    seen = faces.track((frame.image for frame in frames), STYLE.fps)
    return np.array(
        [np.linalg.norm(f.landmarks[UPPER_LIP] - f.landmarks[LOWER_LIP]) / f.interocular for f in seen]
    )


def test_one_frame_comes_for_each(words: list[Speech], said: list[Frame]) -> None:
    assert len(said) == length(words)


def test_the_mouth_moves_as_the_words_ask(portrait: Portrait, words: list[Speech], said: list[Frame]) -> None:
    wanted = np.concatenate([m.blendshapes for m in perform(words, STYLE, rest=portrait.face)])
    assert np.corrcoef(wanted[:, SHAPE["jawOpen"]], gaps(said))[0, 1] > 0.6


def test_a_smiling_mouth_closes_for_b_and_m(words: list[Speech], said: list[Frame]) -> None:
    closures = [p for part in words for p in part.phones if p.label in ("m", "b")]
    gap = gaps(said)
    reached = [gap[int(p.start * 25) : int(p.end * 25) + 2].min() for p in closures]
    assert len(closures) >= 5
    assert np.mean(np.array(reached) < 0.05) > 0.8


def test_nothing_above_the_nose_or_far_from_the_face_changes(portrait: Portrait, said: list[Frame]) -> None:
    changed = np.any([frame.image != portrait.image for frame in said], axis=(0, 3))
    rows, columns = np.nonzero(changed)
    left, _, right, _ = portrait.face.box
    assert changed.any()
    assert rows.min() > portrait.face.landmarks[NASION, 1]
    margin = 0.5 * portrait.face.interocular
    assert columns.min() > left - margin and columns.max() < right + margin


def test_frames_without_a_face_pass_unchanged(words: list[Speech]) -> None:
    blank = np.full((120, 160, 3), 90, np.uint8)
    assert all(frame.image is blank for frame in synced([Frame(blank)] * length(words), words))


def test_a_video_gets_new_words(portrait: Portrait, tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    with Writer(source, size=(256, 256), fps=25) as writer:
        for shift in (0, 1, 2, 2, 1, 0, 0, 1, 2, 1):
            writer.write(np.roll(portrait.image, shift, axis=1))
        for _ in range(8):
            writer.write(np.full((256, 256, 3), 120, np.uint8))
    result = render(source, tmp_path / "new.mp4", text="Hi, Bob.", consent="me", mark=False)
    info = probe(result.video)
    assert info.size == (256, 256) and info.duration > 0.5
    assert 0 < result.faceless < info.duration * 25
    first = next(read_frames(result.video)).astype(int)
    assert np.abs(first[:60] - portrait.image[:60]).mean() < 6
