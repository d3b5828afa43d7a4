"""Captions and transcripts: their times stay, and sentences that span captions are translated as a whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipeline.errors import TextError
from pipeline.speech.text.srt import TimedLine
from pipeline.translation.by_hand import Entry, read_by_hand, review_table, write_review
from pipeline.translation.cues import _shared, read_captions, sentences_of, translate_timed
from pipeline.translation.errors import TranslationError
from pipeline.types import Word

VTT = """WEBVTT

NOTE nothing

intro
00:01.000 --> 00:02.500 align:start
The dog

01:00:03.000 --> 01:00:04.000
sleeps here.
"""


def test_webvtt_is_read_as_srt_is() -> None:
    assert read_captions(VTT) == [TimedLine(1.0, 2.5, "The dog"), TimedLine(3603.0, 3604.0, "sleeps here.")]
    assert read_captions("WEBVTT\n\n00:01.000 --> 00:02.000\nA &lt; B &amp;amp; C")[0].text == "A < B &amp; C"
    close = read_captions("WEBVTT\n00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\n<v Al>B\n\nNOTE C")
    assert [line.text for line in close] == ["A", "B"]
    with pytest.raises(TextError, match="no captions"):
        read_captions("WEBVTT\n")


def test_a_sentence_over_two_captions_is_translated_as_one(spanish: None) -> None:
    lines = [
        TimedLine(0.0, 1.0, "The dog"),
        TimedLine(1.2, 2.0, "sleeps here."),
        TimedLine(2.5, 3, "Welcome"),
    ]
    translated = translate_timed(lines, "en", "es")
    assert [(line.start, line.end) for line in translated] == [(0.0, 1.0), (1.2, 2.0), (2.5, 3)]
    assert " ".join(line.text for line in translated[:2]) == "El perro duerme aquí."
    assert all(line.text for line in translated) and translated[2].text == "Bienvenida"


def test_more_captions_than_words_are_translated_one_by_one(spanish: None) -> None:
    lines = [TimedLine(0.0, 1.0, "Wel"), TimedLine(1.0, 2.0, "come")]
    assert len(translate_timed(lines, "en", "es")) == 2


def test_shared_chinese_keeps_latin_words_and_their_spaces_whole() -> None:
    assert _shared("我用 Talking Head 说话。", [3, 10], spaced=False) == ["我用", "Talking Head 说话。"]
    assert _shared("使用OpenAI的方法", [5, 5], spaced=False) == ["使用OpenAI", "的方法"]
    assert _shared("OpenAI", [1, 1], spaced=False) is None
    assert _shared("ภาษาไทย", [1, 1], spaced=False) == ["ภาษา", "ไทย"]


def test_a_transcript_becomes_sentences() -> None:
    words = [Word("Good", 0.5, 0.8), Word("morning.", 0.8, 1.2), Word("And", 1.3, 1.5), Word("now", 1.6, 1.9)]
    assert sentences_of([*words, Word("this", 3.0, 3.2)], "en") == [
        TimedLine(0.5, 1.2, "Good morning."), TimedLine(1.3, 1.9, "And now"), TimedLine(3.0, 3.2, "this"),
    ]  # fmt: skip
    assert sentences_of([], "en") == []
    assert sentences_of([Word("你", 0, 0.2), Word("好。", 0.2, 0.5)], "zh") == [TimedLine(0, 0.5, "你好。")]


def test_a_table_is_taken_back_as_it_was_corrected() -> None:
    sources = ["Hello\tthere.", "Two\nlines."]
    entries = [Entry("1", sources[0], "Hola."), Entry("2", sources[1], "Dos\nlíneas.")]
    table = review_table(entries).replace("Hola.", "Hola, amigo.")
    assert read_by_hand(table, sources) == ["Hola, amigo.", "Dos\nlíneas."]
    assert read_by_hand("\ufeffUno\r\nDos\r\n", sources) == ["Uno", "Dos"]
    assert read_by_hand("Uno\nDos\n", ["One", "", "Two"]) == ["Uno", "", "Dos"]
    assert read_by_hand("1\n00:00:01,000 --> 00:00:02,000\nUno", ["One"]) == ["Uno"]


def test_a_table_comes_back_from_a_spreadsheet_program() -> None:
    """They put quotes around cells with commas or quotes, or take away those that a line has."""
    header, sources = "place\tsource\ttarget\r\n", ["Well, hello.", 'She said "Hi".', '"Hi"', "One."]
    saved = (
        header + '1\t"Well, hello."\t"Pues, hola."\r\n2\t"She said ""Hi""."\t"Dijo ""Hola""."\r\n'
        '3\tHi\tHola\r\n4\tOne.\t"Uno, dos."\r\n'
    )
    assert read_by_hand(saved, sources) == ["Pues, hola.", 'Dijo "Hola".', "Hola", "Uno, dos."]
    entries = [Entry(str(number), text, text) for number, text in enumerate(sources)]
    assert read_by_hand(review_table(entries), sources) == sources


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_table_that_was_saved_as_csv_is_read(tmp_path: Path, separator: str) -> None:
    sources = ["Well, hello.", 'She said "hi"; twice.', "a\tb"]
    table = tmp_path / "table.csv"
    write_review(table, [Entry(str(number), each, "") for number, each in enumerate(sources)])
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    for row, target in zip(rows[1:], ("Pues, hola.", 'Dijo "hola"; dos veces.', "a b"), strict=True):
        row[2] = target
    saved = io.StringIO()
    csv.writer(saved, delimiter=separator).writerows(rows)
    found = read_by_hand(saved.getvalue(), sources)
    assert found == ["Pues, hola.", 'Dijo "hola"; dos veces.', "a b"]
    broken = f"place{separator}source{separator}target\n1{separator}a{separator}{'x' * 200_000}\n"
    with pytest.raises(TranslationError, match="cannot be read as CSV"):
        read_by_hand(broken, ["a"])


def test_odd_characters_of_a_table_are_text() -> None:
    header = "place\tsource\ttarget\n"
    assert read_by_hand(f"{header}1\tC:\\new\tC:\\new\n", ["C:\\new"]) == ["C:\\new"]
    assert read_by_hand(f"{header}1\ta\t{'x' * 200_000}\n", ["a"]) == ["x" * 200_000]
    assert read_by_hand("Menü --> Datei", ["Menu --> File"]) == ["Menü --> Datei"]
    with pytest.raises(TranslationError, match="has 2 lines"):
        read_by_hand(f"{header}1\ta\tb\rc\tc\tc\n", ["a"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Uno", "has one line, but 2 lines are"),
        ("place\tsource\ttarget\n1\tOne\tUno\n2\tThree\tTres", "Line 3 of the translation is of “Three”"),
        ("place\tsource\ttarget\n1\tOne\n2\tTwo\tDos", "Line 2 of the translation has fewer"),
    ],
)
def test_a_translation_that_does_not_fit_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(TranslationError, match=sentence) as refused:
        read_by_hand(text, ["One", "Two"])
    assert refused.value.parameter == "lines"
