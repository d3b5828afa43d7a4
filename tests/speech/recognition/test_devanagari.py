"""Hindi in Urdu's letters is put into Devanagari."""

from __future__ import annotations

import pytest

from pipeline.speech.recognition.devanagari import in_devanagari, is_urdu


@pytest.mark.parametrize(
    ("urdu", "hindi"),
    [
        ("آپ سب کو،", "आप सब को,"),
        ("میرا بھائی گھر آیا", "मीरा भाई घर आया"),
        ("کھولیے اور پڑھیے", "खोलिए ओर पढ़िए"),
        ("کیا ۱۲ لوگ آئے؟", "कया 12 लोग आए?"),
        ("ٹھنڈا دودھ", "ठंडा दोध"),
        ("Python سیکھو", "Python सीखो"),
        ("पहले से हिंदी", "पहले से हिंदी"),
    ],
)
def test_words_are_spelled_as_in_hindi(urdu: str, hindi: str) -> None:
    assert in_devanagari(urdu) == hindi


def test_only_texts_in_arabic_letters_are_urdu() -> None:
    assert is_urdu("آپ کیسے ہیں") and not is_urdu("आप कैसे हैं") and not is_urdu("")
