"""A folder for every job, telling names for the files in it, and the job's run.

The folders lie under Gradio's own cache, where the page may serve files from; those of jobs long done are
removed whenever a new one opens, as Gradio's `delete_cache` knows only the copies that it made itself.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.plan import Plan
from pipeline.progress import Chunk, Event, Progress, Result, run_to_end
from pipeline.service import gpu, metrics, running_jobs
from pipeline.service.render_queue import RENDER_QUEUE, Side
from pipeline.service.running_jobs import CancelledError

if TYPE_CHECKING:
    from pipeline.trust import Consent

KEEP_SECONDS = 24 * 60 * 60
"""How long a visitor can come back for the files of a job."""

_LOOK_SECONDS = 1.0
"""Between two signs of life of a job that waits for its turn."""

_NAMELESS = {"", "image", "img", "photo", "webcam", "blob", "clipboard", "video", "untitled"}
"""File names that tell nothing: what browsers call a webcam picture or a pasted one."""


@dataclass(frozen=True, eq=False)
class Job:
    """A job that was accepted: nothing known speaks against it."""

    plan: Plan
    consent: Consent
    note: str = ""
    """What to say beside the result: something asked for that could not be made."""
    given_up: threading.Event = field(default_factory=threading.Event)
    """Set once it is cancelled: whoever reads its events closes them at the next one."""

    @property
    def folder(self) -> Path:
        """The folder of its files, which no other job uses."""
        return self.plan.output.path.parent

    def run(self, side: Side, *, preview: bool) -> Generator[Event, None, None]:
        """The studio's events. Closed early, or failed, it leaves neither folder nor previews behind.

        One job runs at a time; while others do, this one's events are a `Progress` in the stage "waiting"
        about every second. A `Chunk`'s file is the reader's to remove, until the next event is asked for.

        Args:
            side: of the queue, on which it waits.
            preview: as of `pipeline.stream`.
        """
        chunk: Path | None = None
        try:
            with (
                files.unfinished_folder(self.folder) as keep,
                running_jobs.entered(self.folder),
                RENDER_QUEUE.joined(side, self.given_up) as place,
            ):
                while not place.wait(_LOOK_SECONDS):
                    running_jobs.require_open()
                    yield Progress("waiting", 0.0, ahead=place.ahead)
                events = gpu.stream(self.plan, self.consent, preview=preview)
                with _counted() as made, closing(events):
                    for event in events:
                        running_jobs.require_open()
                        if isinstance(event, Chunk):
                            chunk = event.path
                        if isinstance(event, Result):
                            keep()
                            made(event)
                        yield event
        finally:
            if chunk is not None:
                chunk.unlink(missing_ok=True)

    def render(self) -> Result:
        """The finished files, without previews on the way.

        Raises:
            CancelledError: the server is stopping.
        """
        return run_to_end(self.run("store", preview=False), Result)


@contextmanager
def _counted() -> Iterator[Callable[[Result], None]]:
    """Count what runs in the block and how it ends; the block calls what it gets with the result."""
    began = time.monotonic()
    metrics.RUNNING.inc()

    def made(result: Result) -> None:
        metrics.JOBS.labels("done").inc()
        metrics.RENDER_SECONDS.observe(time.monotonic() - began)
        metrics.VIDEO_SECONDS.inc(result.duration)
        finished.append(result)

    finished: list[Result] = []
    try:
        yield made
    except (GeneratorExit, KeyboardInterrupt, CancelledError):
        if not finished:
            metrics.JOBS.labels("cancelled").inc()
        raise
    except BaseException as error:
        metrics.JOBS.labels("failed").inc()
        metrics.FAILURES.labels(type(error).__name__).inc()
        raise
    finally:
        metrics.RUNNING.dec()


def new_folder(cache: Path) -> Path:
    """An empty folder for one job under `cache`, after removing those older than `KEEP_SECONDS`.

    A job that is running, in whichever process, keeps its folder whatever the clock says.
    """
    home = cache / "jobs"
    home.mkdir(parents=True, exist_ok=True)
    for folder in home.iterdir():
        with suppress(FileNotFoundError):  # another job may be sweeping too
            if time.time() - folder.stat().st_mtime > KEEP_SECONDS and not running_jobs.is_running(folder):
                discard(folder)
    return Path(tempfile.mkdtemp(dir=home))


def discard(folder: Path) -> None:
    """Remove the folder of a job that was given up."""
    shutil.rmtree(folder, ignore_errors=True)


def file_stem(subject: Path, words: str, day: date) -> str:
    """A descriptive file name: `ada-hello-world-2026-11-22`.

    Args:
        subject: the photo or video, for its name.
        words: what is said; the first three words are used. Without any, it is called a talk.
        day: the day of making.
    """
    who = slug(subject.stem, longest=24)
    said = slug(" ".join(words.split()[:3]), longest=32)
    return f"{'portrait' if who in _NAMELESS else who}-{said or 'talk'}-{day.isoformat()}"


def slug(text: str, *, longest: int) -> str:
    """Letters and digits of any script in lower case, joined by hyphens, at most `longest` characters."""
    plain = unicodedata.normalize("NFKC", text).replace("'", "").replace("’", "").lower()
    return "-".join(re.findall(r"[^\W_]+", plain))[:longest].strip("-")
