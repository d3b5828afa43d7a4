"""A render of one of the page's visits: it runs in a thread of its own and can be followed by any open page.

A render, be it a video, a film or a dub, has its place in the queue from the moment it is accepted. A page
that is reloaded, or a phone that puts it to sleep, stops following. The render waits and goes on meanwhile,
its preview can be watched from the start by whoever comes back, and its video is listed among those of its
visit. It ends early only when it is cancelled, when the server stops, or when nobody has followed it for
`ABSENCE_SECONDS`.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.progress import Chunk, Event, Progress, Result
from pipeline.script import Film, FilmProgress
from pipeline.service.jobs import KEEP_SECONDS
from pipeline.service.messages import Message

ABSENCE_SECONDS = 10 * 60
"""How long a render goes on while no page of its visit is open."""

_WAITING_SECONDS = 2 * 60
"""The same while it waits for its turn, so that the queue does not hold for long who has gone."""

_NOBODY_SECONDS = 10
"""The same for a render that belongs to no visit, to which nobody can come back."""

_ABANDONED = "Your video was cancelled because this page was closed for too long."

_LOOK_SECONDS = 1.0
"""Longest time between two steps of whoever follows a render, who may leave only between steps."""


@dataclass(frozen=True)
class Cancelled:
    """The end of a render that was cancelled."""


Kind = Literal["video", "film", "dub"]
"""What is made: a video from Quick, the film of a script, a video in another language."""

End = Result | Film | Message | Cancelled
"""How a render ends: with its files, with a sentence for the visitor, or on purpose."""

Step = Event | FilmProgress | Film


@dataclass(frozen=True)
class Work:
    """What a render does, and whose it is."""

    name: str
    """Of the folder that it writes into."""
    events: Generator[Step | Message, None, None]
    """Does it. Closing it cancels."""
    given_up: threading.Event
    """Set once it is cancelled: the others in the queue do not count it any more."""
    visit: str
    """The visit's secret; "" where nobody can come back."""
    tab: str
    """Of the visit's browser, which has begun it."""
    kind: Kind = "video"
    note: str = ""
    """What to say beside the result."""
    shown: Any = None
    """What a page needs to show it again after a reload."""


class Render:
    """A render of a visit, which begins at once."""

    def __init__(self, work: Work) -> None:
        self.name = work.name
        self.kind = work.kind
        self.note = work.note
        self.shown = work.shown
        self.visit = work.visit
        self.tab = work.tab
        """The browser's tab that it belongs to: the one that has begun it, or taken it over."""
        self.settled = False
        """Whether somebody who followed it knows its end."""
        self._changed = threading.Condition()
        self._followers = 0
        self._left = time.monotonic()
        self._progress: Progress | FilmProgress | None = None
        self._chunks: list[Path] = []
        """The segments of the preview so far."""
        self._given_up = work.given_up
        self._end: End | None = None
        # a borrowed GPU is asked for in the name of the visitor, whom the context knows
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._work, work.events), name="render", daemon=True).start()

    def follow(self) -> Generator[Step | Message | Cancelled | None, None, None]:
        """The steps from now on, the last one being its end; about every second the last progress again.

        None stands for a progress that is not known yet. The preview comes from its start, unless the render
        is over; the file of a `Chunk` is there until the next step is asked for. Closing this does not end
        the render.
        """
        with self._changed:
            self._followers += 1
            watched = len(self._chunks) if self.is_over else 0
        seen: Progress | FilmProgress | None = None
        try:
            while True:
                with self._changed:
                    self._wait_for_news(seen, watched)
                    end, seen = self._end, self._progress
                    goes_well = end is None or isinstance(end, Result | Film)
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
    def is_given_up(self) -> bool:
        """Whether it was cancelled."""
        return self._given_up.is_set()

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows it now."""
        return self._followers > 0

    @property
    def is_shown_again(self) -> bool:
        """Whether a page that is reloaded shows it: until its visit knows its end, and a finished dub for as
        long as its files are kept, since it is listed nowhere else.
        """
        return not self.settled or (self.kind == "dub" and isinstance(self._end, Result))

    def is_forgotten(self) -> bool:
        """Whether it is over and its visit knows, or has not asked for as long as its files are kept."""
        old = time.monotonic() - self._left > KEEP_SECONDS
        return self.is_over and (not self.is_shown_again or old)

    def _wait_for_news(self, seen: Progress | FilmProgress | None, watched: int) -> None:
        def come() -> bool:
            return self.is_over or self._progress is not seen or len(self._chunks) > watched

        self._changed.wait_for(come, _LOOK_SECONDS)

    def _work(self, events: Generator[Step | Message, None, None]) -> None:
        end: End = Cancelled()
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, Result | Film | Message):
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

    def _note(self, event: Step) -> None:
        with self._changed:
            if isinstance(event, Progress | FilmProgress):
                self._progress = event
            elif isinstance(event, Chunk):
                # under another name, as the job removes its last one
                self._chunks.append(event.path.replace(event.path.with_name(f"kept-{event.path.name}")))
            self._changed.notify_all()

    def _is_abandoned(self) -> bool:
        waits = isinstance(self._progress, Progress) and self._progress.stage == "waiting"
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
