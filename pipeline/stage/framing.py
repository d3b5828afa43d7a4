"""Which part of a presenter's picture is shown in a slot, and at which scale: chosen once, from the face."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.stage.slots import Area, Layout, Slot, require_presenters, slots
from pipeline.types import Portrait

FaceBox = tuple[float, float, float, float]
"""Left, top, right, bottom of a face in px, as `types.Face.box` gives them."""

_RELAXED = 0.7
"""How far a head may shrink below its usual size so that a small picture is enlarged less."""
_GUESS = (0.5, 0.46, 0.55)
"""Centre and height of the face where none is given, as shares of the picture: those of a square portrait."""
_HEADROOM = 0.95
"""From the face's centre to above the hair, in heights of the face."""
_CHINROOM = 0.65
"""From the face's centre to below the chin, in heights of the face."""
_WORTHWHILE = 0.9
"""Scale up to which a portrait is made smaller before it is animated."""
_FADE = 0.07
"""Width of the fade at a side where the photo ends, as a share of the cut-out's width."""


@dataclass(frozen=True)
class Subject:
    """What a placement depends on of a presenter's picture; the same for all frames of a clip."""

    size: tuple[int, int]
    """Width and height in px."""
    face: FaceBox | None = None
    """Of the face at rest."""
    cut_out: bool = False
    """Whether it comes with an alpha channel."""


@dataclass(frozen=True)
class Placement:
    """A part of the picture, and its place in the frame."""

    source: Area
    """Of the presenter's picture."""
    target: Area
    """Of the frame; the same proportions, within a pixel."""
    slot: Slot
    fade: tuple[float, float] = (0.0, 0.0)
    """How far a cut-out fades in from its left and its right side, in frame px: where the photo ends within
    the frame, it would cut a shoulder off in a straight line."""

    @property
    def edges(self) -> np.ndarray | None:
        """Opacity of the columns that `fade` leaves, `(1, w)` float32; None where all of it is shown."""
        if not any(self.fade):
            return None
        at = np.arange(self.target.width, dtype=np.float32) + 0.5
        left, right = (max(far, 1.0) for far in self.fade)
        return (smoothstep(at, 0, left) * smoothstep(at[::-1], 0, right)).astype(np.float32)[None]

    @property
    def enlargement(self) -> float:
        """Frame px per picture px; above 1, the picture has fewer pixels than the frame shows."""
        return self.target.height / self.source.height

    def face_of(self, subject: Subject) -> Area:
        """Where the face is in the frame, and in a circle all of it: what nothing may cover."""
        if self.slot.circle or subject.face is None:
            return self.target
        left, top, right, bottom = subject.face
        return Area(
            round(self.target.left + (left - self.source.left) * self.enlargement),
            round(self.target.top + (top - self.source.top) * self.enlargement),
            round((right - left) * self.enlargement),
            round((bottom - top) * self.enlargement),
        )

    def scaled(self, image: np.ndarray) -> np.ndarray:
        """The part of a picture `(h, w)` or `(h, w, 3)`, at its size in the frame."""
        part = image[self.source.slices]
        size = (self.target.width, self.target.height)
        if part.shape[1::-1] == size:
            return part
        method = cv2.INTER_AREA if self.enlargement < 1 else cv2.INTER_CUBIC
        return cv2.resize(part, size, interpolation=method)


@lru_cache(64)
def placements(layout: Layout, size: tuple[int, int], subjects: tuple[Subject, ...]) -> tuple[Placement, ...]:
    """The placement of each presenter.

    Args:
        layout: which.
        size: width and height of the frame in px.
        subjects: as many presenters as the layout shows.

    Raises:
        OptionError: the layout shows another number of presenters.
    """
    require_presenters(layout, len(subjects))
    places = []
    for index, subject in enumerate(subjects):
        slot = slots(layout, size, cut_out=subject.cut_out)[index]
        standing = subject.cut_out and not slot.circle
        places.append((_standing if standing else _filling)(subject, slot, size))
    return tuple(places)


