"""How much faster a batch is with workers than one process that makes the rows one after the other.

    python -m benchmarks batch [--photo FILE] [--rows 8] [--workers 2] [--size 512] [--shell 2] [--ray]
        [--record FILE]

All make the same rows, in one run; `render` of the shell makes the first few of them, in a process for
each. The one process is measured twice: with all cores, as a program that calls `render` in a loop has
them, and as one worker held to one core, which says what each further core brings. In a batch of its own a
row fails, and measured is the time until the shell has said so. The start of the workers, which a long
batch does not notice, is left out: of one process the first row, of workers the first two for each, because
one may begin a row later than the other. CPU time is given as well, of the workers and whatever Ray runs
beside them, because it says what is possible: of two cores, one process alone already uses more than one.
Ray is measured between two turns of the workers, because a machine's pace may change by a tenth in minutes.
`--record` writes down for `python -m benchmarks scale` what each row of the one process took of CPU time: as
long as it takes on a core of its own, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image

from pipeline import render
from pipeline.batch import Outcome, stream
from pipeline.samples import COLLINS

_TEXT = (
    "We looked at the results of quarter number {} this morning. They are good, and most of you know why. "
    "Let us go through them together."
)
"""About eight seconds of speech."""


@dataclass
class Measured:
    """What rows took."""

    wall: float
    """Seconds for a row of the whole."""
    cpu: float
    """CPU seconds for a row; 0 where the system does not say."""
    beyond: float = 0.0
    """Seconds for a row in which its worker did not render."""
    grown: float = 0.0
    """Megabytes by which a worker grew from its second row to its last."""
    memory: float = 0.0
    """Megabytes of the largest worker."""


@dataclass
class Times:
    """What the simulation of larger clusters takes from a run."""

    took: list[float]
    """CPU seconds of each row."""
    start: float
    """CPU seconds of imports and models before the first row."""
    megabytes: float
    """Read and written for each row."""


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks batch", description=__doc__)
    parser.add_argument("--photo", type=Path, default=COLLINS.path)
    parser.add_argument("--rows", type=int, default=8, help="more than two for each worker")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--shell", type=int, default=2, help="rows made by the shell's render, one by one")
    parser.add_argument("--ray", action="store_true", help="also on a Ray cluster on this machine")
    parser.add_argument("--record", type=Path, help="write what rows take there, as JSON")
    arguments = parser.parse_args(argv)
    if arguments.rows <= 2 * arguments.workers:
        parser.error("give more than two rows for each worker")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = _write_table(folder / "jobs.csv", arguments.photo, arguments.rows, arguments.size)
        held = _held(table, folder / "held")
        if held is not None:
            _print("one core", held, "")
        alone, times = _alone(folder, arguments.photo, arguments.rows, arguments.size)
        _print("one process", alone, f"{alone.cpu / alone.wall:.2f} cores")
        if arguments.record:
            arguments.record.write_text(f"{json.dumps(asdict(times), indent=1)}\n", encoding="utf-8")
        pool = _pooled(table, folder / "pool", arguments.workers, None)
        _print(f"{arguments.workers} workers", pool, f"{alone.wall / pool.wall:.2f} times as fast")
        print(
            f"  {pool.beyond:.2f} s a row beyond its render; {pool.memory:.0f} MB a worker, of which "
            f"{pool.grown:+.0f} MB since its second row"
        )
        if held is not None:
            print(f"  {held.wall / pool.wall:.2f} times as fast as one core")
        print(f"  a failure is told after {_told_after(folder / 'failing', arguments.photo):.2f} s")
        if arguments.shell:
            shell = _shelled(folder, arguments.photo, arguments.shell, arguments.size)
            _print("shell", shell, f"{shell.wall / pool.wall:.2f} times as slow as the workers")
        if arguments.ray:
            ray = _pooled(table, folder / "ray", arguments.workers, "local")
            again = _pooled(table, folder / "again", arguments.workers, None)
            _print(f"{arguments.workers} workers", again, "again")
            wall, cpu = (pool.wall + again.wall) / 2, (pool.cpu + again.cpu) / 2
            _print("Ray", ray, f"{wall / ray.wall:.2f} times the workers' throughput, before and after it")
            print(f"  {ray.beyond:.2f} s a row beyond its render; {cpu / ray.cpu:.2f} of it by CPU time")
            seconds = _told_after(folder / "failing-ray", arguments.photo, "--ray", "local")
            print(f"  a failure is told after {seconds:.2f} s")


def _print(title: str, found: Measured, said: str) -> None:
    cpu = f"{found.cpu:6.2f} s of CPU" if found.cpu else " " * 16
    print(f"{title:12}{found.wall:7.2f} s a row {cpu}   {said}")


def _write_table(path: Path, photo: Path, rows: int, size: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "text", "consent", "output", "size"])
        for row in range(rows):
            writer.writerow([photo.absolute(), _TEXT.format(row), "fictional", f"{row}.mp4", size])
    return path


def _alone(folder: Path, photo: Path, rows: int, size: int) -> tuple[Measured, Times]:
    """A row in this process, warm, and what the first one took more."""
    wall, cpu = [time.monotonic()], [time.process_time()]
    for row in range(rows):
        output = folder / f"alone{row}.mp4"
        render(photo, output, text=_TEXT.format(row), consent="fictional", size=size)
        wall.append(time.monotonic())
        cpu.append(time.process_time())
    took = [round(after - before, 3) for before, after in pairwise(cpu)]
    later = took[1:]
    measured = Measured((wall[-1] - wall[1]) / len(later), sum(later) / len(later))
    written = sum(path.stat().st_size for path in folder.glob("alone*")) / rows
    megabytes = round((written + photo.stat().st_size) / 1e6, 3)
    return measured, Times(later, round(took[0] - measured.cpu, 3), megabytes)


def _shelled(folder: Path, photo: Path, rows: int, size: int) -> Measured:
    """A row with a process of its own, its start included."""
    before, started = os.times(), time.monotonic()
    for row in range(rows):
        about = ["--text", _TEXT.format(row), "--consent", "fictional", "--size", str(size)]
        output = folder / f"shell{row}.mp4"
        command = [sys.executable, "-m", "pipeline", "render", str(photo), *about, "-o", str(output)]
        subprocess.run(command, check=True, capture_output=True)
    after, wall = os.times(), time.monotonic() - started
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(wall / rows, used / rows)


def _pooled(table: Path, output: Path, workers: int, ray: str | None) -> Measured:
    """A row with workers, after the first two of each; the CPU time is that of Ray's own processes too."""
    finished, took, cpu, sizes = [], [], [], []
    for event in stream(table, output, workers=workers, ray=ray):
        if isinstance(event, Outcome) and event.status == "done":
            processes = _descendants()
            finished.append(time.monotonic())
            took.append(event.took)
            cpu.append(sum(map(_cpu_seconds, processes)))
            sizes.append(max(map(_megabytes_of, processes), default=0.0))
    begun = 2 * workers
    count = len(finished) - begun
    wall = finished[-1] - finished[begun - 1]
    return Measured(
        wall / count,
        (cpu[-1] - cpu[begun - 1]) / count,
        beyond=(wall * workers - sum(took[begun:])) / count,
        grown=sizes[-1] - sizes[begun - 1],
        memory=sizes[-1],
    )


