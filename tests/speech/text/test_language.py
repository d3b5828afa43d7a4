"""The language of a text: found where it is clear, left open where it is not."""

from __future__ import annotations

import pytest

from pipeline.speech.text import language as language_module
from pipeline.speech.text.frequent_words import language_of_frequent_words
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


_PLAIN = {
    "en": "Welcome to the course. This is the first lesson, and you are going to meet your teachers.",
    "de": "Willkommen im Kurs. Das ist die erste Stunde, und wir lernen uns bei dem Spiel noch kennen.",
    "es": "Bienvenidos al curso. Hoy es la primera clase y ustedes conocen a los profesores. ¿Hay dudas?",
    "fr": "Bienvenue dans le cours. Vous êtes avec nous pour la première fois, et notre équipe est là.",
    "it": "Benvenuti nel corso. Questa è la prima lezione, e oggi ci sono anche gli insegnanti.",
    "pt": "Bem-vindos ao curso. Esta é a primeira aula, e vocês não estão com os professores ainda.",
    "hi": "पाठ्यक्रम में आपका स्वागत है। यह पहला पाठ है और सभी शिक्षक यहाँ हैं।",
    "zh": "欢迎来参加我们的课程。这是第一课，请你们不要忘了带书。",
    "ja": "コースへようこそ。これが最初の授業です。先生たちもここにいます。",
}


@pytest.mark.parametrize(("language", "text"), list(_PLAIN.items()))
def test_a_text_full_of_small_words_needs_no_model(
    monkeypatch: pytest.MonkeyPatch, language: str, text: str
) -> None:
    monkeypatch.setattr(language_module, "_identifier", None)  # would fail if it were called
    assert written_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "El curs dura tres dies i les classes comencen al matí del dilluns, amb els professors.",
        "De vergadering begint om negen uur en iedereen is van harte welkom.",
        "Mødet begynder klokken ni, og det er et stort hus, som du kan se.",
        "A reunión comeza ás nove e todos están convidados, non o esquezades.",
        "बैठक नौ बजे सुरु हुन्छ र सबैलाई स्वागत छ।",
        "The first step ist der Start. You can auch den Knopf drücken and then weiter.",
        "東京 2024",
    ],
)
def test_neighbours_and_mixed_texts_are_left_to_the_model(text: str) -> None:
    assert language_of_frequent_words(text) is None
