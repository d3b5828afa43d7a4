"""The ledger: nothing is lost when many answer at once, and nothing crashes where no file can be kept."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.trust import Consent, ledger_path
from pipeline.trust.ledger import recall, remember

ROOT = Path(__file__).parents[2]
ANSWER = Consent("permission", "2026-01-02", "a" * 64)


def database() -> Path:
    path = ledger_path()
    assert path is not None
    return path


def kept() -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(database())
    try:
        return connection.execute("SELECT picture, basis, given FROM consent ORDER BY picture").fetchall()
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def no_answers_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.trust.ledger._in_process", {})


def test_only_checksum_basis_and_day_are_kept() -> None:
    remember(ANSWER)
    assert recall(ANSWER.checksum) == ANSWER
    assert recall("b" * 64) is None
    assert kept() == [(ANSWER.checksum, "permission", "2026-01-02")]


def test_twenty_threads_and_two_processes_lose_nothing() -> None:
    code = (
        "import sys, threading; from pipeline.trust.ledger import Consent, remember\n"
        "def one(n): remember(Consent('me', '2026-01-02', f'{sys.argv[1]}{n:02}'))\n"
        "threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT) for name in "pq"]
    threads = [
        threading.Thread(target=remember, args=(Consent("fictional", "2026-01-02", f"t{n:02}"),))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    assert [picture for picture, _, _ in kept()] == [f"{name}{n:02}" for name in "pqt" for n in range(20)]


def test_answers_of_an_earlier_version_are_taken_over_once() -> None:
    former = database().with_name("consent.json")
    former.parent.mkdir(parents=True)
    entries = {
        "1": {"right": "me", "given": "2025-05-05"},
        "2": {"right": "king", "given": "x"},
        "3": "nonsense",
        "4": {"right": "fictional"},
    }
    former.write_text(json.dumps(entries), encoding="utf-8")
    assert recall("1") == Consent("me", "2025-05-05", "1")
    assert [picture for picture, _, _ in kept()] == ["1", "4"]
    former.write_text(json.dumps({"5": {"right": "me", "given": "2025-05-05"}}), encoding="utf-8")
    assert recall("5") is None


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}'])
def test_a_damaged_file_of_an_earlier_version_counts_as_empty(content: str) -> None:
    former = database().with_name("consent.json")
    former.parent.mkdir(parents=True)
    former.write_text(content, encoding="utf-8")
    assert recall("a") is None
    remember(ANSWER)
    assert recall(ANSWER.checksum) == ANSWER


def test_a_damaged_database_is_moved_aside_and_answers_are_asked_for_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    remember(ANSWER)
    whole = database().read_bytes()
    for damaged in (b"no database at all" * 99, whole[:100] + b"\xa5" * (len(whole) - 100)):
        caplog.clear()
        database().write_bytes(damaged)
        assert recall(ANSWER.checksum) is None
        assert "is damaged" in caplog.text and "consent.damaged" in caplog.text
        assert database().with_suffix(".damaged").read_bytes() == damaged
        remember(ANSWER)
        assert recall(ANSWER.checksum) == ANSWER


def test_a_basis_that_makes_no_sense_counts_as_not_answered() -> None:
    remember(ANSWER)
    connection = sqlite3.connect(database())
    with connection:
        connection.execute("UPDATE consent SET basis = 'king'")
    connection.close()
    assert recall(ANSWER.checksum) is None


def test_without_a_writable_folder_answers_last_as_long_as_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with caplog.at_level(logging.WARNING):
        remember(ANSWER)
    assert "last only as long as this process" in caplog.text
    assert recall(ANSWER.checksum) == ANSWER


def test_a_locked_database_keeps_the_answer_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(ANSWER)
    monkeypatch.setattr("pipeline.trust.ledger._PATIENCE", 0.05)
    holder = sqlite3.connect(database(), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    newer = Consent("me", "2026-02-03", ANSWER.checksum)
    remember(newer)
    assert recall(ANSWER.checksum) == newer
    holder.execute("ROLLBACK")
    holder.close()
    remember(newer)
    assert kept() == [(ANSWER.checksum, "me", "2026-02-03")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows finds the home folder without HOME")
def test_without_a_home_folder_nothing_crashes_and_nothing_is_written(tmp_path: Path) -> None:
    code = (
        "import os, pwd\n"
        "os.environ.pop('HOME', None); os.environ.pop('XDG_STATE_HOME', None)\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "from pipeline.trust.ledger import Consent, ledger_path, recall, remember\n"
        "assert ledger_path() is None, ledger_path()\n"
        "remember(Consent('me', '2026-01-02', 'a')); assert recall('a').basis == 'me'\n"
    )
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        cwd=tmp_path,
        check=True,
        timeout=300,
    )
    assert list(tmp_path.iterdir()) == []
