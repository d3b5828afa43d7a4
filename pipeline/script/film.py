"""A script becomes a film: the shots that are not in the store are made, then all are joined."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import hub
from pipeline.errors import OutputError, StudioError, VideoError
from pipeline.files import claim
from pipeline.output_files import captions_path
from pipeline.plan import Plan
from pipeline.progress import run_to_end
from pipeline.script.archive import SUFFIX, read_archive
from pipeline.script.checking import check_presenters, check_shot, consents_of, with_matting
from pipeline.script.document import Output, Script
from pipeline.script.error_places import error_at
from pipeline.script.media_checks import check_media
from pipeline.script.notes import left_out
from pipeline.script.pieces import Crossfade, Piece, pieces
from pipeline.script.planning import (
    Costs,
    FilmClock,
    FilmPlan,
    FilmProgress,
    expected_seconds,
    kind_of,
    plan_film,
)
from pipeline.script.reading import read_script
from pipeline.script.segments import Segment, read_segment
from pipeline.script.shots import Shot
from pipeline.script.store import Store
from pipeline.stage import mattes
from pipeline.trust import Consent

if TYPE_CHECKING:
    from pipeline.script.making import Maker
    from pipeline.studio import MakeClip
    from pipeline.trust import Memory

log = logging.getLogger(__name__)

_ATTEMPTS = 3
"""How often the film is joined where another process forgets segments that were just made."""


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
        script: a file, a project's ZIP, or a `Script`, whose paths begin at its `folder`.
        output: the MP4 to write; the script's own where None.
        progress: called whenever the render has come further.
        overwrite: whether files that exist are replaced; as the script says where None.
        store: where segments are kept; the user's own where None.

    Raises:
        StudioError: the script cannot be read, or something in it cannot be done.
    """
    return run_to_end(stream(script, output, overwrite=overwrite, store=store), Film, progress)


def stream(
    script: str | PathLike[str] | Script,
    output: str | PathLike[str] | None = None,
    *,
    overwrite: bool | None = None,
    store: Store | None = None,
    memory: Memory | None = None,
    make_clip: MakeClip | None = None,
) -> Generator[FilmEvent, None, None]:
    """The same as `render`, event by event. Close it to cancel: finished segments stay in the store.

    Args:
        memory: answers of consent of one visitor, known and kept instead of this machine's.
        make_clip: as for `studio.stream`.

    Raises:
        StudioError: as for `render`; before the first event wherever that can be known.
    """
    from pipeline.script.making import Maker

    script = opened(script, output, overwrite)
    store = store or Store()
    with script.locating():
        _claim(script)
        consents = consents_of(script, memory)
        wanted = pieces(script)
        asked, script = script, with_matting(script, _waiting(wanted, store))
        wanted = wanted if script is asked else pieces(script)
        waiting = _waiting(wanted, store)
        check_media(script, waiting)
        plans = {piece.key: _check(piece, store) for piece in waiting}
        check_presenters(script, wanted, store)
        for piece in waiting:
            expected_seconds(piece)
    said = () if asked is script else mattes.notes(asked.output.matting, script.output.matting)
    return _events(script, Maker(store, make_clip), consents, wanted, plans, said)


def plan(script: str | PathLike[str] | Script, *, store: Store | None = None) -> FilmPlan:
    """What a render would make, and about how long that takes. Renders nothing.

    Raises:
        StudioError: as for `render`.
    """
    script = opened(script)
    with script.locating():
        try:
            _require_film(script.output)
        except OutputError as error:
            raise error_at("output.path", error) from error
        return plan_film(script, store or Store())


def clean(script: str | PathLike[str] | Script, *, store: Store | None = None) -> int:
    """Forget the segments of a script, and return how many bytes that freed."""
    script, store = opened(script), store or Store()
    with script.locating():
        return store.remove([piece.key for piece in pieces(script)])


def opened(
    script: str | PathLike[str] | Script,
    output: str | PathLike[str] | None = None,
    overwrite: bool | None = None,
) -> Script:
    """The script, with another output if one is given."""
    read = script if isinstance(script, Script) else _read(Path(script))
    changes: dict[str, Any] = {} if output is None else {"path": Path(output).absolute()}
    if overwrite is not None:
        changes["overwrite"] = overwrite
    if not changes:
        return read
    changed = read.model_copy(update={"output": read.output.model_copy(update=changes)})
    return changed.within(read.folder)


