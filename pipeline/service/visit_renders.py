"""The renders of the page's visits: each runs in a thread of its own and can be followed by any open page.

A render has its place in the queue from the moment it is accepted. A page that is reloaded, or a phone that
puts it to sleep, stops following. The render waits and goes on meanwhile, its preview can be watched from the
start by whoever comes back, and its video is listed among those of its visit. It ends early only when it is
cancelled, when the server stops, or when nobody has followed it for `ABSENCE_SECONDS`.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import StudioError
from pipeline.progress import Chunk, Event, Progress, Result
from pipeline.service import estimates, messages, takes
from pipeline.service.estimates import ESTIMATES
from pipeline.service.jobs import KEEP_SECONDS, Job
from pipeline.service.messages import Message

ABSENCE_SECONDS = 10 * 60
"""How long a render goes on while no page of its visit is open."""

_WAITING_SECONDS = 2 * 60
"""The same while it waits for its turn, so that the queue does not hold for long who has gone."""

_NOBODY_SECONDS = 10
"""The same for a render that belongs to no visit, to which nobody can come back."""

MOST_RENDERS = 32
"""Renders at a time, almost all of which wait."""

_ABANDONED = "Your video was cancelled because this page was closed for too long."

_LOOK_SECONDS = 1.0
"""Longest time between two steps of whoever follows a render, who may leave only between steps."""


@dataclass(frozen=True)
class Cancelled:
    """The end of a render that was cancelled."""


End = Result | Message | Cancelled
"""How a render ends: with its files, with a sentence for the visitor, or on purpose."""


class BusyError(StudioError):
    """Too many wait already."""


class Render:
    """A render of a visit, which begins at once."""

    def __init__(self, job: Job, visit: str, settings: Mapping[str, Any], tab: str = "") -> None:
        """`visit`, `settings`: as of `takes.keep`, which records the finished video unless `visit` is "";
        `tab`: of the visit's browser, which has begun it.
        """
        self.name = job.folder.name
        self.note = job.note
        self.visit = visit
        self.tab = tab
        """The browser's tab that it belongs to: the one that has begun it, or taken it over."""
        self.settled = False
        """Whether somebody who followed it knows its end."""
        self._changed = threading.Condition()
        self._followers = 0
        self._left = time.monotonic()
        self._progress: Progress | None = None
        self._chunks: list[Path] = []
        """The segments of the preview so far."""
        self._given_up = job.given_up
        self._end: End | None = None
        events = ESTIMATES.watch(job.run("visits", preview=True), estimates.video_seconds(job.plan))
        told = messages.told("page", _kept(events, visit, settings))
        # a borrowed GPU is asked for in the name of the visitor, whom the context knows
        work = contextvars.copy_context().run
        threading.Thread(target=work, args=(self._work, told), name="render", daemon=True).start()

    def follow(self) -> Generator[Event | End | None, None, None]:
        """The steps from now on, the last one being its end; about every second the last progress again.

        None stands for a progress that is not known yet. The preview comes from its start, unless the render
        is over; the file of a `Chunk` is there until the next step is asked for. Closing this does not end
        the render.
        """
        with self._changed:
            self._followers += 1
            watched = len(self._chunks) if self.is_over else 0
        seen: Progress | None = None
        try:
            while True:
                with self._changed:
                    self._wait_for_news(seen, watched)
                    end, seen = self._end, self._progress
                    goes_well = end is None or isinstance(end, Result)
                    chunk = next(iter(self._chunks[watched:]), None) if goes_well else None
                if chunk is not None:
                    watched += 1
                    yield Chunk(chunk)
                elif end is not None:
                    self.settled = True
                    yield end
                    return
                else:
                    yield seen
        finally:
            with self._changed:
                self._followers -= 1
                self._left = time.monotonic()
                self._drop_previews()

    def cancel(self) -> None:
        """End it before its next step."""
        self._given_up.set()

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return self._end is not None

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows it now."""
        return self._followers > 0

    def is_forgotten(self) -> bool:
        """Whether it is over and its visit knows, or has not asked for as long as its files are kept."""
        old = time.monotonic() - self._left > KEEP_SECONDS
        return self.is_over and (self.settled or old)

    def _wait_for_news(self, seen: Progress | None, watched: int) -> None:
        def come() -> bool:
            return self.is_over or self._progress is not seen or len(self._chunks) > watched

        self._changed.wait_for(come, _LOOK_SECONDS)

    def _work(self, events: Generator[Event | Message, None, None]) -> None:
        end: End = Cancelled()
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, Result | Message):
                        end = event
                        break
                    self._note(event)
                    if self._given_up.is_set():
                        break
                    if self._is_abandoned():
                        end = Message(_ABANDONED)
                        break
        finally:
            with self._changed:
                self._end = end
                self._drop_previews()
                self._changed.notify_all()

    def _note(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, Progress):
                self._progress = event
            elif isinstance(event, Chunk):
                # under another name, as the job removes its last one
                self._chunks.append(event.path.replace(event.path.with_name(f"kept-{event.path.name}")))
            self._changed.notify_all()

    def _is_abandoned(self) -> bool:
        waits = self._progress is not None and self._progress.stage == "waiting"
        patience = _WAITING_SECONDS if waits else ABSENCE_SECONDS
        patience = patience if self.visit else _NOBODY_SECONDS
        with self._changed:
            return not self._followers and time.monotonic() - self._left > patience

    def _drop_previews(self) -> None:
        """Once it is over and nobody watches them any more."""
        if self.is_over and not self._followers:
            for chunk in self._chunks:
                chunk.unlink(missing_ok=True)
            self._chunks.clear()


class Renders:
    """The renders of all visits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Render] = []

    def begin(self, job: Job, visit: str, settings: Mapping[str, Any], tab: str = "") -> Render:
        """Begin to render a job for a visit; see `Render`.

        Raises:
            BusyError: too many wait already.
        """
        with self._lock:
            self._all = [each for each in self._all if not each.is_forgotten()]
            if sum(not each.is_over for each in self._all) >= MOST_RENDERS:
                raise BusyError("Too many videos are waiting; try again in a few minutes.")
            render = Render(job, visit, settings, tab)
            self._all.append(render)
        return render

    def last(self, visit: str, tab: str = "") -> Render | None:
        """What a page of the visit that is opened now in a tab follows: the latest render without a known end
        that belongs to the tab, or that no other tab follows, which it then takes over.
        """
        mine = [each for each in self._open(visit) if each.tab == tab or not each.is_followed]
        if not mine:
            return None
        mine[-1].tab = tab
        return mine[-1]

    def goes_on_elsewhere(self, visit: str, tab: str) -> bool:
        """Whether a video of the visit is being made, or waits, in another tab."""
        return any(each.tab != tab and not each.is_over for each in self._open(visit))

    def find(self, name: str, visit: str) -> Render | None:
        """One of a visit's renders by its name."""
        return next((each for each in self._of(visit) if each.name == name), None)

    def _open(self, visit: str) -> list[Render]:
        return [each for each in self._of(visit) if not each.settled]

    def _of(self, visit: str) -> list[Render]:
        with self._lock:
            return [each for each in self._all if each.visit == visit]


RENDERS = Renders()
"""Those of this process."""


def _kept(
    events: Generator[Event, None, None], visit: str, settings: Mapping[str, Any]
) -> Generator[Event, None, None]:
    """The `events`; the finished video is recorded for its visit, whether or not anybody follows."""
    with closing(events):
        for event in events:
            if isinstance(event, Result) and visit:
                takes.keep(event, visit, settings)
            yield event
