"""Segmentation of a text into phrases."""

import pytest

from pipeline.speech.text.normalize import normalize
from pipeline.speech.text.segment import split_phrases


def phrases(text: str) -> list[str]:
    return [phrase.spoken for phrase in split_phrases(normalize(text))]


def test_abbreviations_end_no_sentence_but_full_stops_do() -> None:
    text = 'Dr. Smith left at 5 p.m. Then he slept. "No!" he cried. Yes.'
    assert phrases(text) == [
        "Doctor Smith left at five P-M.",
        "Then he slept.",
        '"No!" he cried.',
        "Yes.",
    ]


def test_long_sentences_are_cut_into_clauses_the_first_one_short() -> None:
    clause = "and then they walked along the river for a while, "
    parts = phrases("They had lunch together in the old town, " + clause * 12 + "and it was late.")
    assert len(parts[0]) <= 90
    assert all(len(part) <= 200 for part in parts)
    assert all(part.endswith((",", ".")) for part in parts)


def test_a_long_text_without_a_pause_is_cut_too() -> None:
    assert max(len(part) for part in phrases("word " * 400)) <= 200


def test_lists_and_tags() -> None:
    assert phrases("Buy this:\n- red apples\n* <b>green</b> pears\n2. <a href='x'>plums</a>") == [
        "Buy this:",
        "red apples",
        "green pears",
        "two, plums",
    ]


def test_sentences_without_spaces_between_them() -> None:
    words = normalize("你好，世界。今天天气很好！", "zh-CN")
    assert len(list(split_phrases(words))) == 2


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        (
            "ja",
            "会議は15:30に始まりました。「本当？」と彼は聞いた。",
            "会議 は 15:30 に 始まりました。 「本当？」 と 彼 は 聞いた。",
        ),
        ("ja", "ABC社のiPhoneが$5.50です。", "ABC社 の iPhone が $5.50 です。"),
        ("zh", "你去北京大学，“我们”在2026年3月。", "你 去 北京大学， “我们” 在 2026年 3月。"),
    ],
)
def test_what_is_written_without_spaces_has_the_words_of_its_language(
    language: str, text: str, words: str
) -> None:
    assert [word.written for word in normalize(text, language)] == words.split()
    spoken = " ".join(phrase.spoken for phrase in split_phrases(normalize(text, language)))
    assert "在 " not in spoken and "は " not in spoken  # the voice is given the stretch as it was


def test_a_japanese_quotation_goes_on() -> None:
    assert len(list(split_phrases(normalize("「本当？」と彼は聞いた。「行こう！」彼は立った。", "ja")))) == 3


def test_paragraphs_pause_longer() -> None:
    first, second, _ = split_phrases(normalize("One thing. Another\n\nNew thought"))
    assert second.pause > first.pause


def test_a_phrase_keeps_its_words_as_written() -> None:
    (phrase,) = split_phrases(normalize("Dr. Lee paid $5.20."))
    assert phrase.written == "Dr. Lee paid $5.20."
