"""Slide decks: PDF by PDFium, PPTX by python-pptx and LibreOffice (a stand-in here)."""

from __future__ import annotations

import stat
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import DeckError
from pipeline.stage import office
from pipeline.stage.slides import Layout, Slide, notices, read_deck

COLOURS = [(200, 30, 30), (30, 160, 30), (30, 30, 200)]


def write_pdf(path: Path, count: int, size: tuple[int, int] = (320, 180)) -> Path:
    """Pages of one colour each."""
    pages = [Image.new("RGB", size, COLOURS[number % 3]) for number in range(count)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


@pytest.fixture(scope="module")
def pptx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three slides: with notes; hidden; animated, with a picture from an address."""
    from lxml import etree
    from pptx import Presentation
    from pptx.opc.constants import RELATIONSHIP_TYPE

    presentation = Presentation()
    first, second, third = (presentation.slides.add_slide(presentation.slide_layouts[5]) for _ in range(3))
    first.shapes.title.text = "Welcome\vto the team"
    first.notes_slide.notes_text_frame.text = "Good morning.\nLet us begin."
    second.element.set("show", "0")
    third.part.rels.get_or_add_ext_rel(RELATIONSHIP_TYPE.IMAGE, "http://example.invalid/pixel.png")
    third.part.rels.get_or_add_ext_rel(RELATIONSHIP_TYPE.HYPERLINK, "http://example.invalid/")
    space = first.element.nsmap["p"]
    timing = etree.SubElement(third.element, f"{{{space}}}timing")
    etree.SubElement(timing, f"{{{space}}}cTn", presetClass="entr")
    path = tmp_path_factory.mktemp("deck") / "deck.pptx"
    presentation.save(str(path))
    return path


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in LibreOffice's place that runs the Python in `program.py`, with a cache of its own."""
    monkeypatch.setattr(office, "cache_folder", lambda: tmp_path / "cache")
    program = tmp_path / "soffice"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/program.py "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "program.py"


def test_pages_of_a_pdf_are_slides_at_the_size_of_the_frame(tmp_path: Path) -> None:
    slides = read_deck(write_pdf(tmp_path / "deck.pdf", 3))
    assert [slide.index for slide in slides] == [1, 2, 3]
    for slide, colour in zip(slides, COLOURS, strict=True):
        frame = slide.image((640, 360))
        assert frame.shape == (360, 640, 3)
        assert np.abs(frame.astype(int) - colour).max() < 12


def test_a_page_of_another_shape_is_whole_on_its_own_colour(tmp_path: Path) -> None:
    page = Image.new("RGB", (200, 400), (250, 250, 250))
    page.paste((0, 0, 0), (10, 10, 30, 390))
    page.paste((0, 0, 0), (170, 10, 190, 390))
    page.save(tmp_path / "tall.pdf")
    frame = read_deck(tmp_path / "tall.pdf")[0].image((640, 360))
    dark = np.flatnonzero(frame[180, :, 0] < 60)
    assert 230 < dark.min() < 240
    assert 400 <= dark.max() < 410
    assert frame[:, :200].min() > 240


def test_a_photo_that_fills_a_page_gets_a_blurred_backdrop(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 20, 3), np.uint8)
    Image.fromarray(noise).resize((300, 300), Image.Resampling.NEAREST).save(tmp_path / "photo.pdf")
    frame = read_deck(tmp_path / "photo.pdf")[0].image((640, 360))
    beside = frame[:, :130].astype(int)
    assert beside.std() > 2  # not of one colour
    assert np.abs(np.diff(beside, axis=1)).max() < 16  # out of focus


@pytest.mark.parametrize("layout", [Layout.LEFT, Layout.RIGHT])
def test_beside_a_presenter_a_slide_keeps_to_its_side(tmp_path: Path, layout: Layout) -> None:
    page = Image.new("RGB", (320, 180), (255, 255, 255))
    page.paste((255, 0, 0), (40, 40, 280, 140))
    page.save(tmp_path / "deck.pdf")
    frame = read_deck(tmp_path / "deck.pdf")[0].image((600, 340), layout=layout)
    columns = np.flatnonzero((frame[..., 1] < 100).any(0))
    assert columns.min() >= (200 if layout is Layout.LEFT else 0)
    assert columns.max() < (600 if layout is Layout.LEFT else 400)


def test_what_a_pptx_says_of_its_slides(pptx: Path) -> None:
    first, second, third = slides = read_deck(pptx)
    assert (first.title, first.notes) == ("Welcome to the team", "Good morning.\nLet us begin.")
    assert [slide.hidden for slide in slides] == [False, True, False]
    assert [slide.animated for slide in slides] == [False, False, True]
    assert (second.linked, third.linked) == (False, True)
    assert [sentence[:14] for sentence in notices(slides)] == [
        "Slide 2 is hid",
        "Slide 3 is ani",
        "Slide 3 is lin",
    ]


