"""What happens to 10,000 rows on 1 to 1,000 workers: a simulation from measured times of tasks.

    python -m benchmarks scale [--results FILE] [--rows 10000] [--bandwidth 1000]

The times of tasks are drawn from those in the results.csv of a real batch (without one, from typical rows of
8 s at 512 px on one core). Simulated are: one driver that hands out rows and writes down outcomes, one after
the other; the start of each worker; a shared folder with a bandwidth of its own, MB a second for all, through
which each row reads its picture and writes its video; slow workers; and workers that die, whose row is done
again.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOOK = (3.9, 4.2, 4.4, 4.6, 4.9, 5.6)
_START = 8.0
"""Seconds until a worker has imported and loaded everything."""
_DISPATCH = 0.001
"""Seconds of the driver for each row that it hands out."""
_WRITTEN_PER_ROW = 22e-6
"""Seconds of the driver for each row of the table, whenever it writes the table of outcomes."""
_MEGABYTES = 3.0
"""Read and written through the shared folder for each row."""
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
    rows: int, workers: int, took: Sequence[float], *, bandwidth: float, written: float, seed: int = 0
) -> Simulation:
    """Run all rows on so many workers.

    Args:
        rows: how many.
        workers: how many.
        took: seconds that tasks took, from which each row's time is drawn.
        bandwidth: of the shared folder, MB a second.
        written: seconds of the driver for each row of the table whenever it writes down an outcome.
        seed: of everything random.
    """
    drawn = random.Random(seed)
    slow = [_SLOWER if drawn.random() < _SLOW_SHARE else 1.0 for _ in range(workers)]
    free = [(_START, worker) for worker in range(workers)]
    driver = storage = rendered = 0.0
    driver_busy = storage_busy = end = 0.0
    left = rows
    while left:
        ready, worker = heapq.heappop(free)
        cost = _DISPATCH + written * rows
        driver = max(driver, ready) + cost
        driver_busy += cost
        seconds = drawn.choice(took) * slow[worker]
        if drawn.random() < _DEATHS:
            heapq.heappush(free, (driver + seconds / 2 + _START, worker))
            continue
        carried = _MEGABYTES / bandwidth
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
    parser.add_argument("--results", type=Path, help="results.csv of a real batch")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--bandwidth", type=float, default=1000, help="of the shared folder, MB a second")
    arguments = parser.parse_args(argv)
    took = _TOOK if arguments.results is None else _times(arguments.results)
    for title, written in (
        ("outcomes written after every row", _WRITTEN_PER_ROW),
        ("outcomes in a log", 0.0),
    ):
        print(f"\n{title}\n{'workers':>8}{'hours':>9}{'rendering':>11}{'driver':>8}{'storage':>9}")
        for workers in (1, 2, 10, 30, 100, 300, 1000):
            found = simulate(arguments.rows, workers, took, bandwidth=arguments.bandwidth, written=written)
            print(
                f"{workers:>8}{found.seconds / 3600:>9.2f}{found.busy:>11.0%}{found.driver:>8.0%}"
                f"{found.storage:>9.0%}"
            )


def _times(results: Path) -> list[float]:
    """How long the finished rows of a batch took."""
    with results.open(encoding="utf-8-sig", newline="") as file:
        return [float(line["took"]) for line in csv.DictReader(file) if line["status"] == "done"]
