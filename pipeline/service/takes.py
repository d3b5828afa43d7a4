"""The finished videos of a visit, which stay until they are removed or a day has passed.

Each lies in the folder of its job with a record beside it: what it is, how it was made, and whose it is. A
visit is known by a random secret that its browser keeps, of which the record holds only the hash. So the list
outlives a reload and the server's restart, and nobody else can ask for it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.files import written_whole
from pipeline.progress import Result
from pipeline.service import jobs
from pipeline.types import Phone

_RECORD = "take.json"
_REPORT = "report.html"


@dataclass(frozen=True, eq=False)
class Take:
    """A finished video of a visit."""

    name: str
    """Of its folder."""
    result: Result
    made: float
    """Seconds since the epoch."""
    settings: Mapping[str, Any]
    """What was filled in, as the page keeps it."""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.result.video.parent


def keep(result: Result, visit: str, settings: Mapping[str, Any]) -> Take:
    """Record a finished video for a visit.

    Raises:
        OutputError: the record cannot be written.
    """
    folder = result.video.parent
    take = Take(folder.name, result, time.time(), settings)
    record = {
        "visit": _hash(visit),
        "made": take.made,
        "settings": dict(settings),
        "result": asdict(replace(result, findings=())),
    }
    with written_whole(folder / _RECORD) as part:
        part.write_text(json.dumps(record, default=str), encoding="utf-8")
    return take


def all_of(visit: str, cache: Path) -> list[Take]:
    """The videos of a visit that are not older than a day, the latest first."""
    if not visit:
        return []
    found = [_read(path, _hash(visit)) for path in (cache / "jobs").glob(f"*/{_RECORD}")]
    kept = [take for take in found if take and time.time() - take.made < jobs.KEEP_SECONDS]
    return sorted(kept, key=lambda take: take.made, reverse=True)


def find(name: str, visit: str, cache: Path) -> Take | None:
    """One of a visit's videos by the name of its folder; None where it is not there, or not theirs."""
    return next((take for take in all_of(visit, cache) if take.name == name), None)


def lying_in(folder: Path) -> Take | None:
    """The finished video in a folder, of any visit; None if there is none or it is over a day old."""
    take = _read(folder / _RECORD)
    return take if take and time.time() - take.made < jobs.KEEP_SECONDS else None


def remove(take: Take) -> None:
    """Remove a video with all of its files."""
    jobs.discard(take.folder)


def report_of(result: Result) -> str:
    """The report that was kept of a video; empty where there is none."""
    with suppress(OSError):
        return (result.video.parent / _REPORT).read_text(encoding="utf-8")
    return ""


def keep_report(result: Result, report: str) -> None:
    """Store the report beside its video, as a review takes seconds; does nothing if the video is gone."""
    with suppress(OSError):
        (result.video.parent / _REPORT).write_text(report, encoding="utf-8")


def _read(path: Path, visit: str | None = None) -> Take | None:
    """The take of a record; None if it belongs to another visit, is damaged, or its video is gone."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if visit is not None and record["visit"] != visit:
            return None
        result = _result(record["result"])
        return Take(path.parent.name, result, record["made"], record["settings"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _result(stored: dict[str, Any]) -> Result:
    files = {name: Path(stored[name]) if stored[name] else None for name in ("video", "captions", "motion")}
    if files["video"] is None or not files["video"].is_file():
        raise ValueError("the video has gone")
    phones = tuple(Phone(**phone) for phone in stored["phones"])
    return Result(**{**stored, **files, "phones": phones, "notes": tuple(stored["notes"]), "findings": ()})


def _hash(visit: str) -> str:
    return hashlib.sha256(visit.encode()).hexdigest()
