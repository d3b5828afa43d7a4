"""Learns the puppet's face basis: how 478 landmarks move with the 52 blendshape scores.

    python -m training.basis TRACKS_DIR [TRACKS_DIR …] [-o assets/models/face_basis.npz]

Each TRACKS_DIR holds one `.npz` per clip of one speaker, with `landmarks_q` `(T, 478, 3)` and
`landmarks_scale` (or `landmarks` in px), `blendshapes` `(T, 52)` in MediaPipe's order unless it carries its
own `names`, `matrix` `(T, 4, 4)` and optionally `face_ok`. Head pose is taken out by a similarity fit on
points that the skull carries, each speaker's mean face is taken out, and a ridge regression per region of
the face maps scores to displacements. How far the lips part is not linear and gets its small network
(`training/opening.py`). A minute of work; prints how well both do on speakers left out in turn.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.puppet.geometry.basis import similarity
from pipeline.types import BLENDSHAPES, SHAPE
from training.opening import fit_opening, gaps

RIGID = (10, 151, 9, 8, 168, 6, 197, 195, 33, 133, 362, 263, 127, 356, 234, 454, 109, 338, 67, 297, 21, 251)
LIPS = (0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 185, 191)
RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)
RIDGE = 1e-4
"""Ridge per speaker, in squared score units; the best of 1e-5 … 3e-2 on speakers left out."""
FRAMES_PER_CLIP = 150

MEDIAPIPE = (
    "_neutral",
    *sorted((name for name in BLENDSHAPES if name != "tongueOut"), key=str.lower),
)
"""FaceLandmarker's own order of the scores: `_neutral`, then the alphabet."""


@dataclass(frozen=True)
class Clip:
    """One speaker's tracked frames with the head's pose removed."""

    name: str
    faces: np.ndarray
    """`(T, 478, 3)` in inter-ocular distances: x right, y down, z away from the viewer."""
    scores: np.ndarray
    """`(T, 52)` ordered as `BLENDSHAPES`."""


def read_clip(path: Path) -> Clip | None:
    """The good frames of one track file, turned upright by the tracker's pose; None with fewer than 20."""
    with np.load(path) as data:
        landmarks = (
            data["landmarks_q"] * float(data["landmarks_scale"])
            if "landmarks_q" in data
            else np.asarray(data["landmarks"])
        ).astype(np.float64)
        names = [str(name) for name in data["names"]] if "names" in data else list(MEDIAPIPE)
        raw, matrix = np.asarray(data["blendshapes"], np.float64), np.asarray(data["matrix"], np.float64)
        good = np.isfinite(landmarks).all((1, 2)) & np.isfinite(raw).all(1)
        if "face_ok" in data:
            good &= data["face_ok"]
    if good.sum() < 20:
        return None
    keep = np.flatnonzero(good)
    keep = keep[np.unique(np.linspace(0, len(keep) - 1, min(FRAMES_PER_CLIP, len(keep))).astype(int))]
    scores = np.zeros((len(keep), len(BLENDSHAPES)))
    for column, name in enumerate(names):
        if name in SHAPE:
            scores[:, SHAPE[name]] = raw[keep, column]
    return Clip(path.stem, np.stack([_upright(landmarks[k], matrix[k]) for k in keep]), scores)


