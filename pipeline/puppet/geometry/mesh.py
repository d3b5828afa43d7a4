"""The mesh of one portrait: the face's landmarks, a lash row on the lids, and a grid for all around them.

The grid carries hair, ears, neck and background. Each of its vertices belongs to the head by a weight that
falls from one near the face to nothing on the torso, at some distance and at the frame's border.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    EYES,
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    IRIS,
    LID_CREASE,
    LOWER_LID,
    RIGID,
    UPPER_LID,
)
from pipeline.puppet.geometry.basis import FaceBasis, similarity
from pipeline.types import Face

LANDMARKS = 478
LASH = 0.4
"""How far the lash row lies from the lid's edge towards the crease."""
SPACING = 0.22
"""Distance of the grid's vertices in inter-ocular distances."""
SEAM = (0.02, 0.34)
"""Distances outside the subject between which the head's motion fades: its rim gives way like rubber, and
where it is left behind, the background already stands still."""
RAY = np.radians(7)
"""Half the angle, about the middle of the face, in which an outline vertex and the cheek before it lie."""
HIDDEN = 0.03
"""How far the cheek stands out before an outline vertex that it hides, in inter-ocular distances."""
GONE = 0.26
"""Distance outside the subject from which nothing goes with it."""
REACH = 3.2
"""How far around the face the grid goes, in inter-ocular distances."""


@dataclass(frozen=True)
class Frame3:
    """Where the upright mean face lies in the photo: `x = scale · rotation · face + origin`."""

    scale: float
    """Pixels per inter-ocular distance."""
    rotation: np.ndarray
    """`(3, 3)`."""
    origin: np.ndarray
    """`(3,)` px: the middle between the eyes."""

    def place(self, face: np.ndarray) -> np.ndarray:
        """Points `(N, 3)` of the upright face in the photo."""
        return self.scale * face @ self.rotation.T + self.origin

    def turn(self, vectors: np.ndarray) -> np.ndarray:
        """Displacements `(N, 3)` of the upright face in the photo."""
        return self.scale * vectors @ self.rotation.T

    def upright(self, points: np.ndarray) -> np.ndarray:
        """Points `(N, 3)` of the photo in the upright face's frame."""
        return (points - self.origin) @ self.rotation / self.scale


@dataclass(frozen=True)
class Mesh:
    """Vertices, triangles and weights of one portrait; landmarks first, then lashes, then the grid."""

    rest: np.ndarray
    """`(N, 3)` float32 px with depth, as in the photo."""
    face: np.ndarray
    """`(K, 3)` int32: the triangles of face and lashes."""
    around: np.ndarray
    """`(M, 3)` int32: those of all around, behind the face, the farther ones first."""
    head: np.ndarray
    """`(N,)` float32: how much of the head's turn and shift each vertex takes."""
    lash_of: np.ndarray
    """`(L,)` lid vertex that each lash vertex goes with."""
    rim: np.ndarray
    """`(36,)`: the landmarks where the face ends in the photo and all around it begins."""
    follow: np.ndarray
    """`(E, 36)` float32: how much of each of their own motions the grid's vertices take."""
    roi: tuple[int, int, int, int]
    """Left, top, right, bottom of all that can move."""
    field: np.ndarray
    """`(H, W)` bool: the pixels that the triangles cover in the photo."""
    frame: Frame3

    @property
    def grid(self) -> slice:
        """The grid's vertices."""
        return slice(LANDMARKS + len(self.lash_of), len(self.rest))


def frame_of(landmarks: np.ndarray, basis: FaceBasis) -> Frame3:
    """Where the upright mean face lies in the picture whose `landmarks` `(478, 3)` these are."""
    skull = list(RIGID)
    return Frame3(*similarity(basis.mean[skull].astype(np.float64), landmarks[skull].astype(np.float64)))


