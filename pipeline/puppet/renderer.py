"""The geometry, warping and painting of one portrait put together: motions in, frames out."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import chain, islice

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LIPS, LANDMARKS, LIPS, LOWER_LIP, UPPER_LIP
from pipeline.inference.caches import Pool, digest
from pipeline.prefetch import Prefetcher, map_ahead
from pipeline.puppet.calibration import (
    aperture_gain,
    contact,
    contact_pressure,
    hidden_gap,
    openings,
    sliver,
    smile_gain,
    smiling,
)
from pipeline.puppet.geometry.basis import FaceBasis, face_basis
from pipeline.puppet.geometry.face_frame import fit_face_frame
from pipeline.puppet.geometry.lip_line import lips_closed, snap_to_lip_line
from pipeline.puppet.geometry.mesh import build_mesh
from pipeline.puppet.geometry.rig import PosedMesh, Rig, rotation_matrix
from pipeline.puppet.geometry.torso import Torso
from pipeline.puppet.options import Teeth
from pipeline.puppet.painting.eyelids import read_eyelids
from pipeline.puppet.painting.eyes import Eyeball, behind_dark_glasses
from pipeline.puppet.painting.glasses import mobility, rims
from pipeline.puppet.painting.lip_seam import LipSeam
from pipeline.puppet.painting.mouth import MouthInterior
from pipeline.puppet.painting.palette import read_palette
from pipeline.puppet.painting.photo_teeth import find_teeth
from pipeline.puppet.painting.refiner import MouthRefiner
from pipeline.puppet.painting.teeth import NO_TEETH
from pipeline.puppet.warping.layer import WarpedLayer
from pipeline.puppet.warping.matting import extract_matte
from pipeline.threads import opencv_on_one_thread
from pipeline.types import BLENDSHAPES, Face, Frame, Motion, Portrait, ToothLines

_BLOCK = 16
"""Frames whose vertices are computed at once: numpy's call overhead exceeds the arithmetic of one."""
_PREFETCH = 8
"""Frames that are warped while the eyes and the mouth of another are painted: about half of the work each."""
_REFINE_EVERY = 4
"""Frames between two runs of the mouth network: inference is a quarter of the cost of a frame, and its output
hardly changes between them (half of its variation about the mean follows the line through every fourth)."""
_LENT = 2
"""Calibrated portraits kept for later takes, of which each saves a quarter of a second."""


def render(portrait: Portrait, motions: Iterable[Motion], teeth: Teeth = "auto") -> Iterator[Frame]:
    """Frames of the portrait playing `motions` one after the other, with the landmarks and motion of each.

    `teeth`: the row that shows.
    """
    with (
        opencv_on_one_thread(),
        _renderers.lent(_key(portrait, teeth), lambda: _calibrated(portrait, teeth)) as renderer,
        ThreadPoolExecutor(1, thread_name_prefix="warp") as worker,  # ends first, and leaves the renderer
        # what comes next is moved while this is drawn: neither waits for the other where a motion ends
        closing(Prefetcher(_moved(renderer, motions), _BLOCK)) as moved,
    ):
        warped = map_ahead(lambda item: renderer.warp_with_alpha(item[1]), moved, worker, _PREFETCH)
        for first in warped:
            (motion, _), _ = first
            alphas: deque[np.ndarray | None] = deque()
            frames = chain([first], islice(warped, len(motion) - 1))
            for index, (posed, image) in enumerate(renderer.paint(_images(frames, alphas))):
                row = slice(index, index + 1)
                yield Frame(
                    image,
                    posed.vertices[:LANDMARKS].copy(),
                    Motion(motion.fps, motion.blendshapes[row], motion.pose[row], motion.shift[row]),
                    alphas.popleft(),
                )


def _moved(
    renderer: PortraitRenderer, motions: Iterable[Motion]
) -> Generator[tuple[Motion, PosedMesh], None, None]:
    """The vertices of each frame of the motions, from rest on, each with its motion."""
    renderer.come_to_rest()
    for motion in motions:
        for posed in renderer.pose_frames(motion):
            yield motion, posed


def _key(portrait: Portrait, teeth: Teeth) -> tuple[bytes, ToothLines | None, Teeth]:
    """Of all that a renderer is built from."""
    face, alpha = portrait.face, [] if portrait.alpha is None else [portrait.alpha]
    return digest(portrait.image, face.landmarks, face.blendshapes, face.pose, *alpha), portrait.teeth, teeth


def _calibrated(portrait: Portrait, teeth: Teeth) -> PortraitRenderer:
    renderer = PortraitRenderer(portrait, teeth=teeth)
    renderer.calibrate()
    return renderer


