"""Segmentation of a text into phrases."""

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


def test_paragraphs_pause_longer() -> None:
    first, second, _ = split_phrases(normalize("One thing. Another\n\nNew thought"))
    assert second.pause > first.pause


def test_a_phrase_keeps_its_words_as_written() -> None:
    (phrase,) = split_phrases(normalize("Dr. Lee paid $5.20."))
    assert phrase.written == "Dr. Lee paid $5.20."
