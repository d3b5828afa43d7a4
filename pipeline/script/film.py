"""A script becomes a film: the shots that are not in the store are made, then all are joined."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import hub
from pipeline.errors import OutputError, StudioError, VideoError
from pipeline.files import claim
from pipeline.plan import Plan, captions_path
from pipeline.progress import SPEECH_RATE
from pipeline.script.document import Output, Script
from pipeline.script.keys import concerning_line
from pipeline.script.reading import read_script
from pipeline.script.segments import Segment, read_segment, write_notes
from pipeline.script.shots import Shot, check_shot, shots
from pipeline.script.store import Store
from pipeline.trust import Consent, consent_for
from pipeline.types import Speech

log = logging.getLogger(__name__)

_USUAL_COST = 0.8
"""Seconds of work for a second of video, until something was measured on this machine."""
_ATTEMPTS = 3
"""How often the film is joined where another process forgets segments that were just made."""


@dataclass(frozen=True)
class PlannedShot:
    """A shot in a plan."""

    place: str
    """Where it stands in the script: "scenes.1.lines.2"."""
    text: str
    """What is said, or the scene's title."""
    ready: bool
    """Whether it is in the store already."""
    seconds: float
    """Length of its video; a guess from the text where it is not made yet."""
    work: float
    """Seconds that making it takes, about."""


@dataclass(frozen=True)
class FilmPlan:
    """What a render would do."""

    shots: tuple[PlannedShot, ...]

    @property
    def waiting(self) -> tuple[PlannedShot, ...]:
        """Those that are to be made."""
        return tuple(shot for shot in self.shots if not shot.ready)

    @property
    def seconds(self) -> float:
        """Length of the film, about."""
        return sum(shot.seconds for shot in self.shots)

    @property
    def work(self) -> float:
        """Seconds that it takes, about."""
        return sum(shot.work for shot in self.shots)


@dataclass(frozen=True)
class FilmProgress:
    """How far a render is."""

    shot: int
    """Number of the shot that is being made, from 1; of those that are to be made."""
    shots: int
    """How many are to be made."""
    place: str
    """Where the shot stands in the script; empty while the film is joined."""
    fraction: float
    """Share of all the work that is done, 0 to 1."""
    seconds_left: float | None = None


@dataclass(frozen=True)
class Film:
    """The finished files."""

    video: Path
    duration: float
    """Seconds."""
    captions: Path | None
    made: int
    """How many shots were made for it."""
    kept: int
    """How many were in the store."""
    notes: tuple[str, ...] = ()
    """What was left out or done differently, a sentence each."""


FilmEvent = FilmProgress | Film


def render(
    script: str | PathLike[str] | Script,
    output: str | PathLike[str] | None = None,
    *,
    progress: Callable[[FilmProgress], None] | None = None,
    overwrite: bool | None = None,
    store: Store | None = None,
) -> Film:
    """Make the film of a script; only what is not in the store is rendered.

    Args:
        script: a file, or a `Script`, whose paths begin at its `folder`.
        output: the MP4 to write; the script's own where None.
        progress: called whenever the render has come further.
        overwrite: whether files that exist are replaced; as the script says where None.
        store: where segments are kept; the user's own where None.

    Raises:
        StudioError: the script cannot be read, or something in it cannot be done.
    """
    with closing(stream(script, output, overwrite=overwrite, store=store)) as events:
        for event in events:
            if isinstance(event, Film):
                return event
            if progress is not None:
                progress(event)
    raise AssertionError("a render that raises nothing ends in a Film")


def stream(
    script: str | PathLike[str] | Script,
    output: str | PathLike[str] | None = None,
    *,
    overwrite: bool | None = None,
    store: Store | None = None,
) -> Generator[FilmEvent, None, None]:
    """The same as `render`, event by event. Close it to cancel: finished segments stay in the store.

    Raises:
        StudioError: as for `render`; before the first event wherever that can be known.
    """
    script = opened(script, output, overwrite)
    store = store or Store()
    with script.locating():
        _claim(script)
        consents = _consents(script)
        wanted = shots(script)
        plans = {shot.key: check_shot(shot, store.folder) for shot in wanted if shot.key not in store}
    return _events(script, store, consents, wanted, plans)


