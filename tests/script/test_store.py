"""The store of segments: several processes, a limit, killed renders."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.files import _in_progress, unfinished, written_whole
from pipeline.script.store import Store

KEYS = [f"{number:064x}" for number in range(5)]


def put(store: Store, key: str, size: int, age: float) -> Path:
    with store.locked(key) as path:
        path.write_bytes(bytes(size))
        path.with_suffix(".json").write_text("{}")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_the_longest_unused_segments_leave_first(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=250)
    for age, key in enumerate(KEYS):
        put(store, key, 100, 100 - age)
    assert store.find(KEYS[0]) is not None  # used just now
    assert store.tidy() == 300
    assert [key in store for key in KEYS] == [True, False, False, False, True]
    assert not store.path(KEYS[1]).with_suffix(".json").exists()


def test_segments_that_are_needed_or_in_the_making_stay(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=0)
    for key in KEYS[:3]:
        put(store, key, 100, 100)
    with store.locked(KEYS[0]):
        store.tidy({KEYS[1]})
    assert [key in store for key in KEYS[:3]] == [True, True, False]


def test_only_what_a_key_names_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.mp4"
    outside.write_bytes(b"x")
    store = Store(tmp_path / "store")
    put(store, KEYS[0], 100, 0)
    assert store.remove([KEYS[0], "../outside", KEYS[1]]) == 100
    assert outside.exists()
    assert store.find(KEYS[0]) is None


def test_a_lock_dies_with_its_owner(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pipeline.script.store import Store\n"
        f"with Store(Path(sys.argv[1])).locked({KEYS[0]!r}): print('held', flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=root
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        store = Store(tmp_path, limit=0)
        store.path(KEYS[0]).write_bytes(b"x")
        assert store.remove([KEYS[0]]) == 0  # the other process makes it
        other.send_signal(signal.SIGKILL)
        other.wait()
        with store.locked(KEYS[0]) as path:
            path.unlink()


def test_what_a_killed_render_left_is_removed_later(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.locked(KEYS[0]) as path:
        store.path(KEYS[1]).parent.mkdir(exist_ok=True)
        left = [unfinished(path), unfinished(path), unfinished(store.path(KEYS[1]))]
        _in_progress.clear()  # as if another process had made them
        for file in left[1:]:
            os.utime(file, (time.time() - 120,) * 2)
        store.tidy()
        assert [file.exists() for file in left] == [True, True, False]  # the lock is held
    store.tidy()
    assert [file.exists() for file in left] == [True, False, False]
    with store.locked(KEYS[0]):
        assert not left[0].exists()


def test_a_full_disk_is_said_of_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with (
        pytest.raises(
            OutputError, match=rf"no space left .* {tmp_path}, which has [\d,.]+ MB free"
        ) as caught,
        store.locked(KEYS[0]) as path,
        written_whole(path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert KEYS[0] not in str(caught.value)
    assert caught.value.parameter == "store"


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x")
    with pytest.raises(OutputError) as caught:
        Store(taken)
    assert caught.value.parameter == "store"