def _held(table: Path, output: Path) -> Measured | None:
    """A row with one worker, which has one thread, on one core; None where the system cannot do so."""
    if not hasattr(os, "sched_setaffinity"):  # Linux alone
        return None
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        return _pooled(table, output, 1, None)
    finally:
        os.sched_setaffinity(0, cores)


def _told_after(folder: Path, photo: Path, *about: str) -> float:
    """Seconds from the moment when a row fails, which shows no face, until the shell says so.

    A row begins by making the folder of its video, whose time tells when; how long it took is in the results.
    """
    folder.mkdir()
    Image.new("RGB", (256, 256), "grey").save(folder / "blank.png")
    table = folder / "jobs.csv"
    rows = [f"{photo.absolute()},Good morning.,fictional,{name}.mp4,128\n" for name in ("a", "b")]
    failing = "blank.png,Good morning.,fictional,failing/in/c.mp4,128\n"
    heading = "subject,text,consent,output,size\n"
    table.write_text(heading + rows[0] + failing + rows[1], encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "batch", str(table), "-o", str(folder / "out"), *about]
    told = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if line.startswith("Row 3"):
                told = told or time.time()
    with (folder / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        took = next(float(row["took"]) for row in csv.DictReader(file) if row["row"] == "3")
    return told - ((folder / "out" / "failing").stat().st_mtime + took)


def _descendants() -> list[int]:
    """The processes that this one started, and that those did; none where there is no /proc."""
    children = defaultdict[int, list[int]](list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            parent = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            children[int(parent)].append(int(path.parent.name))
    found = [os.getpid()]
    for process in found:
        found += children[process]
    return found[1:]


def _cpu_seconds(process: int) -> float:
    """CPU time of a process so far; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes_of(process: int) -> float:
    """Memory of a process; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
