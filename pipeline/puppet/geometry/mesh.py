"""The mesh of one portrait: the face's landmarks, a row of lash vertices on the lids, and a grid around."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import (
    EYES,
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LANDMARKS,
    LID_CREASE,
    LOWER_LID,
    MESH_LANDMARKS,
    UPPER_LID,
)
from pipeline.puppet.geometry import grid
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.torso import torso_weights
from pipeline.types import Face

_LASH_POSITION = 0.4
"""Where the lash row lies on the way from the lid's edge to its crease."""
_SECTOR = np.radians(7)
"""Half the angle, about the middle of the face, in which a cheek can hide a vertex of the oval."""
_OCCLUDED = 0.03
"""How far the cheek stands out beyond an oval vertex that it hides, in inter-ocular distances."""


@dataclass(frozen=True)
class Mesh:
    """Vertices, triangles and weights of one portrait: landmarks first, then lashes, then the grid."""

    rest: np.ndarray
    """`(N, 3)` float32 px with depth, as in the photo."""
    face_triangles: np.ndarray
    """`(K, 3)` int32: face and lashes."""
    outer_triangles: np.ndarray
    """`(M, 3)` int32: everything around, behind the face, the farther ones first."""
    head_weights: np.ndarray
    """`(N, 3)` float32: how much of the head's rotation and shift each vertex takes, along each axis."""
    torso_weights: np.ndarray
    """`(E,)` float32: how much of the torso's motion each vertex of the grid takes."""
    lash_parents: np.ndarray
    """`(L,)`: the lid vertex that each lash vertex follows."""
    silhouette: np.ndarray
    """`(36,)`: the landmarks where the face ends in the photo and the grid begins."""
    grid_weights: np.ndarray
    """`(E, 36)` float32: how much of the motion of each silhouette vertex the grid's vertices take."""
    roi: tuple[int, int, int, int]
    """Left, top, right, bottom in px of all that can move."""
    covered: np.ndarray
    """`(H, W)` bool: the pixels that the triangles cover in the photo."""
    frame: FaceFrame

    @property
    def grid(self) -> slice:
        """The grid's vertices."""
        return slice(LANDMARKS + len(self.lash_parents), len(self.rest))


def build_mesh(face: Face, frame: FaceFrame, subject_distance: np.ndarray, basis: FaceBasis) -> Mesh:
    """The mesh of a face; `subject_distance` `(H, W)`: inter-ocular distances outside the subject."""
    landmarks = np.asarray(face.landmarks, np.float64)
    size = subject_distance.shape[1], subject_distance.shape[0]
    parents, lashes, face_triangles = _lash_row(landmarks, basis.triangles)
    silhouette = _silhouette(landmarks, frame)
    outline = landmarks[silhouette]
    points = grid.lattice_points(outline, frame, size)
    face_distance, follow, depth = grid.attachment(points, outline, frame)
    freedom = grid.border_freedom(points, size, frame)
    points_3d = np.column_stack([points, depth])
    belonging = grid.head_weights(points_3d, face_distance, subject_distance, frame)
    rest = np.concatenate([landmarks, lashes, points_3d]).astype(np.float32)
    weights = np.ones((len(rest), 3), np.float32)
    weights[LANDMARKS + len(lashes) :] = belonging[:, None] * np.column_stack([freedom, freedom.min(1)])
    outer = grid.outer_triangles(silhouette, outline, points, LANDMARKS + len(lashes))
    for_torso = torso_weights(points_3d, belonging * freedom.min(1), subject_distance, frame)
    moving = weights.max(1)
    moving[LANDMARKS + len(lashes) :] += for_torso
    outer = outer[grid.visibly_moving(outer, moving, rest, subject_distance)]
    outer = outer[np.argsort(-rest[outer, 2].mean(1), kind="stable")]
    covered = _covered(rest[np.concatenate([face_triangles, outer]), :2], size)
    return Mesh(
        rest=rest,
        face_triangles=face_triangles.astype(np.int32),
        outer_triangles=outer.astype(np.int32),
        head_weights=weights,
        torso_weights=for_torso,
        lash_parents=parents,
        silhouette=silhouette,
        grid_weights=(follow * freedom.min(1)[:, None]).astype(np.float32),
        roi=_bounding_box(covered),
        covered=covered,
        frame=frame,
    )