class PortraitRenderer:
    """Renders one portrait: built once (tenths of a second), then any number of frames."""

    def __init__(self, portrait: Portrait, *, teeth: Teeth = "auto", refine_mouth: bool = True) -> None:
        """`teeth`: the row that shows; `refine_mouth`: whether the network corrects the painted mouth."""
        basis = face_basis()
        self.image = np.ascontiguousarray(portrait.image)
        face = _prepared_face(self.image, portrait.face, basis)
        frame = fit_face_frame(face.landmarks, basis)
        matte = extract_matte(self.image, face.landmarks, frame, portrait.alpha)
        self.mesh = build_mesh(face, frame, matte.distance, basis)
        background = np.where(self.mesh.covered[..., None], matte.background, self.image)
        self._background = cv2.cvtColor(background, cv2.COLOR_RGB2RGBA)
        self.rig = Rig(self.mesh, face, basis)
        self._torso = Torso()
        alpha = np.round(255 * matte.alpha).astype(np.uint8)
        self._layer = WarpedLayer(matte.colours, alpha, self.mesh, matte.distance, portrait.alpha)
        self._still_alpha = None if portrait.alpha is None else np.where(self.mesh.covered, 0, portrait.alpha)
        self._blendshapes = face.blendshapes
        self.palette = read_palette(self.image, portrait.face.landmarks, frame.scale)
        rest = self.mesh.rest
        eyes = self.rig.expression.open_eyes
        if behind_dark_glasses(self.image, rest, self.palette.skin):
            eyes = ()
        self._eyeballs = [Eyeball(self.image, rest, eye, frame.scale) for eye in eyes]
        glasses = rims(self.image, rest, frame.scale)
        if glasses is not None:
            self.rig.expression.hold(mobility(glasses, rest, frame.scale))
        self._eyelids = read_eyelids(self.image, rest, eyes, frame.scale, glasses)
        if any(lid.covered for lid in self._eyelids):
            self.rig.expression.creases_follow = False
        self.to_face_units = np.linalg.inv(frame.rotation[:2, :2] * frame.scale)
        """`(2, 2)`: from px of the photo to inter-ocular distances of the upright face."""
        self._depth = frame.scale * frame.rotation[:, 2]
        self.mouth = self._build_mouth(teeth, portrait.teeth)
        self._seam = LipSeam(self.palette, frame.scale) if self._layer.lips.gap else None
        self.refiner = self.build_refiner() if refine_mouth else None

    def come_to_rest(self) -> None:
        """Forget where the last performance left the torso."""
        self._torso = Torso()

    def calibrate(self) -> None:
        """Draw the mouth so wide, so tightly shut and so smiling that it is seen as it was asked to be."""
        still, expression = (np.zeros(3), np.zeros(2)), self.rig.expression
        lips = expression.lips

        def draw(pressure: float) -> tuple[np.ndarray, np.ndarray]:
            lips.pressure = pressure
            return self.render_frame(contact(self._blendshapes), *still)

        lips.gain = aperture_gain([self.render_frame(row, *still) for row in openings(self._blendshapes)])
        if not self._layer.lips.gap:
            lips.hidden = hidden_gap(*self.render_frame(sliver(self._blendshapes), *still), lips.gain)
        lips.pressure = contact_pressure(draw)

        def smile(gain: float) -> tuple[np.ndarray, np.ndarray]:
            expression.smile_gain = gain
            return self.render_frame(smiling(self._blendshapes), *still)

        expression.smile_gain = smile_gain(smile)

    def show_teeth(self, teeth: Teeth, lines: ToothLines | None = None) -> None:
        """Let another row of teeth show, at the heights `lines` where they are known."""
        self.mouth = self._build_mouth(teeth, lines)
        self.refiner = self.build_refiner() if self.refiner else None

    def _build_mouth(self, teeth: Teeth, lines: ToothLines | None) -> MouthInterior:
        rest, scale = self.mesh.rest, self.mesh.frame.scale
        # the teeth hang where lips without expression meet, whatever the photo's lips are doing
        neutral = self.rig.pose(np.zeros(len(BLENDSHAPES), np.float32), np.zeros(3), np.zeros(2))
        origin = neutral.vertices[[UPPER_LIP, LOWER_LIP], :2].mean(0).astype(np.float64)
        photo_teeth = find_teeth(self.image, rest, origin, self.to_face_units, scale, self.palette.skin)
        lips = (rest[list(LIPS), :2] - origin) @ self.to_face_units.T
        return MouthInterior(lips, scale, self.palette, photo_teeth, teeth, lines)

    def build_refiner(self) -> MouthRefiner:
        """The mouth network's corrections for this portrait."""
        lips, painted = self.mesh.rest[list(LIPS), :2], self.mouth.photo_teeth is NO_TEETH
        return MouthRefiner(self.image, lips, self.to_face_units, self.palette, refine_inside=painted)

    def render_frame(
        self, blendshapes: np.ndarray, pose: np.ndarray, shift: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The image `(H, W, 3)` uint8 and the landmarks `(478, 3)` px of one frame.

        `blendshapes` `(52,)`; `pose` `(3,)` degrees and `shift` `(2,)` inter-ocular distances relative to the
        photo's.
        """
        posed = self.rig.pose(blendshapes, pose, shift)
        ((_, image),) = self.paint([(posed, self.warp(posed))])
        return image, posed.vertices[:LANDMARKS].copy()

    def pose_frames(self, motion: Motion) -> Iterator[PosedMesh]:
        """The vertices of each frame of a motion; the torso goes on from where it was in the one before."""
        sway = self._torso.follow(motion)
        for start in range(0, len(motion), _BLOCK):
            block = slice(start, start + _BLOCK)
            yield from self.rig.pose_batch(
                motion.blendshapes[block], motion.pose[block], motion.shift[block], sway[block]
            )

    def warp(self, posed: PosedMesh) -> np.ndarray:
        """The photo `(H, W, 3)` uint8 warped to the posed vertices, not yet painted: the longest step."""
        return self.warp_with_alpha(posed)[0]

    def warp_with_alpha(self, posed: PosedMesh) -> tuple[np.ndarray, np.ndarray | None]:
        """As `warp`, and the alpha `(H, W)` uint8 of a portrait that was cut out, warped alike."""
        canvas = self._background.copy()
        alpha = None if self._still_alpha is None else self._still_alpha.copy()
        self._layer.draw(posed.vertices, posed.rotation, canvas, alpha, posed.scores)
        return cv2.cvtColor(canvas, cv2.COLOR_RGBA2RGB), alpha

    def paint(self, warped: Iterable[tuple[PosedMesh, np.ndarray]]) -> Iterator[tuple[PosedMesh, np.ndarray]]:
        """Paint eyes, lids and mouth into the images of consecutive frames, in place.

        The mouth network runs on some of them, the last among them; its output is interpolated between.
        """
        painted, before, count = map(self._paint_one, warped), None, 1
        while block := list(islice(painted, count)):
            posed, image = block[-1]
            after = self.refiner.predict(image, *_mouth(posed)) if self.refiner else None
            for passed, (posed, image) in enumerate(block, 1):
                output = _interpolated(before, after, passed / len(block))
                if self.refiner and output is not None:
                    self.refiner.apply(image, *_mouth(posed), output)
                yield posed, image
            before, count = after, _REFINE_EVERY

    def _paint_one(self, warped: tuple[PosedMesh, np.ndarray]) -> tuple[PosedMesh, np.ndarray]:
        posed, image = warped
        for eyeball, eyelid in zip(self._eyeballs, self._eyelids, strict=True):
            eyeball.paint(image, posed)
            eyelid.paint(image, posed)
        opening, lips = _mouth(posed)
        jaw = self.to_face_units @ posed.jaw_offset[:2]
        depth = self._depth @ posed.rotation[:, :2]
        self.mouth.paint(image, opening, lips, jaw, posed.tongue, posed.rounded, depth)
        if self._seam:
            self._seam.paint(image, opening)
        return warped


def _images(
    warped: Iterable[tuple[tuple[Motion, PosedMesh], tuple[np.ndarray, np.ndarray | None]]],
    alphas: deque[np.ndarray | None],
) -> Iterator[tuple[PosedMesh, np.ndarray]]:
    """The warped images alone; their alphas, which nothing is painted on, go to the end of `alphas`."""
    for (_, posed), (image, alpha) in warped:
        alphas.append(alpha)
        yield posed, image


def _prepared_face(image: np.ndarray, face: Face, basis: FaceBasis) -> Face:
    """The face with depths that agree with its pose, and closed lips' edges on the pixels where they meet."""
    frame = fit_face_frame(face.landmarks, basis)
    # landmarks lean a few degrees less than the tracker's own pose: when turned, such a face would roll
    lean = rotation_matrix(face.pose) @ frame.rotation.T
    depth = ((face.landmarks - frame.origin) @ lean.T + frame.origin)[:, 2]
    face = replace(face, landmarks=np.column_stack([face.landmarks[:, :2], depth]).astype(np.float32))
    if not lips_closed(face.landmarks, face.interocular):
        return face
    return replace(face, landmarks=snap_to_lip_line(image, face.landmarks, face.interocular))


def _interpolated(before: np.ndarray | None, after: np.ndarray | None, share: float) -> np.ndarray | None:
    """Between two outputs of the network; the other one where the lips are closed at one of them."""
    if before is None or after is None:
        return after if before is None else before
    return before + np.float32(share) * (after - before)


def _mouth(posed: PosedMesh) -> tuple[np.ndarray, np.ndarray]:
    """The contour of the inner lips, and where the skull alone would have carried the lips, in px."""
    return posed.vertices[list(INNER_LIPS), :2], posed.rigid_landmarks[list(LIPS), :2]


_renderers = Pool[PortraitRenderer](_LENT)
