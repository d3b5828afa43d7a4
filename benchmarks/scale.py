"""What happens to 10,000 rows on 1 to 1,000 workers: a simulation from measured times of tasks.

    python -m benchmarks scale [--times FILE] [--rows 10000] [--bandwidth 1000]

What rows take is drawn from a file that `python -m benchmarks batch --record FILE` wrote: of each row the CPU
time, which it takes on a core of its own, the bytes that it reads and writes, and the start of a worker. What
the driver takes to write down outcomes is measured at the beginning of this run. Simulated are: one driver
that hands out rows and writes down outcomes, one after the other; the start of each worker; a shared folder
with a bandwidth of its own, MB a second for all; slow workers; and workers that die, whose row is done again.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.batch import Times
from pipeline.batch.outcomes import Outcome, append_outcome, write_outcomes

_TIMES = Path(__file__).with_name("task_times.json")
_DISPATCH = 0.001
"""Seconds of the driver for each row that it hands out; assumed."""
_LINES = 200
"""Of the log that are written to measure one."""
_SLOW_SHARE, _SLOWER = 0.02, 3.0
"""Share of workers that are slow, and how much."""
_DEATHS = 0.002
"""Share of tasks whose worker dies halfway."""


@dataclass
class Simulation:
    """What a run of the simulation found."""

    seconds: float
    """From the first row to the last outcome."""
    busy: float
    """Share of the workers' time in which they render."""
    driver: float
    """Share of the time in which the driver is busy."""
    storage: float
    """Share of the time in which the shared folder is."""


def simulate(
    rows: int, workers: int, times: Times, *, bandwidth: float, written: float, seed: int = 0
) -> Simulation:
    """Run all rows on so many workers.

    Args:
        rows: how many.
        workers: how many.
        times: what rows took, from which each row's time is drawn.
        bandwidth: of the shared folder, MB a second.
        written: seconds of the driver to write down an outcome.
        seed: of everything random.
    """
    drawn = random.Random(seed)
    slow = [_SLOWER if drawn.random() < _SLOW_SHARE else 1.0 for _ in range(workers)]
    free = [(times.start, worker) for worker in range(workers)]
    driver = storage = rendered = 0.0
    driver_busy = storage_busy = end = 0.0
    left = rows
    while left:
        ready, worker = heapq.heappop(free)
        cost = _DISPATCH + written
        driver = max(driver, ready) + cost
        driver_busy += cost
        seconds = drawn.choice(times.took) * slow[worker]
        if drawn.random() < _DEATHS:
            heapq.heappush(free, (driver + seconds / 2 + times.start, worker))
            continue
        carried = times.megabytes / bandwidth
        storage = max(storage, driver) + carried
        storage_busy += carried
        finished = max(driver + seconds, storage)
        rendered += seconds
        left -= 1
        end = max(end, finished)
        heapq.heappush(free, (finished, worker))
    return Simulation(end, rendered / (end * workers), driver_busy / end, storage_busy / end)


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--times", type=Path, default=_TIMES, help="what `benchmarks batch` recorded")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--bandwidth", type=float, default=1000, help="of the shared folder, MB a second")
    arguments = parser.parse_args(argv)
    times = Times(**json.loads(arguments.times.read_text(encoding="utf-8")))
    for title, written in _writing(arguments.rows).items():
        print(f"\n{title}, {1e3 * written:.1f} ms each")
        print(f"{'workers':>8}{'hours':>9}{'rendering':>11}{'driver':>8}{'storage':>9}")
        for workers in (1, 2, 10, 30, 100, 300, 1000):
            found = simulate(arguments.rows, workers, times, bandwidth=arguments.bandwidth, written=written)
            print(
                f"{workers:>8}{found.seconds / 3600:>9.2f}{found.busy:>11.0%}{found.driver:>8.0%}"
                f"{found.storage:>9.0%}"
            )


def _writing(rows: int) -> dict[str, float]:
    """Seconds in which this machine writes down an outcome, in a whole table or as a line in a log."""
    like = Outcome(2, "a.mp4", "done", duration=8.0, took=4.0, digest="0" * 64)
    outcomes = [replace(like, row=row, output=f"{row}.mp4") for row in range(rows)]
    with tempfile.TemporaryDirectory() as name:
        began = time.process_time()
        write_outcomes(Path(name), outcomes)
        whole = time.process_time() - began
        began = time.monotonic()
        for outcome in outcomes[:_LINES]:
            append_outcome(Path(name), outcome, synced=False)
        line = (time.monotonic() - began) / min(rows, _LINES)
    return {"the table written after every row": whole, "a line in a log": line}
