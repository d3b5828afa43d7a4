"""Learn how skin shades as a face smiles: the folds beside its mouth.

    python -m training.folds CLIPS TRACKS [CLIPS TRACKS …] [--out assets/models/folds.npz]

Every tracked frame is warped onto the mean face. How the logarithm of its light differs there from the clip's
mean, fine detail and broad light removed, is regressed on the clip's scores, with the head's pose as another
cause, which makes a map of the log ratio per unit of smile. Only what gets darker beside the mouth is kept:
the rest of the map, and all of a map of lowered brows, is as strong where the tracker errs. After Liu, Shan
and Zhang (2001, "Expressive expression mapping with ratio images").
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.faces.landmarks import EYE_CORNERS, OUTER_LIPS
from pipeline.puppet.geometry.basis import FaceBasis, face_basis
from pipeline.puppet.warping.folds import HEIGHT, ORIGIN, PATH, PER_UNIT, WIDTH
from pipeline.puppet.warping.rasterizer import draw_solid, far
from pipeline.types import SHAPE
from training.face_clips import MEDIAPIPE_BLENDSHAPES
from training.track import Track, load_tracks

_EVERY = 4
"""Of the frames, one in so many is looked at."""
_FEWEST = 7
"""Frames that a clip needs."""
_OTHERS = (
    "browDown", "browInnerUp", "browOuterUp", "eyeSquint", "eyeBlink", "jawOpen", "mouthPucker",
    "mouthUpperUp", "mouthPress", "mouthStretch",
)  # fmt: skip
"""Scores that explain light away but get no map."""
_FAINT, _PLAIN = 0.025, 0.05
"""Loss of log light per unit below which it is noise, and above which it is a fold."""
_HIGHEST = 0.4
"""Inter-ocular distances below the eyes, above which nothing is kept."""
_FINE, _BROAD = 0.03, 0.3
"""Inter-ocular distances below which detail is noise, and above which light is the room's."""
_DARK = 6.0
"""Grey levels added before the logarithm."""
_STRONGEST = 0.5
"""Change of log light above which something came into view."""
_RIDGE = 10.0
"""Added to the sum of squares of every cause."""
_BARE = 0.07
"""Inter-ocular distances around lips, eyes and the face's outline that no map reaches."""
_SOFT = 0.06
"""Distance over which maps end there."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Clip:
    light: np.ndarray
    """`(T, HEIGHT, WIDTH)`: log light on the mean face, its mean over the clip removed."""
    causes: np.ndarray
    """`(T, C)`, their mean removed."""


def fold(clips: list[_Clip]) -> np.ndarray:
    """`(HEIGHT, WIDTH)` log ratio per unit of smile, the same on both sides of the face."""
    count = clips[0].causes.shape[1]
    squares = sum((clip.causes.T @ clip.causes for clip in clips), _RIDGE * np.eye(count))
    products = sum(clip.causes.T @ clip.light.reshape(len(clip.light), -1) for clip in clips)
    found = np.linalg.solve(squares, products)[0].reshape(HEIGHT, WIDTH)
    return beside_mouth((found + found[:, ::-1]) / 2 * _skin(face_basis()))


def beside_mouth(found: np.ndarray) -> np.ndarray:
    """`found` `(HEIGHT, WIDTH)` where it is plainly darker, below the nose's bridge."""
    kept = found * np.clip((-found - _FAINT) / (_PLAIN - _FAINT), 0, 1)
    kept[: round(ORIGIN[1] + _HIGHEST * PER_UNIT)] = 0
    return np.asarray(kept)


def explained(clips: list[_Clip], found: np.ndarray) -> float:
    """Correlation of what `found` says with the light, where it says most, over the clips that smile most."""
    strong = np.abs(found) > 0.05
    said = [clip.causes[:, 0, None] * found[strong] for clip in clips]
    least = np.percentile([each.std() for each in said], 75)
    pairs = [
        (each.ravel(), clip.light[:, strong].ravel())
        for each, clip in zip(said, clips, strict=True)
        if each.std() >= least
    ]
    return float(np.corrcoef(*(np.concatenate(side) for side in zip(*pairs, strict=True)))[0, 1])


