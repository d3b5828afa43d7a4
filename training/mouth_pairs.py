"""Pairs for the mouth network: what the puppet paints, and what the camera saw at the same moment.

    python -m training.mouth_pairs CLIPS TRACKS PAIRS [--photos N] [--frames N]

One frame of a clip is the photo, and the tracked motion of others is played on it. The true frame is warped
by a thin-plate spline until its lips lie on the rendered ones, so that the two differ in how a mouth looks
and not in where it is. TRACKS comes from `training.track`; clips that have their pairs already are skipped,
so the command can be stopped and started again. Two to four seconds per clip.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from pipeline.faces.landmarker import angles
from pipeline.faces.landmarks import AROUND_LIPS, INNER_LIPS, LIPS, LOWER_LIP, MESH_LANDMARKS, UPPER_LIP
from pipeline.puppet.geometry.lip_line import lips_closed, snap_to_lip_line
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.refiner import HEIGHT, WIDTH, crop_mouth
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import BLENDSHAPES, SHAPE, Face, Portrait
from training.track import Track, load_tracks

_COLUMNS = ("drawn", "photo", "cover", "truth", "gap", "skin", "lips")
"""Of each pair: crops of the painted mouth, of the photo's own and of the true frame, the mask of the inside,
the gap of the lips in inter-ocular distances and two of the photo's colours."""
_PHOTO_OPENNESS = (0.03, 0.35, 0.70, 0.97, 0.50, 0.15)
"""How far open the mouths of the photos are, as ranks among the clip's frames."""
_CONTROL_POINTS = [*LIPS, *AROUND_LIPS]
_GRID = (27, 19)
"""Columns and rows at which the spline is evaluated; linear between them."""
_SMOOTHING = 0.002
_MIN_FRAMES = 20
_HEAD = np.array([k for k in range(MESH_LANDMARKS) if k not in {*LIPS}])
"""Landmarks by which a head is laid on a tracked one."""
_SIDEWAYS = np.broadcast_to(np.eye(2)[:, None], (2, len(_HEAD), 2))
_FIT_STEPS, _FIT_ANGLE = 3, 1.0
"""Steps of that fit, and the angle in degrees over which it takes its derivatives."""

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
        if path.exists() or track.face_ok.sum() < _MIN_FRAMES:
            continue
        images = list(_frames(options.clips / f"{track.name}.mp4"))
        rows = list(pairs(images, _faces(track), options.photos, options.frames))
        part = path.with_suffix(".part.npz")
        columns: dict[str, Any] = {
            name: np.array([row[k] for row in rows]) for k, name in enumerate(_COLUMNS)
        }
        np.savez(part, **columns)
        part.replace(path)
        log.info("%s: %d pairs", track.name, len(rows))


def pairs(
    images: list[np.ndarray], faces: list[Face | None], photos: int, frames: int
) -> Iterator[tuple[np.ndarray | float, ...]]:
    """Rows of `_COLUMNS` for one clip; wide open mouths are taken more often."""
    random = np.random.default_rng(0)
    tracked = [(image, face) for image, face in zip(images, faces, strict=False) if face is not None]
    gaps = np.array([_gap(face.landmarks, face.interocular) for _, face in tracked])
    order = np.argsort(gaps)
    chance = 0.15 + np.clip(gaps / 0.12, 0, 1)
    for rank in _PHOTO_OPENNESS[:photos]:
        photo = order[int(rank * (len(tracked) - 1))]
        image, first = tracked[photo]
        renderer = PortraitRenderer(Portrait(image, first), refine_mouth=False)
        count = min(frames, len(tracked))
        played = random.choice(len(tracked), count, replace=False, p=chance / chance.sum())
        for k in played[played != photo]:
            yield pair(renderer, first, *tracked[k])


def pair(
    renderer: PortraitRenderer, first: Face, image: np.ndarray, face: Face
) -> tuple[np.ndarray | float, ...]:
    """One row of `_COLUMNS`: a frame `(H, W, 3)` uint8 and its `face`, as the portrait of `first` does it."""
    scale, palette = renderer.mesh.frame.scale, renderer.palette
    motion = reenacted_motion(renderer, first, face)
    drawn, landmarks = renderer.render_frame(*motion)
    posed = renderer.rig.pose(*motion)
    refiner = renderer.build_refiner()
    transform = refiner.crop_transform(posed.rigid_landmarks[list(LIPS), :2])
    opening = posed.vertices[list(INNER_LIPS), :2] @ transform[:, :2].T + transform[:, 2]
    cover = compositing.polygon_mask(opening, (0, 0, WIDTH, HEIGHT), 0)
    photo = crop_mouth(renderer.image, refiner.crop_transform(renderer.mesh.rest[list(LIPS), :2]))
    true = face.landmarks
    if lips_closed(true, face.interocular):
        true = snap_to_lip_line(image, true, face.interocular)
    truth = _warped_truth(image, true, landmarks, transform, scale)
    gap = _gap(landmarks[:, :2], scale)
    mask = np.round(255 * cover).astype(np.uint8)
    return crop_mouth(drawn, transform), photo, mask, truth, gap, palette.skin, palette.lips


