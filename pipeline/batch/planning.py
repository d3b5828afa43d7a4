"""What a batch would do: the first video's plan, what is wrong in which row, and about how long all takes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.capacity import worker_count
from pipeline.batch.checking import checked, film, planned, values_of
from pipeline.batch.errors import BatchError
from pipeline.batch.events import BatchCheck
from pipeline.batch.guests import Guest
from pipeline.batch.jobs import Job
from pipeline.batch.opening import Place, before_of, folder_of, rows_of
from pipeline.batch.outcomes import Outcome
from pipeline.batch.ownership import require_own
from pipeline.progress import SPEECH_RATE, run_to_end
from pipeline.script import Store

_USUAL_COST = 1.0
"""Seconds of work for a second of video while none was measured: the embedded engines on one core."""
_START = 6.0
"""Seconds until the workers have loaded everything."""


@dataclass(frozen=True)
class BatchPlan:
    """What a batch would do."""

    jobs: tuple[Job, ...]
    """All rows, in order."""
    left: tuple[Job, ...]
    """Those whose videos would be made; the others are mistaken, or there and unchanged."""
    workers: int
    """How many processes would make them."""
    first: tuple[tuple[str, str], ...]
    """The first of these videos, as names and values."""
    problems: tuple[BatchError, ...]
    """What is wrong, row by row; these rows are left out."""
    duration: float
    """About how many seconds of video would be made."""
    work: float
    """About how many seconds all workers together need."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.jobs)

    @property
    def waiting(self) -> int:
        """How many videos would be made."""
        return len(self.left)

    @property
    def seconds(self) -> float:
        """About how long the batch takes."""
        return self.work / self.workers + (_START if self.left else 0.0)


def plan(
    table: Place,
    output: Place,
    *,
    template: Place | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    consent: str | None = None,
    store: Store | None = None,
    guest: Guest | None = None,
    progress: Callable[[BatchCheck], None] | None = None,
) -> BatchPlan:
    """What `stream` would do with the same arguments. Renders and writes nothing.

    Args:
        progress: called now and then while the rows are checked, of which thousands take seconds.

    Raises:
        StudioError: the table cannot be used at all, or files of others are in the way.
    """
    events = planning(
        table,
        output,
        template=template,
        workers=workers,
        overwrite=overwrite,
        consent=consent,
        store=store,
        guest=guest,
    )
    return run_to_end(_with_result(events), BatchPlan, progress)


def _with_result(
    events: Generator[BatchCheck, None, BatchPlan],
) -> Generator[BatchCheck | BatchPlan, None, None]:
    """These events, and as the last one what their generator returns."""
    yield (yield from events)


def planning(
    table: Place,
    output: Place,
    *,
    template: Place | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    consent: str | None = None,
    store: Store | None = None,
    guest: Guest | None = None,
) -> Generator[BatchCheck, None, BatchPlan]:
    """The same as `plan`, event by event; the plan is what the generator returns."""
    store = store or Store()
    jobs = rows_of(table, output, template, consent)
    found: list[Job | BatchError] = []
    for each in checked(jobs, store, guest):
        if isinstance(each, BatchCheck):
            yield each
        else:
            found.append(each)
    before = before_of(output)
    good = [each for each in found if isinstance(each, Job)]
    waiting = [job for job in good if overwrite or not before.is_current(job)]
    if not overwrite:
        require_own(folder_of(output), waiting, before)
    duration, work = _effort(waiting, before.outcomes)
    return BatchPlan(
        jobs=tuple(jobs),
        left=tuple(waiting),
        workers=workers or worker_count(waiting),
        first=_described(waiting[0], store) if waiting else (),
        problems=tuple(each for each in found if isinstance(each, BatchError)),
        duration=duration,
        work=work,
    )


def _effort(jobs: list[Job], before: dict[str, Outcome]) -> tuple[float, float]:
    """Seconds of video and of work for all jobs."""
    if jobs and jobs[0].template is not None:
        return sum(job.seconds for job in jobs), sum(job.work for job in jobs)
    known = [each for each in before.values() if each.duration and each.took]
    cost = sum(each.took for each in known) / sum(each.duration for each in known) if known else _USUAL_COST
    duration = sum(_expected_seconds(job) for job in jobs)
    return duration, duration * cost


def _expected_seconds(job: Job) -> float:
    """About how long a video will be: as long as its recording, else as its text suggests."""
    if "audio" in job.values:
        from pipeline.video import sound_seconds

        return sound_seconds(Path(values_of(job)["audio"]))
    return len(str(job.values.get("text", ""))) / SPEECH_RATE / float(job.values.get("pace", 1.0))


def _described(job: Job, store: Store) -> tuple[tuple[str, str], ...]:
    """The plan of one video, as names and values."""
    file = [("row", str(job.row)), ("output", job.name)]
    if job.template is not None:
        shots = film(job, store)
        lines = [(shot.place, shot.text) for shot in shots.shots]
        return (*file, *lines, ("length", f"about {shots.seconds:.1f} s"))
    plan = planned(job)
    scene, output = plan.scene, plan.output
    chosen = {
        "subject": job.values["subject"],
        "text": scene.text,
        "audio": job.values.get("audio"),
        "head": plan.head.card.name,
        "lips": plan.lips_name,
        "voice": plan.voice,
        "style": scene.style,
        "size": output.size,
        "fps": output.fps,
        "captions": output.captions,
        "seed": plan.seed,
        "length": f"about {_expected_seconds(job):.1f} s",
    }
    return (*file, *((name, str(value)) for name, value in chosen.items() if value is not None))