def build(face: Face, frame: Frame3, outside: np.ndarray, basis: FaceBasis) -> Mesh:
    """The mesh of a face; `outside` `(H, W)`: how far each pixel of the photo lies outside the subject."""
    landmarks = np.asarray(face.landmarks, np.float64)
    size = outside.shape[1], outside.shape[0]
    lash_of, lashes, face_triangles = _lashes(landmarks, basis.triangles)
    rim = _rim(landmarks, frame)
    outline = landmarks[rim]
    spots = _spots(outline, frame, size)
    distance, follow, depth = _relation(spots, outline, frame)
    grid = np.column_stack([spots, depth])
    inner = _off_border(spots, size, frame)
    weight = _head_weight(grid, distance, outside, frame) * inner
    rest = np.concatenate([landmarks, lashes, grid]).astype(np.float32)
    outer = _outer_triangles(rim, outline, spots, LANDMARKS + len(lashes))
    head = np.concatenate([np.ones(LANDMARKS + len(lashes)), weight]).astype(np.float32)
    outer = outer[_alive(outer, head, rest, outside)]
    outer = outer[np.argsort(-rest[outer, 2].mean(1), kind="stable")]
    field = _field(rest[np.concatenate([face_triangles, outer]), :2], size)
    return Mesh(
        rest=rest,
        face=face_triangles.astype(np.int32),
        around=outer.astype(np.int32),
        head=head,
        lash_of=lash_of,
        rim=rim,
        follow=(follow * inner[:, None]).astype(np.float32),
        roi=_roi(field),
        field=field,
        frame=frame,
    )


