"""A presenter who listens: alive, attentive, and at rest where shots join."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline import faces
from pipeline.motion.blendshape_groups import MOUTH
from pipeline.script.document import Presenter
from pipeline.script.listener import SETTLED, listening_motion
from pipeline.script.segments import silence
from pipeline.script.shots import Role
from pipeline.types import RATE, SHAPE, Motion, Phone, Portrait, Speech, Style

FPS = 25
STYLE = Style(seed=4, settle=SETTLED)


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Portrait:
    return faces.portrait(astronaut, size=256)


def phrase(seconds: float) -> Speech:
    spoken = Phone("a", 0.1, seconds - 0.3)
    return Speech(np.zeros(round(seconds * RATE), np.float32), (spoken, Phone("", seconds - 0.3, seconds)))


def listened(portrait: Portrait, attends: tuple[bool, bool], side: int = 1) -> Motion:
    role = Role("guest", Presenter(subject=Path("x.jpg")), False, attends, side)
    return listening_motion([phrase(3.0), phrase(3.0), phrase(2.0)], STYLE, role, portrait)


def test_who_listens_looks_at_the_speaker_and_keeps_the_mouth_shut(portrait: Portrait) -> None:
    motion = listened(portrait, (False, False))
    assert len(motion) == 8 * FPS
    middle = slice(2 * FPS, 6 * FPS)
    assert motion.pose[middle, 0].mean() > 4
    assert motion.blendshapes[middle, SHAPE["eyeLookOutLeft"]].mean() > 0.25
    other = listened(portrait, (False, False), side=-1)
    assert other.pose[middle, 0].mean() < -4
    assert other.blendshapes[middle, SHAPE["eyeLookOutRight"]].mean() > 0.25
    assert np.ptp(motion.blendshapes[:, MOUTH], axis=0).max() < 1e-6


def test_who_listens_blinks_and_nods_as_phrases_end(portrait: Portrait) -> None:
    lids = nods = 0.0
    for seed in range(4):
        style = Style(seed=seed, settle=SETTLED)
        role = Role("guest", Presenter(subject=Path("x.jpg")), False, (True, True), 1)
        parts = [phrase(3.0), phrase(3.0), phrase(2.0)]
        motion = listening_motion(parts, style, role, portrait)
        still = listening_motion([silence(8 * FPS, FPS)], style, role, portrait)
        lids += np.sum(np.diff((motion.blendshapes[:, SHAPE["eyeBlinkLeft"]] > 0.6).astype(int)) > 0)
        nod = motion.pose[:, 1] - still.pose[:, 1]
        nods += nod.max() > 2
        assert nod[: round(2.7 * FPS)].max() < 1e-6  # not before the phrase has ended
    assert lids >= 4
    assert nods >= 3


@pytest.mark.parametrize("attends", [(False, False), (True, False), (False, True), (True, True)])
def test_shots_join_at_rest(portrait: Portrait, attends: tuple[bool, bool]) -> None:
    motion = listened(portrait, attends)
    for row, attentive in ((0, attends[0]), (-1, attends[1])):
        assert motion.pose[row] == pytest.approx([7.0 if attentive else 0.0, 0, 0], abs=1e-4)
        assert motion.shift[row] == pytest.approx([0, 0], abs=1e-6)
    assert np.abs(np.diff(motion.pose[-4:], axis=0)).max() < 1e-4
    assert np.abs(np.diff(motion.pose[:2], axis=0)).max() < 0.1
