"""How much faster a batch is with workers than one process that makes the rows one after the other.

    python -m benchmarks batch [--photo FILE] [--rows 8] [--workers 2] [--size 512] [--ray]

Both make the same rows, in one run. The start of the workers, which a long batch does not notice, is left
out: counted is the time from the first finished row of each to the last, for the rows in between.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline import render
from pipeline.batch import Outcome, stream
from pipeline.samples import COLLINS

_TEXT = "We looked at the results of quarter number {} this morning. They are good, and most of you know."
"""About eight seconds of speech."""


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks batch", description=__doc__)
    parser.add_argument("--photo", type=Path, default=COLLINS.path)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--ray", action="store_true", help="also on a Ray cluster on this machine")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = _write_table(folder / "jobs.csv", arguments.photo, arguments.rows, arguments.size)
        alone = _alone(folder, arguments.photo, arguments.rows, arguments.size)
        print(f"one process        {alone:6.2f} s a row")
        pool = _pooled(table, folder / "pool", arguments.workers, None)
        print(f"{arguments.workers} workers          {pool:6.2f} s a row, {alone / pool:.2f} times as fast")
        if arguments.ray:
            ray = _pooled(table, folder / "ray", arguments.workers, "local")
            print(f"Ray                {ray:6.2f} s a row, {pool / ray:.2f} times the workers' throughput")


def _write_table(path: Path, photo: Path, rows: int, size: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "text", "consent", "output", "size"])
        for row in range(rows):
            writer.writerow([photo.absolute(), _TEXT.format(row), "fictional", f"{row}.mp4", size])
    return path


def _alone(folder: Path, photo: Path, rows: int, size: int) -> float:
    """Seconds for a row in this process, warm."""
    for row in range(rows):
        if row == 1:
            started = time.monotonic()
        output = folder / f"alone{row}.mp4"
        render(photo, output, text=_TEXT.format(row), consent="fictional", size=size)
    return (time.monotonic() - started) / (rows - 1)


def _pooled(table: Path, output: Path, workers: int, ray: str | None) -> float:
    """Seconds for a row with workers, from the first row of each to the last."""
    finished = [
        time.monotonic()
        for event in stream(table, output, workers=workers, ray=ray)
        if isinstance(event, Outcome) and event.status == "done"
    ]
    return (finished[-1] - finished[workers - 1]) / (len(finished) - workers)
