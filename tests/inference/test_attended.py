"""Frames made in steps: the reader hears of each, and can leave between two."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.inference.attended import attended
from pipeline.steps import GivenUpError, Steps
from pipeline.types import Clip, Frame

FRAME = Frame(np.zeros((2, 2, 3), np.uint8))


def clip(steps: Steps | None, frames: Iterator[Frame]) -> Clip:
    return Clip((2, 2), 25, frames, steps=steps)


def test_a_clip_without_steps_is_read_as_it_is() -> None:
    here = threading.current_thread()

    def frames() -> Iterator[Frame]:
        while True:
            assert threading.current_thread() is here
            yield FRAME

    assert list(attended(clip(None, frames()), 3)) == [FRAME] * 3


def test_steps_are_told_on_the_way() -> None:
    steps, told = Steps(), []

    def frames() -> Iterator[Frame]:
        for seconds in (0.5, 1.0):
            steps.reach(seconds)
            deadline = time.monotonic() + 60
            while seconds not in told and time.monotonic() < deadline:
                time.sleep(0.01)
        yield from (FRAME, FRAME, FRAME)

    made = clip(steps, frames())
    for count in (2, 1):
        for item in attended(made, count):
            told.append(item)
    assert [item for item in told if item != 0.0] == [0.5, 1.0, FRAME, FRAME, FRAME]


def test_a_long_step_shows_that_it_is_alive() -> None:
    steps, seen = Steps(), threading.Event()

    def frames() -> Iterator[Frame]:
        assert seen.wait(timeout=60), "the reader hears before the step is done"
        yield FRAME

    for item in attended(clip(steps, frames()), 1):
        seen.set()
        last = item
    assert last is FRAME


def test_frames_that_end_early_and_errors_arrive() -> None:
    steps = Steps()
    assert [each for each in attended(clip(steps, iter((FRAME, FRAME))), 9) if each is FRAME] == [FRAME] * 2

    def broken() -> Iterator[Frame]:
        yield FRAME
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(attended(clip(steps, broken()), 2))


def test_leaving_ends_the_work_after_its_present_step() -> None:
    steps, ended, begun = Steps(), threading.Event(), []

    def frames() -> Iterator[Frame]:
        try:
            for step in range(1, 100):
                begun.append(step)
                time.sleep(0.2)
                steps.reach(float(step))
            yield FRAME
        except GivenUpError:
            ended.set()
            raise

    made = clip(steps, frames())
    reader = attended(made, 1)
    next(reader)
    reader.close()
    assert ended.wait(timeout=60)
    count = len(begun)
    time.sleep(0.3)
    assert len(begun) == count < 99
    made.close()


def test_closing_a_clip_whose_frame_is_being_made_is_no_error() -> None:
    steps, inside, go = Steps(), threading.Event(), threading.Event()

    def frames() -> Iterator[Frame]:
        inside.set()
        go.wait(timeout=60)
        steps.reach(1.0)
        yield FRAME

    made = clip(steps, frames())
    failed: list[BaseException] = []

    def work() -> None:
        try:
            next(made.frames)
        except GivenUpError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(timeout=60)
    made.close()
    go.set()
    thread.join(timeout=60)
    assert len(failed) == 1
