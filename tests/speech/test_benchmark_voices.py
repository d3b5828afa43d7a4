"""The error rate that `python -m benchmarks voices` prints for what a voice said and a recogniser heard."""

from __future__ import annotations

import pytest

from benchmarks.voices import error_rate, spelled_out, units


def _spelled_out_errors(said: str, heard: str, language: str) -> float:
    sides = (units(spelled_out(text, language), language) for text in (said, heard))
    return error_rate(*sides)


@pytest.mark.parametrize(
    ("language", "said", "heard"),
    [
        ("en", "It costs $25 today.", "it costs twenty-five dollars today"),
        ("es", "Llegan treinta y dos personas.", "Llegan 32 personas."),
        ("fr", "Le train part à 8 h 15.", "Le train part à huit heures quinze."),
        ("pt", "Faltam três dias e 40%.", "Faltam 3 dias e quarenta por cento."),
        ("hi", "उसके पास पैंतीस किताबें हैं।", "उसके पास ३५ किताबें हैं"),
        ("zh", "他有十二本书。", "他有12本书"),
        ("ja", "本が十二冊あります。", "本が12冊あります"),
    ],
)
def test_digits_and_words_for_a_number_are_the_same(language: str, said: str, heard: str) -> None:
    assert error_rate(units(said, language), units(heard, language)) > 0
    assert _spelled_out_errors(said, heard, language) == 0


@pytest.mark.parametrize(
    ("language", "heard", "wrong"),
    [
        ("es", "Llegan 33 personas a las 9:00.", 1),  # another number
        ("es", "Llegan 32 personas a las 19:00.", 1),  # another time
        ("es", "Llegan 32 a las 9:00.", 1),  # a word left out
        ("es", "[Música] Llegan 32 personas a las 9:00.", 1),  # what is said only in brackets
        ("es", "Llegan 32 персоны a las 9:00.", 1),  # letters that the voice's language does not have
    ],
)
def test_spelling_numbers_out_hides_no_error(language: str, heard: str, wrong: int) -> None:
    said = "Llegan treinta y dos personas a las nueve."
    words = len(units(said, language))
    assert round(_spelled_out_errors(said, heard, language) * words) == wrong


@pytest.mark.parametrize(
    ("said", "heard", "alike"),
    [
        ("फ़ोन", "फोन", True),
        ("माँ", "मां", True),
        ("बाज़ार", "बाजार", True),
        ("बड़ा", "बडा", False),
        ("में", "मे", False),
    ],
)
def test_both_spellings_of_a_hindi_loanword_are_right(said: str, heard: str, alike: bool) -> None:
    assert (units(said, "hi") == units(heard, "hi")) is alike
    assert units("माँ", "fr") != units("मां", "fr")
