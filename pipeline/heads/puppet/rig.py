"""From one frame of a motion to vertices: the face by its expression, all that is the head by its pose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.heads.puppet import points as at
from pipeline.heads.puppet.basis import FaceBasis
from pipeline.heads.puppet.expression import Expression
from pipeline.heads.puppet.mesh import LANDMARKS, Mesh
from pipeline.types import Face

CAMERA = 11.0
"""Distance of the camera in inter-ocular distances, about 70 cm."""
PIVOT = (0.0, 0.9, 1.6)
"""Where the head turns on the neck, in the upright face's frame: behind the jaw's joint."""


@dataclass(frozen=True)
class Posed:
    """One frame's vertices."""

    points: np.ndarray
    """`(N, 3)` float32 px with depth: the mesh's vertices."""
    skull: np.ndarray
    """`(478, 3)` float32: where the landmarks would be if only the head had moved."""
    jaw: np.ndarray
    """`(3,)` px of the photo's frame: how far the jaw moved from the photo's, before the head's turn."""
    gaze: np.ndarray
    """`(2, 2)` px of the photo's frame: how far each iris moved, right and left."""
    shut: tuple[float, float]
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
        scores = np.asarray(scores, np.float32)
        mesh, face = self.mesh, self.mesh.rest[:LANDMARKS]
        landmarks, shut = self.expression.play(scores, float(pose[1]))
        own_motion = landmarks - face
        moved = mesh.rest.copy()
        moved[:LANDMARKS] = landmarks
        moved[LANDMARKS : mesh.grid.start] += own_motion[mesh.lash_of]
        moved[mesh.grid] += mesh.follow @ own_motion[list(at.OVAL)]
        turn = self._turn(pose, shift)
        return Posed(
            points=turn(moved, mesh.head[:, None]),
            skull=turn(face, 1.0),
            jaw=self.expression.jaw(scores),
            gaze=own_motion[[at.IRIS[eye][0] for eye in at.EYES], :2],
            shut=shut,
        )

    def _turn(
        self, pose: np.ndarray, shift: np.ndarray
    ) -> Callable[[np.ndarray, np.ndarray | float], np.ndarray]:
        """The head's turn about the neck, seen by a camera at `CAMERA`, for vertices by their weights."""
        frame = self.mesh.frame
        turn = (euler(self.pose + pose) @ self.turn.T).T.astype(np.float32)
        origin = frame.origin.astype(np.float32)
        arm = (self.pivot - frame.origin).astype(np.float32)
        after = arm - arm @ turn + np.array([*(np.asarray(shift) * frame.scale), 0], np.float32)
        near = np.float32(1 / (CAMERA * frame.scale))

        def apply(points: np.ndarray, weight: np.ndarray | float) -> np.ndarray:
            solid = points - origin
            solid[:, :2] *= 1 + solid[:, 2:] * near
            solid = solid @ turn + after
            solid[:, :2] /= 1 + solid[:, 2:] * near
            return points + weight * (solid + origin - points)

        return apply


def euler(pose: np.ndarray) -> np.ndarray:
    """Rotation `(3, 3)` of yaw, pitch, roll in degrees, on points with y down and z away."""
    yaw, pitch, roll = np.radians(np.asarray(pose, np.float64))
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    flip = np.diag([1.0, -1.0, -1.0])
    return flip @ about_y @ about_x @ about_z @ flip
