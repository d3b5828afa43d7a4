"""Pairs for the mouth network: what the puppet draws, and what the camera saw at the same moment.

    python -m training.mouth_pairs CLIPS TRACKS PAIRS [--photos N] [--frames N]

A frame of a clip is the photo, the tracked motion of others is what it plays. The true frame is bent by a
thin-plate spline until its lips lie on the rendered ones, so that the pair differs in how a mouth looks and
not in where it is. TRACKS comes from `training.track`; clips that have their pairs already are skipped, so
the command can be stopped and started again. Two to four seconds a clip.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from pipeline.faces.landmarker import angles
from pipeline.faces.landmarks import INNER_LIPS, RIGID
from pipeline.puppet.geometry import lip_line
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting import refiner as crops
from pipeline.puppet.painting.mouth import LIPS
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import BLENDSHAPES, SHAPE, Face, Portrait
from training.track import Track, load_tracks

FIELDS = ("drawn", "photo", "cover", "truth", "gap", "skin", "lips")
"""Of each pair: crops of the drawn mouth, of the photo's own and of the true frame, the mask of the inside,
the gap of the lips in inter-ocular distances and two of the photo's tones."""
OPENNESS = (0.03, 0.35, 0.70, 0.97, 0.50, 0.15)
"""How far open, as a share of the clip's frames, the mouths of the photos are."""
_AROUND = (
    164, 2, 98, 327, 18, 83, 313, 182, 406, 106, 335, 200, 201, 421, 194, 418, 204, 424, 57, 287, 43, 273,
    216, 436, 206, 426, 92, 322, 165, 391, 167, 393, 186, 410, 212, 432, 202, 422, 199, 205, 425,
)  # fmt: skip
_FIXED = [*LIPS, *_AROUND]
_GRID = (27, 19)
_STIFF = 0.002
_FEWEST = 20

log = logging.getLogger(__name__)


def main() -> None:
    """Make the pairs of every clip that has none yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path)
    parser.add_argument("tracks", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--photos", type=int, default=5, help="photos from each clip (default 5)")
    parser.add_argument("--frames", type=int, default=18, help="frames for each photo (default 18)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.pairs.mkdir(parents=True, exist_ok=True)
    for track in load_tracks(options.tracks):
        path = options.pairs / f"{track.name}.npz"
        if path.exists() or track.face_ok.sum() < _FEWEST:
            continue
        images = list(_frames(options.clips / f"{track.name}.mp4"))
        rows = list(pairs(images, _faces(track), options.photos, options.frames))
        part = path.with_suffix(".part.npz")
        np.savez(part, **{name: np.array([row[k] for row in rows]) for k, name in enumerate(FIELDS)})
        part.replace(path)
        log.info("%s: %d pairs", track.name, len(rows))


def pairs(
    images: list[np.ndarray], faces: list[Face | None], photos: int, frames: int
) -> Iterator[tuple[np.ndarray | float, ...]]:
    """Rows of `FIELDS` for one clip; wide open mouths are taken more often."""
    random = np.random.default_rng(0)
    seen = [k for k, face in enumerate(faces[: len(images)]) if face is not None]
    gaps = np.array([_gap(faces[k].landmarks, faces[k].interocular) for k in seen])
    order = np.argsort(gaps)
    chance = 0.15 + np.clip(gaps / 0.12, 0, 1)
    for share in OPENNESS[:photos]:
        photo = seen[order[int(share * (len(seen) - 1))]]
        stage = PortraitRenderer(Portrait(images[photo], faces[photo]), retouched=False)
        played = random.choice(seen, min(frames, len(seen)), replace=False, p=chance / chance.sum())
        for k in played[played != photo]:
            yield _pair(stage, faces[photo], images[k], faces[k])


def _pair(
    stage: PortraitRenderer, first: Face, image: np.ndarray, face: Face
) -> tuple[np.ndarray | float, ...]:
    scale, tones = stage.mesh.frame.scale, stage.tones
    motion = follow(stage, first, face)
    drawn, landmarks = stage.show(*motion)
    posed = stage.rig.play(*motion)
    retouch = crops.MouthRefiner(stage.image, stage.mesh.rest[list(LIPS), :2], stage.axes, tones)
    place = retouch.place(posed.skull[list(LIPS), :2])
    opening = posed.points[list(INNER_LIPS), :2] @ place[:, :2].T + place[:, 2]
    cover = compositing.coverage(opening, (0, 0, crops.WIDTH, crops.HEIGHT), 0)
    photo = crops.cut(stage.image, retouch.place(stage.mesh.rest[list(LIPS), :2]))
    true = face.landmarks
    if lip_line.closed(true, face.interocular):
        true = lip_line.snap(image, true, face.interocular)
    truth = _bent(image, true, landmarks, place, scale)
    gap = _gap(landmarks[:, :2], scale)
    mask = np.round(255 * cover).astype(np.uint8)
    return crops.cut(drawn, place), photo, mask, truth, gap, tones.skin, tones.lips


def follow(stage: PortraitRenderer, first: Face, face: Face) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, pose and shift that bring the puppet of `first` to where and how `face` is."""
    pose = face.pose - first.pose
    there = stage.rig.play(face.blendshapes, pose, np.zeros(2)).skull[list(RIGID), :2].mean(0)
    shift = (face.landmarks[list(RIGID), :2].mean(0) - there) / stage.mesh.frame.scale
    return face.blendshapes, pose, shift