def test_without_libreoffice_one_sentence_says_how_to_get_it(
    pptx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "cache_folder", lambda: tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(office, "_PLACES", ())
    with pytest.raises(DeckError, match=r"needs LibreOffice, which is not installed; install it from .*PDF"):
        read_deck(pptx)[0].image((320, 180))


def test_libreoffice_gets_a_copy_without_links_and_draws_each_deck_once(pptx: Path, stand_in: Path) -> None:
    pdf = write_pdf(stand_in.with_name("made.pdf"), 3)
    seen = stand_in.with_name("seen.pptx")
    stand_in.write_text(
        "import shutil, sys\n"
        f"shutil.copy(sys.argv[-1], {str(seen)!r})\n"
        f"shutil.copy({str(pdf)!r}, sys.argv[-1].replace('.pptx', '.pdf'))\n"
    )
    frame = read_deck(pptx)[1].image((320, 180))
    assert np.abs(frame.astype(int) - COLOURS[1]).max() < 12
    with zipfile.ZipFile(seen) as box:
        links = box.read("ppt/slides/_rels/slide3.xml.rels").decode()
        assert "pixel.png" not in links
        assert "hyperlink" in links
        assert 'show="0"' not in box.read("ppt/slides/slide2.xml").decode()
    assert not read_deck(seen)[1].hidden
    stand_in.write_text("raise SystemExit(1)")
    assert read_deck(pptx)[2].image((320, 180)).any()
    with pytest.raises(DeckError, match=r"deck\.pptx has 3 slides, so there is no slide 4"):
        Slide(pptx, 4).image((320, 180))


def test_libreoffice_that_hangs_is_ended_with_its_children(
    pptx: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = stand_in.with_name("child")
    stand_in.write_text(
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "child.wait()\n"
    )
    for patience in (0.5, 8.0, 64.0):  # a busy machine takes long to start both processes
        monkeypatch.setattr(office, "_PATIENCE", patience)
        with pytest.raises(DeckError, match=r"did not finish deck\.pptx"):
            read_deck(pptx)[0].image((320, 180))
        if note.exists() and note.read_text():
            break
    stat_file, ends = Path(f"/proc/{note.read_text()}/stat"), time.monotonic() + 60
    while runs := stat_file.exists() and stat_file.read_text().split()[2] != "Z":
        if time.monotonic() > ends:  # a killed process takes a moment to die
            break
        time.sleep(0.02)
    assert not runs


def test_libreoffice_that_makes_nothing_is_an_error(pptx: Path, stand_in: Path) -> None:
    stand_in.write_text("")
    with pytest.raises(DeckError, match=r"LibreOffice cannot read deck\.pptx"):
        read_deck(pptx)[0].image((320, 180))


def test_a_pdf_of_two_thousand_pages_is_refused(tmp_path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    for _ in range(2000):
        document.new_page(160, 90)
    document.save(tmp_path / "long.pdf")
    with pytest.raises(DeckError, match="has 2000 pages; the limit is 500"):
        read_deck(tmp_path / "long.pdf")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pptx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as box:
        box.writestr("ppt/slides/slide1.xml", bytes(65_000_000))
    assert (tmp_path / "bomb.pptx").stat().st_size < 1_000_000
    with pytest.raises(DeckError, match="far larger than it looks, 65 MB"):
        read_deck(tmp_path / "bomb.pptx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused_wherever_they_stand(pptx: Path, tmp_path: Path, encoding: str) -> None:
    with zipfile.ZipFile(pptx) as source, zipfile.ZipFile(tmp_path / "entity.pptx", "w") as target:
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == "ppt/slides/slide1.xml":
                _, body = part.decode().split("?>", 1)
                kind = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                head = f'<?xml version="1.0" encoding="{encoding}"?><!--{"x" * 20_000}-->{kind}'
                part = (head + body.replace("Welcome", "&e;")).encode(encoding)
            target.writestr(entry.filename, part)
    with pytest.raises(DeckError, match=r"entity\.pptx declares XML entities in ppt/slides/slide1\.xml"):
        read_deck(tmp_path / "entity.pptx")


def test_paths_that_lead_out_of_a_deck_are_refused(pptx: Path, tmp_path: Path) -> None:
    deck = tmp_path / "slip.pptx"
    deck.write_bytes(pptx.read_bytes())
    with zipfile.ZipFile(deck, "a") as box:
        box.writestr("../../outside.txt", "x")
    with pytest.raises(DeckError, match=r"holds '\.\./\.\./outside\.txt', a path that leads out of it"):
        read_deck(deck)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("deck.pdf", b"%PDF-1.7 and nothing else", "not a PDF, or it is damaged"),
        ("deck.pptx", b"PK\x03\x04 and nothing else", "not a PPTX, or it is damaged"),
        ("deck.pptx", b"\xd0\xcf\x11\xe0" + bytes(600), "protected by a password, or is a PPT"),
        ("deck.odp", b"", "give a PDF or a PPTX"),
    ],
)
def test_what_is_no_deck_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeckError, match=words):
        read_deck(tmp_path / name)


def test_a_password_is_named(tmp_path: Path) -> None:
    (tmp_path / "locked.pdf").write_bytes(_LOCKED)
    with pytest.raises(DeckError, match="protected by a password"):
        read_deck(tmp_path / "locked.pdf")


def test_a_missing_slide_is_named(tmp_path: Path) -> None:
    deck = write_pdf(tmp_path / "deck.pdf", 2)
    from pipeline.stage.backgrounds import open_background

    with pytest.raises(DeckError, match="has 2 slides, so there is no slide 7"):
        open_background(f"{deck}#7", (320, 180), 25)


_LOCKED = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 160 90]>>endobj
4 0 obj<</Filter/Standard/V 1/R 2/P -4
/O(12345678901234567890123456789012)/U(12345678901234567890123456789012)>>endobj
trailer<</Root 1 0 R/Encrypt 4 0 R/ID[(a)(a)]>>
"""
"""A PDF whose key no empty password gives."""