def _read(path: Path) -> Script:
    """The script in a file, or in a project's ZIP."""
    return read_archive(path) if path.suffix.lower() == SUFFIX else read_script(path)


def _claim(script: Script) -> None:
    from pipeline.spec import Output as File

    output = script.file
    _require_film(output)
    claim(output.path, overwrite=output.overwrite)
    captions = captions_path(File(path=output.path, captions=output.captions))
    if captions is not None:
        claim(captions, overwrite=output.overwrite, parameter="captions")


def _require_film(output: Output) -> None:
    """Refuse names of files that cannot hold the film."""
    if output.alpha is None and output.path.suffix.lower() not in (".mp4", ".m4v"):
        raise OutputError(
            f"The film is an MP4 file; call it {output.path.with_suffix('.mp4').name}, or make the output's "
            "background transparent for WebM or MOV.",
            parameter="path",
        )


def _events(
    script: Script,
    maker: Maker,
    consents: dict[str, Consent],
    wanted: list[Piece],
    plans: dict[str, Plan | None],
    said: tuple[str, ...],
) -> Generator[FilmEvent, None, None]:
    from pipeline.script.joining import join_film

    for plan in plans.values():
        for _ in hub.pull(() if plan is None else plan.downloads):
            pass
    store = maker.store
    clock = FilmClock((piece for piece in wanted if piece.key not in store), Costs(store))
    for attempt in range(_ATTEMPTS):
        with script.locating():
            yield from _made(wanted, plans, maker, clock)
        segments = [segment for piece in wanted if (segment := _stored(piece, store)) is not None]
        if len(segments) == len(wanted):
            break
        log.info("segments are damaged or were forgotten; they are made again (%d)", attempt + 1)
    else:
        raise VideoError("The store is too small for this film; allow it more space.", parameter="store")
    yield clock.joining()
    captions = join_film(script, wanted, segments, consents)
    store.tidy({piece.key for piece in wanted})
    frames = sum(segment.frames for segment in segments)
    yield Film(
        script.file.path,
        frames / script.output.fps,
        captions,
        made=len(plans),
        kept=len({piece.key for piece in wanted}) - len(plans),
        notes=(*said, *left_out(wanted, segments)),
    )


def _waiting(wanted: list[Piece], store: Store) -> list[Piece]:
    """The pieces that are to be made."""
    return [piece for piece in wanted if piece.key not in store]


def _check(piece: Piece, store: Store) -> Plan | None:
    """What will run for a piece, where somebody speaks in it."""
    return check_shot(piece, store.folder) if isinstance(piece, Shot) else None


def _stored(piece: Piece, store: Store) -> Segment | None:
    """The segment of a piece; None where it was forgotten, or is damaged and therefore removed."""
    path = store.find(piece.key)
    try:
        return None if path is None else read_segment(path)
    except VideoError as error:
        log.warning("%s", error)
        store.remove([piece.key])
        return None


def _made(
    wanted: list[Piece], plans: dict[str, Plan | None], maker: Maker, clock: FilmClock
) -> Iterator[FilmProgress]:
    """Make the pieces that are not in the store; crossfades last, as they show what is made."""
    store = maker.store
    keys, begun = {piece.key for piece in wanted}, set[str]()
    for piece in sorted(wanted, key=lambda each: isinstance(each, Crossfade)):
        if piece.key in store:
            continue
        plan = plans[piece.key] if piece.key in plans else _check(piece, store)
        yield clock.at(piece, 0.0)
        try:
            with store.locked(piece.key) as path:
                if not path.is_file():  # else another process has made it meanwhile
                    for seconds in maker.make(piece, plan, path):
                        yield clock.at(piece, seconds)
                    Costs(store).learn(piece, read_segment(path), first=kind_of(piece) not in begun)
                    begun.add(kind_of(piece))
        except StudioError as error:
            raise error_at(piece.place, error) from error
        clock.done(piece)
        store.tidy(keys)
