"""Signals and lost streams in the middle of a render: nothing is left behind, and there is no traceback."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from queue import Queue

import numpy as np
import pytest

from pipeline.cli import main
from pipeline.motion import write_motion
from pipeline.stopping import Terminated, signals_raise
from pipeline.types import BLENDSHAPES, Motion

ROOT = Path(__file__).parents[1]
SHELL = [sys.executable, "-m", "pipeline"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and descriptors")


def render(photo: Path, output: Path, *what: str) -> list[str]:
    return [*SHELL, "render", str(photo), *what, "--size", "128", "-o", str(output)]


def nods(path: Path, frames: int) -> tuple[str, str]:
    """What to render: a motion file, for which no voice need be loaded."""
    motion = Motion(25, *(np.zeros((frames, width), np.float32) for width in (len(BLENDSHAPES), 3, 2)))
    motion.pose[:, 0] = 5 * np.sin(np.arange(frames) / 5)
    write_motion(path, [motion])
    return "--motion-in", str(path)


@pytest.fixture(params=["SIGTERM", "SIGINT"])  # a hang-up takes the way of a termination
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that a child process does not ignore, even where this one was started so."""
    number = signal.Signals[request.param]
    before = signal.signal(number, signal.default_int_handler)  # a handler becomes the default in a child
    yield number
    signal.signal(number, before)


def test_a_signal_mid_render_leaves_nothing(number: signal.Signals, tmp_path: Path, astronaut: Path) -> None:
    folder, temporary = tmp_path / "out", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    words = "--text", "Many words to say, one after the other. " * 40
    what = words if number == signal.SIGTERM else nods(tmp_path / "motion.csv", 4000)
    command = render(astronaut, folder / "talk.mp4", *what)
    env = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=env) as process:
        deadline = time.monotonic() + 240
        while not any(folder.iterdir()) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        assert any(folder.iterdir())
        process.send_signal(number)
        try:
            _, said = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 128 + number
    assert "Traceback" not in said and "Cancelled" in said
    assert list(folder.iterdir()) == [] and list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_raises_once_and_handlers_are_put_back(name: str) -> None:
    number = signal.Signals[name]
    outside = signal.signal(number, signal.SIG_DFL)  # which `nohup` would have ignored
    with pytest.raises(Terminated) as stopped, signals_raise():
        try:
            os.kill(os.getpid(), number)
            time.sleep(1)
        finally:
            os.kill(os.getpid(), number)  # must not interrupt the cleaning up
            time.sleep(0.01)
    assert stopped.value.exit_code == 128 + number
    assert signal.signal(number, outside) is signal.SIG_DFL


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_comes_while_a_lock_is_taken_leaves_it_free(name: str) -> None:
    number = signal.Signals[name]
    before = signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    waiting, queue = Queue[int](), Queue[int]()
    queue.mutex.acquire()

    def interrupt() -> None:
        waiting.get()
        taking, main = threading.Condition.__enter__.__code__, threading.main_thread().ident
        while sys._current_frames()[main or 0].f_code is not taking:
            pass
        _thread.interrupt_main(number)  # as Ray cancels a task
        queue.mutex.release()

    other = threading.Thread(target=interrupt)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt), signals_raise():
            waiting.put(0)
            queue.put(0)
            time.sleep(60)
        assert not queue.mutex.locked(), "whoever uses the queue next waits for ever"
    finally:
        other.join()
        signal.signal(number, before)


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_raise():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends a Windows process at once")
def test_a_page_that_is_stopped_before_it_is_up_shows_no_traceback() -> None:
    code = (
        "import app, os, signal, time; from pipeline import ui\n"
        "ui.serve = lambda page: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(60))\n"
        "app.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def run(command: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a POSIX shell, whose redirections are the point."""
    env = {**os.environ, **more}
    return subprocess.run(["sh", "-c", command], cwd=ROOT, env=env, capture_output=True, check=False)


def test_without_a_standard_output_the_video_is_whole(tmp_path: Path, astronaut: Path) -> None:
    output = tmp_path / "talk.mp4"
    command = render(astronaut, output, *nods(tmp_path / "motion.csv", 10))
    quoted = " ".join(f"'{part}'" for part in command)
    done = run(f"{quoted} <&- >&-")
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert output.read_bytes()[4:8] == b"ftyp"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_output_gets_a_sentence() -> None:
    done = run(f"'{sys.executable}' -m pipeline voices >/dev/full")
    assert done.returncode == 2
    assert b"Standard output cannot be written to" in done.stderr
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


def test_a_reader_who_leaves_is_no_error() -> None:
    done = run(f"'{sys.executable}' -m pipeline voices | head -n 1")
    assert done.stderr == b"" and done.stdout


def test_a_name_in_no_encoding_is_printed_as_it_is(
    tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.csv"))
    printed = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(printed, encoding="utf-8", errors="strict"))
    code = main(["motion", str(tone), "-o", output])
    sys.stdout.flush()
    assert (code, printed.getvalue()) == (0, os.fsencode(output) + b"\n")
    assert os.path.exists(output)
