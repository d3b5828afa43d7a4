"""Documents become scripts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.errors import OutputError, StudioError
from pipeline.script import NewScript, Script, ScriptError, new_script, read_script
from pipeline.stage import office
from pipeline.stage.slots import Layout

MARKDOWN = """\
---
author: nobody
---
# First **part** #

A paragraph over
two lines, with [a link](https://example.org).

- one
- two

```python
print("code is not said")
```

Second part
-----------

The end.
"""


def made(document: Path, tmp_path: Path) -> tuple[Script, NewScript]:
    written = new_script(document, tmp_path / "talk.yaml", subject=tmp_path / "host.jpg", consent="me")
    return read_script(written.path), written


def said(script: Script) -> list[tuple[str | None, list[str | None]]]:
    return [(scene.title, [line.text for line in scene.lines]) for scene in script.scenes]


def test_headings_become_scenes_and_paragraphs_lines(tmp_path: Path) -> None:
    document = tmp_path / "notes.md"
    document.write_text(MARKDOWN, encoding="utf-8")
    script, written = made(document, tmp_path)
    assert said(script) == [
        ("First part", ["A paragraph over two lines, with a link.", "one", "two"]),
        ("Second part", ["The end."]),
    ]
    assert script.presenters["host"].subject == Path("host.jpg")
    assert script.presenters["host"].consent == "me"
    assert written.notes == ('The block of code that begins with "print("code is not said")" is left out.',)


def test_markdown_keeps_rows_and_emphasis_in_lines_but_no_comments(tmp_path: Path) -> None:
    document = tmp_path / "notes.md"
    rows = "| a | b |\n|---|---|\n| c | d |"
    text = f"---\n# A *new* start\n\n{rows}\n\n<!-- over\ntwo lines -->\nA *very* good idea.\n"
    document.write_text(text, encoding="utf-8")
    script, _ = made(document, tmp_path)
    assert said(script) == [("A new start", ["a, b", "c, d", "A *very* good idea."])]


def test_plain_text_has_scenes_where_it_has_headings(tmp_path: Path) -> None:
    document = tmp_path / "notes.txt"
    document.write_text("THE START\nHello.\n\nThe end\n=======\n\nBye.\x07\n\nSTOP!", encoding="utf-16")
    script, _ = made(document, tmp_path)
    assert said(script) == [("THE START", ["Hello."]), ("The end", ["Bye.", "STOP!"])]


def test_plain_text_is_one_scene(tmp_path: Path) -> None:
    document = tmp_path / "notes.txt"
    document.write_bytes(b"First\r\nparagraph: yes.\r\n\r\n\r\n#2 - no tag")
    script, _ = made(document, tmp_path)
    assert said(script) == [(None, ["First paragraph: yes.", "#2 - no tag"])]


def test_word_documents_are_read(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_heading("Über uns", 1)
    document.add_paragraph("Ein Absatz.")
    document.add_paragraph("")
    document.add_heading("Ende", 2)
    document.add_paragraph("Noch einer.")
    document.save(str(tmp_path / "notes.docx"))
    script, _ = made(tmp_path / "notes.docx", tmp_path)
    assert said(script) == [("Über uns", ["Ein Absatz."]), ("Ende", ["Noch einer."])]


def test_slides_become_scenes(tmp_path: Path) -> None:
    from pypdfium2 import PdfDocument

    deck = PdfDocument.new()
    for _ in range(2):
        deck.new_page(640, 360)
    deck.save(tmp_path / "deck.pdf")
    script, written = made(tmp_path / "deck.pdf", tmp_path)
    assert [scene.background for scene in script.scenes] == ["deck.pdf#1", "deck.pdf#2"]
    assert {scene.layout for scene in script.scenes} == {Layout.VOICE_OVER}
    assert any("silent" in note for note in written.notes)


@pytest.mark.parametrize("installed", [True, False])
def test_speaker_notes_become_lines_and_hidden_slides_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    from pptx import Presentation

    deck = Presentation()
    for notes in ("Hello.\nAnd welcome.", "Nobody sees this.", ""):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = "A title"
        slide.notes_slide.notes_text_frame.text = notes
    deck.slides[1]._element.set("show", "0")
    deck.save(str(tmp_path / "deck.pptx"))
    monkeypatch.setattr(office, "office", lambda: "soffice" if installed else None)
    monkeypatch.setattr(office, "cache_folder", lambda: tmp_path / "cache")
    script, written = made(tmp_path / "deck.pptx", tmp_path)
    assert [scene.background for scene in script.scenes] == ["deck.pptx#1", "deck.pptx#3"]
    assert [line.text for line in script.scenes[0].lines] == ["Hello.", "And welcome."]
    assert script.scenes[0].chapter == "A title"
    hint = () if installed else ("Showing the slides of deck.pptx needs LibreOffice",)
    assert [note.partition(",")[0] for note in written.notes] == [
        *hint,
        "Slide 2 is hidden in the deck and left out.",
    ]


def test_without_a_photo_it_is_said_where_one_is_expected(tmp_path: Path) -> None:
    document = tmp_path / "notes.txt"
    document.write_text("Hi.", encoding="utf-8")
    written = new_script(document, tmp_path / "talk.yml")
    assert "host.jpg" in written.notes[0]
    with pytest.raises(OutputError, match="already exists"):
        new_script(document, tmp_path / "talk.yml")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.md", None, "no document"),
        ("a.xlsx", b"x", "cannot become a script"),
        ("a.docx", b"x", "no DOCX"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "protected by a password, or is a DOC"),
        ("a.pdf", b"x", "not a PDF"),
        ("a.pptx", b"x", "a.pptx"),
        ("a.txt", b"\xff\xfe\x00", "encoding of a.txt is unknown"),
        ("a.txt", rb"{\rtf1\ansi Hello.}", "is an RTF document, not plain text"),
        ("a.txt", b" \n ", "no text"),
        ("a.txt", b"x\n\n" * 3000, "2,000 paragraphs"),
    ],
)
def test_documents_that_cannot_be_used(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StudioError, match=said):
        new_script(tmp_path / name, tmp_path / "talk.yaml")
    assert not (tmp_path / "talk.yaml").exists()


def test_entities_and_bombs_in_word_documents(tmp_path: Path) -> None:
    from docx import Document

    Document().save(str(tmp_path / "plain.docx"))
    entity = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraph = "<w:p><w:r><w:t>a&x;b</w:t></w:r></w:p>"
    body = f'{entity}<w:document xmlns:w="{space}"><w:body>{paragraph}</w:body></w:document>'
    for name, text in (("entity.docx", body), ("bomb.docx", " " * 30_000_000)):
        with (
            zipfile.ZipFile(tmp_path / "plain.docx") as plain,
            zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as changed,
        ):
            for entry in plain.infolist():
                content = text if entry.filename == "word/document.xml" else plain.read(entry)
                changed.writestr(entry.filename, content)
    damaged = bytearray((tmp_path / "plain.docx").read_bytes())
    damaged[60:90] = bytes(30)  # where the first part is compressed
    (tmp_path / "damaged.docx").write_bytes(damaged)
    with pytest.raises(ScriptError, match=r"damaged\.docx is no DOCX, or it is damaged"):
        new_script(tmp_path / "damaged.docx", tmp_path / "damaged.yaml")
    with pytest.raises(ScriptError, match="too large"):
        new_script(tmp_path / "bomb.docx", tmp_path / "bomb.yaml")
    with pytest.raises(ScriptError, match=r"entity\.docx declares XML entities in word/document\.xml"):
        new_script(tmp_path / "entity.docx", tmp_path / "entity.yaml")


def test_word_documents_keep_tables_insertions_and_headings_of_own_styles(tmp_path: Path) -> None:
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Document()
    style = document.styles.add_style("Kapitel", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 1"]
    document.add_paragraph("Figures", style=style)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Sales", "12 %"
    changed = document.add_paragraph("Kept")
    for part in (
        "<w:ins {}><w:r><w:t> and added</w:t></w:r></w:ins>",
        "<w:del {}><w:r><w:delText> and gone</w:delText></w:r></w:del>",
        "<w:moveFrom {}><w:r><w:t> and moved</w:t></w:r></w:moveFrom>",
    ):
        changed._p.append(parse_xml(part.format(nsdecls("w"))))
    control = "<w:sdt {}><w:sdtContent><w:p><w:r><w:t>Controlled.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    changed._p.addnext(parse_xml(control.format(nsdecls("w"))))
    document.save(str(tmp_path / "notes.docx"))
    script, _ = made(tmp_path / "notes.docx", tmp_path)
    assert said(script) == [("Figures", ["Sales, 12 %", "Kept and added", "Controlled."])]
