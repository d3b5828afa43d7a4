"""The types that travel hold what their docstrings promise."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline import types
from pipeline.faces.landmarks import EYE_CORNERS
from pipeline.types import (
    BLENDSHAPES,
    FRAME_RATES,
    RATE,
    SHAPE,
    Clip,
    Face,
    Frame,
    Motion,
    Phone,
    Portrait,
    Speech,
    Style,
    Word,
    join,
    shift_time,
)


def face() -> Face:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[list(EYE_CORNERS["Left"]), 0] = 60
    landmarks[4] = (30, 40, 5)
    return Face(landmarks, np.zeros(52, np.float32), np.zeros(3, np.float32))


def motion() -> Motion:
    return Motion(25, np.zeros((7, 52)), np.zeros((7, 3)), np.zeros((7, 2)))


def holders() -> list[object]:
    """One of each type that holds arrays."""
    image = np.zeros((4, 4, 3), np.uint8)
    return [
        Speech(np.zeros(RATE, np.float32)),
        face(),
        Portrait(image, face()),
        motion(),
        Frame(image, np.zeros((478, 3), np.float32)),
        Clip((4, 4), 25, iter([Frame(image)])),
    ]


def test_a_frame_is_a_whole_number_of_samples() -> None:
    assert all(RATE % fps == 0 for fps in FRAME_RATES)


def test_blendshapes_are_arkits_52() -> None:
    assert len(set(BLENDSHAPES)) == 52
    assert {"jawOpen", "eyeBlinkLeft", "mouthSmileRight", "tongueOut"} <= set(BLENDSHAPES)
    assert BLENDSHAPES[SHAPE["jawOpen"]] == "jawOpen"


@pytest.mark.parametrize("index", range(len(holders())))
def test_what_holds_arrays_compares_and_hashes_by_identity(index: int) -> None:
    one, same = holders()[index], holders()[index]
    assert one == one and one != same
    assert len({one, same, one}) == 2


def test_plain_values_compare_by_value() -> None:
    assert Phone("a", 0, 1) == Phone("a", 0, 1) and Style(seed=1) == Style(seed=1) != Style(seed=2)
    assert len({Word("Ah", 0, 1), Word("Ah", 0, 1)}) == 1


def test_join_shifts_times_and_keeps_the_first_language() -> None:
    first = Speech(
        np.zeros(RATE, np.float32), (Phone("a", 0.1, 0.4),), (Word("Ah", 0.1, 0.4),), "Ah.", language="de"
    )
    second = Speech(
        np.ones(RATE // 2, np.float32), (Phone("m", 0.0, 0.2),), (Word("Mm", 0.0, 0.2),), "Mm.", language="fr"
    )
    whole = join([first, Speech(np.zeros(0, np.float32)), second])
    assert whole.duration == pytest.approx(1.5)
    assert [(phone.label, phone.start, phone.end) for phone in whole.phones] == [
        ("a", 0.1, 0.4),
        ("m", 1.0, 1.2),
    ]
    assert [word.start for word in whole.words] == [0.1, 1.0]
    assert (whole.text, whole.language) == ("Ah. Mm.", "de")
    assert whole.samples[RATE - 1] == 0 and whole.samples[RATE] == 1


def test_join_of_nothing_is_silence_of_no_length() -> None:
    nothing = join(iter(()))
    assert (nothing.duration, nothing.phones, nothing.text, nothing.language) == (0, (), "", "und")


def test_shifting_keeps_the_length() -> None:
    assert shift_time(Phone("a", 0.5, 0.75), 2.0) == Phone("a", 2.5, 2.75)


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_speech_counts_its_frames(fps: int) -> None:
    assert Speech(np.zeros(37 * RATE // fps, np.float32)).frames(fps) == 37


def test_a_face_knows_its_box_and_the_distance_of_its_eyes() -> None:
    assert face().box == (0, 0, 60, 40)
    assert face().interocular == pytest.approx(60)
    assert {types._EYE_CORNERS[0], types._EYE_CORNERS[1][::-1]} == set(EYE_CORNERS.values())


def test_motion_is_as_long_as_its_frames() -> None:
    assert len(motion()) == 7


def test_closing_a_clip_stops_what_makes_its_frames() -> None:
    stopped = []

    def frames():
        try:
            while True:
                yield Frame(np.zeros((4, 4, 3), np.uint8))
        finally:
            stopped.append(True)

    clip = Clip((4, 4), 25, frames())
    next(clip.frames)
    clip.close()
    assert stopped and next(clip.frames, None) is None
    Clip((4, 4), 25, iter([])).close()
