"""Writing systems and the voices that read them."""

import pytest

from pipeline import engines
from pipeline.speech.text.scripts import unreadable_script, voice_for_script


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Привет, как дела?", "Cyrillic"),
        ("你好，世界", "Chinese"),
        ("こんにちは世界", "Japanese"),
        ("مرحبا بكم", "Arabic"),
        ("नमस्ते दुनिया", "Devanagari"),
    ],
)
def test_a_unreadable_script_has_a_voice_that_reads_it(text: str, script: str) -> None:
    assert unreadable_script(text, "en-US") == script
    voice = voice_for_script(script)
    assert voice is not None
    assert unreadable_script(text, engines.voice(voice).language) is None


def test_a_few_foreign_letters_are_tolerated() -> None:
    assert unreadable_script("The angle α is the same as β.", "en") is None
    assert unreadable_script("Привет", "ru-RU") is None
    assert unreadable_script("東京へ行く", "ja") is None
