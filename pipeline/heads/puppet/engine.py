"""The puppet itself: one portrait's parts put together, and the player that turns motions into frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np

from pipeline.errors import PhotoError
from pipeline.heads.puppet import mesh as meshes
from pipeline.heads.puppet import points as at
from pipeline.heads.puppet import seam, teeth, tones, warp
from pipeline.heads.puppet.basis import FaceBasis, face_basis
from pipeline.heads.puppet.eyes import Eye, hidden
from pipeline.heads.puppet.lids import Lid
from pipeline.heads.puppet.mouth import LIPS, Mouth
from pipeline.heads.puppet.retouch import Retouch
from pipeline.heads.puppet.rig import Posed, Rig, euler
from pipeline.heads.puppet.split import split
from pipeline.heads.puppet.unseen import Unseen
from pipeline.stream import made_ahead
from pipeline.threads import opencv_on_one_thread
from pipeline.types import BLENDSHAPES, Face, Footage, Frame, Motion, Portrait, Speech, Style

BLOCK = 16
"""Frames whose vertices are worked out at once: numpy's calls cost more than the numbers in them."""
AHEAD = 8
"""Frames whose photo is laid while another's eyes and mouth are painted: that is about half of the work."""
ASKED = 4
"""The mouth's network is asked about every fourth frame: asking is a quarter of the work on a frame, and what
it says of a mouth hardly changes (half of its swing about the mean follows the four frames' line)."""


class Puppet:
    """The embedded head; a `types.Head`."""

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        """Frames of the portrait performing `speech`, with its own lips if `speaking`.

        Raises:
            PhotoError: the subject is a video.
        """
        from pipeline.motion import perform

        portrait = _portrait(subject)
        return self.render(portrait, perform(speech, style, rest=portrait.face, speaking=speaking))

    def render(self, portrait: Portrait, motions: Iterable[Motion]) -> Iterator[Frame]:
        """Frames of the portrait playing `motions` one after the other.

        Raises:
            PhotoError: the subject is a video.
        """
        return _played(_portrait(portrait), motions)


def _played(portrait: Portrait, motions: Iterable[Motion]) -> Iterator[Frame]:
    stage = Stage(portrait)
    with ThreadPoolExecutor(1, thread_name_prefix="lay") as worker:
        for motion in motions:
            laid = made_ahead(stage.lay, stage.posed(motion), worker, AHEAD)
            for index, (posed, image) in enumerate(stage.finish(laid)):
                moment = slice(index, index + 1)
                yield Frame(
                    image,
                    posed.points[: meshes.LANDMARKS].copy(),
                    Motion(motion.fps, motion.blendshapes[moment], motion.pose[moment], motion.shift[moment]),
                )


def _portrait(subject: Portrait | Footage) -> Portrait:
    if not isinstance(subject, Portrait):
        raise PhotoError("The puppet moves a photo, not a video; choose the head 'footage' for a video.")
    return subject


def _settled(image: np.ndarray, face: Face, basis: FaceBasis) -> Face:
    """The face as deep as its pose says, with the lips' edges on the pixels where closed lips meet."""
    frame = meshes.frame_of(face.landmarks, basis)
    # landmarks lean a few degrees less than the tracker's own pose: turned, such a face would roll
    lean = euler(face.pose) @ frame.rotation.T
    depth = ((face.landmarks - frame.origin) @ lean.T + frame.origin)[:, 2]
    face = replace(face, landmarks=np.column_stack([face.landmarks[:, :2], depth]).astype(np.float32))
    if not seam.closed(face.landmarks, face.interocular):
        return face
    return replace(face, landmarks=seam.snap(image, face.landmarks, face.interocular))


class Stage:
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
        self.sheet = warp.Sheet(self.image, cover, self.mesh, Unseen(self.mesh, layers.distance))
        scale = self.mesh.frame.scale
        self.tones = tones.read(self.image, portrait.face.landmarks, scale)
        seen = () if hidden(self.image, self.mesh.rest, self.tones.skin) else at.EYES
        self.eyes = [Eye(self.image, self.mesh.rest, eye, scale) for eye in seen]
        self.lids = [Lid(self.image, self.mesh.rest, eye, scale, self.tones) for eye in seen]
        self.axes, self.mouth = self._make_mouth()
        lips, drawn = self.mesh.rest[list(LIPS), :2], self.mouth.own is teeth.NONE
        self.retouch = Retouch(self.image, lips, self.axes, self.tones, inside=drawn) if retouched else None

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
    return posed.points[list(at.INNER_LIPS), :2], posed.skull[list(LIPS), :2]
