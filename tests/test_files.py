"""Checksums, claimed names and atomic writes."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.checksums import sha256
from pipeline.errors import OutputError
from pipeline.files import (
    claim,
    discard,
    discard_all,
    discard_left,
    finish,
    output_error,
    unfinished,
    unfinished_in,
    written_whole,
)
from pipeline.video import Writer

POSIX_PERMISSIONS = pytest.mark.skipif(
    sys.platform == "win32" or getattr(os, "geteuid", lambda: 0)() == 0,
    reason="needs a user who may be denied something",
)


def test_a_checksum_covers_more_than_one_block(tmp_path: Path) -> None:
    content = os.urandom(1 << 10) * 2500
    (tmp_path / "file").write_bytes(content)
    assert sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_unfinished_files_differ_and_lie_beside_their_target(tmp_path: Path) -> None:
    target = tmp_path / "talk.mp4"
    parts = {unfinished(target) for _ in range(20)}
    assert len(parts) == 20
    assert all(part.parent == tmp_path and part.stat().st_size == 0 for part in parts)
    assert not target.exists()


def test_the_longest_possible_name_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 251 + ".mp4")
    with written_whole(target) as part:
        part.write_bytes(b"whole")
    assert target.read_bytes() == b"whole"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_what_a_killed_process_left_of_a_file_goes_and_nothing_else(tmp_path: Path) -> None:
    long = tmp_path / f"{'é' * 120}[1].html"
    code = "import os, sys, pathlib, pipeline.files as files\nfor name in sys.argv[1:]:\n    "
    code += "files.unfinished(pathlib.Path(name))\nos.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, long, tmp_path / "other.html"], check=False)
    mine = unfinished(long)
    (tmp_path / ".notes.part").write_text("of somebody else")
    assert len(list(tmp_path.glob(".*.part"))) == 4
    discard_left(long)
    left = {path.name for path in tmp_path.glob(".*.part")}
    assert len(left) == 3 and {mine.name, ".notes.part"} < left
    discard(mine)


def test_a_finished_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    part = unfinished(tmp_path / "made")
    finish(part, tmp_path / "made")
    assert (tmp_path / "made").stat().st_mode == ordinary.stat().st_mode


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "motion.csv"
    with written_whole(target) as part:
        part.write_text("half")
        assert not target.exists()
        part.write_text("whole")
    assert target.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, error: type[BaseException]
) -> None:
    target = tmp_path / "motion.csv"
    target.write_text("old")
    with pytest.raises(error), written_whole(target) as part:
        part.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_system_error_becomes_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no space left"), written_whole(tmp_path / "a.csv") as part:
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OutputError, match="cannot be written"), written_whole(tmp_path / "no" / "a.csv"):
        pytest.fail("the block must not start")
    assert list(tmp_path.iterdir()) == []


def test_many_threads_writing_one_file_leave_one_whole_version(tmp_path: Path) -> None:
    target = tmp_path / "captions.srt"

    def write(number: int) -> None:
        with written_whole(target) as part:
            part.write_text(f"{number}\n" * 1000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = target.read_text().splitlines()
    assert len(lines) == 1000 and len(set(lines)) == 1
    assert list(tmp_path.iterdir()) == [target]


def test_a_free_name_can_be_claimed_without_making_the_file(tmp_path: Path) -> None:
    claim(tmp_path / "talk.mp4", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_claimed_only_when_it_may_be_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "talk.mp4"
    there.write_bytes(b"old")
    claim(there, overwrite=True)
    with pytest.raises(OutputError, match="already exists") as refused:
        claim(there, overwrite=False)
    assert refused.value.parameter == "overwrite"
    assert there.read_bytes() == b"old"


def test_a_refused_claim_names_what_is_wrong_and_the_parameter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, says in (
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "talk.mp4", "does not exist"),
        (tmp_path / "file" / "talk.mp4", "does not exist"),
        (tmp_path / ("n" * 300), "cannot be written"),
    ):
        with pytest.raises(OutputError, match=says) as refused:
            claim(path, overwrite=True, parameter="motion")
        assert refused.value.parameter == "motion"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="not an ordinary file"):
        claim(tmp_path / "pipe", overwrite=True)


@POSIX_PERMISSIONS
def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="cannot be written to"):
            claim(tmp_path / "talk.mp4", overwrite=False)
    finally:
        tmp_path.chmod(0o700)


def test_system_errors_are_told_apart() -> None:
    path = Path("talk.mp4")
    assert "no space left" in str(output_error(path, OSError(errno.ENOSPC, "full")))
    assert "You may not write" in str(output_error(path, PermissionError(errno.EACCES, "denied")))
    assert "talk.mp4 cannot be written: strange" in str(output_error(path, OSError(errno.EIO, "strange")))


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".mp4", "😀" * 62 + ".mp4", "pipe:1.mp4", "file:x.mp4", "-o.mp4"]
)
def test_every_name_that_the_system_takes_is_a_plain_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    claim(Path(name), overwrite=False)
    with Writer(name, size=(32, 32), fps=25) as writer:
        writer.write(np.zeros((32, 32, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a" * 252 + ".mp4", "😀" * 64 + ".mp4", "a\0.mp4"])
def test_a_name_that_the_system_does_not_take_is_refused_first(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"choose another name"):
        claim(tmp_path / name, overwrite=True)


def test_of_two_writers_of_one_name_the_second_is_told(tmp_path: Path) -> None:
    path, frame = tmp_path / "talk.mp4", np.zeros((32, 32, 3), np.uint8)
    beside: list[Path] = []
    first = Writer(path, size=(32, 32), fps=25)
    second = Writer(path, size=(32, 32), fps=25, finalizers=[beside.append])
    for writer in (first, second):
        writer.write(frame)
    first.close()
    made = path.read_bytes()
    with pytest.raises(OutputError, match="already exists"):
        second.close()
    assert path.read_bytes() == made and beside == []
    assert list(tmp_path.iterdir()) == [path]
    third = Writer(path, size=(32, 32), fps=25, overwrite=True)
    third.write(frame)
    third.close()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("hard_links", [True, False])
def test_finishing_replaces_nothing_unless_asked(
    hard_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(part: Path, path: Path) -> None:
        raise PermissionError

    if not hard_links:
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.txt"
    finish(unfinished(path), path, overwrite=False)
    path.write_text("mine")
    part = unfinished(path)
    with pytest.raises(OutputError, match="already exists"):
        finish(part, path, overwrite=False)
    assert path.read_text() == "mine"
    finish(part, path)
    assert path.read_text() == "" and list(tmp_path.iterdir()) == [path]


def test_what_was_never_finished_goes_with_the_process(tmp_path: Path) -> None:
    code = "import sys, pathlib, pipeline.files as files; files.unfinished(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, tmp_path / "talk.mp4"], check=True)
    assert list(tmp_path.iterdir()) == []


def test_what_a_library_has_not_finished_goes_when_the_process_exits(tmp_path: Path) -> None:
    older, newer, other = (tmp_path / name for name in ("sum.1.incomplete", "sum.2.incomplete", "else"))
    older.touch()
    with unfinished_in(tmp_path, "sum.*.incomplete"):
        newer.touch()
        other.touch()
        discard_all()
        assert older.exists() and other.exists() and not newer.exists()
        newer.touch()
    discard_all()
    assert newer.exists(), "after the block, it is the library's again"
