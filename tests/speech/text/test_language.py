"""The language of a text: found where it is clear, left open where it is not."""

from __future__ import annotations

import pytest

from pipeline.speech.text.language import written_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The meeting starts at nine, and you are all welcome to join.", "en"),
        ("Die Besprechung beginnt um neun Uhr, und alle sind herzlich eingeladen.", "de"),
        ("La reunión empieza a las nueve y todos están invitados.", "es"),
        ("La réunion commence à neuf heures, et tout le monde est invité.", "fr"),
        ("La riunione comincia alle nove e siete tutti invitati.", "it"),
        ("A reunião começa às nove horas, e todos estão convidados.", "pt"),
        ("会议九点开始，欢迎大家参加。", "zh"),
        ("बैठक नौ बजे शुरू होगी और सबका स्वागत है।", "hi"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert written_language(text) == language


@pytest.mark.parametrize("text", ["", "Hi", "OK!", "Paris, Milano, Roma", "12 + 3 = 15", "SQL and HTML"])
def test_what_belongs_to_no_one_language_is_left_open(text: str) -> None:
    assert written_language(text) is None
