"""From frames of a motion to vertices: the face by its expression, everything of the head by its pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from pipeline.faces.landmarks import EYES, IRIS, LANDMARKS
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.geometry.torso import displacement
from pipeline.threads import one_thread
from pipeline.types import SHAPE, Face

_CAMERA_DISTANCE = 11.0
"""Distance of the camera in inter-ocular distances, about 70 cm."""
_FLIP = np.diag([1.0, -1.0, -1.0])
"""From the tracker's axes, y up and z towards the camera, to the image's, and back."""
_NECK_PIVOT = (0.0, 0.9, 1.6)
"""Where the head turns on the neck, in the upright face's frame: behind the joint of the jaw."""


@dataclass(frozen=True)
class PosedMesh:
    """The vertices of one frame."""

    vertices: np.ndarray
    """`(N, 3)` float32 px with depth: those of the mesh, or of the face alone."""
    rigid_landmarks: np.ndarray
    """`(478, 3)` float32 px: where the landmarks would be if only the head had moved."""
    rotation: np.ndarray
    """`(3, 3)`: the head's rotation from the photo's pose, applied to row vectors from the right."""
    jaw_offset: np.ndarray
    """`(3,)` px of the photo: how far the jaw moved from the photo's, before the head's rotation."""
    gaze_offset: np.ndarray
    """`(2, 2)` px of the photo: how far each iris moved, right and left."""
    lid_closure: list[float]
    """How far each eye is closed, right and left, 0 to 1."""
    tongue: float = 0.0
    """How far the tongue is raised towards the teeth, 0 to 1: between them from 0.4 on."""
    scores: np.ndarray | None = None
    """`(52,)` by which the blendshapes differ from the photo's."""

    @property
    def rounded(self) -> float:
        """How much more the lips are rounded than in the photo, 0 to 1."""
        return 0.0 if self.scores is None else float(np.clip(self.scores[SHAPE["mouthPucker"]], 0, 1))


class Rig:
    """Deforms the mesh of one portrait."""

    def __init__(self, mesh: Mesh, face: Face, basis: FaceBasis) -> None:
        self._mesh = mesh
        self._own = np.asarray(face.blendshapes, np.float32)
        self.expression = Expression(mesh.rest[:LANDMARKS], mesh.frame, face.blendshapes, basis)
        self._rest_pose = np.asarray(face.pose, np.float32)
        self._rest_rotation = rotation_matrix(face.pose)
        self._pivot = mesh.frame.to_image(np.array([_NECK_PIVOT]))[0]

    def pose(self, blendshapes: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> PosedMesh:
        """Vertices for scores `(52,)`, and pose `(3,)` in degrees and shift `(2,)` in inter-ocular distances
        relative to the photo's."""
        return self.pose_batch(*(np.asarray(row)[None] for row in (blendshapes, pose, shift)))[0]

    def pose_batch(
        self, blendshapes: np.ndarray, pose: np.ndarray, shift: np.ndarray, sway: np.ndarray | None = None
    ) -> list[PosedMesh]:
        """As `pose` for several frames at once: scores `(T, 52)`, pose `(T, 3)`, shift `(T, 2)`.

        `sway`: `(T, 3)` the torso's, from `Torso.follow`; without it, the torso stands still.
        """
        blendshapes = np.asarray(blendshapes, np.float32)
        mesh, face = self._mesh, self._mesh.rest[:LANDMARKS]
        with one_thread():
            landmarks, closure = self.expression.deform(blendshapes, np.asarray(pose)[:, 1])
            deformed = landmarks - face
            moved = np.repeat(mesh.rest[None], len(blendshapes), 0)
            moved[:, :LANDMARKS] = landmarks
            moved[:, LANDMARKS : mesh.grid.start] += deformed[:, mesh.lash_parents]
            moved[:, mesh.grid] += mesh.grid_weights @ deformed[:, mesh.silhouette]
            rotation, translation = self._head_motion(pose, shift)
            vertices = self._move_head(moved, mesh.head_weights, rotation, translation)
            if sway is not None:
                points = mesh.rest[mesh.grid, :2]
                vertices[:, mesh.grid, :2] += displacement(points, mesh.torso_weights, sway, mesh.frame)
            rigid = self._move_head(face[None], 1.0, rotation, translation)
            jaw = self.expression.jaw_offset(blendshapes)
        gaze = deformed[:, [IRIS[eye][0] for eye in EYES], :2]
        tongue = blendshapes[:, SHAPE["tongueOut"]].tolist()
        scores = blendshapes - self._own
        rows = zip(vertices, rigid, rotation, jaw, gaze, closure.tolist(), tongue, scores, strict=True)
        return [PosedMesh(*row) for row in rows]

    def _head_motion(self, pose: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rotations about the neck `(T, 3, 3)`, and the translations `(T, 1, 3)` px of the head's origin."""
        frame = self._mesh.frame
        rotation = rotation_matrix(self._rest_pose + pose) @ self._rest_rotation.T
        rotation = rotation.swapaxes(1, 2).astype(np.float32)
        arm = (self._pivot - frame.origin).astype(np.float32)
        translation = arm - arm @ rotation
        translation[:, :2] += np.asarray(shift) * frame.scale
        return rotation, translation[:, None]

    def _move_head(
        self, points: np.ndarray, weights: np.ndarray | float, rotation: np.ndarray, translation: np.ndarray
    ) -> np.ndarray:
        """Vertices `(T, N, 3)` moved by their weights, as a camera at `_CAMERA_DISTANCE` projects them."""
        origin = self._mesh.frame.origin.astype(np.float32)
        per_depth = np.float32(1 / (_CAMERA_DISTANCE * self._mesh.frame.scale))
        solid = points - origin
        solid[..., :2] *= 1 + solid[..., 2:] * per_depth
        solid = solid @ rotation + translation
        solid[..., :2] /= 1 + solid[..., 2:] * per_depth
        return points + weights * (solid + origin - points)


def rotation_matrix(pose: np.ndarray) -> np.ndarray:
    """Rotations `(…, 3, 3)` of yaw, pitch, roll `(…, 3)` in degrees, for points with y down and z away."""
    angles = np.asarray(pose, np.float64) * [1, 1, -1]
    return _FLIP @ Rotation.from_euler("YXZ", angles, degrees=True).as_matrix() @ _FLIP
