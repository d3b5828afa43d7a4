"""The frames and the sound of one shot: who speaks, who listens, what is behind and in front of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pipeline import engines, studio
from pipeline.plan import Plan
from pipeline.script.cast import Actor, Cast
from pipeline.script.graphics import Filter, overlays, titles
from pipeline.script.listener import SETTLED, continued, listening_clip
from pipeline.script.segments import silence
from pipeline.script.shots import Role, Shot
from pipeline.stage.backgrounds import open_background
from pipeline.stage.framing import placements
from pipeline.stage.layout import Composer, PresenterFrame, place_transparent
from pipeline.stage.slots import Area
from pipeline.studio import MakeClip
from pipeline.types import Clip, Frame, Portrait, Speech
from pipeline.video.compositing import opaque
from pipeline.video.overlay import Overlay


@dataclass(frozen=True, eq=False)
class Drawn:
    """A shot in the making."""

    speech: Iterator[Speech]
    """Its parts; each is to be followed by as many frames as it lasts."""
    frames: Iterator[tuple[np.ndarray, bool]]
    """Frames uint8, `(H, W, 3)` RGB or in a film with alpha `(H, W, 4)` RGBA, each used again by the next,
    and whether a face was found in it."""
    filters: list[Filter]
    """What is drawn on the frames for a while, from the back to the front."""
    overlays: list[Overlay]
    """What is drawn on all frames, in front of that."""

    @contextmanager
    def overlaid(self, image: np.ndarray) -> Iterator[None]:
        """In this block, the overlays are drawn on a frame; then it is as it was."""
        hidden = [overlay.paint(image) for overlay in self.overlays]
        try:
            yield
        finally:
            for overlay, before in reversed(list(zip(self.overlays, hidden, strict=True))):
                overlay.remove(image, before)


def draw(
    shot: Shot,
    plan: Plan | None,
    cast: Cast,
    stack: ExitStack,
    offset: int = 0,
    make_clip: MakeClip = studio.animate,
) -> Drawn:
    """Begin to make a shot.

    Args:
        shot: which.
        plan: of its line; None where nobody speaks.
        cast: the presenters.
        stack: closes whatever makes the frames.
        offset: frames of its scene that come before, by which videos go on: a presenter's, or a background.
        make_clip: makes the frames of who speaks; where their video goes on, that is done in this process.

    Raises:
        StudioError: something that it needs cannot be used.
    """
    parts: Iterable[Speech] = _speech(shot, plan)
    actors = [cast.actor(shot, role) for role in shot.roles]
    lying = overlays(shot)
    titled: list[Filter] = []
    listening = any(not role.speaks for role in shot.roles)
    if listening or (shot.opens and (shot.scene.title or shot.scene.lower_third)):
        # who listens nods where phrases end, and titles go before the line does: all of it must be known
        parts = list(parts)
        titled = titles(shot, sum(part.duration for part in parts), _faces(shot, actors), lying)
    branches = itertools.tee(parts, 1 + len(shot.roles))
    clips = []
    for role, actor, branch in zip(shot.roles, actors, branches[1:], strict=True):
        clip = _clip(shot, plan, role, actor, branch, offset, make_clip)
        stack.callback(clip.close)
        clips.append(clip)
    return Drawn(branches[0], _composed(shot, clips, actors, offset), titled, lying)


def _faces(shot: Shot, actors: list[Actor]) -> list[Area]:
    """Where in the frame the faces are."""
    subjects = tuple(actor.standing for actor in actors)
    places = placements(shot.layout, shot.script.output.size, subjects)
    return [place.face_of(subject) for place, subject in zip(places, subjects, strict=True)]


def _speech(shot: Shot, plan: Plan | None) -> Iterator[Speech]:
    """What is said and the silence after it, or a silent scene, in whole frames."""
    fps = shot.script.output.fps
    if plan is None or shot.line is None:
        yield silence(max(1, round(shot.scene.seconds * fps)), fps)
        return
    language = "und"
    for part in studio.speech(plan):
        language = part.language
        yield part
    if pause := round(shot.line.pause * fps):
        yield silence(pause, fps, language)


def _clip(
    shot: Shot,
    plan: Plan | None,
    role: Role,
    actor: Actor,
    parts: Iterable[Speech],
    offset: int,
    make_clip: MakeClip,
) -> Clip:
    fps = shot.script.output.fps
    if not role.speaks or plan is None:
        return listening_clip(shot, role, actor.subject, list(parts), fps, offset)
    style = replace(plan.style, settle=SETTLED, performer=actor.performer)
    if isinstance(actor.subject, Portrait) or not offset:
        return make_clip(replace(plan, style=style), actor.subject, parts)
    for_head, for_lips = itertools.tee(parts)
    head = engines.load("head", plan.head.card.name, plan.head.options)
    clip = continued(head, actor.subject, for_head, style, offset, speaking=plan.lips is None)
    if plan.lips is None:
        return clip
    return engines.load("lips", plan.lips.card.name, plan.lips.options).sync(clip, for_lips, style)


def _composed(
    shot: Shot, clips: list[Clip], actors: list[Actor], offset: int
) -> Iterator[tuple[np.ndarray, bool]]:
    output = shot.script.output
    photo = actors[0].picture() if actors else None
    backgrounds = open_background(
        shot.background or "#000000", output.size, output.fps, layout=shot.layout, photo=photo
    )
    if shot.moves:
        backgrounds = itertools.islice(backgrounds, offset, None)
    compose = _composer(shot)
    presented = [actor.presented() for actor in actors]
    streams: Iterable[tuple[Frame, ...]]
    streams = zip(*(clip.frames for clip in clips), strict=False) if clips else itertools.repeat(())
    for frames, background in zip(streams, backgrounds, strict=False):
        shown = [present(frame) for present, frame in zip(presented, frames, strict=True)]
        found = all(frame.landmarks is not None for frame in frames)
        yield compose(shown, background), found


def _composer(shot: Shot) -> Callable[[list[PresenterFrame], np.ndarray], np.ndarray]:
    """From presenters and background to the frame, RGBA in a film with alpha."""
    if shot.transparent:
        return lambda shown, background: place_transparent(shown, shot.script.output.size, shot.layout)
    compose = Composer(shot.layout).compose
    if shot.script.output.alpha is None:
        return compose
    return lambda shown, background: opaque(compose(shown, background))
