"""The function that makes the video of one row, the same in this machine's workers and on a cluster."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.batch.capacity import return_free_memory
from pipeline.batch.checking import script_of_job, values_of
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome, settle
from pipeline.batch.remote import sending_folder, sent
from pipeline.batch.scratch import scratch_folder
from pipeline.errors import OutputError, StudioError
from pipeline.files import FULL, discard_left, output_error, written_whole
from pipeline.findings import Finding
from pipeline.progress import Progress, Result
from pipeline.script import Film, FilmProgress, Store
from pipeline.script import stream as stream_script
from pipeline.spec import split
from pipeline.studio import stream
from pipeline.types import Phone

log = logging.getLogger(__name__)

THUMBNAILS = "thumbnails"
"""Folder of the pictures on the summary page."""
_THUMBNAIL = 320
"""Largest side of such a picture in px."""
_SHOWN_FRAME = 12
"""The frame that it shows: half a second in, when the face moves."""


@dataclass(frozen=True)
class _Made:
    """A finished video."""

    duration: float
    """Seconds."""
    notes: tuple[str, ...]
    """What was left out or done differently."""
    findings: tuple[Finding, ...] = ()
    """Of its photo."""
    phones: tuple[Phone, ...] = ()
    """What is said in it, where that is known."""
    face: int = 1


class DiskFullError(OutputError):
    """This machine has no space left for a row; another one may have."""


def render_job(
    job: Job, report: Callable[[float], None], store: Path | None = None, *, raise_full: bool = False
) -> Outcome:
    """Make the video of a row; whatever goes wrong is the row's own outcome.

    Args:
        job: the row.
        report: called with the share that is done, 0 to 1.
        store: the folder of finished segments; the user's own where None.
        raise_full: whether a full disk is raised, so that another machine can try.

    Raises:
        DiskFullError: as `raise_full` says.
    """
    if job.remote is not None:
        return _sent(job, report, store, raise_full=raise_full)
    started = time.monotonic()
    try:
        _prepare(job.path)
        made = _scene(job, report) if job.template is None else _film(job, report, Store(store))
        _draw(job)
        _settle(job.path)
    except StudioError as error:
        sentence = " ".join(str(error).split())
        if raise_full and isinstance(error.__cause__, OSError) and error.__cause__.errno in FULL:
            raise DiskFullError(sentence) from error
        return _failed(job, sentence, started)
    except Exception as error:
        log.warning("Row %d", job.row, exc_info=error)
        return _failed(job, f"The program failed: {error!r}.", started)
    finally:
        return_free_memory()  # what a row leaves between the models would add up over hundreds
    took = round(time.monotonic() - started, 3)
    done = Outcome(job.row, job.name, "done", " ".join(made.notes), round(made.duration, 3), took, job.digest)
    return replace(done, **_marks(job, made))


def _settle(video: Path) -> None:
    """Wait until a video is on the disk: the journal that calls it finished may not outlive it.

    Raises:
        OutputError: the disk does not take it.
    """
    try:
        with video.open("r+b") as file:
            settle(file)
    except OSError as error:
        raise output_error(video, error) from error


def _sent(job: Job, report: Callable[[float], None], store: Path | None, *, raise_full: bool) -> Outcome:
    """Make the video in a folder of this machine, then send everything to its URL, the video last."""
    with scratch_folder(sending_folder()) as folder:
        values = dict(job.values)
        if job.template is None and "motion" in values:
            values["motion"] = str(folder / Path(values["motion"]).relative_to(job.folder))
        here = replace(job, folder=folder, values=values, remote=None)
        outcome = render_job(here, report, store, raise_full=raise_full)
        if outcome.status != "done":
            return outcome
        files = [path for path in folder.rglob("*") if path.is_file()]
        try:
            for path in sorted(files, key=lambda path: path == here.path):
                sent(path, f"{job.remote}/{path.relative_to(folder).as_posix()}")
        except StudioError as error:
            return replace(outcome, status="failed", reason=str(error), duration=0.0)
        return outcome


def thumbnail_of(name: str) -> str:
    """The picture of a video, both relative to the batch's folder."""
    return f"{THUMBNAILS}/{name}.jpg"


def _failed(job: Job, reason: str, started: float) -> Outcome:
    return Outcome(
        job.row, job.name, "failed", reason, took=round(time.monotonic() - started, 3), digest=job.digest
    )


def _prepare(path: Path) -> None:
    """Make the folder, and remove what a killed worker left of this very video."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    discard_left(path)


def _marks(job: Job, made: _Made) -> dict[str, Any]:
    """The scores and the advice of the reviews."""
    advice = [found.sentence for found in made.findings if found.verdict != "good"]
    if not job.review:
        return {"advice": " ".join(advice)}
    from pipeline.review import review_video

    try:
        report = review_video(job.path, phones=made.phones, face=made.face)
    except StudioError as error:  # no face is in view, for example
        return {"advice": " ".join([*advice, str(error)])}
    own = [found.sentence for found in report.findings if found.verdict != "good"]
    return {"lips": round(report.lips, 1), "head": round(report.head, 1), "advice": " ".join([*own, *advice])}


def _scene(job: Job, report: Callable[[float], None]) -> _Made:
    scene, output = split(values_of(job))
    with closing(stream(scene, output)) as events:
        for event in events:
            if isinstance(event, Result):
                faceless = f"{event.faceless} frames show no face and were left as they are."
                notes = (*event.notes, *([faceless] if event.faceless else []))
                return _Made(event.duration, notes, event.findings, event.phones, event.face)
            if isinstance(event, Progress) and event.stage == "animation":
                report(event.fraction)
    raise AssertionError("a render that raises nothing ends in a Result")


def _film(job: Job, report: Callable[[float], None], store: Store) -> _Made:
    with closing(stream_script(script_of_job(job), job.path, overwrite=True, store=store)) as events:
        for event in events:
            if isinstance(event, Film):
                return _Made(event.duration, tuple(event.notes))
            if isinstance(event, FilmProgress):
                report(event.fraction)
    raise AssertionError("a render that raises nothing ends in a Film")


def _draw(job: Job) -> None:
    """The video's picture for the summary page."""
    from PIL import Image

    from pipeline.video import read_frames

    path = job.folder / thumbnail_of(job.name)
    discard_left(path)
    *_, shown = islice(read_frames(job.path), _SHOWN_FRAME)
    picture = Image.fromarray(shown)
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as part:
            picture.save(part, format="JPEG", quality=80)
    except (OSError, OutputError) as error:  # the video is there, and the page does without
        log.warning("%s: %s", path, error)
