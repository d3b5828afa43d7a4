"""What became of each row, and the file that remembers it: `results.csv` in the batch's folder."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import IO, Any, Literal

from pipeline.files import output_error, written_whole

RESULTS = "results.csv"
_JOURNAL = ".batch.jsonl"
"""Outcomes since the table was written last: of thousands of rows, that takes longer than adding a line."""
Status = Literal["done", "failed", "waiting"]

_BAR = "|"
"""Between names of files, none of which may hold it."""
_STATUSES: dict[str, Status] = {"done": "done", "failed": "failed", "waiting": "waiting"}


@dataclass(frozen=True)
class Outcome:
    """What became of a row."""

    row: int
    """As the table counts."""
    output: str
    """The video, relative to the batch's folder."""
    status: Status
    reason: str = ""
    """Why it failed, in a sentence; of a video, what was left out or done differently."""
    duration: float = 0.0
    """Seconds of the video."""
    took: float = 0.0
    """Seconds that it took."""
    digest: str = ""
    """Of all that decided what the video looks like."""
    lips: float | None = None
    """Score of the lips, 0 to 100, where the video was reviewed."""
    head: float | None = None
    """Score of everything around them."""
    advice: str = ""
    """What would improve the video, by the review of its photo and, where there was one, its own."""
    files: str = ""
    """The batch's own files of this row, relative to its folder, with bars between; a later run replaces
    only these."""

    @property
    def own_files(self) -> tuple[str, ...]:
        """The names in `files`."""
        return tuple(name for name in self.files.split(_BAR) if name)

    def owning(self, names: Iterable[str]) -> Outcome:
        """The same outcome with these files."""
        return replace(self, files=_BAR.join(names))

    @property
    def plain_reason(self) -> str:
        """The reason without the row's number, which stands beside it."""
        prefix = f"Row {self.row}"
        if not self.reason.startswith((f"{prefix}:", f"{prefix},")):
            return self.reason
        sentence = self.reason.removeprefix(prefix).lstrip(",: ")
        is_word = sentence.partition(" ")[0].isalpha()  # and not a file's name
        return sentence[:1].upper() + sentence[1:] if is_word else sentence


def read_outcomes(folder: Path) -> dict[str, Outcome]:
    """What is known of earlier runs, by the video's name; nothing where the file is missing or damaged."""
    try:
        with (folder / RESULTS).open(encoding="utf-8-sig", newline="") as file:
            found = [_outcome(line) for line in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        found = []
    return {outcome.output: outcome for outcome in (*found, *_journal(folder))}


def append_outcome(folder: Path, outcome: Outcome, *, synced: bool = True) -> None:
    """Add an outcome to the journal, where `read_outcomes` finds it until the table is written.

    Args:
        synced: wait until it is on the disk, with those before it, so that it outlives the machine as well.

    Raises:
        OutputError: it cannot be written.
    """
    path = folder / _JOURNAL
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(asdict(outcome))}\n")
            if synced:
                settle(file)
    except OSError as error:
        raise output_error(path, error) from error


def settle(file: IO[Any]) -> None:
    """Wait until a file is on the disk, so that it outlives a power cut."""
    file.flush()
    os.fsync(file.fileno())


def write_outcomes(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Replace the table, whole or not at all, and forget the journal.

    Raises:
        OutputError: it cannot be written.
    """
    with written_whole(folder / RESULTS) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)])
        writer.writeheader()
        for outcome in sorted(outcomes, key=lambda each: each.row):
            line = asdict(outcome)
            texts = {name: _plain(line[name]) for name in ("reason", "advice")}
            names = {name: _quoted(line[name]) for name in ("output", "files")}
            writer.writerow({**line, **texts, **names})
        settle(file)  # before the journal goes, which says the same
    with suppress(OSError):  # what stays in it says the same as the table
        (folder / _JOURNAL).unlink(missing_ok=True)


def _journal(folder: Path) -> list[Outcome]:
    """The outcomes in the journal, except a last one that was cut off; a power cut leaves any bytes there."""
    found: list[Outcome] = []
    with suppress(OSError, ValueError, TypeError):
        for line in (folder / _JOURNAL).read_bytes().splitlines():
            found.append(Outcome(**json.loads(line)))
    return found


def _outcome(line: dict[str, str]) -> Outcome:
    return Outcome(
        row=int(line["row"]),
        output=line["output"].removeprefix("'"),
        status=_STATUSES[line["status"]],
        reason=line["reason"].removeprefix("'"),
        duration=float(line["duration"]),
        took=float(line["took"]),
        digest=line["digest"],
        lips=_score(line.get("lips")),
        head=_score(line.get("head")),
        advice=(line.get("advice") or "").removeprefix("'"),
        files=line.get("files", line["output"]).removeprefix("'"),  # which earlier versions did not list
    )


def _score(text: str | None) -> float | None:
    """A score; files of earlier versions have none."""
    return float(text) if text else None


def _plain(text: str) -> str:
    """The text so that a spreadsheet takes no part of it for a formula; some part lines at semicolons too."""
    return _quoted(re.sub(r"(?<=;)(\s*)(?=[=+@-])", r"\1'", text))


def _quoted(text: str) -> str:
    """The text so that its cell is no formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else text
