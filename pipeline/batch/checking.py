"""Every job is checked before any is rendered, and gets the digest by which a later run knows it again."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.batch.errors import BatchError
from pipeline.batch.events import BatchCheck
from pipeline.batch.guests import Guest
from pipeline.batch.jobs import Job, file_names
from pipeline.batch.naming import OUTPUT
from pipeline.batch.remote import copy_of, is_remote
from pipeline.checksums import fingerprint
from pipeline.errors import OptionError, StudioError
from pipeline.imitation import scene_consent
from pipeline.output_files import captions_path
from pipeline.plan import Plan, check
from pipeline.script import Script, Store, plan, read_script
from pipeline.script.checking import consents_of
from pipeline.script.film import opened
from pipeline.script.planning import FilmPlan
from pipeline.spec import FILES, SEVERAL, CaptionFormat, Output, split
from pipeline.trust import Memory

log = logging.getLogger(__name__)

_TELL_EVERY = 0.25
"""Seconds between two events that say how many rows are checked."""


def checked(
    jobs: list[Job], store: Store, guest: Guest | None = None
) -> Iterator[Job | BatchError | BatchCheck]:
    """For each row, its job with its digest and the files beside its video (and how long it takes, if it is
    of a template), or what is wrong with it; now and then between them, how many rows are checked.
    """
    told = time.monotonic()
    for count, found in enumerate(_checked(jobs, store, guest), 1):
        yield found
        if time.monotonic() - told >= _TELL_EVERY:
            told = time.monotonic()
            yield BatchCheck(count, len(jobs))


def _checked(jobs: list[Job], store: Store, guest: Guest | None) -> Iterator[Job | BatchError]:
    memory = None if guest is None else guest.memory
    counted, answered = set[str](), set[tuple[object, ...]]()
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs:
            if job.mistake is not None:
                yield job.mistake
                continue
            try:
                if guest is not None:
                    _require_inside(job, guest.root)
                if job.template is None:
                    yield _checked_scene(job, Path(folder), memory, answered)
                else:
                    yield _checked_film(job, store, memory, counted)
            except StudioError as error:
                sentence = str(error) if guest is None else guest.plain(str(error))
                column = _column(job, error.parameter, str(error))
                about = error.parameter or "table"
                yield BatchError(sentence, row=job.row, column=column, parameter=about)
            except Exception as error:
                log.warning("Row %d", job.row, exc_info=error)
                yield BatchError(f"the program failed: {error!r}.", row=job.row)


def values_of(job: Job) -> dict[str, Any]:
    """The fields of a row without a template, with the answer of consent that it was given.

    Raises:
        OptionError: a file at a URL cannot be read.
    """
    answer = {} if job.consent is None else {"consent": job.consent}
    here: dict[str, Any] = {}
    for name in (name for name in FILES if name in job.values):
        try:
            named = [
                str(copy_of(file)) if is_remote(file) else file for file in file_names(name, job.values[name])
            ]
        except StudioError as error:
            raise OptionError(str(error), parameter=name) from error
        here[name] = named if name in SEVERAL else named[0]
    return {**answer, **job.values, **here, "path": job.path, "overwrite": True}


def _require_inside(job: Job, root: Path) -> None:
    """Refuse files that are not among those of the guest: they would be the server's."""
    given = [file for name in FILES if name in job.values for file in file_names(name, job.values[name])]
    if any(is_remote(value) for value in (*given, *job.values.values())):
        raise OptionError("A batch on this page takes no addresses; add the files to the table.")
    if job.template is None:
        options = [value for name, value in job.values.items() if name.endswith("_options")]
        named = [Path(str(value)) for value in (*given, *_option_files(options))]
    else:
        script = script_of_job(job)
        named = list(_files(script.model_dump(exclude={"output"}), script))
    for path in named:
        if not path.resolve().is_relative_to(root.resolve()):
            raise OptionError(f"{path.name} was not uploaded; add it to the files.")


def _option_files(options: list[Any]) -> Iterator[str]:
    """Values of engines' options that name a file."""
    values = [value for each in options if isinstance(each, dict) for value in each.values()]
    yield from (value for value in values if isinstance(value, str) and os.path.exists(value))


def _column(job: Job, parameter: str | None, sentence: str) -> str | None:
    """The column that an error is about: of a template, the only one whose value the sentence cites."""
    if parameter == "path":
        return OUTPUT
    if job.template is None or parameter in job.values:
        return parameter
    cited = [name for name, value in job.values.items() if _cites(sentence, str(value))]
    return cited[0] if len(cited) == 1 else None


