"""Words that espeak says wrong."""

from __future__ import annotations

import pytest

from pipeline.speech.text.espeak import phonemize


@pytest.mark.parametrize(
    ("written", "sounds"),
    [
        ("Sprechstunde", "ʃprˈɛçst"), ("höchstens", "hˈœçst"), ("Höchstgeschwindigkeit", "hˈœçst"),
        ("du sprichst", "ʃprˈɪçst"), ("circa", "tsˈɪɾk"), ("es wächst", "vˈɛkst"), ("sechste", "zˈɛkst"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["de", "de-DE"])
def test_german_ch_before_st_and_circa(written: str, sounds: str, language: str) -> None:
    assert sounds in "".join(phonemize(written, language)).replace("c\u0327", "ç")