def plan(script: str | PathLike[str] | Script, *, store: Store | None = None) -> FilmPlan:
    """What a render would make, and about how long that takes. Renders nothing.

    Raises:
        StudioError: as for `render`.
    """
    script, store = opened(script), store or Store()
    costs = Costs(store)
    planned = []
    with script.locating():
        for shot in shots(script):
            if shot.key not in store:
                check_shot(shot, store.folder)
            planned.append(_planned(shot, store, costs))
    return FilmPlan(tuple(planned))


def clean(script: str | PathLike[str] | Script, *, store: Store | None = None) -> int:
    """Forget the segments of a script, and return how many bytes that freed."""
    script, store = opened(script), store or Store()
    with script.locating():
        return store.remove([shot.key for shot in shots(script)])


def opened(
    script: str | PathLike[str] | Script,
    output: str | PathLike[str] | None = None,
    overwrite: bool | None = None,
) -> Script:
    """The script, with another output if one is given."""
    read = script if isinstance(script, Script) else read_script(Path(script))
    changes: dict[str, Any] = {} if output is None else {"path": Path(output).absolute()}
    if overwrite is not None:
        changes["overwrite"] = overwrite
    if not changes:
        return read
    changed = read.model_copy(update={"output": read.output.model_copy(update=changes)})
    return changed.within(read.folder)


def file_of(script: Script) -> Output:
    """The script's output, with a path that can be opened."""
    return script.output.model_copy(update={"path": script.located(script.output.path)})


def _claim(script: Script) -> None:
    from pipeline.spec import Output as File

    output = file_of(script)
    if output.path.suffix.lower() not in (".mp4", ".m4v"):
        raise OutputError(
            f"The film is an MP4 file; call it {output.path.with_suffix('.mp4').name}.", parameter="path"
        )
    claim(output.path, overwrite=output.overwrite)
    captions = captions_path(File(path=output.path, captions=output.captions))
    if captions is not None:
        claim(captions, overwrite=output.overwrite, parameter="captions")


def _consents(script: Script) -> dict[str, Consent]:
    """The answer for each presenter who is seen or heard, by name."""
    found: dict[str, Consent] = {}
    for shot in shots(script):
        for name in {*(role.name for role in shot.roles), shot.speaker} - {None} - found.keys():
            presenter = script.presenters[str(name)]
            try:
                found[str(name)] = consent_for(script.located(presenter.subject), presenter.consent)
            except StudioError as error:
                raise concerning_line(f"presenters.{name}", error) from error
    return found


def _events(
    script: Script,
    store: Store,
    consents: dict[str, Consent],
    wanted: list[Shot],
    plans: dict[str, Plan | None],
) -> Generator[FilmEvent, None, None]:
    from pipeline.script.joining import join_film

    for plan in plans.values():
        for _ in hub.pull(() if plan is None else plan.downloads):
            pass
    for attempt in range(_ATTEMPTS):
        with script.locating():
            yield from _made(wanted, plans, store)
        segments = [segment for shot in wanted if (segment := _stored(shot, store)) is not None]
        if len(segments) == len(wanted):
            break
        log.info("segments are damaged or were forgotten; they are made again (%d)", attempt + 1)
    else:
        raise VideoError("The store is too small for this film; allow it more space.", parameter="store")
    yield FilmProgress(len(plans), len(plans), "", 0.98)
    captions = join_film(script, wanted, segments, consents)
    store.tidy({shot.key for shot in wanted})
    frames = sum(segment.frames for segment in segments)
    yield Film(
        file_of(script).path,
        frames / script.output.fps,
        captions,
        made=len(plans),
        kept=len({shot.key for shot in wanted}) - len(plans),
    )


def _stored(shot: Shot, store: Store) -> Segment | None:
    """The segment of a shot; None where it was forgotten, or is damaged and therefore removed."""
    path = store.find(shot.key)
    try:
        return None if path is None else read_segment(path)
    except VideoError as error:
        log.warning("%s", error)
        store.remove([shot.key])
        return None


def _made(wanted: list[Shot], plans: dict[str, Plan | None], store: Store) -> Iterator[FilmEvent]:
    """Make the shots that are not in the store."""
    from pipeline.script.cast import Cast

    cast, clock = Cast(), _Clock([shot for shot in wanted if shot.key not in store], Costs(store))
    for shot in wanted:
        if shot.key in store:
            continue
        plan = plans[shot.key] if shot.key in plans else check_shot(shot, store.folder)
        clock.begin(shot)
        yield clock.at(0.0)
        try:
            with store.locked(shot.key) as path:
                if path.is_file():  # another process has made it meanwhile
                    continue
                for seconds in make_segment(shot, plan, cast, path):
                    yield clock.at(seconds)
        except StudioError as error:
            raise concerning_line(shot.place, error) from error
        store.tidy({each.key for each in wanted})


