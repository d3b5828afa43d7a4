"""A real batch that is killed, loses a worker, has a poisoned row, and is run again."""

from __future__ import annotations

import csv
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Batch, BatchCheck, BatchError, Outcome, checking, course, plan, run, stream
from pipeline.batch.checking import checked
from pipeline.batch.jobs import Job, jobs_of
from pipeline.batch.ledger import Ledger
from pipeline.batch.outcomes import append_outcome, read_outcomes, write_outcomes
from pipeline.batch.processes import work
from pipeline.batch.tables import read_table
from pipeline.errors import OutputError
from pipeline.script import Store
from pipeline.spec import Scene
from pipeline.speech import front_end
from pipeline.trust import Consent
from pipeline.video import probe

ROOT = Path(__file__).parents[2]
HEADING = "subject,text,consent,output,size\n"
PORTRAIT = ROOT / "assets" / "portraits" / "astronaut.jpg"
FIRST = f"{PORTRAIT},Hi.,fictional,a.mp4,128\n"
POISONED = "bad<b>.jpg,Hi.,fictional,c.mp4,128\n"
LEFT = ("results.csv", "index.html", "deep/b.srt", "thumbnails/a.mp4.jpg", "other.mp4")
"""Unfinished files, of which the last is of another program."""
GONE = "gone.jpg,Hi.,fictional,gone.mp4,128\n"
SECOND = f"{PORTRAIT},Go.,fictional,deep/b.mp4,128\n"