def _bent(
    image: np.ndarray, true: np.ndarray, drawn: np.ndarray, place: np.ndarray, scale: float
) -> np.ndarray:
    """The true frame in the crop at `place`, its mouth's landmarks moved to the drawn ones."""
    goal = drawn[_FIXED, :2]
    middle, away = goal.mean(0), true[_FIXED, :2] - goal
    spline = RBFInterpolator(
        (goal - middle) / scale, away, kernel="thin_plate_spline", smoothing=_STIFF, degree=1
    )
    back = cv2.invertAffineTransform(place)
    size = crops.WIDTH, crops.HEIGHT
    coarse = _net(*_GRID, size) @ back[:, :2].T + back[:, 2]
    bend = spline((coarse.reshape(-1, 2) - middle) / scale).reshape(*coarse.shape).astype(np.float32)
    fine = _net(*size, size)
    steps = (np.float32(_GRID) - 1) / (np.float32(size) - 1)
    at_x, at_y = np.moveaxis((fine * steps).astype(np.float32), -1, 0)
    sources = fine @ back[:, :2].T + back[:, 2] + cv2.remap(bend, at_x, at_y, cv2.INTER_LINEAR)
    ratio = float(np.linalg.det(place[:, :2]) ** -0.5)
    if ratio > 1.2:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 * (ratio**2 - 1) ** 0.5)
    there = sources.astype(np.float32)
    return cv2.remap(image, there[..., 0], there[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _net(across: int, down: int, size: tuple[int, int]) -> np.ndarray:
    """`(down, across, 2)` places spread evenly over a picture of `size`, corners included."""
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, across), np.linspace(0, size[1] - 1, down))
    return np.stack([x, y], -1)


def _gap(landmarks: np.ndarray, scale: float) -> float:
    return float(np.linalg.norm(landmarks[13] - landmarks[14])) / scale


def _faces(track: Track) -> list[Face | None]:
    columns = [(SHAPE[name], at) for at, name in enumerate(track.names) if name in SHAPE]
    faces: list[Face | None] = []
    for k, seen in enumerate(track.face_ok):
        scores = np.zeros(len(BLENDSHAPES), np.float32)
        for to, of in columns:
            scores[to] = track.blendshapes[k, of]
        matrix = track.matrix[k]
        face = Face(track.landmarks[k], np.clip(scores, 0, 1), angles(matrix), matrix) if seen else None
        faces.append(face)
    return faces


def _frames(path: Path) -> Iterator[np.ndarray]:
    import av

    # every stored frame, as `training.track` saw them
    with av.open(str(path)) as clip:
        for frame in clip.decode(clip.streams.video[0]):
            yield np.ascontiguousarray(frame.to_ndarray(format="rgb24"))


if __name__ == "__main__":
    main()
