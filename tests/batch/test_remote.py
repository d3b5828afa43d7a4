"""Tables, pictures and results at URLs: a folder of this machine stands in for a bucket."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from pipeline.batch import plan, remote, run
from pipeline.batch.remote import copy_of, fetched, files_below, is_remote, sent
from pipeline.batch.scratch import scratch_folder
from pipeline.errors import OptionError

PORTRAIT = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "cache"


def test_files_are_sent_and_fetched_again_only_where_they_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryFileSystem, "mkdirs", lambda *_, **__: None)
    monkeypatch.setattr(MemoryFileSystem, "makedirs", None)  # which makes buckets, in somebody's account
    (tmp_path / "a.txt").write_text("one", encoding="utf-8")
    url = "memory://bucket/deep/a.txt"
    assert not files_below("memory://bucket")
    sent(tmp_path / "a.txt", url)
    first = fetched(url)
    assert files_below("memory://bucket") == {"deep/a.txt"}
    assert first.read_text(encoding="utf-8") == "one" and fetched(url) == copy_of(url) == first
    (tmp_path / "a.txt").write_text("two!", encoding="utf-8")
    sent(tmp_path / "a.txt", url)
    assert fetched(url).read_text(encoding="utf-8") == "two!"


def test_a_store_that_nobody_reaches_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreached(*_: object, **__: object) -> None:
        try:
            raise socket.gaierror(-2, "Name or service not known")
        except OSError as error:
            raise RuntimeError("HTTPSConnectionPool(host='...')") from error

    monkeypatch.setattr(MemoryFileSystem, "find", unreached)
    with pytest.raises(OptionError, match="memory://bucket cannot be reached; check the address and your"):
        files_below("memory://bucket")


def test_a_file_that_is_too_large_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(bytes(100))
    monkeypatch.setattr(remote, "_LARGEST", 99)
    with pytest.raises(OptionError, match="is larger than"):
        fetched(f"file://{tmp_path}/a.txt")
    assert not list(tmp_path.rglob("*.part"))


def test_copies_that_nobody_used_for_a_day_make_room_for_others(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(name: str) -> Path:
        (tmp_path / name).write_bytes(bytes(100))
        return fetched(f"file://{tmp_path}/{name}")

    copies = [copied(name) for name in ("old", "older", "today")]
    for days, copy in zip((2, 3, 0.5), copies, strict=True):
        os.utime(copy, (time.time() - days * 86400,) * 2)
    monkeypatch.setattr(remote, "_ROOM", 250)
    copies.append(copied("new"))
    assert [copy.is_file() for copy in copies] == [True, False, True, True]
    fetched(f"file://{tmp_path}/old")
    copied("last")
    assert copies[0].is_file(), "it was used just now"
    assert not list((cache / "talking-head-studio").rglob("*.part"))


@pytest.mark.parametrize("text", ["s3://bucket/a.jpg", "gs://b/a", "hf://datasets/me/faces/a.jpg"])
def test_urls_of_files_are_told_from_words(text: str) -> None:
    assert is_remote(text)
    assert not any(is_remote(other) for other in (f"See {text}", "https://example.com", "a.jpg", None, 5))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("memory://none/a.csv", "There is no file at"), ("s3://bucket/a.csv", "s3:// needs a package")],
)
def test_what_is_wrong_with_a_url_is_one_sentence(url: str, sentence: str) -> None:
    if url.startswith("s3") and __import__("importlib.util").util.find_spec("s3fs"):
        pytest.skip("s3fs is installed")
    with pytest.raises(OptionError, match=sentence):
        fetched(url)


def test_a_batch_reads_from_and_writes_to_a_bucket(tmp_path: Path, cache: Path) -> None:
    bucket = tmp_path / "bucket"
    (bucket / "in").mkdir(parents=True)
    (bucket / "in" / "me.jpg").write_bytes(PORTRAIT.read_bytes())
    table = "subject,text,consent,output,size,captions,motion\n"
    table += "me.jpg,Hi.,fictional,deep/a.mp4,128,srt,deep/a.csv\ngone.jpg,Hi.,fictional,b.mp4,128,,\n"
    (bucket / "in" / "jobs.csv").write_text(table, encoding="utf-8")
    url = f"file://{bucket}"
    batch = run(f"{url}/in/jobs.csv", f"{url}/out", workers=1)
    assert (batch.made, len(batch.failed)) == (1, 1)
    assert batch.failed[0].reason.startswith(f"Row 3, column subject: There is no file at {url}/in/gone.jpg")
    with pytest.raises(OptionError, match="Files at ftp:// cannot be used"):
        run(f"{url}/in/jobs.csv", "ftp://host/videos")
    made = {str(path.relative_to(bucket / "out")) for path in (bucket / "out").rglob("*") if path.is_file()}
    expected = {"deep/a.mp4", "deep/a.srt", "deep/a.csv", "thumbnails/deep/a.mp4.jpg"}
    assert made == {*expected, "results.csv", "index.html"}
    assert "thumbnails/deep/a.mp4.jpg" in (bucket / "out" / "index.html").read_text(encoding="utf-8")
    assert batch.url == f"{url}/out"
    (own,) = (cache / "talking-head-studio" / "batches").rglob("results.csv")
    shared = bucket / "out" / "results.csv"
    shared.write_text(shared.read_text(encoding="utf-8").replace(",done,", ",waiting,"), encoding="utf-8")
    assert plan(f"{url}/in/jobs.csv", f"{url}/out").waiting == 0, "it failed before it sent the last table"
    own.rename(shared)  # as on another machine
    assert plan(f"{url}/in/jobs.csv", f"{url}/out").waiting == 0
    (bucket / "out" / "deep" / "a.mp4").unlink()
    assert plan(f"{url}/in/jobs.csv", f"{url}/out").waiting == 1


def test_the_folder_of_a_killed_sender_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "0123").mkdir()
    (tmp_path / "0123" / "half.mp4").write_text("half", encoding="utf-8")
    (tmp_path / "0123.lock").touch()  # nobody holds it any more
    with scratch_folder(tmp_path) as mine, scratch_folder(tmp_path) as other:
        assert mine.is_dir() and other.is_dir() and not list(tmp_path.rglob("half.mp4"))
    assert not list(tmp_path.iterdir())
