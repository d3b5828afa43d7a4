"""Train the face basis of the puppet: how 478 landmarks move with the 52 blendshapes.

    python -m training.basis TRACKS_DIR [TRACKS_DIR …] [-o assets/models/face_basis.npz]

Each TRACKS_DIR holds one `.npz` per clip of one speaker, with `landmarks_q` `(T, 478, 3)` and
`landmarks_scale` (or `landmarks` in px), `blendshapes` `(T, 52)` in MediaPipe's order unless it carries its
own `names`, `matrix` `(T, 4, 4)` and optionally `face_ok`. Head pose is removed by a similarity fit on points
that the skull carries, each speaker's mean face is removed, and a ridge regression per region of the face
maps blendshapes to displacements. How far the lips part is not linear and gets its small network
(`training/lip_aperture.py`). Takes a minute; prints how well both do on held-out speakers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pipeline.faces.landmarks import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LANDMARKS,
    LOWER_LIP,
    MOUTH_CORNERS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP,
)
from pipeline.types import BLENDSHAPES, SHAPE
from training.face_clips import FaceClip, align, mirror, read_clip
from training.lip_aperture import fit_aperture, lip_gaps

_LIPS = sorted(
    {k for row in (INNER_UPPER_LIP, INNER_LOWER_LIP, OUTER_UPPER_LIP, OUTER_LOWER_LIP) for k in row[:6]}
)
"""The right half of the lips, middle included: the basis is symmetric."""
_RIDGE = 1e-4
"""Ridge per speaker, in squared score units; the best of 1e-5 … 3e-2 on held-out speakers."""


def regions(mean: np.ndarray) -> list[tuple[list[int], np.ndarray]]:
    """Blendshape columns and the weights `(478,)` of the vertices that they may move, region by region.

    Speakers blink, nod and talk at the same time; without regions the regression would learn that a blink
    purses the lips.
    """
    lowness = np.clip((mean[:, 1] - 0.15) / 0.35, 0, 1)
    side = np.clip(0.5 + mean[:, 0] / 0.3, 0, 1)
    columns: dict[str, list[int]] = {"left": [], "right": [], "lower": []}
    for name, index in SHAPE.items():
        if name.startswith(("eye", "brow")):
            both = not name.endswith(("Left", "Right"))
            for hand in ("left", "right"):
                if both or name.lower().endswith(hand):
                    columns[hand].append(index)
        else:
            columns["lower"].append(index)
    eyes = {hand: columns[hand] + [SHAPE[f"cheekSquint{hand.title()}"]] for hand in ("left", "right")}
    return [
        (eyes["left"], (1 - lowness) * side),
        (eyes["right"], (1 - lowness) * (1 - side)),
        (columns["lower"], lowness),
    ]


def fit(mean: np.ndarray, clips: list[FaceClip]) -> np.ndarray:
    """The basis `(52, 478, 3)`: displacement in inter-ocular distances per unit of each blendshape."""
    x = np.concatenate([_centred(clip.blendshapes) for clip in clips])
    y = np.concatenate([_centred(clip.faces) for clip in clips])
    basis = np.zeros((len(BLENDSHAPES), LANDMARKS, 3))
    for columns, weight in regions(mean):
        chosen = x[:, columns]
        gram = chosen.T @ chosen + _RIDGE * len(clips) * np.eye(len(columns))
        solved = np.linalg.solve(gram, chosen.T @ y.reshape(len(y), -1)).reshape(len(columns), LANDMARKS, 3)
        basis[columns] += solved * weight[None, :, None]
    return basis


def _centred(frames: np.ndarray) -> np.ndarray:
    """Frames `(T, …)` without their mean, scaled so that every clip has the same weight."""
    return (frames - frames.mean(0)) / len(frames) ** 0.5


def symmetric(basis: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """The mean of the basis and its mirror image: left and right learn from each other.

    `pairs` `(478,)`: the counterpart of each landmark on the other side of the face.
    """
    swap = [SHAPE[_other(name)] for name in BLENDSHAPES]
    return (basis + np.stack([mirror(shape, pairs) for shape in basis])[swap]) / 2


def _other(name: str) -> str:
    for a, b in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(a):
            return name[: -len(a)] + b
    return name


def explained(basis: np.ndarray, clips: list[FaceClip], vertices: list[int]) -> float:
    """Share of the variance of `vertices` that the basis explains, the speakers' means removed."""
    residual = total = 0.0
    for clip in clips:
        truth = (clip.faces - clip.faces.mean(0))[:, vertices]
        predicted = np.einsum("ts,svc->tvc", clip.blendshapes - clip.blendshapes.mean(0), basis[:, vertices])
        residual += ((truth - predicted) ** 2).sum() / len(truth)
        total += (truth**2).sum() / len(truth)
    return 1 - residual / total