def make_segment(shot: Shot, plan: Plan | None, cast: Any, path: Path) -> Iterator[float]:
    """Make one shot, saying on the way how many seconds of it are there; nothing is left if it is closed.

    Raises:
        StudioError: it cannot be made.
    """
    from pipeline.script.drawing import draw, made
    from pipeline.video import Captions, Writer

    output = shot.script.output
    started, frames, faceless = time.monotonic(), 0, 0
    said: list[Speech] = []
    captions = Captions(output.size) if output.captions == "burn" else None

    def finalize(video: Path) -> None:
        seconds = time.monotonic() - started
        notes = Segment(path, frames, tuple(said), tuple(made(plan).items()), seconds, faceless)
        write_notes(notes)

    with (
        ExitStack() as stack,
        Writer(
            path, size=output.size, fps=output.fps, overwrite=True, lossless=True, finalizers=[finalize]
        ) as writer,
    ):
        drawn = draw(shot, plan, cast, stack)
        for part in drawn.speech:
            if captions is not None:
                captions.add(part)
            said.append(replace(part, samples=np.zeros(len(part.samples), np.float32)))
            writer.sound(part.samples)
            for image, found in islice(drawn.frames, part.frames(output.fps)):
                for passed in drawn.filters if captions is None else [captions.burn, *drawn.filters]:
                    image = passed(image, frames / output.fps)
                writer.write(image)
                frames += 1
                faceless += not found
                if frames % output.fps == 0:
                    yield frames / output.fps


def _planned(shot: Shot, store: Store, costs: Costs) -> PlannedShot:
    line = shot.line
    text = (shot.scene.title or "") if line is None else (line.text or str(line.audio))
    if shot.key in store:
        frames = read_segment(store.path(shot.key)).frames
        return PlannedShot(shot.place, text, True, frames / shot.script.output.fps, 0.0)
    seconds = expected_seconds(shot)
    return PlannedShot(shot.place, text, False, seconds, seconds * costs.of(shot))


def expected_seconds(shot: Shot) -> float:
    """About how long a shot will be."""
    line = shot.line
    if line is None or shot.spoken is None:
        return shot.scene.seconds
    if shot.spoken.audio is not None:
        from pipeline.video import sound_seconds

        return sound_seconds(shot.spoken.audio) + line.pause
    return len(shot.spoken.text or "") / SPEECH_RATE / shot.spoken.pace + line.pause


class Costs:
    """Seconds of work for a second of video, as measured with the segments that are in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[Any, ...], list[float]] = {}

    def of(self, shot: Shot) -> float:
        """For shots like this one."""
        return _USUAL_COST


class _Clock:
    """Share done and time left, from the work that each shot is expected to take."""

    def __init__(self, waiting: list[Shot], costs: Costs) -> None:
        unique = {shot.key: shot for shot in waiting}
        self._work = {key: expected_seconds(shot) * costs.of(shot) for key, shot in unique.items()}
        self._expected = {key: expected_seconds(shot) for key, shot in unique.items()}
        self._started = time.monotonic()
        self._done = 0.0
        self._number = 0
        self._shot: Shot | None = None

    def begin(self, shot: Shot) -> None:
        """The next shot is being made."""
        if self._shot is not None:
            self._done += self._work.get(self._shot.key, 0.0)
        self._shot = shot
        self._number += 1

    def at(self, seconds: float) -> FilmProgress:
        """The progress when so many seconds of the shot are made."""
        assert self._shot is not None, "a shot was begun"
        key = self._shot.key
        share = min(seconds / max(self._expected.get(key, 1.0), seconds, 1e-3), 1.0)
        done = self._done + share * self._work.get(key, 0.0)
        fraction = 0.97 * min(done / max(sum(self._work.values()), 1e-3), 1.0)
        elapsed = time.monotonic() - self._started
        left = elapsed * (1 - fraction) / fraction if fraction > 0.02 else None
        return FilmProgress(
            self._number, max(len(self._work), self._number), self._shot.place, fraction, left
        )