def fitted(portrait: Portrait, layout: Layout, size: tuple[int, int], *, cut_out: bool) -> Portrait:
    """The portrait with no more pixels than a layout shows, so that none is animated only to be thrown away.

    Args:
        portrait: as it is animated afterwards; its own size where little would be gained, else even sides.
        layout: in which it will be placed alone, or as each of two.
        size: width and height of the frame in px.
        cut_out: whether it is shown without what is behind it; its matte may be made afterwards.
    """
    height, width = portrait.image.shape[:2]
    subject = Subject((width, height), portrait.face.box, cut_out)
    scale = max(place.enlargement for place in placements(layout, size, (subject,) * layout.presenters))
    if scale > _WORTHWHILE:
        return portrait
    small = max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
    ratio = np.array([small[0] / width, small[1] / height, scale], np.float32)
    alpha = (
        None if portrait.alpha is None else cv2.resize(portrait.alpha, small, interpolation=cv2.INTER_AREA)
    )
    return replace(
        portrait,
        image=cv2.resize(portrait.image, small, interpolation=cv2.INTER_AREA),
        face=replace(portrait.face, landmarks=portrait.face.landmarks * ratio),
        alpha=alpha,
    )


def _filling(subject: Subject, slot: Slot, size: tuple[int, int]) -> Placement:
    """A picture with its own background: it covers the area to its edges."""
    (width, height), area = subject.size, slot.area
    cover = max(area.width / width, area.height / height)
    scale = max(cover, _head_scale(subject, slot))
    across, down = min(round(area.width / scale), width), min(round(area.height / scale), height)
    x, y, tall = _face(subject)
    left = int(np.clip(round(x - across / 2), 0, width - across))
    # the hair is not cut off where there is room for it below the chin
    upper = max(min(y - slot.level * down, y - _HEADROOM * tall), y + _CHINROOM * tall - down)
    top = int(np.clip(round(upper), 0, height - down))
    return Placement(Area(left, top, across, down), area, slot)


def _standing(subject: Subject, slot: Slot, size: tuple[int, int]) -> Placement:
    """A cut-out: it stands on the lower edge of its area, and may reach beyond its sides."""
    height, area = subject.size[1], slot.area
    x, y, _ = _face(subject)
    level = slot.level * area.height
    scale = _head_scale(subject, slot)
    # where the picture ends too soon below the face, the head hangs lower, and grows for the rest
    lowest = level + slot.hang * area.height
    scale = max(scale, (area.height - lowest) / max(height - y, 1))
    level = max(level, area.height - scale * (height - y))
    left = area.left + area.width / 2 - scale * x
    top = area.top + level - scale * y
    return _clipped(subject, slot, (left, top), scale, _limits(slot, size))


def _limits(slot: Slot, size: tuple[int, int]) -> Area:
    area = slot.area
    return Area(0, 0, size[0], area.top + area.height) if slot.spills else area


def _clipped(
    subject: Subject, slot: Slot, corner: tuple[float, float], scale: float, limits: Area
) -> Placement:
    """The picture at `scale` with its corner at a place of the frame, cut to `limits`."""
    spans = [
        _span(at, scale, length, start, start + room)
        for at, length, start, room in (
            (corner[0], subject.size[0], limits.left, limits.width),
            (corner[1], subject.size[1], limits.top, limits.height),
        )
    ]
    (source_x, across, target_x, wide), (source_y, down, target_y, tall) = spans
    target = Area(target_x, target_y, wide, tall)
    inner = target_x > limits.left, target_x + wide < limits.left + limits.width
    fade = (_FADE * wide * inner[0], _FADE * wide * inner[1])
    return Placement(Area(source_x, source_y, across, down), target, slot, fade)


def _span(at: float, scale: float, length: int, low: int, high: int) -> tuple[int, int, int, int]:
    """Start and length in the picture, start and length in the frame, of what lies between two limits."""
    start = max((low - at) / scale, 0.0)
    stop = min((high - at) / scale, float(length))
    first, last = int(start), min(round(stop), length)
    shown_first, shown_last = max(round(at + first * scale), low), min(round(at + last * scale), high)
    return first, max(last - first, 1), shown_first, max(shown_last - shown_first, 1)


def _head_scale(subject: Subject, slot: Slot) -> float:
    """Frame px per picture px for the slot's size of a head; smaller where the picture is."""
    tall = min(slot.face * slot.area.height, slot.breadth * slot.area.width)
    scale = tall / _face(subject)[2]
    return max(_RELAXED * scale, min(scale, 1.0))


def _face(subject: Subject) -> tuple[float, float, float]:
    """The face's centre and height in px."""
    width, height = subject.size
    if subject.face is None:
        return _GUESS[0] * width, _GUESS[1] * height, _GUESS[2] * height
    left, top, right, bottom = subject.face
    return (left + right) / 2, (top + bottom) / 2, max(bottom - top, 1.0)
