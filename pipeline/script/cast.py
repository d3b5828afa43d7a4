"""The presenters of a script, each read once for every size at which they are shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from pipeline import faces
from pipeline.errors import StudioError
from pipeline.script.keys import concerning_line
from pipeline.script.shots import Role, Shot
from pipeline.stage.framing import FaceBox, Subject, placements
from pipeline.stage.layout import PresenterFrame
from pipeline.stage.matting import Matte, cut_out
from pipeline.types import Face, Footage, Frame, Portrait

_KEPT = 4
"""Presenters that are held at the same time: a portrait at 1080p with its matte takes 40 MB."""
_WORTH = 0.9
"""Scale from which a picture is not made smaller before it is animated."""


@dataclass(frozen=True, eq=False)
class Actor:
    """A presenter, ready to be animated."""

    subject: Portrait | Footage
    face: FaceBox | None
    """Of the face at rest, in px of the subject's frames."""
    cut_out: bool
    """Whether the presenter is shown without what is behind them."""

    def presented(self) -> Callable[[Frame], PresenterFrame]:
        """From the frames of one clip, in order, to the presenter in them."""
        if self.cut_out:
            return Matte(self.face or (0.0, 0.0, 0.0, 0.0)).cut
        return lambda frame: PresenterFrame(frame.image, None, self.face)


class Cast:
    """Reads presenters as shots ask for them."""

    def __init__(self) -> None:
        self._actors: OrderedDict[tuple[object, ...], Actor] = OrderedDict()

    def actor(self, shot: Shot, role: Role) -> Actor:
        """The presenter of a role at the size at which the shot shows them.

        Raises:
            ScriptError: the picture cannot be used; the sentence names the presenter.
        """
        output = shot.script.output
        position = [each.name for each in shot.roles].index(role.name)
        key = (role.name, shot.layout, position, shot.cut_out, output.size, output.fps)
        if key not in self._actors:
            try:
                path = shot.script.located(role.presenter.subject)
                self._actors[key] = _actor(path, shot, role)
            except StudioError as error:
                raise concerning_line(f"presenters.{role.name}", error) from error
        self._actors.move_to_end(key)
        while len(self._actors) > _KEPT:
            self._actors.popitem(last=False)
        return self._actors[key]


def _actor(path: Path, shot: Shot, role: Role) -> Actor:
    if faces.is_video(path):
        footage = faces.open_footage(path, fps=shot.script.output.fps, face=role.presenter.face)
        return Actor(footage, _first_face(footage), shot.cut_out)
    portrait = faces.portrait(path, face=role.presenter.face)
    portrait = _scaled(portrait, _enlargement(portrait, shot))
    return Actor(cut_out(portrait) if shot.cut_out else portrait, portrait.face.box, shot.cut_out)


def _first_face(footage: Footage) -> FaceBox | None:
    """The box of the face in the first frame that shows it."""
    with closing(footage.frames()) as frames:  # type: ignore[type-var]
        for frame in frames:
            if frame.landmarks is not None:
                (left, top), (right, bottom) = frame.landmarks[:, :2].min(0), frame.landmarks[:, :2].max(0)
                return float(left), float(top), float(right), float(bottom)
    return None


def _enlargement(portrait: Portrait, shot: Shot) -> float:
    """Frame px per px of the photo, at most 1, in whichever place of the layout it is larger."""
    height, width = portrait.image.shape[:2]
    subject = Subject((width, height), portrait.face.box, shot.cut_out)
    places = placements(shot.layout, shot.script.output.size, (subject,) * len(shot.roles))
    return min(max(place.enlargement for place in places), 1.0)


def _scaled(portrait: Portrait, scale: float) -> Portrait:
    """The portrait with fewer pixels, with even sides; the same where little would be gained."""
    if scale > _WORTH:
        return portrait
    height, width = portrait.image.shape[:2]
    size = max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
    image = cv2.resize(portrait.image, size, interpolation=cv2.INTER_AREA)
    face = portrait.face
    ratio = np.array([size[0] / width, size[1] / height, scale], np.float32)
    return replace(
        portrait,
        image=image,
        face=Face(face.landmarks * ratio, face.blendshapes, face.pose, face.matrix),
    )
