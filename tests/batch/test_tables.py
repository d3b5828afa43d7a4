"""Tables as people save them, and what is wrong with some."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path

import pytest

from pipeline.batch.errors import BatchError
from pipeline.batch.tables import read_table

HEADING = "subject{0}text{0}output\n"
LINE = "me.jpg{0}Grüße, Zoë{0}a.mp4\n"


@pytest.mark.parametrize("separator", [";", "\t", ",", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_separator_and_encoding_are_found(tmp_path: Path, separator: str, encoding: str) -> None:
    text = (HEADING + LINE).format(separator).replace("Grüße, Zoë", '"Grüße, Zoë"')
    (tmp_path / "jobs.csv").write_bytes(text.encode(encoding))
    table = read_table(tmp_path / "jobs.csv")
    assert table.columns == ("subject", "text", "output")
    assert table.rows[0].number == 2
    assert table.rows[0].cells == {"subject": "me.jpg", "text": "Grüße, Zoë", "output": "a.mp4"}


def test_the_line_that_names_a_separator_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("sep=;\r\ntext;output\r\nHi, you.;a.mp4\r\n", encoding="utf-8")
    (row,) = read_table(tmp_path / "jobs.csv").rows
    assert (row.number, row.cells) == (2, {"text": "Hi, you.", "output": "a.mp4"})


def test_a_workbook_is_read_as_typed(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["text", "pace", "mark"], ["Hello", 1.0, False], [None, None, None], ["Bye", 1.5, True]):
        book.active.append(row)
    book.save(tmp_path / "jobs.xlsx")
    found = read_table(tmp_path / "jobs.xlsx").rows
    assert [row.number for row in found] == [2, 4]
    assert found[0].cells == {"text": "Hello", "pace": "1", "mark": "no"}
    book.active["A2"] = "=1+1"
    book.save(tmp_path / "jobs.xlsx")
    formula, good = read_table(tmp_path / "jobs.xlsx").rows
    assert str(formula.mistake) == "Row 2, column text: =1+1 is a formula; put its value there."
    assert good.mistake is None


def test_a_workbooks_cells_are_what_its_reader_sees(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Rows")
    sheet.append([None, "team", "day", "at", "share", "code"])
    sheet.append([None, "Red", date(2026, 1, 5), datetime(2026, 1, 5, 14, 30), 0.25, 7])
    sheet.append([None, None, date(2026, 1, 6), time(9, 5), 0.125, 12])
    sheet.merge_cells("B2:B4")
    sheet["E2"].number_format = sheet["E3"].number_format = "0.0%"
    sheet["F2"].number_format = "000"
    sheet["C900"].number_format = "0.00"  # an empty row at the end that only has a format
    book.save(tmp_path / "jobs.xlsx")
    first, second = read_table(tmp_path / "jobs.xlsx").rows
    assert list(first.cells.values()) == ["Red", "2026-01-05", "2026-01-05 14:30", "25%", "007"]
    assert list(second.cells.values()) == ["Red", "2026-01-06", "09:05", "12.5%", "12"]


def test_empty_rows_of_a_workbook_do_not_count(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["subject", "text", "output"])
    for row in (2, 10_500):
        for column, value in enumerate(("a.jpg", "Hi.", f"{row}.mp4"), 1):
            book.active.cell(row, column, value)
    book.save(tmp_path / "jobs.xlsx")
    assert [row.number for row in read_table(tmp_path / "jobs.xlsx").rows] == [2, 10_500]


def test_json_lines_keep_their_types(tmp_path: Path) -> None:
    rows = [{"text": "=1", "pace": 1.5, "voice": None}, {"text": "b", "lips_options": {"a": 1}}]
    (tmp_path / "jobs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    first, second = read_table(tmp_path / "jobs.jsonl").rows
    assert first.cells == {"text": "=1", "pace": 1.5}
    assert (second.number, second.cells["lips_options"]) == (2, {"a": 1})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", 'text,output\n=cmd(),a.mp4\n', "Row 2, column text: =cmd() is a formula"),
        ("a.csv", "text,output\na,b,c\n", "Row 2: there are 3 cells and only 2 columns"),
        ("a.csv", "text,output\n#REF!,a.mp4\n", "Row 2, column text: #REF! is a formula's error"),
        ("a.csv", "text,text\na,b\n", "two columns called 'text'"),
        ("a.csv", "text,,output\na,b,c\n", "Row 2: column 2 has no heading"),
        ("a.csv", "text,output\n", "a.csv has no rows"),
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", " \n,\n", "a.csv has no rows; write a heading and one row for each video"),
        ("a.jsonl", "\n", "a.jsonl has no rows; write one object for each video"),
        ("a.csv", "text,output\n“Hi, you”,a.mp4\n", "put straight quotes around texts"),
        ("a.jsonl", '{"lips_options": {"a": {"b": 1}}}', "an object with lists or objects in it is no value"),
        ("a.csv", "\n<!DOCTYPE html>\n<html><p>a,b", "a.csv is a web page"),
        ("a.csv", 'text,output\n"open,a\n', "Row 2: the quotes or cells cannot be read"),
        ("a.csv", "te\0xt,output\nHi,a.mp4\n", "a.csv holds characters that are no text"),
        ("a.tsv", "text,output\n=1,a.mp4\n", "Row 2, column text: =1 is a formula"),
        ("a.csv", "text\n" + "a\n" * 10_001, "at most 10,000 rows"),
        ("a.jsonl", '{"text": "a"}\nnonsense', "Row 2: the line is not JSON"),
        ("a.jsonl", '{"text": ["a"]}', "Row 1, column text: a list is no value"),
        ("a.jsonl", "[1]", "Row 1: the line is not an object"),
        ("a.jsonl", '{"text": "a", "text": "b"}', "Row 1, column text: it is there twice"),
        ("a.jsonl", '{"": 1}', "Row 1: a value has no name"),
        ("a.xlsx", "nonsense", "a.xlsx is not an XLSX workbook"),
        ("a.ods", "", "a.ods is no table"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BatchError) as caught:
        for row in read_table(tmp_path / name).rows:
            if row.mistake is not None:
                raise row.mistake
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('"open" quotes,b.mp4', "Row 3: the quotes or cells cannot be read"),
        ("\u200b=1,b.mp4", "is a formula"),
        ("＝1,b.mp4", "is a formula"),
        ("  @SUM(A1),b.mp4", "@SUM(A1) is a formula"),
        ("+cmd|' /c x'!A0,b.mp4", "is a formula"),
        ("-B2*2,b.mp4", "is a formula"),
        ("-2+3+cmd|' /c x'!A0,b.mp4", "is a formula"),
        ("H\0i,b.mp4", "Row 3, column text: the cell holds characters that are no text"),
        (b"caf\xe9,b.mp4", "Row 3, column text: the cell holds characters that are no text"),
    ],
)  # fmt: skip
def test_a_mistake_of_one_row_is_that_rows_alone(tmp_path: Path, line: str | bytes, sentence: str) -> None:
    line = line if isinstance(line, bytes) else line.encode()
    (tmp_path / "a.csv").write_bytes(b"text,output\nZo\xc3\xab,a.mp4\n" + line + b"\nHi,c.mp4\n")
    first, mistaken, last = read_table(tmp_path / "a.csv").rows
    assert (first.mistake, first.cells["text"], last.mistake) == (None, "Zoë", None)
    assert mistaken.number == 3 and sentence in str(mistaken.mistake)


def test_texts_that_begin_with_a_sign_are_texts_however_long(tmp_path: Path) -> None:
    texts = ["+49 170 1234567 is our number.", "-5 degrees", "- Hello", "@anna, welcome", "word " * 40_000]
    lines = "".join(f'"{text}",{index}.mp4\n' for index, text in enumerate(texts))
    (tmp_path / "a.csv").write_text("\n" * 10_002 + "text,output\n" + lines, encoding="utf-8")
    rows = read_table(tmp_path / "a.csv").rows
    assert [row.cells["text"] for row in rows] == [text.strip() for text in texts]
    assert not any(row.mistake for row in rows)


def test_bytes_of_no_encoding_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text\n\x81\xff\n")
    with pytest.raises(BatchError, match=r"encoding of a\.csv is unknown"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(BatchError, match="There is no table"):
        read_table(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Привет"), ("cp1253", "Καλημέρα"), ("cp1250", "zażółć gęślą"), ("shift_jis", "こんにちは"),
        ("gbk", "你好世界"), ("euc_kr", "안녕하세요"),
    ],
)  # fmt: skip
def test_text_in_other_encodings_is_refused_rather_than_spoken(
    tmp_path: Path, encoding: str, text: str
) -> None:
    (tmp_path / "a.csv").write_bytes(f"text\n{text}\n".encode(encoding))
    with pytest.raises(BatchError, match=r"encoding of a\.csv is unknown; save it as UTF-8"):
        read_table(tmp_path / "a.csv")


def test_ends_of_lines_are_those_of_every_system(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\rtext;output;\rHi, you;a.mp4;\r")
    (row,) = read_table(tmp_path / "a.csv").rows
    assert (row.number, row.cells) == (3, {"text": "Hi, you", "output": "a.mp4"})
    (tmp_path / "a.jsonl").write_text('{"text": "a\u2028b"}\r\n', encoding="utf-8")
    (row,) = read_table(tmp_path / "a.jsonl").rows
    assert row.cells == {"text": "a\u2028b"}


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
OPEN_DOCUMENT = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv.gz", b"\x1f\x8b", "a.csv.gz is compressed; unpack it first."),
        ("a.xlsx", b"\x1f\x8b\x08", "a.xlsx is compressed; unpack it first."),
        ("a.xlsx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
        ("a.csv", COMPOUND, "a.csv is a file of an old version of Office; save it as XLSX or CSV."),
        ("a.xlsx", OPEN_DOCUMENT, "a.xlsx is an OpenDocument spreadsheet; save it as XLSX or CSV."),
        ("a.csv", b"PK\x03\x04" + bytes(26), "a.csv is a workbook or a ZIP"),
        ("a.csv", b"%PDF-1.4\n%\xe2\xe3", "a.csv is no table; save it as CSV"),
    ],
)
def test_files_of_another_kind_than_their_name_says_are_told(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BatchError) as caught:
        read_table(tmp_path / name)
    assert sentence in str(caught.value)


def test_a_sheets_cell_without_a_heading_is_told_by_its_place(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["text", "output", None, None], ["Hi", "a.mp4", None, "note"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (row,) = read_table(tmp_path / "a.xlsx").rows
    assert str(row.mistake) == "Row 2: column 4 has no heading; name it or remove it."
