"""The Batch tab: a table is looked through, its videos are made row by row, and everything is downloaded."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ui.axe import serious
from ui.serving import Served
from ui.visitor import Visitor, in_browser

from pipeline.batch import Batch, BatchError
from pipeline.errors import StudioError
from pipeline.samples import HOPPER
from pipeline.service.render_queue import RENDER_QUEUE
from pipeline.ui import batch_handlers, batch_markup, batch_project
from pipeline.ui.batch_project import PUBLIC_ROWS, Outlook, Project

TABLE = "subject,text,output,size\nme.jpg,Hi <b>.,a.mp4,128\ngone.jpg,Hi.,b.mp4,128\n"


def zipped(folder: Path, **files: str | bytes) -> Path:
    """A ZIP of these files, whose names have underscores for dots."""
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def opened(folder: Path, *, public: bool = True, table: str = TABLE, **files: str | bytes) -> Project:
    visit = folder / "visit"
    visit.mkdir()
    photo = HOPPER.path.read_bytes() + folder.name.encode()
    archive = zipped(folder, jobs_csv=table, me_jpg=photo, **files)
    return batch_project.opened([str(archive)], visit, public=public)


def outlook(project: Project, consent: str | None) -> Outlook:
    *_, found = batch_project.outlook(project, consent)
    assert isinstance(found, Outlook)
    return found


def test_a_dry_run_names_faults_by_row_and_column_and_asks_for_consent(tmp_path: Path) -> None:
    project = opened(tmp_path)
    found = outlook(project, None)
    assert found.asks and found.plan.waiting == 1
    shown = batch_markup.planned(found.plan)
    assert "1 of 2 videos to render" in shown and "1 row has a mistake" in shown
    assert "<b>Column subject</b>" in shown and "Hi &lt;b&gt;." in shown
    assert shown.index("gone.jpg") < shown.index("a.mp4"), "what failed stands first"
    assert not outlook(project, "me").asks
    assert not project.output.exists()


def test_rows_cannot_read_the_servers_files(tmp_path: Path) -> None:
    outside = tmp_path / "secret.jpg"
    outside.write_bytes(HOPPER.path.read_bytes())
    table = f"subject,text,output\n{outside},Hi.,a.mp4\n../secret.jpg,Hi.,b.mp4\nme.jpg,Hi.,c.mp4\n"
    found = outlook(opened(tmp_path, table=table), "me").plan
    assert [str(each) for each in found.problems] == [
        f"Row {row}: secret.jpg was not uploaded; add it to the files." for row in (2, 3)
    ]


def test_a_template_among_the_files_takes_its_values_from_the_table(tmp_path: Path) -> None:
    script = 'presenters: {a: {subject: "{face}"}}\nscenes:\n- lines: ["Hello {name}."]\n'
    table = "face,name,output\nme.jpg,Ann,a.mp4\n/etc/hostname,Bo,b.mp4\n"
    found = outlook(opened(tmp_path, table=table, talk_yaml=script), "me").plan
    assert [job.row for job in found.left] == [2]
    assert "hostname was not uploaded" in str(found.problems[0])


def test_a_shared_page_has_limits(tmp_path: Path) -> None:
    rows = "".join(f"me.jpg,Hi.,{row}.mp4\n" for row in range(PUBLIC_ROWS + 1))
    project = opened(tmp_path, table=f"subject,text,output\n{rows}")
    with pytest.raises(BatchError, match="at most 20 rows"):
        outlook(project, "me")
    own = Project(project.folder, project.table, None, public=False)
    assert outlook(own, "me").plan.waiting == PUBLIC_ROWS + 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("all.zip", b"no zip", "is no ZIP, or it is damaged"), ("me.jpg", b"", "Add a table")],
)
def test_files_without_a_table_are_one_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / "visit").mkdir()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StudioError, match=sentence):
        batch_project.opened([str(tmp_path / name)], tmp_path / "visit", public=True)


def test_a_damaged_zip_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "visit").mkdir()
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("jobs.csv", TABLE * 40)
    content = bytearray(archive.read_bytes())
    content[40:60] = b"\xff" * 20
    archive.write_bytes(content)
    with pytest.raises(BatchError, match=r"all\.zip is no ZIP, or it is damaged"):
        batch_project.opened([str(archive)], tmp_path / "visit", public=True)


def test_the_table_of_an_earlier_batch_is_not_taken_for_the_table(tmp_path: Path) -> None:
    (tmp_path / "visit").mkdir()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("finished/results.csv", "row,output\n")
        archive.writestr("jobs.csv", TABLE)
    made = batch_project.opened([str(tmp_path / "all.zip")], tmp_path / "visit", public=True)
    assert made.table.name == "jobs.csv"


def test_a_zip_cannot_write_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "visit").mkdir()
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    for entry, sentence in (
        ("../../outside.csv", "leads out of its folder"),
        (link, "is a link"),
        (None, ""),
    ):
        with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
            archive.writestr("__MACOSX/._jobs.csv", "x")
            archive.writestr(".git/jobs.csv", "x")
            archive.writestr("deep/jobs.csv", TABLE)
            if entry is not None:
                archive.writestr(entry, TABLE)
        if entry is None:
            project = batch_project.opened([str(tmp_path / "some.zip")], tmp_path / "visit", public=True)
            assert project.table == tmp_path / "visit" / "deep" / "jobs.csv"
        else:
            with pytest.raises(BatchError, match=sentence):
                batch_project.opened([str(tmp_path / "some.zip")], tmp_path / "visit", public=True)
            assert not list((tmp_path / "visit").iterdir()), "all is checked before any is written"
    assert len(list(tmp_path.rglob("*.csv"))) == 1


def test_a_visitors_single_video_goes_ahead_of_the_next_row(tmp_path: Path) -> None:
    table = "subject,text,output,size\nme.jpg,Hi.,a.mp4,128\n"
    project = opened(tmp_path, table=table)
    with RENDER_QUEUE.joined("page"):
        events = batch_handlers._events(project, "me")
        seen = [next(events) for _ in range(4)]
        assert not any(isinstance(event, Batch) for event in seen)
        assert not list(project.output.glob("*.mp4"))
    (batch,) = [event for event in events if isinstance(event, Batch)]
    assert batch.made == 1
    archive, summary = batch_project.pack(project, batch)
    with zipfile.ZipFile(archive) as read:
        assert {"a.mp4", "index.html", "results.csv", "thumbnails/a.mp4.jpg"} == set(read.namelist())
    assert "data:image/jpeg;base64," in summary.read_text(encoding="utf-8")


class TestInBrowser:
    """The whole way, as a person goes it."""

    pytestmark = in_browser

    def test_a_table_becomes_videos(self, browser: Any, served: Served, axe: str, tmp_path: Path) -> None:
        screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        try:
            visitor = Visitor(browser, served.address)
            open_tab(visitor)
            visitor.click("#batch-start")
            assert "Add a table" in visitor.text("#batch-message .notice")
            photo = HOPPER.path.read_bytes() + tmp_path.name.encode()
            archive = zipped(tmp_path, jobs_csv=TABLE, me_jpg=photo)
            visitor.find("#batch-files input[type=file]").send_keys(str(archive))
            assert "no photo or video at gone.jpg" in visitor.text("#batch-rows tr.failed")
            assert serious(browser, axe) == []
            visitor.click("#batch-start")
            assert "confirm" in visitor.wait(
                "return document.querySelector('#batch-message .notice')?.innerText"
            )
            visitor.click("#batch-consent label:nth-of-type(1)")
            visitor.click("#batch-start")
            assert "gone.jpg" in visitor.text("#batch-progress [role=alert]")
            visitor.wait("return document.querySelector('#batch-archive-file')?.checkVisibility()")
            assert "1 rendered, 0 kept." in visitor.text("#batch-progress")
            visitor.wait("return document.querySelector('#batch-rows tr.kept img')?.naturalWidth")
            assert serious(browser, axe) == []
            assert visitor.run("return document.documentElement.scrollWidth <= innerWidth")
        finally:
            browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def test_cancel_stops_the_row_and_start_goes_on(
        self, browser: Any, served: Served, tmp_path: Path
    ) -> None:
        rows = f"subject,text,consent,output,size\nme.jpg,{'This goes on. ' * 60},fictional,long.mp4,128\n"
        photo = HOPPER.path.read_bytes() + tmp_path.name.encode()
        visitor = Visitor(browser, served.address)
        open_tab(visitor)
        archive = zipped(tmp_path, jobs_csv=rows, me_jpg=photo)
        visitor.find("#batch-files input[type=file]").send_keys(str(archive))
        visitor.wait("return document.querySelector('#batch-rows tr.todo')")
        visitor.click("#batch-start")
        visitor.wait("return document.querySelector('#batch-rows tr.now')")
        visitor.wait("return document.activeElement.id == 'batch-cancel'")
        while not list(served.folder.rglob(".long.mp4.*.part")):
            assert visitor.run("return document.querySelector('#batch-rows tr.now')"), "it came to its end"
            time.sleep(0.1)
        visitor.click("#batch-cancel")
        assert "Start goes on from there" in visitor.text("#batch-progress .notice")
        visitor.wait("return document.querySelector('#batch-start')?.checkVisibility()")
        visitor.wait("return document.activeElement.id == 'batch-start'")
        assert "Waiting" in visitor.text("#batch-rows tr.todo"), "it is not being made any more"
        left = [path for path in served.folder.rglob("*long.mp4*") if path.suffix in (".mp4", ".part")]
        assert not left, "Start is not offered before the row has ended, as the browser would drop it"
        visitor.click("#batch-start")
        visitor.wait("return document.querySelector('#batch-rows tr.now')")
        visitor.click("#batch-cancel")


def open_tab(visitor: Visitor) -> None:
    """Change to the Batch tab, which a narrow page has in the menu at the end of its tabs."""
    visitor.wait(
        "const tabs = [...document.querySelectorAll('#ways [role=tab], #ways .overflow-dropdown button')];"
        "const tab = tabs.find((each) => each.textContent.trim() == 'Batch');"
        "(tab ?? document.querySelector('#ways .overflow-menu > button'))?.click();"
        "return document.querySelector('#batch-start')?.checkVisibility()"
    )