def _lashes(landmarks: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A row of vertices just above each upper lid's edge, so that lashes keep their thickness in a blink.

    Returns the lid vertices `(14,)`, the new vertices `(14, 3)` and all triangles of the face.
    """
    lids, spots, strips = [], [], []
    moved = triangles.copy()
    for eye in EYES:
        edge, crease = UPPER_LID[eye], LID_CREASE[eye]
        number = {vertex: LANDMARKS + len(lids) + k for k, vertex in enumerate(edge[1:-1])}
        for vertex, above in zip(edge[1:-1], crease, strict=True):
            lids.append(vertex)
            spots.append(landmarks[vertex] + LASH * (landmarks[above] - landmarks[vertex]))
        for old, new in number.items():
            moved[moved == old] = new
        row = (edge[0], *(number[vertex] for vertex in edge[1:-1]), edge[-1])
        strips += [triangle_strip(row, edge), triangle_strip(edge, LOWER_LID[eye])]
    strips.append(triangle_strip(INNER_UPPER_LIP, INNER_LOWER_LIP))
    return np.array(lids), np.array(spots), np.concatenate([moved, *strips])


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


def _rim(landmarks: np.ndarray, frame: Frame3) -> np.ndarray:
    """The face's outline as the photo shows it: where a turned cheek hides the oval, the cheek's own edge.

    What lies around would else begin beneath the cheek, and a turn would draw the cheek twice.
    """
    face = landmarks[: min(min(iris) for iris in IRIS.values())]
    upright = frame.upright(face)[:, :2]
    oval = list(FACE_OVAL)
    out = upright - upright[oval].mean(0)
    angle, reach = np.arctan2(out[:, 1], out[:, 0]), np.linalg.norm(out, axis=1)
    middle = face[oval, :2].mean(0)
    rim = []
    for vertex in oval:
        aside = np.abs((angle - angle[vertex] + np.pi) % (2 * np.pi) - np.pi)
        ray = np.flatnonzero((aside < RAY) & (reach > 0.6 * reach[vertex]))
        outward = np.median(face[ray, :2], 0) - middle
        outward /= np.linalg.norm(outward)
        far = (face[ray, :2] - middle) @ outward
        hidden = far.max() - (face[vertex, :2] - middle) @ outward > HIDDEN * frame.scale
        rim.append(ray[far.argmax()] if hidden else vertex)
    return np.array(rim)


def _spots(outline: np.ndarray, frame: Frame3, size: tuple[int, int]) -> np.ndarray:
    """The grid's points `(E, 2)`: a regular lattice over the surroundings without the face itself."""
    width, height = size
    low = np.maximum(outline[:, :2].min(0) - REACH * frame.scale, 0)
    high = np.minimum(outline[:, :2].max(0) + REACH * frame.scale, (width - 1, height - 1))
    counts = np.maximum(np.ceil((high - low) / (SPACING * frame.scale)).astype(int), 2) + 1
    x, y = (np.linspace(low[k], high[k], counts[k]) for k in (0, 1))
    lattice = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    return lattice[within(lattice, outline) < -0.4 * SPACING * frame.scale]


def _relation(
    spots: np.ndarray, outline: np.ndarray, frame: Frame3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each grid point's distance to the face in inter-ocular distances, ties to the outline, and depth."""
    apart = np.linalg.norm(spots[:, None] - outline[None, :, :2], axis=2) / frame.scale
    distance = apart.min(1)
    near = np.exp(-((apart / (0.25 + 0.5 * distance[:, None])) ** 2))
    near /= near.sum(1, keepdims=True)
    depth = near @ outline[:, 2] + frame.scale * np.minimum(0.6 * distance, 1.2)
    return distance, near * np.exp(-((distance / 0.7) ** 2))[:, None], depth


def _head_weight(grid: np.ndarray, distance: np.ndarray, outside: np.ndarray, frame: Frame3) -> np.ndarray:
    """How much each grid point `(E, 3)` belongs to the head."""
    apart = at_pixels(outside, grid[:, :2])
    neck = 1 - smoothstep(frame.upright(grid)[:, 1], 1.7, 3.4)
    # hair counts as head however far it stands out; without a cut, distance must do
    far = 1 - smoothstep(distance, *((1.2, 3.0) if (outside > 0).any() else (0.5, 2.6)))
    return neck * far * (1 - smoothstep(apart, *SEAM))


def _off_border(spots: np.ndarray, size: tuple[int, int], frame: Frame3) -> np.ndarray:
    """How freely each grid point `(E, 2)` may move: not at all on the frame's border."""
    x, y = spots.T
    away = np.min([x, y, size[0] - 1 - x, size[1] - 1 - y], 0)
    return smoothstep(away / frame.scale, 0.0, 0.6)


def _outer_triangles(rim: np.ndarray, outline: np.ndarray, spots: np.ndarray, first: int) -> np.ndarray:
    """Delaunay triangles between the outline and the grid, those inside the face left out."""
    from scipy.spatial import Delaunay

    both = np.concatenate([outline[:, :2], spots])
    numbers = np.concatenate([rim, first + np.arange(len(spots))])
    triangles = Delaunay(both).simplices
    return numbers[triangles[within(both[triangles].mean(1), outline) < 0]]


def _alive(triangles: np.ndarray, head: np.ndarray, rest: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Which triangles can move visibly: not those of the torso, nor those of the background."""
    corners = rest[triangles, :2]
    sides = (corners + np.roll(corners, 1, axis=1)) / 2
    spots = np.concatenate([corners, sides, corners.mean(1, keepdims=True)], 1)
    return (head[triangles].max(1) > 0.01) & (at_pixels(outside, spots).min(1) < GONE)


def within(points: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """How far `points` `(N, 2)` lie inside an `outline` `(K, 2 or more)`; negative outside it."""
    contour = outline[:, :2].astype(np.float32)
    return np.array([cv2.pointPolygonTest(contour, tuple(point), True) for point in points.tolist()])


def at_pixels(field: np.ndarray, spots: np.ndarray) -> np.ndarray:
    """The values of a `field` `(H, W)` at the pixels of `spots` `(…, 2)`, x and y."""
    x, y = (np.clip(np.round(spots[..., k]), 0, field.shape[1 - k] - 1).astype(int) for k in (0, 1))
    return field[y, x]


def _field(corners: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    covered = np.zeros((size[1], size[0]), np.uint8)
    for triangle in np.round(corners).astype(np.int32):
        cv2.fillConvexPoly(covered, triangle, 1)
    # the rim's pixels are where the raster may leave a gap
    return cv2.erode(covered, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_REPLICATE) > 0


def _roi(field: np.ndarray) -> tuple[int, int, int, int]:
    """The field's box, with room for what moves out of it."""
    y, x = np.flatnonzero(field.any(1)), np.flatnonzero(field.any(0))
    height, width = field.shape
    room = (x[-1] - x[0]) // 20
    return (
        int(max(x[0] - room, 0)), int(max(y[0] - room, 0)),
        int(min(x[-1] + 1 + room, width)), int(min(y[-1] + 1 + room, height)),
    )  # fmt: skip
