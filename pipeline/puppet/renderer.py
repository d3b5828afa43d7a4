"""One portrait's geometry, warping and painting put together: motions in, frames out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np

from pipeline.faces.landmarks import EYES, INNER_LIPS
from pipeline.prefetch import map_ahead
from pipeline.puppet.geometry import lip_line
from pipeline.puppet.geometry import mesh as meshes
from pipeline.puppet.geometry.basis import FaceBasis, face_basis
from pipeline.puppet.geometry.rig import Posed, Rig, euler
from pipeline.puppet.painting import palette, teeth
from pipeline.puppet.painting.eyelids import Lid
from pipeline.puppet.painting.eyes import Eye, hidden
from pipeline.puppet.painting.mouth import LIPS, Mouth
from pipeline.puppet.painting.refiner import MouthRefiner
from pipeline.puppet.warping import rasterizer
from pipeline.puppet.warping.matting import split
from pipeline.puppet.warping.occlusion import Unseen
from pipeline.threads import opencv_on_one_thread
from pipeline.types import BLENDSHAPES, Face, Frame, Motion, Portrait

BLOCK = 16
"""Frames whose vertices are worked out at once: numpy's calls cost more than the numbers in them."""
AHEAD = 8
"""Frames whose photo is laid while another's eyes and mouth are painted: that is about half of the work."""
ASKED = 4
"""The mouth's network is asked about every fourth frame: asking is a quarter of the work on a frame, and what
it says of a mouth hardly changes (half of its swing about the mean follows the four frames' line)."""


def render(portrait: Portrait, motions: Iterable[Motion]) -> Iterator[Frame]:
    """Frames of the portrait playing `motions` one after the other, with the landmarks and motion of each."""
    stage = PortraitRenderer(portrait)
    with ThreadPoolExecutor(1, thread_name_prefix="lay") as worker:
        for motion in motions:
            laid = map_ahead(stage.lay, stage.posed(motion), worker, AHEAD)
            for index, (posed, image) in enumerate(stage.finish(laid)):
                moment = slice(index, index + 1)
                yield Frame(
                    image,
                    posed.points[: meshes.LANDMARKS].copy(),
                    Motion(motion.fps, motion.blendshapes[moment], motion.pose[moment], motion.shift[moment]),
                )


def _settled(image: np.ndarray, face: Face, basis: FaceBasis) -> Face:
    """The face as deep as its pose says, with the lips' edges on the pixels where closed lips meet."""
    frame = meshes.frame_of(face.landmarks, basis)
    # landmarks lean a few degrees less than the tracker's own pose: turned, such a face would roll
    lean = euler(face.pose) @ frame.rotation.T
    depth = ((face.landmarks - frame.origin) @ lean.T + frame.origin)[:, 2]
    face = replace(face, landmarks=np.column_stack([face.landmarks[:, :2], depth]).astype(np.float32))
    if not lip_line.closed(face.landmarks, face.interocular):
        return face
    return replace(face, landmarks=lip_line.snap(image, face.landmarks, face.interocular))