def reenacted_motion(
    renderer: PortraitRenderer, first: Face, face: Face
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blendshapes, pose and shift that bring the portrait of `first` to where and how `face` is.

    The tracker's own pose is a degree or two off, which moves a mouth by a twentieth of an inter-ocular
    distance: pose and shift are fitted to the landmarks of the whole face but its lips (Gauss-Newton).
    """
    pose = (face.pose - first.pose).astype(np.float64)
    shift = np.zeros(2)
    for _ in range(_FIT_STEPS):
        turned = np.vstack([pose, pose + _FIT_ANGLE * np.eye(3)]).astype(np.float32)
        rows = renderer.rig.pose_batch(np.tile(face.blendshapes, (4, 1)), turned, np.tile(shift, (4, 1)))
        at, *near = (posed.vertices[_HEAD, :2].astype(np.float64) for posed in rows)
        away = (face.landmarks[_HEAD, :2] - at) / renderer.mesh.frame.scale
        moved = [(each - at) / (renderer.mesh.frame.scale * _FIT_ANGLE) for each in near]
        jacobian = np.stack([*moved, *_SIDEWAYS], -1).reshape(-1, 5)
        step = np.linalg.lstsq(jacobian, away.ravel(), rcond=None)[0]
        pose, shift = pose + step[:3], shift + step[3:]
    return face.blendshapes, pose.astype(np.float32), shift


def _warped_truth(
    image: np.ndarray, true: np.ndarray, drawn: np.ndarray, transform: np.ndarray, scale: float
) -> np.ndarray:
    """The true frame in the crop of `transform`, its mouth's landmarks moved to the drawn ones."""
    target = drawn[_CONTROL_POINTS, :2]
    middle, offsets = target.mean(0), true[_CONTROL_POINTS, :2] - target
    spline = RBFInterpolator(
        (target - middle) / scale, offsets, kernel="thin_plate_spline", smoothing=_SMOOTHING, degree=1
    )
    to_image = cv2.invertAffineTransform(transform)
    size = WIDTH, HEIGHT
    coarse = _lattice(*_GRID, size) @ to_image[:, :2].T + to_image[:, 2]
    warp = spline((coarse.reshape(-1, 2) - middle) / scale).reshape(*coarse.shape).astype(np.float32)
    fine = _lattice(*size, size)
    steps = (np.array(_GRID, np.float32) - 1) / (np.array(size, np.float32) - 1)
    grid_x, grid_y = np.moveaxis((fine * steps).astype(np.float32), -1, 0)
    sources = fine @ to_image[:, :2].T + to_image[:, 2] + cv2.remap(warp, grid_x, grid_y, cv2.INTER_LINEAR)
    ratio = float(np.linalg.det(transform[:, :2]) ** -0.5)
    if ratio > 1.2:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 * (ratio**2 - 1) ** 0.5)
    map_x, map_y = np.moveaxis(sources.astype(np.float32), -1, 0)
    return cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _lattice(columns: int, rows: int, size: tuple[int, int]) -> np.ndarray:
    """`(rows, columns, 2)` points spread evenly over an image of `size`, corners included."""
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, columns), np.linspace(0, size[1] - 1, rows))
    return np.stack([x, y], -1)


def _gap(landmarks: np.ndarray, scale: float) -> float:
    return float(np.linalg.norm(landmarks[UPPER_LIP] - landmarks[LOWER_LIP])) / scale


def _faces(track: Track) -> list[Face | None]:
    columns = [(SHAPE[name], column) for column, name in enumerate(track.names) if name in SHAPE]
    faces: list[Face | None] = []
    for k, found in enumerate(track.face_ok):
        blendshapes = np.zeros(len(BLENDSHAPES), np.float32)
        for index, column in columns:
            blendshapes[index] = track.blendshapes[k, column]
        matrix = track.matrix[k]
        face = Face(track.landmarks[k], np.clip(blendshapes, 0, 1), angles(matrix), matrix)
        faces.append(face if found else None)
    return faces


def _frames(path: Path) -> Iterator[np.ndarray]:
    import av

    # every stored frame, as in `training.track`
    with av.open(str(path)) as clip:
        for frame in clip.decode(clip.streams.video[0]):
            yield np.ascontiguousarray(frame.to_ndarray(format="rgb24"))


if __name__ == "__main__":
    main()
