"""What reviews say of a row's photo and video is kept with its outcome and shown on the summary page."""

from __future__ import annotations

from pathlib import Path

from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome, read_outcomes, write_outcomes
from pipeline.batch.page import page_alone, write_page
from pipeline.batch.rendering import render_job
from pipeline.samples import HOPPER


def test_a_reviewed_row_has_scores_and_the_page_shows_them(tmp_path: Path) -> None:
    values = {"subject": str(HOPPER.path), "text": "Hello, and good morning.", "size": 160}
    outcome = render_job(Job(2, "a.mp4", tmp_path, values, review=True), lambda share: None)
    assert outcome.status == "done" and outcome.lips is not None and outcome.head is not None
    assert 0 <= outcome.lips <= 100 and 50 < outcome.head <= 100
    page = write_page(tmp_path, "talks", [outcome], 1).read_text(encoding="utf-8")
    assert f">Head {outcome.head:.0f}</b>" in page and 'src="./thumbnails/a.mp4.jpg"' in page
    alone = page_alone(tmp_path, "talks", [outcome])
    assert "data:image/jpeg;base64," in alone and "./thumbnails" not in alone


def test_marks_and_advice_survive_the_table(tmp_path: Path) -> None:
    marked = Outcome(2, "a.mp4", "done", lips=81.5, head=93.0, advice="=Use <b>another</b> photo.")
    write_outcomes(tmp_path, [marked, Outcome(3, "b.mp4", "failed", "No.")])
    assert read_outcomes(tmp_path)["a.mp4"] == marked
    assert read_outcomes(tmp_path)["b.mp4"].lips is None
    page = write_page(tmp_path, "talks", [marked], 1).read_text(encoding="utf-8")
    assert "&lt;b&gt;another" in page and '<b class="good">Lips 82</b>' in page


def test_tables_of_earlier_versions_are_read(tmp_path: Path) -> None:
    heading = "row,output,status,reason,duration,took,digest\n2,a.mp4,done,,1.0,2.0,x\n"
    (tmp_path / "results.csv").write_text(heading, encoding="utf-8")
    assert read_outcomes(tmp_path)["a.mp4"] == Outcome(2, "a.mp4", "done", "", 1.0, 2.0, "x", files="a.mp4")