class PortraitRenderer:
    """One portrait made ready to move: build once (tenths of a second), then `show` any number of frames."""

    def __init__(self, portrait: Portrait, *, retouched: bool = True) -> None:
        """`retouched`: the drawn mouth is corrected by the network that knows real ones."""
        opencv_on_one_thread()
        basis = face_basis()
        self.image = np.ascontiguousarray(portrait.image)
        face = _settled(self.image, portrait.face, basis)
        frame = meshes.frame_of(face.landmarks, basis)
        layers = split(self.image, face.landmarks, frame)
        self.mesh = meshes.build(face, frame, layers.distance, basis)
        self.behind = np.where(self.mesh.field[..., None], layers.behind, self.image)
        self.rig = Rig(self.mesh, face, basis)
        cover = np.round(255 * layers.subject).astype(np.uint8)
        self.sheet = rasterizer.WarpedLayer(self.image, cover, self.mesh, Unseen(self.mesh, layers.distance))
        scale = self.mesh.frame.scale
        self.tones = palette.read(self.image, portrait.face.landmarks, scale)
        seen = () if hidden(self.image, self.mesh.rest, self.tones.skin) else EYES
        self.eyes = [Eye(self.image, self.mesh.rest, eye, scale) for eye in seen]
        self.lids = [Lid(self.image, self.mesh.rest, eye, scale, self.tones) for eye in seen]
        self.axes, self.mouth = self._make_mouth()
        lips, drawn = self.mesh.rest[list(LIPS), :2], self.mouth.own is teeth.NONE
        self.retouch = (
            MouthRefiner(self.image, lips, self.axes, self.tones, inside=drawn) if retouched else None
        )

    def _make_mouth(self) -> tuple[np.ndarray, Mouth]:
        """The mouth, and the matrix `(2, 2)` from px of the photo to its face units."""
        rest, frame = self.mesh.rest, self.mesh.frame
        # the teeth hang where lips without expression meet, whatever the photo's lips are doing
        still = self.rig.play(np.zeros(len(BLENDSHAPES), np.float32), np.zeros(3), np.zeros(2))
        seam_at = still.points[[13, 14], :2].mean(0).astype(np.float64)
        axes = np.linalg.inv(frame.rotation[:2, :2] * frame.scale)
        shown = teeth.shown(self.image, rest, seam_at, axes, frame.scale, self.tones.skin)
        return axes, Mouth((rest[list(LIPS), :2] - seam_at) @ axes.T, frame.scale, self.tones, shown)

    def show(self, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The picture `(H, W, 3)` and the landmarks `(478, 3)` for one frame of a motion."""
        posed = self.rig.play(scores, pose, shift)
        ((_, image),) = self.finish([(posed, self.lay(posed))])
        return image, posed.points[: meshes.LANDMARKS].copy()

    def posed(self, motion: Motion) -> Iterator[Posed]:
        """The vertices of each frame of a motion."""
        for start in range(0, len(motion), BLOCK):
            some = slice(start, start + BLOCK)
            yield from self.rig.play_all(motion.blendshapes[some], motion.pose[some], motion.shift[some])

    def lay(self, posed: Posed) -> np.ndarray:
        """A picture `(H, W, 3)` with the photo's pixels where its vertices have gone: the longest step."""
        image = self.behind.copy()
        self.sheet.lay(posed.points, posed.turn, image)
        return image

    def finish(self, laid: Iterable[tuple[Posed, np.ndarray]]) -> Iterator[tuple[Posed, np.ndarray]]:
        """Paint eyes, lids and mouth into the pictures of consecutive frames, in place.

        The mouth's network is asked about some of them, the last among them.
        """
        painted, before, count = map(self._painted, laid), None, 1
        while some := list(islice(painted, count)):
            posed, image = some[-1]
            after = self.retouch.ask(image, *_mouth(posed)) if self.retouch else None
            for passed, (posed, image) in enumerate(some, 1):
                answer = _between(before, after, passed / len(some))
                if self.retouch and answer is not None:
                    self.retouch.touch(image, *_mouth(posed), answer)
                yield posed, image
            before, count = after, ASKED

    def _painted(self, laid: tuple[Posed, np.ndarray]) -> tuple[Posed, np.ndarray]:
        posed, image = laid
        for eye, lid in zip(self.eyes, self.lids, strict=True):
            eye.paint(image, posed, posed.gaze[eye.side])
            lid.paint(image, posed)
        self.mouth.paint(image, *_mouth(posed), self.axes @ posed.jaw[:2])
        return laid


def _between(before: np.ndarray | None, after: np.ndarray | None, share: float) -> np.ndarray | None:
    if before is None or after is None:
        return after if before is None else before
    return before + np.float32(share) * (after - before)


def _mouth(posed: Posed) -> tuple[np.ndarray, np.ndarray]:
    """The inner lips' line, and where the skull alone would have carried the lips' vertices, in px."""
    return posed.points[list(INNER_LIPS), :2], posed.skull[list(LIPS), :2]
