"""An emotion looks the same on a face that frowns, on one with raised brows and on one that smiles."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.motion.emotions import EMOTIONS
from pipeline.types import SHAPE

FACES = [
    {"browDownLeft": 0.6, "browDownRight": 0.6},
    {"browInnerUp": 0.9, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7},
    {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5, "eyeSquintLeft": 0.5, "eyeSquintRight": 0.5},
]


def face(named: dict[str, float]) -> np.ndarray:
    scores = np.zeros(len(SHAPE), np.float32)
    scores[[SHAPE[name] for name in named]] = list(named.values())
    return scores


@pytest.mark.parametrize("name", ["warm", "serious", "excited"])
def test_faces_become_alike_in_brows_and_mouth(name: str) -> None:
    shown = [column for part, column in SHAPE.items() if part.startswith(("brow", "mouth"))]
    faces = [face(named)[shown] for named in FACES]
    played = [EMOTIONS[name].over(face(named), 1.0)[shown] for named in FACES]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        apart = np.linalg.norm(played[one] - played[other])
        assert apart < 0.5 * np.linalg.norm(faces[one] - faces[other])


def test_neutral_keeps_the_mouth_and_most_of_the_brows_and_no_strength_changes_nothing() -> None:
    for named in FACES:
        own = face(named)
        kept = EMOTIONS["neutral"].over(own, 1.0)
        assert (kept >= 0.6 * own).all() and (kept <= own).all()
        mouth = [column for part, column in SHAPE.items() if part.startswith("mouth")]
        assert (kept[mouth] == own[mouth]).all()
        for emotion in EMOTIONS.values():
            assert (emotion.over(own, 0.0) == own).all()


def test_a_warm_face_has_no_frown_and_its_brows_are_never_low() -> None:
    for named in FACES:
        own, warm = face(named), EMOTIONS["warm"].over(face(named), 1.0)
        assert warm[SHAPE["browDownLeft"]] == warm[SHAPE["browDownRight"]] == 0
        assert warm[SHAPE["browInnerUp"]] >= max(0.1, 0.4 * own[SHAPE["browInnerUp"]])
        assert warm[SHAPE["browOuterUpLeft"]] >= 0.4 * own[SHAPE["browOuterUpLeft"]]
