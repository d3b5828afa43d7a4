"""Borrowing a GPU: on a ZeroGPU Space one is lent for the length of a job that has use for it.

The card's time is short and shared, so only what the card does is inside the lease: loading the networks and
making the frames. Downloading, hashing, the voice, the tracking of a video and the encoding are done in the
page's own process. ZeroGPU runs the lease in a forked process and sends back what it yields.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline import hub
from pipeline.errors import StudioError
from pipeline.plan import Plan
from pipeline.progress import Event
from pipeline.types import Clip, Footage, Frame, Portrait, Speech

if TYPE_CHECKING:
    from pipeline.trust import Consent

_LOADING_SECONDS = 30
"""For the networks to be loaded, and for what else happens once."""
_MOST_SECONDS = 240
"""Longest lease that is asked for; a longer one waits too long, or is refused."""


class _About(NamedTuple):
    """What is known of a clip before its frames."""

    size: tuple[int, int]
    fps: int
    face: np.ndarray | None


_Sent = _About | Frame | StudioError
"""What comes out of a lease: about the clip, its frames, and what went wrong, which ZeroGPU would replace by
words of its own."""

Lease = Callable[[Plan, Portrait | Footage, Sequence[Speech]], Generator[_Sent, None, None]]


def stream(plan: Plan, consent: Consent, *, preview: bool) -> Generator[Event, None, None]:
    """The studio's events, on a borrowed GPU where one is lent and an engine of the plan runs networks."""
    from pipeline import studio

    borrowing = make_clip if _borrows(plan) else None
    return studio.stream(plan.scene, plan.output, preview=preview, consent=consent, make_clip=borrowing)


def make_clip(plan: Plan, subject: Portrait | Footage, parts: Iterable[Speech]) -> Clip:
    """The frames of a plan, on a borrowed GPU where one is lent and an engine of the plan runs networks."""
    from pipeline import studio

    return (_animated_on_loan if _borrows(plan) else studio.animate)(plan, subject, parts)


def _borrows(plan: Plan) -> bool:
    return _lease is not _render and bool(plan.checkpoints)


def lease_seconds(plan: Plan, subject: Portrait | Footage, parts: Sequence[Speech]) -> int:
    """For how long a plan needs the card, by its engines' cards and the length of the speech."""
    running = [plan.head] if plan.lips is None else [plan.head, plan.lips]
    rate = sum(engine.card.gpu_seconds for engine in running) * plan.style.fps / 25
    return min(_MOST_SECONDS, round(_LOADING_SECONDS + rate * sum(part.duration for part in parts)))


def _animated_on_loan(plan: Plan, subject: Portrait | Footage, parts: Iterable[Speech]) -> Clip:
    """The clip of a plan, made on loan; what needs no card is done first."""
    from pipeline.faces.footage import TrackedFootage

    for key in plan.checkpoints:
        hub.fetch(key)  # verified here, which the forked process knows
    if isinstance(subject, TrackedFootage):
        subject.tracks()
    sent = _raised(_lease(plan, subject, list(parts)))
    about = next(sent)
    assert isinstance(about, _About), "a lease begins with what is known of the clip"
    return Clip(about.size, about.fps, _frames(sent), face=about.face)


def _raised(sent: Generator[_Sent, None, None]) -> Generator[_Sent, None, None]:
    """What is sent, with errors raised."""
    with closing(sent):
        for item in sent:
            if isinstance(item, StudioError):
                raise item
            yield item


def _frames(sent: Generator[_Sent, None, None]) -> Iterator[Frame]:
    with closing(sent):
        yield from (item for item in sent if isinstance(item, Frame))


def _render(plan: Plan, subject: Portrait | Footage, parts: Sequence[Speech]) -> Generator[_Sent, None, None]:
    """What runs on the card; arguments and results are pickled on their way."""
    from pipeline import studio

    try:
        with closing(studio.animate(plan, subject, parts)) as clip:
            yield _About(clip.size, clip.fps, clip.face)
            yield from clip.frames
    except StudioError as error:
        yield error


def _borrowed(render: Lease) -> Lease:
    """`render` as ZeroGPU runs it, in a process of its own; itself where nothing is lent.

    It must be wrapped while the program starts: ZeroGPU looks for wrapped functions then.
    """
    if find_spec("spaces") is None:
        return render
    wrapped: Lease = import_module("spaces").GPU(duration=lease_seconds)(render)
    return wrapped


_lease = _borrowed(_render)