def _cites(sentence: str, value: str) -> bool:
    return bool(value) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", sentence) is not None


def planned(job: Job) -> Plan:
    """What will run for a row whose columns are fields.

    Raises:
        StudioError: it cannot be made.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _scene_plan(job, Path(folder))


def film(job: Job, store: Store) -> FilmPlan:
    """What will be made for a row of a template.

    Raises:
        StudioError: it cannot be made.
    """
    return plan(script_of_job(job), store=store)


def script_of_job(job: Job) -> Script:
    """The template with the row's values.

    Raises:
        ScriptError: something in it is not possible.
    """
    assert job.template is not None, "only rows of a template are scripts"
    template = job.template if job.template_url is None else copy_of(job.template_url)
    values = {name: _here(value) if is_remote(value) else value for name, value in job.values.items()}
    script = opened(read_script(template, values), job.path, overwrite=True)
    if job.consent is None:
        return script
    unanswered = {name: each for name, each in script.presenters.items() if each.consent is None}
    answered = {name: each.model_copy(update={"consent": job.consent}) for name, each in unanswered.items()}
    return script.model_copy(update={"presenters": {**script.presenters, **answered}})


def _here(url: str) -> str:
    """A copy of the file, with the page of a document that may be named behind its URL."""
    file, mark, page = url.partition("#")
    return f"{copy_of(file)}{mark}{page}"


def _scene_plan(job: Job, folder: Path) -> Plan:
    """The plan of a scene, whose files are claimed in an empty folder: those of the batch may be there."""
    values: dict[str, Any] = {**values_of(job), "path": folder / Path(job.name).name}
    if "motion" in values:
        values["motion"] = folder / "motion.csv"
    return check(*split(values))


def _checked_scene(job: Job, folder: Path, memory: Memory | None, answered: set[tuple[object, ...]]) -> Job:
    """The job with the digest of the program's version, the row's values and its files.

    `answered`: faces and voices of earlier rows with their consent, so that each is looked up once; gets
    those of this one.
    """
    made = _scene_plan(job, folder)
    scene = made.scene
    asked = scene.subject, scene.consent, scene.voice_from, scene.voice_consent
    if asked not in answered:
        scene_consent(scene, memory=memory)
        answered.add(asked)
    given = scene.subject, *scene.teeth_from, scene.audio, scene.motion_in, scene.voice_from
    digest = _sum([__version__, job.values], [path for path in given if path is not None])
    return replace(job, digest=digest, beside=(*_captions(job, made.output.captions), *job.named_files[1:]))


def _captions(job: Job, kind: CaptionFormat | None) -> tuple[str, ...]:
    """The file of captions beside a video, relative to the folder; empty where there is none."""
    path = captions_path(Output(path=Path(job.name), captions=kind))
    return () if path is None else (path.as_posix(),)


def _checked_film(job: Job, store: Store, memory: Memory | None, counted: set[str]) -> Job:
    """The job with digest and length; segments in `counted` are made by earlier rows, and take nothing."""
    assert job.template is not None, "only rows of a template are films"
    script = script_of_job(job)
    film = plan(script, store=store)
    consents_of(script, memory)
    work = sum(shot.work for shot in film.shots if shot.key not in counted)
    counted.update(shot.key for shot in film.shots)
    files = [job.template, *_files(script.model_dump(exclude={"output"}), script)]
    digest = _sum([__version__, job.values], files)
    beside = _captions(job, script.output.captions)
    return replace(job, digest=digest, beside=beside, seconds=film.seconds, work=work)


def _files(value: Any, script: Script) -> Iterator[Path]:
    """Every file that a script names in any of its values."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _files(item, script)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _files(item, script)
    elif isinstance(value, (str, Path)) and 0 < len(str(value)) < 1000 and "\n" not in str(value):
        for name in {str(value), str(value).rpartition("#")[0]} - {""}:
            try:
                found = script.located(Path(name)).is_file()
            except (OSError, ValueError):  # a text that no path can be
                continue
            if found:
                yield script.located(Path(name))


def _sum(values: list[Any], files: list[Path]) -> str:
    digest = sha256(json.dumps(values, sort_keys=True, default=str).encode())
    for path in files:
        digest.update(fingerprint(path))
    return digest.hexdigest()