def cross_validate(
    mean: np.ndarray, pairs: np.ndarray, clips: list[FaceClip], *, folds: int = 5
) -> tuple[float, float, float]:
    """On held-out speakers: variance explained of the lips and of all landmarks, and r of the lip gap."""
    lips, everything, correlations = [], [], []
    for fold in range(folds):
        held_out = clips[fold::folds]
        rest = [clip for k, clip in enumerate(clips) if k % folds != fold]
        basis = symmetric(fit(mean, rest), pairs)
        lips.append(explained(basis, held_out, _LIPS))
        everything.append(explained(basis, held_out, list(range(LANDMARKS))))
        aperture = fit_aperture(rest, basis, gap_curve(rest, basis))
        for clip in held_out:
            predicted = np.maximum([aperture.predict(row) for row in clip.blendshapes], 0)
            correlations.append(np.corrcoef(predicted, lip_gaps(clip))[0, 1])
    return float(np.mean(lips)), float(np.mean(everything)), float(np.mean(correlations))


def widen_mouth(mean: np.ndarray, basis: np.ndarray, clips: list[FaceClip]) -> np.ndarray:
    """The basis with its mouth as wide and narrow as people's are.

    Blendshapes measured in images are noisy, so a regression on them underestimates the motion; rounded lips
    would hardly look round. Sideways motion of the lower face is scaled until the mouth's width varies as in
    the clips.
    """
    right, left = MOUTH_CORNERS
    slope = (basis[:, left] - basis[:, right])[:, 0]
    true = [(clip.faces[:, left] - clip.faces[:, right])[:, 0] for clip in clips]
    predicted = [clip.blendshapes @ slope for clip in clips]
    spread = [np.sqrt(np.mean([curve.var() for curve in curves])) for curves in (true, predicted)]
    lowness = np.clip((mean[:, 1] - 0.75) / 0.15, 0, 1)
    widened = basis.copy()
    widened[:, :, 0] *= 1 + (spread[0] / spread[1] - 1) * lowness
    print(f"mouth width scaled by {spread[0] / spread[1]:.2f}")
    return widened


def gap_curve(clips: list[FaceClip], basis: np.ndarray) -> np.ndarray:
    """The lip gaps that faces show where the basis predicts others: `(2, K)`, predicted and true.

    Lips stop at each other and part abruptly, so the truth is a hinge: closed up to a point, then steep, then
    linear. Medians in bins, made monotone, from the zero point of the average person.
    """
    slope = (basis[:, LOWER_LIP] - basis[:, UPPER_LIP])[:, 1]
    predicted = np.concatenate([clip.blendshapes @ slope for clip in clips])
    true = np.concatenate([(clip.faces[:, LOWER_LIP] - clip.faces[:, UPPER_LIP])[:, 1] for clip in clips])
    knots = np.arange(-0.06, 0.32, 0.01)
    medians = [np.median(true[np.abs(predicted - knot) < 0.008]) for knot in knots]
    floor = float(np.median(true[predicted < -0.01]))
    curve = np.maximum.accumulate(np.maximum(np.array(medians) - floor, 0))
    # a prediction from noisy blendshapes is flatter than the truth
    spread = float(true.std() / np.interp(predicted, knots, curve).std())
    return np.stack([knots, spread * curve])


def tessellation() -> np.ndarray:
    """MediaPipe's triangles `(852, 3)` of the face, with holes for the eyes and the mouth."""
    from mediapipe.tasks.python import vision

    edges = vision.FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION
    return np.array([edge.start for edge in edges], np.int16).reshape(-1, 3)


def main(argv: list[str] | None = None) -> None:
    """Read the tracks, fit, print the scores, write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tracks", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("assets/models/face_basis.npz"))
    options = parser.parse_args(argv)
    files = sorted(file for folder in options.tracks for file in folder.glob("*.npz"))
    clips = [clip for file in files if (clip := read_clip(file)) is not None]
    mean, pairs, clips = align(clips)
    lips, everything, correlation = cross_validate(mean, pairs, clips)
    basis = widen_mouth(mean, symmetric(fit(mean, clips), pairs), clips)
    aperture = fit_aperture(clips, basis, gap_curve(clips, basis))
    np.savez_compressed(
        options.output,
        mean=mean.astype(np.float32),
        basis=np.round(basis, 5).astype(np.float16),
        triangles=tessellation(),
        opening_most=np.float32(aperture.ceiling),
        opening_weights=np.float32(aperture.weights),
        opening_bias=np.float32(aperture.bias),
        opening_out=np.float32(aperture.out_weights),
        opening_base=np.float32(aperture.out_bias),
    )
    print(f"{len(clips)} speakers, {sum(len(clip.faces) for clip in clips)} frames")
    print(f"variance explained on held-out speakers: lips {lips:.3f}, all landmarks {everything:.3f}")
    print(f"gap of the lips on held-out speakers: r {correlation:.3f}")
    print(f"wrote {options.output} ({options.output.stat().st_size / 1024:.0f} KiB)")


if __name__ == "__main__":
    main()
