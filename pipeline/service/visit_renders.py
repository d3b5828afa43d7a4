"""The renders of all visits of the page: which of them an opened page follows, and how many may wait."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from pipeline.errors import StudioError
from pipeline.progress import Event, Result
from pipeline.service import estimates, messages, takes
from pipeline.service.estimates import ESTIMATES
from pipeline.service.jobs import Job
from pipeline.service.messages import Message
from pipeline.service.rendering import Kind, Render, Work

MOST_RENDERS = 32
"""Renders at a time, almost all of which wait."""


class BusyError(StudioError):
    """Too many wait already."""


class Renders:
    """The renders of all visits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Render] = []

    def begin(self, job: Job, visit: str, settings: Mapping[str, Any], tab: str = "") -> Render:
        """Begin to render a job for a visit, with a preview.

        Args:
            visit, settings: as of `takes.keep`, which records the finished video unless `visit` is "".
            tab: of the visit's browser, which has begun it.

        Raises:
            BusyError: too many wait already.
        """
        events = _kept(_watched(job, preview=True), visit, settings)
        return self.start(Work(job.folder.name, events, job.given_up, visit, tab, note=job.note))

    def begin_dub(self, job: Job, visit: str, tab: str, shown: Any) -> Render:
        """Begin to dub a video for a visit; see `Work`.

        Raises:
            BusyError: too many wait already.
        """
        events = messages.told("page", _watched(job, preview=False))
        return self.start(Work(job.folder.name, events, job.given_up, visit, tab, "dub", shown=shown))

    def start(self, work: Work) -> Render:
        """Begin any work.

        Raises:
            BusyError: too many wait already.
        """
        with self._lock:
            self._all = [each for each in self._all if not each.is_forgotten()]
            if sum(not each.is_over for each in self._all) >= MOST_RENDERS:
                raise BusyError("Too many videos are waiting; try again in a few minutes.")
            render = Render(work)
            self._all.append(render)
        return render

    def last(self, visit: str, tab: str = "", kind: Kind = "video") -> Render | None:
        """What a page of the visit that is opened now in a tab follows: the latest render of a kind that it
        shows again and that belongs to the tab, or that no other tab follows, which it then takes over.
        """
        open_ = (each for each in self._of(visit) if each.kind == kind and each.is_shown_again)
        mine = [each for each in open_ if each.tab == tab or not each.is_followed]
        if not mine:
            return None
        mine[-1].tab = tab
        return mine[-1]

    def goes_on_elsewhere(self, visit: str, tab: str) -> bool:
        """Whether a video of the visit is being made, or waits, in another tab."""
        return any(each.tab != tab and not each.is_over for each in self._of(visit))

    def own_ahead(self, render: Render) -> int:
        """How many of those that come before a waiting render are its own visit's."""
        mine = self._of(render.visit) if render.visit else []
        before = mine[: mine.index(render)] if render in mine else []
        return sum(not each.is_over and not each.is_given_up for each in before)

    def find(self, name: str, visit: str) -> Render | None:
        """One of a visit's renders by its name."""
        return next((each for each in self._of(visit) if each.name == name), None)

    def _of(self, visit: str) -> list[Render]:
        with self._lock:
            return [each for each in self._all if each.visit == visit]


RENDERS = Renders()
"""Those of this process."""


def _watched(job: Job, *, preview: bool) -> Generator[Event, None, None]:
    """The job's events, with the time left."""
    return ESTIMATES.watch(job.run("visits", preview=preview), estimates.video_seconds(job.plan))


def _kept(
    events: Generator[Event, None, None], visit: str, settings: Mapping[str, Any]
) -> Generator[Event | Message, None, None]:
    """The `events`, or what to tell where they fail; the finished video is recorded for its visit, whether or
    not anybody follows."""

    def recorded() -> Generator[Event, None, None]:
        with closing(events):
            for event in events:
                if isinstance(event, Result) and visit:
                    takes.keep(event, visit, settings)
                yield event

    return messages.told("page", recorded())