def _upright(landmarks: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    flip = np.diag([1.0, -1.0, -1.0])
    eyes = landmarks[list(LEFT_EYE)].mean(0) - landmarks[list(RIGHT_EYE)].mean(0)
    middle = landmarks[list(LEFT_EYE + RIGHT_EYE)].mean(0)
    return (landmarks - middle) @ (flip @ rotation @ flip) / np.linalg.norm(eyes)


def align(clips: list[Clip], *, rounds: int = 5) -> tuple[np.ndarray, list[Clip]]:
    """The mean face `(478, 3)` and the clips fitted to it on rigid points (generalised Procrustes)."""
    rigid = list(RIGID)
    mean = np.mean([clip.faces.mean(0) for clip in clips], 0)
    for _ in range(rounds):
        fitted = []
        for clip in clips:
            # each speaker is fitted to the mean once, then their frames to their own mean: a shared
            # fit would turn the differences between people into head motion
            own = clip.faces.mean(0)
            scale, rotation, shift = similarity(own[rigid], mean[rigid])
            own = scale * own @ rotation.T + shift
            frames = []
            for face in clip.faces:
                s, r, t = similarity(face[rigid], own[rigid])
                frames.append(s * face @ r.T + t)
            fitted.append(Clip(clip.name, np.stack(frames), clip.scores))
        mean = np.mean([clip.faces.mean(0) for clip in fitted], 0)
        mean = (mean + mirror(mean)) / 2
        mean -= mean[list(LEFT_EYE + RIGHT_EYE)].mean(0)
        mean /= np.linalg.norm(mean[list(LEFT_EYE)].mean(0) - mean[list(RIGHT_EYE)].mean(0))
        clips = fitted
    return mean, clips


_PAIRS: list[np.ndarray] = []


def mirror(face: np.ndarray) -> np.ndarray:
    """A face `(478, 3)` seen in a mirror, its landmarks renumbered so that each keeps its meaning."""
    flipped = face * (-1.0, 1.0, 1.0)
    if not _PAIRS:
        distance = np.linalg.norm(face[:, None] - flipped[None], axis=2)
        # the irises lie on the eyelids' plane: pair them among themselves
        distance[:468, 468:] = distance[468:, :468] = np.inf
        _PAIRS.append(distance.argmin(1))
    return flipped[_PAIRS[0]]


def groups(mean: np.ndarray) -> list[tuple[list[int], np.ndarray]]:
    """Score columns and the weight `(478,)` of the vertices that they may move, region by region.

    Speakers blink, nod and talk together; without regions the regression would learn that a blink purses
    the lips.
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


def fit(mean: np.ndarray, clips: list[Clip]) -> np.ndarray:
    """The basis `(52, 478, 3)`: displacement in inter-ocular distances per unit of score."""
    x = np.concatenate([(clip.scores - clip.scores.mean(0)) / len(clip.scores) ** 0.5 for clip in clips])
    y = np.concatenate([(clip.faces - clip.faces.mean(0)) / len(clip.faces) ** 0.5 for clip in clips])
    basis = np.zeros((len(BLENDSHAPES), 478, 3))
    for columns, weight in groups(mean):
        chosen = x[:, columns]
        gram = chosen.T @ chosen + RIDGE * len(clips) * np.eye(len(columns))
        solved = np.linalg.solve(gram, chosen.T @ y.reshape(len(y), -1)).reshape(len(columns), 478, 3)
        basis[columns] += solved * weight[None, :, None]
    return basis


def symmetric(basis: np.ndarray) -> np.ndarray:
    """The mean of the basis and its mirror image: left and right learn from each other."""
    swap = [SHAPE[_other(name)] for name in BLENDSHAPES]
    return (basis + np.stack([mirror(shape) for shape in basis])[swap]) / 2


def _other(name: str) -> str:
    for a, b in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(a):
            return name[: -len(a)] + b
    return name


def explained(basis: np.ndarray, clips: list[Clip], vertices: list[int]) -> float:
    """Share of the variance of `vertices` that the basis explains, the speakers' means removed."""
    rest = total = 0.0
    for clip in clips:
        truth = (clip.faces - clip.faces.mean(0))[:, vertices]
        told = np.einsum("ts,svc->tvc", clip.scores - clip.scores.mean(0), basis[:, vertices])
        rest += ((truth - told) ** 2).sum() / len(truth)
        total += (truth**2).sum() / len(truth)
    return 1 - rest / total


def cross_validated(mean: np.ndarray, clips: list[Clip], *, folds: int = 5) -> tuple[float, float, float]:
    """On speakers left out: share of variance explained of the lips and of all landmarks, the opening's r."""
    lips, everything, follows = [], [], []
    for fold in range(folds):
        held = clips[fold::folds]
        rest = [clip for k, clip in enumerate(clips) if k % folds != fold]
        basis = symmetric(fit(mean, rest))
        lips.append(explained(basis, held, list(LIPS)))
        everything.append(explained(basis, held, list(range(478))))
        opening = fit_opening(rest, basis, gap_curve(rest, basis))
        for clip in held:
            told = np.maximum([opening.told(scores) for scores in clip.scores], 0)
            follows.append(np.corrcoef(told, gaps(clip))[0, 1])
    return float(np.mean(lips)), float(np.mean(everything)), float(np.mean(follows))


def widened(mean: np.ndarray, basis: np.ndarray, clips: list[Clip]) -> np.ndarray:
    """The basis with its mouth as wide and narrow as people's are.

    Scores read from pictures are noisy, so a regression on them tells less than happens; rounded lips would
    hardly look round. Sideways motion of the lower face grows until the mouth's width varies as in the clips.
    """
    slope = (basis[:, 291] - basis[:, 61])[:, 0]
    true = [(clip.faces[:, 291] - clip.faces[:, 61])[:, 0] for clip in clips]
    told = [clip.scores @ slope for clip in clips]
    spread = [np.sqrt(np.mean([curve.var() for curve in curves])) for curves in (true, told)]
    lowness = np.clip((mean[:, 1] - 0.75) / 0.15, 0, 1)
    grown = basis.copy()
    grown[:, :, 0] *= 1 + (spread[0] / spread[1] - 1) * lowness
    print(f"mouth width grown by {spread[0] / spread[1]:.2f}")
    return grown


def gap_curve(clips: list[Clip], basis: np.ndarray) -> np.ndarray:
    """What the inner lips' gap really is where the scores tell a gap linearly: `(2, K)`, told and true.

    Lips stop at each other and part at once, so the truth is a hinge: closed up to a point, then steep,
    then linear. Medians in bins, made monotone, from the scores' zero point of the average person.
    """
    slope = (basis[:, 14] - basis[:, 13])[:, 1]
    told = np.concatenate([clip.scores @ slope for clip in clips])
    true = np.concatenate([(clip.faces[:, 14] - clip.faces[:, 13])[:, 1] for clip in clips])
    knots = np.arange(-0.06, 0.32, 0.01)
    medians = [np.median(true[np.abs(told - knot) < 0.008]) for knot in knots]
    floor = float(np.median(true[told < -0.01]))
    shown = np.maximum.accumulate(np.maximum(np.array(medians) - floor, 0))
    # what is told by noisy scores is flatter than what is shown
    spread = float(true.std() / np.interp(told, knots, shown).std())
    return np.stack([knots, spread * shown])


def tessellation() -> np.ndarray:
    """MediaPipe's triangles `(852, 3)` of the face, without the eyes' and the mouth's openings."""
    from mediapipe.tasks.python import vision

    edges = vision.FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION
    return np.array([edge.start for edge in edges], np.int16).reshape(-1, 3)


def main(argv: list[str] | None = None) -> None:
    """Read the tracks, fit, say how good it is, write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tracks", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("assets/models/face_basis.npz"))
    options = parser.parse_args(argv)
    files = sorted(file for folder in options.tracks for file in folder.glob("*.npz"))
    clips = [clip for file in files if (clip := read_clip(file)) is not None]
    mean, clips = align(clips)
    lips, everything, follows = cross_validated(mean, clips)
    basis = widened(mean, symmetric(fit(mean, clips)), clips)
    opening = fit_opening(clips, basis, gap_curve(clips, basis))
    np.savez_compressed(
        options.output,
        mean=mean.astype(np.float32),
        basis=np.round(basis, 5).astype(np.float16),
        triangles=tessellation(),
        **{f"opening_{name}": np.float32(value) for name, value in asdict(opening).items()},
    )
    print(f"{len(clips)} speakers, {sum(len(clip.faces) for clip in clips)} frames")
    print(f"variance explained on speakers left out: lips {lips:.3f}, all landmarks {everything:.3f}")
    print(f"opening of the lips on speakers left out: r {follows:.3f}")
    print(f"wrote {options.output} ({options.output.stat().st_size / 1024:.0f} KiB)")


if __name__ == "__main__":
    main()
