"""From one frame of a motion to vertices: the face by its expression, all that is the head by its pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from pipeline.faces.landmarks import EYES, IRIS
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.mesh import LANDMARKS, Mesh
from pipeline.threads import one_thread
from pipeline.types import Face

CAMERA = 11.0
"""Distance of the camera in inter-ocular distances, about 70 cm."""
FLIP = np.diag([1.0, -1.0, -1.0])
"""From the tracker's axes, y up and z towards the camera, to the picture's, and back."""
PIVOT = (0.0, 0.9, 1.6)
"""Where the head turns on the neck, in the upright face's frame: behind the jaw's joint."""


@dataclass(frozen=True)
class Posed:
    """One frame's vertices."""

    points: np.ndarray
    """`(N, 3)` float32 px with depth: the mesh's vertices."""
    skull: np.ndarray
    """`(478, 3)` float32: where the landmarks would be if only the head had moved."""
    turn: np.ndarray
    """`(3, 3)`: the head's turn from the photo's pose; row vectors are multiplied by it."""
    jaw: np.ndarray
    """`(3,)` px of the photo's frame: how far the jaw moved from the photo's, before the head's turn."""
    gaze: np.ndarray
    """`(2, 2)` px of the photo's frame: how far each iris moved, right and left."""
    shut: list[float]
    """How far each lid is down, right and left, 0 to 1."""


class Rig:
    """The strings of one portrait's puppet."""

    def __init__(self, mesh: Mesh, face: Face, basis: FaceBasis) -> None:
        self.mesh = mesh
        self.expression = Expression(mesh.rest[:LANDMARKS], mesh.frame, face.blendshapes, basis)
        self.pose = np.asarray(face.pose, np.float32)
        self.turn = euler(face.pose)
        self.pivot = mesh.frame.place(np.array([PIVOT]))[0]

    def play(self, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> Posed:
        """Vertices for scores `(52,)`, pose `(3,)` degrees and shift `(2,)` relative to the photo's."""
        return self.play_all(*(np.asarray(row)[None] for row in (scores, pose, shift)))[0]

    def play_all(self, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> list[Posed]:
        """As `play`, for some frames at once: scores `(T, 52)`, pose `(T, 3)`, shift `(T, 2)`."""
        scores = np.asarray(scores, np.float32)
        mesh, face = self.mesh, self.mesh.rest[:LANDMARKS]
        with one_thread():
            landmarks, shut = self.expression.play(scores, np.asarray(pose)[:, 1])
            own_motion = landmarks - face
            moved = np.repeat(mesh.rest[None], len(scores), 0)
            moved[:, :LANDMARKS] = landmarks
            moved[:, LANDMARKS : mesh.grid.start] += own_motion[:, mesh.lash_of]
            moved[:, mesh.grid] += mesh.follow @ own_motion[:, mesh.rim]
            turn, after = self._turn(pose, shift)
            points = self._turned(moved, mesh.head[:, None], turn, after)
            skull = self._turned(face[None], 1.0, turn, after)
            jaw = self.expression.jaw(scores)
        gaze = own_motion[:, [IRIS[eye][0] for eye in EYES], :2]
        return [Posed(*each) for each in zip(points, skull, turn, jaw, gaze, shut.tolist(), strict=True)]

    def _turn(self, pose: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The head's turns about the neck `(T, 3, 3)`, and where they lead its origin `(T, 1, 3)`."""
        frame = self.mesh.frame
        turn = (euler(self.pose + pose) @ self.turn.T).swapaxes(1, 2).astype(np.float32)
        arm = (self.pivot - frame.origin).astype(np.float32)
        after = arm - arm @ turn
        after[:, :2] += np.asarray(shift) * frame.scale
        return turn, after[:, None]

    def _turned(
        self, points: np.ndarray, weight: np.ndarray | float, turn: np.ndarray, after: np.ndarray
    ) -> np.ndarray:
        """Vertices `(T, N, 3)` turned by their weights, as a camera at `CAMERA` sees them."""
        origin = self.mesh.frame.origin.astype(np.float32)
        near = np.float32(1 / (CAMERA * self.mesh.frame.scale))
        solid = points - origin
        solid[..., :2] *= 1 + solid[..., 2:] * near
        solid = solid @ turn + after
        solid[..., :2] /= 1 + solid[..., 2:] * near
        return points + weight * (solid + origin - points)


def euler(pose: np.ndarray) -> np.ndarray:
    """Rotations `(…, 3, 3)` of yaw, pitch, roll `(…, 3)` in degrees, on points with y down and z away."""
    about = np.asarray(pose, np.float64) * [1, 1, -1]
    return FLIP @ Rotation.from_euler("YXZ", about, degrees=True).as_matrix() @ FLIP
