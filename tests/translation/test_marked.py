"""Sentences, and what of them stays: ends of sentences, placeholders, emphasis, terms."""

from __future__ import annotations

import pytest

from pipeline.translation.glossary import Glossary, read_glossary
from pipeline.translation.marked import BOUNDARY, emphasised, mark
from pipeline.translation.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("Dr. Smith met J. R. Hill at 3.5 km. He left.", ["Dr. Smith met J. R. Hill at 3.5 km.", "He left."]),
        ("“Really?” she said. Yes.", ["“Really?” she said.", "Yes."]),
        ("你好。今天好吗？好！", ["你好。", "今天好吗？", "好！"]),
        ("नमस्ते। कैसे हो?", ["नमस्ते।", "कैसे हो?"]),
        ("No end", ["No end"]),
    ],
)
def test_a_line_is_parted_into_sentences(text: str, sentences: list[str]) -> None:
    found = split_sentences(text)
    assert [sentence for sentence, _ in found] == sentences
    assert "".join(sentence + space for sentence, space in found) == text


def test_a_sentence_that_is_too_long_is_parted_at_a_comma() -> None:
    text = ", ".join(["a clause of some length"] * 60)
    found = split_sentences(text)
    assert len(found) > 2 and max(len(sentence) for sentence, _ in found) <= 400
    assert "".join(sentence + space for sentence, space in found) == text


def test_placeholders_tags_and_addresses_are_kept() -> None:
    text = "Dear {name}, see https://example.com/a?b=1, or mail a.b@example.org: %s, {{x}}, <b>now</b>."
    kept = [text[each.start : each.end] for each in mark(text, Glossary()).kept]
    assert kept == [
        "{name}", "https://example.com/a?b=1", "a.b@example.org", "%s", "{{x}}", "<b>", "</b>",
    ]  # fmt: skip
    assert mark("50% so far", Glossary()).kept == ()


def test_pauses_part_a_line_and_links_do_not() -> None:
    text = "A [pause 1s] b (beat) <break time='1s'/> [link](x)."
    found = [each[0] for each in BOUNDARY.finditer(text)]
    assert found == ["[pause 1s]", "(beat)", "<break time='1s'/>"]


def test_terms_are_whole_words_in_any_case_the_longest_first() -> None:
    glossary = read_glossary("cat\tgato\ncat food\tpienso\n猫\tgato")
    marked = mark("Cat food for a concatenated CAT, 小猫粮.", glossary)
    assert [each.target for each in marked.kept] == ["pienso", "gato", "gato"]
    assert marked.standing_in == "X1 for a concatenated X2, 小X3粮."
    assert marked.put_back("X2 y X1 y X3") == "gato y pienso y gato"
    assert marked.put_back("X2 y X3") is None and marked.put_back("X1 X1 X2 X3") is None
    assert not marked.holds_all("un gato") and marked.holds_all("pienso: gato, gato")


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("кот", "Который кот?", 1),
        ("Über", "drüber über", 1),
        ("λόγος", "διάλογος λόγος", 1),
        ("김치", "김치는", 1),
        ("猫", "小猫粮", 1),
    ],
)
def test_terms_of_every_alphabet_are_whole_words(term: str, text: str, found: int) -> None:
    assert len(mark(text, read_glossary(term)).kept) == found


def test_a_book_in_one_line_is_parted_in_time() -> None:
    text = "It was Dr. May. Then he left. " * 20_000
    assert sum(bool(sentence) for sentence, _ in split_sentences(text)) == 40_000


def test_emphasis_is_taken_out_and_put_in() -> None:
    marked = mark("This is *very* good, **not** 2 * 3 * 4.", Glossary())
    assert marked.text == "This is very good, not 2 * 3 * 4."
    assert emphasised(marked.text, marked.emphasis) == "This is *very* good, **not** 2 * 3 * 4."
