"""The embedded lips: new words for any frames, on the CPU and without a download.

The lower face of each frame is warped, its own pixels, to the mouth that the words ask for; the inside of
the mouth is the speaker's own where an earlier frame showed it, and drawn in the speaker's tones elsewhere.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from pipeline.engines import Card
from pipeline.faces.landmarks import OUTER_LOWER_LIP, OUTER_UPPER_LIP
from pipeline.lips.face_track import with_landmarks
from pipeline.puppet.geometry.lower_face import LowerFace, Wanted
from pipeline.puppet.painting.kept_mouth import Inside
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping import rasterizer
from pipeline.types import BLENDSHAPES, Clip, Face, Frame, Motion, Portrait, Speech, Style

_LOG = logging.getLogger(__name__)

CARD = Card(
    name="puppet",
    layer="lips",
    title="Puppet lips",
    summary="Warps the speaker's own mouth to new words, at full resolution; works on photos and videos.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    commercial=True,
    memory_gb=0.0,
    subjects=("photo", "video"),
)


def load() -> PuppetLips:
    """The engine; its small models are part of the repository."""
    return PuppetLips()


class PuppetLips:
    """The embedded lips; a `types.Lips`."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The clip saying `speech`; pixels outside the lower face stay as they are.

        Frames without a face pass untouched; how many is logged at the end.
        """
        return replace(clip, frames=self._spoken(clip, speech, style))

    def _spoken(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        stream = with_landmarks(clip)
        untouched, first = 0, None
        for first in stream:
            if first.landmarks is not None:
                break
            untouched += 1
            yield first
        if first is not None and first.landmarks is not None:
            face = _face_of(first)
            speaker, rows = _Speaker(first.image, face), _rows(speech, style, face)
            following = itertools.chain([first], stream)
            for row, frame in zip(itertools.islice(rows, untouched, None), following, strict=False):
                if frame.landmarks is None:
                    untouched += 1
                    yield frame
                else:
                    yield speaker.speak(frame, row)
        if untouched:
            _LOG.warning("%d frames show no face and kept their own picture", untouched)


class _Speaker:
    """One speaker made ready: build once, then `speak` any number of frames."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        stage = PortraitRenderer(Portrait(image, face))
        self._face = LowerFace(stage)
        self._inside = Inside(stage, self._face)

    def speak(self, frame: Frame, motion: Motion) -> Frame:
        """The frame with the mouth of the one-row `motion`."""
        self._inside.see(frame.image, frame.landmarks)
        wanted = self._face.wanted(frame.landmarks, motion.blendshapes[0])
        image = frame.image.copy()
        _warp_skin(frame.image, image, wanted, self._face)
        self._inside.paint(image, wanted.posed)
        return replace(frame, image=image, landmarks=wanted.posed.points, motion=motion)


def _warp_skin(source: np.ndarray, image: np.ndarray, wanted: Wanted, face: LowerFace) -> None:
    """Move the skin of `source` in `image`; only pixels whose place changes are touched."""
    height, width = source.shape[:2]
    corners = wanted.then[face.moving, :2]
    left, top = np.maximum(np.floor(corners.min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, (width, height))
    if right - left < 2 or bottom - top < 2:
        return
    map_x, map_y, depth = (np.empty((bottom - top, right - left), np.float32) for _ in range(3))
    now = wanted.now
    rasterizer.raster(
        wanted.then, now, now, face.skin, rasterizer.NO_TRIANGLES, left, top, map_x, map_y, depth
    )
    moved = cv2.remap(source, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    x, y = np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32)[:, None]
    changed = (depth < rasterizer.FAR) & ((np.abs(map_x - x) > 0.02) | (np.abs(map_y - y) > 0.02))
    region = image[top:bottom, left:right]
    region[changed] = moved[changed]
    lips = wanted.then[[*OUTER_UPPER_LIP, *OUTER_LOWER_LIP[-2:0:-1]], :2] - np.float32([left, top])
    _close_gaps(region, depth >= rasterizer.FAR, lips)


def _close_gaps(region: np.ndarray, bare: np.ndarray, lips: np.ndarray) -> None:
    """Between the lips no skin was laid: what the frame's own mouth showed there gives way to the lips.

    `bare` `(h, w)`: pixels without skin; `lips` `(K, 2)` px: the lips' outer line.
    """
    within = np.zeros(bare.shape, np.uint8)
    cv2.fillPoly(within, [np.round(lips).astype(np.int32)], 1)
    gap = bare & (within > 0)
    if not gap.any():
        return
    laid = (~bare).astype(np.float32)
    share = cv2.blur(laid, (5, 5))
    near = cv2.blur(region * laid[..., None], (5, 5)) / np.maximum(share, 1e-3)[..., None]
    reached = gap & (share > 0.05)
    region[reached] = near[reached].astype(np.uint8)


def _face_of(frame: Frame) -> Face:
    """The face at the frame's landmarks with its blendshapes, which a frame does not carry."""
    from pipeline.faces import find

    middle = frame.landmarks[:, :2].mean(0)
    seen = find(frame.image)
    if not seen:
        return Face(frame.landmarks, np.zeros(len(BLENDSHAPES), np.float32), np.zeros(3, np.float32))
    face = min(seen, key=lambda one: float(np.linalg.norm(one.landmarks[:, :2].mean(0) - middle)))
    return replace(face, landmarks=frame.landmarks)


def _rows(speech: Iterable[Speech], style: Style, rest: Face) -> Iterator[Motion]:
    """The wanted motion, one frame at a time."""
    from pipeline.motion import perform

    for motion in perform(speech, replace(style, head=0.0, blinks=0.0), rest=rest):
        for k in range(len(motion)):
            one = slice(k, k + 1)
            yield Motion(motion.fps, motion.blendshapes[one], motion.pose[one], motion.shift[one])
