"""The presenters of a script, each read once for every size at which they are shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import engines, faces
from pipeline.errors import StudioError
from pipeline.script.error_places import error_at
from pipeline.script.listener import habits
from pipeline.script.shots import Role, Shot
from pipeline.stage.framing import FaceBox, Subject, fitted
from pipeline.stage.layout import PresenterFrame
from pipeline.stage.matting import Matte, cut_out
from pipeline.types import Footage, Frame, Portrait

_KEPT = 4
"""Presenters that are held at the same time: a portrait at 1080p with its matte takes 40 MB."""


@dataclass(frozen=True, eq=False)
class Actor:
    """A presenter, ready to be animated."""

    subject: Portrait | Footage
    face: FaceBox | None
    """Of the face at rest, in px of the subject's frames."""
    performer: int
    """Seed of their habits."""
    matting: str | None
    """What cuts the presenter out of what is behind them; None where they are shown with it."""

    def picture(self) -> np.ndarray | None:
        """The photo, or the first frame of the video, `(H, W, 3)` uint8 RGB."""
        if isinstance(self.subject, Portrait):
            return self.subject.image
        with closing(self.subject.frames()) as frames:  # type: ignore[type-var]
            return next((frame.image for frame in frames), None)

    @property
    def standing(self) -> Subject:
        """What the presenter's place in the frame depends on."""
        if isinstance(self.subject, Portrait):
            height, width = self.subject.image.shape[:2]
            return Subject((width, height), self.face, self.matting is not None)
        return Subject(self.subject.size, self.face, self.matting is not None)

    def presented(self) -> Callable[[Frame], PresenterFrame]:
        """From the frames of one clip, in order, to the presenter in them."""
        if self.matting is not None:
            return Matte(self.face or (0.0, 0.0, 0.0, 0.0), engines.load("matting", self.matting)).cut
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
        key = (role.name, shot.layout, position, shot.matting, output.size, output.fps)
        if key not in self._actors:
            try:
                path = shot.script.located(role.presenter.subject)
                self._actors[key] = _actor(path, shot, role)
            except StudioError as error:
                raise error_at(f"presenters.{role.name}", error) from error
        self._actors.move_to_end(key)
        while len(self._actors) > _KEPT:
            self._actors.popitem(last=False)
        return self._actors[key]


def _actor(path: Path, shot: Shot, role: Role) -> Actor:
    own = habits(path, role.presenter.seed)
    if faces.is_video(path):
        footage = faces.open_footage(path, fps=shot.script.output.fps, face=role.presenter.face)
        return Actor(footage, _first_face(footage), own, shot.matting)
    portrait = faces.portrait(path, face=role.presenter.face)
    portrait = fitted(portrait, shot.layout, shot.script.output.size, cut_out=shot.cut_out)
    if shot.matting is not None:
        portrait = cut_out(portrait, engines.load("matting", shot.matting))
    return Actor(portrait, portrait.face.box, own, shot.matting)


def _first_face(footage: Footage) -> FaceBox | None:
    """The box of the face in the first frame that shows it."""
    with closing(footage.frames()) as frames:  # type: ignore[type-var]
        for frame in frames:
            if frame.landmarks is not None:
                (left, top), (right, bottom) = frame.landmarks[:, :2].min(0), frame.landmarks[:, :2].max(0)
                return float(left), float(top), float(right), float(bottom)
    return None
