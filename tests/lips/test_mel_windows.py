"""Mel windows of each frame: the same whether the speech comes in one part or in many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.lips.mel_windows import frame_mels
from pipeline.types import RATE, Speech


def noise(frames: int, fps: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal(frames * RATE // fps)).astype(np.float32)


@pytest.mark.parametrize("fps", [24, 25, 30, 50])
def test_parts_give_the_windows_of_the_whole(fps: int) -> None:
    samples = noise(3 * fps, fps)
    parts = np.split(samples, np.array([7, 8, 40]) * (RATE // fps))
    whole = np.stack(list(frame_mels([Speech(samples)], fps)))
    pieces = np.stack(list(frame_mels(map(Speech, parts), fps)))
    assert whole.shape == (3 * fps, 80, 16)
    assert np.abs(whole - pieces).max() < 1e-3


def test_parts_are_read_only_when_needed() -> None:
    read = []

    def parts() -> Iterator[Speech]:
        for index in range(3):
            read.append(index)
            yield Speech(noise(50, 25, index))

    windows = frame_mels(parts(), 25)
    for _ in range(40):
        next(windows)
    assert read == [0]


@pytest.mark.parametrize("frames", [0, 1, 2, 5])
def test_every_frame_of_a_short_speech_has_a_window(frames: int) -> None:
    windows = list(frame_mels([Speech(noise(frames, 25))], 25))
    assert len(windows) == frames
    assert all(window.shape == (80, 16) for window in windows)


def test_a_beep_is_in_the_right_windows() -> None:
    samples = np.zeros(2 * RATE, np.float32)
    samples[RATE : RATE + RATE // 10] = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE // 10) / RATE)
    loudest = [window.mean(0).argmax() for window in frame_mels([Speech(samples)], 25)]
    # Frame 23 begins 0.08 s before the beep: its window shows it from the sixth column on.
    assert 6 <= loudest[23] <= 14
    assert next(iter(frame_mels([Speech(samples)], 25))).max() < -3


def test_an_offset_moves_the_windows() -> None:
    speech = [Speech(noise(50, 25))]
    plain, later = list(frame_mels(speech, 25)), list(frame_mels(speech, 25, offset=5))
    assert np.array_equal(plain[15], later[10])
