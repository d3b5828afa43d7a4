"""The embedded lips: new words for any frames, on the CPU and without a download (`pipeline.puppet`)."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.cards import Card
from pipeline.lips.face_track import with_landmarks
from pipeline.prefetch import Prefetcher
from pipeline.puppet.options import Options
from pipeline.types import BLENDSHAPES, Clip, Face, Frame, Motion, Speech, Style

if TYPE_CHECKING:
    from pipeline.puppet.geometry.rig import PosedMesh
    from pipeline.puppet.reenactment import MouthReenactor

_LOG = logging.getLogger(__name__)
_AHEAD = 16
"""Frames whose mouths may wait for their pictures."""

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


def load(options: Options | None = None) -> PuppetLips:
    """The engine; its small models are part of the repository."""
    return PuppetLips(options or Options())


class PuppetLips:
    """The embedded lips; a `protocols.Lips`."""

    def __init__(self, options: Options) -> None:
        self._teeth = options.teeth

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The clip saying `speech`; pixels outside the lower face stay as they are.

        Frames without a face pass unchanged; how many is logged at the end.
        """
        return replace(clip, frames=self._reenacted(clip, speech, style))

    def _reenacted(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        from pipeline.puppet.reenactment import MouthReenactor

        stream = with_landmarks(clip)
        unchanged, first = 0, None
        for first in stream:
            if first.landmarks is not None:
                break
            unchanged += 1
            yield first
        if first is not None and first.landmarks is not None:
            face = _detected_face(first.image, first.landmarks)
            mouth = MouthReenactor(first.image, face, self._teeth)
            rest = itertools.chain([first], stream)
            # the motion of the next words is made while these are drawn
            with closing(Prefetcher(_mouths(mouth, speech, style, face), _AHEAD)) as mouths:
                said = itertools.islice(mouths, unchanged, None)
                for (row, posed), frame in zip(said, rest, strict=False):
                    if frame.landmarks is None:
                        unchanged += 1
                    yield mouth.apply(frame, row, posed)
        if unchanged:
            _LOG.warning("%d frames show no face and were left unchanged", unchanged)


def _detected_face(image: np.ndarray, landmarks: np.ndarray) -> Face:
    """The face at a frame's `landmarks` `(478, 3)` with its blendshapes, which a frame does not carry."""
    from pipeline.faces import find

    middle = landmarks[:, :2].mean(0)
    found = find(image)
    if not found:
        return Face(landmarks, np.zeros(len(BLENDSHAPES), np.float32), np.zeros(3, np.float32))
    face = min(found, key=lambda one: float(np.linalg.norm(one.landmarks[:, :2].mean(0) - middle)))
    return replace(face, landmarks=landmarks)


def _mouths(
    mouth: MouthReenactor, speech: Iterable[Speech], style: Style, rest: Face
) -> Iterator[tuple[Motion, PosedMesh]]:
    """What `mouth.apply` is given for each frame of the words."""
    from pipeline.motion import perform

    for motion in perform(speech, replace(style, head=0.0, blinks=0.0), rest=rest):
        yield from mouth.pose_frames(motion)
