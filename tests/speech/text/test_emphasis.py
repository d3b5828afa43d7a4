"""Words between asterisks are emphasised, and the asterisks never said or shown."""

from __future__ import annotations

import pytest

from pipeline.speech.text.normalize import normalize_text


@pytest.mark.parametrize(
    ("text", "language", "emphasised"),
    [
        ("I *never* said that.", "en", ["never"]),
        ('"*Yes*," he said, "a *very good* idea."', "en", ['"Yes,"', "very", "good"]),
        ("It weighs *5* kg, not **six**.", "en", ["5 kg,"]),
        ("Simply un*believ*able.", "en", ["unbelievable."]),
        (
            "<emphasis level='strong'>Now</emphasis>, not <emphasis level='none'>then</emphasis>.",
            "en",
            ["Now,"],
        ),
        ("C'est l'*unique* chose. *Enfin !*", "fr", ["l'unique", "Enfin !"]),
        ("정말 *중요*한 일", "ko", ["중요한"]),
        ("A \\*starred\\* word, 2*3*4 and a footnote* here*.", "en", []),
        ("*A line of six words or more* is in italics.", "en", []),
        ("* one\n* two", "en", []),
    ],
)
def test_the_words_between_asterisks(text: str, language: str, emphasised: list[str]) -> None:
    words = normalize_text(text, language).words
    assert [word.written for word in words if word.emphasis] == emphasised


def test_asterisks_leave_scripts_without_spaces_with_a_note() -> None:
    said = normalize_text("这是*非常*重要的。", "zh")
    assert "".join(word.written for word in said.words) == "这是非常重要的。"
    assert not any(word.emphasis for word in said.words)
    assert "not emphasised" in said.warnings[0]