def triangle_strip(upper: tuple[int, ...], lower: tuple[int, ...]) -> np.ndarray:
    """Triangles `(M, 3)` int32 between two rows of vertices that share their first and last one."""
    triangles = []
    for k in range(len(upper) - 1):
        a, b, c, d = upper[k], upper[k + 1], lower[k + 1], lower[k]
        if a != d:
            triangles.append((a, b, d))
        if b != c:
            triangles.append((b, c, d))
    return np.array(triangles, np.int32)


def _lash_row(landmarks: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A row of vertices just above each upper lid's edge, so that lashes keep their thickness in a blink.

    Returns the parent vertices `(14,)`, the new vertices `(14, 3)` and all triangles of the face.
    """
    parents: list[int] = []
    points: list[np.ndarray] = []
    strips: list[np.ndarray] = []
    split = triangles.copy()
    for eye in EYES:
        edge, crease = UPPER_LID[eye], LID_CREASE[eye]
        lash_of = {vertex: LANDMARKS + len(parents) + k for k, vertex in enumerate(edge[1:-1])}
        for vertex, above in zip(edge[1:-1], crease, strict=True):
            parents.append(vertex)
            points.append(landmarks[vertex] + _LASH_POSITION * (landmarks[above] - landmarks[vertex]))
        for vertex, lash in lash_of.items():
            split[split == vertex] = lash
        row = (edge[0], *(lash_of[vertex] for vertex in edge[1:-1]), edge[-1])
        strips += [triangle_strip(row, edge), triangle_strip(edge, LOWER_LID[eye])]
    strips.append(triangle_strip(INNER_UPPER_LIP, INNER_LOWER_LIP))
    return np.array(parents), np.array(points), np.concatenate([split, *strips])


def _silhouette(landmarks: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """The face's outline as the photo shows it: where a turned cheek hides the oval, the cheek's own edge.

    Otherwise the grid would begin beneath the cheek, and a turn would draw the cheek twice.
    """
    face = landmarks[:MESH_LANDMARKS]
    upright = frame.to_upright(face)[:, :2]
    oval = list(FACE_OVAL)
    out = upright - upright[oval].mean(0)
    angle, radius = np.arctan2(out[:, 1], out[:, 0]), np.linalg.norm(out, axis=1)
    middle = face[oval, :2].mean(0)
    silhouette = []
    for vertex in oval:
        turn = np.abs((angle - angle[vertex] + np.pi) % (2 * np.pi) - np.pi)
        sector = np.flatnonzero((turn < _SECTOR) & (radius > 0.6 * radius[vertex]))
        outward = np.median(face[sector, :2], 0) - middle
        outward /= np.linalg.norm(outward)
        reach = (face[sector, :2] - middle) @ outward
        occluded = reach.max() - (face[vertex, :2] - middle) @ outward > _OCCLUDED * frame.scale
        silhouette.append(sector[reach.argmax()] if occluded else vertex)
    return np.array(silhouette)


def _covered(triangles: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The pixels `(H, W)` bool that `triangles` `(M, 3, 2)` px surely cover in a photo of `size`."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    for triangle in np.round(triangles).astype(np.int32):
        cv2.fillConvexPoly(mask, triangle, 1)
    # the rasterizer may leave gaps in the outermost pixels
    return cv2.erode(mask, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_REPLICATE) > 0


def _bounding_box(covered: np.ndarray) -> tuple[int, int, int, int]:
    """The box around the covered pixels, with a margin for what moves out of it."""
    y, x = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    height, width = covered.shape
    margin = (x[-1] - x[0]) // 20
    return (
        int(max(x[0] - margin, 0)), int(max(y[0] - margin, 0)),
        int(min(x[-1] + 1 + margin, width)), int(min(y[-1] + 1 + margin, height)),
    )  # fmt: skip
