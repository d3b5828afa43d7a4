"""The grid around the face: the vertices that carry hair, ears, neck and the background close to them.

Each of them belongs to the head by a weight that falls from one near the face to zero on the torso, at some
distance from the face and at the border of the photo.
"""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.sampling import depth_inside, nearest_pixels

STATIC_DISTANCE = 0.55
"""Distance outside the subject from which pixels stand still, in inter-ocular distances."""
_SPACING = 0.22
"""Distance between neighbouring vertices, in inter-ocular distances."""
EXTENT, BODY = 3.2, 8.0
"""How far around the face the grid extends, and how far below it, in inter-ocular distances."""
_BEYOND = 3
"""Rows of vertices beyond a border of the photo: farther out than a torso moves."""
FALLOFF = (0.2, 0.55)
"""Distances outside the subject over which motion fades, in inter-ocular distances: up to the first, there
may be hair."""


def lattice_points(silhouette: np.ndarray, frame: FaceFrame, size: tuple[int, int]) -> np.ndarray:
    """The grid's vertices `(E, 2)` px: a regular lattice over the surroundings, without the face itself.

    It reaches beyond the photo where that ends close to the face: the torso goes on there.

    `silhouette` `(K, 3)` px: the face's outline in the photo, whose width and height are `size`.
    """
    spacing = _SPACING * frame.scale
    low = silhouette[:, :2].min(0) - EXTENT * frame.scale
    high = silhouette[:, :2].max(0) + frame.scale * np.array([EXTENT, BODY])
    x, y = (_rows(low[k], high[k], size[k] - 1, spacing) for k in (0, 1))
    lattice = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    return lattice[depth_inside(lattice, silhouette) < -0.4 * spacing]


def _rows(low: float, high: float, last: float, spacing: float) -> np.ndarray:
    """Places of the rows from `low` to `high` along an axis of a photo that ends at `last` px: where they
    reach its border, there is one on it, and some beyond."""
    first, end = max(low, 0.0), min(high, last)
    rows = np.linspace(first, end, max(int(np.ceil((end - first) / spacing)), 2) + 1)
    beyond = spacing * np.arange(1, _BEYOND + 1)
    before, after = (beyond if reaches else beyond[:0] for reaches in (low <= 0, high >= last))
    return np.concatenate([-before[::-1], rows, last + after])


def attachment(
    points: np.ndarray, silhouette: np.ndarray, frame: FaceFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How grid vertices `points` `(E, 2)` relate to the face.

    Returns each vertex's distance `(E,)` to the face in inter-ocular distances, the share `(E, K)` of the
    motion of each silhouette vertex that it takes, and its depth `(E,)` in px.
    """
    distances = np.linalg.norm(points[:, None] - silhouette[None, :, :2], axis=2) / frame.scale
    nearest = distances.min(1)
    near = np.exp(-((distances / (0.25 + 0.5 * nearest[:, None])) ** 2))
    near /= near.sum(1, keepdims=True)
    depth = near @ silhouette[:, 2] + frame.scale * np.minimum(0.6 * nearest, 1.2)
    return nearest, near * np.exp(-((nearest / 0.7) ** 2))[:, None], depth


def head_weights(
    points: np.ndarray, face_distance: np.ndarray, subject_distance: np.ndarray, frame: FaceFrame
) -> np.ndarray:
    """How much of the head's motion each grid vertex of `points` `(E, 3)` takes, `(E,)` in [0, 1].

    Args:
        points: px with depth.
        face_distance: `(E,)` inter-ocular distances to the face.
        subject_distance: `(H, W)` inter-ocular distances outside the subject, negative in it.
        frame: the face's.
    """
    outside = nearest_pixels(subject_distance, points[:, :2])
    neck = 1 - smoothstep(frame.to_upright(points)[:, 1], 1.7, 3.4)
    # hair counts as head however far it stands out; without a matte, distance has to do
    far = 1 - smoothstep(face_distance, *((1.2, 3.0) if (subject_distance > 0).any() else (0.5, 2.6)))
    return neck * far * (1 - smoothstep(outside, *FALLOFF))


def border_freedom(points: np.ndarray, size: tuple[int, int], frame: FaceFrame) -> np.ndarray:
    """How freely each vertex of `points` `(E, 2)` may move sideways and down, `(E, 2)`.

    What lies on the border of the photo only slides along it: nobody knows what is beyond.
    """
    distance = np.minimum(points, np.array(size) - 1 - points)
    return smoothstep(distance / frame.scale, 0.0, 0.6)


def outer_triangles(rim: np.ndarray, silhouette: np.ndarray, points: np.ndarray, first: int) -> np.ndarray:
    """Delaunay triangles `(M, 3)` between the silhouette and the grid, without those inside the face.

    `rim` `(K,)`: the silhouette's vertex indices; `first`: the index of the first grid vertex.
    """
    from scipy.spatial import Delaunay

    both = np.concatenate([silhouette[:, :2], points])
    indices = np.concatenate([rim, first + np.arange(len(points))])
    triangles = Delaunay(both).simplices
    return indices[triangles[depth_inside(both[triangles].mean(1), silhouette) < 0]]


def visibly_moving(
    triangles: np.ndarray, weights: np.ndarray, rest: np.ndarray, subject_distance: np.ndarray
) -> np.ndarray:
    """`(M,)` bool: which triangles can move visibly; not those of the torso or of the background."""
    corners = rest[triangles, :2]
    sides = (corners + np.roll(corners, 1, axis=1)) / 2
    probes = np.concatenate([corners, sides, corners.mean(1, keepdims=True)], 1)
    near_subject = nearest_pixels(subject_distance, probes).min(1) < STATIC_DISTANCE
    return (weights[triangles].max(1) > 0.01) & near_subject