def read(clips: Path, tracks: Path) -> Iterator[_Clip]:
    """The clips of one folder that are long enough."""
    for track in load_tracks(tracks):
        rows, light = zip(*_frames(clips / f"{track.name}.mp4", track), strict=True)
        if len(rows) < _FEWEST:
            continue
        causes = _causes(track)[list(rows)]
        seen = np.array(light) - np.mean(light, 0)
        yield _Clip(np.clip(seen, -_STRONGEST, _STRONGEST), causes - causes.mean(0))


def _causes(track: Track) -> np.ndarray:
    """`(T, C)`: the smile, the other scores, and the pose with its squares in units of 20°."""
    column = {name: at for at, name in enumerate(track.names or MEDIAPIPE_BLENDSHAPES)}

    def score(name: str) -> np.ndarray:
        sides = [name] if name in SHAPE else [f"{name}Left", f"{name}Right"]
        return track.blendshapes[:, [column[side] for side in sides]].mean(1)

    pose = angles(track.matrix) / 20
    return np.column_stack([*map(score, ("mouthSmile", *_OTHERS)), pose, pose[:, :2] ** 2])


def _frames(path: Path, track: Track) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers of the frames that are looked at, and the log light of each on the mean face."""
    basis = face_basis()
    flat = np.column_stack([basis.mean[:, :2] * PER_UNIT + ORIGIN, basis.mean[:, 2] * PER_UNIT])
    with av.open(str(path)) as container:
        for row, frame in zip(range(len(track.time)), container.decode(video=0), strict=False):
            if row % _EVERY == 0 and track.face_ok[row]:
                grey = frame.to_ndarray(format="gray").astype(np.float32)
                yield row, _on_mean_face(grey, track.landmarks[row], flat.astype(np.float32), basis)


def _on_mean_face(grey: np.ndarray, landmarks: np.ndarray, flat: np.ndarray, basis: FaceBasis) -> np.ndarray:
    eyes = [landmarks[list(corners), :2].mean(0) for corners in EYE_CORNERS.values()]
    coarse = float(np.linalg.norm(eyes[0] - eyes[1])) / PER_UNIT
    grey = cv2.GaussianBlur(grey, (0, 0), max(0.35 * coarse, 0.3))
    shape = HEIGHT, WIDTH
    map_x, map_y, depth = np.zeros(shape, np.float32), np.zeros(shape, np.float32), far(shape)
    draw_solid(
        flat, np.ascontiguousarray(landmarks[:, :2], np.float32), basis.triangles, 0, 0, map_x, map_y, depth
    )
    covered = (map_x > 0).astype(np.float32)
    light = np.log(cv2.remap(grey, map_x, map_y, cv2.INTER_LINEAR) + _DARK)
    return (_blurred(light, covered, _FINE) - _blurred(light, covered, _BROAD)) * covered


def _blurred(light: np.ndarray, covered: np.ndarray, reach: float) -> np.ndarray:
    size = reach * PER_UNIT
    weight = cv2.GaussianBlur(covered, (0, 0), size)
    return cv2.GaussianBlur(light * covered, (0, 0), size) / np.maximum(weight, 0.02)


def _skin(basis: FaceBasis) -> np.ndarray:
    """`(HEIGHT, WIDTH)`: 1 on skin that folds, falling to 0 at lips, eyes and the face's outline."""
    flat = np.round(basis.mean[:, :2] * PER_UNIT + ORIGIN).astype(np.int32)
    skin = np.zeros((HEIGHT, WIDTH), np.uint8)
    for triangle in basis.triangles:
        cv2.fillConvexPoly(skin, flat[triangle], 1)
    cv2.fillPoly(skin, [flat[list(OUTER_LIPS)]], 0)
    distance = cv2.distanceTransform(np.pad(skin, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] / PER_UNIT
    return np.asarray(np.clip((distance - _BARE) / _SOFT, 0, 1))


def main() -> None:
    """Read the clips and write the map."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of clips and of their tracks, in turn")
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    pairs = zip(options.folders[::2], options.folders[1::2], strict=True)
    clips = [clip for folders in pairs for clip in read(*folders)]
    log.info("left out: r = %.2f", explained(clips[::3], fold([c for i, c in enumerate(clips) if i % 3])))
    save: Any = np.savez_compressed
    save(options.out, map=fold(clips).astype(np.float16))
    log.info("%s: learned from %d clips", options.out, len(clips))


if __name__ == "__main__":
    main()
