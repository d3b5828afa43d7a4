"""How far the lips part for given blendshapes, and how a photo's own mouth calibrates that."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.lip_aperture import calibration
from pipeline.puppet.geometry.lip_contact import LipContact
from pipeline.types import BLENDSHAPES, SHAPE


def scores(**wanted: float) -> np.ndarray:
    """Blendshapes `(52,)`, all 0 but those `wanted`; a name without a side means both."""
    row = np.zeros(len(BLENDSHAPES), np.float32)
    for name, value in wanted.items():
        for full in (name, f"{name}Left", f"{name}Right"):
            if full in SHAPE:
                row[SHAPE[full]] = value
    return row


def gap(**wanted: float) -> float:
    return float(face_basis().aperture.predict(scores(**wanted)))


def test_the_wider_the_jaw_the_wider_the_lips() -> None:
    gaps = [gap(jawOpen=jaw) for jaw in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)]
    assert (np.diff(gaps) > 0).all() and gaps[-1] > 0.2


@pytest.mark.parametrize("smile", [0.0, 0.25])
def test_pressed_lips_are_shut_smiling_or_not(smile: float) -> None:
    pressed = {"mouthPress": 0.16, "mouthRollLower": 0.14, "mouthRollUpper": 0.1, "mouthShrugLower": 0.1}
    assert gap(mouthSmile=smile, **pressed) < 0.01


def test_scores_beyond_the_training_data_stay_bounded() -> None:
    random = np.random.default_rng(0)
    rows = random.uniform(0, 1, (500, len(BLENDSHAPES))).astype(np.float32)
    gaps = face_basis().aperture.predict(rows)
    assert np.isfinite(gaps).all() and gaps.max() < 1.0


@pytest.mark.parametrize(
    ("predicted", "actual"), [(0.03, 0.0), (0.1, 0.2), (0.2, 0.1), (-0.02, 0.05), (-0.02, 0.0)]
)
def test_a_photo_keeps_its_own_gap_and_every_mouth_closes(predicted: float, actual: float) -> None:
    knots = calibration(predicted, actual)

    def calibrated(gap: float) -> float:
        return float(np.interp(gap, *knots))

    assert calibrated(predicted) == pytest.approx(actual, abs=1e-6)
    assert calibrated(-0.06) == 0
    # lips that a photo shows apart meet where people's do, at a small predicted gap
    assert calibrated(0.012) == 0 or actual == 0 or predicted < 0.05
    assert calibrated(0.9) == pytest.approx(0.9, abs=0.01)
    assert (np.diff([calibrated(gap) for gap in np.linspace(-0.06, 0.8, 100)]) >= 0).all()


def test_lips_of_an_open_photo_touch_at_scores_of_lips_that_all_but_touch() -> None:
    basis, frame = face_basis(), FaceFrame(100.0, np.eye(3), np.zeros(3))
    own, nearly = scores(jawOpen=0.5, mouthLowerDown=0.3), scores()
    assert 0.02 < gap() < 0.03
    rest = 100 * (basis.mean + np.tensordot(own, basis.shapes, 1)).astype(np.float32)
    faces = rest + 100 * np.tensordot(np.stack([own, nearly]) - own, basis.shapes, 1).astype(np.float32)
    LipContact(rest, frame, own, basis).apply(faces, np.stack([own, nearly]), np.zeros(2))
    apart = np.linalg.norm(faces[:, LOWER_LIP] - faces[:, UPPER_LIP], axis=1) / 100
    assert np.allclose(faces[0], rest, atol=1) and apart[0] > 0.2 and apart[1] < 0.004


def test_rounded_lips_sink_between_corners_that_hang() -> None:
    basis, frame = face_basis(), FaceFrame(100.0, np.eye(3), np.zeros(3))
    upper, lower = list(INNER_UPPER_LIP), list(INNER_LOWER_LIP)
    rest = 100 * basis.mean.astype(np.float32)
    rest[lower, 1] = rest[upper, 1]
    drop = 4 * ((rest[upper, 0] - rest[LOWER_LIP, 0]) / np.ptp(rest[upper, 0]) * 2) ** 2
    for edge in (upper, lower):
        rest[edge, 1] = rest[LOWER_LIP, 1] + drop  # the corners hang by 0.04 inter-ocular distances
    rows = np.stack([scores(jawOpen=0.2), scores(jawOpen=0.2, mouthPucker=0.6), scores(mouthPucker=0.6)])
    faces = np.repeat(rest[None], len(rows), 0)
    contact = LipContact(rest, frame, scores(), basis)
    contact.apply(faces, rows, np.zeros(len(rows)))
    middle = (faces[:, upper, 1] + faces[:, lower, 1]) / 2
    gap = faces[:, LOWER_LIP, 1] - faces[:, UPPER_LIP, 1]
    corners = (middle[:, 0] + middle[:, -1]) / 2
    # what the parting itself moves the middle: the lower lip makes more of the way than the upper
    above = corners - middle[:, 5] + 0.1 * gap
    assert gap[1] > 6
    assert above[0] == pytest.approx(4.0, abs=0.3)  # wide open, the lips keep their arch
    assert above[1] < 0.55 * above[0]
