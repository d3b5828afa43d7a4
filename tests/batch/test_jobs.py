"""Rows become jobs, unless a column, a cell or a name is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.batch.checking import script_of_job
from pipeline.batch.errors import BatchError
from pipeline.batch.jobs import Job, jobs_of
from pipeline.batch.tables import read_table
from pipeline.errors import OutputError

KANJI = "漢"  # three bytes
TEMPLATE = 'presenters: {host: {subject: "{face}"}}\nscenes:\n- lines: ["Hello {name}."]\n'


def jobs(folder: Path, text: str, template: str | None = None) -> list[Job]:
    """The jobs of a table with this text."""
    (folder / "jobs.csv").write_text(text, encoding="utf-8")
    script = None
    if template is not None:
        script = folder / "scripts" / "talk.yaml"
        script.parent.mkdir(exist_ok=True)
        script.write_text(template, encoding="utf-8")
    return jobs_of(read_table(folder / "jobs.csv"), folder / "out", script)


def raise_mistake(made: list[Job]) -> None:
    """Raise the first mistake of these rows."""
    for job in made:
        if job.mistake is not None:
            raise job.mistake


def test_every_mistaken_row_is_found_and_the_others_are_good(tmp_path: Path) -> None:
    rows = [",,a.mp4", "a,b,", "a,=1,c.mp4", "a,b,C.mp4", "a,b,a.mp4", "a,b,c,d.mp4", "a,b,e.mp4"]
    made = jobs(tmp_path, "\n".join(["subject,text,output", *rows]))
    assert [(job.name, job.mistake and job.mistake.column) for job in made] == [
        ("a.mp4", "subject"), ("row 3", "output"), ("c.mp4", "text"), ("row 5", "output"),
        ("row 6", "output"), ("row 7", None), ("e.mp4", None),
    ]  # fmt: skip
    assert "4 cells and only 3 columns" in str(made[5].mistake) and made[6].mistake is None


def test_paths_begin_at_the_table_and_videos_in_the_folder(tmp_path: Path) -> None:
    text = "subject,text,output,motion,head_options\nme.jpg,Hi.,week 1\\a.mp4,a.csv,a=1; b=x y\n"
    (job,) = jobs(tmp_path, text)
    assert job.values["subject"] == str(tmp_path / "me.jpg")
    assert job.path == tmp_path / "out" / "week 1" / "a.mp4"
    assert job.values["motion"] == str(tmp_path / "out" / "a.csv")
    assert job.values["head_options"] == {"a": "1", "b": "x y"}


def test_the_film_of_a_transparent_template_is_named_by_its_row(tmp_path: Path) -> None:
    script = "output: {background: transparent}\nscenes:\n- {title: '{name}', seconds: 1}\n"
    clear, opaque = jobs(tmp_path, "name,output\nAnn,a.webm\nBo,b.mp4\n", script)
    assert script_of_job(clear).output.alpha == "webm"
    with pytest.raises(OutputError, match=r"not b\.mp4"):
        _ = script_of_job(opaque).output.alpha


def test_placeholders_find_files_beside_the_table(tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(b"")
    (job,) = jobs(tmp_path, "face,name,output\nme.jpg,Ann,a.mp4\n", TEMPLATE)
    assert job.values == {"face": str(tmp_path / "me.jpg"), "name": "Ann"}
    assert job.template == tmp_path / "scripts" / "talk.yaml"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("subject,txt,output\na,b,c.mp4\n", "no column to fill in called 'txt'; did you mean 'text'?"),
        (
            "subject~text~output\na~b~c.mp4\n",
            "The columns of jobs.csv run together; separate them",
        ),
        ("subject,text\na,b\n", "no column output"),
        ("text,output\nb,c.mp4\n", "no column subject"),
        ("subject,text,output\na,b,c.mp4\n,b,d.mp4\na,b,\n", "Row 3, column subject: the cell is empty"),
        ("subject,text,output\n,b,\n", "Row 2: the cells subject and output are empty"),
        ("subject,output\na,../c.mp4\n", "Row 2, column output: ../c.mp4 leaves the folder"),
        ("subject,output\na,/c.mp4\n", "leaves the folder"),
        ("subject,output\na,..\\c.mp4\n", "leaves the folder"),
        ("subject,output\na,C:c.mp4\n", "leaves the folder"),
        ("subject,output\na,c.avi\n", "c.avi is not the name of a video; call it c.mp4"),
        (
            "subject,output\na,c?.mp4\n",
            "c?.mp4 is no name for a file: it has characters that some systems do not",
        ),
        ("subject,output\na,.c.mp4\n", "it begins with ., as hidden files do"),
        (
            "subject,output\na,week/nul.mp4\n",
            "week/nul.mp4 is no name for a file: Windows keeps nul for itself",
        ),
        ("subject,output\na,aux .mp4\n", "Windows keeps aux for itself"),
        ("subject,output\na,week. /c.mp4\n", "Windows drops spaces and dots at the end; remove them"),
        ("subject,output\na,c\u202e.mp4\n", r"'c\u202e.mp4' is no name for a file: it has characters"),
        ("subject,output\na,c\x85.mp4\n", r"'c\x85.mp4' is no name for a file: it has characters"),
        ("subject,output\na,\x1b[31m/../c.mp4\n", r"'\x1b[31m/../c.mp4' leaves the folder"),
        ("subject,output\na,\\\\server\\share\\c.mp4\n", "leaves the folder"),
        (f"subject,output\na,{'w/' * 2000}c.mp4\n", "Row 2, column output: the name is too long"),
        (f"subject,output\na,{KANJI * 80}.mp4\n", "the name is too long; give a shorter one"),
        (
            "subject,output\na,\u00e9.mp4\nb,e\u0301.mp4\n",
            "is also the name of row 2; give each video its own",
        ),
        (
            "subject,output,motion\na,c.mp4,Results.csv\n",
            "column motion: Results.csv is the batch's own file",
        ),
        (
            "subject,output\nhttps://example.com/a.jpg,c.mp4\n",
            "Row 2, column subject: Files at https:// cannot be used; download them, or use s3://, gs://",
        ),
        ("subject,output\na,c.mp4\nb,C.MP4\n", "Row 3, column output: C.MP4 is also the name of row 2"),
        ("subject,output\na,c.mp4\nb,./c.mp4\n", "c.mp4 is also the name of row 2"),
        ("subject,output\na,c.mp4\nb,c.m4v\n", "differs from row 2 only in its ending"),
        (
            "subject,output\na,c.mp4\nb,C.mp4/d.mp4\n",
            "Row 3, column output: C.mp4 is a folder here and a",
        ),
        (
            "subject,output\na,c.mp4/e/d.mp4\nb,c.mp4\n",
            "Row 3, column output: c.mp4 is a video here and a",
        ),
        ("subject,output,motion\na,c.mp4,../m.csv\n", "Row 2, column motion: ../m.csv leaves the folder"),
        (
            "My videos,,\nsubject,output\na,c.mp4\n",
            "does not name columns; put a heading there, such as subject",
        ),
        ("subject,output,lips_options\na,c.mp4,fast\n", "'fast' is not of the form NAME=VALUE"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BatchError) as caught:
        raise_mistake(jobs(tmp_path, text))
    assert sentence in str(caught.value)


def test_a_link_in_the_folder_leads_no_video_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    made = jobs(tmp_path, "subject,output\na,link/a.mp4\nb,b.mp4\n")
    assert str(made[0].mistake) == (
        "Row 2, column output: link/a.mp4 leaves the folder through a link in it; give another name."
    )
    assert made[1].mistake is None


def test_a_name_unknown_in_one_line_of_json_is_that_lines_mistake(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"subject": "a", "txt": "b", "output": "a.mp4"}\n{"subject": "a", "output": "b.mp4"}')
    mistaken, good = jobs_of(read_table(path), tmp_path / "out")
    assert str(mistaken.mistake).startswith("Row 1, column txt: there is no column to fill in called 'txt'")
    assert good.mistake is None


@pytest.mark.parametrize(
    ("text", "template", "sentence"),
    [
        (
            "name,output\nAnn,a.mp4\n",
            'scenes: [{seconds: 1, title: "Hi"}]',
            "talk.yaml has no {placeholders}",
        ),
        ("name,output\nAnn,a.mp4\n", TEMPLATE, "no column face for {face} in talk.yaml"),
        ("face,name,nme,output\na,b,c,a.mp4\n", TEMPLATE, "called 'nme'; did you mean 'name'?"),
        ("face,name,output\na,,a.mp4\n", TEMPLATE, "Row 2, column name: the cell is empty"),
    ],
)
def test_templates_and_columns_must_fit(tmp_path: Path, text: str, template: str, sentence: str) -> None:
    with pytest.raises(BatchError) as caught:
        raise_mistake(jobs(tmp_path, text, template))
    assert sentence in str(caught.value)
