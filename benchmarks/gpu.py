"""Every engine with networks on this machine's GPU: one table, in ten minutes at most, without a network.

    python -m benchmarks gpu [--engines NAME …] [--seconds S] [--no-compile] [--out FOLDER]

Each engine runs with weights drawn on the device, in float16, bfloat16 and float32 on the same inputs: its
network alone, back to back, and its whole path at 512 × 512 px (decode, crop, copy, network, copy back,
composite, encode). Landmarks are given, so face tracking is not part of the path. An engine that fails is
one line that says why. Rows are printed as they come and written to the folder as `gpu.md` and `gpu.json`.
Without a GPU the networks are narrow and run a frame or two, which shows only that everything works.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import filled, gpu_measures
from pipeline.inference import device

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger(__name__)

Row = dict[str, Any]

_PRECISIONS = ("float16", "bfloat16", "float32")
_WARM_UP = 15.0
"""Seconds that the first pass through the whole path may take: it decides on kernels for all shapes."""
_COLUMNS = {
    "engine": 14,
    "precision": 9,
    "batch": 5,
    "network fps": 11,
    "whole fps": 9,
    "busy": 5,
    "peak GB": 7,
    "first s": 7,
    "start s": 7,
    "levels off": 13,
}
"""Headings of the table and their widths; notes come last."""


@dataclass(frozen=True)
class Settings:
    """How long and how large."""

    seconds: float
    frames: int
    folder: str
    tiny: bool


def main(argv: Sequence[str]) -> None:
    """Print the table as it grows."""
    arguments = _parsed(argv)
    deadline = time.monotonic() + 60 * arguments.minutes
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tiny = device.pick().type == "cpu"
        settings = Settings(arguments.seconds, 2 if tiny else 500, folder, tiny)
        stage = gpu_measures.Stage(settings.frames, Path(folder))
        stage.prepare()
        table = _Table(arguments.out, _heading(tiny=tiny))
        variants = [_measure_searched] if arguments.no_compile else [_measure_searched, _measure_compiled]
        for measure in [_measure, *([] if tiny else variants)]:
            for name in arguments.engines:
                limit = min(arguments.limit, deadline - time.monotonic())
                table.extend(_guarded(measure, name, settings, limit))


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks gpu", description=__doc__)
    parser.add_argument("--engines", nargs="+", choices=filled.ENGINES, default=list(filled.ENGINES))
    parser.add_argument("--seconds", type=float, default=4, help="length of one measurement (default: 4)")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one engine (default: 120)")
    parser.add_argument("--minutes", type=float, default=10, help="for everything (default: 10)")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the results (default: out)")
    return parser.parse_args(argv)


def _heading(*, tiny: bool) -> str:
    import torch

    where = device.pick()
    card = platform.processor() or platform.machine()
    if where.type == "cuda":
        card = f"{torch.cuda.get_device_name(where)}, CUDA {torch.version.cuda}"
    words = [f"{card}; torch {torch.__version__}; {os.cpu_count()} CPU cores; {time.strftime('%Y-%m-%d')}."]
    if tiny:
        words.append(
            "No GPU: MuseTalk, LatentSync and FlashHead are narrow, the runs tiny; these are not speeds."
        )
    return " ".join(words)


class _Table:
    """Rows on the screen and in the files, as they come."""

    def __init__(self, folder: Path, heading: str) -> None:
        self._folder, self._heading = folder, heading
        self._rows: list[Row] = []
        print(heading, flush=True)
        print(_line({name: name for name in _COLUMNS}), flush=True)

    def extend(self, rows: Iterator[Row]) -> None:
        """Show and write each row at once, since the next one may never come."""
        for row in rows:
            self._rows.append(row)
            print(_line(row), flush=True)
            self._write()

    def _write(self) -> None:
        whole = {"machine": self._heading, "rows": self._rows}
        (self._folder / "gpu.json").write_text(json.dumps(whole, indent=1))
        names = [*_COLUMNS, "note"]
        lines = [f"# {self._heading}", "", f"| {' | '.join(names)} |", "|" + " --- |" * len(names)]
        lines += [f"| {' | '.join(_cell(row, name) for name in names)} |" for row in self._rows]
        (self._folder / "gpu.md").write_text("\n".join(lines) + "\n")


def _cell(row: Row, name: str) -> str:
    value = row.get(name, "")
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else str(value)


def _line(row: Row) -> str:
    cells = [f"{_cell(row, name):>{width}}" for name, width in _COLUMNS.items()]
    return "  ".join([*cells, _cell(row, "note")])


def _guarded(measure: Callable[..., None], name: str, settings: Settings, limit: float) -> Iterator[Row]:
    """The rows of one engine, measured in a process of its own that is ended when its time is up."""
    if limit <= 0:
        yield {"engine": name, "note": "left out: no time left"}
        return
    context = multiprocessing.get_context("spawn")  # CUDA does not work in a forked process
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(name, settings, theirs))
    end = time.monotonic() + limit
    process.start()
    theirs.close()
    try:
        while ours.poll(max(0.0, end - time.monotonic())):
            yield ours.recv()
        yield {"engine": name, "note": f"given up after {limit:.0f} s"}
    except EOFError:
        process.join(10)
        if process.exitcode:
            yield {"engine": name, "note": f"the process ended with code {process.exitcode}"}
    finally:
        process.kill()
        process.join()


def _measure(name: str, settings: Settings, rows: Connection) -> None:
    """Each precision in turn; the last one, float32, is what the others are compared with."""
    outputs: dict[str, Tensor] = {}
    for precision in _PRECISIONS:
        row: Row = {"engine": name, "precision": precision}
        try:
            outputs[precision] = _fill_row(row, settings)
        except Exception as error:
            log.exception("%s in %s", name, precision)
            row["note"] = _reason(error)
        rows.send(row)
    for precision in [each for each in outputs if each != "float32" and "float32" in outputs]:
        mean, most = gpu_measures.levels_apart(outputs[precision], outputs["float32"])
        off = f"{mean:.2g} {most:.2g}"
        rows.send({"engine": name, "precision": precision, "levels off": off, "note": "mean, most"})


def _fill_row(row: Row, settings: Settings) -> Tensor:
    """Build the engine in the row's precision, measure it, and return its network's pictures."""
    import torch

    os.environ[device.PRECISION] = row["precision"]
    where = device.pick()
    started = time.perf_counter()
    built = filled.ENGINES[row["engine"]](where, tiny=settings.tiny)
    row["build s"] = time.perf_counter() - started
    device.release_memory()
    if where.type == "cuda":
        torch.cuda.reset_peak_memory_stats(where)
    found = _largest(built, row, settings)
    lasts = row["batch"] / row["network fps"]
    if row["precision"] == "float16" or (row["precision"] == "float32" and lasts < settings.seconds):
        _measure_whole(built, row, settings)
    row["peak GB"] = gpu_measures.peak_gigabytes(where)
    if row["precision"] == "float16" and where.type == "cuda":
        _measure_busy(built, row, settings)
    return found


def _largest(built: filled.Built, row: Row, settings: Settings) -> Tensor:
    """The network by itself at the largest batch that fits."""
    import torch

    for batch in gpu_measures.batches(1 if settings.tiny else built.batch):
        try:
            found = gpu_measures.bare(built, device.pick(), batch=batch, seconds=settings.seconds / 2)
        except torch.OutOfMemoryError:
            device.release_memory()
            continue
        row |= {"batch": batch, "network fps": found.fps, "start s": found.start}
        return found.output
    raise RuntimeError("out of memory even for a single frame")


def _measure_whole(built: filled.Built, row: Row, settings: Settings) -> None:
    folder = Path(settings.folder)
    warm = 1 if settings.tiny else 2 * built.batch
    if not settings.tiny:
        gpu_measures.whole(built, gpu_measures.Stage(warm, folder), seconds=_WARM_UP)
    run = gpu_measures.whole(built, gpu_measures.Stage(settings.frames, folder), seconds=settings.seconds)
    row |= {"whole fps": run.fps, "first s": run.first}


def _measure_busy(built: filled.Built, row: Row, settings: Settings) -> None:
    stage = gpu_measures.Stage(settings.frames, Path(settings.folder))
    try:
        found = gpu_measures.busy(built, stage, seconds=settings.seconds / 2)
    except RuntimeError as error:
        row["note"] = f"busy share: {_reason(error)}"
        return
    row |= {
        "busy": round(found.share, 2),
        **{f"profile {key}": value for key, value in asdict(found).items()},
    }


def _measure_compiled(name: str, settings: Settings, rows: Connection) -> None:
    """The network alone in float16, compiled."""
    os.environ[device.COMPILE] = "1"
    _measure_network(name, settings, rows, "compiled")


def _measure_searched(name: str, settings: Settings, rows: Connection) -> None:
    """The network alone in float16, after trying all of cuDNN's kernels for every convolution."""
    _measure_network(name, settings, rows, "all kernels tried", searched=True)


def _measure_network(
    name: str, settings: Settings, rows: Connection, how: str, *, searched: bool = False
) -> None:
    import torch

    os.environ[device.PRECISION] = "float16"
    row: Row = {"engine": name, "precision": "float16", "note": how}
    try:
        built = filled.ENGINES[name](device.pick(), tiny=settings.tiny)
        torch.backends.cudnn.benchmark = searched
        _largest(built, row, settings)
        row["peak GB"] = gpu_measures.peak_gigabytes(device.pick())
    except Exception as error:
        log.exception("%s, %s", name, how)
        row["note"] = f"{how}: {_reason(error)}"
    rows.send(row)


def _reason(error: BaseException) -> str:
    """An error in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


if __name__ == "__main__":
    main(sys.argv[1:])
