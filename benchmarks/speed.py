"""Speed and memory of the embedded engine.

    python -m benchmarks speed [--photo FILE] [--long SECONDS]

Everything is measured in one run and given as a ratio where possible, because machines differ and are noisy:
a whole warm render against the length of its video and against encoding the same frames alone; the first
streamed second; the peak memory of a long clip against a short one's, each in a process of its own; the
import of the package and the start of the page.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.usage import peak_megabytes
from pipeline import Chunk, Result, render, stream
from pipeline.samples import COLLINS
from pipeline.types import RATE
from pipeline.video import Writer, read_frames, read_sound

SENTENCES = (
    "We looked at the results of the last quarter this morning.",
    "Most of you will be glad to hear that the new studio opens on Monday.",
    "Please bring a photograph, a few words, and a little patience.",
)
"""About ten seconds of speech."""


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--photo", type=Path, default=COLLINS.path)
    parser.add_argument("--long", type=float, default=300, help="seconds of the long clip (default: 300)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.peak_of:
        _print_peak(arguments.photo, arguments.peak_of)
        return
    with tempfile.TemporaryDirectory() as folder:
        _speed(arguments.photo, Path(folder), arguments.runs)
    _memory(arguments.photo, round(arguments.long / 10))
    _start()


def _speed(photo: Path, folder: Path, runs: int) -> None:
    output = folder / "clip.mp4"
    render(photo, output, **_options(1))
    wholes, firsts, encodes = [], [], []
    for _ in range(runs):
        whole, first, seconds = _timed_render(photo, output)
        wholes.append(whole / seconds)
        firsts.append(first)
        encodes.append(_encode_alone(output, folder / "again.mp4") / seconds)
    whole, encode = statistics.median(wholes), statistics.median(encodes)
    print(f"render, share of real time        {whole:6.3f}   ({seconds:.1f} s of 512×512 at 25 fps, warm)")
    print(f"encoding the same frames alone    {encode:6.3f}")
    print(f"render / encoding alone           {whole / encode:6.2f}")
    print(f"first streamed second after, s    {statistics.median(firsts):6.2f}")


def _timed_render(photo: Path, output: Path) -> tuple[float, float, float]:
    """Seconds to the end, seconds to the first chunk, and the length of the video in seconds."""
    started, first, length = time.perf_counter(), 0.0, 0.0
    for event in stream(photo, output, preview=True, **_options(1)):
        if isinstance(event, Chunk) and not first:
            first = time.perf_counter() - started
        if isinstance(event, Result):
            length = event.duration
    return time.perf_counter() - started, first, length


def _encode_alone(video: Path, again: Path) -> float:
    frames, sound = list(read_frames(video)), list(read_sound(video, RATE))
    height, width = frames[0].shape[:2]
    started = time.perf_counter()
    with Writer(again, size=(width, height), fps=25, overwrite=True) as writer:
        for block in sound:
            writer.sound(block)
        for frame in frames:
            writer.write(frame)
    return time.perf_counter() - started


def _memory(photo: Path, times: int) -> None:
    short, long = (_peak(photo, count) for count in (1, times))
    print(f"peak memory, 10 s clip, MB        {short:6.0f}")
    print(f"peak memory, {times * 10} s clip, MB       {long:6.0f}   ({100 * (long / short - 1):+.1f} %)")


def _peak(photo: Path, times: int) -> float:
    command = [sys.executable, "-m", "benchmarks", "speed", "--photo", str(photo), "--peak-of", str(times)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def _print_peak(photo: Path, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        render(photo, Path(folder) / "clip.mp4", **_options(times))
    print(peak_megabytes())


def _start() -> None:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pipeline"], check=True)
    print(f"import pipeline, s                {time.perf_counter() - started:6.2f}")
    environment = dict(os.environ, GRADIO_SERVER_PORT="7899")
    started = time.perf_counter()
    command = [sys.executable, str(Path(__file__).parents[1] / "app.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as page:
        while not _answers("http://127.0.0.1:7899/"):
            if page.poll() is not None:
                raise SystemExit("The page ended before it answered; run `python app.py` to see why.")
            time.sleep(0.05)
        print(f"page up, s                        {time.perf_counter() - started:6.2f}")
        page.terminate()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def _options(times: int) -> dict[str, Any]:
    """A square render that says the sentences so many times over."""
    return {"text": " ".join(SENTENCES * times), "size": 512, "overwrite": True}
