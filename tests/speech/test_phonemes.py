"""Phone alphabets and rows of phones."""

import pytest

from pipeline.speech.phonemes import ARPABET, merge_silences, to_arpabet, truncate
from pipeline.types import Phone


@pytest.mark.parametrize("name", sorted(ARPABET))
def test_every_arpabet_phone_survives_the_way_through_ipa(name: str) -> None:
    symbols = [letter for label in ARPABET[name] for letter in label]
    assert to_arpabet(symbols) == [name]


def test_marks_and_punctuation_are_no_phones() -> None:
    assert to_arpabet(list("mˈæp, tʃ.")) == ["M", "AE", "P", "CH"]


def test_silences_in_a_row_become_one_and_empty_phones_go() -> None:
    row = [Phone("", 0, 1), Phone("", 1, 2), Phone("a", 2, 2), Phone("b", 2, 3), Phone("", 3, 4)]
    assert merge_silences(row) == (Phone("", 0, 2), Phone("b", 2, 3), Phone("", 3, 4))


def test_truncation_shortens_the_last_phone() -> None:
    row = [Phone("a", 0, 1), Phone("b", 1, 3), Phone("", 3, 4)]
    assert truncate(row, 2.0) == (Phone("a", 0, 1), Phone("b", 1, 2.0))
