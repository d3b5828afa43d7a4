"""The store of jobs: the order they are made in, repetitions, what stays and what goes."""

from __future__ import annotations

import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.service.jobs import KEEP_SECONDS
from pipeline.service.store import JobStore, Record


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    made = JobStore(tmp_path / "home")
    yield made
    made.close()


def add(store: JobStore, client: str = "ada", **more: object) -> Record:
    return store.add(store.new_folder().name, client, **{"ready": True, "asked": {"text": "Hello."}, **more})


def test_jobs_of_one_caller_do_not_hold_up_those_of_another(store: JobStore) -> None:
    first, second, third = (add(store, "ada") for _ in range(3))
    other = add(store, "grace")
    order = [claimed.id for claimed in iter(lambda: store.claim("me"), None)]
    assert order == [first.id, other.id, second.id, third.id]


def test_a_job_is_claimed_once_however_many_ask(store: JobStore) -> None:
    names = {add(store).id for _ in range(20)}
    claimed: list[str] = []

    def work() -> None:
        while (record := store.claim("me")) is not None:
            claimed.append(record.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 20 and set(claimed) == names


def test_a_job_whose_files_have_yet_to_come_waits(store: JobStore) -> None:
    record = add(store, ready=False)
    assert store.claim("me") is None and store.unready() == [record]
    store.change(record.id, ready=True)
    claimed = store.claim("me")
    assert claimed is not None and claimed.state == "running" and claimed.attempts == 1


def test_a_repetition_is_the_same_job_and_another_callers_is_not(store: JobStore) -> None:
    first = add(store, repeat_key="k1", digest="a")
    assert add(store, repeat_key="k1", digest="a").id == first.id
    assert add(store, "grace", repeat_key="k1").id != first.id
    assert store.waiting() == 2


def test_what_was_asked_for_is_forgotten_when_the_job_has_ended(store: JobStore) -> None:
    record = add(store, asked={"text": "A secret."})
    given = store.folder(record.id) / "given" / "photo.jpg"
    given.write_bytes(b"x")
    assert store.end(record.id, "failed", problem={"sentence": "No."})
    store.ready(record.id, {"text": "A secret."})  # files that come too late
    ended = store[record.id]
    assert ended.over and ended.asked == {} and ended.problem == {"sentence": "No."}
    assert not given.exists()
    assert not any(b"A secret." in file.read_bytes() for file in store.home.glob("jobs.db*"))
    removed = add(store, asked={"text": "A secret."})
    store.remove(removed.id)
    assert not any(b"A secret." in file.read_bytes() for file in store.home.glob("jobs.db*"))


def test_a_job_ends_once_and_one_that_was_removed_not_at_all(store: JobStore) -> None:
    record = add(store)
    assert store.end(record.id, "cancelled") and not store.end(record.id, "done")
    store.again(record, attempts=0)
    assert store[record.id].state == "cancelled"
    store.remove(record.id)
    assert not store.end(record.id, "done") and store.find(record.id) is None


def test_finished_jobs_stay_for_a_day_and_outlive_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = JobStore(tmp_path)
    record, waiting = add(first), add(first)
    first.end(record.id, "done", result={"video": "a.mp4"})
    first.close()
    second = JobStore(tmp_path)
    second.sweep()
    assert second[record.id].result == {"video": "a.mp4"}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + KEEP_SECONDS + 60)
    second.sweep()
    assert second.find(record.id) is None and not second.folder(record.id).exists()
    assert second.find(waiting.id) is not None and second.folder(waiting.id).exists()
    second.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_only_this_user_can_read_it(store: JobStore) -> None:
    assert stat.S_IMODE((store.home / "jobs.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700


def test_a_damaged_file_is_put_aside_and_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"no database at all, but quite long enough to be read as one" * 99)
    store = JobStore(tmp_path)
    assert add(store).state == "queued" and (tmp_path / "jobs.damaged").is_file()
    store.close()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="check STUDIO_DATA"):
        JobStore(tmp_path / "file" / "jobs")


def test_webhooks_are_due_once_the_job_has_ended(store: JobStore) -> None:
    record = add(store, hook={"url": "https://example.com"})
    assert store.hooks_due() == []
    store.end(record.id, "done")
    assert [due.id for due in store.hooks_due()] == [record.id]
    quiet = add(store)
    store.end(quiet.id, "done")
    assert [due.id for due in store.hooks_due()] == [record.id]


def test_who_watches_a_job_is_told_when_it_ends_and_when_it_goes(store: JobStore) -> None:
    watched, other, told = add(store), add(store), []
    with store.watching(watched.id, lambda: told.append(store[watched.id].over)):
        store.change(watched.id, fraction=0.5)
        store.end(other.id, "done")
        assert told == []
        store.end(watched.id, "done")
        assert told == [True]
    with store.watching(watched.id, lambda: told.append(store.find(watched.id) is None)):
        store.remove(watched.id)
    store.remove(other.id)
    assert told == [True, True]
