"""Names and folders of jobs, and what a run leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from pipeline.progress import Chunk
from pipeline.samples import HOPPER
from pipeline.service import form, jobs, running_jobs
from pipeline.service.running_jobs import CancelledError

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("photo", "words", "stem"),
    [
        ("Ada.png", "Hello, world!", "ada-hello-world-2026-11-22"),
        ("IMG 2041 (1).jpeg", "It's 5 o'clock somewhere", "img-2041-1-its-5-oclock-2026-11-22"),
        ("webcam.png", "Hi", "portrait-hi-2026-11-22"),
        ("ада.jpg", "Привет, мир", "ада-привет-мир-2026-11-22"),
        ("ada.jpg", "", "ada-talk-2026-11-22"),
        ("ada.jpg", "🎉 🎉", "ada-talk-2026-11-22"),
        ("..jpg", "../../etc/passwd", "portrait-etc-passwd-2026-11-22"),
    ],
)
def test_name_tells_who_what_and_when(photo: str, words: str, stem: str) -> None:
    assert jobs.file_stem(Path(photo), words, DAY) == stem


def test_name_stays_short_and_is_one_file_name() -> None:
    stem = jobs.file_stem(Path("x" * 300 + ".jpg"), "y" * 5000, DAY)
    assert len(stem) < 80
    assert "/" not in stem and "\\" not in stem


def test_folders_are_apart_and_old_ones_leave(tmp_path: Path) -> None:
    old, recent = jobs.new_folder(tmp_path), jobs.new_folder(tmp_path)
    assert old != recent
    (old / "video.mp4").write_bytes(b"x")
    past = time.time() - jobs.KEEP_SECONDS - 60
    os.utime(old, (past, past))
    newest = jobs.new_folder(tmp_path)
    assert not old.exists()
    assert recent.is_dir() and newest.is_dir()


def test_finished_job_keeps_its_files(tmp_path: Path) -> None:
    job = form.accept({"photo": str(HOPPER.path), "text": "Hi.", "captions": "vtt", "size": 256}, tmp_path)
    made = job.render()
    assert made.video.parent == job.folder
    assert {path.suffix for path in job.folder.iterdir()} == {".mp4", ".csv", ".vtt"}


def test_job_that_is_given_up_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loose").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "loose"))
    job = form.accept({"photo": str(HOPPER.path), "text": "Hello there. " * 20, "size": 256}, tmp_path)
    events = job.run("store", preview=True)
    chunk = next(event for event in events if isinstance(event, Chunk))
    assert chunk.path.read_bytes()[0] == 0x47  # an MPEG-TS packet
    events.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not job.folder.exists()


def test_a_running_job_keeps_its_folder_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, dead = jobs.new_folder(tmp_path), jobs.new_folder(tmp_path)
    holds = (
        "import sys, pathlib; from pipeline.service import running_jobs\n"
        "with running_jobs.entered(pathlib.Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holds, str(live)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + jobs.KEEP_SECONDS + 3 * 60 * 60)
        jobs.new_folder(tmp_path)
        assert live.is_dir() and not dead.exists()
        other.kill()
        other.wait()
    jobs.new_folder(tmp_path)
    assert not live.exists()


def test_stopping_cancels_what_runs_and_lets_nothing_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_jobs, "_stopping", threading.Event())
    job = form.accept({"photo": str(HOPPER.path), "text": "Hello there. " * 40, "size": 256}, tmp_path)
    refused: list[Exception] = []

    def work() -> None:
        try:
            job.render()
        except CancelledError as error:
            refused.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while not running_jobs.is_running(job.folder) and thread.is_alive():
        time.sleep(0.01)
    assert running_jobs.stop_all(patience=60)
    thread.join(60)
    assert len(refused) == 1 and not job.folder.exists()
    late = form.accept({"photo": str(HOPPER.path), "text": "Hi.", "size": 256}, tmp_path)
    with pytest.raises(CancelledError, match="is stopping"):
        late.render()
    assert not late.folder.exists()
