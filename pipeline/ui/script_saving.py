"""Scripts save themselves: each project has a folder with a record of whose it is, and what it is.

A visit is known by a random secret that its browser keeps, of which the record holds only the hash, as for
its videos. So a project comes back after a reload and after the server's restart, and to nobody else.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from pipeline import trust
from pipeline.files import written_whole
from pipeline.script import Store, pack
from pipeline.script.contents import Content, as_yaml, leads_outside
from pipeline.script.history import History, Occasion
from pipeline.service import messages, running_jobs
from pipeline.service.jobs import slug
from pipeline.trust import Memory
from pipeline.ui.script_files import inside
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project, written

KEEP_DAYS = 7
"""For how long a project stays after the last change."""

_UNDO_BYTES = 1_000_000
"""Of the steps for undo that are saved; the oldest go first."""
_RECORD = "project.json"
_SCRIPT = "talk.yaml"
_FILMS = "films"
_KINDS = (".mp4", ".webm", ".mov")
_FILMS_KEPT = 2
"""The one that is playing, and the next."""
_STORE_LIMIT = 10_000_000_000
"""Bytes of finished lines of all visits together."""
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class Saved:
    """A project as it was saved."""

    project: Project
    casting: Casting
    time: float
    """Seconds since 1970."""

    @property
    def title(self) -> str:
        """What it is called in a list: its title, or its first words."""
        return title_of(self.project)


def store(cache: Path) -> Store:
    """Where finished lines of all projects are kept; a line is known by all that shapes it."""
    return Store(cache / "segments", limit=_STORE_LIMIT)


def new_folder(cache: Path) -> Path:
    """An empty folder for a project, after removing those that nobody has worked on for long."""
    home = cache / "projects"
    home.mkdir(parents=True, exist_ok=True)
    for folder in home.iterdir():
        with suppress(FileNotFoundError):
            old = time.time() - folder.stat().st_mtime > KEEP_DAYS * 24 * 60 * 60
            if old and not running_jobs.is_running(folder):
                shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=home))


def forget(folder: Path) -> None:
    """Remove record and versions from files that a visitor has just sent: only the page writes those."""
    (folder / _RECORD).unlink(missing_ok=True)
    History(folder).forget()


def save(project: Project, casting: Casting, visit: str, occasion: Occasion = "edited") -> Path:
    """Write the project's record, its script and, where it matters, a version; returns the script's file.

    Raises:
        OutputError: it cannot be written.
    """
    folder, script = project.folder, project.folder / _SCRIPT
    content = written(project, casting)
    files = {
        name: value and str(folder / inside(Path(value), folder)) for name, value in casting.files.items()
    }
    chosen = {**asdict(casting), **files}
    record = {
        "visit": _hash(visit),
        "content": project.content,
        "before": _newest(project.before),
        "notes": project.notes,
        "revision": project.revision,
        "casting": chosen,
    }
    with written_whole(script) as part:
        part.write_text(as_yaml(content), encoding="utf-8", newline="\n")
    with written_whole(folder / _RECORD) as part:
        part.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    History(folder).keep(project.content, occasion)
    return script


def latest(visit: str, cache: Path) -> Saved | None:
    """The project that a visit has worked on last; None where there is none."""
    return next(iter(all_of(visit, cache)), None)


def all_of(visit: str, cache: Path) -> list[Saved]:
    """The projects of a visit, the last one first."""
    if not visit:
        return []
    found = (_read(path, _hash(visit)) for path in (cache / "projects").glob(f"*/{_RECORD}"))
    return sorted((each for each in found if each is not None), key=lambda each: each.time, reverse=True)


def shown_as(stamp: str, visit: str, cache: Path) -> Saved | None:
    """The project of a visit that a page shows under this stamp; None where it is not there, or not theirs.

    Where the stamp is the last one, what the page reports belongs to the project as it is.
    """
    for saved in all_of(visit, cache):
        project = replace(saved.project, revision=saved.project.revision - 1)
        if project.stamp == stamp:
            return replace(saved, project=project)
        if project.stamp.rpartition("-")[0] == stamp.rpartition("-")[0]:
            return saved
    return None


def answer_again(casting: Casting, memory: Memory | None) -> None:
    """The answers of consent that a project was saved with count again.

    Args:
        memory: the visitor's own answers; None for this machine's.
    """
    for speaker in casting.speakers:
        if speaker.photo and speaker.consent:
            photo = Path(speaker.photo)
            messages.attempt("page", partial(trust.consent_for, photo, speaker.consent, memory=memory))


def packed(project: Project, casting: Casting, visit: str) -> Path:
    """The project as one ZIP.

    Raises:
        StudioError: the script cannot be used as it is.
    """
    script = save(project, casting, visit)
    target = project.folder / f"{slug(title_of(project), longest=40) or 'talk'}.zip"
    return pack(script, target, overwrite=True)


def film_path(folder: Path, suffix: str = ".mp4") -> Path:
    """A new path for the next film; browsers would show a cached film under a name they know.

    Args:
        folder: of the project.
        suffix: of the film.
    """
    home = folder / _FILMS
    home.mkdir(exist_ok=True)
    films = _films(folder)
    for old in films[_FILMS_KEPT - 1 :]:
        for file in home.glob(f"{old.stem}.*"):
            file.unlink(missing_ok=True)
    number = int(films[0].stem.rpartition("-")[2]) + 1 if films else 1
    return home / f"film-{number}{suffix}"


def last_film(folder: Path) -> Path | None:
    """The last film that was made of the project."""
    return next(iter(_films(folder)), None)


def title_of(project: Project) -> str:
    """What a project is called: its title, or the first words in it."""
    named = [project.content.get("title")]
    for scene in project.content["scenes"]:
        named += [scene.get("title"), scene.get("chapter")]
        named += [line.get("text") for line in scene.get("lines") or []]
    first = " ".join(str(next(filter(None, named), "")).split())
    return first if len(first) <= _LONGEST_TITLE else f"{first[:_LONGEST_TITLE].rstrip()}…"


def _films(folder: Path) -> list[Path]:
    """From the newest to the oldest."""
    made = (path for kind in _KINDS for path in (folder / _FILMS).glob(f"film-*{kind}"))
    found = (path for path in made if path.stem[5:].isdecimal())
    return sorted(found, key=lambda path: int(path.stem[5:]), reverse=True)


def _newest(steps: tuple[Content, ...]) -> list[Content]:
    """The last steps for undo, as many as there is room for."""
    kept: list[Content] = []
    room = _UNDO_BYTES
    for step in reversed(steps):
        room -= len(json.dumps(step))
        if room < 0:
            break
        kept.insert(0, step)
    return kept


def _read(path: Path, visit: str) -> Saved | None:
    folder = path.parent
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        record = json.loads(path.read_text(encoding="utf-8"))
        contents = [record["content"], *(before := record.get("before", []))]
        if record["visit"] != visit or any(leads_outside(each, folder) for each in contents):
            return None
        project = Project(
            folder,
            deepcopy(record["content"]),
            tuple(record["notes"]),
            tuple(before),
            revision=int(record["revision"]) + 1,  # a page that was open before it came back is not heard
        )
        return Saved(project, Casting(**record["casting"]), path.stat().st_mtime)
    return None


def _hash(visit: str) -> str:
    return hashlib.sha256(visit.encode()).hexdigest()