@dataclass
class Story:
    """What happened to a batch of four rows, of which one is mistaken and one has no picture."""

    folder: Path
    killed: list[dict[str, str]]
    """Lines of results.csv after kill -9 of the whole batch."""
    first_made: int
    """When the first video was made, ns."""
    outcomes: list[Outcome]
    """Of the second run, in the order in which they came."""
    batch: Batch


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("batch")
    (folder / "bad<b>.jpg").write_text("no image", encoding="utf-8")
    (folder / "jobs.csv").write_text(HEADING + FIRST + POISONED + SECOND + GONE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("HF_HUB_OFFLINE", "1")
        killed = killed_when_one_is_done(folder)
        first_made = (folder / "out" / "a.mp4").stat().st_mtime_ns
        for name in LEFT:  # kill -9 may have met the process while it wrote them
            path = folder / "out" / name
            path.parent.mkdir(exist_ok=True)
            path.with_name(f".{path.name}.0123abcd.part").write_text("half")
        outcomes = []
        wounded = False
        for event in stream(folder / "jobs.csv", folder / "out", workers=1):
            if isinstance(event, Outcome):
                outcomes.append(event)
            if isinstance(event, Batch):
                batch = event
            poisoned = any(outcome.output == "c.mp4" for outcome in outcomes)
            if not wounded and poisoned:  # the worker has begun the next row, or is about to
                wounded = True
                os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
        yield Story(folder, killed, first_made, outcomes, batch)


def killed_when_one_is_done(folder: Path) -> list[dict[str, str]]:
    """Start the batch in the shell, and kill it when its first video is written down."""
    command = [sys.executable, "-m", "pipeline", "batch", str(folder / "jobs.csv"), "-o", str(folder / "out")]
    with subprocess.Popen([*command, "--workers", "1"], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 360
        while not any(line["status"] == "done" for line in lines(folder)):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    return lines(folder)


def lines(folder: Path) -> list[dict[str, str]]:
    """The batch's results so far."""
    path = folder / "out" / "results.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_killed_batch_keeps_what_is_finished(story: Story) -> None:
    assert [line["output"] for line in story.killed] == ["a.mp4", "c.mp4", "deep/b.mp4", "gone.mp4"]
    assert story.killed[0]["status"] == "done" and "waiting" in {line["status"] for line in story.killed}
    assert (story.folder / "out" / "a.mp4").stat().st_mtime_ns == story.first_made


def test_the_next_run_makes_the_rest_though_a_worker_dies(story: Story) -> None:
    batch = story.batch
    assert [outcome.status for outcome in batch.outcomes] == ["done", "failed", "done", "failed"]
    assert (batch.made, batch.kept, len(batch.failed)) == (1, 1, 2)
    for name in ("a.mp4", "deep/b.mp4"):
        assert 0.2 < probe(story.folder / "out" / name).duration < 3
    left = [path.name for path in (story.folder / "out").rglob("*.part")]
    assert left == [".other.mp4.0123abcd.part"], "only what is not of the batch"


def test_a_poisoned_row_says_why(story: Story) -> None:
    failed, _ = story.batch.failed
    assert failed.row == 3 and "is not an image" in failed.reason
    assert [line["status"] for line in lines(story.folder)] == ["done", "failed", "done", "failed"]


def test_a_mistaken_row_is_told_before_others_are_made(story: Story) -> None:
    told = [outcome.output for outcome in story.outcomes]
    assert told == ["gone.mp4", "c.mp4", "deep/b.mp4"]
    assert "column subject: There is no photo or video at" in story.batch.failed[1].reason


def test_the_page_shows_pictures_and_escapes_reasons(story: Story) -> None:
    page = story.batch.page.read_text(encoding="utf-8")
    assert 'src="./thumbnails/deep/b.mp4.jpg"' in page and 'href="./a.mp4"' in page
    assert (story.folder / "out" / "thumbnails" / "a.mp4.jpg").stat().st_size > 1000
    assert "<b>" not in page and "bad&lt;b&gt;.jpg" in page
    assert max(map(page.index, ("c.mp4", "gone.mp4"))) < page.index("./a.mp4"), "what failed is first"


def test_a_rerun_does_only_what_changed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    table = story.folder / "jobs.csv"
    table.write_text(HEADING + SECOND + FIRST, encoding="utf-8")
    again = run(table, story.folder / "out")
    assert (again.made, again.kept) == (0, 2)
    assert [(each.row, each.output) for each in again.outcomes] == [(2, "deep/b.mp4"), (3, "a.mp4")]
    table.write_text(HEADING + SECOND + FIRST.replace("Hi.", "Yes."), encoding="utf-8")
    assert plan(table, story.folder / "out").waiting == 1
    table.write_text(HEADING + SECOND, encoding="utf-8")
    assert plan(table, story.folder / "out").waiting == 0
    (story.folder / "out" / "deep" / "b.mp4").write_bytes(b"")  # as a power cut leaves it
    assert plan(table, story.folder / "out").waiting == 1


def test_files_of_others_and_a_second_batch_are_refused(story: Story, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"mine")
    table = tmp_path / "jobs.csv"
    table.write_text(HEADING + FIRST, encoding="utf-8")
    with pytest.raises(BatchError, match=r"Row 2, column output: a\.mp4 already exists"):
        run(table, tmp_path)
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"
    told = "subject,text,consent,output,motion\n" + FIRST.replace("a.mp4,128", "b.mp4,jobs.csv")
    table.write_text(told, encoding="utf-8")
    with pytest.raises(BatchError, match=r"Row 2, column motion: jobs\.csv is the table itself"):
        run(table, tmp_path, overwrite=True)
    assert table.read_text(encoding="utf-8") == told
    table.rename(tmp_path / "results.csv")
    with pytest.raises(BatchError, match=r"results\.csv is the batch's own file"):
        run(tmp_path / "results.csv", tmp_path, overwrite=True)
    assert (tmp_path / "results.csv").read_text(encoding="utf-8") == told
    (tmp_path / "results.csv").rename(table)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        run(table, tmp_path / "file")


FILES = {
    "a.srt": "Row 2, column captions: ",
    "m.csv": "Row 2, column motion: ",
    "thumbnails/a.mp4.jpg": "Row 2, column output: ",
    "results.csv": "",
    "index.html": "",
}
"""What a batch writes beside a video, and where the sentence says that its name comes from."""


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_others_is_replaced(tmp_path: Path, name: str) -> None:
    table, out = tmp_path / "jobs.csv", tmp_path / "out"
    heading = "subject,text,consent,output,size,captions,motion\n"
    table.write_text(heading + FIRST.replace("128", "128,srt,m.csv"), encoding="utf-8")
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine", encoding="utf-8")
    for make in (plan, run):
        with pytest.raises(BatchError, match=f"^{FILES[name]}{name} already exists") as refused:
            make(table, out)
        assert refused.value.parameter == "overwrite" and (out / name).read_text(encoding="utf-8") == "mine"
    assert plan(table, out, overwrite=True).waiting == 1


def test_the_file_that_a_mistaken_row_named_is_no_file_of_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "jobs.csv"
    done = [Outcome(3, "b.mp4", "done")]
    monkeypatch.setattr(course.Where, "made", lambda where, jobs: (each for each in done[: len(jobs)]))
    heading, good = HEADING.replace("size", "size,captions"), FIRST.replace("128", "128,srt")
    (tmp_path / "out").mkdir()
    for name in ("a.mp4", "b.srt"):
        (tmp_path / "out" / name).write_bytes(b"mine")
    rows = [good.replace("128", "wide"), good.replace("a.mp4", "b.mp4").replace("srt", "")]
    table.write_text(heading + "".join(rows), encoding="utf-8")
    run(table, tmp_path / "out")
    table.write_text(heading + good + rows[1], encoding="utf-8")
    with pytest.raises(BatchError, match=r"Row 2, column output: a\.mp4 already exists"):
        run(table, tmp_path / "out")
    table.write_text(heading + rows[0] + rows[1].replace("128,", "128,srt"), encoding="utf-8")
    with pytest.raises(BatchError, match=r"Row 3, column captions: b\.srt already exists"):
        run(table, tmp_path / "out")


def test_the_folder_is_free_whichever_thread_ends_the_batch(tmp_path: Path) -> None:
    held = course._locked(tmp_path, 0.0)
    held.__enter__()
    with pytest.raises(OutputError, match="Another batch"), course._locked(tmp_path, 0.0):
        pass
    ending = threading.Thread(target=held.__exit__, args=(None, None, None))
    ending.start()
    with course._locked(tmp_path, 10.0):
        ending.join()


def test_rows_are_checked_before_anything_is_rendered(tmp_path: Path) -> None:
    table = tmp_path / "jobs.csv"
    table.write_text(HEADING.replace("size", "voice") + FIRST.replace("128", "jo"), encoding="utf-8")
    with pytest.raises(BatchError, match="Row 2, column voice: There is no voice called 'jo'"):
        run(table, tmp_path / "out")
    missing = f"{'gone' * 100}.jpg,Hi.,fictional,a.mp4,128\n{PORTRAIT},,fictional,b.mp4,128\n"
    table.write_text(HEADING + missing, encoding="utf-8")
    problems = plan(table, tmp_path / "out").problems
    assert [(problem.row, problem.column) for problem in problems] == [(2, "subject"), (3, "text")]
    assert not (tmp_path / "out").exists()


def test_rows_of_a_portrait_are_made_together(tmp_path: Path) -> None:
    jobs = [Job(row, f"{row}.mp4", tmp_path, {"subject": name}) for row, name in enumerate("abcabc")]
    assert [job.row for job in course._by_subject(jobs)] == [0, 3, 1, 4, 2, 5]


def test_mistakes_are_told_while_other_rows_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "_TOLD_AFTER", 0.0)
    rows = "gone.jpg,Hi.,fictional,a.mp4,128\ngone.jpg,Hi.,fictional,b.mp4,128\n"
    (tmp_path / "jobs.csv").write_text(HEADING + rows, encoding="utf-8")
    events = stream(tmp_path / "jobs.csv", tmp_path / "out")
    told = next(events)
    assert isinstance(told, Outcome) and (told.row, told.status) == (2, "failed")
    with pytest.raises(BatchError, match=r"^Row 2, column subject: .* In all, 2 rows have mistakes"):
        list(events)
    assert not (tmp_path / "out").exists()


def test_thousands_of_rows_are_checked_with_a_sign_of_life_and_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, read = list[str](), list[str]()
    consent, normalized = checking.scene_consent, front_end.normalize_text

    def answered(scene: Scene, **about: Any) -> Consent:
        asked.append(scene.text or "")
        return consent(scene, **about)

    monkeypatch.setattr(checking, "scene_consent", answered)
    monkeypatch.setattr(
        front_end, "normalize_text", lambda text, *about: read.append(text) or normalized(text, *about)
    )
    monkeypatch.setattr(checking, "_TELL_EVERY", 0.0)
    texts = ["Hello.", "Hello, 1.", "12", "..."]
    rows = "".join(f'{PORTRAIT},"{text}",fictional,{row}.mp4,128\n' for row, text in enumerate(texts))
    (tmp_path / "jobs.csv").write_text(HEADING + rows, encoding="utf-8")
    told = list[BatchCheck]()
    planned = plan(tmp_path / "jobs.csv", tmp_path / "out", progress=told.append)
    assert [(each.done, each.total) for each in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [str(each) for each in planned.problems] == [
        "Row 5, column text: There are no words to say; type what they should say."
    ]
    assert asked == ["Hello."], "one answer for the rows of a portrait"
    assert read == ["12", "..."], "nothing is put into words where there plainly are some"


def test_the_page_has_the_first_failure_at_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "jobs", 2, {})
    ledger.page_at = time.monotonic()  # the page was written just now
    ledger.add(Outcome(2, "a.mp4", "done"))
    ledger.refresh_page()
    assert not (tmp_path / "index.html").exists()
    ledger.add(Outcome(3, "b.mp4", "failed", "No face."))
    assert "No face." in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_outcomes_in_the_journal_survive_a_torn_last_line(tmp_path: Path) -> None:
    write_outcomes(tmp_path, [Outcome(2, "a.mp4", "waiting"), Outcome(3, "b.mp4", "waiting")])
    append_outcome(tmp_path, Outcome(2, "a.mp4", "done", duration=1.0))
    append_outcome(tmp_path, Outcome(3, "b.mp4", "failed", "=No."))
    (journal,) = tmp_path.glob("*.jsonl")
    whole = journal.read_bytes()
    for torn in (whole[:-9], whole[:-9] + b"\0\xff\x80"):  # as a power cut leaves it
        journal.write_bytes(torn)
        assert [each.status for each in read_outcomes(tmp_path).values()] == ["done", "waiting"]
    write_outcomes(tmp_path, [Outcome(3, "b.mp4", "failed", "=No.")])
    assert "'=No." in (tmp_path / "results.csv").read_text(encoding="utf-8-sig")
    assert read_outcomes(tmp_path)["b.mp4"].reason == "=No." and not journal.exists()
    write_outcomes(tmp_path, [Outcome(3, "b.mp4", "failed", "Row 3: x; =1+1 is wrong; put more.")])
    assert "x; '=1+1 is wrong; put" in (tmp_path / "results.csv").read_text(encoding="utf-8-sig")


def test_a_row_whose_workers_die_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(HEADING + FIRST, encoding="utf-8")
    rows = jobs_of(read_table(tmp_path / "jobs.csv"), tmp_path / "out")
    (job,) = (each for each in checked(rows, Store(tmp_path / "store")) if not isinstance(each, BatchCheck))
    assert isinstance(job, Job)
    over = threading.Event()

    def kill_all() -> None:
        while not over.wait(0.05):
            for child in multiprocessing.active_children():
                child.kill()

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        (outcome,) = [event for event in work([job], workers=1) if isinstance(event, Outcome)]
    finally:
        over.set()
        killer.join()
    assert outcome.status == "failed" and "signal 9, 2 times" in outcome.reason
    assert not (tmp_path / "out" / "a.mp4").exists()
