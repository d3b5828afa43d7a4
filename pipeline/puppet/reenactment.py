"""New words for the face in a video: each frame's lower face is warped to the mouth of a motion.

The pixels are the frame's own; the inside of the mouth is the speaker's own where an earlier frame showed it,
and painted in the speaker's colours elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_LIPS
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.lower_face import LowerFace, lip_gap
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.options import Teeth
from pipeline.puppet.painting.captured_mouth import CapturedMouth
from pipeline.puppet.painting.lip_seam import LipSeam
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping.closing_lips import FootageLips
from pipeline.puppet.warping.skin import warp_skin
from pipeline.threads import opencv_on_one_thread
from pipeline.types import Face, Frame, Motion, Portrait

_BLOCK = 16
"""Frames whose mouths are computed at once: numpy's call overhead exceeds the arithmetic of one."""
_PARTING = 0.02, 0.06
"""Gaps of a frame's lips, in inter-ocular distances, between which the line where they meet vanishes."""


class MouthReenactor:
    """Re-enacts the mouth of one speaker: built from one frame, then applied to any number of frames."""

    @opencv_on_one_thread()
    def __init__(self, image: np.ndarray, face: Face, teeth: Teeth = "auto") -> None:
        """`image` `(H, W, 3)` uint8 and its `face`: the frame from which the speaker is learned; `teeth`: the
        row that shows until a frame shows the speaker's own."""
        renderer = PortraitRenderer(Portrait(image, face), teeth=teeth)
        self._lower_face = LowerFace(renderer.mesh, renderer.rig, face_basis())
        self._inside = CapturedMouth(renderer.mouth, renderer.to_face_units)
        self._lips = FootageLips()
        self._seam = LipSeam(renderer.palette, renderer.mesh.frame.scale)

    def pose_frames(self, motion: Motion) -> Iterator[tuple[Motion, PosedMesh]]:
        """A motion of one row for each frame of `motion`, with the mouth that it asks for."""
        for start in range(0, len(motion), _BLOCK):
            mouths = self._lower_face.pose(motion.blendshapes[start : start + _BLOCK])
            for k, posed in enumerate(mouths, start):
                row = slice(k, k + 1)
                parts = motion.blendshapes[row], motion.pose[row], motion.shift[row]
                yield Motion(motion.fps, *parts), posed

    @opencv_on_one_thread()
    def apply(self, frame: Frame, motion: Motion, posed: PosedMesh) -> Frame:
        """The frame, whose landmarks are known, with the mouth of a pair from `pose_frames`.

        Pixels outside the lower face stay as they are; `frame` itself is not changed.
        """
        if frame.landmarks is None:
            return frame
        self._inside.observe(frame.image, frame.landmarks)
        warp = self._lower_face.retarget(frame.landmarks, posed)
        warp = replace(warp, source=self._lips.source(frame.image, frame.landmarks, warp))
        image = frame.image.copy()
        warp_skin(frame.image, image, warp, self._lower_face)
        self._inside.paint(image, warp.posed)
        parted = float(smoothstep(lip_gap(frame.landmarks), *_PARTING))
        self._seam.paint(image, warp.posed.vertices[list(INNER_LIPS), :2], parted)
        return replace(frame, image=image, landmarks=warp.posed.vertices, motion=motion)
