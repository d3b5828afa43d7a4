"""The HTTP API of a running server: how soon it answers, what it costs, what many callers do to it.

    python -m benchmarks api [--runs N] [--clients N] [--waves N]

Starts the page with everything on in a process of its own, and measures from outside: the time until the page
is up and until models are loaded; the time until a request for a video is accepted; a render of ten seconds
over HTTP against the same render in this process, in turn; and many callers at once, each of whom must get
the video of their own words, several times over, with the server's memory after each time.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.speed import SENTENCES
from pipeline import render
from pipeline.samples import COLLINS

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS = [*_NUMBERS.split(), "seventeen", "eighteen", "nineteen", "twenty"]


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--clients", type=int, default=20, help="callers at once (default: 20)")
    parser.add_argument("--waves", type=int, default=3, help="how often they call (default: 3)")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        server, address = _started(Path(folder))
        try:
            with httpx.Client(base_url=address, timeout=600, trust_env=False) as web:
                _until(web, "/")
                print(f"page up after, s                   {time.perf_counter() - began:6.2f}")
                _until(web, "/readyz")
                print(f"models loaded after, s             {time.perf_counter() - began:6.2f}")
                _answers(web, 3 * arguments.runs)
                _cost(web, server.pid, Path(folder), arguments.runs)
                _crowd(web, server.pid, min(arguments.clients, len(_WORDS)), arguments.waves)
        finally:
            server.terminate()
            server.wait(30)


def _started(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "STUDIO_DATA": str(folder / "jobs"),
        "GRADIO_TEMP_DIR": str(folder / "page"),
        "STUDIO_SHARING": "1",
    }
    own |= {"GRADIO_SERVER_PORT": str(port), "STUDIO_API_RATE": "10000"}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(
        [sys.executable, "app.py"], env={**os.environ, **own}, stdout=quiet, stderr=quiet
    )
    return server, f"http://127.0.0.1:{port}"


def _until(web: httpx.Client, path: str) -> None:
    while True:
        try:
            if web.get(path).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)


def _answers(web: httpx.Client, count: int) -> None:
    _made(web, "Hello.")
    taken = []
    for number in range(count):
        began = time.perf_counter()
        job = _ask(web, f"Hello number {number}.")
        taken.append(time.perf_counter() - began)
        web.delete(job["links"]["self"])
    middle, slowest = statistics.median(taken) * 1000, max(taken) * 1000
    print(f"request accepted after, ms         {middle:6.0f}   (slowest {slowest:.0f})")


def _cost(web: httpx.Client, server: int, folder: Path, runs: int) -> None:
    """Both ways in turn, so that what else the machine does falls on both alike.

    The idle way also pays what the other side does meanwhile: the server while this process renders.
    """
    text, here, there = " ".join(SENTENCES), folder / "here.mp4", folder / "there.mp4"
    render(COLLINS.path, here, text=text, size=512, seed=1, overwrite=True)
    _made(web, text, seed=1)
    ways: list[Callable[[], object]] = [
        lambda: render(COLLINS.path, here, text=text, size=512, seed=1, overwrite=True),
        lambda: there.write_bytes(_made(web, text, seed=1)),
    ]
    clocks: list[Callable[[], float]] = [time.perf_counter, lambda: time.process_time() + _processor(server)]
    ratios: list[list[float]] = [[], []]
    for run in range(runs):
        took: list[list[float]] = [[], []]
        for way in (0, 1) if run % 2 else (1, 0):  # neither always comes first
            before = [clock() for clock in clocks]
            ways[way]()
            took[way] = [clock() - then for clock, then in zip(clocks, before, strict=True)]
        for kept, here_took, there_took in zip(ratios, *took, strict=True):
            kept.append(there_took / here_took)
        assert there.read_bytes() == here.read_bytes(), "both ways give the same file"
    for name, kept in zip(("time", "processor"), ratios, strict=True):
        listed = ", ".join(f"{ratio:.2f}" for ratio in kept)
        print(f"over HTTP / in process, {name:<10} {statistics.median(kept):6.2f}   ({listed})")


def _processor(process: int) -> float:
    """Seconds of processor time that a process has used, on Linux."""
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def _crowd(web: httpx.Client, process: int, clients: int, waves: int) -> None:
    memory = [_megabytes(process)]
    own, began = 0, time.perf_counter()
    for _ in range(waves):
        with ThreadPoolExecutor(clients) as callers:
            captions = list(callers.map(partial(_captions, web), _WORDS[:clients]))
        own += sum(word in said.lower() for word, said in zip(_WORDS, captions, strict=False))
        memory.append(_megabytes(process))
    took, (before, *after) = (time.perf_counter() - began) / waves, memory
    print(f"callers with their own video       {own:6d}   (of {waves} times {clients}, {took:.0f} s each)")
    listed = ", ".join(f"{megabytes:.0f}" for megabytes in after)
    print(f"server's memory, MB                {before:6.0f}   (then {listed})")


def _captions(web: httpx.Client, word: str) -> str:
    """Ask for a video of a word; the captions that came with it."""
    links = _finished(web, _ask(web, f"My number is {word}.", captions="vtt"))["links"]
    assert web.get(links["video"]).content[4:8] == b"ftyp"
    return web.get(links["captions"]).text


def _made(web: httpx.Client, text: str, **more: Any) -> bytes:
    return web.get(_finished(web, _ask(web, text, **more))["links"]["video"]).content


def _ask(web: httpx.Client, text: str, **more: Any) -> dict[str, Any]:
    form = {"text": text, "size": "512", **{name: str(value) for name, value in more.items()}}
    answer = web.post(
        "/api/v1/videos", data=form, files={"subject": ("collins.jpg", COLLINS.path.read_bytes())}
    )
    answer.raise_for_status()
    job: dict[str, Any] = answer.json()
    return job


def _finished(web: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job when its events have ended."""
    with web.stream("GET", job["links"]["events"]) as events:
        for _ in events.iter_raw():
            pass
    ended: dict[str, Any] = web.get(job["links"]["self"]).json()
    assert ended["state"] == "done", ended
    return ended


def _megabytes(process: int) -> float:
    """What a process has in memory, on Linux."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
